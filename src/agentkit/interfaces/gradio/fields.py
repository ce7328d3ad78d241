"""A form of `agentkit.screens` as widgets: what is filled in, and below each field what is wrong with it.

Rules: this module knows widgets and no schema. What widgets hold is one dict; a form is drawn from it anew whenever it
gets another shape, so nothing that was filled in is lost. What was drawn says how what a browser sends is read, and
never what it sends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias, assert_never, cast

import gradio as gr
from gradio.components import Component

from agentkit.errors import FormInvalid, InputError
from agentkit.screens import (
    MISSING,
    FileField,
    FixedField,
    Form,
    FormErrors,
    FormField,
    GroupField,
    ListField,
    MappingField,
    MoneyField,
    Upload,
    VariantField,
    plain_text,
)

from .held import Held, Picked, Place, as_dict, as_list, at, put
from .markup import line, page
from .widgets import money_widgets, named, widget

__all__ = ["Drawing", "read_uploads"]

_Change: TypeAlias = Callable[[Held], None]
_Changer: TypeAlias = gr.Button | gr.Checkbox | gr.Dropdown
_Box: TypeAlias = GroupField | ListField | MappingField | VariantField


@dataclass(slots=True)
class Drawing:
    """A form that is being drawn.

    Attributes:
        held: What its widgets are to hold.
        errors: What is wrong with that.
        widgets: Its widgets, in order.
        changes: What gives it another shape: a widget, and what becomes of what is held when it is used.
        name: Of a form that is drawn anew while somebody fills it in: by it, widgets keep what they hold.
    """

    held: Held
    errors: FormErrors
    name: str = ""
    widgets: list[Component] = field(default_factory=list[Component])
    changes: list[tuple[_Changer, _Change]] = field(default_factory=list[tuple[_Changer, _Change]])
    _places: list[Place] = field(default_factory=list[Place])
    _files: set[Place] = field(default_factory=set[Place])
    _kinds: dict[Place, tuple[VariantField, str]] = field(default_factory=dict[Place, "tuple[VariantField, str]"])

    def draw(self, fields: Sequence[FormField]) -> None:
        """Draw fields, one below the other."""
        for one in fields:
            self._field(one, (one.key,))

    def read(self, values: Sequence[object]) -> Held:
        """What is held, out of what the widgets give; a variant that was not drawn is begun from nothing."""
        held = deepcopy(self.held)
        for place, value in zip(self._places, values, strict=True):
            put(held, place, Picked(value) if place in self._files and isinstance(value, str) else value)
        # From inside to outside: what is begun anew takes along what is inside of it.
        for place, (one, _) in reversed(self._turned(held)):
            _turn(held, place, one)
        return held

    def check(self, values: Sequence[object]) -> None:
        """Refuse what was filled in for one variant and is sent as another.

        Raises:
            FormInvalid: Another variant was drawn.
        """
        held = Held()
        for place, value in zip(self._places, values, strict=True):
            put(held, place, value)
        turned = self._turned(held)
        if turned:
            words = ("Another kind was chosen: fill in what it asks, then start again.",)
            raise FormInvalid({one.path: words for _, (one, _) in turned})

    def _turned(self, held: Held) -> list[tuple[Place, tuple[VariantField, str]]]:
        """The variants that are others than were drawn."""
        return [(place, one) for place, one in self._kinds.items() if at(held, (*place, "variant")) != one[1]]

    # One field

    def _field(self, field: FormField, place: Place) -> None:
        match field:
            case FixedField():
                gr.HTML(page(f'<p class="ak-quiet">{line(field.label)}: {line(field.value)}</p>'))
            case MoneyField():
                self._money(field, place)
            case GroupField() | ListField() | MappingField() | VariantField():
                self._box(field, place)
            case _:
                if isinstance(field, FileField):
                    self._files.add(place)
                self._widget(widget(field, at(self.held, place), self._name(place)), place)
        if field.help and not isinstance(field, _Box):
            # Not as the widget's `info`, which reads Markdown.
            gr.HTML(page(f'<p class="ak-quiet ak-help">{line(field.help, 500)}</p>'))
        if isinstance(at(self.held, place), Upload):
            # A widget of files is given none that was not uploaded to it.
            again = "The file that was given before is not taken over: choose it again."
            gr.HTML(page(f'<p class="ak-quiet ak-help">{again}</p>'))
        for words in self.errors.at(field.path):
            gr.HTML(page(f'<p class="ak-error" role="alert">✗ {line(field.label)}: {line(words)}</p>'))

    def _name(self, place: Place) -> str | None:
        return f"{self.name} {place}" if self.name else None

    def _widget(self, widget: Component, place: Place) -> None:
        self.widgets.append(widget)
        self._places.append(place)

    def _money(self, field: MoneyField, place: Place) -> None:
        amount, currency = money_widgets(field, at(self.held, place))
        self._widget(amount, (*place, "amount"))
        self._widget(currency, (*place, "currency"))

    # Fields that have fields inside

    def _box(self, field: _Box, place: Place) -> None:
        held = at(self.held, place)
        with gr.Accordion(named(field), open=held is not None or self.errors.below(field.path)):
            if field.help:
                gr.HTML(page(f'<p class="ak-quiet">{line(field.help, 500)}</p>'))
            if field.is_optional:
                self._switch(field, place, is_on=held is not None)
            if held is None and field.is_optional:
                return
            match field:
                case GroupField():
                    for one in field.fields:
                        self._field(one, (*place, one.key))
                case ListField():
                    self._list(field, place, len(as_list(held)))
                case MappingField():
                    self._mapping(field, place, len(as_list(held)))
                case VariantField():
                    self._variant(field, place, as_dict(held).get("variant"))
                case _:
                    assert_never(field)

    def _switch(self, field: _Box, place: Place, *, is_on: bool) -> None:
        switch = gr.Checkbox(is_on, label=f"Fill in: {field.label}", interactive=True)
        self.changes.append((switch, lambda held: put(held, place, None if is_on else _blank(field))))

    def _list(self, field: ListField, place: Place, count: int) -> None:
        for index in range(count):
            with gr.Group():
                self._field(field.item(index), (*place, index))
                self._removal(field.item(index).label, place, index)
        self._addition(field.label, place, count, field.max_items, lambda: _blank(field.item(count)))

    def _mapping(self, field: MappingField, place: Place, count: int) -> None:
        for index in range(count):
            with gr.Group():
                self._field(field.name_at(index), (*place, index, "key"))
                self._field(field.value_at(index), (*place, index, "value"))
                self._removal(f"{field.label} {index + 1}", place, index)
        blank = {"key": "", "value": _blank(field.value_at(count))}
        self._addition(field.label, place, count, field.max_items, lambda: blank)

    def _variant(self, field: VariantField, place: Place, chosen: object) -> None:
        now = next((one for one in field.variants if one.key == chosen), field.variants[0])
        # A variant that nobody chose is the first.
        kinds = [(one.label, one.key) for one in field.variants]
        kind = gr.Dropdown(kinds, value=now.key, label=f"Kind of {field.label}", interactive=True, filterable=False)
        self._widget(kind, (*place, "variant"))
        self._kinds[place] = (field, now.key)
        # What is read has another variant begun already.
        self.changes.append((kind, lambda _: None))
        self._field(now.field, (*place, "value"))

    def _addition(self, label: str, place: Place, count: int, most: int | None, blank: Callable[[], object]) -> None:
        more = gr.Button(f"+ Add to {label}", size="sm", interactive=most is None or count < most)
        self.changes.append((more, lambda held: put(held, place, [*as_list(at(held, place)), blank()])))

    def _removal(self, label: str, place: Place, index: int) -> None:
        def remove(held: Held) -> None:
            put(held, place, [one for at, one in enumerate(as_list(at(held, place))) if at != index])

        self.changes.append((gr.Button(f"✕ Remove {plain_text(label)}", size="sm", variant="secondary"), remove))


def _turn(held: Held, place: Place, field: VariantField) -> None:
    """Begin another variant from nothing."""
    chosen = as_dict(at(held, place)).get("variant")
    now = next((one for one in field.variants if one.key == chosen), field.variants[0])
    put(held, place, {"variant": now.key, "value": _blank(now.field)})


def read_uploads(held: Held) -> Held:
    """What is held, with the bytes of files in place of where they lie.

    Raises:
        InputError: A file is not there any more.
    """
    return {key: _uploaded(one) for key, one in held.items()}


def _uploaded(held: object) -> object:
    if isinstance(held, Picked):
        path = Path(held.path)
        try:
            return Upload(name=path.name, content=path.read_bytes())
        except OSError as error:
            words = f"{plain_text(path.name, 80)} cannot be read: files are kept for a while only. Choose it again."
            raise InputError(words) from error
    if isinstance(held, dict):
        return read_uploads(cast("Held", held))
    if isinstance(held, list):
        return [_uploaded(one) for one in cast("list[object]", held)]
    return held


def _blank(field: FormField) -> object:
    """What a field holds at first if it is to be filled in."""
    default = MISSING if field.default is None else field.default
    wanted = replace(field, required=True, nullable=False, default=default)
    held = Form(root=wanted).blank()
    return held if isinstance(wanted, GroupField) else held["value"]

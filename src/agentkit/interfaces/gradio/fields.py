"""A form of `agentkit.screens` as widgets: what is filled in, and below each field what is wrong with it.

Rules: this module knows widgets and no schema. What widgets hold is one dict; a form is drawn from it anew whenever it
gets another shape, so nothing that was filled in is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeAlias, assert_never, cast

import gradio as gr
from gradio.components import Component

from agentkit.screens import (
    MISSING,
    ChoiceField,
    DateField,
    DecimalField,
    DurationField,
    FileField,
    FixedField,
    Form,
    FormErrors,
    FormField,
    GroupField,
    IntegerField,
    JsonField,
    ListField,
    ManyChoicesField,
    MappingField,
    MomentField,
    MoneyField,
    SwitchField,
    TextField,
    TimeField,
    Upload,
    VariantField,
    plain_text,
)

from .markup import in_markdown, line, page

__all__ = ["Drawing", "Held", "read_uploads"]

Held: TypeAlias = dict[str, object]
"""What the widgets of a form hold, by the keys of its fields."""

_Step: TypeAlias = str | int
_Place: TypeAlias = tuple[_Step, ...]
_Change: TypeAlias = Callable[[Held], None]
_Box: TypeAlias = GroupField | ListField | MappingField | VariantField
_Single: TypeAlias = (
    TextField
    | IntegerField
    | DecimalField
    | SwitchField
    | ChoiceField
    | ManyChoicesField
    | DateField
    | TimeField
    | MomentField
    | DurationField
    | FileField
    | JsonField
)

_FEW: Final = 4
_SOME: Final = 8


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
    changes: list[tuple[Component, _Change]] = field(default_factory=list[tuple[Component, _Change]])
    _places: list[_Place] = field(default_factory=list[_Place])

    def draw(self, fields: Sequence[FormField]) -> None:
        """Draw fields, one below the other."""
        for one in fields:
            self._field(one, (one.key,))

    def read(self, values: Sequence[object]) -> Held:
        """What is held, out of what the widgets give."""
        held = deepcopy(self.held)
        for place, value in zip(self._places, values, strict=True):
            _put(held, place, value)
        return held

    # One field

    def _field(self, field: FormField, place: _Place) -> None:
        match field:
            case FixedField():
                gr.HTML(page(f'<p class="ak-quiet">{line(field.label)}: {line(field.value)}</p>'))
            case MoneyField():
                self._money(field, place)
            case GroupField() | ListField() | MappingField() | VariantField():
                self._box(field, place)
            case _:
                self._widget(_widget(field, _at(self.held, place), self._name(place)), place)
        for words in self.errors.at(field.path):
            gr.HTML(page(f'<p class="ak-error" role="alert">✗ {line(field.label)}: {line(words)}</p>'))

    def _name(self, place: _Place) -> str | None:
        return f"{self.name} {place}" if self.name else None

    def _widget(self, widget: Component, place: _Place) -> None:
        self.widgets.append(widget)
        self._places.append(place)

    def _money(self, field: MoneyField, place: _Place) -> None:
        held = _dict(_at(self.held, place))
        codes = [code for code in field.currencies if code]
        code = held.get("currency") or None
        with gr.Row():
            amount = gr.Textbox(
                _text(held.get("amount")),
                label=_named(field),
                info=_about(field),
                placeholder=field.placeholder or "12.50",
                max_lines=1,
                scale=3,
                min_width=160,
                interactive=True,
            )
            currency = gr.Dropdown(
                [code, *codes] if isinstance(code, str) and code not in codes else codes,
                value=code,
                label=f"Currency of {field.label}",
                allow_custom_value=not field.is_closed,
                scale=1,
                min_width=110,
                interactive=True,
            )
        self._widget(amount, (*place, "amount"))
        self._widget(currency, (*place, "currency"))

    # Fields that have fields inside

    def _box(self, field: _Box, place: _Place) -> None:
        held = _at(self.held, place)
        with gr.Accordion(plain_text(_named(field)), open=held is not None or self.errors.below(field.path)):
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
                    self._list(field, place, len(_list(held)))
                case MappingField():
                    self._mapping(field, place, len(_list(held)))
                case VariantField():
                    self._variant(field, place, _dict(held).get("variant"))
                case _:
                    assert_never(field)

    def _switch(self, field: _Box, place: _Place, *, is_on: bool) -> None:
        switch = gr.Checkbox(is_on, label=f"Fill in: {field.label}", interactive=True)
        self.changes.append((switch, lambda held: _put(held, place, None if is_on else _blank(field))))

    def _list(self, field: ListField, place: _Place, count: int) -> None:
        for index in range(count):
            with gr.Group():
                self._field(field.item(index), (*place, index))
                self._removal(field.item(index).label, place, index)
        self._addition(field.label, place, count, field.max_items, lambda: _blank(field.item(count)))

    def _mapping(self, field: MappingField, place: _Place, count: int) -> None:
        for index in range(count):
            with gr.Group():
                self._field(field.name_at(index), (*place, index, "key"))
                self._field(field.value_at(index), (*place, index, "value"))
                self._removal(f"{field.label} {index + 1}", place, index)
        blank = {"key": "", "value": _blank(field.value_at(count))}
        self._addition(field.label, place, count, field.max_items, lambda: blank)

    def _variant(self, field: VariantField, place: _Place, chosen: object) -> None:
        now = next((one for one in field.variants if one.key == chosen), field.variants[0])
        # A variant that nobody chose is the first.
        kinds = [(one.label, one.key) for one in field.variants]
        kind = gr.Dropdown(kinds, value=now.key, label=f"Kind of {field.label}", interactive=True, filterable=False)
        self._widget(kind, (*place, "variant"))
        self.changes.append((kind, lambda held: _turn(held, place, field)))
        self._field(now.field, (*place, "value"))

    def _addition(self, label: str, place: _Place, count: int, most: int | None, blank: Callable[[], object]) -> None:
        more = gr.Button(f"+ Add to {label}", size="sm", interactive=most is None or count < most)
        self.changes.append((more, lambda held: _put(held, place, [*_list(_at(held, place)), blank()])))

    def _removal(self, label: str, place: _Place, index: int) -> None:
        def remove(held: Held) -> None:
            _put(held, place, [one for at, one in enumerate(_list(_at(held, place))) if at != index])

        self.changes.append((gr.Button(f"✕ Remove {plain_text(label)}", size="sm", variant="secondary"), remove))


def _widget(field: _Single, held: object, name: str | None) -> Component:
    """The widget of a field that is one."""
    label = _named(field)
    more: dict[str, Any] = {"label": label, "info": _about(field), "interactive": True, "key": name}
    match field:
        case TextField():
            kind = "password" if field.is_secret else "text"
            lines = 4 if field.is_long else 1
            return gr.Textbox(_text(held), lines=lines, type=kind, placeholder=field.placeholder or None, **more)
        case SwitchField() if field.is_optional and field.default in (MISSING, None):
            said = "" if held is None else "yes" if held is True else "no"
            return gr.Dropdown([("(none)", ""), "yes", "no"], value=said, **more)
        case SwitchField():
            return gr.Checkbox(held is True, **more)
        case ChoiceField():
            options = [(one.label, one.key) for one in field.options]
            if len(options) <= _FEW and not field.is_optional:
                return gr.Radio(options, value=held or None, **more)
            # Without an entry for nothing, what was chosen could not be taken back.
            none = [("(none)", "")] if field.is_optional else []
            return gr.Dropdown([*none, *options], value=held or "" if none else held or None, **more)
        case ManyChoicesField():
            options = [(one.label, one.key) for one in field.options]
            if len(options) <= _SOME:
                return gr.CheckboxGroup(options, value=_list(held), **more)
            return gr.Dropdown(options, value=_list(held), multiselect=True, **more)
        case FileField():
            path = held if isinstance(held, str) else None
            return gr.File(path, label=label, file_count="single", height=140, interactive=True)
        case JsonField():
            return gr.Textbox(_text(held), lines=4, placeholder=field.placeholder or '{"name": "value"}', **more)
        case IntegerField() | DecimalField():
            # A text, so that no digit is lost on the way.
            example = field.placeholder or field.bounds.words
        case DateField():
            example = field.placeholder or "2026-12-25"
        case TimeField():
            example = field.placeholder or "12:30"
        case MomentField():
            example = field.placeholder or "2026-12-25T12:30:00Z"
        case DurationField():
            example = field.placeholder or "2 h 30 min"
        case _:
            assert_never(field)
    return gr.Textbox(_text(held), max_lines=1, placeholder=example or None, **more)


def read_uploads(fields: Sequence[FormField], held: Mapping[str, object]) -> Held:
    """What is held, with the bytes of files in place of where they lie."""
    return {**held, **{one.key: _uploaded(one, held.get(one.key)) for one in fields if one.key in held}}


def _uploaded(field: FormField, held: object) -> object:
    match field:
        case FileField() if isinstance(held, str) and held:
            path = Path(held)
            return Upload(name=path.name, content=path.read_bytes())
        case GroupField() if isinstance(held, dict):
            return read_uploads(field.fields, cast("Held", held))
        case ListField() if isinstance(held, list):
            items = cast("list[object]", held)
            return [_uploaded(field.item(index), one) for index, one in enumerate(items)]
        case MappingField() if isinstance(held, list):
            pairs = [_dict(one) for one in cast("list[object]", held)]
            return [{**one, "value": _uploaded(field.value_at(at), one.get("value"))} for at, one in enumerate(pairs)]
        case VariantField():
            chosen = _dict(held)
            found = next((one for one in field.variants if one.key == chosen.get("variant")), None)
            return held if found is None else {**chosen, "value": _uploaded(found.field, chosen.get("value"))}
        case _:
            return held


def _blank(field: FormField) -> object:
    """What a field holds at first if it is to be filled in."""
    default = MISSING if field.default is None else field.default
    wanted = replace(field, required=True, nullable=False, default=default)
    held = Form(root=wanted).blank()
    return held if isinstance(wanted, GroupField) else held["value"]


# What a field is called


def _named(field: FormField) -> str:
    may_be_left = field.is_optional or field.default is not MISSING
    return plain_text(field.label) + (" (optional)" if may_be_left and not isinstance(field, SwitchField) else "")


def _about(field: FormField) -> str | None:
    return in_markdown(field.help) if field.help else None


# Places in what is held


def _at(held: object, place: _Place) -> object:
    for step in place:
        match held, step:
            case dict(), str():
                held = cast("dict[str, object]", held).get(step)
            case list(), int() if step < len(cast("list[object]", held)):
                held = cast("list[object]", held)[step]
            case _:
                return None
    return held


def _put(held: Held, place: _Place, value: object) -> None:
    """Put a value where it belongs; what lies around it is made where it is missing."""
    here: object = held
    for step, after in zip(place, place[1:], strict=False):
        inner = _at(here, (step,))
        if not isinstance(inner, list if isinstance(after, int) else dict):
            inner = list[object]() if isinstance(after, int) else dict[str, object]()
            _set(here, step, inner)
        here = inner
    _set(here, place[-1], value)


def _set(here: object, step: _Step, value: object) -> None:
    if isinstance(step, int):
        items = cast("list[object]", here)
        items.extend([None] * (step + 1 - len(items)))
        items[step] = value
    else:
        cast("dict[str, object]", here)[step] = value


def _turn(held: Held, place: _Place, field: VariantField) -> None:
    """Begin another variant from nothing."""
    chosen = _dict(_at(held, place)).get("variant")
    now = next((one for one in field.variants if one.key == chosen), field.variants[0])
    _put(held, place, {"variant": now.key, "value": _blank(now.field)})


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _dict(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}

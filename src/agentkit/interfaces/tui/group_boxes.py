"""Fields of a form that hold other fields, and the box for any field there is."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Checkbox, Select

from agentkit.screens import (
    ChoiceField,
    DateField,
    DecimalField,
    DurationField,
    FileField,
    FixedField,
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
    VariantField,
    plain_text,
)

from .field_boxes import (
    ChoiceBox,
    FieldBox,
    FileBox,
    FixedBox,
    InputBox,
    LongBox,
    ManyBox,
    MoneyBox,
    SecretBox,
    SwitchBox,
    Tick,
)

__all__ = ["box_of"]


class GroupBox(FieldBox):
    """Fields that belong together."""

    def controls(self, held: object) -> ComposeResult:
        """The fields, and whether they are filled in at all."""
        field = cast("GroupField", self.field)
        kept = _mapping(held)
        if field.is_optional:
            yield Tick(Content("fill in"), value=held is not None, classes="fill-in")
        with Vertical(classes="inner" if held is not None or not field.is_optional else "inner -closed"):
            for inner in field.fields:
                yield box_of(inner, kept.get(inner.key))

    @property
    def _is_filled(self) -> bool:
        return all(box.value for box in self.query_children(Checkbox).filter(".fill-in"))

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """Open or close the fields."""
        if event.checkbox.has_class("fill-in") and event.checkbox.parent is self:
            event.stop()
            self.query_children(".inner").only_one().set_class(not event.value, "-closed")

    @property
    def boxes(self) -> Sequence[FieldBox]:
        """The boxes of its fields."""
        return list(self.query_children(".inner").only_one().query_children(FieldBox))

    async def held(self) -> object:
        """What the fields hold, by key; nothing if they are not filled in."""
        return {box.field.key: await box.held() for box in self.boxes} if self._is_filled else None

    def tell(self, errors: FormErrors, path: str) -> None:
        """Show what is wrong, here and inside."""
        super().tell(errors, path)
        for box in self.boxes:
            box.tell(errors, self.inside(box.field, path))


class ListBox(FieldBox):
    """Values in order, as many as there are to be."""

    def controls(self, held: object) -> ComposeResult:
        """A box for each, and a way to have more and fewer."""
        with Vertical(classes="inner"):
            for index, one in enumerate(cast("Sequence[object]", held) if isinstance(held, list) else ()):
                yield self.made(index, one)
        with Horizontal(classes="buttons"):
            yield Button("+ add", compact=True, classes="more")
            yield Button("- remove last", compact=True, classes="fewer")

    def made(self, index: int, held: object) -> FieldBox:
        """A box for one of them."""
        return box_of(cast("ListField", self.field).item(index), held)

    @property
    def boxes(self) -> Sequence[FieldBox]:
        """The boxes of its values."""
        return list(self.query_children(".inner").only_one().query_children(FieldBox))

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Have one more, or one fewer."""
        holder = event.button.parent
        if holder is None or holder.parent is not self:
            return
        event.stop()
        if event.button.has_class("more"):
            await self.query_children(".inner").only_one().mount(self.made(len(self.boxes), None))
            self.boxes[-1].scroll_visible()
        elif self.boxes:
            await self.boxes[-1].remove()

    async def held(self) -> object:
        """What each of them holds."""
        return [await box.held() for box in self.boxes]

    def tell(self, errors: FormErrors, path: str) -> None:
        """Show what is wrong, here and inside."""
        super().tell(errors, path)
        for index, box in enumerate(self.boxes):
            box.tell(errors, f"{path}/{index}")


class PairBox(FieldBox):
    """A name that is free, and its value."""

    def __init__(self, field: MappingField, held: object) -> None:
        super().__init__(field.value_at(0), held)
        self._pair = field

    def title(self) -> Text:
        """Nothing: the name and the value say it."""
        return Text("entry", "dim")

    def controls(self, held: object) -> ComposeResult:
        """The name and the value."""
        kept = _mapping(held)
        yield box_of(self._pair.name_at(0), kept.get("key"))
        yield box_of(self._pair.value_at(0), kept.get("value"))

    async def held(self) -> object:
        """Both."""
        name, value = self.query_children(FieldBox)
        return {"key": await name.held(), "value": await value.held()}

    def tell(self, errors: FormErrors, path: str) -> None:
        """Show what is wrong with the name and the value."""
        name, value = self.query_children(FieldBox)
        name.tell(errors, f"{path}/key")
        value.tell(errors, f"{path}/value")


class MappingBox(ListBox):
    """Values by names that are free."""

    def made(self, index: int, held: object) -> FieldBox:
        """A box for one of the pairs."""
        return PairBox(cast("MappingField", self.field), held)


class VariantBox(FieldBox):
    """A value of one of several kinds."""

    def controls(self, held: object) -> ComposeResult:
        """Which kind, and the field of it."""
        field, kept = cast("VariantField", self.field), _mapping(held)
        chosen = next((one for one in field.variants if one.key == kept.get("variant")), None)
        options = [(Text(plain_text(one.label, 100)), one.key) for one in field.variants]
        if chosen is None:
            yield Select(options, prompt="choose a kind", compact=True, classes="kind")
        else:
            yield Select(options, prompt="choose a kind", value=chosen.key, compact=True, classes="kind")
        with Vertical(classes="inner"):
            if chosen is not None:
                yield box_of(chosen.field, kept.get("value"))

    async def on_select_changed(self, event: Select.Changed) -> None:
        """Show the field of another kind."""
        if not event.select.has_class("kind") or event.select.parent is not self:
            return
        event.stop()
        inner = self.query_children(".inner").only_one()
        chosen = next((one for one in cast("VariantField", self.field).variants if one.key == event.value), None)
        if self.box is not None and chosen is not None and self.box.field is chosen.field:
            # It is the one that was chosen at first.
            return
        await inner.remove_children()
        if chosen is not None:
            await inner.mount(box_of(chosen.field, None))

    @property
    def box(self) -> FieldBox | None:
        """The box of the kind that is chosen."""
        return next(iter(self.query_children(".inner").only_one().query_children(FieldBox)), None)

    async def held(self) -> object:
        """The kind, and what its field holds."""
        kind, box = self.query_children(Select).only_one(), self.box
        if kind.is_blank() or box is None:
            return None
        return {"variant": kind.value, "value": await box.held()}

    def tell(self, errors: FormErrors, path: str) -> None:
        """Show what is wrong, here and inside."""
        super().tell(errors, path)
        if self.box is not None:
            self.box.tell(errors, path)


def box_of(field: FormField, held: object) -> FieldBox:  # noqa: PLR0911 - one for each kind of a closed union
    """The box of a field, whatever its kind."""
    match field:
        case TextField():
            kind = SecretBox if field.is_secret else LongBox if field.is_long else InputBox
            return kind(field, held)
        case IntegerField() | DecimalField() | DateField() | TimeField() | MomentField() | DurationField():
            return InputBox(field, held)
        case JsonField():
            return LongBox(field, held)
        case SwitchField():
            return SwitchBox(field, held)
        case ChoiceField():
            return ChoiceBox(field, held)
        case ManyChoicesField():
            return ManyBox(field, held)
        case MoneyField():
            return MoneyBox(field, held)
        case FileField():
            return FileBox(field, held)
        case FixedField():
            return FixedBox(field, held)
        case GroupField():
            return GroupBox(field, held)
        case ListField():
            return ListBox(field, held)
        case MappingField():
            return MappingBox(field, held)
        case VariantField():
            return VariantBox(field, held)
        case _ as never:
            assert_never(never)


def _mapping(held: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", held) if isinstance(held, Mapping) else {}

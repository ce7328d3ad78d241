"""The fields of a form: a closed union of kinds, for whatever draws them.

Rules: a field says what it holds and how it is called, never how it looks. Its `path` is a JSON pointer (RFC 6901) into
the value that the form gives; it is empty for the value itself. Nothing filled in is None or an empty text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from pydantic import JsonValue

from .bounds import UNBOUNDED, Bounds
from .parts import MISSING, FileEncoding, Missing, Option, below

__all__ = [
    "ChoiceField",
    "DateField",
    "DecimalField",
    "DurationField",
    "FileField",
    "FixedField",
    "FormField",
    "GroupField",
    "IntegerField",
    "JsonField",
    "ListField",
    "ManyChoicesField",
    "MappingField",
    "MomentField",
    "MoneyField",
    "SwitchField",
    "TextField",
    "TimeField",
    "Variant",
    "VariantField",
    "moved",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """What all fields have.

    Attributes:
        key: Its name in the dict of what it belongs to.
        path: Where its value is, as a JSON pointer.
        label: What people see beside it.
        help: What more there is to say.
        required: Whether something has to be filled in.
        nullable: Whether nothing filled in is null.
        default: What is taken if it is left out.
        placeholder: An example.
    """

    key: str
    path: str
    label: str
    help: str = ""
    required: bool = True
    nullable: bool = False
    default: JsonValue | Missing = MISSING
    placeholder: str = ""

    @property
    def is_optional(self) -> bool:
        """Whether it may be left empty."""
        return self.nullable or not self.required

    @property
    def is_empty_without(self) -> bool:
        """Whether nothing is taken if it is left empty, so that people are told that they may leave it."""
        return self.is_optional and self.default in (MISSING, None, "", [], {})


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(_Field):
    """A text.

    Attributes:
        is_long: Whether several lines are likely.
        is_secret: Whether it is not to be shown.
        format: What kind of text, in the words of JSON Schema, such as `uuid`; empty is any.
        min_length: The fewest letters.
        max_length: The most letters; None is any number.
        pattern: A regular expression that it has to match; empty is none.
    """

    is_long: bool = False
    is_secret: bool = False
    format: str = ""
    min_length: int = 0
    max_length: int | None = None
    pattern: str = ""

    @property
    def takes_empty(self) -> bool:
        """Whether nothing filled in is the empty text, as if somebody had written it."""
        return self.default == "" and not self.nullable


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerField(_Field):
    """A whole number.

    Attributes:
        bounds: Between what it lies.
    """

    bounds: Bounds = UNBOUNDED


@dataclass(frozen=True, slots=True, kw_only=True)
class DecimalField(_Field):
    """A number with a point.

    Attributes:
        is_exact: Whether it is decimal text and keeps each digit; otherwise it is a number of JSON.
        takes_text: Whether words are taken besides, as they are.
        bounds: Between what it lies.
    """

    is_exact: bool = True
    takes_text: bool = False
    bounds: Bounds = UNBOUNDED


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchField(_Field):
    """Yes or no."""

    @property
    def is_empty_without(self) -> bool:
        """A switch is never empty."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField(_Field):
    """One of several values; a widget holds the key of an option.

    Attributes:
        options: What there is to choose from.
    """

    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyChoicesField(_Field):
    """Any of several values; a widget holds a list of keys.

    Attributes:
        options: What there is to choose from.
        is_unique: Whether no value comes twice.
        min_items: The fewest.
        max_items: The most; None is any number.
    """

    options: tuple[Option, ...]
    is_unique: bool = False
    min_items: int = 0
    max_items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateField(_Field):
    """A day: `2026-12-25`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeField(_Field):
    """A time of day: `12:30`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentField(_Field):
    """A day and a time of day, with its zone: `2026-12-25T12:30:00Z`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationField(_Field):
    """How long something is: `2 h 30 min`, `1:30:00`, seconds, or `PT2H30M`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyField(_Field):
    """An amount with its currency; a widget holds `{"amount": "12.50", "currency": "EUR"}`.

    Attributes:
        currencies: Codes to choose from; others may be typed unless it is closed.
        is_closed: Whether there are no other currencies.
        is_whole: Whether it has no more decimals than its currency.
    """

    currencies: tuple[str, ...]
    is_closed: bool = False
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FileField(_Field):
    """The bytes of a file; a widget holds them, or an `Upload`.

    Attributes:
        encoding: What becomes of them.
        media_type: What kind of file; empty is any.
        max_length: The most letters of the text that they become; None is any number.
    """

    encoding: FileEncoding = "base64"
    media_type: str = ""
    max_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListField(_Field):
    """Values in order; a widget holds a list.

    Attributes:
        template: The field of one of them.
        is_unique: Whether no value comes twice.
        min_items: The fewest.
        max_items: The most; None is any number.
    """

    template: FormField
    is_unique: bool = False
    min_items: int = 0
    max_items: int | None = None

    def item(self, index: int) -> FormField:
        """The field of the value at this index, from 0."""
        return moved(self.template, below(self.path, index), str(index), f"{self.label} {index + 1}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupField(_Field):
    """Fields that belong together; a widget holds a dict by key.

    Attributes:
        fields: Its fields, in order.
        is_tuple: Whether it becomes a list: its keys are then `0`, `1` and so on.
    """

    fields: tuple[FormField, ...]
    is_tuple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingField(_Field):
    """Values by names that are free; a widget holds a list of `{"key": ..., "value": ...}`.

    Attributes:
        key_template: The field of a name.
        template: The field of a value.
        min_items: The fewest.
        max_items: The most; None is any number.
    """

    key_template: FormField
    template: FormField
    min_items: int = 0
    max_items: int | None = None

    def name_at(self, index: int) -> FormField:
        """The field of the name of the pair at this index, from 0."""
        return moved(self.key_template, f"{below(self.path, index)}/key", "key", self.key_template.label)

    def value_at(self, index: int) -> FormField:
        """The field of the value of the pair at this index, from 0."""
        return moved(self.template, f"{below(self.path, index)}/value", "value", self.template.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One of several kinds of value.

    Attributes:
        key: What a widget holds; unique among its siblings.
        label: What people see.
        field: The field of such a value; its path is that of the choice.
    """

    key: str
    label: str
    field: FormField


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantField(_Field):
    """A value of one of several kinds; a widget holds `{"variant": key, "value": what the variant's field holds}`.

    Attributes:
        variants: The kinds there are.
    """

    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedField(_Field):
    """Nothing to fill in: there is one value only.

    Attributes:
        value: It.
    """

    value: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonField(_Field):
    """Anything that has no field of its own, as JSON text.

    Attributes:
        json_type: What it has to be, `object` or `array`; empty is anything.
    """

    json_type: str = ""


FormField: TypeAlias = (
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
    | MoneyField
    | FileField
    | ListField
    | GroupField
    | MappingField
    | VariantField
    | FixedField
    | JsonField
)
"""Every kind of field; match it with `assert_never`."""


def moved(field: FormField, path: str, key: str, label: str) -> FormField:
    """The same field at another place."""
    return _along(replace(field, key=key, label=label), lambda old: path + old.removeprefix(field.path))


def _along(field: FormField, move: Callable[[str], str]) -> FormField:
    placed = replace(field, path=move(field.path))
    match placed:
        case GroupField():
            return replace(placed, fields=tuple(_along(one, move) for one in placed.fields))
        case ListField():
            return replace(placed, template=_along(placed.template, move))
        case MappingField():
            return replace(
                placed, template=_along(placed.template, move), key_template=_along(placed.key_template, move)
            )
        case VariantField():
            return replace(
                placed, variants=tuple(replace(one, field=_along(one.field, move)) for one in placed.variants)
            )
        case _:
            return placed

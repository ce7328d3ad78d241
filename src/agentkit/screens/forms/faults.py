"""What is wrong with a form, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .fields import (
    FormField,
    GroupField,
    ListField,
    MappingField,
    VariantField,
)
from .parts import below

__all__ = ["FormErrors", "nearest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormErrors:
    """What is wrong with a form: false if nothing is.

    Attributes:
        general: What belongs to no field.
        fields: What belongs to a field, by its path.

    Example:
        >>> errors = FormErrors(fields={"/rows/0/amount": ("Fill this in.",)})
        >>> bool(errors), errors.at("/rows/0/amount"), errors.below("/rows"), errors.below("/row")
        (True, ('Fill this in.',), True, False)
    """

    general: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __bool__(self) -> bool:
        return bool(self.general or self.fields)

    def at(self, path: str) -> tuple[str, ...]:
        """What is wrong with the field of this path itself."""
        return self.fields.get(path, ())

    def below(self, path: str) -> bool:
        """Whether something is wrong inside of the field of this path."""
        return any(other.startswith(f"{path}/") for other in self.fields)

    def lines(self) -> Iterator[str]:
        """Everything that is wrong, each with its place."""
        yield from self.general
        for path, words in self.fields.items():
            place = " → ".join(path.removeprefix("/").split("/")).replace("~1", "/").replace("~0", "~")
            yield from (f"{place}: {one}" if place else one for one in words)


def nearest(field: FormField, path: str) -> tuple[str, str]:
    """The path of the field that a place in a value belongs to, and what lies below it.

    Servers and checkers point deeper than forms have fields: into an amount, or into JSON text.
    """
    here, rest = field, path.removeprefix(field.path)
    while rest:
        step, _, after = rest[1:].partition("/")
        inner = _inside(here, step)
        if inner is None:
            break
        here, rest = inner, f"/{after}" if after else ""
    return here.path, rest.removeprefix("/")


def _inside(field: FormField, step: str) -> FormField | None:
    match field:
        case GroupField():
            return next((one for one in field.fields if one.path == below(field.path, _plain(step))), None)
        case ListField():
            return field.item(int(step)) if step.isdecimal() and len(step) < 10 else None
        case VariantField():
            found = (_inside(one.field, step) for one in field.variants)
            return next((one for one in found if one is not None), None)
        case MappingField():
            return None
        case _:
            return None


def _plain(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")

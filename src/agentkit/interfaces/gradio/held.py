"""What the widgets of a form hold: one dict, and where in it something lies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias, cast

__all__ = ["Held", "Picked", "Place", "as_dict", "as_list", "as_text", "at", "put"]

Held: TypeAlias = dict[str, object]
"""What widgets hold, by the keys of their fields."""

Step: TypeAlias = str | int
Place: TypeAlias = tuple[Step, ...]
"""Keys and indexes, from outside to inside."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A file that somebody uploaded. No text that a browser sends ever becomes one: only a widget of files makes it.

    Attributes:
        path: Where Gradio keeps it.
    """

    path: str


def at(held: object, place: Place) -> object:
    """What lies at a place; None if nothing does."""
    for step in place:
        if isinstance(step, str):
            held = as_dict(held).get(step)
        else:
            items = as_list(held)
            held = items[step] if step < len(items) else None
    return held


def put(held: Held, place: Place, value: object) -> None:
    """Put a value where it belongs; what lies around it is made where it is missing."""
    here: object = held
    for step, after in pairwise(place):
        inner = at(here, (step,))
        if not isinstance(inner, list if isinstance(after, int) else dict):
            inner = list[object]() if isinstance(after, int) else dict[str, object]()
            _set(here, step, inner)
        here = cast("object", inner)
    _set(here, place[-1], value)


def _set(here: object, step: Step, value: object) -> None:
    if isinstance(step, str):
        cast("Held", here)[step] = value
        return
    items = cast("list[object]", here)
    items.extend([None] * (step + 1 - len(items)))
    items[step] = value


def as_text(value: object) -> str:
    """A value as a text."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def as_list(value: object) -> list[object]:
    """A list, or an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


def as_dict(value: object) -> dict[str, object]:
    """A dict, or an empty one."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}

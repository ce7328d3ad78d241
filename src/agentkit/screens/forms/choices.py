"""Options to choose from, out of the values that a schema allows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from .parts import Option
from .schemas import Schema, text

__all__ = ["option_of", "options_of"]


def option_of(schema: Schema, value: JsonValue) -> Option:
    """The option of one value; its own schema may say what it is called.

    Example:
        >>> option_of({}, "pdf").label, option_of({}, True).label, option_of({"title": "As a page"}, "pdf").label
        ('pdf', 'yes', 'As a page')
    """
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    words = {True: "yes", False: "no"}[value] if isinstance(value, bool) else written
    return Option(key=written, label=text(schema, "title") or words or "(empty)", value=value)


def options_of(options: Sequence[Option]) -> tuple[Option, ...]:
    """The options with keys that differ: `1` and `"1"` are two values."""
    taken: set[str] = {""}
    made: list[Option] = []
    for number, option in enumerate(options):
        key = option.key if option.key not in taken else f"{option.key} #{number + 1}"
        taken.add(key)
        made.append(replace(option, key=key))
    return tuple(made)

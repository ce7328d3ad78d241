"""What is said of every field, whatever its kind."""

from __future__ import annotations

import json
from typing import TypedDict

from pydantic import JsonValue

from .parts import MISSING, Missing
from .schemas import Schema, items, text

__all__ = ["About", "about_of", "label_of"]


class About(TypedDict):
    """The attributes that all fields share; see `fields.py`."""

    key: str
    path: str
    label: str
    help: str
    required: bool
    nullable: bool
    default: JsonValue | Missing
    placeholder: str


def about_of(found: Schema, own: Schema, *, key: str, path: str, required: bool) -> About:
    """What a schema says of its field.

    Args:
        found: The schema with what it refers to.
        own: The schema as it stands there.
        key: What the field is called by.
        path: Where it is.
        required: Whether it is asked for.
    """
    default = found.get("default", MISSING)
    examples = items(found, "examples")
    example = examples[0] if examples else None
    # A type that is used in several places is called as each of them is.
    title = text(own, "title") or ("" if path and "$ref" in own else text(found, "title"))
    return About(
        key=key,
        path=path,
        label=label_of(title, key),
        help=text(found, "description"),
        required=required and default is MISSING,
        nullable=False,
        default=default,
        placeholder=example if isinstance(example, str) else "" if example is None else json.dumps(example),
    )


def label_of(title: str, key: str) -> str:
    """What people see: a title that somebody wrote, or the key in words.

    Example:
        >>> label_of("", "period_start"), label_of("Period Start", "period_start"), label_of("Month", "period")
        ('Period start', 'Period start', 'Month')
    """
    words = key.replace("_", " ").strip()
    if title and title.casefold() != words.casefold():
        return title
    return words[:1].upper() + words[1:]

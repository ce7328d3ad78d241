"""Times in the query of a request, as people write them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Query
from pydantic import AwareDatetime, BeforeValidator

__all__ = ["WrittenTimeOrNone"]


def _written(text: object) -> object:
    """A time as people write it; a number could be seconds or milliseconds.

    Raises:
        ValueError: It is a number.
    """
    if isinstance(text, str) and "-" not in text[1:]:
        raise ValueError("write a time with its zone, such as 2026-01-31T12:00:00Z")
    return text


WrittenTimeOrNone: TypeAlias = Annotated[
    AwareDatetime | None,
    BeforeValidator(_written),
    Query(description="A time with its zone, such as 2026-01-31T12:00:00Z."),
]
"""A time that may be said."""

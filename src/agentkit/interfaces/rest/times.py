"""Times in the query of a request, as people write them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Query
from pydantic import AwareDatetime, BeforeValidator

__all__ = ["WrittenTime", "WrittenTimeOrNone"]


def _written(text: object) -> object:
    """A time as people write it; a number could be seconds or milliseconds.

    Raises:
        ValueError: It is a number.
    """
    if isinstance(text, str) and "-" not in text[1:]:
        raise ValueError("write a time with its zone, such as 2026-01-31T12:00:00Z")
    return text


_WORDS = Query(description="A time with its zone, such as 2026-01-31T12:00:00Z.")

WrittenTime: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_written), _WORDS]
"""A time that has to be said."""

WrittenTimeOrNone: TypeAlias = Annotated[AwareDatetime | None, BeforeValidator(_written), _WORDS]
"""A time that may be said."""

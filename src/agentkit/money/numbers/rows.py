"""Rows: values that come many at a time, and errors that say in which of them something is wrong.

Rules: a text or a mapping is no list of rows, though Python walks through it; an error keeps its kind and all that it
says when the row is put before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import TypeVar, cast

from agentkit.errors import MoneyError

from .canonical import shortened
from .kinds import is_a

__all__ = ["in_row", "rows_of"]

Refused = TypeVar("Refused", bound=MoneyError)


def rows_of(values: object, *, refused: type[MoneyError] = MoneyError) -> Iterable[object]:
    """Return what can be walked through row by row, as it is.

    Args:
        values: A list or any other iterable, but for texts and mappings.
        refused: The error for anything else.

    Raises:
        MoneyError: It is none; or the error that `refused` names.

    Example:
        >>> list(rows_of(iter([1, 2])))
        [1, 2]
    """
    if is_a(values, str, bytes, Mapping) or not is_a(values, Iterable):
        raise refused(f"{shortened(values)} is no list of values: give a list, a tuple or another iterable")
    return cast("Iterable[object]", values)


def in_row(wrong: Refused, where: str) -> Refused:
    """Return the same error with its place in front, such as `row 3`.

    Example:
        >>> from agentkit.errors import AmbiguousNumber
        >>> placed = in_row(AmbiguousNumber("1,234 can be 1234 or 1.234", (1234, 1)), "row 3")
        >>> str(placed), placed.candidates
        ('row 3: 1,234 can be 1234 or 1.234', (1234, 1))
    """
    placed = copy(wrong)
    placed.args = (f"{where}: {wrong}",)
    return placed

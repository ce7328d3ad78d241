"""Where a page ends, as an opaque text for whoever asks for the next one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from math import isfinite
from typing import cast

from agentkit.errors import InputError
from agentkit.wire import OperationSort

__all__ = ["cursor_of", "place_of", "seconds_of"]

# What a cursor says of its order: that of the newest says nothing.
_NAMES: Sequence[OperationSort] = ("newest", "oldest", "changed")
_KNOWN: Sequence[list[str]] = ([], ["oldest"], ["changed"])


def cursor_of(at: float, stream: str, sort: OperationSort = "newest") -> str:
    """The cursor behind a line of a list: its name behind the time that the list is sorted by.

    Example:
        >>> place_of(cursor_of(1.5, "op-1", "changed"), "changed")
        (1.5, 'op-1')
    """
    order = _KNOWN[_NAMES.index(sort)]
    return base64.urlsafe_b64encode(json.dumps([at, stream, *order]).encode()).decode().rstrip("=")


def place_of(cursor: str, sort: OperationSort = "newest") -> tuple[float, str]:
    """The line that a cursor stands behind.

    Raises:
        InputError: It is none of ours, or that of a list in another order.
    """
    try:
        # It may be anything.
        found = cast("list[object]", json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))))
        match found:
            case [float() | int() as at, str() as stream, *more] if not isinstance(at, bool) and isfinite(at):
                # Half of a surrogate pair is nothing that a store could be asked for.
                place, known = (float(at), stream.encode().decode()), _NAMES[_KNOWN.index(more)]
            case _:
                raise ValueError
    except (ValueError, OverflowError, binascii.Error, RecursionError) as error:
        raise InputError("this cursor is none of ours: take `next_cursor` of the page before, or none") from error
    if known != sort:
        raise InputError(f"this cursor is of a list sorted by {known!r}, not by {sort!r}: begin without one")
    return place


def seconds_of(at: datetime) -> float:
    """The first moment that is shown as this one: what is shown has whole microseconds, and what is kept has not.

    Raises:
        InputError: There is no such moment.
    """
    try:
        return at.timestamp() - 5e-7
    except (ValueError, OverflowError) as error:
        raise InputError(f"{at.isoformat()} is too far away to be reckoned with") from error

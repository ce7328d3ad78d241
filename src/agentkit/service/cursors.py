"""Where a page ends, as an opaque text for whoever asks for the next one."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from math import isfinite
from typing import cast

from agentkit.errors import InputError

__all__ = ["cursor_of", "place_of", "seconds_of"]


def cursor_of(created_at: float, stream: str) -> str:
    """The cursor behind a line.

    Example:
        >>> place_of(cursor_of(1.5, "op-1"))
        (1.5, 'op-1')
    """
    return base64.urlsafe_b64encode(json.dumps([created_at, stream]).encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[float, str]:
    """The line that a cursor stands behind.

    Raises:
        InputError: It is none of ours.
    """
    try:
        found: object = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        match found:
            case [float() | int() as at, str() as stream] if not isinstance(at, bool) and isfinite(at):
                # Half of a surrogate pair is nothing that a store could be asked for.
                return float(cast("float", at)), stream.encode().decode()
            case _:
                raise ValueError
    except (ValueError, OverflowError, binascii.Error, RecursionError) as error:
        raise InputError("this cursor is none of ours: take `next_cursor` of the page before, or none") from error


def seconds_of(at: datetime) -> float:
    """The first moment that is shown as this one: what is shown has whole microseconds, and what is kept has not.

    Raises:
        InputError: There is no such moment.
    """
    try:
        return at.timestamp() - 5e-7
    except (ValueError, OverflowError) as error:
        raise InputError(f"{at.isoformat()} is too far away to be reckoned with") from error

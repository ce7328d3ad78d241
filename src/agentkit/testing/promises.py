"""How conformance checks speak: a promise holds, or an `AssertionError` says which one is broken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

__all__ = ["promise", "refused", "refused_at_once"]

_Error = TypeVar("_Error", bound=Exception)


def promise(holds: bool, what: str) -> None:
    """Insist that a promise holds.

    Raises:
        AssertionError: It does not.
    """
    if not holds:
        raise AssertionError(f"broken promise: {what}")


async def refused(error: type[_Error], call: Awaitable[object]) -> _Error:
    """Insist that a call is refused with this error, and return the error.

    Raises:
        AssertionError: The call went through.
    """
    try:
        await call
    except error as raised:
        return raised
    raise AssertionError(f"broken promise: this call is refused with {error.__name__}")


def refused_at_once(error: type[_Error], call: Callable[[], object]) -> _Error:
    """Insist that a call without waiting is refused with this error, and return the error.

    Raises:
        AssertionError: The call went through.
    """
    try:
        call()
    except error as raised:
        return raised
    raise AssertionError(f"broken promise: this call is refused with {error.__name__}")

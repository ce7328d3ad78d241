"""How states and spans look in a terminal: one vocabulary for every command."""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.kernel import SIGNS, OperationStatus, StageStatus
from agentkit.screens import bar_text, look_of

__all__ = ["COLOURS", "bar", "colour_of", "sign", "sign_of", "span"]

COLOURS: Mapping[StageStatus | OperationStatus, str] = {status: look_of(status).terminal for status in SIGNS}
"""The colour of a status, as every door has it."""


def sign(status: StageStatus | OperationStatus) -> str:
    """The sign of a status, as every door shows it."""
    return SIGNS[status].glyph


def sign_of(word: str) -> str:
    """The sign of a status that a server told; one of another version may have words that nobody here knows.

    Example:
        >>> sign_of("completed"), sign_of("dreaming")
        ('✓', '?')
    """
    return look_of(word).icon


def colour_of(word: str) -> str:
    """The colour of a status that a server told."""
    return look_of(word).terminal


def bar(fraction: float, width: int) -> str:
    """A bar that can be told from its rest without colours.

    Example:
        >>> bar(0.5, 8)
        '━━━━────'
    """
    return bar_text(fraction, width)


def span(seconds: float | None) -> str:
    """A span of time, short.

    Example:
        >>> span(0.25), span(75), span(7_300), span(None)
        ('0.2 s', '1:15', '2:01:40', '')
    """
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}" if minutes else f"{rest} s"

"""How a state looks at every door: one sign, one word and one pair of colours for it, whatever draws them.

Rules: statuses of operations and stages look as in the pictures of graphs (`SIGNS` of the kernel); this page adds only
what those do not know. A state is sign and word, and colour underlines them; ink is readable on its fill, in light and
in dark. A word that nobody here knows, of a server of another version, is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast, get_args

from agentkit.kernel import OPERATION_STATUSES, SIGNS, Sign, StageStatus, Tint

from .words import plain_text

__all__ = [
    "AGENT_WORDS",
    "OPERATION_WORDS",
    "STAGE_WORDS",
    "WAIT_WORDS",
    "Health",
    "Look",
    "TerminalColour",
    "look_of",
    "wait_text",
]

TerminalColour: TypeAlias = Literal["bright_black", "red", "green", "yellow", "blue", "magenta", "cyan"]
"""A colour that every terminal has, in its own shade."""

Health: TypeAlias = Literal["healthy", "degraded", "failing", "idle"]
"""How an agent is: `idle` has not worked lately, and `degraded` fails now and then."""

OPERATION_WORDS: Final[tuple[str, ...]] = OPERATION_STATUSES
"""Where an operation can stand."""
STAGE_WORDS: Final[tuple[str, ...]] = get_args(StageStatus)
"""Where a stage or one of its attempts can stand."""
AGENT_WORDS: Final[tuple[str, ...]] = get_args(Health)
"""How an agent can be."""

WAIT_WORDS: Final[Mapping[str, str]] = {
    "approval": "waits for approval",
    "doubt": "in doubt",
    "signal": "waits for a signal",
    "timer": "waits for its time",
}
"""What an operation can wait for, and what people are told of it."""

_GREY, _RED, _GREEN, _YELLOW, _BLUE, _PURPLE, _CYAN = cast("tuple[TerminalColour, ...]", get_args(TerminalColour))
_TERMINAL: Final[Mapping[str, TerminalColour]] = {
    "pending": _GREY,
    "running": _CYAN,
    "expanded": _CYAN,
    "waiting": _YELLOW,
    "retrying": _YELLOW,
    "unavailable": _YELLOW,
    "in_doubt": _RED,
    "stopping": _YELLOW,
    "compensating": _BLUE,
    "quarantined": _RED,
    "completed": _GREEN,
    "skipped": _GREY,
    "undone": _BLUE,
    "failed": _RED,
    "cancelled": _PURPLE,
}
_ALIKE: Final[Mapping[str, str]] = {
    # Agents.
    "healthy": "completed",
    "degraded": "retrying",
    "failing": "failed",
    "idle": "pending",
    # Attempts and their bars.
    "started": "running",
    "succeeded": "completed",
    "asked": "waiting",
    # Operations that nobody runs.
    "stalled": "retrying",
    # Services and what is found in them.
    "ok": "completed",
    "note": "waiting",
    "problem": "failed",
    "draining": "stopping",
    # Announcements, schedules, keys.
    "delivered": "completed",
    "dead": "failed",
    "active": "running",
    "paused": "waiting",
    "revoked": "cancelled",
    "expired": "cancelled",
}
"""Words that look like a status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one state is shown.

    Attributes:
        word: The state, as programs call it.
        label: The same, for people.
        icon: One character.
        letter: One character of ASCII, for terminals that know nothing else.
        outline: The path of an SVG icon on a square of 12 by 12.
        is_solid: Whether the outline is filled.
        light: Its colours on a light page, `ink` on `fill`, as `#rrggbb`.
        dark: Its colours on a dark page.
        terminal: Its colour in a terminal.
    """

    word: str
    label: str
    icon: str
    letter: str
    outline: str
    is_solid: bool
    light: Tint
    dark: Tint
    terminal: TerminalColour

    def __str__(self) -> str:
        return f"{self.icon} {self.label}"

    def svg(self, size: int = 12) -> str:
        """The icon as an SVG that takes the colour of the text around it; screen readers pass it by.

        Args:
            size: Its height and width in pixels.
        """
        fill = "currentColor" if self.is_solid else "none"
        return (
            f'<svg width="{size}" height="{size}" viewBox="0 0 12 12" aria-hidden="true" focusable="false">'
            f'<path d="{self.outline}" fill="{fill}" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"'
            ' stroke-linejoin="round"/></svg>'
        )


def look_of(word: str) -> Look:
    """How a state looks: of an operation, a stage, an attempt, an agent, or something in a service.

    Args:
        word: The state, as models of `agentkit.wire` have it.

    Example:
        >>> str(look_of("completed")), str(look_of("in_doubt")), str(look_of("healthy")), str(look_of("dreaming"))
        ('✓ completed', '¿ in doubt', '✓ healthy', '? dreaming')
        >>> look_of("failed").terminal
        'red'
    """
    return _LOOKS.get(word) or _look(plain_text(word, 40), "unavailable", _GREY)


def wait_text(word: str) -> str:
    """What people are told of what an operation waits for.

    Example:
        >>> wait_text("doubt"), wait_text("the tide")
        ('in doubt', 'waits for the tide')
    """
    return WAIT_WORDS.get(word) or f"waits for {plain_text(word, 40)}"


def _look(word: str, like: str, terminal: TerminalColour) -> Look:
    sign: Sign = _BY_WORD[like]
    return Look(
        word=word,
        label=word.replace("_", " "),
        icon=sign.glyph,
        letter=sign.letter,
        outline=sign.outline,
        is_solid=sign.solid,
        light=sign.light,
        dark=sign.dark,
        terminal=terminal,
    )


_BY_WORD: Final[Mapping[str, Sign]] = {str(status): sign for status, sign in SIGNS.items()}
_LOOKS: Final[Mapping[str, Look]] = {word: _look(word, word, _TERMINAL[word]) for word in _BY_WORD} | {
    word: _look(word, like, _TERMINAL[like]) for word, like in _ALIKE.items()
}

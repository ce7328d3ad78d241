"""How a status looks: its sign, its letter and its colours, for every picture and every door.

Rules: a status is always sign and word, and colour only underlines them; every ink is readable on its fill (contrast
of at least 4.5 to 1), in light and in dark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from agentkit.kernel.state.status import OperationStatus, StageStatus

__all__ = ["SIGNS", "Sign", "Tint"]


class Tint(NamedTuple):
    """Two colours that go together, as `#rrggbb`."""

    ink: str
    fill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """How one status is shown.

    Attributes:
        glyph: One character for terminals.
        letter: The same in ASCII.
        outline: The path of an SVG icon on a square of 12 by 12.
        solid: Whether the outline is filled.
        light: Its colours on a light page.
        dark: Its colours on a dark page.
    """

    glyph: str
    letter: str
    outline: str
    solid: bool = False
    light: Tint
    dark: Tint


_CIRCLE = "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9z"

SIGNS: Final[Mapping[StageStatus | OperationStatus, Sign]] = {
    "pending": Sign(
        glyph="○",
        letter=".",
        outline=_CIRCLE,
        light=Tint("#57606a", "#f6f8fa"),
        dark=Tint("#adb5bd", "#22272e"),
    ),
    "running": Sign(
        glyph="●",
        letter=">",
        outline="M3 1.5l7.5 4.5l-7.5 4.5z",
        solid=True,
        light=Tint("#0550ae", "#ddf4ff"),
        dark=Tint("#9ecbff", "#0c2d4d"),
    ),
    "waiting": Sign(
        glyph="◷",
        letter="w",
        outline=_CIRCLE + "M6 3.4v2.8l2 1.3",
        light=Tint("#5b4b00", "#fbf6d9"),
        dark=Tint("#e3d58a", "#2f2a0c"),
    ),
    "expanded": Sign(
        glyph="≡",
        letter="=",
        outline="M2 2.8h8M2 6h8M2 9.2h8",
        light=Tint("#0a5c6b", "#dcf5f8"),
        dark=Tint("#8fdbe8", "#0b333b"),
    ),
    "retrying": Sign(
        glyph="↻",
        letter="~",
        outline="M10 6.2a4 4 0 1 1-1.2-2.9M9.8 .8v2.8h-2.8",
        light=Tint("#7d4e00", "#fff3cd"),
        dark=Tint("#f2cc60", "#3a2c00"),
    ),
    "unavailable": Sign(
        glyph="?",
        letter="?",
        outline="M3.6 4a2.4 2.4 0 1 1 3.4 2.1q-1 .5-1 1.7M6 10.4v.1",
        light=Tint("#6639ba", "#f3eaff"),
        dark=Tint("#d8b9ff", "#2f1f4d"),
    ),
    "in_doubt": Sign(
        glyph="¿",
        letter="%",
        outline="M6 1.3l5 9h-10zM6 4.8v2.6M6 9v.1",
        light=Tint("#8a1d5c", "#fde8f3"),
        dark=Tint("#ffb3dd", "#431530"),
    ),
    "completed": Sign(
        glyph="✓",
        letter="+",
        outline="M1.8 6.6l3 3l5.6-7.2",
        light=Tint("#116329", "#dafbe1"),
        dark=Tint("#7ee787", "#0f3318"),
    ),
    "skipped": Sign(
        glyph="»",
        letter="/",
        outline="M2 2.2l3.8 3.8l-3.8 3.8M6.4 2.2l3.8 3.8l-3.8 3.8",
        light=Tint("#57606a", "#f0f2f4"),
        dark=Tint("#b3bac2", "#262b31"),
    ),
    "undone": Sign(
        glyph="↶",
        letter="<",
        outline="M4.4 1.6l-2.8 2.8l2.8 2.8M1.8 4.4h5a3.2 3.2 0 1 1 0 6.2h-2.4",
        light=Tint("#3d4f8a", "#e9edfb"),
        dark=Tint("#b9c6ff", "#1d2545"),
    ),
    "failed": Sign(
        glyph="✗",
        letter="x",
        outline="M2.2 2.2l7.6 7.6M9.8 2.2l-7.6 7.6",
        light=Tint("#a40e26", "#ffebe9"),
        dark=Tint("#ffb1a8", "#4a1216"),
    ),
    "cancelled": Sign(
        glyph="⊘",
        letter="-",
        outline=_CIRCLE + "M2.9 9.1l6.2-6.2",
        light=Tint("#424a53", "#eaeef2"),
        dark=Tint("#b8c0c8", "#2b3036"),
    ),
    "stopping": Sign(
        glyph="■",
        letter="#",
        outline="M2.5 2.5h7v7h-7z",
        solid=True,
        light=Tint("#8a3a00", "#ffe8d6"),
        dark=Tint("#ffc299", "#45210a"),
    ),
    "compensating": Sign(
        glyph="↺",
        letter="&",
        outline="M2 6.2a4 4 0 1 0 1.2-2.9M2.2 .8v2.8h2.8",
        light=Tint("#3d4f8a", "#e3e9ff"),
        dark=Tint("#b9c6ff", "#1d2545"),
    ),
    "quarantined": Sign(
        glyph="!",
        letter="!",
        outline="M6 1.2v6M6 10.4v.1",
        light=Tint("#8a1d5c", "#ffe4f3"),
        dark=Tint("#ffb3dd", "#47112f"),
    ),
}
"""Every status of a stage and of an operation; the word is the status itself."""

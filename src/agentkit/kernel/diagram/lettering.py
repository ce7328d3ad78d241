"""Texts in pictures: made harmless, measured, and cut to the room there is.

Rules: a text from outside never brings a control character; widths are estimates of a common sans-serif face, on the
wide side, since a picture does not know its reader's fonts.
"""

from __future__ import annotations

from unicodedata import east_asian_width

__all__ = ["cells", "clean", "clip", "fit", "listed", "padded", "seconds_text", "span"]

_NARROW = frozenset("fijlrtI.,:;'|!()[] -")
_BROAD = frozenset("mwMW@%→…")


def clean(text: str) -> str:
    """The text on one line, with a space for whatever cannot be printed.

    Example:
        >>> clean("one" + chr(10) + "two" + chr(27) + "[31m")
        'one two [31m'
    """
    return "".join(character if character.isprintable() else " " for character in text)


def span(text: str, size: float) -> float:
    """The width of a text in pixels, at a font size."""
    return size * sum(map(_share, text))


def fit(text: str, size: float, room: float) -> str:
    """The text, cut with an ellipsis if it is wider than the room."""
    if span(text, size) <= room:
        return text
    left = room - span("…", size)
    for end, character in enumerate(text):
        left -= size * _share(character)
        if left < 0:
            return text[:end] + "…"
    return text


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def clip(text: str, most: int) -> str:
    """The text, cut with an ellipsis if it takes more cells than that."""
    if cells(text) <= most:
        return text
    left = most - 1
    for end, character in enumerate(text):
        left -= cells(character)
        if left < 0:
            return text[:end] + "…"
    return text


def padded(text: str, width: int) -> str:
    """The text with spaces up to that many cells."""
    return text + " " * (width - cells(text))


def listed(names: list[str], room: int) -> str:
    """The names with commas: as many as the room has cells for, at least one, and how many more there are.

    Example:
        >>> listed(["extract", "clean", "convert"], 20)
        'extract and 2 more'
    """
    left = room - cells(names[0])
    for shown, name in enumerate(names[1:], start=1):
        left -= cells(name) + 2
        # The last names need no room for "and n more".
        if left < (0 if shown == len(names) - 1 else 10):
            return ", ".join(names[:shown]) + f" and {len(names) - shown:,} more"
    return ", ".join(names)


def seconds_text(seconds: float) -> str:
    """A span of time in its best unit.

    Example:
        >>> seconds_text(30), seconds_text(0.25), seconds_text(5400), seconds_text(172800)
        ('30 s', '250 ms', '1.5 h', '2 d')
    """
    for unit, length in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= length and (unit == "s" or (seconds / length * 10).is_integer()):
            return f"{seconds / length:.6g} {unit}"
    return f"{seconds * 1_000:.6g} ms"


def _share(character: str) -> float:
    """The width of a character as a share of the font size."""
    if character in _NARROW:
        return 0.38
    if character in _BROAD:
        return 0.95
    if not character.isascii():
        return 1.05 if east_asian_width(character) in "WF" else 0.75
    return 0.7 if character.isupper() else 0.6

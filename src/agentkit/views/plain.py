"""Text from outside on one line: it can neither break a list nor steer a terminal.

Rules: what moves a cursor, breaks a line, hides or turns letters is taken out; everything else stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from agentkit.kernel import Failure

__all__ = ["failure_line", "form_words", "moment_text", "one_line", "origin_words"]


def one_line(text: str, most: int = 300) -> str:
    r"""The text on one line, cut to a number of characters.

    Example:
        >>> one_line("no route\n\x1b[31mto host")
        'no route [31mto host'
    """
    # A little more than is shown is looked at, so that a giant text costs no more than a long one.
    seen = text[: 4 * most]
    shown = "".join(letter if letter.isprintable() else " " if letter.isspace() else "" for letter in seen)
    shown = " ".join(shown.split())
    return shown if len(shown) <= most and len(seen) == len(text) else shown[: most - 1] + "…"


def failure_line(failure: Failure) -> str:
    """Why something failed, on one line: what kind of error, and what it says."""
    said = (one_line(failure.type, 100), one_line(failure.message))
    return ": ".join(part for part in said if part) or one_line(failure.code, 100)


def form_words(values: Mapping[str, object]) -> str:
    """What a form is filled in with, on one line; empty if it is not.

    Example:
        >>> form_words({"amount": "1200.00", "urgent": True, "note": None})
        'amount: 1200.00, urgent: yes, note: empty'
    """
    return one_line(", ".join(f"{one_line(name, 100)}: {_value_words(value)}" for name, value in values.items()))


def _value_words(value: object) -> str:
    if value is None or value == "":
        return "empty"
    return ("yes" if value else "no") if isinstance(value, bool) else one_line(str(value), 100)


def moment_text(at: float) -> str:
    """A time in seconds since 1970 as a date and a time of day (UTC).

    Example:
        >>> moment_text(1_764_331_200.0), moment_text(1_764_331_203.5)
        ('2025-11-28 12:00 UTC', '2025-11-28 12:00:03 UTC')
    """
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        # No calendar has this time.
        return f"{at:g}"
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC" if moment.second else "%Y-%m-%d %H:%M UTC")


def origin_words(origin: str | None, forked_at: str | None) -> str:
    """What an operation continues or was forked from, to be put behind it; empty if it began by itself.

    Example:
        >>> origin_words("a1", None), origin_words("a1", "pay"), origin_words(None, None)
        (', continues a1', ', forked from a1 at pay', '')
    """
    if origin is None:
        return ""
    if forked_at is None:
        return f", continues {one_line(origin)}"
    return f", forked from {one_line(origin)}{' at ' if forked_at else ''}{one_line(forked_at)}"

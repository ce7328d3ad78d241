"""Text from outside on one line: it can neither break a list nor steer a terminal.

Rules: what moves a cursor, breaks a line, hides or turns letters is taken out; everything else stays as it is.
"""

from __future__ import annotations

from agentkit.kernel import Failure

__all__ = ["failure_line", "one_line"]


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

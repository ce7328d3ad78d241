"""Rows of words as plain text and as HTML, and figures in words, for what is shown as a table."""

from __future__ import annotations

from collections.abc import Sequence

from agentkit.kernel import Usage
from agentkit.markup import columns as rows_text
from agentkit.markup import table

__all__ = ["rows_html", "rows_text", "seconds_text", "usage_text"]


def rows_html(rows: Sequence[Sequence[str]], *, title: str, below: Sequence[str] = ()) -> str:
    """The rows as a table of HTML; every text is text, whatever it says."""
    return table(rows, title=title, below=below)


def seconds_text(seconds: float | None) -> str:
    """A span of time in words; empty if it is not known.

    Example:
        >>> seconds_text(0.25), seconds_text(75), seconds_text(7_300), seconds_text(200_000)
        ('0.2 s', '1 min 15 s', '2 h 1 min', '2 d 7 h')
    """
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def usage_text(usage: Usage | None) -> str:
    """What was used, in words: what is nothing is left out, and what is not known is said to be so.

    Example:
        >>> usage_text(Usage(calls=2, tokens=None, money="0.10", currency="USD"))
        '2 calls, tokens unknown, 0.10 USD'
    """
    if usage is None:
        return ""
    words: list[str] = []
    for name, amount in (("calls", usage.calls), ("tokens", usage.tokens)):
        if amount is None:
            words.append(f"{name} unknown")
        elif amount:
            words.append(f"{amount:,} {name if amount != 1 else name.removesuffix('s')}")
    if usage.money is None:
        words.append("money unknown")
    elif usage.currency is not None:
        words.append(f"{usage.money} {usage.currency}")
    return ", ".join(words)

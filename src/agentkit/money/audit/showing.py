"""How a trail and its entries show themselves in a notebook: what was done last, as text and as HTML.

Rules: what is shown was read and not verified, and that is said; so nobody takes a picture for a proof.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from agentkit.errors import AgentKitError
from agentkit.markup import bundle, columns, table

from .entries import AuditEntry
from .writing import AuditValue

__all__ = ["trail_shown"]

_NEWEST: Final = 20
_LETTERS: Final = 120


def trail_shown(size: int, head: str, entries: Callable[[int], Iterator[AuditEntry]]) -> dict[str, str]:
    """The newest entries of a trail.

    Args:
        size: How many entries there are.
        head: The hash of the last one.
        entries: Gives the entries behind a number.
    """
    title = f"audit trail: {size:,} entr{'y' if size == 1 else 'ies'}, head {head[:16]}…"
    try:
        rows = [("", "at", "actor", "operation", "outcome", "hash"), *map(_row, entries(max(0, size - _NEWEST)))]
    except AgentKitError as error:
        return bundle(title, table([(title,)], below=[f"its entries cannot be read: {error}"]))
    notes = [f"the newest {_NEWEST} of {size:,}" if size > _NEWEST else "", "not verified here: trail.verify() does"]
    lines = "\n".join([title, "", *columns(rows), "", *filter(None, notes)])
    return bundle(lines, table(rows, title=title, figures={0}, below=notes))


def _row(entry: AuditEntry) -> tuple[str, ...]:
    refusal = entry.refusal
    outcome = entry.outputs or {} if refusal is None else f"refused: {refusal.get('message', '')}"
    at = f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"
    return str(entry.number), at, _text(entry.actor), _text(entry.operation), _text(outcome), entry.hash[:12]


def _text(value: AuditValue | Mapping[str, AuditValue]) -> str:
    """A value on one line, with nothing in it that steers a terminal."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"

"""What a person has to look up who settles a doubt: the effect, what it was given, and why nobody knows.

Rules: it is said in one line, whatever agents and users said. An effect that is carried over from another operation
says nothing of what it was given: that stands in the other one's events.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from agentkit.screens.words import plain_text
from agentkit.wire import EventLine

__all__ = ["DoubtFold"]

_LOST: Final = "its process was lost in the middle of the work"
_MOST: Final = 500


class DoubtFold:
    """Keeps what is known of effects that are not settled and of work in doubt, event by event."""

    __slots__ = ("_given", "_raised")

    def __init__(self) -> None:
        self._given: dict[tuple[str, str, str], JsonValue] = {}
        self._raised: dict[str, tuple[str, str, str]] = {}

    def hear(self, event: EventLine) -> None:
        """Take the next event."""
        stage = event.stage
        if stage is None:
            return
        name, key = (str(event.data.get(field) or "") for field in ("name", "key"))
        if event.type == "effect.intended":
            self._given[stage, name, key] = event.data.get("data")
        elif event.type == "effect.settled":
            self._given.pop((stage, name, key), None)
        elif event.type == "doubt.raised":
            self._raised[stage] = (name, key, str(event.data.get("reason") or ""))
        elif event.type == "doubt.settled":
            raised = self._raised.pop(stage, None)
            if event.data.get("decision") != "redo":
                # A person has said what became of it.
                self._forget(stage, raised[:2] if raised and raised[0] else None)

    def _forget(self, stage: str, effect: tuple[str, str] | None) -> None:
        """An effect of a stage is not unknown any more; None is all of them."""
        for known in [known for known in self._given if known[0] == stage and effect in (None, known[1:])]:
            del self._given[known]

    def words(self, stage: str) -> str:
        """What to look up of a stage that is in doubt, and why.

        Without an event of its own the doubt came with the death of the process.

        Example:
            >>> from agentkit.wire import moment
            >>> fold = DoubtFold()
            >>> for number, type, data in (
            ...     (1, "effect.intended", {"name": "pay", "key": "INV-7", "data": {"given": {"amount": "12.50"}}}),
            ...     (2, "doubt.raised", {"name": "pay", "key": "INV-7", "reason": "no answer came"}),
            ... ):
            ...     fold.hear(EventLine(operation="op", number=number, at=moment(0), type=type, stage="pay", data=data))
            >>> fold.words("pay")
            'pay of INV-7, given amount: 12.50; no answer came'
        """
        name, key, reason = self._raised.get(stage, ("", "", _LOST))
        # Where the whole attempt is in doubt, any effect that it began may be meant.
        effects = [(name, key)] if name else [(name, key) for place, name, key in self._given if place == stage]
        told = "; ".join(self._effect(stage, name, key) for name, key in effects)
        return "; ".join(filter(None, (plain_text(told, _MOST), plain_text(reason, _MOST))))

    def _effect(self, stage: str, name: str, key: str) -> str:
        given = ", ".join(_fields(self._given.get((stage, name, key))))
        return f"{plain_text(name, 80)} of {plain_text(key, 80)}" + (f", given {given}" if given else "")


def _fields(data: JsonValue) -> Iterator[str]:
    """What an effect was given, and what else its agent said of it, field by field."""
    if not isinstance(data, Mapping):
        return
    for name, value in data.items():
        if name == "given" and isinstance(value, Mapping):
            yield from (f"{plain_text(field, 80)}: {_value(of)}" for field, of in value.items())
        else:
            yield f"{plain_text(name, 80)}: {_value(value)}"


def _value(value: JsonValue) -> str:
    return plain_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 80)

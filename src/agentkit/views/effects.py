"""What attempts did to the world outside, and what they sent: `effects_of` and `messages_of`.

Rules: an effect is unknown as soon as whoever intended it is gone and nobody has said what became of it; that it is
unknown is shown, never guessed away. A message is on the journal with the success that sent it or not at all, so the
n-th message of an operation is the same for everybody and for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

from agentkit.kernel import (
    AttemptCancelled,
    AttemptFailed,
    AttemptSucceeded,
    DoubtRaised,
    DoubtSettled,
    EffectCarried,
    EffectIntended,
    EffectSettled,
    Event,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
)

__all__ = ["EffectStatus", "EffectSummary", "EffectsFold", "Message", "MessagesFold", "effects_of", "messages_of"]

EffectStatus: TypeAlias = Literal["intended", "confirmed", "failed", "unknown"]
"""`intended` while its attempt is at it; `unknown` if that is over and nobody has said what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSummary:
    """Something that was done, or may have been done, to the world outside.

    Attributes:
        stage: The stage or step that did it.
        name: What was done, such as `pay`.
        key: What it was done to.
        status: What is known of it.
        about: What the agent said about it, as plain JSON data.
        result: What came of it, or why it failed, as plain JSON data.
        intentions: How often it was begun here.
        at: When this was last heard of.
        by: Who decided what became of it, if a person did.
    """

    stage: str
    name: str
    key: str
    status: EffectStatus
    about: Mapping[str, object]
    result: object
    intentions: int
    at: float
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something that an attempt sent with its success (`Task.emit`).

    Attributes:
        number: Its number among the operation's messages, from 1 without a gap; the same for ever.
        stage: The stage or step that sent it.
        kind: What kind of message it is.
        content: Plain JSON data.
        at: When it was committed.
    """

    number: int
    stage: str
    kind: str
    content: object
    at: float


_Id: TypeAlias = tuple[str, str, str]


class EffectsFold:
    """The effects of an operation, from its events in order."""

    def __init__(self) -> None:
        self._known: dict[_Id, EffectSummary] = {}
        self._open: dict[str, list[_Id]] = {}
        self._doubts: dict[str, _Id] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        match event:
            case EffectIntended():
                self._intend(event)
            case EffectSettled():
                self._settle((event.stage, event.name, event.key), event.outcome, event.result, event.at)
            case EffectCarried():
                status: EffectStatus = "unknown" if event.outcome == "intended" else event.outcome
                self._known[event.stage, event.name, event.key] = EffectSummary(
                    stage=event.stage,
                    name=event.name,
                    key=event.key,
                    status=status,
                    about={},
                    result=json.loads(event.result),
                    intentions=0,
                    at=event.at,
                )
            case AttemptSucceeded() | AttemptFailed() | AttemptCancelled():
                self._lose(event.stage, event.at)
            case DoubtRaised():
                self._lose(event.stage, event.at)
                self._doubts[event.stage] = (event.stage, event.name, event.key)
            case DoubtSettled():
                self._decide(event)
            case OperationAdopted() | OperationCompleted() | OperationFailed() | OperationCancelled():
                for stage in tuple(self._open):
                    self._lose(stage, event.at)
            case _:
                pass

    def effects(self) -> tuple[EffectSummary, ...]:
        """What is known of them, in the order in which they were first heard of."""
        return tuple(self._known.values())

    def _intend(self, event: EffectIntended) -> None:
        found = event.stage, event.name, event.key
        before = self._before(found)
        self._known[found] = EffectSummary(
            stage=event.stage,
            name=event.name,
            key=event.key,
            status="intended",
            about=json.loads(event.data) or {},
            result=None,
            intentions=1 if before is None else before.intentions + 1,
            at=event.at,
        )
        self._open.setdefault(event.stage, []).append(found)

    def _settle(self, found: _Id, status: EffectStatus, result: str, at: float, by: str = "") -> None:
        known = self._before(found)
        if known is None:
            return
        if found in self._open.get(found[0], ()):
            self._open[found[0]].remove(found)
        self._known[found] = replace(known, status=status, result=json.loads(result), at=at, by=by)

    def _before(self, found: _Id) -> EffectSummary | None:
        """What was known of it; what was carried over under the name of a list goes to the item that takes it up."""
        stage, name, key = found
        if found in self._known or "[" not in stage:
            return self._known.get(found)
        carried = self._known.pop((stage.partition("[")[0], name, key), None)
        return None if carried is None else replace(carried, stage=stage)

    def _lose(self, stage: str, at: float) -> None:
        for found in self._open.pop(stage, ()):
            self._known[found] = replace(self._known[found], status="unknown", at=at)

    def _decide(self, event: DoubtSettled) -> None:
        found = self._doubts.pop(event.stage, None)
        if found is not None and found[1] and event.decision != "abort":
            status: EffectStatus = "confirmed" if event.decision == "done" else "failed"
            self._settle(found, status, event.value, event.at, event.by)


class MessagesFold:
    """The messages of an operation, from its events in order."""

    def __init__(self) -> None:
        self._count = 0

    def apply(self, event: Event) -> list[Message]:
        """The messages that the next event brings."""
        if not isinstance(event, AttemptSucceeded) or not event.effects:
            return []
        messages: list[Message] = []
        for kind, content in cast("list[tuple[str, object]]", json.loads(event.effects)):
            self._count += 1
            messages.append(Message(number=self._count, stage=event.stage, kind=kind, content=content, at=event.at))
        return messages


def effects_of(events: Iterable[Event]) -> tuple[EffectSummary, ...]:
    """What an operation did, or may have done, to the world outside, by its journal.

    Example:
        >>> from agentkit.kernel import EffectIntended
        >>> effects_of([EffectIntended(at=1.0, stage="pay", attempt=1, name="transfer", key="INV-1")])[0].status
        'intended'
    """
    fold = EffectsFold()
    for event in events:
        fold.apply(event)
    return fold.effects()


def messages_of(events: Iterable[Event]) -> Iterator[Message]:
    """What an operation sent, by its journal.

    Example:
        >>> from agentkit.kernel import AttemptSucceeded
        >>> sent = AttemptSucceeded(at=1.0, stage="pay", attempt=1, value="null", effects='[["paid",{"id":7}]]')
        >>> [(message.number, message.kind, message.content) for message in messages_of([sent])]
        [(1, 'paid', {'id': 7})]
    """
    fold = MessagesFold()
    for event in events:
        yield from fold.apply(event)

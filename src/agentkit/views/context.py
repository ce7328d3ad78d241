"""What became of a context: its versions, what differs between two of them, and who wrote what.

Rules: as in all views, computed from events alone. The versions of a shared context are its updates, counted from 1;
those of an operation's context are the numbers of the events that wrote to it. A version is shown by what was written;
what it made of the whole context is computed when it is asked for, since to keep that would cost n values for n writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from agentkit.errors import Expired, NotFound
from agentkit.kernel import (
    ABSENT,
    AttemptSucceeded,
    ContextUpdated,
    Event,
    ResultCarried,
    SharedContext,
    replay,
)

__all__ = [
    "ContextChange",
    "ContextHistory",
    "ContextVersion",
    "check_context_version",
    "context_changes",
    "context_history",
    "context_version",
    "shared_history",
]

_ValuesAt: TypeAlias = Callable[[int], Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextVersion:
    """One update of a context: who wrote what.

    Attributes:
        number: Which version it made.
        at: When.
        by: Who wrote it: in an operation, the stage.
        attempt: Which attempt of the stage; None where there is none.
        written: What was written, by key, as plain JSON data.
    """

    number: int
    at: float
    by: str
    attempt: int | None = None
    written: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextChange:
    """How a key differs between two versions.

    Attributes:
        before: Its value in the first one, None if it had none.
        after: Its value in the second one, None if it has none.
        is_new: Whether the first one had no such key.
        is_gone: Whether the second one has none, since it is the older one.
    """

    before: object
    after: object
    is_new: bool = False
    is_gone: bool = False


class ContextHistory:
    """The versions of a context that are kept.

    Args:
        versions: The updates, oldest first.
        values_at: The values at a version.
        oldest: The oldest version that can still be read.
        newest: The newest version there is.
        name: What it is called, for messages.

    Attributes:
        versions: The updates, oldest first.
        oldest: The oldest version that can still be read.
        newest: The newest version there is.

    Example:
        >>> from agentkit.kernel import ContextUpdated
        >>> history = shared_history([
        ...     ContextUpdated(at=1.0, context='{"rate": 2}', by="ada"),
        ...     ContextUpdated(at=2.0, context='{"rate": 3, "unit": "kg"}', by="bob"),
        ... ])
        >>> history.read(at=1), sorted(history.diff(1, 2))
        ({'rate': 2}, ['rate', 'unit'])
        >>> [(version.by, version.written["rate"]) for version in history.blame("rate")]
        [('ada', 2), ('bob', 3)]
    """

    __slots__ = ("_name", "_values_at", "newest", "oldest", "versions")

    def __init__(
        self,
        versions: Sequence[ContextVersion],
        values_at: _ValuesAt,
        *,
        oldest: int = 0,
        newest: int,
        name: str = "this context",
    ) -> None:
        self.versions: Sequence[ContextVersion] = versions
        self.oldest: int = oldest
        self.newest: int = newest
        self._values_at = values_at
        self._name = name

    def read(self, at: int | None = None) -> dict[str, object]:
        """The values at a version, as plain JSON data; without one, at the newest.

        Raises:
            Expired: That version is not kept any more.
            NotFound: There is no such version yet.
        """
        number = self.newest if at is None else at
        check_context_version(self._name, number, oldest=self.oldest, newest=self.newest)
        return dict(self._values_at(number))

    def diff(self, first: int, second: int) -> dict[str, ContextChange]:
        """What differs between two versions, by key.

        Raises:
            Expired: One of them is not kept any more.
            NotFound: One of them does not exist yet.
        """
        return context_changes(self.read(first), self.read(second))

    def blame(self, key: str) -> list[ContextVersion]:
        """The updates that wrote to a key, oldest first; the last of them is why it is as it is.

        Raises:
            NotFound: None of those that are kept wrote to it.
        """
        found = [version for version in self.versions if key in version.written]
        if not found:
            raise NotFound(f"{self._name}: no version that is kept wrote {key!r}")
        return found


def context_history(journal: Iterable[Event]) -> ContextHistory:
    """The context of an operation, by its journal.

    Raises:
        IllegalEvent: That is no journal of an operation.
    """
    events = list(journal)
    state = replay(events)
    versions = [
        ContextVersion(
            number=number,
            at=event.at,
            by=event.stage,
            attempt=event.attempt if isinstance(event, AttemptSucceeded) else None,
            written=_written(event),
        )
        for number, event in enumerate(events, start=1)
        if isinstance(event, AttemptSucceeded | ResultCarried) and event.context
    ]

    def values_at(number: int) -> Mapping[str, object]:
        # Before the first event there is no operation yet, and nothing in its context.
        context = replay(events[:number]).context if number else {}
        return {key: entry.value for key, entry in context.items()}

    return ContextHistory(
        versions, values_at, newest=state.version, name=f"the context of operation {state.operation_id}"
    )


def shared_history(events: Iterable[Event], *, after: int = 0, name: str = "this context") -> ContextHistory:
    """A shared context, by the events of its stream.

    Args:
        events: The events, from the beginning or from a snapshot on.
        after: The number of the event before the first of them.
        name: What it is called, for messages.

    Raises:
        IllegalEvent: These are no events of a shared context.
    """
    taken = list(events)
    context = SharedContext()
    context.number = after
    versions: list[ContextVersion] = []
    # For each version, from the first one that can be computed on, how many events lead to it.
    counts: dict[int, int] = {} if after else {0: 0}
    for count, event in enumerate(taken, start=1):
        update = context.apply(event)
        counts.setdefault(context.version, count)
        if update is not None:
            versions.append(context_version(update, context.version))

    def values_at(number: int) -> Mapping[str, object]:
        past = SharedContext.replay(taken[: counts[number]], after=after)
        return {key: entry.value for key, entry in past.entries.items()}

    oldest = max(context.oldest, min(counts, default=0))
    kept = [version for version in versions if version.number >= oldest]
    return ContextHistory(kept, values_at, oldest=oldest, newest=context.version, name=name)


def context_version(update: ContextUpdated, number: int) -> ContextVersion:
    """An update as a version."""
    return ContextVersion(number=number, at=update.at, by=update.by, written=json.loads(update.context))


def context_changes(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, ContextChange]:
    """What differs between two readings, by key; values are compared as the JSON that they are."""
    return {
        key: ContextChange(
            before=before.get(key), after=after.get(key), is_new=key not in before, is_gone=key not in after
        )
        for key in sorted({*before, *after})
        if _text(before.get(key, ABSENT)) != _text(after.get(key, ABSENT))
    }


def check_context_version(name: str, number: int, *, oldest: int, newest: int) -> None:
    """Refuse a version that cannot be read.

    Raises:
        Expired: It is not kept any more.
        NotFound: It does not exist yet.
    """
    if number > newest or number < 0:
        raise NotFound(f"{name} has no version {number}; its newest is {newest}")
    if number < oldest:
        raise Expired(f"{name}: version {number} is not kept any more; the oldest that is kept is {oldest}")


def _written(event: AttemptSucceeded | ResultCarried) -> dict[str, object]:
    if isinstance(event, AttemptSucceeded):
        return cast("dict[str, object]", json.loads(event.context))
    # Several writes were taken over at once; of each key the last one is shown.
    texts = cast("list[str]", json.loads(event.context))
    return {key: value for text in texts for key, value in cast("dict[str, object]", json.loads(text)).items()}


def _text(value: object) -> str:
    # As texts, since 1, 1.0 and true are equal as values.
    return "" if value is ABSENT else json.dumps(value, sort_keys=True)

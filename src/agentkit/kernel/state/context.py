"""Where a shared context stands: `SharedContext`, folded from the events of its stream.

Rules: a version is an update, counted from 1; version 0 is empty. Every `SNAPSHOT_EVERY`-th event of a stream is a
snapshot, so whoever begins to read finds one without reading all that came before, and no other event may stand there.
The fold owns its values: it changes none of them, and nobody else may.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, Self, cast

from agentkit.errors import IllegalEvent, MergeConflict
from agentkit.kernel.definition.conditions import ABSENT
from agentkit.kernel.definition.merging import merged
from agentkit.kernel.events.context import ContextCompacted, ContextUpdated
from agentkit.kernel.events.operation import Event

__all__ = ["SNAPSHOT_EVERY", "SharedContext", "SharedEntry"]

SNAPSHOT_EVERY: Final = 256
"""Each event of a shared context whose number is a multiple of this is a snapshot."""


class SharedEntry(NamedTuple):
    """A key of a shared context: its value, and which version wrote it last, when, and by whom."""

    value: object
    version: int
    at: float
    by: str


class SharedContext:
    """What a shared context holds.

    Attributes:
        entries: Its keys.
        number: How many events it has seen; the number of the newest one.
        version: How many updates there were.
        oldest: The oldest version that can still be read.

    Example:
        >>> context = SharedContext.replay([ContextUpdated(at=1.0, context='{"rate": 2}', by="ada")])
        >>> context.entries["rate"]
        SharedEntry(value=2, version=1, at=1.0, by='ada')
    """

    __slots__ = ("entries", "number", "oldest", "version")

    def __init__(self) -> None:
        self.entries: dict[str, SharedEntry] = {}
        self.number: int = 0
        self.version: int = 0
        self.oldest: int = 0

    @classmethod
    def replay(cls, events: Iterable[Event], *, after: int = 0) -> Self:
        """Fold a stream, from its beginning or from one of its snapshots on.

        Args:
            events: The events, in order.
            after: The number of the event before the first of them; then the first is a snapshot.

        Raises:
            IllegalEvent: One of them cannot have happened.
        """
        context = cls()
        context.number = after
        for event in events:
            context.apply(event)
        return context

    def apply(self, event: Event) -> ContextUpdated | None:
        """Take the next event in; give it back if it made a new version.

        Raises:
            IllegalEvent: It cannot have happened; nothing has changed.
        """
        number = self.number + 1
        match event:
            case ContextUpdated() if number % SNAPSHOT_EVERY:
                self.accept(self._after(event), events=1)
                return event
            case ContextCompacted():
                self._compacted(event)
                return None
            case _:
                raise IllegalEvent(f"event {number} of a shared context cannot be {type(event).__name__}")

    def value(self, key: str, over: Mapping[str, SharedEntry] | None = None) -> object:
        """The value of a key; `ABSENT` if there is none."""
        entry = (over.get(key) if over else None) or self.entries.get(key)
        return ABSENT if entry is None else entry.value

    def accept(self, changed: Mapping[str, SharedEntry], *, events: int, versions: int = 1) -> None:
        """Take in what the next events have made of some keys."""
        self.entries.update(changed)
        self.number += events
        self.version += versions

    def compacted(
        self, at: float, oldest: int, over: Mapping[str, SharedEntry] | None = None, versions: int = 0
    ) -> ContextCompacted:
        """The snapshot that may follow now.

        Args:
            at: When.
            oldest: The oldest version that is to be kept, at least.
            over: What updates before it, which are not taken in yet, have made of some keys.
            versions: How many updates these are.

        Raises:
            TypeError: A value is no JSON, which cannot happen to what was read as such.
        """
        entries = {**self.entries, **over} if over else self.entries
        return ContextCompacted(
            at=at,
            context=json.dumps({key: list(entry) for key, entry in entries.items()}, separators=(",", ":")),
            version=self.version + versions,
            oldest=max(oldest, self.oldest),
        )

    def _after(self, event: ContextUpdated) -> dict[str, SharedEntry]:
        version = self.version + 1
        try:
            written = cast("dict[str, object]", json.loads(event.context))
            merges = cast("dict[str, str]", json.loads(event.merges)) if event.merges else {}
            return {
                key: SharedEntry(
                    merged(merges.get(key, "replace"), key, self.value(key), new), version, event.at, event.by
                )
                for key, new in written.items()
            }
        except (MergeConflict, ValueError, AttributeError) as error:
            raise IllegalEvent(f"version {version} of a shared context cannot be written: {error}") from error

    def _compacted(self, event: ContextCompacted) -> None:
        is_first = not self.version and self.number
        if not is_first and event.version != self.version:
            raise IllegalEvent(f"a snapshot of version {event.version} cannot follow version {self.version}")
        if is_first:
            try:
                entries = cast("dict[str, list[Any]]", json.loads(event.context))
                self.entries = {key: SharedEntry(*entry) for key, entry in entries.items()}
            except (ValueError, TypeError, AttributeError) as error:
                raise IllegalEvent(f"event {self.number + 1} of a shared context is no snapshot: {error}") from error
        self.number += 1
        self.version = event.version
        self.oldest = event.oldest

"""The stream of one learner: where it stands, and how something is written to it.

Rules: what is written is decided on the newest state and written expecting it, so of two writers, in whatever
processes, one is first and the other decides again; what belongs together is one event. Every so many events there is a
snapshot of the state, so whoever begins to read looks at few of them. A stream of a learner is no operation: nobody
drives it, and no list shows it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar, cast

from agentkit.agents import Entry, LearningState, entry_data, entry_of
from agentkit.errors import JournalConflict, JournalCorrupt
from agentkit.kernel import ContextCompacted, ContextUpdated, Event
from agentkit.orchestrator.context.records import RecordBook
from agentkit.stores import Store

__all__ = ["LearningStream", "learner_names"]

T = TypeVar("T")
Decide: TypeAlias = Callable[[LearningState], tuple[T, Sequence[Entry]]]
"""Says, by where learning stands, what to answer and what to write."""

_SNAPSHOT_EVERY: Final = 1_000
_PAGE: Final = 500
_BOOK: Final = "agentkit.learners"


class LearningStream:
    """One stream, and what is known of it here.

    Args:
        store: Where it is; it is opened when it is first used.
        name: What the learner is called.
        tenant: Whose it is.
        now: What time it is, in seconds since 1970.

    Attributes:
        state: Where learning stands, as far as is known here.
    """

    def __init__(self, store: Store, name: str, *, tenant: str | None, now: Callable[[], float]) -> None:
        self.state: LearningState = LearningState()
        self._store = store
        self._parts = json.dumps([tenant, name], separators=(",", ":"))
        self._name = "learning" + self._parts
        self._now = now
        self._number = 0
        self._is_known = False
        self._lock = asyncio.Lock()

    async def look(self) -> LearningState:
        """Where learning stands now.

        Raises:
            JournalCorrupt: It is no stream of a learner.
            StoreError: The store failed.
        """
        async with self._lock:
            await self._begin()
            await self._catch_up()
            return self.state

    async def write(self, decide: Decide[T]) -> T:
        """Decide something and write it; when this returns it is kept.

        Args:
            decide: Asked again whenever somebody else was first; it may raise.

        Returns:
            What it answers.

        Raises:
            StoreError: The store failed; it may have happened. What `decide` raises is raised again.
        """
        async with self._lock:
            is_newest = await self._begin()
            while True:
                answer, entries = decide(self.state)
                if not entries and not is_newest:
                    # What is known here may be old, and so may be the reason to write nothing.
                    await self._catch_up()
                    is_newest = True
                    continue
                if entries and not await self._append(entries):
                    continue
                return answer

    async def entries(self) -> AsyncGenerator[tuple[int, Entry], None]:
        """All that was written, the oldest first, each with the number of its event.

        Raises:
            StoreError: The store failed.
        """
        await self._store.open()
        after = 0
        while found := await self._store.read(self._name, after=after, limit=_PAGE):
            for number, event in enumerate(found, start=after + 1):
                for entry in self._read(event, number):
                    yield number, entry
            after += len(found)

    async def _append(self, entries: Sequence[Entry]) -> bool:
        """Write entries as one event, and a snapshot before it where one has to stand; False if somebody was first."""
        events: list[Event] = []
        at = self._now()
        if not self._number:
            await self._announce()
        if not (self._number + 1) % _SNAPSHOT_EVERY:
            state = json.dumps(self.state.to_data(), separators=(",", ":"))
            events.append(ContextCompacted(at=at, context=state, version=self._number))
        text = json.dumps({"entries": [entry_data(entry) for entry in entries]}, separators=(",", ":"))
        events.append(ContextUpdated(at=at, context=text))
        try:
            await self._store.append(self._name, events, expected=self._number)
        except JournalConflict:
            await self._catch_up()
            return False
        self._number += len(events)
        for entry in entries:
            self.state.apply(entry)
        return True

    async def _announce(self) -> None:
        """Have the learner be listed, before it has written anything."""
        book = RecordBook(self._store, _BOOK, lambda name, kept: name, now=self._now)
        await book.change(lambda known: {} if self._parts in known else {self._parts: True}, by="learner")

    async def _begin(self) -> bool:
        """Open the store and read the stream; whether that was done now, so that all of it is known."""
        if self._is_known:
            return False
        await self._store.open()
        place = await self._snapshot()
        if place:
            found = await self._store.read(self._name, after=place * _SNAPSHOT_EVERY - 1, limit=1)
            self.state = LearningState.from_data(_object(cast("ContextCompacted", found[0]).context))
            self._number = place * _SNAPSHOT_EVERY
        await self._catch_up()
        self._is_known = True
        return True

    async def _catch_up(self) -> None:
        while events := await self._store.read(self._name, after=self._number, limit=_PAGE):
            for event in events:
                for entry in self._read(event, self._number + 1):
                    self.state.apply(entry)
                self._number += 1

    async def _snapshot(self) -> int:
        """Which snapshot is the newest; 0 if there is none. First by leaps that double, then by halves."""
        known, unknown = 0, 1
        while await self._is_snapshot(unknown):
            known, unknown = unknown, 2 * unknown
        while unknown - known > 1:
            middle = (known + unknown) // 2
            if await self._is_snapshot(middle):
                known = middle
            else:
                unknown = middle
        return known

    async def _is_snapshot(self, place: int) -> bool:
        found = await self._store.read(self._name, after=place * _SNAPSHOT_EVERY - 1, limit=1)
        return bool(found) and isinstance(found[0], ContextCompacted)

    def _read(self, event: Event, number: int) -> Sequence[Entry]:
        """The entries of an event; a snapshot has none."""
        if isinstance(event, ContextCompacted):
            return ()
        try:
            if isinstance(event, ContextUpdated):
                return [entry_of(data) for data in cast("list[object]", _object(event.context)["entries"])]
        except (ValueError, KeyError, TypeError) as error:
            raise JournalCorrupt(f"stream {self._name!r}, event {number}: this is nothing of a learner") from error
        raise JournalCorrupt(f"stream {self._name!r}, event {number}: {type(event).__name__} is nothing of a learner")


def _object(text: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(text))


async def learner_names(store: Store) -> Sequence[tuple[str | None, str]]:
    """The learners of a store: whose each is, and what it is called.

    Raises:
        StoreError: The store failed.
    """
    book = RecordBook(store, _BOOK, lambda name, kept: name, now=lambda: 0.0)
    return [cast("tuple[str | None, str]", tuple(json.loads(parts))) for parts in sorted(await book.look())]

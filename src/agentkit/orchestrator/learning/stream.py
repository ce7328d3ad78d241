"""The stream of one learner: where it stands, and how something is written to it.

Rules: what is written is decided on the newest state and written expecting it, so of two writers, in whatever
processes, one is first and the other decides again; what belongs together is one event. What comes here while something
is being written is written together, each decided after the one before it. Every so many events there is a snapshot of
the state, so whoever begins to read looks at few of them. A stream of a learner is no operation: nobody drives it, and
no list shows it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar, cast

from agentkit.agents import Entry, LearningState, entry_data, entry_of
from agentkit.errors import JournalConflict, JournalCorrupt, UnstorableValue
from agentkit.kernel import ContextCompacted, ContextUpdated, Event
from agentkit.orchestrator.context.records import RecordBook
from agentkit.stores import Store

__all__ = ["Decide", "LearningStream", "learner_names"]

T = TypeVar("T")
Decide: TypeAlias = Callable[[LearningState], tuple[T, Sequence[Entry]]]
"""Says, by where learning stands, what to answer and what to write."""

_SNAPSHOT_EVERY: Final = 1_000
_PAGE: Final = 500
_TOGETHER: Final = 200
"""How much is written at once, at most."""
_BOOK: Final = "agentkit.learners"


class _Asked:
    """Something that is to be decided and written, and what came of it."""

    __slots__ = ("answer", "decide", "error", "is_answered", "writes")

    def __init__(self, decide: Decide[object]) -> None:
        self.decide = decide
        self.answer: object = None
        self.error: Exception | None = None
        self.writes = False
        self.is_answered = False

    def ask(self, state: LearningState) -> Sequence[Entry]:
        """Decide; what is to be written."""
        entries: Sequence[Entry] = ()
        self.error = None
        try:
            self.answer, entries = self.decide(state)
        except Exception as error:  # noqa: BLE001 - whoever asked hears it, and those beside them must not
            self.error = error
        self.writes = bool(entries)
        return entries

    def fail(self, error: Exception) -> None:
        """Answer that it could not be written."""
        self.error, self.is_answered = error, True


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
        self._waiting: list[_Asked] = []

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
        asked = _Asked(decide)
        self._waiting.append(asked)
        try:
            async with self._lock:
                # Whoever was here before may have written this, too.
                while not asked.is_answered:
                    await self._write_some()
        finally:
            # Whoever goes away wants nothing any more.
            if asked in self._waiting:
                self._waiting.remove(asked)
        if asked.error is not None:
            raise asked.error
        return cast("T", asked.answer)

    async def _write_some(self) -> None:
        """Write what waits, up to a bound, and answer it."""
        batch, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
        try:
            await self._write(batch)
        except UnstorableValue as error:
            # One of them is to blame, and the others are not.
            if len(batch) == 1:
                batch[0].fail(error)
            for asked in batch:
                if not asked.is_answered:
                    await self._write_alone(asked)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear it
            for asked in batch:
                asked.fail(error)
        finally:
            self._waiting[:0] = [asked for asked in batch if not asked.is_answered]

    async def _write_alone(self, asked: _Asked) -> None:
        try:
            await self._write([asked])
        except Exception as error:  # noqa: BLE001 - as for many
            asked.fail(error)

    async def _write(self, batch: Sequence[_Asked]) -> None:
        is_newest = await self._begin()
        while True:
            # What one decides the next one has to know, and none of it has happened yet.
            state = self.state.copy() if len(batch) > 1 else self.state
            entries = list[Entry]()
            for asked in batch:
                decided = asked.ask(state)
                entries += decided
                for entry in decided if len(batch) > 1 else ():
                    state.apply(entry)
            if not is_newest and not all(asked.writes for asked in batch):
                # What is known here may be old, and so may be the reason to write nothing.
                await self._catch_up()
                is_newest = True
                continue
            if entries and not await self._append(entries):
                is_newest = True
                continue
            for asked in batch:
                asked.is_answered = True
            return

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

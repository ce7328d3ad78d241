"""Records of one kind in a stream of a store, each kept by itself: `RecordBook`.

Rules: a change writes what it changes and nothing else; it is decided on the newest state and written expecting it, so
two who change something, in whatever processes, undo nothing of each other. What is forgotten is gone with the next
snapshot, which every so many changes holds all that is left. The stream is one of a shared context, with a key for each
record.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeAlias, TypeVar, cast

from agentkit.agents import ValueType
from agentkit.errors import JournalConflict
from agentkit.kernel import SNAPSHOT_EVERY, ContextUpdated, Event, SharedEntry
from agentkit.stores import Store

from .stream import ContextStream, stream_name

__all__ = ["RecordBook", "Records"]

T = TypeVar("T")
Records: TypeAlias = Mapping[str, T]
"""Records by name, as they stand; what is looked up next changes them."""

_MARK: Final = ":"
"""How the key of a record begins, so that it is none of those that hold several records."""
_ANY: Final = ValueType(object)


class RecordBook(Generic[T]):
    """The records of one kind in a store.

    Args:
        store: Where they are kept; it is opened if need be, and whoever made it closes it.
        name: What they are called together.
        read: Makes a record of its name and of the plain JSON data that was kept.
        now: What time it is, in seconds since 1970.
        together: The key under which an earlier agentkit kept all of them in one value, if it did.

    Example:
        >>> import asyncio
        >>> from agentkit.stores import open_store
        >>> async def main() -> None:
        ...     store = open_store("memory://")
        ...     book = RecordBook(store, "rooms", lambda name, kept: str(kept), now=lambda: 0.0)
        ...     await book.change(lambda known: {"a": "free", "b": "free"}, by="ada")
        ...     await book.change(lambda known: {"a": "taken", "b": None}, by="bob")
        ...     print(dict(await book.look()))
        >>> asyncio.run(main())
        {'a': 'taken'}
    """

    def __init__(
        self,
        store: Store,
        name: str,
        read: Callable[[str, object], T],
        *,
        now: Callable[[], float],
        together: str = "",
    ) -> None:
        self._store = store
        self._stream = ContextStream(store, stream_name(None, name))
        self._read = read
        self._now = now
        self._together = together
        self._records: dict[str, T] = {}
        self._is_known = False
        self._lock = asyncio.Lock()

    async def look(self) -> Records[T]:
        """All of them, as they stand now; it costs what has changed since the look before.

        Raises:
            StoreError: The store failed. What `read` raises is raised again.
        """
        async with self._lock:
            await self._catch_up()
            return self._records

    async def change(self, decide: Callable[[Records[T]], Mapping[str, object]], *, by: str) -> Records[T]:
        """Change some of them, all at once; when this returns it is kept.

        If the caller is cancelled meanwhile it may have happened, and after `StoreUnavailable` too.

        Args:
            decide: Says what to keep under which name, None to forget it, by how all of them stand; it may raise.
                Where another process was first, it is asked again.
            by: Who changes them.

        Returns:
            All of them, as they stand then.

        Raises:
            UnstorableValue: A record would not come back equal.
            StoreError: The store failed. What `decide` and `read` raise is raised again.
        """
        async with self._lock:
            while True:
                await self._catch_up()
                changes = decide(self._records)
                if not changes:
                    return self._records
                events = self._events(changes, by)
                try:
                    await self._store.append(self._stream.name, events, expected=self._stream.context.number)
                except JournalConflict:
                    continue
                await self._catch_up()
                return self._records

    def _events(self, changes: Mapping[str, object], by: str) -> list[Event]:
        """What is appended: the change, and before it a snapshot where one has to stand."""
        context, events, at = self._stream.context, list[Event](), self._now()
        texts = {f"{_MARK}{name}": _ANY.encode(value) for name, value in changes.items()}
        if kept := self._kept_together():
            # From now on each is kept by itself.
            there = {f"{_MARK}{name}": value for name, value in kept.items()}
            apart = {key: _ANY.encode(value) for key, value in there.items() if key not in context.entries}
            texts = {self._together: "null"} | apart | texts
        if not (context.number + 1) % SNAPSHOT_EVERY:
            context.entries = _left(context.entries)
            events.append(context.compacted(at, context.version))
        written = ",".join(f"{json.dumps(key)}:{text}" for key, text in texts.items())
        return [*events, ContextUpdated(at=at, context=f"{{{written}}}", by=by)]

    async def _catch_up(self) -> None:
        if not self._is_known:
            await self._store.open()
            await self._stream.begin()
            self._read_all()
            self._is_known = True
        context = self._stream.context
        events = await self._store.read(self._stream.name, after=context.number)
        try:
            for event in events:
                if (updated := context.apply(event)) is not None:
                    self._take(json.loads(updated.context))
                else:
                    # As whoever wrote the snapshot has done: what is forgotten stays in nobody's memory.
                    context.entries = _left(context.entries)
        except Exception:
            # What is read by half is read anew, so that it is never taken for all there is.
            self._is_known = False
            raise

    def _take(self, changed: Mapping[str, object]) -> None:
        if self._together in changed:
            self._read_all()
            return
        for key, value in changed.items():
            name = key.removeprefix(_MARK)
            if value is None:
                self._records.pop(name, None)
            elif name != key:
                self._records[name] = self._read(name, value)

    def _read_all(self) -> None:
        entries = self._stream.context.entries
        apart = {key.removeprefix(_MARK): entry.value for key, entry in entries.items() if key.startswith(_MARK)}
        found = {**self._kept_together(), **apart}
        self._records = {name: self._read(name, value) for name, value in found.items() if value is not None}

    def _kept_together(self) -> Mapping[str, object]:
        entry = self._stream.context.entries.get(self._together)
        return cast("Mapping[str, object]", entry.value) if entry is not None and entry.value is not None else {}


def _left(entries: Mapping[str, SharedEntry]) -> dict[str, SharedEntry]:
    """Those that are not forgotten."""
    return {key: entry for key, entry in entries.items() if entry.value is not None}

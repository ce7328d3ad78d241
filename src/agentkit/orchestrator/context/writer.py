"""Writing to a shared context: what waits at the same time is one append.

Rules: an update is decided on the newest state and appended expecting it, so it happens wholly or not at all, and none
is lost; where another process was first, it is decided again. One that is refused leaves the others alone. That the
asker went away does not undo an update.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from agentkit.agents import ContextKey
from agentkit.engines import Clock
from agentkit.errors import JournalConflict, MergeConflict, UnstorableValue
from agentkit.kernel import ABSENT, SNAPSHOT_EVERY, ContextUpdated, Event, SharedEntry

from .stream import ContextStream

__all__ = ["ContextWriter", "Update"]

_MOST = 500


class Update:
    """What somebody wants to write.

    Args:
        written: The values, by key, as JSON.
        by: Who.
        expected: The version that the whole context must have.
        seen: The version that the writer has seen, for keys that must not have changed since.
    """

    __slots__ = ("by", "expected", "future", "seen", "texts", "values")

    def __init__(
        self, written: Mapping[str, str], *, by: str, expected: int | None = None, seen: int | None = None
    ) -> None:
        self.texts: Mapping[str, str] = written
        self.values: dict[str, object] = {name: json.loads(text) for name, text in written.items()}
        self.by: str = by
        self.expected: int | None = expected
        self.seen: int | None = expected if seen is None else seen
        self.future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def fail(self, error: Exception) -> None:
        """Tell whoever still waits that it did not happen, or that nobody knows."""
        if not self.future.done():
            self.future.set_exception(error)


class _Batch:
    """What a batch of updates makes of the context, before it is written."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.changed: dict[str, SharedEntry] = {}
        self.accepted: list[tuple[Update, int]] = []
        self.refused: list[tuple[Update, MergeConflict]] = []


class _Decided(NamedTuple):
    event: ContextUpdated
    changed: dict[str, SharedEntry]


class ContextWriter:
    """Writes updates in the order in which they came.

    Args:
        stream: Where to.
        keys: How each key is merged.
        clock: What time it is.
        name: What the context is called, for messages.
        keep_versions: How many versions are kept, if not all of them.
    """

    def __init__(
        self,
        stream: ContextStream,
        keys: Mapping[str, ContextKey],
        *,
        clock: Clock,
        name: str,
        keep_versions: int | None,
    ) -> None:
        self._stream = stream
        self._keys = keys
        # What an event says of a key that is neither replaced nor decided here.
        self._merges = {
            name: f"{quoted(name)}:{quoted(key.merge)}"
            for name, key in keys.items()
            if isinstance(key.merge, str) and key.merge not in ("replace", "conflict")
        }
        self._clock = clock
        self._name = name
        self._keep = keep_versions
        self._waiting: list[Update] = []
        self._is_busy = False
        self._task: asyncio.Task[None] | None = None
        self._quiet: asyncio.Future[None] | None = None

    async def write(self, update: Update) -> int:
        """Write it; the version that it made.

        Raises:
            MergeConflict: It cannot be merged, or has not seen the newest version.
            StoreError: The store failed; it may have happened.
        """
        if self._is_busy:
            self._waiting.append(update)
            return await update.future
        # Nobody else is in it, so it may be written right here: if the caller goes away, nobody else is left alone.
        self._is_busy = True
        try:
            await self._write([update])
        finally:
            self._go_on()
        return update.future.result()

    async def compact(self, oldest: int) -> None:
        """Write a snapshot now, before which nothing older than a version is kept.

        Raises:
            StoreError: The store failed; it may have happened.
        """
        while True:
            context = await self._stream.catch_up()
            event = context.compacted(self._clock.now(), oldest)
            try:
                await self._stream.journal.append(self._stream.name, [event], expected=context.number)
            except JournalConflict:
                continue
            break

    async def close(self) -> None:
        """Wait until all is written."""
        if self._is_busy:
            self._quiet = self._quiet or asyncio.get_running_loop().create_future()
            # Several may wait for it, and one that goes away must not end the waiting of the others.
            await asyncio.shield(self._quiet)

    def _go_on(self) -> None:
        """Write what came meanwhile, all of it together."""
        if self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            self._task = asyncio.get_running_loop().create_task(self._work(batch))
            return
        self._is_busy, self._task = False, None
        if self._quiet is not None:
            self._quiet.set_result(None)
            self._quiet = None

    async def _work(self, batch: list[Update]) -> None:
        try:
            await self._write(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear it
            for update in batch:
                update.fail(error)
        finally:
            self._go_on()

    async def _write(self, updates: list[Update]) -> None:
        stream, is_newest = self._stream, False
        while updates := [update for update in updates if not update.future.done()]:
            expected, batch = stream.context.number, self._decide_all(updates)
            if batch.refused and not is_newest:
                # What is known here may be old, so nobody is refused by it.
                await stream.catch_up()
                is_newest = True
                continue
            for update, refusal in batch.refused:
                update.fail(refusal)
            try:
                if batch.events:
                    await stream.journal.append(stream.name, batch.events, expected=expected)
            except JournalConflict:
                await stream.catch_up()
                is_newest = True
                continue
            except UnstorableValue as error:
                # One of them is to blame, and the others are not.
                for update, _ in batch.accepted:
                    if len(batch.accepted) == 1:
                        update.fail(error)
                    else:
                        await self._write([update])
                return
            self._accept(batch, expected)
            return

    def _accept(self, batch: _Batch, expected: int) -> None:
        # Somebody here may have read them already, between the commit and its answer.
        if self._stream.context.number == expected:
            self._stream.context.accept(batch.changed, events=len(batch.events), versions=len(batch.accepted))
        for update, version in batch.accepted:
            if not update.future.done():
                update.future.set_result(version)

    def _decide_all(self, updates: list[Update]) -> _Batch:
        context, batch, at = self._stream.context, _Batch(), self._clock.now()
        for update in updates:
            ahead = len(batch.accepted)
            if not (context.number + len(batch.events) + 1) % SNAPSHOT_EVERY:
                oldest = 0 if self._keep is None else context.version + ahead - self._keep + 1
                batch.events.append(context.compacted(at, oldest, batch.changed, ahead))
            version = context.version + ahead + 1
            try:
                event, changed = self._decide(update, batch.changed, version, at)
            except MergeConflict as error:
                batch.refused.append((update, error))
                continue
            batch.events.append(event)
            batch.changed.update(changed)
            batch.accepted.append((update, version))
        return batch

    def _decide(self, update: Update, over: Mapping[str, SharedEntry], version: int, at: float) -> _Decided:
        """The event of an update, if it may be written as this version."""
        if update.expected is not None and update.expected != version - 1:
            raise MergeConflict(
                f"{self._name} is at version {version - 1}, not {update.expected}: read it again and decide again"
            )
        changed: dict[str, SharedEntry] = {}
        texts, merges = update.texts, list[str]()
        for name, new in update.values.items():
            key = self._keys[name]
            there = over.get(name) or self._stream.context.entries.get(name)
            if key.merge == "conflict" and there is not None and (update.seen is None or update.seen < there.version):
                self._refuse_unseen(name, there, update.seen)
            value = key.merged(ABSENT if there is None else there.value, new)
            changed[name] = SharedEntry(value, version, at, update.by)
            if callable(key.merge):
                # The event holds what the function has made: no other process needs to have it.
                texts = {**texts, name: json.dumps(value)}
            elif name in self._merges:
                merges.append(self._merges[name])
        context = "{" + ",".join([f"{quoted(name)}:{text}" for name, text in texts.items()]) + "}"
        how = "{" + ",".join(merges) + "}" if merges else ""
        return _Decided(ContextUpdated(at=at, context=context, merges=how, by=update.by), changed)

    def _refuse_unseen(self, name: str, there: SharedEntry, seen: int | None) -> None:
        has = "no version was said to have been seen" if seen is None else f"version {seen} was seen"
        raise MergeConflict(
            f"{self._name}: {name!r} was written by {there.by!r} in version {there.version}, and {has};"
            " read it, and give that version as expected_version"
        )

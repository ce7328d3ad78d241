"""An audit trail in a stream of a store: it lies beside the operations that it tells of, and is backed up with them.

Rules: an event of the stream is a line of the trail, so numbers, all-or-nothing and one winner of two writers are those
of the journal. A stream of a trail is no operation: nobody drives it, and no list shows it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator, Sequence
from itertools import islice
from threading import Thread
from typing import Any, TypeVar

from agentkit.engines import Clock, SystemClock
from agentkit.errors import AuditError, Closed, DefinitionError, JournalConflict, StoreError
from agentkit.kernel import ContextUpdated, Event
from agentkit.stores import Store, open_store

__all__ = ["JournalSink"]

T = TypeVar("T")
_PAGE = 200


class JournalSink:
    """Keeps a trail in a stream of a store; see `AuditSink`. It opens the store for itself, on a thread of its own.

    So it is called like any other sink, from any thread: in plain functions, in agents and beside a running
    orchestrator. Like any other sink it blocks whoever calls it; in an event loop let entries wait (`buffered=`), and
    have a thread write them: `await asyncio.to_thread(trail.flush)`.

    Args:
        store: Where it is kept: the address that operations are kept at, or a store that nobody has opened.
        name: Which trail; the id of an operation makes it the trail of that operation.
        clock: What time the journal is told; entries have times of their own.
        loop: The loop on which the store that is given is open already. Then it is used there, and stays open; all
            calls, this one too, have to come from other threads: `await asyncio.to_thread(JournalSink, ...)`.

    Raises:
        DefinitionError: The address is none of a store, or the name is empty.
        AuditError: The store cannot be opened.

    Example:
        >>> from agentkit.engines import SystemClock
        >>> from agentkit.money import AuditTrail
        >>> with AuditTrail(JournalSink("sqlite:///runs.db", "march"), clock=SystemClock()) as trail:
        ...     entry = trail.append(actor="ada", operation="close", inputs={}, outputs={})
        ...     trail.verify().size
        1
    """

    def __init__(
        self,
        store: Store | str,
        name: str,
        *,
        clock: Clock | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        if not name:
            raise DefinitionError("a trail has a name that is not empty, such as the id of its operation")
        self._where = f"trail {name!r}"
        self._stream = "audit" + json.dumps([name])
        self._clock = clock or SystemClock()
        self._store = open_store(store) if isinstance(store, str) else store
        self._known = 0
        self._doubtful: int | None = None
        """Where lines were to be written when the store failed: they may be there."""
        self._loop: asyncio.AbstractEventLoop | None = loop or asyncio.new_event_loop()
        self._thread: Thread | None = None
        if loop is not None:
            return
        self._thread = Thread(target=self._loop.run_forever, name=f"agentkit keeps {self._where}", daemon=True)
        self._thread.start()
        try:
            self._wait_for(self._store.open())
        except BaseException:
            self._end()
            raise

    @property
    def size(self) -> int:
        """See `AuditSink.size`."""
        return self._wait_for(self._count())

    def append(self, lines: Sequence[bytes], *, expected: int) -> None:
        """See `AuditSink.append`."""
        if self._doubtful == expected:
            done = self._kept(lines, expected)
            lines, expected = lines[done:], expected + done
        self._doubtful = None
        if not lines:
            return
        at = self._clock.now()
        events = [ContextUpdated(at=at, context=_text_of(line)) for line in lines]
        try:
            self._wait_for(self._store.append(self._stream, events, expected=expected))
        except JournalConflict as error:
            message = f"another writer was at {self._where}: it has not {expected} entries any more; open it again"
            raise AuditError(message) from error
        except AuditError:
            self._doubtful = expected
            raise

    def sync(self) -> None:
        """See `AuditSink.sync`: what a store has acknowledged is kept as the store promises."""
        self._running()

    def read(self, after: int = 0) -> Iterator[bytes]:
        """See `AuditSink.read`."""
        while found := self._wait_for(self._store.read(self._stream, after=after, limit=_PAGE)):
            yield from map(_line_of, found)
            after += len(found)

    def close(self) -> None:
        """See `AuditSink.close`. It closes the store that it has opened."""
        if self._loop is None:
            return
        try:
            if self._thread is not None:
                self._wait_for(self._store.close())
        finally:
            self._end()

    def _kept(self, lines: Sequence[bytes], after: int) -> int:
        """How many of these lines were kept by a write of which nobody knew; none, if there are others."""
        found = [*islice(self.read(after), len(lines))]
        return len(found) if found == [*lines[: len(found)]] else 0

    async def _count(self) -> int:
        """Count the lines: first by leaps that double, then by halves, from where the end was when last looked for."""
        step = 1
        while await self._has(self._known + step):
            self._known += step
            step *= 2
        while step > 1:
            step //= 2
            if await self._has(self._known + step):
                self._known += step
        return self._known

    async def _has(self, number: int) -> bool:
        return bool(await self._store.read(self._stream, after=number - 1, limit=1))

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Have it done on the loop, and wait for it here."""
        try:
            loop = self._running()
        except Closed:
            work.close()
            raise
        try:
            return asyncio.run_coroutine_threadsafe(work, loop).result()
        except JournalConflict:
            raise
        except StoreError as error:
            raise AuditError(f"{self._where} cannot be used: {error}") from error

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise Closed(f"{self._where} was closed: open it again")
        return self._loop

    def _end(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None and self._thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()
            loop.close()


def _text_of(line: bytes) -> str:
    """A line as the one value of an update; bytes that are no UTF-8 come back as they were."""
    return json.dumps({"line": line.decode(errors="surrogateescape")})


def _line_of(event: Event) -> bytes:
    if isinstance(event, ContextUpdated):
        line = json.loads(event.context).get("line")
        if isinstance(line, str):
            return line.encode(errors="surrogateescape")
    # Whatever somebody has put there in place of a line is none, and is found as such.
    return repr(event).encode(errors="backslashreplace")

"""`MemoryStore`: journals in this process's memory. The reference for every other store.

Rules: it keeps the event objects themselves, which nobody can change; what it keeps lives as long as the process.
`sibling` gives another owner on the same memory, as another process would be on the same file.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count
from operator import itemgetter
from string import ascii_lowercase, ascii_uppercase

from agentkit.errors import Closed, JournalConflict, LeaseLost, NotFound, UnstorableValue, UsageError
from agentkit.kernel import Event

from .bells import BATCH, Bells, Ear, follow
from .ports import Lease, Sort, Store, Summary

__all__ = ["MemoryStore"]

# No other letters: as SQLite compares.
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


class _Stream:
    """What is kept of one stream."""

    __slots__ = ("events", "owner", "summary", "token")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.summary: Summary | None = None
        self.owner: str | None = None
        self.token = 0


class _Memory:
    """What siblings share."""

    __slots__ = ("artifacts", "bells", "ears", "living", "numbers", "streams", "unended")

    def __init__(self) -> None:
        self.streams: dict[str, _Stream] = {}
        self.unended: dict[str, _Stream] = {}
        self.artifacts: dict[str, bytes] = {}
        self.living: set[str] = set()
        self.numbers = count(1)
        self.bells = Bells()
        self.ears: list[Ear] = []


class MemoryStore(Store):
    """A store in memory, for tests, scripts and everything that need not survive its process.

    Example:
        >>> import asyncio
        >>> async def main() -> int:
        ...     async with MemoryStore() as store:
        ...         return len(await store.read("nothing"))
        >>> asyncio.run(main())
        0
    """

    __slots__ = ("_is_open", "_memory", "_owner")

    def __init__(self, *, shared: MemoryStore | None = None) -> None:
        self._memory: _Memory = _Memory() if shared is None else shared._memory  # noqa: SLF001 - it is a sibling's
        self._owner = f"memory-{next(self._memory.numbers)}"
        self._is_open = False

    @property
    def owner(self) -> str:
        """The name of this owner; no two on the same memory ever have the same."""
        return self._owner

    def sibling(self) -> MemoryStore:
        """Another owner on the same memory, not opened yet."""
        return MemoryStore(shared=self)

    def abandon(self) -> None:
        """Close as a killed process does: nothing is released, so every lease of this owner is orphaned."""
        self._is_open = False
        self._memory.living.discard(self._owner)
        self._memory.bells.ring_all()
        for ear in self._memory.ears:
            ear.hear(())

    async def open(self) -> None:
        """Open it; a second call changes nothing."""
        self._is_open = True
        self._memory.living.add(self._owner)

    async def close(self) -> None:
        """Release every lease and close; the memory stays, for siblings and for this store if it is opened again."""
        if self._is_open:
            for kept in self._memory.streams.values():
                if kept.owner == self._owner:
                    kept.owner = None
            self.abandon()

    async def append(
        self,
        stream: str,
        events: Sequence[Event],
        *,
        expected: int,
        lease: Lease | None = None,
        summary: Summary | None = None,
    ) -> None:
        """See `Journal.append`."""
        kept = self._streams().get(stream)
        actual = 0 if kept is None else len(kept.events)
        if lease is not None and (expected or not actual):
            _check_lease(stream, kept, lease)
        if actual != expected:
            raise JournalConflict(stream, expected=expected, actual=actual)
        if not events:
            raise UsageError(f"stream {stream!r}: there is nothing to append")
        if kept is None:
            kept = self._begin(stream, lease)
        kept.events.extend(events)
        if summary is not None:
            kept.summary = summary
            if summary.ended:
                self._memory.unended.pop(stream, None)
            else:
                self._memory.unended[stream] = kept
        if self._memory.bells:
            self._memory.bells.ring(stream)
        for ear in self._memory.ears:
            if ear.hears_own or ear.owner != self._owner:
                ear.hear((stream,))

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        """See `Journal.read`."""
        kept = self._streams().get(stream)
        if kept is None:
            return ()
        return kept.events[after : None if limit is None else after + limit]

    async def keep(self, content: bytes) -> str:
        """See `Artifacts.keep`."""
        self._streams()
        key = sha256(content).hexdigest()
        self._memory.artifacts.setdefault(key, bytes(content))
        return key

    async def artifact(self, sha256: str) -> bytes:
        """See `Artifacts.artifact`."""
        self._streams()
        if sha256 not in self._memory.artifacts:
            raise NotFound(f"no artifact is kept under {sha256!r}")
        return self._memory.artifacts[sha256]

    def watch(self, stream: str, *, after: int = 0) -> AsyncGenerator[Sequence[Event], None]:
        """See `Journal.watch`."""
        return follow(self._memory.bells, stream, after, self._read_on)

    def foreign(self) -> AsyncGenerator[Sequence[str], None]:
        """See `Journal.foreign`."""
        return self._heard(Ear(self._owner))

    def changes(self) -> AsyncGenerator[Sequence[str], None]:
        """See `Journal.changes`."""
        return self._heard(Ear(self._owner, hears_own=True))

    async def _heard(self, ear: Ear) -> AsyncGenerator[Sequence[str], None]:
        self._memory.ears.append(ear)
        try:
            if ear.hears_own:
                yield ()
            while True:
                self._streams()
                if heard := await ear.next():
                    yield heard
        finally:
            self._memory.ears.remove(ear)

    async def _read_on(self, stream: str, after: int) -> Sequence[Event]:
        return await self.read(stream, after=after, limit=BATCH)

    async def find(  # noqa: PLR0913 - every filter is an argument
        self,
        *,
        name: str | None = None,
        status: Sequence[str] | None = None,
        waiting: str | None = None,
        tenant: str | None = None,
        text: str | None = None,
        ended: bool | None = None,
        after: float | None = None,
        until: float | None = None,
        sort: Sort = "newest",
        before: tuple[float, str] | None = None,
        limit: int = 100,
    ) -> Sequence[Summary]:
        """See `Journal.find`."""
        streams = self._streams() if ended is not False else self._unended()
        part = None if text is None else text.translate(_SMALL)
        found = [
            (place, kept)
            for stream, kept in streams.items()
            if (summary := kept.summary) is not None
            and (name is None or summary.name == name)
            and (status is None or summary.status in status)
            and (waiting is None or waiting in summary.waiting.split())
            and (tenant is None or summary.tenant == tenant)
            and (part is None or part in stream.translate(_SMALL) or part in summary.name.translate(_SMALL))
            and (ended is None or summary.ended == ended)
            and (after is None or summary.created_at >= after)
            and (until is None or summary.created_at < until)
            for place in [(summary.updated_at if sort == "changed" else summary.created_at, stream)]
            if before is None or (place > before if sort == "oldest" else place < before)
        ]
        found.sort(key=itemgetter(0), reverse=sort != "oldest")
        return [replace(kept.summary, version=len(kept.events)) for _, kept in found[:limit] if kept.summary]

    async def get(self, stream: str) -> Summary | None:
        """See `Journal.get`."""
        kept = self._streams().get(stream)
        if kept is None or kept.summary is None:
            return None
        return replace(kept.summary, version=len(kept.events))

    def fresh(self, stream: str) -> Lease:
        """See `Leases.fresh`."""
        return Lease(stream=stream, owner=self._owner, token=1)

    async def claim(self, stream: str, *, take: bool = False, own: bool = False) -> Lease | None:
        """See `Leases.claim`."""
        kept = self._streams().get(stream)
        if kept is None:
            return None
        living = kept.owner in self._memory.living
        if living and not (take or (own and kept.owner == self._owner)):
            return None
        orphaned = kept.owner is not None and not living
        kept.owner = self._owner
        kept.token += 1
        return Lease(stream=stream, owner=self._owner, token=kept.token, orphaned=orphaned)

    async def renew(self, lease: Lease) -> bool:
        """See `Leases.renew`."""
        return _holds(self._streams().get(lease.stream), lease)

    async def release(self, lease: Lease) -> None:
        """See `Leases.release`."""
        kept = self._streams().get(lease.stream)
        if kept is not None and _holds(kept, lease):
            kept.owner = None

    async def orphans(self, *, now: float, limit: int = 100) -> Sequence[str]:
        """See `Leases.orphans`."""
        living = self._memory.living
        found = [
            (kept.summary.created_at, stream)
            for stream, kept in self._unended().items()
            if kept.summary is not None
            and (not kept.summary.parked or (kept.summary.wake_at is not None and kept.summary.wake_at <= now))
            and kept.owner not in living
        ]
        return [stream for _, stream in sorted(found)[:limit]]

    def _streams(self) -> dict[str, _Stream]:
        if not self._is_open:
            raise Closed("the memory store is not open: use `async with`, or call `open` first")
        return self._memory.streams

    def _unended(self) -> dict[str, _Stream]:
        """Those with a summary that says that they have not ended."""
        self._streams()
        return self._memory.unended

    def _begin(self, stream: str, lease: Lease | None) -> _Stream:
        if not stream.isascii():
            try:
                stream.encode()
            except UnicodeEncodeError as error:
                raise UnstorableValue(f"stream {stream!r}: the name is no valid Unicode") from error
        kept = self._memory.streams[stream] = _Stream()
        if lease is not None:
            kept.owner = lease.owner
            kept.token = lease.token
        return kept


def _holds(kept: _Stream | None, lease: Lease) -> bool:
    return kept is not None and kept.owner == lease.owner and kept.token == lease.token


def _check_lease(stream: str, kept: _Stream | None, lease: Lease) -> None:
    if lease.stream != stream:
        raise UsageError(f"stream {stream!r} cannot be written under a lease for {lease.stream!r}")
    if lease.token == 1 if kept is None else _holds(kept, lease):
        return
    raise LeaseLost(f"stream {stream!r}: owner {lease.owner} lost it; what it computed is not kept")

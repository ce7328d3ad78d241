"""A store that tells observers what was appended through it.

Rules: everything else is passed on as it is. An observer is told after the events are kept, in order within a stream;
what it does with them costs whoever appended nothing but the call, and an observer that raises is nobody's failure.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from agentkit.kernel import Event

from .ports import Lease, Sort, Store, Summary

__all__ = ["ObservedStore", "Observer"]

_log = logging.getLogger("agentkit")


class Observer(Protocol):
    """Who is told what happened. It must be quick: it is called on the loop, between an append and its answer."""

    def appended(self, stream: str, events: Sequence[Event], *, after: int) -> None:
        """Hear what was appended to a stream by this process.

        An append whose answer was lost is not told: then the next one begins further on than the one before ended.

        Args:
            stream: Which stream; not every one is an operation.
            events: What happened.
            after: The number of the event before the first of them.
        """
        ...


class ObservedStore(Store):
    """Passes everything on to a store, and tells observers what was appended.

    Args:
        inner: The store that does the work.
        observers: Who is told; whoever has the list may add to it.

    Attributes:
        inner: The store that does the work.
    """

    def __init__(self, inner: Store, observers: Sequence[Observer]) -> None:
        self.inner: Store = inner
        self._observers = observers

    @property
    def owner(self) -> str:
        """See `Leases.owner`."""
        return self.inner.owner

    async def open(self) -> None:
        """See `Store.open`."""
        await self.inner.open()

    async def close(self) -> None:
        """See `Store.close`."""
        await self.inner.close()

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
        await self.inner.append(stream, events, expected=expected, lease=lease, summary=summary)
        for observer in self._observers:
            try:
                observer.appended(stream, events, after=expected)
            except Exception:  # noqa: BLE001 - the border to an observer: what was kept is kept
                _log.exception("what happened to %s could not be told to %s", stream, type(observer).__name__)

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        """See `Journal.read`."""
        return await self.inner.read(stream, after=after, limit=limit)

    def watch(self, stream: str, *, after: int = 0) -> AsyncGenerator[Sequence[Event], None]:
        """See `Journal.watch`."""
        return self.inner.watch(stream, after=after)

    def foreign(self) -> AsyncGenerator[Sequence[str], None]:
        """See `Journal.foreign`."""
        return self.inner.foreign()

    def changes(self) -> AsyncGenerator[Sequence[str], None]:
        """See `Journal.changes`."""
        return self.inner.changes()

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
        return await self.inner.find(
            name=name,
            status=status,
            waiting=waiting,
            tenant=tenant,
            text=text,
            ended=ended,
            after=after,
            until=until,
            sort=sort,
            before=before,
            limit=limit,
        )

    async def get(self, stream: str) -> Summary | None:
        """See `Journal.get`."""
        return await self.inner.get(stream)

    def fresh(self, stream: str) -> Lease:
        """See `Leases.fresh`."""
        return self.inner.fresh(stream)

    async def claim(self, stream: str, *, take: bool = False, own: bool = False) -> Lease | None:
        """See `Leases.claim`."""
        return await self.inner.claim(stream, take=take, own=own)

    async def renew(self, lease: Lease) -> bool:
        """See `Leases.renew`."""
        return await self.inner.renew(lease)

    async def release(self, lease: Lease) -> None:
        """See `Leases.release`."""
        await self.inner.release(lease)

    async def orphans(self, *, now: float, limit: int = 100) -> Sequence[str]:
        """See `Leases.orphans`."""
        return await self.inner.orphans(now=now, limit=limit)

    async def keep(self, content: bytes) -> str:
        """See `Artifacts.keep`."""
        return await self.inner.keep(content)

    async def artifact(self, sha256: str) -> bytes:
        """See `Artifacts.artifact`."""
        return await self.inner.artifact(sha256)

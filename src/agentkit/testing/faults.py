"""`FaultyStore`: a store that goes wrong at the call you choose.

Rules: it keeps nothing itself; a fault strikes once, at the n-th call; every call is counted, so that a test can try
each one in turn.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from agentkit.errors import StoreUnavailable
from agentkit.kernel import Event
from agentkit.stores import Lease, Sort, Store, Summary

__all__ = ["Call", "Fault", "FaultKind", "FaultyStore"]

Call: TypeAlias = Literal[
    "open", "close", "append", "read", "find", "get", "claim", "renew", "release", "orphans", "keep", "artifact"
]
"""A method of a store that can go wrong; `watch`, `foreign` and `changes` are passed on as they are."""

FaultKind: TypeAlias = Literal["fail_before", "fail_after", "delay", "hang", "kill_before", "kill_after"]
"""What happens: an error with nothing done; an error although it was done; some turns of the loop later; not until
`thaw`; the process is killed with nothing done; it is killed when it was done."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: What happens.
        number: At which call, from 1.
        call: Counted among the calls of this method; None counts all calls together.
    """

    kind: FaultKind
    number: int
    call: Call | None = None


class FaultyStore(Store):
    """A store that passes everything on to another one, but for its faults.

    Attributes:
        inner: The store that does the work.
        calls: The name of every call so far, in order.
        struck: The faults that have happened.

    Example:
        >>> from agentkit.stores import MemoryStore
        >>> store = FaultyStore(MemoryStore(), Fault(kind="fail_after", number=2, call="append"))
        >>> store.calls
        []
    """

    def __init__(self, inner: Store, *faults: Fault) -> None:
        self.inner = inner
        self.calls: list[Call] = []
        self.struck: list[Fault] = []
        self._faults = faults
        self._counts: Counter[Call | None] = Counter()
        self._thawed = asyncio.Event()

    @property
    def owner(self) -> str:
        """The name of the inner store's owner."""
        return self.inner.owner

    def thaw(self) -> None:
        """Let every call that hangs go on."""
        self._thawed.set()

    async def open(self) -> None:
        """See `Store.open`."""
        await self._pass("open", self.inner.open)

    async def close(self) -> None:
        """See `Store.close`."""
        await self._pass("close", self.inner.close)

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
        await self._pass(
            "append", lambda: self.inner.append(stream, events, expected=expected, lease=lease, summary=summary)
        )

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        """See `Journal.read`."""
        return await self._pass("read", lambda: self.inner.read(stream, after=after, limit=limit))

    async def keep(self, content: bytes) -> str:
        """See `Artifacts.keep`."""
        return await self._pass("keep", lambda: self.inner.keep(content))

    async def artifact(self, sha256: str) -> bytes:
        """See `Artifacts.artifact`."""
        return await self._pass("artifact", lambda: self.inner.artifact(sha256))

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
        return await self._pass(
            "find",
            lambda: self.inner.find(
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
            ),
        )

    async def get(self, stream: str) -> Summary | None:
        """See `Journal.get`."""
        return await self._pass("get", lambda: self.inner.get(stream))

    def fresh(self, stream: str) -> Lease:
        """See `Leases.fresh`."""
        return self.inner.fresh(stream)

    async def claim(self, stream: str, *, take: bool = False, own: bool = False) -> Lease | None:
        """See `Leases.claim`."""
        return await self._pass("claim", lambda: self.inner.claim(stream, take=take, own=own))

    async def renew(self, lease: Lease) -> bool:
        """See `Leases.renew`."""
        return await self._pass("renew", lambda: self.inner.renew(lease))

    async def release(self, lease: Lease) -> None:
        """See `Leases.release`."""
        await self._pass("release", lambda: self.inner.release(lease))

    async def orphans(self, *, now: float, limit: int = 100) -> Sequence[str]:
        """See `Leases.orphans`."""
        return await self._pass("orphans", lambda: self.inner.orphans(now=now, limit=limit))

    async def _pass(self, call: Call, work: Callable[[], Awaitable[_Answer]]) -> _Answer:
        kind, what = self._strike(call)
        match kind:
            case "fail_before":
                raise StoreUnavailable(f"{what} failed on purpose, and nothing was done")
            case "kill_before":
                await self._die()
            case "delay":
                for _ in range(20):
                    await asyncio.sleep(0)
            case "hang":
                await self._thawed.wait()
            case _:
                pass
        answer = await work()
        if kind == "kill_after":
            await self._die()
        if kind == "fail_after":
            raise StoreUnavailable(f"{what} failed on purpose, although it was done")
        return answer

    async def _die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _strike(self, call: Call) -> tuple[FaultKind | None, str]:
        """Count the call, and say what goes wrong with it."""
        self.calls.append(call)
        self._counts[call] += 1
        self._counts[None] += 1
        for fault in self._faults:
            if fault.call in (None, call) and fault.number == self._counts[fault.call]:
                self.struck.append(fault)
                return fault.kind, f"call {self._counts[None]} of the store ({call} {self._counts[call]})"
        return None, call

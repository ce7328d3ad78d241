"""What is asked of a store: the `Journal`, `Leases` and `Artifacts` ports.

Rules: every method is one transaction. Events of a stream are numbered 1, 2, 3, ... without a gap, and only ever
appended, so the n-th event of a stream is the same for everybody and for ever. Whoever writes says which version they
have seen; whoever drives an operation says under which lease. `agentkit.testing.check_journal` and `check_leases` hold
every store to what is written here; `MemoryStore` is the reference.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias

from agentkit.kernel import Event

__all__ = ["Artifacts", "Journal", "Lease", "Leases", "Sort", "Store", "Summary"]

Sort: TypeAlias = Literal["newest", "oldest", "changed"]
"""In which order lists are: what began last is first, or what began first, or what changed last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to drive one stream.

    Attributes:
        stream: Which stream.
        owner: Who holds it.
        token: Grows with every change of hands; a write under an older token is refused.
        orphaned: Whether the owner before died, rather than released it.
    """

    stream: str
    owner: str
    token: int
    orphaned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One line on a stream, kept in the same transaction as its events, for lists.

    Attributes:
        stream: Which stream.
        name: What it is a run of: the workflow's name.
        status: The word for where it stands.
        ended: Whether nothing will be appended any more.
        created_at: When it began, in seconds since 1970.
        updated_at: When the summary last changed, in seconds since 1970; it never goes back, and is never before
            `created_at`.
        parked: Whether nobody is to drive it for now.
        wake_at: When it is to be driven again although it is parked, in seconds since 1970; None is never.
        waiting: What it waits for, in words with blanks between: `approval`, `doubt`, `signal`, `timer`.
        tenant: Whose it is; None is nobody's in particular.
        version: How many events the stream has; the store fills it in.
    """

    stream: str
    name: str
    status: str
    ended: bool
    created_at: float
    updated_at: float
    parked: bool = False
    wake_at: float | None = None
    waiting: str = ""
    tenant: str | None = None
    version: int = 0


class Journal(Protocol):
    """Streams of numbered events."""

    async def append(
        self,
        stream: str,
        events: Sequence[Event],
        *,
        expected: int,
        lease: Lease | None = None,
        summary: Summary | None = None,
    ) -> None:
        """Append all events, or none; when this returns they are kept.

        Args:
            stream: Where to.
            events: What happened, in order; at least one.
            expected: The version of the stream that the writer has seen; 0 begins a new stream.
            lease: The right under which a driver writes. Others, who only ask for something, write without one. A
                stream that begins under a lease belongs to that owner from its birth, with token 1.
            summary: The new summary, if it changed. A stream that never had one is kept like any other, but it is not
                listed: `find`, `get` and `orphans` do not know it.

        Raises:
            JournalConflict: The stream has another version. Who begins a stream that exists gets this, whatever their
                lease.
            LeaseLost: The lease is not the newest one of this stream.
            UsageError: There are no events, or the lease is for another stream.
            UnstorableValue: An event cannot be written exactly.
            StoreUnavailable: The write failed, or nobody knows whether it happened.
            Closed: The store is closed.
        """
        ...

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        """The events after number `after`, in order; the first of them has the number `after + 1`.

        A stream that does not exist has no events.

        Raises:
            JournalCorrupt: A row is damaged or missing.
            FormatTooNew: A newer agentkit wrote an event.
            StoreUnavailable: The store does not answer.
            Closed: The store is closed.
        """
        ...

    def watch(self, stream: str, *, after: int = 0) -> AsyncGenerator[Sequence[Event], None]:
        """The events after number `after` in batches, then new ones as they are appended, by any process, for ever.

        Every reader has a place of its own and misses nothing, however slow; a batch has a bounded number of events.

        Raises:
            JournalCorrupt: A row is damaged or missing.
            FormatTooNew: A newer agentkit wrote an event.
            StoreUnavailable: The store does not answer.
            Closed: The store was closed meanwhile.
        """
        ...

    def foreign(self) -> AsyncGenerator[Sequence[str], None]:
        """The names of streams that other owners append to, in batches, from the first one asked for on, for ever.

        A name may come more than once.

        Raises:
            StoreUnavailable: The store does not answer.
            Closed: The store was closed meanwhile.
        """
        ...

    def changes(self) -> AsyncGenerator[Sequence[str], None]:
        """The names of streams that anybody appends to, in batches, for ever.

        The first batch is empty, and nothing that is appended after it is missed. A name may come more than once;
        while nobody asks for the next batch, each is kept once.

        Raises:
            StoreUnavailable: The store does not answer.
            Closed: The store was closed meanwhile.
        """
        ...

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
        """Summaries, newest first if nothing else is said; a page costs what it holds, in every order.

        Nothing comes twice while one page after the other is asked for. What begins meanwhile is behind everything if
        the oldest are first, and else before the first page. If what changed last is first, what changes meanwhile goes
        there too, and is not met on a later page.

        Args:
            name: Only of this workflow.
            status: Only in one of these.
            waiting: Only those that wait for this, among other things.
            tenant: Only those of this tenant; None is everybody's.
            text: Only those that have this in their stream's name or their workflow's, A being a, and so on to Z;
                looking for it costs all that is kept, and `after` and `ended` bound it.
            ended: Only those that have ended, or only those that have not; looking for these costs what has not ended.
            after: Only those that began then or later, in seconds since 1970; nothing older is looked at.
            until: Only those that began before this time.
            sort: Which are first: the newest, the oldest, or what changed last; where the times are equal, by `stream`.
            before: Only those behind this line of the page before, its last one: the time that it is sorted by
                (`created_at`, or `updated_at` if what changed last is first) and its `stream`.
            limit: How many at most.

        Raises:
            StoreUnavailable: The store does not answer.
            Closed: The store is closed.
        """
        ...

    async def get(self, stream: str) -> Summary | None:
        """The summary of one stream, with its version; None if there is no such stream, or it never had a summary.

        Raises:
            StoreUnavailable: The store does not answer.
            Closed: The store is closed.
        """
        ...


class Leases(Protocol):
    """Who may drive which stream. Whoever opened the store is one owner, with a name of its own."""

    @property
    def owner(self) -> str:
        """The name of this owner; no two ever have the same."""
        ...

    def fresh(self, stream: str) -> Lease:
        """The lease to begin a new stream with; it is taken by the append that begins it."""
        ...

    async def claim(self, stream: str, *, take: bool = False, own: bool = False) -> Lease | None:
        """Take a stream that nobody living drives; None if somebody does, or if there is no such stream.

        Somebody includes this owner: who holds a stream does not get it twice.

        Args:
            stream: Which stream.
            take: Take it even from a living owner, whose writes are refused from then on.
            own: Take it from this very owner, who may hold it without knowing, but from no other living one.

        Raises:
            StoreUnavailable: It failed, or nobody knows whether it happened; then ask again with `own`.
            Closed: The store is closed.
        """
        ...

    async def renew(self, lease: Lease) -> bool:
        """Whether the lease is still the newest one of its stream.

        Raises:
            StoreUnavailable: The store does not answer.
            Closed: The store is closed.
        """
        ...

    async def release(self, lease: Lease) -> None:
        """Give it back, so that others may claim it at once; an old lease is given back without effect.

        Raises:
            StoreUnavailable: It failed, or nobody knows whether it happened.
            Closed: The store is closed.
        """
        ...

    async def orphans(self, *, now: float, limit: int = 100) -> Sequence[str]:
        """Streams that nobody living drives although somebody should, oldest first.

        That is what has neither ended nor been parked, and what was parked until a time that has come.

        Args:
            now: What time it is, in seconds since 1970.
            limit: How many at most.

        Raises:
            StoreUnavailable: The store does not answer.
            Closed: The store is closed.
        """
        ...


class Artifacts(Protocol):
    """Bytes, each kept once under the hash of what it is; streams refer to them."""

    async def keep(self, content: bytes) -> str:
        """Keep these bytes; when this returns they are kept. The same bytes are kept once.

        Returns:
            Their hexadecimal SHA-256.

        Raises:
            StoreUnavailable: The write failed, or nobody knows whether it happened.
            Closed: The store is closed.
        """
        ...

    async def artifact(self, sha256: str) -> bytes:
        """The bytes that are kept under this hash.

        Raises:
            NotFound: None are.
            JournalCorrupt: What is kept there is damaged.
            StoreUnavailable: The store does not answer.
            Closed: The store is closed.
        """
        ...


class Store(Journal, Leases, Artifacts, Protocol):
    """A journal, its leases and its artifacts, opened and closed together. `async with` does both."""

    async def open(self) -> None:
        """Open it; a second call changes nothing.

        Raises:
            FormatTooNew: A newer agentkit wrote it.
            JournalCorrupt: It is not a store of agentkit, or damaged beyond reading.
            StoreUnavailable: It cannot be opened or created.
        """
        ...

    async def close(self) -> None:
        """Finish what was begun, release every lease and close; a second call changes nothing."""
        ...

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

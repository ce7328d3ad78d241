"""`SqliteStore`: journals in one SQLite file, for any number of processes on one machine.

Rules: what was acknowledged is on the disk (`synchronous="FULL"`: also after power loss, if the disk tells the truth).
One thread writes and one reads; what waits at the same time is one commit. An owner lives as long as its process: the
kernel tells, by a lock on a file beside the database.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from agentkit.errors import Closed, DefinitionError, UsageError
from agentkit.kernel import Event

from .bells import BATCH, Bells, Ear, follow
from .codec import Codec
from .ports import Lease, Sort, Store, Summary
from .sqlite_file import ReaderSession, WriterSession
from .sqlite_reads import Fetch, Find, Get, Lookout, Mark, Orphans, Read, Renew
from .sqlite_threads import Reader, Request, Writer
from .sqlite_writes import Append, Claim, Keep, Release

__all__ = ["SqliteStore"]

_Answer = TypeVar("_Answer")

_LEVELS: Final = ("FULL", "NORMAL")


class SqliteStore(Store):
    """A store in one SQLite file.

    Several processes, and several stores in one process, may have the same file open. It must be on a local disk.
    Beside it stand SQLite's own `-wal` and `-shm`, and the directory `.locks`; to copy a store, use SQLite's backup,
    or `agentkit backup`, never `cp`.

    Args:
        path: The file; it is made if it does not exist, its directory is not.
        synchronous: `"FULL"`: every commit is on the disk before it is acknowledged. `"NORMAL"`: commits survive the
            death of the process, but power loss may drop the newest ones; what is left is whole.

    Raises:
        DefinitionError: There is no such level of `synchronous`.
    """

    def __init__(self, path: str | os.PathLike[str], *, synchronous: str = "FULL") -> None:
        if synchronous not in _LEVELS:
            raise DefinitionError(f"synchronous is {' or '.join(_LEVELS)}, not {synchronous!r}")
        self._path = Path(path)
        self._synchronous = synchronous
        chance = os.urandom(6)
        self._owner = f"{os.getpid()}-{chance.hex()}"
        self._number = int.from_bytes(chance, "big")
        self._bells = Bells()
        self._ears: list[Ear] = []
        self._codec = Codec()
        self._places: dict[str, int] = {}
        self._door = asyncio.Lock()
        self._is_open = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._file: WriterSession | None = None
        self._writer: Writer | None = None
        self._reader: Reader | None = None

    @property
    def path(self) -> Path:
        """Its file."""
        return self._path

    @property
    def owner(self) -> str:
        """The name of this owner; no two ever have the same."""
        return self._owner

    async def open(self) -> None:
        """Open it, and create it if it is new; a second call changes nothing.

        Raises:
            FormatTooNew: A newer agentkit wrote it.
            JournalCorrupt: It is not a store of agentkit, or damaged beyond reading.
            StoreUnavailable: It cannot be opened or created, or it is on a network file system.
        """
        async with self._door:
            if self._is_open:
                return
            self._loop = asyncio.get_running_loop()
            file = self._file = WriterSession(self._path, self._synchronous, self._owner)
            reading = ReaderSession(self._path, self._synchronous, self._owner)
            lookout = Lookout(self._number, self._is_listened_to, self._hear_from_thread)
            writer = self._writer = Writer(f"agentkit writes {self._path.name}", file, self._deliver)
            reader = self._reader = Reader(f"agentkit reads {self._path.name}", reading, self._deliver, lookout)
            try:
                await writer.start()
                await reader.start()
            except BaseException as error:
                reader.end()
                writer.end()
                if isinstance(error, Exception):
                    await reader.gone()
                    await writer.gone()
                raise
            self._is_open = True

    async def close(self) -> None:
        """Finish what was begun, release every lease and close; a second call changes nothing."""
        if self._is_open and self._reader and self._writer:
            self._is_open = False
            self._reader.end()
            self._writer.end()
            self._bells.ring_all()
            self._hear(())
        async with self._door:
            if self._reader and self._writer:
                await self._reader.gone()
                await self._writer.gone()

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
        await self._write(
            Append(
                self._codec,
                stream,
                events,
                expected=expected,
                lease=lease,
                summary=summary,
                writer=self._number,
                places=self._places,
            )
        )

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        """See `Journal.read`."""
        return await self._read(Read(self._codec, stream, after=after, limit=limit))

    async def keep(self, content: bytes) -> str:
        """See `Artifacts.keep`."""
        return await self._write(Keep(content))

    async def artifact(self, sha256: str) -> bytes:
        """See `Artifacts.artifact`."""
        return await self._read(Fetch(sha256))

    def watch(self, stream: str, *, after: int = 0) -> AsyncGenerator[Sequence[Event], None]:
        """See `Journal.watch`. What other processes append is seen within a twentieth of a second."""
        return follow(self._bells, stream, after, self._read_on)

    def foreign(self) -> AsyncGenerator[Sequence[str], None]:
        """See `Journal.foreign`."""
        return self._heard(Ear(self._owner))

    def changes(self) -> AsyncGenerator[Sequence[str], None]:
        """See `Journal.changes`."""
        return self._heard(Ear(self._owner, hears_own=True))

    async def _heard(self, ear: Ear) -> AsyncGenerator[Sequence[str], None]:
        self._ears.append(ear)
        try:
            # The reader marks the place from which it listens before it serves whoever listens first.
            await self._read(Mark())
            if ear.hears_own:
                yield ()
            while True:
                if heard := await ear.next():
                    yield heard
                self._check_open()
        finally:
            self._ears.remove(ear)

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
        return await self._read(
            Find(
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
        )

    async def get(self, stream: str) -> Summary | None:
        """See `Journal.get`."""
        return await self._read(Get(stream))

    def fresh(self, stream: str) -> Lease:
        """See `Leases.fresh`."""
        return Lease(stream=stream, owner=self._owner, token=1)

    async def claim(self, stream: str, *, take: bool = False, own: bool = False) -> Lease | None:
        """See `Leases.claim`."""
        return await self._write(Claim(stream, owner=self._owner, take=take, own=own, is_alive=self._is_alive))

    async def renew(self, lease: Lease) -> bool:
        """See `Leases.renew`."""
        return await self._read(Renew(lease))

    async def release(self, lease: Lease) -> None:
        """See `Leases.release`."""
        await self._write(Release(lease))

    async def orphans(self, *, now: float, limit: int = 100) -> Sequence[str]:
        """See `Leases.orphans`."""
        return await self._read(Orphans(now=now, limit=limit, is_alive=self._is_alive))

    def _is_alive(self, owner: str) -> bool:
        return self._file is not None and self._file.is_alive(owner)

    def _write(self, request: Request[_Answer]) -> asyncio.Future[_Answer]:
        self._check_open()
        assert self._writer is not None
        return self._writer.ask(request)

    def _read(self, request: Request[_Answer]) -> asyncio.Future[_Answer]:
        self._check_open()
        assert self._reader is not None
        return self._reader.ask(request)

    def _check_open(self) -> None:
        if not self._is_open:
            raise Closed(f"the store {self._path} is not open: use `async with`, or call `open` first")
        if asyncio.get_running_loop() is not self._loop:
            raise UsageError(f"the store {self._path} was opened on another event loop; open one store per loop")

    def _deliver(self, requests: Sequence[Request]) -> None:
        """On the loop: tell everybody what came of their requests."""
        bells = self._bells
        for request in requests:
            if request.stream is not None and isinstance(request, Append) and request.error is None:
                bells.ring(request.stream)
                for ear in self._ears:
                    if ear.hears_own:
                        ear.hear((request.stream,))
            if not request.future.done():
                if request.error is None:
                    request.future.set_result(request.answer)
                else:
                    request.future.set_exception(request.error)

    def _is_listened_to(self) -> bool:
        return bool(self._bells or self._ears)

    def _hear_from_thread(self, streams: Sequence[str]) -> None:
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._hear, streams)
        except RuntimeError:
            # The loop was closed: nobody is left to hear it.
            return

    def _hear(self, streams: Sequence[str]) -> None:
        """On the loop: others wrote to these streams."""
        for stream in streams:
            self._bells.ring(stream)
        for ear in self._ears:
            ear.hear(streams)

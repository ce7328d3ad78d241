"""Two threads that hold the connections: one writes, one reads; the event loop never waits for a disk.

Rules: a request is answered on the loop that asked; that the asker went away never undoes a write. What is asked in one
turn of the loop is handed over together, so that the thread does not compete for the interpreter with those who still
ask. The writer takes all that waits and commits it together; a request that is refused leaves the others alone; when
the commit fails, nobody in it is told that it worked.
"""

from __future__ import annotations

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, Protocol, cast

from typing_extensions import TypeVar

from agentkit.errors import AgentKitError, StoreError, StoreUnavailable, UnstorableValue

__all__ = ["Poll", "Reader", "Request", "Session", "Writer"]

_Answer = TypeVar("_Answer", default=object)

_POLL_SECONDS = 0.05
_TEND_COMMITS = 256


class Request(ABC, Generic[_Answer]):
    """Something asked of one of the threads.

    Attributes:
        stream: Which stream it is about, if it is about one.
        future: Where the answer goes, on the loop.
        answer: What came of it; None until then.
        error: Why nothing came of it.
    """

    __slots__ = ("answer", "error", "future", "stream")

    stream: str | None
    future: asyncio.Future[_Answer]
    answer: _Answer | None
    error: Exception | None

    def __init__(self, stream: str | None = None) -> None:
        self.stream = stream
        self.answer = None
        self.error = None

    def prepare(self) -> None:
        """Do what can be done before the transaction begins."""

    @abstractmethod
    def work(self, connection: sqlite3.Connection) -> _Answer:
        """Do it; an `AgentKitError` must be raised before anything is written."""


class Session(Protocol):
    """What a thread does with its connection besides serving."""

    def enter(self) -> sqlite3.Connection:
        """Open the connection, and what comes with it."""
        ...

    def tend(self, connection: sqlite3.Connection) -> None:
        """Look after it; called every now and then."""
        ...

    def leave(self, connection: sqlite3.Connection) -> None:
        """Close it."""
        ...

    def translate(self, error: Exception, stream: str | None) -> StoreError | UnstorableValue:
        """Say what an error of SQLite means."""
        ...


class Poll(Protocol):
    """Looks for what other processes have written, while somebody listens."""

    def is_wanted(self) -> bool:
        """Whether somebody listens."""
        ...

    def look(self, connection: sqlite3.Connection) -> None:
        """Look, and tell."""
        ...


class _Clerk(ABC):
    """A thread that serves requests."""

    def __init__(self, name: str, session: Session, deliver: Callable[[Sequence[Request]], None]) -> None:
        self._session = session
        self._deliver = deliver
        self._asked: list[Request] = []
        self._queue: SimpleQueue[Sequence[Request] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        # An opener that was cancelled does not come back for the error.
        self._started.add_done_callback(lambda started: started.cancelled() or started.exception())
        self._thread = Thread(target=self._run, name=name, daemon=True)

    async def start(self) -> None:
        """Begin to serve; raises what went wrong at opening."""
        self._thread.start()
        await asyncio.shield(self._started)

    def ask(self, request: Request[_Answer]) -> asyncio.Future[_Answer]:
        """Hand in a request, and get where its answer will be.

        Raises:
            StoreUnavailable: The thread is gone.
        """
        if self._ended.done():
            raise StoreUnavailable(f"the thread that {self._thread.name} has ended; open the store again")
        request.future = self._loop.create_future()
        if not self._asked:
            self._loop.call_soon(self._hand_over)
        self._asked.append(cast("Request", request))
        return request.future

    def end(self) -> None:
        """Serve what was asked so far, then end."""
        self._hand_over()
        self._queue.put(None)

    def _hand_over(self) -> None:
        if self._asked:
            self._queue.put(self._asked)
            self._asked = []

    async def gone(self) -> None:
        """Wait until it has ended, if it ever began."""
        if self._loop.is_closed():
            # It was closed before the store was: nobody can be told anything on it any more.
            if self._thread.ident is not None:
                await asyncio.to_thread(self._thread.join)
        elif self._thread.ident is not None:
            await asyncio.shield(self._ended)
            while self._thread.is_alive():  # noqa: ASYNC110 - its last word is said, this takes microseconds
                await asyncio.sleep(0)

    def _run(self) -> None:
        try:
            connection = self._session.enter()
        except Exception as error:  # noqa: BLE001 - the border of the thread: whatever it is, the opener must hear it
            self._tell(self._started.set_exception, error)
            self._tell(self._turn_away, None)
            return
        self._tell(self._started.set_result, None)
        try:
            self._serve(connection)
        finally:
            self._session.leave(connection)
            self._tell(self._turn_away, None)

    @abstractmethod
    def _serve(self, connection: sqlite3.Connection) -> None:
        """Serve until the queue says None."""

    def _turn_away(self, _: None) -> None:
        """On the loop, when the thread has ended: answer those it left; there are some only if it broke."""
        self._ended.set_result(None)
        self._hand_over()
        left = _requests(self._emptied())
        for request in left:
            request.error = StoreUnavailable(f"the thread that {self._thread.name} has ended; open the store again")
        self._deliver(left)

    def _emptied(self) -> list[Sequence[Request] | None]:
        """Everything that waits."""
        waiting: list[Sequence[Request] | None] = []
        try:
            while True:
                waiting.append(self._queue.get_nowait())
        except Empty:
            return waiting

    def _answer(self, requests: Sequence[Request]) -> None:
        """Answer all of them with one call to the loop."""
        self._tell(self._deliver, requests)

    def _tell(self, what: Callable[[_Answer], object], value: _Answer) -> None:
        try:
            self._loop.call_soon_threadsafe(what, value)
        except RuntimeError:
            # The loop was closed: nobody is left to hear it.
            return

    def _fail(self, request: Request, error: Exception) -> None:
        request.error = error
        if isinstance(error, sqlite3.Error | OverflowError | UnicodeError):
            request.error = self._session.translate(error, request.stream)
            request.error.__cause__ = error


def _requests(waiting: Sequence[Sequence[Request] | None]) -> list[Request]:
    return [request for asked in waiting if asked is not None for request in asked]


class Writer(_Clerk):
    """The thread that writes; all that waits is one commit.

    Attributes:
        commits: How many transactions it has committed.
    """

    commits: int = 0

    def _serve(self, connection: sqlite3.Connection) -> None:
        while True:
            waiting = [self._queue.get(), *self._emptied()]
            batch = _requests(waiting)
            try:
                self._write(connection, [request for request in batch if self._is_prepared(request)])
            except Exception as error:
                # The connection is broken: the thread ends, and nobody is left without an answer.
                for request in batch:
                    self._fail(request, error)
                raise
            finally:
                self._answer(batch)
            if None in waiting:
                return
            if not self.commits % _TEND_COMMITS:
                self._tend(connection)

    def _tend(self, connection: sqlite3.Connection) -> None:
        try:
            self._session.tend(connection)
        except (AgentKitError, sqlite3.Error, OSError):
            # To look after the file can wait; whoever writes next meets the same trouble and is told.
            return

    def _is_prepared(self, request: Request) -> bool:
        try:
            request.prepare()
        except Exception as error:  # noqa: BLE001 - the border of the thread: it must outlive whatever it is given
            self._fail(request, error)
            return False
        return True

    def _write(self, connection: sqlite3.Connection, batch: Sequence[Request]) -> None:
        if not batch:
            return
        try:
            self._commit(connection, batch)
        except Exception as error:  # noqa: BLE001 - the border of the thread: it must outlive whatever it is given
            if connection.in_transaction:
                connection.execute("rollback")
            # A full disk is everybody's trouble; damage, or a value that SQLite refuses, is only the trouble of one.
            if len(batch) > 1 and not isinstance(error, sqlite3.OperationalError):
                for request in batch:
                    self._write(connection, [request])
            else:
                for request in batch:
                    self._fail(request, error)

    def _commit(self, connection: sqlite3.Connection, batch: Sequence[Request]) -> None:
        connection.execute("begin immediate")
        for request in batch:
            request.error = None
            try:
                request.answer = request.work(connection)
            except AgentKitError as error:
                request.error = error
        connection.execute("commit")
        self.commits += 1


class Reader(_Clerk):
    """The thread that reads, one request at a time; between them it looks for what others wrote."""

    def __init__(self, name: str, session: Session, deliver: Callable[[Sequence[Request]], None], poll: Poll) -> None:
        super().__init__(name, session, deliver)
        self._poll = poll

    def _serve(self, connection: sqlite3.Connection) -> None:
        while True:
            wanted = self._poll.is_wanted()
            if wanted:
                self._look(connection)
            try:
                asked = self._queue.get(timeout=_POLL_SECONDS if wanted else None)
            except Empty:
                continue
            if asked is None:
                return
            # Whoever watches hangs up a bell before the first read, so the place from which to look is marked before
            # it.
            if not wanted and self._poll.is_wanted():
                self._look(connection)
            for request in asked:
                self._read(connection, request)

    def _read(self, connection: sqlite3.Connection, request: Request) -> None:
        try:
            request.answer = request.work(connection)
        except Exception as error:  # noqa: BLE001 - the border of the thread: it must outlive whatever it is given
            self._fail(request, error)
        self._answer([request])

    def _look(self, connection: sqlite3.Connection) -> None:
        try:
            self._poll.look(connection)
        except sqlite3.Error:
            # Whoever reads next meets the same trouble and is told.
            return

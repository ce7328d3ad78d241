"""Several processes that serve on one address: started, watched, started again, and ended together.

Rules: the parent holds the socket and nothing else: no store and no agent, so that it has nothing to fail with.
It talks to each worker over a pair of sockets; a worker whose parent is gone ends by itself. Only the first worker that
is started makes the first admin's key, and only the parent tells it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from agentkit.errors import DefinitionError
from agentkit.service import Serving, address_of, listening

__all__ = ["Worker", "supervise"]

_log = logging.getLogger("agentkit.serve")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MARGIN_SECONDS = 5.0
"""How long a worker may take to end beyond the time that running work is given."""
_FIRST_PAUSE, _LAST_PAUSE = 0.2, 30.0
_LONG_SECONDS = 10.0
"""A worker that lived for so long did not die at once."""
_FIGURES = "PROMETHEUS_MULTIPROC_DIR"
_MOST_DEATHS = 5
"""So often in a row a worker may die at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker is handed by its parent.

    Attributes:
        listener: The descriptor of the socket that all of them listen on.
        channel: The descriptor on which it says that it serves, and hears that its parent is gone.
        is_first: Whether it makes the first admin's key.
    """

    listener: int
    channel: int
    is_first: bool

    @property
    def text(self) -> str:
        """All of it as one word of a command line."""
        return f"{self.listener},{self.channel},{int(self.is_first)}"

    @classmethod
    def read(cls, text: str) -> Worker:
        """What `text` said.

        Raises:
            DefinitionError: Nothing of the kind was said.
        """
        try:
            listener, channel, is_first = map(int, text.split(","))
        except ValueError:
            raise DefinitionError("--worker is for `agentkit serve` itself: use --workers") from None
        return cls(listener=listener, channel=channel, is_first=bool(is_first))

    def tell(self, serving: Serving) -> None:
        """Tell the parent that this worker serves; from here on, end when the parent is gone."""
        channel = socket.socket(fileno=self.channel)
        channel.sendall(json.dumps({"key": serving.key}).encode() + b"\n")
        channel.setblocking(False)
        asyncio.get_running_loop().add_reader(channel, self._hear, channel)

    @staticmethod
    def _hear(channel: socket.socket) -> None:
        asyncio.get_running_loop().remove_reader(channel)
        channel.close()
        os.kill(os.getpid(), signal.SIGTERM)


async def supervise(
    command: Callable[[Worker], Sequence[str]],
    *,
    workers: int,
    host: str = "127.0.0.1",
    port: int = 8000,
    drain_seconds: float = 10.0,
    figures: str | None = None,
    announce: Callable[[Serving], None] | None = None,
) -> int:
    """Have several processes serve, until SIGTERM or Ctrl-C.

    Args:
        command: The command line of a worker, given what it is handed.
        workers: How many.
        host: The address to listen on.
        port: The port; 0 takes one that is free.
        drain_seconds: How long running work may go on when all is to end.
        figures: A folder in which workers keep what they count, so that each of them can tell the figures of all.
        announce: Called once, when the first of them serves.

    Returns:
        0 if it ended as it was told to; what the first worker said if it could not even begin; else 1.

    Raises:
        OSError: The address is taken, or is none.
    """
    with listening(host, port) as listener:
        crew = _Crew(command, listener, workers, figures)
        loop = asyncio.get_running_loop()
        for one in _SIGNALS:
            loop.add_signal_handler(one, crew.end, one)
        try:
            return await crew.serve(drain_seconds, announce)
        finally:
            for one in _SIGNALS:
                loop.remove_signal_handler(one)


@dataclass(slots=True, eq=False)
class _Running:
    """One worker process."""

    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    began: float
    said: dict[str, object] | None = field(default=None)

    async def serves(self) -> bool:
        """Wait until it serves; False if it ended before."""
        line = await self.reader.readline()
        self.said = json.loads(line) if line.endswith(b"\n") else None
        return self.said is not None

    async def over(self) -> int:
        """Wait for its end; how it ended."""
        code = await self.process.wait()
        self.writer.close()
        return code

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it still lives."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)


class _Crew:
    """The workers of one address."""

    def __init__(
        self, command: Callable[[Worker], Sequence[str]], listener: socket.socket, size: int, figures: str | None
    ) -> None:
        self._command = command
        self._listener = listener
        self._size = size
        self._figures = figures
        self._running: set[_Running] = set()
        self._ending = asyncio.Event()
        self._has_given_up = False

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Have all of them end; said a second time by Ctrl-C, at once."""
        again = self._ending.is_set() and number == signal.SIGINT
        self._ending.set()
        for running in tuple(self._running):
            running.send(signal.SIGKILL if again else signal.SIGTERM)

    async def serve(self, drain_seconds: float, announce: Callable[[Serving], None] | None) -> int:
        """Serve until told to end."""
        first = await self._start(is_first=True)
        if not await first.serves():
            code = await first.over()
            self._running.discard(first)
            return 0 if self._ending.is_set() else code if code > 0 else 1
        if announce is not None:
            key = (first.said or {}).get("key")
            announce(Serving(url=address_of(self._listener), key=key if isinstance(key, str) else None))
        places = [asyncio.ensure_future(self._keep(first if number == 0 else None)) for number in range(self._size)]
        await self._ending.wait()
        _, late = await asyncio.wait(places, timeout=drain_seconds + _MARGIN_SECONDS)
        if late:
            _log.error("%d workers did not end in time and are killed; their work goes on at the next start", len(late))
            for running in tuple(self._running):
                running.send(signal.SIGKILL)
            await asyncio.wait(late)
        for place in places:
            place.result()
        return 1 if late or self._has_given_up else 0

    async def _start(self, *, is_first: bool = False) -> _Running:
        here, there = socket.socketpair()
        with there:
            worker = Worker(listener=self._listener.fileno(), channel=there.fileno(), is_first=is_first)
            process = await asyncio.create_subprocess_exec(
                *self._command(worker),
                env=os.environ if self._figures is None else {**os.environ, _FIGURES: self._figures},
                pass_fds=(worker.listener, worker.channel),
                stdin=subprocess.DEVNULL,
                # A group of its own, so that Ctrl-C reaches the parent alone, which passes it on as SIGTERM.
                process_group=0,
            )
        reader, writer = await asyncio.open_connection(sock=here)
        running = _Running(process, reader, writer, asyncio.get_running_loop().time())
        self._running.add(running)
        if self._ending.is_set():
            running.send(signal.SIGTERM)
        return running

    async def _keep(self, running: _Running | None) -> None:
        """Have a worker at one place, and another one when it has died."""
        deaths, clock = 0, asyncio.get_running_loop().time
        while not self._ending.is_set():
            running = running or await self._start()
            code = await running.over()
            self._running.discard(running)
            self._forget(running.process.pid)
            lived, pid, running = clock() - running.began, running.process.pid, None
            if self._ending.is_set():
                return
            deaths = deaths + 1 if lived < _LONG_SECONDS else 1
            if deaths >= _MOST_DEATHS:
                _log.error("workers die as soon as they start, the last one with %s: given up", _ended(code))
                self._has_given_up = True
                self.end()
                return
            pause = min(_LAST_PAUSE, _FIRST_PAUSE * 2 ** (deaths - 1))
            _log.warning("worker %d ended with %s after %.1f s: started again", pid, _ended(code), lived)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._ending.wait()

    def _forget(self, pid: int) -> None:
        """What was so in a process that is gone is so no more; what it has counted stays."""
        for file in Path(self._figures).glob(f"gauge_live*_{pid}.db") if self._figures else ():
            file.unlink(missing_ok=True)


def _ended(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

"""What is asked of both servers: bodies of the same size, by a client that costs as little as a client can.

The client speaks HTTP over plain sockets that stay open, in a process of its own: a client library would take longer
than either server, and so make them look alike.
"""

import os
import selectors
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

from .sample import ROOT

SECONDS = 60.0
"""How long anything is waited for."""

_STAGE = {
    "name": "work",
    "status": "completed",
    "fraction": 1.0,
    "message": "",
    "agent": "nothing",
    "attempt": 1,
    "seconds": 0.001193046569824219,
    "failure": None,
    "required": True,
    "waits_for": None,
}
PAGE: dict[str, Any] = {
    "id": "01K9YQ6Z0000000000000000000",
    "workflow": "one",
    "status": "completed",
    "created_at": "2025-11-03T12:00:00.000000Z",
    "updated_at": "2025-11-03T12:00:00.001193Z",
    "events": 4,
    "waiting": [],
    "tenant": None,
    "wake_at": None,
    "ended": True,
    "fraction": 1.0,
    "message": "",
    "seconds": 0.001193046569824219,
    "seconds_left": None,
    "estimated_at": None,
    "position": None,
    "priority": "normal",
    "metadata": {},
    "requester": "admin",
    "origin": None,
    "stages": [_STAGE],
    "failure": None,
}
"""A page as agentkit answers it, for the bare routes to answer as much."""

EVENT = (
    '{{"operation":"01K9YQ6Z0000000000000000000","number":{number},"at":"2025-11-03T12:00:00.001193Z",'
    '"type":"{kind}","stage":"s1","data":{{"attempt":1,"value":1}}}}'
)
"""An event as agentkit tells it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server in a process of its own."""

    host: str
    port: int
    key: str
    process: subprocess.Popen[str]

    def connect(self) -> socket.socket:
        """A connection that does not wait for more to send."""
        line = socket.create_connection((self.host, self.port), timeout=SECONDS)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        """The bytes of a request."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {text}" for name, text in headers.items())]
        if self.key:
            lines.append(f"Authorization: Bearer {self.key}")
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        elif method == "POST":
            lines.append("Content-Length: 0")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def rss(self) -> int:
        """The resident bytes of its process now."""
        for text in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if text.startswith("VmRSS:"):
                return int(text.split()[1]) * 1024
        raise OSError("no VmRSS")


@contextmanager
def started(command: Sequence[str], folder: Path, **environment: str) -> Iterator[Server]:
    """A server, from its announcement until the end of the block, when it is told to end."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        key, told = "", []
        for line in process.stderr:
            told.append(line)
            if "first admin's key" in line:
                key = process.stdout.readline().strip()
            if line.startswith("serving on "):
                host, _, port = line.split()[2].removeprefix("http://").partition(":")
                break
        else:
            raise RuntimeError("".join(told))
        yield Server(host, int(port), key, process)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=SECONDS)
        assert not said.strip(), said
    finally:
        process.kill()
        process.communicate()


def bare(folder: Path) -> Any:
    """The bare application."""
    return started([sys.executable, "-m", "benchmarks.serving_bare", str(folder)], folder)


def served(folder: Path, files: Sequence[str], agents: str, **environment: str) -> Any:
    """`agentkit serve` on a store in SQLite, with keys, and bounds that no benchmark meets; it logs nothing."""
    command = [str(Path(sysconfig.get_path("scripts")) / "agentkit"), "serve", "--store", "sqlite:///runs.db"]
    settings = {"AGENTKIT_RATE": "100000000", "AGENTKIT_STREAMS_PER_CALLER": "1000", "AGENTKIT_LOG_FORMAT": "none"}
    return started([*command, *files, "--agents", agents, "--port", "0"], folder, **{**settings, **environment})


class Answers:
    """Reads answers with a declared length off one connection."""

    __slots__ = ("_held", "line")

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self._held = b""

    def take(self) -> tuple[int, bytes] | None:
        """Read what has come; status and body if an answer is complete."""
        more = self.line.recv(262_144)
        if not more:
            raise ConnectionError(f"the server hung up after {self._held[:300]!r}")
        held = self._held = self._held + more
        head, gap, rest = held.partition(b"\r\n\r\n")
        if not gap:
            return None
        place = head.lower().find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(rest) < length:
            return None
        self._held = rest[length:]
        return int(head[9:12]), rest[:length]


def ask(server: Server, requests: Sequence[bytes], clients: int, status: int) -> tuple[float, list[float], list[bytes]]:
    """Send requests over so many connections, each as soon as the one before is answered.

    Returns:
        Seconds of all together, seconds of each, and the bodies of the answers.
    """
    left = iter(requests)
    latencies: list[float] = []
    bodies: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        lines = [server.connect() for _ in range(clients)]
        begin = perf_counter()
        for line in lines:
            if (first := next(left, None)) is not None:
                line.sendall(first)
                selector.register(line, selectors.EVENT_READ, [Answers(line), perf_counter()])
        while selector.get_map():
            ready = selector.select(SECONDS)
            assert ready, "no answer"
            for key, _ in ready:
                if (answer := key.data[0].take()) is None:
                    continue
                now = perf_counter()
                latencies.append(now - key.data[1])
                assert answer[0] == status, answer
                bodies.append(answer[1])
                if (following := next(left, None)) is None:
                    selector.unregister(key.fileobj)
                    continue
                key.data[1] = now
                key.data[0].line.sendall(following)
        seconds = perf_counter() - begin
        for line in lines:
            line.close()
    return seconds, latencies, bodies


def follow(lines: Sequence[socket.socket], begin: Callable[[], None], end: bytes) -> float:
    """Read every connection until these bytes came on it; seconds from the beginning."""
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line, selectors.EVENT_READ, [b""])
        start = perf_counter()
        begin()
        until = monotonic() + SECONDS
        while selector.get_map():
            assert monotonic() < until, f"{len(selector.get_map())} streams did not end"
            for key, _ in selector.select(1):
                assert isinstance(key.fileobj, socket.socket)
                more = key.fileobj.recv(1 << 20)
                tail = key.data[0] + more
                if end in tail or not more:
                    assert more, "a stream ended before its last event"
                    selector.unregister(key.fileobj)
                key.data[0] = tail[-len(end) :]
        return perf_counter() - start

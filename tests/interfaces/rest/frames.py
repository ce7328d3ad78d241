"""A WebSocket client that obeys no rule, for tests: it sends whatever bytes it is given."""

import contextlib
import gc
import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True, length: int | None = None
) -> bytes:
    """One frame, right or wrong.

    Args:
        opcode: What it is.
        payload: What is in it.
        fin: Whether it is the last of its message.
        rsv: The reserved bits.
        masked: Whether it is masked, as all frames of a client have to be.
        length: The length that it claims.
    """
    size = len(payload) if length is None else length
    bit = 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | (rsv << 4) | opcode])
    if size < 126:
        head += bytes([bit | size])
    elif size < 65_536:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    if not masked:
        return head + payload
    mask = b"\x01\x02\x03\x04"
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


def handshake(host: str, path: str, **headers: str) -> bytes:
    """What asks for a socket; a header that is empty is left out."""
    lines = {
        "Host": host,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    said = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"GET {path} HTTP/1.1\r\n{said}\r\n".encode("latin-1")


class Wire:
    """A connection to a server.

    Attributes:
        socket: The connection itself.
    """

    def __init__(self, url: str, receive_buffer: int | None = None) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self.socket = socket.socket()
        self.socket.settimeout(10)
        if receive_buffer is not None:
            # Before the connection is made, since it says how much may be on its way.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((parts.hostname, parts.port))
        self._rest = b""

    def shake(self, path: str = "/ws/v1/events", **headers: str) -> int:
        """Ask for a socket; the status of the answer."""
        self.socket.sendall(handshake(self.host, path, **headers))
        while b"\r\n\r\n" not in self._rest:
            if not (more := self.socket.recv(65_536)):
                break
            self._rest += more
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        return int(head.split()[1])

    def send(self, *parts: bytes) -> None:
        """Send bytes; a server that has gone is no trouble."""
        with contextlib.suppress(OSError):
            for part in parts:
                self.socket.sendall(part)

    def say(self, **message: Any) -> None:
        """Send a message as it should be."""
        self.send(frame(TEXT, json.dumps(message).encode()))

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """The frames that come, until the server closes the connection."""
        while True:
            head = self._taken(2)
            if len(head) < 2:
                return
            size = head[1] & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", self._taken(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._taken(8))
            yield head[0] & 0x0F, self._taken(size)

    def told(self, kind: str) -> dict[str, Any]:
        """What is told next of this type."""
        for opcode, payload in self.frames():
            if opcode == TEXT and (message := json.loads(payload))["type"] == kind:
                return dict(message)
        raise AssertionError(f"nothing of type {kind} was told")

    def code(self) -> int | None:
        """The code with which the server closes; None if it just goes."""
        with contextlib.suppress(ConnectionError):
            for opcode, payload in self.frames():
                if opcode == CLOSE:
                    return int(struct.unpack("!H", payload[:2])[0]) if payload else 1005
        return None

    def _taken(self, size: int) -> bytes:
        while len(self._rest) < size:
            more = self.socket.recv(65_536)
            if not more:
                break
            self._rest += more
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


@contextmanager
def wire(url: str, receive_buffer: int | None = None) -> Iterator[Wire]:
    """A connection, closed at the end."""
    made = Wire(url, receive_buffer)
    with made.socket:
        yield made


@contextmanager
def opened(url: str, path: str = "/ws/v1/events", *, receive_buffer: int | None = None) -> Iterator[Wire]:
    """A socket of somebody who is known."""
    with wire(url, receive_buffer) as made:
        assert made.shake(path) == 101
        made.told("authenticated")
        yield made


def chance(dice: Any, most: int) -> bytes:
    """Some bytes."""
    return bytes(dice.getrandbits(8) for _ in range(dice.randint(0, most)))


def memory() -> int:
    """How many bytes of memory this process has, without what only waits to be collected."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

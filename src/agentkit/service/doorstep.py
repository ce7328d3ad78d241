"""The address that a server listens on."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Serving", "address_of", "inherited", "listening"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What somebody who starts a server wants to know.

    Attributes:
        url: Where it answers.
        key: The first admin's key, if it was made just now; it is shown here and nowhere else.
    """

    url: str
    key: str | None


@contextmanager
def listening(host: str, port: int) -> Generator[socket.socket, None, None]:
    """A socket that listens, for a while.

    Raises:
        OSError: The address is taken, or is none.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = _tcp(socket.create_server((host.strip("[]"), port), family=family, backlog=2048))
    try:
        yield listener
    finally:
        listener.close()


def inherited(descriptor: int) -> socket.socket:
    """A socket that another process listens on already, and has handed to this one."""
    return _tcp(socket.socket(fileno=descriptor))


def address_of(listener: socket.socket) -> str:
    """Where a socket is reached, as a URL."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _tcp(found: socket.socket) -> socket.socket:
    """The same socket, said to be TCP.

    Otherwise asyncio lets small answers wait for the receipt of what was sent before, up to 40 ms each.
    """
    listener = socket.socket(found.family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=found.detach())
    listener.setblocking(False)
    return listener

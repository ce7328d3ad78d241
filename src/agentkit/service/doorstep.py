"""The address that a server listens on."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Serving", "address_of", "listening"]


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
    listener = socket.create_server((host.strip("[]"), port), family=family, backlog=2048)
    listener.setblocking(False)
    try:
        yield listener
    finally:
        listener.close()


def address_of(listener: socket.socket) -> str:
    """Where a socket is reached, as a URL."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

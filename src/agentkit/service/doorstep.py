"""The address that a server listens on, and how it hears that it is to end."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

__all__ = ["Serving", "address_of", "hearing_signals", "inherited", "listening"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


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


@contextmanager
def hearing_signals(end: Callable[[int, FrameType | None], None]) -> Generator[None, None, None]:
    """Hear the signals that end a process, for a while, and send them to nobody else: an end asked for is no failure.

    In a thread that is not the main one no signal is heard; whoever started it ends it by other means.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, end) for one in _SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


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

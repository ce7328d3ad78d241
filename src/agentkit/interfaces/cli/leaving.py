"""Leaving the program, whoever is still at work in it."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

__all__ = ["leave", "leave_unless_alone"]

_PATIENCE_SECONDS = 0.2


def leave(code: int) -> NoReturn:
    """End the process now. Whoever calls this has closed the store: what still runs here can harm nothing."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def leave_unless_alone(code: int) -> None:
    """End the process now if a thread does not end: an agent was abandoned in it, and Python would wait for it."""
    others = [each for each in threading.enumerate() if not each.daemon and each is not threading.current_thread()]
    try:
        for thread in others:
            thread.join(_PATIENCE_SECONDS)
    except KeyboardInterrupt:
        leave(code)
    if any(thread.is_alive() for thread in others):
        leave(code)

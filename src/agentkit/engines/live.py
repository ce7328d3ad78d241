"""What attempts say while they work: live only, coalesced, never on the journal.

Rules: of each stage only the newest progress is kept, of log lines only the last hundred; so whoever looks seldom
sees less, and nobody slows anybody down. Saying something is safe from any thread and never fails.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from math import isnan
from typing import NamedTuple

from agentkit.kernel import RunAttempt
from agentkit.views import LogLine

from .ports import Clock

__all__ = ["Live", "Said"]

_LOG_LINES = 100
_MESSAGE = 500


class Said(NamedTuple):
    """How far an attempt says it is: a fraction from 0 to 1, and a message."""

    fraction: float
    message: str


class _Board:
    """What is known of one operation."""

    __slots__ = ("lines", "log", "progress")

    def __init__(self) -> None:
        self.progress: dict[str, Said] = {}
        self.log: deque[LogLine] = deque(maxlen=_LOG_LINES)
        self.lines = 0


class Live:
    """The boards of an orchestrator's operations, from their beginning to their end; what is said later is not kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._known: set[str] = set()
        self._boards: dict[str, _Board] = {}
        self._listeners: dict[str, set[asyncio.Event]] = {}

    def progress(self, command: RunAttempt, fraction: float, message: str) -> None:
        """An attempt says how far it is."""
        try:
            share = float(fraction)
        except (TypeError, ValueError, OverflowError):
            return
        # What an abandoned attempt says when its operation is over must not be kept for ever.
        if not isnan(share) and command.operation_id in self._known:
            said = Said(min(1.0, max(0.0, share)), str(message)[:_MESSAGE])
            self._board(command).progress[command.stage] = said
            self._tell(command.operation_id)

    def log(self, command: RunAttempt, message: str) -> None:
        """An attempt says something."""
        if command.operation_id not in self._known:
            return
        board = self._board(command)
        board.lines += 1
        board.log.append(LogLine(board.lines, command.stage, str(message)[:_MESSAGE]))
        self._tell(command.operation_id)

    def now(self) -> float:
        """What time it is, in seconds since 1970."""
        return self._clock.now()

    def said(self, operation_id: str) -> Mapping[str, Said]:
        """The newest progress of each stage."""
        board = self._boards.get(operation_id)
        return dict(board.progress) if board else {}

    def lines(self, operation_id: str, *, after: int = 0) -> Sequence[LogLine]:
        """The log lines after the given number, as far as they are kept."""
        board = self._boards.get(operation_id)
        return [line for line in tuple(board.log) if line.number > after] if board else []

    def listen(self, operation_id: str) -> asyncio.Event:
        """An event that is set whenever something is said; give it back with `leave`."""
        event = asyncio.Event()
        self._listeners.setdefault(operation_id, set()).add(event)
        return event

    def leave(self, operation_id: str, event: asyncio.Event) -> None:
        """Stop listening."""
        listeners = self._listeners.get(operation_id, set())
        listeners.discard(event)
        if not listeners:
            self._listeners.pop(operation_id, None)

    def begin(self, operation_id: str) -> None:
        """The operation is driven here: keep what its attempts say."""
        self._known.add(operation_id)

    def drop(self, operation_id: str) -> None:
        """The operation has ended, or is driven elsewhere: forget what was said."""
        self._known.discard(operation_id)
        self._boards.pop(operation_id, None)

    def _board(self, command: RunAttempt) -> _Board:
        return self._boards.setdefault(command.operation_id, _Board())

    def _tell(self, operation_id: str) -> None:
        if operation_id in self._listeners and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._set, operation_id)

    def _set(self, operation_id: str) -> None:
        for event in self._listeners.get(operation_id, ()):
            event.set()

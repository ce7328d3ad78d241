"""Loops that no limit of time or money tells soon enough: the same call over and over, or two agents in a circle.

Rules: only equal calls count, never similar ones; a call that was refused is not made, so it is not counted; what was
long ago is forgotten.
"""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from hashlib import blake2b
from typing import TypeAlias

from agentkit.errors import DefinitionError, Repetition

__all__ = ["RepetitionGuard"]

_Call: TypeAlias = tuple[str, bytes]


class RepetitionGuard:
    """Refuses calls that lead nowhere, since they were made before.

    It may be used from many tasks and threads at once.

    Args:
        same: When an agent makes the same call for this many times, it is a repetition.
        rounds: When two agents have passed the same back and forth for this many rounds, it is one too.
        window: How many of the newest calls are looked at.

    Raises:
        DefinitionError: A number is out of its range.

    Example:
        >>> guard = RepetitionGuard(same=2)
        >>> guard.check("writer", "Write it shorter")
        >>> guard.check("writer", "Write it shorter")
        Traceback (most recent call last):
            ...
        agentkit.errors.Repetition: 'writer' makes the same call for the 2nd time within 100 calls: 'Write it shorter'
    """

    __slots__ = ("_calls", "_counts", "_lock", "_rounds", "_same")

    def __init__(self, *, same: int = 3, rounds: int = 2, window: int = 100) -> None:
        if not 2 <= same <= window or rounds < 2 or 2 * rounds > window:
            raise DefinitionError(
                f"repetition: same={same} and rounds={rounds} must be at least 2 and fit into window={window} calls"
            )
        self._same = same
        self._rounds = rounds
        self._calls: deque[_Call] = deque(maxlen=window)
        self._counts: Counter[_Call] = Counter()
        self._lock = threading.Lock()

    def check(self, agent: str, content: object) -> None:
        """Say which call is about to be made.

        Args:
            agent: Who makes it.
            content: What it is about: a text, or data that can be written as JSON.

        Raises:
            Repetition: It was made too often; it is not counted.
        """
        call = agent, _digest(content)
        with self._lock:
            times = self._counts[call] + 1
            window = self._calls.maxlen
            if times >= self._same:
                message = f"{agent!r} makes the same call for the {_nth(times)} time within {window} calls"
                raise Repetition(f"{message}: {_shown(content)}", agents=(agent,), times=times)
            other = self._partner(call)
            if other is not None:
                message = f"{other!r} and {agent!r} pass the same back and forth for the {_nth(self._rounds)} time"
                raise Repetition(f"{message}: {_shown(content)}", agents=(other, agent), times=self._rounds)
            self._keep(call)

    def _partner(self, call: _Call) -> str | None:
        """With whom this call would end the last round of a circle; None if with nobody."""
        calls = self._calls
        if len(calls) < 2 * self._rounds - 1 or calls[-1][0] == call[0]:
            return None
        last = calls[-1]
        for back in range(1, 2 * self._rounds):
            if calls[-back] != (last if back % 2 else call):
                return None
        return last[0]

    def _keep(self, call: _Call) -> None:
        if len(self._calls) == self._calls.maxlen:
            oldest = self._calls.popleft()
            self._counts[oldest] -= 1
            if not self._counts[oldest]:
                del self._counts[oldest]
        self._calls.append(call)
        self._counts[call] += 1


def _digest(content: object) -> bytes:
    text = content if isinstance(content, str) else "\0" + json.dumps(content, sort_keys=True, default=repr)
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


def _shown(content: object, most: int = 80) -> str:
    text = repr(content)
    return text if len(text) <= most else text[:most] + "..."


def _nth(number: int) -> str:
    endings = {2: "nd", 3: "rd"}
    return f"{number}{endings.get(number, 'th')}"

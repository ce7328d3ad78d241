"""A limit of concurrency that finds its own value by the gradient of latency.

Rules: more work at once is worth it as long as latency grows more slowly than the work. Two windows at two limits
tell: where the work in flight grew by some share and latency by almost the same share or more, the system is full and
the limit goes down; else it goes up. Steps grow while they lead the same way and shrink when they turn. A refusal
lowers the limit at once, and a burst of them once. Only windows in which the limit was used are judged.
"""

from __future__ import annotations

import asyncio
import math
from types import TracebackType
from typing import NamedTuple

from agentkit.errors import DefinitionError, Overloaded
from agentkit.kernel import count_problems

from .lines import Line

__all__ = ["AdaptiveLimit"]

_FIRST_STEP, _SMALLEST, _LARGEST = 1.5, 1.15, 1.6
_WINDOW = 40
"""A window has at least so many answers, or as many as fit into the limit three times."""
_REFUSED = 0.8
_TURNS, _LONGEST_REST, _CALM = 4, 16, 0.25
"""After so many turns it stays between them, for at most so many windows, as long as latency changes by less."""


class _Call(NamedTuple):
    """A call that goes on: when it began, how much was in flight then, and in which window."""

    began: float
    in_flight: int
    window: int


class _Window(NamedTuple):
    """What a window found: the mean of what was in flight, and of latencies in seconds."""

    in_flight: float
    latency: float


class AdaptiveLimit:
    """How much may be in flight at once, found while it works: `async with limit:` around each call.

    Args:
        start: The limit at first.
        least: The limit is never below.
        most: Nor above.
        steepness: The limit goes up as long as latency grows by less than this share of what the work in flight grew,
            above 0 to below 1: lower values keep latency low, higher ones take the last throughput.
        refusals: Which errors of the block lower the limit at once.

    Attributes:
        limit: How much may be in flight now.
        in_flight: How much is.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> async def ask(limit: AdaptiveLimit) -> int:
        ...     async with limit:
        ...         return limit.in_flight
        >>> asyncio.run(ask(AdaptiveLimit(start=4)))
        1
    """

    def __init__(
        self,
        *,
        start: int = 4,
        least: int = 1,
        most: int = 1000,
        steepness: float = 0.7,
        refusals: tuple[type[BaseException], ...] = (Overloaded, TimeoutError, ConnectionError),
    ) -> None:
        problems = [
            *count_problems("adaptive limit: least", least),
            *count_problems("adaptive limit: most", most),
            *count_problems("adaptive limit: start", start),
        ]
        if not problems and not least <= start <= most:
            problems.append(f"adaptive limit: start must be from least to most, not {start!r}")
        # A comparison that NaN fails.
        if not 0 < steepness < 1:
            problems.append(f"adaptive limit: steepness must be above 0 and below 1, not {steepness!r}")
        if problems:
            raise DefinitionError(*problems)
        self._exact = float(start)
        self._least, self._most, self._steepness, self._refusals = least, most, steepness, refusals
        self._line: Line[None, _Call] = Line(self._hand_back)
        self._calls: dict[object, list[_Call]] = {}
        self._before: _Window | None = None
        self._step = _FIRST_STEP
        self._was_up = True
        self._turns: list[float] = []
        self._rest, self._rests = 0, 2
        self._window = self._lowered = 0
        self._clear()
        self.in_flight: int = 0

    def __repr__(self) -> str:
        return f"<adaptive limit: {self.in_flight} of {self.limit} in flight, {self.waiting} waiting>"

    @property
    def limit(self) -> int:
        """How much may be in flight now."""
        return int(self._exact)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    async def __aenter__(self) -> None:
        call = self._enter() if not self._line and not self._is_full() else await self._line.wait(None)
        self._calls.setdefault(asyncio.current_task(), []).append(call)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        own = self._calls[asyncio.current_task()]
        call = own.pop()
        if not own:
            del self._calls[asyncio.current_task()]
        self.in_flight -= 1
        if error is None:
            self._learn(call)
        elif isinstance(error, self._refusals) and call.window >= self._lowered:
            # One burst of refusals is one answer to one limit: those who began before it was lowered say no more.
            self._set(self._exact * _REFUSED)
            self._before, self._step = None, _SMALLEST
            self._clear()
            self._lowered = self._window
        self._serve()

    def _enter(self) -> _Call:
        self.in_flight += 1
        return _Call(_now(), self.in_flight, self._window)

    def _is_full(self) -> bool:
        return self.in_flight >= self.limit

    def _hand_back(self, _: _Call) -> None:
        self.in_flight -= 1
        self._serve()

    def _serve(self) -> None:
        self._line.serve(lambda _: self._enter(), is_over=self._is_full)

    def _clear(self) -> None:
        self._window += 1
        self._count, self._flights, self._seconds = 0, 0, 0.0

    def _learn(self, call: _Call) -> None:
        """One more answer; the last one of a window moves the limit."""
        if call.window != self._window:
            # It began under another limit, and says as much of that one.
            return
        self._count += 1
        self._flights += call.in_flight
        self._seconds += _now() - call.began
        if self._count < max(_WINDOW, 3 * self.limit):
            return
        window = _Window(self._flights / self._count, self._seconds / self._count)
        self._clear()
        if window.in_flight < 0.8 * self.limit:
            # Less was asked for than was allowed: that says nothing of the limit.
            self._before = None
            return
        self._move(window)

    def _move(self, window: _Window) -> None:
        if self._rest:
            self._rest -= 1
            if self._before is None or _is_calm(self._before, window):
                self._before = window
                return
            # The other side has changed: what was found does not hold any more.
            self._rest, self._rests, self._step, self._before = 0, 1, _FIRST_STEP, None
        before, self._before = self._before, window
        is_up = before is None or _gradient(before, window) < self._steepness
        if is_up is self._was_up:
            self._step = min(_LARGEST, self._step * 1.1)
        else:
            self._step = max(_SMALLEST, math.sqrt(self._step))
            self._turns.append(self._exact)
        self._was_up = is_up
        if len(self._turns) == _TURNS:
            self._settle()
            return
        self._set(max(self._exact * self._step, self.limit + 1) if is_up else self._exact / self._step)

    def _settle(self) -> None:
        """After some turns the best is known to lie between: stay there, each time longer, before looking again."""
        self._set(math.exp(sum(map(math.log, self._turns)) / len(self._turns)))
        self._turns.clear()
        self._before, self._was_up = None, True
        self._rest, self._rests = self._rests, min(_LONGEST_REST, 2 * self._rests)

    def _set(self, wanted: float) -> None:
        self._exact = min(float(self._most), max(float(self._least), wanted))


def _is_calm(one: _Window, other: _Window) -> bool:
    """Whether latency is about what it was."""
    if min(one.latency, other.latency) <= 0:
        return one.latency == other.latency
    return abs(math.log(other.latency / one.latency)) < _CALM


def _gradient(one: _Window, other: _Window) -> float:
    """By which share latency grows where the work in flight grows by one, between two windows.

    Where both had about the same in flight nothing can be said: 0, so that the limit tries more.
    """
    growth = math.log(other.in_flight / one.in_flight)
    if abs(growth) < 0.02 or min(one.latency, other.latency) <= 0:
        return 0.0
    return math.log(other.latency / one.latency) / growth


def _now() -> float:
    return asyncio.get_running_loop().time()

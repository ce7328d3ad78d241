"""Scripted agents: they do what a list says, attempt by attempt, and keep what they were given.

Rules: an attempt takes the next line of its script, and the last line counts for all that follow; in a simulation, an
attempt that is run again after a death takes the line that it had. Nothing here is left to chance or to the wall's
clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from agentkit.agents import Agent, AgentPersonality, Task

__all__ = ["Hang", "ScriptedAgent", "Sleep"]


@dataclass(frozen=True, slots=True)
class Sleep:
    """Take some time, then go on.

    Attributes:
        seconds: How long.
        then: The line that follows: a value, an error, another `Sleep`, ...
        swallow_cancel: Whether to sleep on when told to stop.
    """

    seconds: float
    then: object = None
    swallow_cancel: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """Never end, until the agent is released.

    Attributes:
        then: The line that follows once it is released.
        swallow_cancel: Whether to hang on when told to stop.
    """

    then: object = None
    swallow_cancel: bool = False


class ScriptedAgent(Agent[object, object]):
    """An agent that does what its script says.

    A line may be an error (an instance or a class), which is raised; a `Sleep` or a `Hang`; a function, which is given
    the task and whose answer is the next line; everything else is the value.

    Args:
        name: What stages call it by.
        script: The lines, one for each attempt.
        expertise: What it is good at.

    Attributes:
        tasks: What it was given, in order.
        working: How many attempts are in it now.
        most: How many attempts were in it at once, at most.

    Example:
        >>> from agentkit.testing import run_virtual
        >>> agent = ScriptedAgent("clerk", [ValueError("not now"), Sleep(3600, 42)])
        >>> async def work() -> object:
        ...     try:
        ...         await agent.run(Task.standalone(None))
        ...     except ValueError:
        ...         return await agent.run(Task.standalone(None))
        >>> run_virtual(work())
        42
    """

    def __init__(self, name: str, script: Sequence[object] = (None,), *, expertise: Iterable[str] = ()) -> None:
        self.personality: AgentPersonality = AgentPersonality(name=name, expertise=expertise)
        self.tasks: list[Task[object]] = []
        self.working: int = 0
        self.most: int = 0
        self._script = tuple(script)
        self._lines: dict[tuple[str, str, int], object] | None = None
        self._released = False
        self._hanging: set[asyncio.Future[None]] = set()

    @property
    def runs(self) -> int:
        """How many attempts it was given."""
        return len(self.tasks)

    def release(self) -> None:
        """Let everything that hangs go on, now and from now on."""
        self._released = True
        for future in self._hanging:
            if not future.done():
                future.set_result(None)

    def rehearse(self) -> None:
        """Begin anew: nothing was given, and from now on an attempt that is run again takes the line that it had."""
        self.tasks = []
        self.working = self.most = 0
        self._lines = {}

    async def run(self, task: Task[object]) -> object:
        """Do what the next line says."""
        line = self._next(task)
        self.tasks.append(task)
        self.working += 1
        self.most = max(self.most, self.working)
        try:
            return await self._follow(line, task)
        finally:
            self.working -= 1

    def _next(self, task: Task[object]) -> object:
        lines = self._lines
        if lines is None:
            return self._script[min(len(self.tasks), len(self._script) - 1)]
        line = self._script[min(len(lines), len(self._script) - 1)]
        return lines.setdefault((task.operation_id, task.stage, task.attempt), line)

    async def _follow(self, line: object, task: Task[object]) -> object:
        while True:
            match line:
                case Sleep():
                    await _sleep(line.seconds, swallow=line.swallow_cancel)
                    line = line.then
                case Hang():
                    await self._hang(swallow=line.swallow_cancel)
                    line = line.then
                case BaseException():
                    raise line
                case type() if issubclass(line, BaseException):
                    raise line
                case _ if callable(line):
                    line = cast("Callable[[Task[object]], object]", line)(task)
                case _:
                    return line

    async def _hang(self, *, swallow: bool) -> None:
        while not self._released:
            future = asyncio.get_running_loop().create_future()
            self._hanging.add(future)
            try:
                await future
            except asyncio.CancelledError:
                if not swallow:
                    raise
            finally:
                self._hanging.discard(future)


async def _sleep(seconds: float, *, swallow: bool) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0:
        try:
            await asyncio.sleep(left)
        except asyncio.CancelledError:
            if not swallow:
                raise

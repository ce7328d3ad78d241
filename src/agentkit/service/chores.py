"""Chores: what goes on as long as a service is open, beside what it is asked for.

Rules: a chore never ends the service. One that breaks is logged, shown in the health of the service, and begins again
after a while that grows as long as it keeps breaking, and no secret is shown there. All of them end with the service.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

from agentkit.wire import HealthCheck

from .logs import Redactor

__all__ = ["Chore", "Chores"]

LOG: Final = logging.getLogger("agentkit.service")
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0
_MOST_LETTERS: Final = 300

Chore: TypeAlias = Callable[[], Awaitable[None]]
"""What goes on until it is cancelled."""


@dataclass(slots=True)
class _Standing:
    chore: Chore
    look: Callable[[], HealthCheck] | None
    problem: str = ""


@dataclass(slots=True)
class Chores:
    """What goes on beside the requests of a service.

    Attributes:
        redactor: What takes secrets out of what is shown of them.

    Example:
        >>> chores = Chores()
        >>> async def tidy() -> None:
        ...     print("tidied")
        ...     await asyncio.sleep(3_600)
        >>> async def main() -> None:
        ...     chores.add("tidying", tidy)
        ...     async with chores.going():
        ...         await asyncio.sleep(0)
        ...         print([(check.name, check.ok) for check in chores.health()])
        >>> asyncio.run(main())
        tidied
        [('tidying', True)]
    """

    redactor: Redactor = field(default_factory=Redactor)
    _known: dict[str, _Standing] = field(default_factory=dict[str, _Standing], init=False)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict[str, "asyncio.Task[None]"], init=False)
    _going: int = field(default=0, init=False)

    def add(self, name: str, chore: Chore, look: Callable[[], HealthCheck] | None = None) -> None:
        """Have a chore go on whenever chores do; one of the same name takes its place.

        Args:
            name: What it is called, in the log and in the health of the service.
            chore: What goes on until it is cancelled.
            look: How it says that it is, as long as it goes on; without, going on is good.
        """
        self._known[name] = _Standing(chore, look)

    @asynccontextmanager
    async def going(self) -> AsyncGenerator[None, None]:
        """Keep all of them going for a while; where such blocks overlap, they go on once, until the last one ends."""
        self._going += 1
        if self._going == 1:
            start = asyncio.get_running_loop().create_task
            self._tasks = {name: start(_again_and_again(name, standing)) for name, standing in self._known.items()}
        try:
            yield
        finally:
            self._going -= 1
            if not self._going:
                await self._end_all()

    def end(self, name: str) -> None:
        """Have a chore end, before the others do; nothing if it does not go on, or for somebody else as well."""
        if self._going == 1 and name in self._tasks:
            self._tasks[name].cancel()

    async def _end_all(self) -> None:
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            # One that ends already must not be interrupted in that.
            if not task.cancelling():
                task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def health(self) -> Sequence[HealthCheck]:
        """How each of them is that goes on."""
        going = {name for name, task in self._tasks.items() if not task.cancelling()}
        return [self._check(name, standing) for name, standing in self._known.items() if name in going]

    def _check(self, name: str, standing: _Standing) -> HealthCheck:
        clean = self.redactor.clean
        if standing.problem:
            # Shortened last, since half of a secret is not known for one.
            return HealthCheck(name=name, ok=False, detail=clean(standing.problem)[:_MOST_LETTERS])
        if standing.look is None:
            return HealthCheck(name=name, ok=True, detail="goes on")
        check = standing.look()
        return check.model_copy(update={"detail": clean(check.detail)})


async def _again_and_again(name: str, standing: _Standing) -> None:
    """Keep one going until it is cancelled."""
    clock, wait, own = asyncio.get_running_loop().time, _FIRST_WAIT, asyncio.current_task()
    while True:
        began = clock()
        try:
            standing.problem = ""
            await standing.chore()
            problem = "it ended by itself"
            LOG.error("%s: %s, and begins again", name, problem)
        except Exception as error:
            problem = _told(error)
            LOG.exception("%s broke, and begins again: %s", name, problem)
        if own is not None and own.cancelling():
            # It broke because it was told to end.
            return
        standing.problem = problem
        # Who went on for long broke for another reason.
        wait = _FIRST_WAIT if clock() - began > _LONGEST_WAIT else wait
        await asyncio.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)


def _told(error: Exception) -> str:
    """What went wrong, without the groups that it came through."""
    while len(inner := cast("tuple[Exception, ...]", getattr(error, "exceptions", ()))) == 1:
        error = inner[0]
    return f"{type(error).__name__}: {error}"

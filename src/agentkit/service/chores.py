"""Chores: what goes on as long as a service is open, beside what it is asked for.

Rules: a chore never ends the service. One that breaks is logged, shown in the health of the service, and begins again
after a while that grows as long as it keeps breaking. All of them end with the service.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

from agentkit.wire import HealthCheck

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
        """Keep all of them going for a while; where that is done already, nothing more is."""
        self._going += 1
        failure: Exception | None = None
        try:
            async with asyncio.TaskGroup() as group:
                begun = self._known.items() if self._going == 1 else ()
                tasks = {name: group.create_task(_again_and_again(name, standing)) for name, standing in begun}
                self._tasks |= tasks
                try:
                    yield
                except Exception as error:  # noqa: BLE001 - raised again below, and not as one of a group
                    failure = error
                finally:
                    for name in tasks:
                        self.end(name)
            if failure is not None:
                raise failure
        finally:
            self._going -= 1

    def end(self, name: str) -> None:
        """Have a chore end, before the others do; nothing if it does not go on."""
        if (task := self._tasks.pop(name, None)) is not None:
            task.cancel()

    def health(self) -> Sequence[HealthCheck]:
        """How each of them is that goes on."""
        return [_check(name, standing) for name, standing in self._known.items() if name in self._tasks]


def _check(name: str, standing: _Standing) -> HealthCheck:
    if standing.problem:
        return HealthCheck(name=name, ok=False, detail=standing.problem)
    if standing.look is not None:
        return standing.look()
    return HealthCheck(name=name, ok=True, detail="goes on")


async def _again_and_again(name: str, standing: _Standing) -> None:
    """Keep one going until it is cancelled."""
    clock, wait = asyncio.get_running_loop().time, _FIRST_WAIT
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
        standing.problem = problem[:_MOST_LETTERS]
        # Who went on for long broke for another reason.
        wait = _FIRST_WAIT if clock() - began > _LONGEST_WAIT else wait
        await asyncio.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)


def _told(error: Exception) -> str:
    """What went wrong, without the groups that it came through."""
    while len(inner := cast("tuple[Exception, ...]", getattr(error, "exceptions", ()))) == 1:
        error = inner[0]
    return f"{type(error).__name__}: {error}"

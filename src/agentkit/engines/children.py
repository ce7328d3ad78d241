"""What agents start by themselves on the event loop must not end it.

A task that raises `SystemExit` or `KeyboardInterrupt` ends, by a rule of asyncio, not only itself but its event loop,
and with it every operation that runs there. An attempt catches what its agent raises; for the tasks that the agent
starts beside it, a task factory does: there an exit is an error like any other, for whoever awaits the task.

Rules: tasks of others are left as they are, and a factory that was there before still makes all tasks. Ours stays on
the loop, as an abandoned agent may start a task at any time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import ContextVar
from typing import Any, TypeVar

from agentkit.errors import AgentError

__all__ = ["contain_children", "in_agent"]

T = TypeVar("T")

in_agent: ContextVar[bool] = ContextVar("in_agent", default=False)
"""Whether what runs here was started by an agent."""


def contain_children(loop: asyncio.AbstractEventLoop) -> None:
    """Have no task that an agent starts end this loop; a second call changes nothing."""
    factory = loop.get_task_factory()
    if not isinstance(factory, _Factory):
        loop.set_task_factory(_Factory(factory))


class _Factory:
    """Makes tasks as they were made before, those of agents contained."""

    __slots__ = ("_before",)

    def __init__(self, before: Any) -> None:
        self._before = before

    def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> asyncio.Future[Any]:
        if in_agent.get():
            coro = _Contained(coro)
        if self._before is None:
            return asyncio.Task(coro, loop=loop, **more)
        made: asyncio.Future[Any] = self._before(loop, coro, **more)
        return made


class _Contained(Coroutine[object, None, T]):
    """A coroutine that does not exit; for debuggers and warnings it is the one inside."""

    __slots__ = ("_inside",)

    def __init__(self, inside: Coroutine[Any, Any, T]) -> None:
        self._inside: Any = inside

    def __await__(self) -> Generator[object, None, T]:
        steps: Generator[object, None, T] = self._inside.__await__()
        return (yield from steps)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inside, name)

    def send(self, value: None) -> object:
        """Go on to the next wait."""
        try:
            return self._inside.send(value)
        except (SystemExit, KeyboardInterrupt) as error:
            raise _as_error(error) from error

    def throw(self, *error: object) -> object:
        """Raise something where it waits."""
        try:
            return self._inside.throw(*error)
        except (SystemExit, KeyboardInterrupt) as caught:
            raise _as_error(caught) from caught

    def close(self) -> None:
        """End it where it waits."""
        self._inside.close()


def _as_error(error: BaseException) -> AgentError:
    return AgentError(f"a task that an agent started raised {type(error).__name__}: {error}")

"""The attempts of one operation that run in this process: started, limited in time, stopped.

Rules: an attempt's task belongs to nobody but this module; no task group has to join it. It is cancelled once; if it
does not end within its grace it is abandoned: its outcome is told, the task is kept and counted, and whatever it does
later is ignored. So a limit holds whatever an agent does. Nothing that an agent raises leaves its attempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeAlias

from agentkit.agents import OUT_OF_TIME, RELEASED, failed_by, timed_out
from agentkit.kernel import Outcome, RunAttempt, Stopped

from .children import contain_children
from .ports import Executor

__all__ = ["Abandoned", "Attempts"]

Answer: TypeAlias = Callable[[RunAttempt, Outcome], None]
_STOPPED = Stopped()


def _unheard(command: RunAttempt, outcome: Outcome) -> None:
    """Nobody listens any more."""


class Abandoned:
    """Tasks that did not end when they were told to; counted until they do."""

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def keep(self, task: asyncio.Task[None]) -> None:
        """Keep a task alive, as the loop does not, until it ends by itself."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Attempts:
    """The running attempts of one operation, by stage.

    Attributes:
        loop: Where they run.
        wanted: How many run and have not been told to stop.
    """

    __slots__ = ("_abandoned", "_answer", "_is_closed", "_running", "loop", "wanted")

    def __init__(self, abandoned: Abandoned, answer: Answer) -> None:
        self._abandoned = abandoned
        self._answer = answer
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        contain_children(self.loop)
        self._running: dict[str, _Attempt] = {}
        self._is_closed = False
        self.wanted: int = 0

    def __contains__(self, stage: object) -> bool:
        return stage in self._running

    def __iter__(self) -> Iterator[str]:
        return iter(self._running)

    def __len__(self) -> int:
        return len(self._running)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """The tasks of those that have not ended."""
        return [attempt.task for attempt in self._running.values() if attempt.task is not None]

    def start(
        self, command: RunAttempt, executor: Executor, *, grace_seconds: float, left: float | None = None
    ) -> None:
        """Begin an attempt; its outcome is told once. Where it began before, `left` is what is left of its time."""
        attempt = self._running[command.stage] = _Attempt(self, command, grace_seconds)
        self.wanted += 1
        attempt.task = asyncio.Task(attempt.run(executor), loop=self.loop)
        seconds = command.timeout if left is None else left
        if seconds is not None:
            attempt.timer = self.loop.call_later(seconds, attempt.end_early, "timeout", grace_seconds, OUT_OF_TIME)

    def stop(self, stages: Iterable[str], *, grace_seconds: float) -> None:
        """Stop these, as far as they run; a second call changes nothing."""
        for stage in stages:
            attempt = self._running.get(stage)
            if attempt is not None:
                attempt.end_early("stop", grace_seconds)

    def close(self, *, grace_seconds: float) -> None:
        """Stop all, and after the last outcome let go of whoever hears them: a circle would wait for the collector.

        What is stopped this way is not unwanted: it is run again elsewhere, which the cancellation says (`RELEASED`).
        """
        self._is_closed = True
        for attempt in tuple(self._running.values()):
            attempt.end_early("stop", grace_seconds, RELEASED)
        if not self._running:
            self._answer = _unheard

    # Told by the attempts themselves.

    def ended(self, attempt: _Attempt, outcome: Outcome) -> None:
        """An attempt is over, and this is its outcome."""
        del self._running[attempt.command.stage]
        self._answer(attempt.command, outcome)
        if self._is_closed and not self._running:
            self._answer = _unheard

    def leave(self, task: asyncio.Task[None]) -> None:
        """An attempt's task goes on although it is over."""
        self._abandoned.keep(task)


class _Attempt:
    """One attempt: a task, its timer, and why it is being ended, if it is."""

    __slots__ = ("cause", "command", "grace_seconds", "is_over", "owner", "task", "timer")

    def __init__(self, owner: Attempts, command: RunAttempt, grace_seconds: float) -> None:
        self.owner: Attempts = owner
        self.command: RunAttempt = command
        self.grace_seconds: float = grace_seconds
        self.task: asyncio.Task[None] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.cause: Literal["timeout", "stop"] | None = None
        self.is_over: bool = False

    async def run(self, executor: Executor) -> None:
        """The task's body."""
        outcome: Outcome
        try:
            outcome = await executor.execute(self.command)
        except GeneratorExit as error:
            if asyncio.current_task(self.owner.loop) is not self.task:
                # Nobody raised it: the loop is gone, and so is whoever waited for the outcome.
                raise
            outcome = failed_by(error)
        except asyncio.CancelledError as error:
            # Swallowed on purpose: the task belongs to this module alone, and its end is told as an outcome.
            outcome = failed_by(error) if self.cause is None else _STOPPED
        except BaseException as error:  # noqa: BLE001 - the border: an agent may raise anything, SystemExit too
            outcome = failed_by(error)
        self.end(outcome)

    def end_early(self, cause: Literal["timeout", "stop"], grace_seconds: float, why: str | None = None) -> None:
        """Cancel the task, once, and give it its grace."""
        if self.cause is not None or self.is_over or self.task is None:
            return
        self.cause = cause
        self.owner.wanted -= 1
        if self.timer is not None:
            self.timer.cancel()
        self.timer = asyncio.get_running_loop().call_later(grace_seconds, self.abandon)
        # A task that has not had its first step yet ends without entering `run`.
        self.task.add_done_callback(lambda _: self.end(_STOPPED))
        self.task.cancel(why)

    def abandon(self) -> None:
        """The grace is over: go on without it."""
        if not self.is_over and self.task is not None:
            self.owner.leave(self.task)
            self.end(_STOPPED)

    def end(self, outcome: Outcome) -> None:
        """Tell the outcome, once."""
        if self.is_over:
            return
        self.is_over = True
        if self.timer is not None:
            self.timer.cancel()
        if self.cause is None:
            self.owner.wanted -= 1
        elif self.cause == "timeout":
            outcome = timed_out(self.command.timeout)
        self.owner.ended(self, outcome)

"""One strategy of a fallback chain, and one attempt of it.

Rules: most runs are one attempt, so an attempt knows nothing of those before and after it. Whatever a strategy raises
becomes a failed attempt, but for a cancel of the chain itself, and for a pause, which are not the chain's to judge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from agentkit.agents.failures import ended_by, failed, failed_by, timed_out
from agentkit.agents.notes import Notes
from agentkit.agents.threads import Threads
from agentkit.errors import InputError
from agentkit.kernel import Failed, RetryPolicy, unsure

from .limiting import Limiter, TimeIsUp
from .result import ChainAttempt, ChainResult

if TYPE_CHECKING:
    from agentkit.agents.registration import AnyTask, Body, Registration
    from agentkit.agents.values import ValueType

__all__ = ["Answer", "Miss", "Rung", "awaited"]


class Miss(NamedTuple):
    """An attempt whose value does not count.

    Attributes:
        began: When, on the loop's clock.
        failed: Why, for those who decide what follows.
        attempt: Why, for people.
    """

    began: float
    failed: Failed
    attempt: ChainAttempt


# Strategies of every type are asked from one place, which no type can tell.
Answer: TypeAlias = ChainResult[Any] | Miss
"""What came of an attempt: the chain's result, or why there is none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One strategy, ready to be asked.

    Attributes:
        name: Its name.
        level: Its place in the chain, from 0.
        policy: How often it is tried, and how long an attempt may take.
        least: How sure its value has to be; None is not at all.
        on: What it takes over from.
        limiter: What limits its attempts in time.
        body: What is awaited, with a task.
        input_type: What it takes.
        output_type: What it gives.
    """

    name: str
    level: int
    policy: RetryPolicy
    least: float | None
    on: Sequence[object]
    limiter: Limiter
    body: Callable[[AnyTask], Awaitable[object]]
    input_type: ValueType
    output_type: ValueType

    async def ask(self, task: AnyTask, number: int, limit: float | None) -> Answer:
        """Try it once: the chain's result, as if there had been no attempt before, or why there is none yet.

        Args:
            task: What to work on.
            number: Which attempt of the whole chain it is, from 1.
            limit: Seconds that it may take.
        """
        now = asyncio.get_running_loop().time
        began, cancels = now(), _cancels()
        part: AnyTask | None = None
        value: object = None
        error: BaseException | None = None
        try:
            part = task.part(number, self.input_type)
            # Only what is limited needs a task of asyncio's, to be stopped.
            value = await (self.body(part) if limit is None else self.limiter.run(partial(self.body, part), limit))
            failure = self._invalid(value)
        except TimeIsUp as late:
            failure, error = timed_out(limit), late
        except asyncio.CancelledError as cancelled:
            if asyncio.current_task() is None or _cancels() > cancels:
                raise
            # Nobody cancelled the chain: the strategy raised it by itself.
            failure, error = failed_by(cancelled), cancelled
        except (Exception, SystemExit, BaseExceptionGroup) as raised:
            # The border: a strategy may raise anything. Only a pause, also in a group, is not the chain's to judge.
            ended = ended_by(raised)
            if not isinstance(ended, Failed):
                raise
            if _cancels() > cancels:
                # The chain was cancelled, whatever the strategy made of that.
                raise asyncio.CancelledError from raised
            failure, error = ended, raised
        seconds = now() - began
        notes = None if part is None else part.notes
        said = None if notes is None else notes.confidence
        if failure is None and self.least is not None:
            failure = _unsure(said, self.least)
        if notes is not None or self.level:
            task.take(notes or Notes(), succeeded=failure is None, degraded=self.level > 0)
        if failure is None:
            attempt = ChainAttempt(self.name, self.level, number, seconds, said)
            return ChainResult(value, 1.0 if said is None else said, self.name, self.level, (attempt,), seconds)
        why = failure.failure
        attempt = ChainAttempt(self.name, self.level, number, seconds, said, why.code, why.message, error, value)
        return Miss(began, failure, attempt)

    def _invalid(self, value: object) -> Failed | None:
        """The failure of a value that is not of the declared type; None if it is."""
        try:
            self.output_type.check(value)
        except InputError as error:
            return failed("output_invalid", f"agent {self.name!r}: {error}", type_name="InputError")
        return None


def _unsure(confidence: float | None, least: float) -> Failed | None:
    """The failure of a value that is less sure than was asked for; None if it is sure enough."""
    failure = unsure(confidence, least)
    return None if failure is None else Failed(failure=failure, retryable=False)


def _cancels() -> int:
    """How many cancels the running task has been told of and has not taken back: one more is a cancel of the chain."""
    current = asyncio.current_task()
    return 0 if current is None else current.cancelling()


def awaited(entry: Registration) -> Callable[[AnyTask], Awaitable[object]]:
    """An agent's body, to be awaited where it belongs: a plain function in a thread."""
    return partial(_in_thread, entry.body) if entry.blocking else entry.body


async def _in_thread(body: Body, task: AnyTask) -> object:
    """Run a plain function in a thread of its own; when cancelled, leave it alone."""
    threads = Threads(1)
    try:
        return await threads.run(partial(body, task))
    finally:
        threads.close()

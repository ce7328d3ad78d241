"""One run of a fallback chain: attempt after attempt, strategy after strategy.

Rules: what follows a failure is asked of the same policy that a stage asks; an answer at once costs nothing that only
failures need. Whatever a strategy raises becomes a failed attempt, but for a cancel of the chain itself, and for a
pause, which are not the chain's to judge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from agentkit.errors import AttemptError, ChainFailed, InputError
from agentkit.kernel import Doubtful, Failed, RetryPolicy, backoff_seconds, takes_over, unsure

from .chain_result import ChainAttempt, ChainResult
from .failures import ended_by, failed, failed_by, timed_out
from .limiting import Limiter, TimeIsUp
from .notes import Paused
from .threads import Threads

if TYPE_CHECKING:
    from tenacity import RetryCallState

    from .registration import AnyTask, Body, Registration
    from .task import Task

__all__ = ["ChainRun", "Rung", "call_body"]


class Rung(NamedTuple):
    """One strategy, ready to be asked.

    Attributes:
        name: Its name.
        entry: Its agent, with its types.
        policy: How often it is tried, and how long an attempt may take.
        least: How sure its value has to be; None is not at all.
        on: What it takes over from.
        body: What is called.
    """

    name: str
    entry: Registration
    policy: RetryPolicy
    least: float | None
    on: Sequence[object]
    body: Body


class _Tried(NamedTuple):
    """How an attempt ended: with a value, or with a failure."""

    attempt: ChainAttempt
    value: object
    failed: Failed | None


class ChainRun:
    """A run on one task.

    Args:
        name: The chain's name.
        rungs: Its strategies, in order.
        limiter: What limits attempts in time.
        task: What to work on.
        timeout: Seconds for all of it.
        turn: Which run of the chain it is.
    """

    __slots__ = ("_attempts", "_began", "_end", "_limiter", "_loop", "_name", "_rungs", "_task", "_turn")

    def __init__(
        self,
        name: str,
        rungs: Sequence[Rung],
        limiter: Limiter,
        task: AnyTask,
        timeout: float | None,
        *,
        turn: int,
    ) -> None:
        self._name = name
        self._rungs = rungs
        self._limiter = limiter
        self._task = task
        self._turn = turn
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._end = None if timeout is None else self._began + timeout
        self._attempts: list[ChainAttempt] = []

    async def go(self, last_resort: Callable[[AnyTask], object]) -> ChainResult[object]:
        """Ask one strategy after the other, and in the end the last resort.

        Raises:
            ChainFailed: All failed, and the last resort has no answer.
        """
        level: int | None = 0
        while level is not None:
            tried = await self._attempt(level)
            if tried.failed is not None and self._allows(level, 1, tried.failed):
                tried = await self._again(level, tried)
            if tried.failed is None:
                return self._result(tried.value, tried.attempt.confidence, self._rungs[level].name, level)
            level = self._next(level, tried.failed)
        try:
            answer = last_resort(self._task)
        except Exception as error:
            raise self._failure(failed_by(error), error) from error
        if answer is None:
            raise self._failure() from self._attempts[-1].error
        self._task.degrade(0.0)
        return self._result(answer, 0.0, "minimal", len(self._rungs))

    def _allows(self, level: int, tries: int, failure: Failed) -> bool:
        return self._rungs[level].policy.allows(tries, failure.retryable, failure.kinds)

    def _next(self, level: int, failure: Failed) -> int | None:
        """The next strategy that takes over from such a failure, if there is time for it.

        After an effect of which nobody knows what became there is none: by another way it might be done again.
        """
        if (effect := self._task.open_effect) is not None:
            name, key = effect
            reason = f"it may have happened, and its strategy failed: {failure.failure.message}"
            if self._task.is_standalone:
                raise self._failure(failed("in_doubt", f"effect {name!r} of {key!r}: {reason}"))
            raise Paused(Doubtful(reason=reason, name=name, key=key))
        if self._end is not None and self._loop.time() >= self._end:
            return None
        for place in range(level + 1, len(self._rungs)):
            if takes_over(self._rungs[place].on, failure.failure.code, failure.kinds):
                return place
        return None

    async def _again(self, level: int, first: _Tried) -> _Tried:
        """Try a strategy whose first attempt failed again, as its policy says."""
        # Here and not at the top: who succeeds at once never pays for it.
        from tenacity import AsyncRetrying

        given = [first]

        async def once() -> _Tried:
            return given.pop() if given else await self._attempt(level)

        def is_worth_it(state: RetryCallState) -> bool:
            tried = _told(state)
            return (
                tried is not None
                and tried.failed is not None
                and self._allows(level, state.attempt_number, tried.failed)
            )

        retrying = AsyncRetrying(
            sleep=asyncio.sleep,
            retry=is_worth_it,
            wait=lambda state: self._seconds_until_next(level, state),
            # Where the chain's time would be over before the next attempt begins, there is none.
            stop=lambda state: self._end is not None and self._loop.time() + state.upcoming_sleep >= self._end,
            retry_error_callback=_told,
        )
        return cast("_Tried", await retrying(once))

    def _seconds_until_next(self, level: int, state: RetryCallState) -> float:
        tried = _told(state)
        asked = tried.failed.retry_after if tried is not None and tried.failed is not None else None
        # The error asks in a user's words, which may be any value.
        if isinstance(asked, int | float) and 0 <= asked < float("inf"):
            return asked
        number = len(self._attempts)
        # Of the moment when it began, so that runs that fail together come back spread out.
        chance = f"{self._began!r} {self._turn}"
        return backoff_seconds(self._rungs[level].policy, chance, self._name, number, state.attempt_number)

    async def _attempt(self, level: int) -> _Tried:
        """One attempt, whatever comes of it."""
        rung = self._rungs[level]
        number = len(self._attempts) + 1
        began = self._loop.time()
        limit = self._limit(rung.policy.attempt_timeout, began)
        part: Task[object] | None = None
        value: object = None
        error: BaseException | None = None
        try:
            part = self._task.part(number, rung.entry.input_type)
            if limit is None and not rung.entry.blocking:
                value = await rung.body(part)
            else:
                value = await self._call(rung, part, limit)
            failure = _refused(rung, value, None if part.notes is None else part.notes.confidence)
        except TimeIsUp as late:
            failure, error = timed_out(limit), late
        except asyncio.CancelledError as cancelled:
            if _is_cancelled(cancelled):
                raise
            # Nobody cancelled the chain: the strategy raised it by itself.
            failure, error = failed_by(cancelled), cancelled
        except (Exception, SystemExit, BaseExceptionGroup) as raised:
            # The border: a strategy may raise anything. Only a pause, also in a group, is not the chain's to judge.
            ended = ended_by(raised)
            if not isinstance(ended, Failed) or _is_cancelled(raised):
                raise
            failure, error = ended, raised
        return self._ended(level, part, value, failure, error, self._loop.time() - began)

    def _ended(
        self,
        level: int,
        part: Task[object] | None,
        value: object,
        failure: Failed | None,
        error: BaseException | None,
        seconds: float,
    ) -> _Tried:
        notes = None if part is None else part.notes
        if part is not None and (notes is not None or level):
            self._task.take(part, succeeded=failure is None, degraded=level > 0)
        confidence = None if notes is None else notes.confidence
        name, number = self._rungs[level].name, len(self._attempts) + 1
        if failure is None:
            attempt = ChainAttempt(name, level, number, seconds, confidence=confidence)
        else:
            why = failure.failure
            attempt = ChainAttempt(name, level, number, seconds, why.code, why.message, error, value, confidence)
        self._attempts.append(attempt)
        return _Tried(attempt, value, failure)

    def _limit(self, seconds: float | None, now: float) -> float | None:
        if self._end is None:
            return seconds
        left = self._end - now
        return left if seconds is None else min(seconds, left)

    async def _call(self, rung: Rung, part: Task[object], limit: float | None) -> object:
        body: Callable[[], Any] = partial(rung.body, part)
        if rung.entry.blocking:
            body = partial(_in_thread, body)
        return await (body() if limit is None else self._limiter.run(body, limit))

    def _result(self, value: object, confidence: float | None, strategy: str, level: int) -> ChainResult[object]:
        return ChainResult(
            value=value,
            confidence=1.0 if confidence is None else confidence,
            strategy=strategy,
            level=level,
            attempts=tuple(self._attempts),
            seconds=self._loop.time() - self._began,
        )

    def _failure(self, last: Failed | None = None, error: BaseException | None = None) -> ChainFailed:
        """The end without an answer; `last` is why the minimal answer did not come either."""
        tried = self._attempts
        if last is not None:
            why, place = last.failure, len(self._rungs)
            minimal = ChainAttempt("minimal", place, len(tried) + 1, 0.0, why.code, why.message, error)
            tried = [*tried, minimal]
        return ChainFailed(self._name, [_as_error(self._name, item) for item in tried])


def _is_cancelled(error: BaseException) -> bool:
    """Whether this is a cancel of the chain itself, which a task group may have wrapped."""
    if isinstance(error, Exception | SystemExit):
        return False
    current = asyncio.current_task()
    return current is None or current.cancelling() > 0


def _told(state: RetryCallState) -> _Tried | None:
    """How the newest attempt ended; None if it was cancelled or paused, which goes through."""
    if state.outcome is None or state.outcome.failed:
        return None
    return cast("_Tried", state.outcome.result())


def _refused(rung: Rung, value: object, confidence: float | None) -> Failed | None:
    """Why a value is not taken."""
    try:
        rung.entry.output_type.check(value)
    except InputError as error:
        return failed("output_invalid", f"agent {rung.name!r}: {error}", type_name="InputError")
    if rung.least is None or (failure := unsure(confidence, rung.least)) is None:
        return None
    return Failed(failure=failure, retryable=False)


async def call_body(entry: Registration, task: AnyTask) -> object:
    """Call an agent where it belongs: a plain function in a thread."""
    body = partial(entry.body, task)
    return await (_in_thread(body) if entry.blocking else body())


async def _in_thread(body: Callable[[], object]) -> object:
    """Run a plain function in a thread of its own; when cancelled, leave it alone."""
    threads = Threads(1)
    try:
        return await threads.run(body)
    finally:
        threads.close()


def _as_error(chain: str, attempt: ChainAttempt) -> AttemptError:
    error = AttemptError(
        attempt.reason,
        stage=chain,
        attempt=attempt.number,
        agent=attempt.strategy,
        error_code=attempt.code,
        error_type="" if attempt.error is None else type(attempt.error).__name__,
        work=attempt.work,
    )
    error.__cause__ = attempt.error
    return error

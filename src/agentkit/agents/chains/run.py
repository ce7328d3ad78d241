"""The long way of a fallback chain, after a first attempt that failed: attempt after attempt, strategy after strategy.

Rules: what follows a failure is asked of the same policy that a stage asks. Time is counted from the first attempt on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from agentkit.agents.failures import failed, failed_by
from agentkit.agents.notes import Paused
from agentkit.errors import AttemptError, ChainFailed
from agentkit.kernel import Doubtful, Failed, backoff_seconds, takes_over

from .limiting import shorter
from .result import ChainAttempt, ChainResult
from .rung import Miss, Rung

if TYPE_CHECKING:
    from tenacity import RetryCallState

    from agentkit.agents.registration import AnyTask

    from .rung import Answer

__all__ = ["ChainRun", "Ladder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What all runs of a chain have in common.

    Attributes:
        name: The chain's name.
        rungs: Its strategies, in order.
        timeout: Seconds for a whole run.
        turns: Numbers that tell runs apart which fail in the same moment, and must not come back in the same one.
    """

    name: str
    rungs: Sequence[Rung]
    timeout: float | None
    turns: Iterator[int]


class ChainRun:
    """A run whose first attempt failed.

    Args:
        ladder: The chain's strategies and settings.
        task: What to work on.
        first: What came of the first attempt.
    """

    __slots__ = ("_attempts", "_began", "_end", "_first", "_ladder", "_now", "_task")

    def __init__(self, ladder: Ladder, task: AnyTask, first: Miss) -> None:
        self._ladder = ladder
        self._task = task
        self._now = asyncio.get_running_loop().time
        self._began = first.began
        self._end = None if ladder.timeout is None else first.began + ladder.timeout
        self._first = first
        self._attempts: list[ChainAttempt] = [first.attempt]

    async def go_on(self, last_resort: Callable[[AnyTask], object]) -> ChainResult[object]:
        """Ask the first strategy again, as its policy says, then one after the other, and in the end the last resort.

        Raises:
            ChainFailed: All failed, and the last resort has no answer.
        """
        rung = self._ladder.rungs[0]
        answer: Answer = self._first
        while isinstance(answer := await self._again(rung, answer), Miss):
            following = self._next(rung, answer.failed)
            if following is None:
                return self._minimal(last_resort)
            rung = following
            answer = await self._attempt(rung)
        return answer

    def _next(self, rung: Rung, failure: Failed) -> Rung | None:
        """The next strategy that takes over from such a failure, if there is time for it.

        After an effect of which nobody knows what became there is none: by another way it might be done again.
        """
        if (effect := self._task.open_effect) is not None:
            name, key = effect
            reason = f"it may have happened, and its strategy failed: {failure.failure.message}"
            if self._task.is_standalone:
                raise self._failure(failed("in_doubt", f"effect {name!r} of {key!r}: {reason}"))
            raise Paused(Doubtful(reason=reason, name=name, key=key))
        if self._end is not None and self._now() >= self._end:
            return None
        for other in self._ladder.rungs[rung.level + 1 :]:
            if takes_over(other.on, failure.failure.code, failure.kinds):
                return other
        return None

    async def _again(self, rung: Rung, answer: Answer) -> Answer:
        """Try a strategy whose first attempt failed again, as its policy says; what did not fail is the answer."""
        if not _is_worth_it(rung, 1, answer):
            return answer
        # Here and not at the top: who is not tried again never pays for it.
        from tenacity import AsyncRetrying

        given = [answer]
        # Of the moment when it began, so that runs that fail together come back spread out.
        chance = f"{self._began!r} {next(self._ladder.turns)}"

        async def once() -> Answer:
            return given.pop() if given else await self._attempt(rung)

        retrying = AsyncRetrying(
            sleep=asyncio.sleep,
            retry=lambda state: _is_worth_it(rung, state.attempt_number, _told(state)),
            wait=lambda state: self._seconds_until_next(rung, state, chance),
            # Where the chain's time would be over before the next attempt begins, there is none.
            stop=lambda state: self._end is not None and self._now() + state.upcoming_sleep >= self._end,
            retry_error_callback=_told,
        )
        return cast("Answer", await retrying(once))

    def _seconds_until_next(self, rung: Rung, state: RetryCallState, chance: str) -> float:
        answer = _told(state)
        asked = answer.failed.retry_after if isinstance(answer, Miss) else None
        # The error asks in a user's words, which may be any value.
        if isinstance(asked, int | float) and 0 <= asked < float("inf"):
            return asked
        return backoff_seconds(rung.policy, chance, self._ladder.name, len(self._attempts), state.attempt_number)

    async def _attempt(self, rung: Rung) -> Answer:
        """One more attempt; a value comes with what was tried before it."""
        left = None if self._end is None else self._end - self._now()
        answer = await rung.ask(self._task, len(self._attempts) + 1, shorter(rung.policy.attempt_timeout, left))
        if isinstance(answer, Miss):
            self._attempts.append(answer.attempt)
            return answer
        return answer._replace(attempts=(*self._attempts, *answer.attempts), seconds=self._now() - self._began)

    def _minimal(self, last_resort: Callable[[AnyTask], object]) -> ChainResult[object]:
        """The answer that comes when all strategies failed.

        Raises:
            ChainFailed: There is none.
        """
        try:
            value = last_resort(self._task)
        except Exception as error:
            raise self._failure(failed_by(error), error) from error
        if value is None:
            raise self._failure() from self._attempts[-1].error
        self._task.degrade(0.0)
        return ChainResult(
            value=value,
            confidence=0.0,
            strategy="minimal",
            level=len(self._ladder.rungs),
            attempts=tuple(self._attempts),
            seconds=self._now() - self._began,
        )

    def _failure(self, last: Failed | None = None, error: BaseException | None = None) -> ChainFailed:
        """The end without an answer; `last` is why the minimal answer did not come either."""
        name, tried = self._ladder.name, self._attempts
        if last is not None:
            why, level = last.failure, len(self._ladder.rungs)
            minimal = ChainAttempt("minimal", level, len(tried) + 1, 0.0, None, why.code, why.message, error)
            tried = [*tried, minimal]
        return ChainFailed(name, [_as_error(name, item) for item in tried])


def _is_worth_it(rung: Rung, tries: int, answer: Answer | None) -> bool:
    """Whether a strategy is tried again that was tried so often."""
    return isinstance(answer, Miss) and rung.policy.allows(tries, answer.failed.retryable, answer.failed.kinds)


def _told(state: RetryCallState) -> Answer | None:
    """What came of the newest attempt; None if it was cancelled or paused, which goes through."""
    if state.outcome is None or state.outcome.failed:
        return None
    return cast("Answer", state.outcome.result())


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

"""What follows a failed attempt: the same agent again, or the next one of the chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal, TypeAlias, cast

from agentkit.errors import DefinitionError

from .checks import (
    count_problems,
    is_number,
    kind_problems,
    name_problems,
    seconds_problems,
    shortened,
    texts_problems,
)
from .controls import as_tuple

__all__ = ["NO_RETRY", "TRIGGERS", "Fallback", "RetryPolicy", "Trigger"]

Trigger: TypeAlias = Literal["error", "timeout", "invalid_output", "low_confidence", "budget"]
"""Why the next agent of a chain takes over: an error, a limit of time, an output that does not fit its type, a
confidence below the stage's, or an exhausted budget."""

TRIGGERS: tuple[Trigger, ...] = ("error", "timeout", "invalid_output", "low_confidence", "budget")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When a failed attempt is tried again, and after how long.

    The wait before attempt n+1 is `delay * factor ** (n - 1)`, at most `max_delay`, shortened by up to the share
    `jitter`. The jitter is derived from the operation's id, so that replaying decides the same; many operations that
    fail together still come back spread out.

    Attributes:
        attempts: How often one agent is tried in all; 1 means no retry.
        delay: Seconds before the second attempt.
        factor: What each further wait is multiplied with.
        max_delay: The longest wait in seconds.
        jitter: The share of the wait that is left to chance, 0 to 1.
        retry_on: Names of the errors that are worth a retry, such as `"ConnectionError"`; classes may be given too, and
            subclasses count. Empty means every error but those that say they are not retryable.
        attempt_timeout: Seconds that one attempt may take; None leaves only the stage's own timeout.

    Raises:
        DefinitionError: A number is out of its range.

    Example:
        >>> RetryPolicy(attempts=3, retry_on=[ConnectionError]).retry_on
        ('ConnectionError',)
    """

    attempts: int = 1
    delay: float = 1.0
    factor: float = 2.0
    max_delay: float = 60.0
    jitter: float = 0.5
    retry_on: Sequence[str | type[BaseException]] = ()
    attempt_timeout: float | None = None

    def __post_init__(self) -> None:
        kinds = as_tuple(self.retry_on)
        if isinstance(kinds, tuple):
            given = cast("tuple[object, ...]", kinds)
            kinds = tuple(kind.__name__ if isinstance(kind, type) else kind for kind in given)
        object.__setattr__(self, "retry_on", kinds)
        problems = [
            *count_problems("retry: attempts", self.attempts, most=1_000),
            *seconds_problems("retry: delay", self.delay, optional=False, zero=True),
            *seconds_problems("retry: max_delay", self.max_delay, optional=False, zero=True),
            *seconds_problems("retry: attempt_timeout", self.attempt_timeout),
            *texts_problems("retry: retry_on", self.retry_on),
        ]
        if not is_number(self.factor) or not 1 <= self.factor <= 100:
            problems.append(f"retry: factor must be a number from 1 to 100, not {shortened(self.factor)}")
        if not is_number(self.jitter) or not 0 <= self.jitter <= 1:
            problems.append(f"retry: jitter must be a share from 0 to 1, not {shortened(self.jitter)}")
        if problems:
            raise DefinitionError(*problems)


NO_RETRY = RetryPolicy()


@dataclass(frozen=True, slots=True)
class Fallback:
    """An agent that takes over when the one before it has used up its attempts, with settings of its own.

    Attributes:
        agent: The agent's name.
        retry: How often it is tried; None is as often as the stage says.
        on: What it takes over from; after anything else the stage goes on to the next fallback.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> Fallback("share_simple", on=["timeout", "error"]).on
        ('timeout', 'error')
    """

    agent: str
    _: KW_ONLY
    retry: RetryPolicy | None = None
    on: Sequence[Trigger] = TRIGGERS

    def __post_init__(self) -> None:
        object.__setattr__(self, "on", as_tuple(self.on))
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        yield from name_problems("fallback: agent", self.agent)
        if self.retry is not None:
            yield from kind_problems("fallback: retry", self.retry, RetryPolicy, "a RetryPolicy")
        if not isinstance(cast("object", self.on), tuple) or not self.on or not set(self.on) <= set(TRIGGERS):
            yield f"fallback: on must be some of {', '.join(TRIGGERS)}, not {shortened(self.on)}"

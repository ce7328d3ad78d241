"""What follows a failed attempt: the same agent again, or the next one of the chain.

Rules: these are values and pure questions about them; a stage of a workflow and a chain that runs alone ask the same
ones, and so go on in the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal, TypeAlias, cast

from agentkit.errors import DefinitionError
from agentkit.kernel.checks import (
    count_problems,
    is_number,
    kind_problems,
    name_problems,
    seconds_problems,
    shortened,
    texts_problems,
)

from .controls import as_tuple

__all__ = ["NO_RETRY", "TRIGGERS", "Fallback", "RetryPolicy", "Trigger", "kinds_of", "takes_over", "trigger_problems"]

Trigger: TypeAlias = Literal["error", "timeout", "invalid_output", "low_confidence", "budget"]
"""Why the next agent of a chain takes over: an error, a limit of time, an output that does not fit its type, a
confidence below the stage's, or an exhausted budget."""

TRIGGERS: tuple[Trigger, ...] = ("error", "timeout", "invalid_output", "low_confidence", "budget")

_TRIGGER_OF: Mapping[str, Trigger] = {
    "timeout": "timeout",
    "output_invalid": "invalid_output",
    "output_too_large": "invalid_output",
    "value_unstorable": "invalid_output",
    "low_confidence": "low_confidence",
    "budget_exhausted": "budget",
}
"""What the codes of failures mean to a chain; any other is an error."""


def kinds_of(given: object) -> object:
    """Classes of errors as their names, and texts as they are; what is no list stays, for the checks to tell."""
    kinds = as_tuple(given)
    if not isinstance(kinds, tuple):
        return kinds
    return tuple(kind.__name__ if isinstance(kind, type) else kind for kind in cast("tuple[object, ...]", kinds))


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
        object.__setattr__(self, "retry_on", kinds_of(self.retry_on))
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

    def allows(self, tries: int, retryable: bool | None, kinds: Collection[str]) -> bool:
        """Whether an agent that failed is tried again.

        Args:
            tries: How often it was tried.
            retryable: What the error says of itself; None leaves it to the policy.
            kinds: The names of the error's class and its parents.
        """
        if tries >= self.attempts or retryable is False:
            return False
        return bool(retryable or not self.retry_on or not set(self.retry_on).isdisjoint(kinds))

    def seconds_after(self, tries: int, chance: float) -> float:
        """The wait after so many tries; `chance`, from 0 to 1, says how much of the jitter is taken off."""
        try:
            wait = min(self.max_delay, self.delay * float(self.factor) ** (tries - 1))
        except OverflowError:
            wait = self.max_delay if self.delay else 0.0
        return wait * (1 - self.jitter * chance)


NO_RETRY = RetryPolicy()


@dataclass(frozen=True, slots=True)
class Fallback:
    """An agent that takes over when the one before it has used up its attempts, with settings of its own.

    Attributes:
        agent: The agent's name.
        retry: How often it is tried; None is as often as the stage says.
        on: What it takes over from: triggers, and classes of errors or their names; after anything else the stage goes
            on to the next fallback.
        min_confidence: How sure its value has to be, 0 to 1; None is as sure as the stage says.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> Fallback("share_simple", on=["timeout", ConnectionError]).on
        ('timeout', 'ConnectionError')
    """

    agent: str
    _: KW_ONLY
    retry: RetryPolicy | None = None
    on: Sequence[str | type[BaseException]] = TRIGGERS
    min_confidence: float | None = None

    def __post_init__(self) -> None:
        if self.on is not TRIGGERS:
            object.__setattr__(self, "on", kinds_of(self.on))
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        yield from name_problems("fallback: agent", self.agent)
        if self.retry is not None:
            yield from kind_problems("fallback: retry", self.retry, RetryPolicy, "a RetryPolicy")
        yield from trigger_problems("fallback: on", self.on)
        confidence = self.min_confidence
        if confidence is not None and not (is_number(confidence) and 0 <= confidence <= 1):
            yield f"fallback: min_confidence must be a share from 0 to 1, not {shortened(confidence)}"


def trigger_problems(what: str, on: object) -> Iterator[str]:
    """Triggers are words, and names of errors, which begin with a capital letter: a slip is none of both."""
    shown = shortened(on)
    if not isinstance(on, tuple) or not on:
        yield f"{what} must be a list of triggers or errors that is not empty, not {shown}"
        return
    for item in cast("tuple[object, ...]", on):
        if item not in TRIGGERS and not (isinstance(item, str) and item.isidentifier() and item[0].isupper()):
            yield f"{what} must be some of {', '.join(TRIGGERS)}, or the name of an error, not {shortened(item)}"


def takes_over(on: Collection[object], code: str, kinds: Collection[str]) -> bool:
    """Whether who waits for these triggers takes over from a failure.

    Args:
        on: Triggers and names of errors.
        code: The failure's code.
        kinds: The names of the error's class and its parents.
    """
    return _TRIGGER_OF.get(code, "error") in on or any(kind in on for kind in kinds)

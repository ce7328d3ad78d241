"""What comes out of a fallback chain: the value, how good it is, and every attempt on the way to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Generic, NamedTuple

from typing_extensions import TypeVar

__all__ = ["ChainAttempt", "ChainResult"]

Out = TypeVar("Out", default=object, covariant=True)


# Both are tuples: an answer at once makes one of each, and a frozen dataclass takes three times as long to make.
class ChainAttempt(NamedTuple):
    """One attempt of one strategy.

    Attributes:
        strategy: Whose.
        level: Its place in the chain, from 0.
        number: Which attempt, counted from 1 over the whole chain.
        seconds: How long it took.
        confidence: How sure it said it was; None if it said nothing.
        code: What went wrong, for programs, such as `error`, `timeout` or `low_confidence`; empty if nothing did.
        reason: What went wrong, for people.
        error: The error, if one was raised.
        work: The value that a failed attempt gave all the same, such as one with too little confidence.
    """

    strategy: str
    level: int
    number: int
    seconds: float
    confidence: float | None = None
    code: str = ""
    reason: str = ""
    error: BaseException | None = None
    work: object = None

    @property
    def succeeded(self) -> bool:
        """Whether its value was taken."""
        return not self.code

    def __str__(self) -> str:
        outcome = "gave the value" if self.succeeded else f"{self.code}: {self.reason}"
        return f"{self.number}. {self.strategy} ({self.seconds:.3g} s) {outcome}"


class ChainResult(NamedTuple, Generic[Out]):
    """What a fallback chain gives.

    Attributes:
        value: The value.
        confidence: How sure it is, 0 to 1; a minimal answer is not sure at all.
        strategy: Who gave it; `minimal` for the minimal answer.
        level: Its place in the chain, from 0; the minimal answer comes behind all strategies.
        attempts: Every attempt, in order; a value comes from the last one.
        seconds: How long all of it took.
    """

    value: Out
    confidence: float
    strategy: str
    level: int
    attempts: Sequence[ChainAttempt]
    seconds: float

    @property
    def is_degraded(self) -> bool:
        """Whether it is less than was asked for: it did not come from the first strategy."""
        return self.level > 0

    def __str__(self) -> str:
        return f"{self.value!r} {self._origin()}"

    def _origin(self) -> str:
        mark = ", degraded" if self.is_degraded else ""
        return f"by {self.strategy}, confidence {self.confidence:g}{mark}, {len(self.attempts)} attempt(s)"

    def _repr_mimebundle_(
        self, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
    ) -> Mapping[str, str]:
        """The result as a notebook shows it: the value, where it comes from, and what was tried."""
        rows = "".join(
            f"<tr><td>{item.number}</td><td>{escape(item.strategy)}</td><td>{item.seconds:.3g} s</td>"
            f"<td>{escape(f'{item.code}: {item.reason}' if item.code else 'gave the value')}</td></tr>"
            for item in self.attempts
        )
        html = (
            f"<p><code>{escape(repr(self.value))}</code> {escape(self._origin())}</p>"
            f"<table><tr><th>attempt</th><th>strategy</th><th>took</th><th>outcome</th></tr>{rows}</table>"
        )
        return {"text/plain": "\n".join([str(self), *map(str, self.attempts)]), "text/html": html}

"""What became of work, and what that is worth.

Rules: a reward is a share from 0 to 1, so that all outcomes can be compared; it is computed once, when the outcome is
told, and kept with it. What failed is worth nothing, however fast it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import TypeGuard, cast

from agentkit.errors import DefinitionError, InputError
from agentkit.kernel import shortened

__all__ = ["Outcome", "Reward"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a piece of work.

    Attributes:
        success: Whether it succeeded.
        quality: How good it was, 0 to 1; None if nobody judged it.
        seconds: How long it took; None if nobody measured it.
        cost: What it cost, an exact amount; None if nobody knows.
        currency: The currency of the cost.
        unjudged: Why nobody judged it, if somebody should have and made a mistake.

    Raises:
        InputError: A figure is not valid.

    Example:
        >>> Outcome(success=True, quality=0.9, seconds=1.5, cost=Decimal("0.02"), currency="USD").quality
        0.9
    """

    success: bool
    quality: float | None = None
    seconds: float | None = None
    cost: Decimal | None = None
    currency: str = ""
    unjudged: str = ""

    def __post_init__(self) -> None:
        problem = next(self._problems(), None)
        if problem is not None:
            raise InputError(f"outcome: {problem}")

    def _problems(self) -> Iterator[str]:
        if not isinstance(cast("object", self.success), bool):
            yield f"success is True or False, not {shortened(self.success)}"
        if self.quality is not None and not (_is_number(self.quality) and 0 <= self.quality <= 1):
            yield f"quality is a share from 0 to 1, not {shortened(self.quality)}"
        if self.seconds is not None and not (_is_number(self.seconds) and self.seconds >= 0):
            yield f"seconds is a number from 0 on, not {shortened(self.seconds)}"
        if self.cost is not None and not _is_amount(self.cost):
            yield f"cost is a Decimal from 0 on, such as Decimal('0.02'), not {shortened(self.cost)}"
        elif self.cost and not self.currency:
            yield f"a cost of {self.cost} in which currency? give one, such as currency='USD'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """What an outcome is worth: the weighted mean of its parts, each from 0 to 1; 0 if it failed.

    A part that an outcome says nothing of does not count for it. Speed and thrift are worth 1 for nothing, a half at
    what is usual, and less the more it is.

    Attributes:
        success: The weight of success by itself.
        quality: The weight of the quality.
        speed: The weight of how fast it was.
        usual_seconds: How long such work usually takes.
        thrift: The weight of how cheap it was.
        usual_cost: What such work usually costs.
        currency: The currency of that; a cost in another one does not count.

    Raises:
        DefinitionError: A weight or a measure is not valid.

    Example:
        >>> Reward().of(Outcome(success=True, quality=0.5))
        0.75
        >>> Reward(quality=0, speed=1, usual_seconds=2).of(Outcome(success=True, seconds=6))
        0.625
    """

    success: float = 1.0
    quality: float = 1.0
    speed: float = 0.0
    usual_seconds: float = 10.0
    thrift: float = 0.0
    usual_cost: Decimal = Decimal("0.10")
    currency: str = "USD"

    def __post_init__(self) -> None:
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        weights = (self.success, self.quality, self.speed, self.thrift)
        for name, weight in zip(("success", "quality", "speed", "thrift"), weights, strict=True):
            if not (_is_number(weight) and 0 <= weight <= 1_000_000):
                yield f"reward: {name} must be a weight from 0 on, not {shortened(weight)}"
                return
        if not sum(weights):
            yield "reward: at least one weight must be above 0"
        if not (_is_number(self.usual_seconds) and self.usual_seconds > 0):
            yield f"reward: usual_seconds must be a number above 0, not {shortened(self.usual_seconds)}"
        if not _is_amount(self.usual_cost) or not self.usual_cost:
            yield f"reward: usual_cost must be an exact amount above 0, not {shortened(self.usual_cost)}"

    def of(self, outcome: Outcome) -> float:
        """What an outcome is worth, 0 to 1."""
        if not outcome.success:
            return 0.0
        parts = [(self.success, 1.0)]
        if outcome.quality is not None:
            parts.append((self.quality, outcome.quality))
        if outcome.seconds is not None:
            parts.append((self.speed, self.usual_seconds / (self.usual_seconds + outcome.seconds)))
        if outcome.cost is not None and (not outcome.cost or outcome.currency == self.currency):
            parts.append((self.thrift, float(self.usual_cost / (self.usual_cost + outcome.cost))))
        weight = sum(part[0] for part in parts)
        # Where no part counts that anybody knows of, it is worth what a success is.
        return sum(part[0] * part[1] for part in parts) / weight if weight else 1.0


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_amount(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and value >= 0

"""Small facts inside of events: why something failed, and what it used."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from agentkit.errors import DefinitionError

__all__ = ["NO_USAGE", "Failure", "Usage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why something failed, as data.

    Attributes:
        code: For programs: `error`, `timeout`, `input_invalid`, `output_invalid`, `output_too_large`, ...
        type: The class name of the error.
        message: For people; at most 2,000 characters.
    """

    code: str
    type: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What some work used. What is not known is None, which is not nothing.

    Attributes:
        calls: Calls, of models or of anything that is counted.
        seconds: Seconds of work.
        tokens: Tokens.
        money: An exact amount, written as a decimal.
        currency: The currency of the money.

    Example:
        >>> Usage(calls=1, money="0.10", currency="USD") + Usage(calls=2, money="0.20", currency="USD")
        Usage(calls=3, seconds=0, tokens=0, money='0.30', currency='USD')
    """

    calls: int | None = 0
    seconds: float | None = 0
    tokens: int | None = 0
    money: str | None = "0"
    currency: str | None = None

    def __add__(self, other: Usage) -> Usage:
        """Both together; what is unknown of one is unknown of both.

        Raises:
            DefinitionError: They are in different currencies.
        """
        if self.currency is not None and other.currency not in (None, self.currency):
            raise DefinitionError(f"amounts in {self.currency} and {other.currency} cannot be added; convert one first")
        return Usage(
            calls=None if self.calls is None or other.calls is None else self.calls + other.calls,
            seconds=None if self.seconds is None or other.seconds is None else self.seconds + other.seconds,
            tokens=None if self.tokens is None or other.tokens is None else self.tokens + other.tokens,
            money=None if self.money is None or other.money is None else _sum(self.money, other.money),
            currency=self.currency or other.currency,
        )


NO_USAGE = Usage()


def _sum(one: str, other: str) -> str:
    with localcontext() as context:
        # Exact, whatever the context of the caller is: amounts have far fewer digits than this.
        context.prec = 100
        return str(Decimal(one) + Decimal(other))

"""Small facts inside of events: why something failed, and what it used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import cast

from agentkit.errors import DefinitionError

from .checks import count_problems, name_problems, seconds_problems, shortened

__all__ = ["NO_USAGE", "UNKNOWN_USAGE", "Failure", "TierUsed", "Usage", "as_money", "money_sum", "money_text", "unsure"]

_AMOUNT = re.compile(r"[0-9]{1,24}(\.[0-9]{1,24})?", re.ASCII)

# Exact, whatever the context of the caller is: amounts have far fewer digits than this, and none is ever rounded.
_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation, Overflow])


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
class TierUsed:
    """The capability tier that an attempt worked with.

    Attributes:
        name: Which tier.
        why: Why it was this one, for people.
        model: The model that belongs to it, if one does.
    """

    name: str
    why: str
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What some work used. What is not known is None, which is not nothing.

    Attributes:
        calls: Calls, of models or of anything that is counted.
        seconds: Seconds of work.
        tokens: Tokens.
        money: An exact amount, written as a decimal with at most 24 digits on each side of its point; a `Decimal` or a
            whole number may be given.
        currency: The currency of the money; an amount other than 0 has one.
        least_calls: Of calls that are None, how many are known: it was at least that.
        least_seconds: The same of seconds.
        least_tokens: The same of tokens.
        least_money: The same of money.

    Raises:
        DefinitionError: An amount is not valid.

    Example:
        >>> Usage(calls=1, money="0.10", currency="USD") + Usage(calls=2, money="0.20", currency="USD")
        Usage(calls=3, seconds=0, tokens=0, money='0.30', currency='USD')
        >>> both = Usage(tokens=5) + Usage(tokens=None)
        >>> both.tokens is None, both.known.tokens
        (True, 5)
    """

    calls: int | None = 0
    seconds: float | None = 0
    tokens: int | None = 0
    money: str | None = "0"
    currency: str | None = None
    least_calls: int = field(default=0, repr=False)
    least_seconds: float = field(default=0, repr=False)
    least_tokens: int = field(default=0, repr=False)
    least_money: str = field(default="0", repr=False)

    def __post_init__(self) -> None:
        money = cast("object", self.money)
        if isinstance(money, Decimal | int) and not isinstance(money, bool):
            object.__setattr__(self, "money", money_text(money))
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        for name in ("calls", "tokens"):
            if getattr(self, name) is not None:
                yield from count_problems(f"usage: {name}", getattr(self, name), least=0, most=10**15)
        yield from seconds_problems("usage: seconds", self.seconds, zero=True)
        if self.currency is not None:
            yield from name_problems("usage: currency", self.currency)
        if self.least_calls or self.least_seconds or self.least_tokens or self.least_money != "0":
            yield from self._least_problems()
        if self.money is None:
            return
        if as_money(self.money) is None:
            yield f"usage: money must be an exact amount from 0 on, such as '12.50', not {shortened(self.money)}"
        elif self.currency is None and as_money(self.money):
            yield f"usage: money: {self.money} of which currency? give one, such as currency='USD'"

    def _least_problems(self) -> Iterator[str]:
        for name in ("calls", "tokens"):
            yield from count_problems(f"usage: least_{name}", getattr(self, f"least_{name}"), least=0, most=10**15)
        yield from seconds_problems("usage: least_seconds", self.least_seconds, zero=True)
        exact = as_money(self.least_money)
        if exact is None:
            yield f"usage: least_money must be an exact amount from 0 on, not {shortened(self.least_money)}"
        elif exact and self.currency is None:
            yield f"usage: least_money: {self.least_money} of which currency? give one, such as currency='USD'"
        for name in ("calls", "seconds", "tokens", "money"):
            if getattr(self, name) is not None and getattr(self, f"least_{name}") not in (0, "0"):
                yield f"usage: least_{name} is for what is unknown: give {name}=None as well"

    @property
    def known(self) -> Usage:
        """What is known of it: of what is unknown, the least that it was."""
        return Usage(
            calls=self.least_calls if self.calls is None else self.calls,
            seconds=self.least_seconds if self.seconds is None else self.seconds,
            tokens=self.least_tokens if self.tokens is None else self.tokens,
            money=self.least_money if self.money is None else self.money,
            currency=self.currency,
        )

    def __add__(self, other: Usage) -> Usage:
        """Both together; what is unknown of one is unknown of both.

        Raises:
            DefinitionError: They are in different currencies.
        """
        if self.currency is not None and other.currency not in (None, self.currency):
            raise DefinitionError(f"amounts in {self.currency} and {other.currency} cannot be added; convert one first")
        calls = None if self.calls is None or other.calls is None else self.calls + other.calls
        seconds = None if self.seconds is None or other.seconds is None else self.seconds + other.seconds
        tokens = None if self.tokens is None or other.tokens is None else self.tokens + other.tokens
        money = None if self.money is None or other.money is None else _sum(self.money, other.money)
        currency = self.currency or other.currency
        if calls is not None and seconds is not None and tokens is not None and money is not None:
            return Usage(calls=calls, seconds=seconds, tokens=tokens, money=money, currency=currency)
        mine, theirs = self.known, other.known
        return Usage(
            calls=calls,
            seconds=seconds,
            tokens=tokens,
            money=money,
            currency=currency,
            least_calls=0 if calls is not None else (mine.calls or 0) + (theirs.calls or 0),
            least_seconds=0 if seconds is not None else (mine.seconds or 0) + (theirs.seconds or 0),
            least_tokens=0 if tokens is not None else (mine.tokens or 0) + (theirs.tokens or 0),
            least_money="0" if money is not None else _sum(mine.money or "0", theirs.money or "0"),
        )


def as_money(given: object) -> Decimal | None:
    """The exact amount from 0 on that is meant; None if there is none, such as for a float."""
    if isinstance(given, Decimal):
        given = money_text(given)
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given) if 0 <= given < 10**24 else ""
    return Decimal(given) if isinstance(given, str) and _AMOUNT.fullmatch(given) else None


def money_text(amount: Decimal | int) -> str:
    """An amount as it is written: with digits and a point, never with an exponent."""
    if isinstance(amount, Decimal):
        # So far off that its digits could not be written down; the checks refuse it as it is.
        return f"{amount:f}" if amount.is_finite() and -30 < amount.adjusted() < 30 else str(amount)
    return str(amount) if abs(amount) < 10**24 else "1e24"


def money_sum(one: Decimal, other: Decimal) -> Decimal:
    """Both amounts together, exactly."""
    return _EXACT.add(one, other)


def _sum(one: str, other: str) -> str:
    return money_text(money_sum(Decimal(one), Decimal(other)))


NO_USAGE = Usage()
UNKNOWN_USAGE = Usage(calls=None, seconds=None, tokens=None, money=None)
"""Of work that was cut off: nobody knows what it used."""


def unsure(confidence: float | None, least: float) -> Failure | None:
    """The failure of a value that is less sure than was asked for; who says nothing is as sure as one can be."""
    if confidence is None or confidence >= least:
        return None
    message = f"is sure by {confidence:g}, and at least {least:g} is asked for"
    return Failure(code="low_confidence", type="LowConfidence", message=message)

"""What one budget has: what was spent, what is reserved, what is left. Pure accounting, exact to the last digit.

Rules: what is reserved is out of reach for everybody else until it is settled; what was spent is a fact and counts even
where it is more than was allowed; what is unknown stays unknown, and then what was reserved for it is what counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias, cast

from agentkit.errors import BudgetExhausted, DefinitionError, UsageError

from .definition.controls import Allowance
from .facts import Usage, as_money, money_sum, money_text

__all__ = ["KINDS", "NO_LIMIT", "Account", "Amounts", "Kind", "Lack", "unsaid"]

Kind: TypeAlias = Literal["calls", "seconds", "tokens", "money"]
"""What can be limited."""

KINDS: Final[tuple[Kind, ...]] = ("calls", "seconds", "tokens", "money")
NO_LIMIT: Final = Allowance()
_ZERO = Decimal(0)
_TINY = 1e-9


class Amounts(NamedTuple):
    """How much of each kind."""

    calls: int = 0
    seconds: float = 0.0
    tokens: int = 0
    money: Decimal = _ZERO

    @staticmethod
    def of(calls: int, seconds: float, tokens: int, money: object) -> Amounts:
        """What somebody asks for, checked.

        Raises:
            DefinitionError: A number is not valid, or the money is no exact amount.
        """
        exact = as_money(money)
        if exact is None:
            raise DefinitionError(f"budget: money must be an exact amount from 0 on, such as '0.02', not {money!r}")
        # A usage with some currency checks the other numbers.
        Usage(calls=calls, seconds=seconds, tokens=tokens)
        return Amounts(calls, seconds, tokens, exact)

    @staticmethod
    def of_usage(usage: Usage) -> Amounts:
        """What is known of it: of what is unknown, the least that it was."""
        return Amounts(
            usage.least_calls if usage.calls is None else usage.calls,
            float(usage.least_seconds if usage.seconds is None else usage.seconds),
            usage.least_tokens if usage.tokens is None else usage.tokens,
            Decimal(usage.least_money if usage.money is None else usage.money),
        )

    def only(self, kinds: frozenset[Kind]) -> Amounts:
        """The amounts of these kinds, and nothing of the others."""
        return Amounts(**{kind: getattr(self, kind) for kind in kinds})

    def plus(self, other: Amounts) -> Amounts:
        """Both together."""
        return Amounts(
            self.calls + other.calls,
            self.seconds + other.seconds,
            self.tokens + other.tokens,
            money_sum(self.money, other.money),
        )

    def minus(self, other: Amounts) -> Amounts:
        """This without the other."""
        seconds = self.seconds - other.seconds
        return Amounts(
            self.calls - other.calls,
            # What remains of a sum of floats is nothing.
            seconds if abs(seconds) > _TINY else 0.0,
            self.tokens - other.tokens,
            money_sum(self.money, -other.money),
        )

    def most(self, other: Amounts) -> Amounts:
        """The greater amount of each kind."""
        return Amounts(
            max(self.calls, other.calls),
            max(self.seconds, other.seconds),
            max(self.tokens, other.tokens),
            max(self.money, other.money),
        )

    def usage(self, currency: str | None, unknown: frozenset[Kind] = frozenset()) -> Usage:
        """The same as a usage, with None for the kinds of which not all is known, and with what is known of them."""
        seconds, money = max(0.0, self.seconds), money_text(self.money)
        if not unknown:
            return Usage(calls=self.calls, seconds=seconds, tokens=self.tokens, money=money, currency=currency)
        return Usage(
            calls=None if "calls" in unknown else self.calls,
            seconds=None if "seconds" in unknown else seconds,
            tokens=None if "tokens" in unknown else self.tokens,
            money=None if "money" in unknown else money,
            currency=currency,
            least_calls=self.calls if "calls" in unknown else 0,
            least_seconds=seconds if "seconds" in unknown else 0,
            least_tokens=self.tokens if "tokens" in unknown else 0,
            least_money=money if "money" in unknown else "0",
        )


NOTHING: Final = Amounts()


class Lack(NamedTuple):
    """What a budget cannot give.

    Attributes:
        kind: What.
        asked: How much was asked for.
        left: How much is left.
    """

    kind: Kind
    asked: float | Decimal
    left: float | Decimal


class Account:
    """The books of one budget, and what is done in them and in all above at once.

    Args:
        allowance: What may be spent.
        name: What it is called in errors.
        parent: The books that what is spent here is spent in too.
        beside: Other parts of the same parent that it is spent in as well.

    Attributes:
        allowance: What may be spent.
        name: What it is called.
        chain: These books, those beside and all above, up to the root.
        currency: The currency of its money; None until there is some.
        counted: What counts against the allowance.
        reserved: What is reserved and not settled.
        ahead: The part of it that is reserved for calls before they are made: the first such calls take it over.
        is_closed: Whether nothing is reserved here any more: what was, counts.
    """

    __slots__ = (
        "_known",
        "_limits",
        "_unknown",
        "ahead",
        "allowance",
        "chain",
        "counted",
        "currency",
        "is_closed",
        "name",
        "reserved",
    )

    def __init__(
        self,
        allowance: Allowance = NO_LIMIT,
        *,
        name: str = "budget",
        parent: Account | None = None,
        beside: Sequence[Account] = (),
    ) -> None:
        self.allowance: Allowance = allowance
        self.name: str = name
        self.chain: tuple[Account, ...] = (self, *beside, *(() if parent is None else parent.chain))
        self.currency: str | None = None
        self.counted: Amounts = NOTHING
        self.reserved: Amounts = NOTHING
        self.ahead: Amounts = NOTHING
        self.is_closed: bool = False
        self._known: Amounts = NOTHING
        self._unknown: frozenset[Kind] = frozenset()
        limits = (allowance.calls, cast("float | None", allowance.seconds), allowance.tokens, allowance.money)
        self._limits: tuple[tuple[int, float | Decimal], ...] = tuple(
            (place, cast("float | Decimal", limit)) for place, limit in enumerate(limits) if limit is not None
        )
        self.currency = self.currency_of(allowance.currency)

    def currency_of(self, currency: str | None, *, needed: bool = False) -> str | None:
        """The currency that is meant, here and in all above.

        Raises:
            DefinitionError: It is another one than that of some budget, or nobody says which.
        """
        known = currency
        for account in self.chain:
            if known is not None and account.currency not in (None, known):
                # Its parts are in the same currency without having asked for it.
                same = (one for one in self.chain if one.allowance.currency == account.currency)
                name = next(same, account).name
                raise DefinitionError(
                    f"budget {name!r} is in {account.currency} and cannot count money in {known}; convert it first"
                )
            known = known or account.currency
        if needed and known is None:
            raise DefinitionError(f"budget {self.name!r}: money of which currency? give one, such as currency='USD'")
        return known

    @property
    def is_over(self) -> bool:
        """Whether these books, or some above, are closed."""
        return any(account.is_closed for account in self.chain)

    def close(self) -> None:
        """Reserve nothing any more; what is reserved counts as it is, and is unknown but for the calls."""
        self.settle(self.reserved, unsaid(self.reserved))
        self.is_closed = True

    def reserve(self, asked: Amounts, currency: str | None = None) -> None:
        """Set this aside here and in all above, or nowhere.

        Raises:
            BudgetExhausted: One of them does not have that much left.
            DefinitionError: It is in another currency.
            UsageError: The work that it was for is over.
        """
        if self.is_over:
            raise UsageError(f"budget {self.name!r} is closed, since the work that it was for is over")
        currency = self.currency_of(currency, needed=bool(asked.money))
        self.check(asked)
        for account, taken in self._taken_over(asked.calls):
            account.reserved = account.reserved.plus(asked.minus(taken))
            account.currency = account.currency or currency
        self._take_over(asked.calls)

    def check(self, asked: Amounts) -> None:
        """Check that this can be reserved here and in all above.

        Raises:
            BudgetExhausted: One of them does not have that much left.
        """
        for account, taken in self._taken_over(asked.calls):
            lack = account.lack(asked.minus(taken))
            if lack is not None:
                needed, left = (_written(lack.kind, amount, account.currency) for amount in (lack.asked, lack.left))
                # Whoever asks for nothing of what is used up needs some of it all the same, before long.
                raise BudgetExhausted(account.name, kind=lack.kind, asked=needed if lack.asked else "more", left=left)

    def cancel(self, reserved: Amounts) -> None:
        """Give back what was reserved, here and in all above."""
        for account in self.chain:
            account.reserved = account.reserved.minus(reserved)

    def settle(self, reserved: Amounts, used: Usage) -> None:
        """Count what was used in place of what was reserved for it, here and in all above.

        Of what is unknown, what was reserved counts.

        Raises:
            DefinitionError: It is in another currency.
        """
        currency = self.currency_of(used.currency)
        known = Amounts.of_usage(used)
        unknown: frozenset[Kind] = frozenset(kind for kind in KINDS if getattr(used, kind) is None)
        counted = known.most(reserved.only(unknown)) if unknown else known
        calls = known.calls - reserved.calls
        for account, taken in self._taken_over(calls):
            account.reserved = account.reserved.minus(reserved).minus(taken)
            account.counted = account.counted.plus(counted)
            account.currency = account.currency or currency
            account.note(known, unknown)
        self._take_over(calls)

    def catch_up(self, spent: Usage, counted: Usage, *, alone: bool = False) -> None:
        """Count what somebody else knows and these books do not, here and in all above.

        Args:
            spent: What is known to be spent in all.
            counted: What counts of it in all.
            alone: Whether all above know of it.
        """
        more = Amounts.of_usage(counted).minus(self.counted).most(NOTHING)
        unknown: frozenset[Kind] = frozenset(kind for kind in KINDS if getattr(spent, kind) is None)
        known = more.minus(more.only(unknown))
        if unknown:
            known = known.plus(Amounts.of_usage(spent).minus(self._known).most(NOTHING).only(unknown))
        currency = self.currency_of(counted.currency)
        for account in (self,) if alone else self.chain:
            account.counted = account.counted.plus(more)
            account.currency = account.currency or currency
            account.note(known, unknown)

    def lack(self, asked: Amounts) -> Lack | None:
        """What is not there of what is asked for, in these books alone; None if all can be reserved.

        Where a limit above 0 was used up, nothing more is given, of whatever kind: whoever asks for a call alone would
        spend tokens too.
        """
        for place, limit in self._limits:
            left = self._left(place, limit)
            if asked[place] > left or self.counted[place] >= limit > 0:
                return Lack(KINDS[place], asked[place], _floored(left))
        return None

    @property
    def has_unknown(self) -> bool:
        """Whether some of what was spent is unknown."""
        return bool(self._unknown)

    @property
    def spent(self) -> Usage:
        """What is known to be spent; None where not all of it is known."""
        return self._known.usage(self.currency, self._unknown)

    @property
    def left(self) -> Allowance:
        """What may still be spent; None where there is no limit."""
        left = {KINDS[place]: _floored(self._left(place, limit)) for place, limit in self._limits}
        return Allowance(
            calls=cast("int | None", left.get("calls")),
            seconds=cast("float | None", left.get("seconds")),
            tokens=cast("int | None", left.get("tokens")),
            money=cast("Decimal | None", left.get("money")),
            currency=self.allowance.currency,
            soft=self.allowance.soft,
        )

    @property
    def is_tight(self) -> bool:
        """Whether the soft share of some limit is spent or reserved."""
        soft = self.allowance.soft
        taken = self.counted.plus(self.reserved)
        return any(limit > 0 and float(taken[place]) >= soft * float(limit) for place, limit in self._limits)

    @property
    def is_exhausted(self) -> bool:
        """Whether some limit is used up, so that nothing more is given."""
        return any(self.counted[place] >= limit > 0 for place, limit in self._limits)

    def _taken_over(self, calls: int) -> Iterator[tuple[Account, Amounts]]:
        """These books and all above, each with what was reserved ahead for some of these calls."""
        taken = NOTHING
        for account in self.chain:
            if 0 < account.ahead.calls <= calls:
                taken = taken.plus(account.ahead)
            yield account, taken

    def _take_over(self, calls: int) -> None:
        for account in self.chain:
            if account.ahead.calls <= calls:
                account.ahead = NOTHING

    def note(self, known: Amounts, unknown: frozenset[Kind]) -> None:
        """Keep what is known to be spent, and of what not all is known; what counts is kept apart from that."""
        self._known = self._known.plus(known)
        self._unknown |= unknown

    def _left(self, place: int, limit: float | Decimal) -> float | Decimal:
        if isinstance(limit, Decimal):
            return money_sum(limit, -money_sum(self.counted.money, self.reserved.money))
        return limit - cast("float", self.counted[place]) - cast("float", self.reserved[place])


def _floored(left: float | Decimal) -> float | Decimal:
    """More than all may have been spent, and then nothing is left."""
    return left if left > 0 else _ZERO if isinstance(left, Decimal) else 0


def unsaid(asked: Amounts) -> Usage:
    """What was used by a call that nobody said anything of: what was reserved is unknown, but for the calls."""
    return Usage(
        calls=asked.calls,
        seconds=None if asked.seconds else 0.0,
        tokens=None if asked.tokens else 0,
        money=None if asked.money else "0",
    )


def _written(kind: Kind, amount: float | Decimal, currency: str | None) -> str:
    if isinstance(amount, Decimal):
        return f"{amount:f} {currency or ''}".rstrip()
    return f"{amount:,}" if kind in ("calls", "tokens") else f"{round(amount, 3):g} s"

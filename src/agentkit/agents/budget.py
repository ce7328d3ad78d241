"""What may be spent, and by whom: a tree of budgets, for a tenant, an operation, a stage, a group, an agent.

    async with budget.reserve(tokens=2_000, money="0.02") as hold:      before the call
        ...
        hold.settle(Usage(calls=1, tokens=1_800, money="0.018", currency="USD"))      after it

Rules: what is reserved is reserved in the budget and in all that it belongs to, or nowhere; one lock for the whole tree
makes that one step for tasks and threads alike, and nothing waits or calls anybody while it is held. Unknown usage is
unknown and never 0: then what was reserved counts.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from agentkit.errors import BudgetExhausted, UsageError
from agentkit.kernel import Account, Allowance, Amounts, RunAttempt, Usage, unsaid

from .repetition import RepetitionGuard

__all__ = ["AttemptBudget", "Budget", "BudgetSource", "Hold"]

_NOTHING = Amounts()


class _Books(NamedTuple):
    """What a budget hands down to its parts, and to those who hold something of it."""

    account: Account
    lock: threading.Lock
    guards: tuple[RepetitionGuard, ...]


class Budget:
    """What may be spent, and what was; usable alone, and by agents as `task.budget`.

    It may be used from many tasks and threads at once. It holds in one process.

    Args:
        allowance: What may be spent; without, everything is counted and nothing is limited.
        name: What it is called in errors.
        parent: The budget that it is a part of.
        beside: Other parts of the same budget that what is spent here is spent in as well, such as that of a group.
        guard: What refuses repeated calls, for this budget and all its parts; `Allowance(repeats=3)` makes one.

    Attributes:
        name: What it is called.
        parent: The budget that it is a part of.
        allowance: What may be spent.

    Raises:
        DefinitionError: Its currency is another one than that of a budget that it is a part of.
        UsageError: What is beside it is no part of the same budget.

    Example:
        >>> acme = Budget(Allowance(calls=100, money="12.50", currency="USD"), name="tenant acme")
        >>> agent = acme.child("writer", Allowance(calls=2))
        >>> with agent.reserve(money="0.02") as hold:
        ...     hold.settle(Usage(calls=1, money="0.015", currency="USD"))
        >>> acme.left.money, agent.left.calls
        (Decimal('12.485'), 1)
    """

    __slots__ = ("_account", "_books", "_lock", "name", "parent")

    def __init__(
        self,
        allowance: Allowance | None = None,
        *,
        name: str = "budget",
        parent: Budget | None = None,
        beside: Sequence[Budget] = (),
        guard: RepetitionGuard | None = None,
    ) -> None:
        if beside and (parent is None or any(other.parent is not parent for other in beside)):
            raise UsageError(f"budget {name!r}: all that is beside it must be parts of the same budget as it is")
        self.name: str = name
        self.parent: Budget | None = parent
        given = allowance or Allowance()
        if guard is None and given.repeats is not None:
            guard = RepetitionGuard(same=given.repeats)
        above: _Books | None = None if parent is None else parent._books  # noqa: SLF001 - its own class
        accounts = [other._account for other in beside] if beside else ()  # noqa: SLF001 - its own class
        self._account: Account = Account(given, name=name, parent=above and above.account, beside=accounts)
        self._lock = above.lock if above else threading.Lock()
        guards = above.guards if above else ()
        for other in beside:
            # What guards the whole stands with every part of it, and is asked once.
            own = other._books.guards  # noqa: SLF001 - its own class
            guards = (*(each for each in own if each not in guards), *guards)
        self._books: _Books = _Books(self._account, self._lock, guards if guard is None else (guard, *guards))

    @property
    def allowance(self) -> Allowance:
        """What may be spent."""
        return self._account.allowance

    def child(self, name: str, allowance: Allowance | None = None) -> Budget:
        """A budget that is a part of this one: what is spent there is spent here too.

        Raises:
            DefinitionError: Its currency is another one.
        """
        return Budget(allowance, name=name, parent=self)

    def has(self, name: str) -> bool:
        """Whether a budget of this name limits what is spent here: this one, or one that it is a part of."""
        with self._lock:
            return any(account.name == name for account in self._account.chain)

    def reserve(
        self,
        *,
        calls: int = 1,
        seconds: float = 0.0,
        tokens: int = 0,
        money: object = "0",
        currency: str | None = None,
        by: str = "",
        asking: object = None,
    ) -> Hold:
        """Set aside what a call may use at most; when this returns it is reserved, here and in all above.

        Use the answer with `with` or `async with`, and settle it when it is known what was used.

        Args:
            calls: How many calls.
            seconds: How many seconds of work.
            tokens: How many tokens.
            money: How much money, exact: a text, a whole number or a `Decimal`.
            currency: Its currency; without, that of the budget.
            by: Who makes the call, for a guard against repetition.
            asking: What the call is about, for the same; None is not looked at.

        Raises:
            BudgetExhausted: This budget, or one that it is a part of, does not have that much left.
            Repetition: The same call was made too often.
            DefinitionError: An amount is not valid, or in another currency.
            UsageError: The attempt that it was for is over.
        """
        asked = Amounts.of(calls, seconds, tokens, money)
        with self._lock:
            if asking is not None and self._books.guards:
                self._account.check(asked)
                for guard in self._books.guards:
                    guard.check(by or self.name, asking)
            self._account.reserve(asked, currency)
        return Hold(self._books, asked)

    def spend(self, usage: Usage) -> None:
        """Count what was used without a reservation; it counts even where it is more than is left.

        Raises:
            DefinitionError: It is in another currency.
        """
        with self._lock:
            self._account.settle(_NOTHING, usage)

    def catch_up(self, spent: Usage, counted: Usage, *, alone: bool = False) -> None:
        """Count what was used elsewhere, such as before a crash: raise what this budget counts to at least that.

        Args:
            spent: What is known to be spent in all.
            counted: What counts of it in all.
            alone: Whether the budgets above know of it.

        Raises:
            DefinitionError: It is in another currency.
        """
        with self._lock:
            self._account.catch_up(spent, counted, alone=alone)

    @property
    def spent(self) -> Usage:
        """What is known to be spent, here and in the parts; None for what is not known completely."""
        with self._lock:
            return self._account.spent

    @property
    def counted(self) -> Usage:
        """What counts against the allowance: what is known, and what was reserved for what is unknown."""
        with self._lock:
            return self._account.counted.usage(self._account.currency)

    @property
    def reserved(self) -> Usage:
        """What is reserved and not settled."""
        with self._lock:
            return self._account.reserved.usage(self._account.currency)

    @property
    def left(self) -> Allowance:
        """What this budget alone has left; None for what it does not limit."""
        with self._lock:
            return self._account.left

    @property
    def left_seconds(self) -> float | None:
        """The seconds that are left here and in all above; None if none of them limits them."""
        with self._lock:
            left = [account.left.seconds for account in self._account.chain]
        seconds = [float(each) for each in left if isinstance(each, int | float)]
        return min(seconds, default=None)

    @property
    def left_money(self) -> Decimal | None:
        """The money that is left here and in all above; None if none of them limits it."""
        with self._lock:
            left = [account.left.money for account in self._account.chain]
        return min((each for each in left if isinstance(each, Decimal)), default=None)

    @property
    def is_tight(self) -> bool:
        """Whether the soft share of a limit is reached, here or above: take the cheaper way, if there is one."""
        with self._lock:
            return any(account.is_tight for account in self._account.chain)

    @property
    def is_exhausted(self) -> bool:
        """Whether a limit is used up, here or above: nothing more can be reserved."""
        with self._lock:
            return any(account.is_exhausted for account in self._account.chain)

    def __repr__(self) -> str:
        return f"<Budget {self.name!r}: {self.counted}>"


class Hold:
    """What is reserved for one call, until it is settled.

    Left without a word, also by an error, it is settled all the same: the calls were made, and how much of the rest was
    used is unknown, so that what was reserved counts. Where nothing was used for certain, `cancel` gives it back.

    Attributes:
        is_open: Whether it is neither settled nor cancelled.
    """

    __slots__ = ("_asked", "_books", "is_open")

    def __init__(self, books: _Books, asked: Amounts) -> None:
        self._books = books
        self._asked = asked
        self.is_open: bool = True

    def settle(self, usage: Usage) -> None:
        """Say what was used; of what is None, what was reserved counts. The reserved calls count at least.

        Raises:
            UsageError: It was settled or cancelled before.
            DefinitionError: It is in another currency; the hold stays open.
        """
        if usage.calls is not None and usage.calls < self._asked.calls:
            usage = replace(usage, calls=self._asked.calls)
        with self._books.lock:
            self._check()
            # What the end of an attempt has found open was counted then.
            if not self._books.account.is_over:
                self._books.account.settle(self._asked, usage)
            self.is_open = False

    def cancel(self) -> None:
        """Give all back: nothing was used.

        Raises:
            UsageError: It was settled or cancelled before.
        """
        with self._books.lock:
            self._check()
            if not self._books.account.is_over:
                self._books.account.cancel(self._asked)
            self.is_open = False

    def _check(self) -> None:
        if not self.is_open:
            name = self._books.account.name
            raise UsageError(f"this reservation of budget {name!r} was settled or cancelled before")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.is_open:
            self.settle(unsaid(self._asked))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)


class BudgetSource(Protocol):
    """What knows the budgets of attempts."""

    def of(self, command: RunAttempt) -> AttemptBudget:
        """The budget of an attempt that runs here."""
        ...


class AttemptBudget(Budget):
    """The budget of one attempt of a stage, which is one call by itself unless its agent says more.

    Its start reserves that call; the agent's first own call takes it over. Where it only asks people, it is given back.
    Engines make it, begin it and end it.
    """

    __slots__ = ()

    @property
    def was_told(self) -> bool:
        """Whether anything was reserved or spent since its beginning."""
        with self._lock:
            return self._was_told()

    def _was_told(self) -> bool:
        account = self._account
        return (account.counted, account.reserved) != (_NOTHING, account.ahead) or account.has_unknown

    def begin(self, *, calls: int = 1) -> None:
        """Reserve the attempt itself; with no calls, only see whether anything is left.

        Raises:
            BudgetExhausted: There is nothing left for it.
        """
        ahead = Amounts(calls=calls)
        with self._lock:
            self._account.reserve(ahead)
            self._account.ahead = ahead

    def end(self, seconds: float, *, waits_for_people: bool = False) -> tuple[Usage, Usage]:
        """Count what nobody has said, the attempt as a call and its time, and reserve nothing any more.

        What is reserved and not settled counts as it is, and is unknown.

        Args:
            seconds: How long it took.
            waits_for_people: Whether it ends since people have to say something first. Then it is a call only if it
                said that it used something: who asks four questions is run five times, and works once.

        Returns:
            What is known to be used, and what counts.
        """
        with self._lock:
            account = self._account
            said, is_open = account.spent, account.reserved.minus(account.ahead)
            is_call = said.calls == 0 and not is_open.calls and (self._was_told() or not waits_for_people)
            used = Usage(
                calls=1 if is_call else 0,
                seconds=max(0.0, seconds) if said.seconds == 0 and not is_open.seconds else 0.0,
            )
            ahead, account.ahead = account.ahead, _NOTHING
            account.settle(ahead, used)
            account.close()
            return account.spent, account.counted.usage(account.currency)

    def refusal(self) -> BudgetExhausted | None:
        """Why nothing more would be given; None if something would."""
        with self._lock:
            try:
                self._account.check(_NOTHING)
            except BudgetExhausted as error:
                return error
            return None

    def cancel(self) -> None:
        """Give the attempt back: it did not take place."""
        with self._lock:
            account = self._account
            account.cancel(account.ahead)
            account.ahead = _NOTHING

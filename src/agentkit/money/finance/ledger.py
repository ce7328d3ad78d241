"""A light double-entry ledger: what was moved between accounts, entry by entry.

Rules: every entry sums to zero in each of its currencies, so all of the ledger does; an entry is never changed, and a
mistake is corrected by an entry that reverses it; balances are computed from the journal, which is all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self, cast

from agentkit.errors import CurrencyMismatch, InvalidAmount, InvalidDate, MoneyError, NotFound, TooLate, Unbalanced
from agentkit.money.amounts.amount import Money
from agentkit.money.currencies.currency import CURRENCIES, Currencies, Currency, checked_registry
from agentkit.money.numbers.canonical import shortened
from agentkit.money.numbers.kinds import is_a, is_filled
from agentkit.money.numbers.rows import in_row, rows_of

from .rates import currency_of, day_of

__all__ = ["Ledger", "LedgerEntry", "Posting", "TrialBalance", "TrialLine"]


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: what comes to an account (a debit, positive) or leaves it (a credit, negative).

    Attributes:
        account: The name of the account.
        amount: How much; negative is a credit.

    Raises:
        InvalidAmount: The account has no name, or the amount is no `Money`.

    Example:
        >>> Posting("bank", Money("-19.90", "EUR")).account
        'bank'
    """

    account: str
    amount: Money

    def __post_init__(self) -> None:
        if not is_filled(self.account):
            raise InvalidAmount(f"the account is {shortened(self.account)}: name it with a text that is not empty")
        if not is_a(self.amount, Money):
            raise InvalidAmount(f"account {self.account}: {shortened(self.amount)} is no Money")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One entry: postings that sum to zero in each currency.

    Attributes:
        number: Its place in the journal, from 1, without gaps.
        on: The day it belongs to.
        text: What it is about.
        postings: At least two.
        reverses: The number of the entry that it takes back, if it does.

    Raises:
        InvalidAmount: The number is no int, the text no text, or something in it is no `Posting`.
        InvalidDate: The day is no `date`.

    Example:
        >>> ledger = Ledger()
        >>> ledger.post({"cash": Money(5, "EUR"), "sales": Money(-5, "EUR")}, on="2024-03-01", text="a sale").number
        1
    """

    number: int
    on: date
    text: str
    postings: tuple[Posting, ...]
    reverses: int | None = None

    def __post_init__(self) -> None:
        if type(self.number) is not int:
            raise InvalidAmount(f"the number of an entry is {shortened(self.number)}: give an int")
        object.__setattr__(self, "on", day_of(self.on, "the day of an entry"))
        if not is_a(self.text, str):
            raise InvalidAmount(f"the text of an entry is {shortened(self.text)}: say in words what it is about")
        object.__setattr__(self, "postings", tuple(rows_of(self.postings, refused=InvalidAmount)))
        for each in self.postings:
            if not is_a(each, Posting):
                raise InvalidAmount(f"{shortened(each)} is no posting: give Posting(account, amount), or a mapping")

    def to_dict(self) -> dict[str, object]:
        """Write it as JSON data, each amount in wire form."""
        return {
            "number": self.number,
            "on": self.on.isoformat(),
            "text": self.text,
            "postings": [{"account": each.account, "amount": each.amount.to_dict()} for each in self.postings],
            "reverses": self.reverses,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    """The balance of an account in one currency, on the side where it stands.

    Attributes:
        account: The account.
        debit: The balance, if it is positive; else nothing.
        credit: The balance without its sign, if it is negative; else nothing.

    Example:
        >>> TrialLine(account="bank", debit=Money(5, "EUR"), credit=Money.zero("EUR")).account
        'bank'
    """

    account: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """All balances, and their sums: in each currency the debits are the credits.

    Attributes:
        lines: One line for each account and currency, by name and code.
        totals: The sum of the debits of each currency, by code, which is that of the credits.

    Example:
        >>> Ledger().trial_balance().lines
        ()
    """

    lines: tuple[TrialLine, ...]
    totals: Mapping[str, Money]


class Ledger:
    """A journal of entries, to which entries can be added and nothing else can be done.

    Write to it from one thread at a time; reading is safe meanwhile.

    Args:
        entries: Entries to begin with, numbered from 1, such as those of another ledger.

    Raises:
        Unbalanced: An entry does not sum to zero in each currency.
        CurrencyMismatch: Two entries have two currencies under one code.
        InvalidAmount: Something is no `LedgerEntry`.
        MoneyError: The numbers of the entries have gaps, or one reverses what it cannot.

    Example:
        >>> ledger = Ledger()
        >>> sale = ledger.post({"bank": Money("19.90", "EUR"), "sales": Money("-19.90", "EUR")}, on="2024-03-01")
        >>> refund = ledger.reverse(sale.number, on="2024-03-05", text="returned")
        >>> ledger.balance("bank", "EUR", on="2024-03-04"), ledger.balance("bank", "EUR")
        (Money('19.90', 'EUR'), Money('0.00', 'EUR'))
    """

    __slots__ = ("_currencies", "_entries", "_reversed_by")

    def __init__(self, entries: Iterable[LedgerEntry] = ()) -> None:
        self._entries: list[LedgerEntry] = []
        self._reversed_by: dict[int, int] = {}
        self._currencies: dict[str, Currency] = {}
        for entry in cast("Iterable[LedgerEntry]", rows_of(entries, refused=InvalidAmount)):
            if not is_a(entry, LedgerEntry):
                raise InvalidAmount(f"{shortened(entry)} is no LedgerEntry: Ledger.from_data reads data")
            if entry.number != len(self._entries) + 1:
                raise MoneyError(
                    f"entry {len(self._entries) + 1} has the number {shortened(entry.number)}: entries have no gaps"
                )
            self._add(entry)

    @classmethod
    def from_data(
        cls,
        rows: Iterable[Mapping[str, object]],
        *,
        currencies: Currencies = CURRENCIES,
        allow_historical: bool = False,
    ) -> Self:
        """Read what `to_data` writes, and check all of it again.

        Raises:
            Unbalanced: An entry does not sum to zero in each currency.
            InvalidAmount: A row is not of this form.
            MoneyError: An amount, a currency, a date or a number is not valid.
        """

        def read(row: Mapping[str, object]) -> LedgerEntry:
            postings = [
                Posting(
                    cast("str", each["account"]),
                    Money.from_dict(
                        cast("Mapping[str, object]", each["amount"]),
                        currencies=currencies,
                        allow_historical=allow_historical,
                    ),
                )
                for each in cast("Sequence[Mapping[str, object]]", row["postings"])
            ]
            return LedgerEntry(
                number=cast("int", row["number"]),
                on=day_of(row["on"], "the day of an entry"),
                text=cast("str", row["text"]),
                postings=tuple(postings),
                reverses=cast("int | None", row["reverses"]),
            )

        checked_registry(currencies)
        entries: list[LedgerEntry] = []
        for number, row in enumerate(rows_of(rows, refused=InvalidAmount), start=1):
            try:
                entries.append(read(cast("Mapping[str, object]", row)))
            except (KeyError, TypeError) as wrong:
                raise InvalidAmount(f"entry {number} is not of the form that to_data writes: {wrong!r}") from wrong
            except MoneyError as wrong:
                raise in_row(wrong, f"entry {number}") from wrong
        return cls(entries)

    def to_data(self) -> list[dict[str, object]]:
        """Write the journal as JSON data, each amount in wire form."""
        return [entry.to_dict() for entry in self._entries]

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """The journal, in order."""
        return tuple(self._entries)

    def __iter__(self) -> Iterator[LedgerEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self._entries)

    def post(self, postings: Mapping[str, Money] | Iterable[Posting], *, on: date | str, text: str = "") -> LedgerEntry:
        """Add an entry.

        Args:
            postings: What comes to which account, and leaves which: a mapping from account to amount, or `Posting`s
                where an account comes up twice. Credits are negative.
            on: The day it belongs to.
            text: What it is about.

        Returns:
            The entry, with its number.

        Raises:
            Unbalanced: The postings do not sum to zero in each currency, or there are fewer than two.
            InvalidAmount: An account has no name, an amount is no `Money`, or what should be a `Posting` is none.
            CurrencyMismatch: The ledger has another currency under the same code.
            InvalidDate: The day is none.
        """
        if isinstance(postings, Mapping):
            by_account = cast("Mapping[str, Money]", postings)
            made = tuple(Posting(account, amount) for account, amount in by_account.items())
        else:
            made = tuple(cast("Iterable[Posting]", rows_of(postings, refused=InvalidAmount)))
        number = len(self._entries) + 1
        return self._add(LedgerEntry(number=number, on=day_of(on, "the day of an entry"), text=text, postings=made))

    def reverse(self, number: int, *, on: date | str, text: str = "") -> LedgerEntry:
        """Take an entry back, by an entry with all its amounts the other way around.

        Args:
            number: The number of the entry. A reversal can be reversed too.
            on: The day on which it is taken back; not before the entry's own.
            text: Why; empty says which one was reversed.

        Raises:
            NotFound: There is no such entry.
            TooLate: It was reversed before.
            InvalidDate: The day is none, or before the entry's own.
        """
        if type(number) is not int or not 1 <= number <= len(self._entries):
            raise NotFound(f"the ledger has no entry {shortened(number)}: it has {len(self._entries)}")
        entry = self._entries[number - 1]
        return self._add(
            LedgerEntry(
                number=len(self._entries) + 1,
                on=day_of(on, "the day of a reversal"),
                text=text or f"reversal of {number}" + (f": {entry.text}" if entry.text else ""),
                postings=tuple(Posting(each.account, -each.amount) for each in entry.postings),
                reverses=number,
            )
        )

    def balance(self, account: str, currency: str | Currency, *, on: date | str | None = None) -> Money:
        """Return what an account holds in one currency; an account that nobody posted to holds nothing.

        Args:
            account: The account.
            currency: The currency.
            on: The end of the day that is asked for; None takes all entries.

        Raises:
            InvalidAmount: The account is no text.
            CurrencyUnknown: No such currency is current.
            InvalidDate: The day is none.
        """
        if not is_a(account, str):
            raise InvalidAmount(f"the account is {shortened(account)}: name it with a text")
        wanted = currency_of(currency)
        return self.balances(on=on).get((account, wanted.code), Money.zero(wanted))

    def balances(self, *, on: date | str | None = None) -> dict[tuple[str, str], Money]:
        """Return what every account holds, by account and currency, in this order.

        Args:
            on: The end of the day that is asked for; None takes all entries.

        Raises:
            InvalidDate: The day is none.
        """
        until = date.max if on is None else day_of(on, "the day of a balance")
        sums: dict[tuple[str, str], Money] = {}
        for entry in self._entries:
            if entry.on <= until:
                for account, amount in ((each.account, each.amount) for each in entry.postings):
                    key = account, amount.currency.code
                    sums[key] = sums[key] + amount if key in sums else amount
        return dict(sorted(sums.items()))

    def trial_balance(self, *, on: date | str | None = None) -> TrialBalance:
        """Return all balances that are not zero, on their sides, and the totals of each currency.

        Args:
            on: The end of the day that is asked for; None takes all entries.

        Raises:
            InvalidDate: The day is none.
        """
        lines: list[TrialLine] = []
        totals: dict[str, Money] = {}
        for (account, code), balance in self.balances(on=on).items():
            if balance:
                nothing = Money.zero(balance.currency)
                line = TrialLine(account=account, debit=max(balance, nothing), credit=max(-balance, nothing))
                lines.append(line)
                totals[code] = totals.get(code, nothing) + line.debit
        return TrialBalance(lines=tuple(lines), totals=totals)

    def _add(self, entry: LedgerEntry) -> LedgerEntry:
        _check_balanced(entry)
        used = {each.amount.currency.code: each.amount.currency for each in entry.postings}
        for code, currency in used.items():
            if self._currencies.get(code, currency) != currency:
                # Entries are never taken away, so no balance could be computed any more.
                raise CurrencyMismatch(f"entry {entry.number}: the ledger knows {code} with other minor units already")
        if entry.reverses is not None:
            self._check_reversal(entry, entry.reverses)
            self._reversed_by[entry.reverses] = entry.number
        self._entries.append(entry)
        self._currencies.update(used)
        return entry

    def _check_reversal(self, entry: LedgerEntry, number: int) -> None:
        if type(number) is not int or not 1 <= number <= len(self._entries):
            raise MoneyError(f"entry {entry.number} reverses entry {shortened(number)}, which is not before it")
        if number in self._reversed_by:
            raise TooLate(f"entry {number} was reversed before, by entry {self._reversed_by[number]}")
        reversed_entry = self._entries[number - 1]
        if entry.on < reversed_entry.on:
            raise InvalidDate(f"entry {number} is of {reversed_entry.on}, and cannot be reversed on {entry.on} already")
        if entry.postings != tuple(Posting(each.account, -each.amount) for each in reversed_entry.postings):
            raise MoneyError(f"entry {entry.number} is not entry {number} the other way around, and cannot reverse it")


def _check_balanced(entry: LedgerEntry) -> None:
    if len(entry.postings) < 2:
        raise Unbalanced(f"entry {entry.number} has {len(entry.postings)} posting(s): it takes two")
    sums: dict[str, Money] = {}
    for each in entry.postings:
        code = each.amount.currency.code
        sums[code] = sums[code] + each.amount if code in sums else each.amount
    if wrong := [str(total) for total in sums.values() if total]:
        raise Unbalanced(f"entry {entry.number} does not sum to zero: {', '.join(wrong)} too much")

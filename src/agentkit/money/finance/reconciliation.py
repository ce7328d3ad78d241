"""Reconciliation: two lists that should tell the same, such as a statement and the books.

Rules: every row of both sides is in exactly one line of the result; the differences of the lines sum to the total
difference; balanced means no mismatch, nothing on one side alone, and a total difference that is tolerated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeVar, cast

from agentkit.errors import CurrencyRequired, DefinitionError, DuplicateKey, InvalidAmount, MoneyError, OutOfRange
from agentkit.money.amounts.amount import Money
from agentkit.money.currencies.currency import CURRENCIES, Currency
from agentkit.money.numbers.canonical import Number, refusal, shortened
from agentkit.money.numbers.kinds import is_a
from agentkit.money.numbers.rows import in_row, rows_of

__all__ = ["ReconciledLine", "Reconciliation", "reconcile"]

Row = TypeVar("Row")
LineStatus: TypeAlias = Literal["matched", "within_tolerance", "mismatch", "left_only", "right_only"]
Side: TypeAlias = dict[Hashable, Money]

MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledLine:
    """What both sides say of one key.

    Attributes:
        key: The key.
        left: What the left side says; None if it says nothing.
        right: What the right side says.
        difference: Left minus right; what a side does not say counts as nothing.
        status: `matched` is equal, `within_tolerance` is not equal and tolerated, `mismatch` is neither.

    Example:
        >>> nothing = Money.zero("EUR")
        >>> ReconciledLine(key="a", left=nothing, right=nothing, difference=nothing, status="matched").key
        'a'
    """

    key: Hashable
    left: Money | None
    right: Money | None
    difference: Money
    status: LineStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """How two sides compare, line by line and in total.

    Attributes:
        lines: One line for each key: those of the left side in its order, then those of the right side alone.
        left_total: The sum of the left side.
        right_total: The sum of the right side.
        difference: Left total minus right total.
        tolerance: By how much a line may differ.
        total_tolerance: By how much the totals may differ.

    Example:
        >>> result = reconcile({"a": "1.00", "b": "2.00"}.items(), [("a", "1.01"), ("c", "5")],
        ...     key=lambda row: row[0], amount=lambda row: row[1], currency="EUR", tolerance="0.01")
        >>> [(line.key, line.status) for line in result.lines]
        [('a', 'within_tolerance'), ('b', 'left_only'), ('c', 'right_only')]
        >>> result.is_balanced, str(result.difference)
        (False, '-3.01 EUR')
    """

    lines: tuple[ReconciledLine, ...]
    left_total: Money
    right_total: Money
    difference: Money
    tolerance: Money
    total_tolerance: Money

    @property
    def is_balanced(self) -> bool:
        """Whether no line mismatches, none is on one side alone, and the totals differ by no more than is tolerated."""
        fits = all(line.status in ("matched", "within_tolerance") for line in self.lines)
        return fits and abs(self.difference) <= self.total_tolerance

    @property
    def matched(self) -> tuple[ReconciledLine, ...]:
        """The lines on which both sides agree to the last unit."""
        return self._with("matched")

    @property
    def within_tolerance(self) -> tuple[ReconciledLine, ...]:
        """The lines that differ, by no more than is tolerated."""
        return self._with("within_tolerance")

    @property
    def mismatches(self) -> tuple[ReconciledLine, ...]:
        """The lines that differ by more."""
        return self._with("mismatch")

    @property
    def left_only(self) -> tuple[ReconciledLine, ...]:
        """The lines that the right side does not have."""
        return self._with("left_only")

    @property
    def right_only(self) -> tuple[ReconciledLine, ...]:
        """The lines that the left side does not have."""
        return self._with("right_only")

    def __str__(self) -> str:
        counts = ", ".join(
            f"{len(lines)} {name}"
            for name, lines in [
                ("matched", self.matched),
                ("within tolerance", self.within_tolerance),
                ("mismatched", self.mismatches),
                ("on the left only", self.left_only),
                ("on the right only", self.right_only),
            ]
            if lines
        )
        verdict = "balanced" if self.is_balanced else "not balanced"
        return f"{verdict}: {counts or 'nothing'}; difference {self.difference}"

    def to_dict(self) -> dict[str, object]:
        """Write it as JSON data: totals, counts, and every line that is not matched; amounts in wire form."""
        return {
            "is_balanced": self.is_balanced,
            "left_total": self.left_total.to_dict(),
            "right_total": self.right_total.to_dict(),
            "difference": self.difference.to_dict(),
            "tolerance": self.tolerance.to_dict(),
            "total_tolerance": self.total_tolerance.to_dict(),
            "matched": str(len(self.matched)),
            "lines": [
                {
                    "key": str(line.key),
                    "left": None if line.left is None else line.left.to_dict(),
                    "right": None if line.right is None else line.right.to_dict(),
                    "difference": line.difference.to_dict(),
                    "status": line.status,
                }
                for line in self.lines
                if line.status != "matched"
            ],
        }

    def _with(self, status: LineStatus) -> tuple[ReconciledLine, ...]:
        return tuple(line for line in self.lines if line.status == status)


def reconcile(
    left: Iterable[Row],
    right: Iterable[Row],
    *,
    key: str | Callable[[Row], Hashable],
    amount: str | Callable[[Row], Money | str | Number],
    currency: str | Currency | None = None,
    tolerance: Money | str | Number = 0,
    total_tolerance: Money | str | Number | None = None,
    duplicates: Literal["refuse", "sum"] = "refuse",
) -> Reconciliation:
    """Compare two lists by key and amount.

    Args:
        left: The rows of one side.
        right: The rows of the other.
        key: What identifies a row: the name of a field (of a mapping, or an attribute), or a function of the row. A
            text and a number are different keys.
        amount: What a row is worth: the name of a field or a function. `Money`, or a number in `currency`.
        currency: The currency of bare numbers; it may be left out where the rows have `Money`.
        tolerance: By how much a line may differ, inclusively; not negative.
        total_tolerance: By how much the totals may differ; None takes `tolerance`.
        duplicates: `refuse` raises when a side has a key twice; `sum` adds such rows up.

    Raises:
        DuplicateKey: A side has a key twice; the error names keys and rows.
        CurrencyMismatch: Amounts are of several currencies.
        CurrencyRequired: A bare number has no currency, or there are no rows and no currency.
        OutOfRange: A tolerance is negative.
        InvalidAmount: An amount is no number, a row has no such field, or its key is None, blank, NaN or cannot be
            compared.
        MoneyError: What else an amount is refused for; the error names side and row, from 1.
        DefinitionError: `duplicates` is neither, or `key` or `amount` are neither the name of a field nor a function.

    Example:
        >>> books = [{"invoice": "A-1", "paid": "19.90"}, {"invoice": "A-2", "paid": "5.00"}]
        >>> bank = [{"invoice": "A-2", "paid": "5.00"}, {"invoice": "A-1", "paid": "19.90"}]
        >>> print(reconcile(books, bank, key="invoice", amount="paid", currency="EUR"))
        balanced: 2 matched; difference 0.00 EUR
    """
    known = CURRENCIES.get(currency) if isinstance(currency, str) else currency

    def read(value: object) -> Money:
        if isinstance(value, Money):
            return value
        if known is None:
            raise CurrencyRequired(f"{shortened(value)} has no currency: name it with currency=...")
        return Money(cast("str", value), known)

    comparison = Comparison(read=read, currency=known, key=cast("Field", key), amount=cast("Field", amount))
    sides = comparison.keyed(left), comparison.keyed(right)
    return comparison.of(*sides, tolerance=tolerance, total_tolerance=total_tolerance, duplicates=duplicates)


Field: TypeAlias = str | Callable[[object], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """What a row says: its key and what it is worth, or why it does not say so.

    Attributes:
        key: The key.
        amount: What it is worth, not read yet.
        row: The row, where it has no key or amount.
        wrong: What is wrong with it then.
    """

    key: Hashable = None
    amount: object = None
    row: object = None
    wrong: MoneyError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How rows are read when they are compared.

    Attributes:
        read: Makes an amount of what a row says.
        currency: The currency of all amounts, if it is known before.
        key: Where a row has its key.
        amount: Where it has its amount.

    Raises:
        DefinitionError: Key or amount are neither the name of a field nor a function.
    """

    read: Callable[[object], Money]
    currency: Currency | None
    key: Field
    amount: Field

    def __post_init__(self) -> None:
        for name, field in (("key", self.key), ("amount", self.amount)):
            if not is_a(field, str) and not callable(field):
                raise DefinitionError(f"{name} is {shortened(field)}: give the name of a field, or a function of a row")

    def keyed(self, rows: object) -> Iterator[Keyed]:
        """Look up key and amount of each row.

        Raises:
            MoneyError: There are no rows to walk through. What is wrong with a row is kept with it.
        """
        for row in rows_of(rows):
            try:
                found = Keyed(key=_key_of(row, self.key), amount=_field_of(row, self.amount))
            except MoneyError as wrong:
                found = Keyed(row=row, wrong=wrong)
            yield found

    def of(
        self,
        left: Iterable[Keyed],
        right: Iterable[Keyed],
        *,
        tolerance: object,
        total_tolerance: object,
        duplicates: str,
    ) -> Reconciliation:
        """Compare two lists. See `reconcile`.

        Raises:
            DefinitionError: `duplicates` is neither `refuse` nor `sum`.
            CurrencyRequired: There are no rows, and no currency.
        """
        if duplicates not in ("refuse", "sum"):
            raise DefinitionError(f"duplicates is {shortened(duplicates)}: give 'refuse' or 'sum'")
        sides = [self._side(rows, name, duplicates) for rows, name in ((left, "left"), (right, "right"))]
        currency = self.currency or next((money.currency for side in sides for money in side.values()), None)
        if currency is None:
            raise CurrencyRequired("there are no rows, so the currency of nothing is not known: name currency=...")
        line_most = _tolerance(tolerance, "tolerance", currency)
        total_most = line_most if total_tolerance is None else _tolerance(total_tolerance, "total_tolerance", currency)
        totals = [Money.sum(side.values(), currency) for side in sides]
        return Reconciliation(
            lines=tuple(
                _line(key, sides[0].get(key), sides[1].get(key), line_most) for key in {**sides[0], **sides[1]}
            ),
            left_total=totals[0],
            right_total=totals[1],
            difference=totals[0] - totals[1],
            tolerance=line_most,
            total_tolerance=total_most,
        )

    def _side(self, rows: Iterable[Keyed], side: str, duplicates: str) -> Side:
        amounts: Side = {}
        seen: defaultdict[Hashable, list[int]] = defaultdict(list)
        for number, row in enumerate(rows, start=1):
            try:
                if row.wrong is not None:
                    raise row.wrong
                money = self.read(row.amount)
                amounts[row.key] = amounts[row.key] + money if row.key in amounts else money
            except MoneyError as wrong:
                raise in_row(wrong, f"row {number} of the {side} side") from wrong
            seen[row.key].append(number)
        twice = {key: numbers for key, numbers in seen.items() if len(numbers) > 1}
        if twice and duplicates == "refuse":
            named = "; ".join(
                f"{shortened(key)} in rows {', '.join(map(str, twice[key]))}" for key in [*twice][:MOST_NAMED]
            )
            raise DuplicateKey(
                f"the {side} side has {len(twice)} key(s) more than once: {named}: correct the rows, or pass"
                " duplicates='sum'"
            )
        return amounts


def _line(key: Hashable, left: Money | None, right: Money | None, tolerance: Money) -> ReconciledLine:
    nothing = Money.zero(tolerance.currency)
    difference = (left or nothing) - (right or nothing)
    status: LineStatus
    if left is None or right is None:
        status = "right_only" if left is None else "left_only"
    elif not difference:
        status = "matched"
    else:
        status = "within_tolerance" if abs(difference) <= tolerance else "mismatch"
    return ReconciledLine(key=key, left=left, right=right, difference=difference, status=status)


def _key_of(row: object, field: Field) -> Hashable:
    key = _field_of(row, field)
    if key is None or (isinstance(key, str) and not key.strip()):
        raise InvalidAmount("it has no key: a key is neither None nor blank")
    try:
        hash(key)
        is_equal = bool(key == key)  # noqa: PLR0124 - a NaN is not equal to itself
    except TypeError as unhashable:
        raise InvalidAmount(
            f"its key {shortened(key)} cannot be compared: give text, a number or a tuple"
        ) from unhashable
    if not is_equal:
        raise InvalidAmount(f"its key {shortened(key)} is equal to none, itself included: give text or a number")
    return key


def _field_of(row: object, field: Field) -> object:
    if not isinstance(field, str):
        return field(row)
    try:
        return cast("Mapping[str, object]", row)[field] if isinstance(row, Mapping) else getattr(row, field)
    except (KeyError, AttributeError) as missing:
        raise InvalidAmount(f"it has no {field!r}") from missing


def _tolerance(given: object, name: str, currency: Currency) -> Money:
    if isinstance(given, Money):
        tolerance = given
    elif isinstance(given, float):
        raise refusal(given, name)
    else:
        tolerance = Money(cast("str", given), currency)
    if tolerance < Money.zero(currency):
        raise OutOfRange(f"{name} is {tolerance}: give at least 0")
    return tolerance

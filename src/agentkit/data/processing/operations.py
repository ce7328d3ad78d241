"""What can be done with a table, as plain data: in Python, from YAML, or from words.

Rules: an operation says completely what it does; it knows no table and no clock; the same operation on the same table
gives the same result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator

from agentkit.data.declared import Declared
from agentkit.data.tables.grouping import Total
from agentkit.data.tables.kinds import Kind
from agentkit.errors import DefinitionError
from agentkit.money import AllocationMethod, Rounding

__all__ = [
    "BusinessRule",
    "Check",
    "Convert",
    "Dedupe",
    "Derive",
    "Filter",
    "Group",
    "Join",
    "Normalise",
    "Operation",
    "Party",
    "Rename",
    "Select",
    "Share",
    "Sort",
    "Top",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dedupe(Declared):
    """Keep the first of rows that are the same in some columns. A row with an empty key is the same as none.

    Attributes:
        by: The columns of the key.

    Raises:
        DefinitionError: There are no columns.
    """

    by: tuple[str, ...]
    kind: Literal["dedupe"] = "dedupe"

    def __post_init__(self) -> None:
        _some(self.by, "dedupe: by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalise(Declared):
    """Write texts in one way: composed letters, single blanks and none around, nothing of zero width.

    Attributes:
        columns: The columns of text.
        case: Whether letters become small or capital; `keep` leaves them.

    Raises:
        DefinitionError: There are no columns.
    """

    columns: tuple[str, ...]
    case: Literal["keep", "lower", "upper"] = "keep"
    kind: Literal["normalise"] = "normalise"

    def __post_init__(self) -> None:
        _some(self.columns, "normalise: columns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(Declared):
    """Give columns other names.

    Attributes:
        names: The new name of each old one.
    """

    names: Mapping[str, str]
    kind: Literal["rename"] = "rename"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select(Declared):
    """Keep some columns only, in this order.

    Attributes:
        columns: Which.
    """

    columns: tuple[str, ...]
    kind: Literal["select"] = "select"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derive(Declared):
    """Add a column that is computed from others, exactly, and rounded once.

    Where it cannot be computed, because a cell is empty or a divisor zero, the cell is empty and an issue says why.

    Attributes:
        name: The new column; if there is one of that name, it is replaced.
        expression: How it is computed.
        holds: The kind of the column. None takes what the expression gives: decimal, money, text, date or boolean.
        places: How many decimals a number keeps. None keeps all; where something is divided, it has to be said.
        rounding: How the exact result is rounded to these places, or to the minor unit of an amount.

    Example:
        >>> Derive(name="per_mille", expression="per_mille(revenue, streams)").rounding
        'ROUND_HALF_EVEN'
    """

    name: str
    expression: str
    holds: Kind | None = None
    places: int | None = None
    rounding: Rounding = "ROUND_HALF_EVEN"
    kind: Literal["derive"] = "derive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Declared):
    """Keep the rows for which a condition holds. Rows for which it cannot be computed go to quarantine.

    Attributes:
        expression: The condition.
    """

    expression: str
    kind: Literal["filter"] = "filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessRule(Declared):
    """What the cells of a column have to be.

    Attributes:
        column: Which column.
        required: Whether a cell has to be filled. The other rules let empty cells pass.
        minimum: The least value, itself included, as text: a number, a date, or an amount such as `10.00`, with its
            currency where the column has several.
        maximum: The greatest value, itself included.
        allowed: All values that there may be, as texts; none named allows all.
    """

    column: str
    required: bool = False
    minimum: str | None = None
    maximum: str | None = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Declared):
    """Put rows that break business rules into quarantine, each with all that is wrong with it.

    Attributes:
        rules: The rules.

    Raises:
        DefinitionError: There are no rules.
    """

    rules: tuple[BusinessRule, ...]
    kind: Literal["check"] = "check"

    def __post_init__(self) -> None:
        _some(self.rules, "check: rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert(Declared):
    """Convert amounts at the rates of a date, rounded once. What cannot be converted goes to quarantine.

    Attributes:
        column: The amounts.
        to: The code of the currency that is wanted.
        date: The column with the date of each row; the latest rate on or before it is taken.
        rates: The name of an input with the columns base, quote, rate and date (and source, or the name stands for
            it), or such rows themselves.
        into: The column for the results; None replaces the amounts.
        via: A third currency between the two.
        allow_divide: Whether a rate of the other direction may be used, by dividing.
        max_age_days: How old a rate may be; None allows seven days.
    """

    column: str
    to: str
    date: str
    rates: str | tuple[Mapping[str, str], ...]
    into: str | None = None
    via: str | None = None
    allow_divide: bool = False
    max_age_days: int | None = None
    kind: Literal["convert"] = "convert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party(Declared):
    """Somebody who gets a share.

    Attributes:
        name: Who; the share is a column of that name.
        percent: The percentage, as text, from 0 to 100.
        percent_column: The column with the percentage of each row, where they differ.

    Raises:
        DefinitionError: There are both, or neither.
    """

    name: str
    percent: str | None = None
    percent_column: str | None = None

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.percent_column is None):
            raise DefinitionError(f"party {self.name!r}: give either percent or percent_column")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Declared):
    """Share amounts among parties, who together get exactly all of each amount.

    A row with percentages that are no shares, or not 100 together, goes to quarantine.

    Attributes:
        column: The amounts.
        parties: Who gets which percentage.
        remainder: Who takes what the others leave; a column of that name.
        method: Who gets the minor units that are left over; see `agentkit.money.AllocationMethod`.

    Raises:
        DefinitionError: There are no parties.
    """

    column: str
    parties: tuple[Party, ...]
    remainder: str | None = None
    method: AllocationMethod = "largest_remainder"
    kind: Literal["share"] = "share"

    def __post_init__(self) -> None:
        _some(self.parties, "share: parties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Declared):
    """Bring columns of another table to the rows of this one, by a key that is there once at most.

    Attributes:
        input: The name of the other table.
        by: The columns of the key, of the same names in both. An empty key matches nothing.
        columns: Which columns are brought; none named brings all.
        unmatched: What becomes of rows that have no match: `quarantine`, `keep` with empty cells, or `drop`.

    Raises:
        DefinitionError: There are no columns of a key.
    """

    input: str
    by: tuple[str, ...]
    columns: tuple[str, ...] = ()
    unmatched: Literal["quarantine", "keep", "drop"] = "quarantine"
    kind: Literal["join"] = "join"

    def __post_init__(self) -> None:
        _some(self.by, "join: by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Declared):
    """Make one row of all rows that are the same in some columns. Empty cells are a group of their own.

    The row of a group comes from where its first row comes from.

    Attributes:
        by: The columns of the key; none makes one group of all.
        totals: What is computed of each group.
        rows: A column for the number of rows, if it has a name.
    """

    by: tuple[str, ...] = ()
    totals: tuple[Total, ...] = ()
    rows: str | None = None
    kind: Literal["group"] = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort(Declared):
    """Put rows in order; empty cells come last, equal rows keep their order.

    Attributes:
        by: The columns, the most important first.
        descending: Whether the greatest comes first.

    Raises:
        DefinitionError: There are no columns.
    """

    by: tuple[str, ...]
    descending: bool = False
    kind: Literal["sort"] = "sort"

    def __post_init__(self) -> None:
        _some(self.by, "sort: by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Top(Declared):
    """Keep the rows with the greatest values, or the least, in order.

    Attributes:
        count: How many.
        by: The columns, the most important first.
        descending: Whether the greatest are kept.

    Raises:
        DefinitionError: There are no columns, or the count is below 1.
    """

    count: int
    by: tuple[str, ...]
    descending: bool = True
    kind: Literal["top"] = "top"

    def __post_init__(self) -> None:
        _some(self.by, "top: by")
        if self.count < 1:
            raise DefinitionError(f"top: count is {self.count}: give a number from 1 up")


Operation: TypeAlias = Annotated[
    Dedupe | Normalise | Rename | Select | Derive | Filter | Check | Convert | Share | Join | Group | Sort | Top,
    Discriminator("kind"),
]
"""One operation. As data it is told from others by its `kind`."""


def _some(given: object, what: str) -> None:
    # A text is a sequence too, of letters, and would be taken for columns of one letter.
    if isinstance(given, str) or not given:
        raise DefinitionError(f"{what} is {given!r}: name at least one, in a list")

"""What the royalty run talks about.

Rules: amounts are `Money`, rates are `Decimal`, days are `date`, and nothing is ever a float. The amounts of a
`Statement` and a `Summary` are in the currency of the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, BeforeValidator, Field

from agentkit import Task
from agentkit.money import Money, RateTable
from agentkit.money import Rate as DatedRate

HERE = Path(__file__).parents[1] / "royalties"

Currency: TypeAlias = Literal[
    "USD", "AUD", "BRL", "CAD", "CHF", "DKK", "EUR", "GBP", "INR", "JPY", "MXN", "NOK", "NZD", "SEK", "SGD"
]


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError('a share is exact: write it as a text, such as "0.5"')  # noqa: TRY004 - pydantic collects these
    return value


Share: TypeAlias = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=1)]
Rate: TypeAlias = Annotated[Decimal, Field(gt=0)]
Contracts: TypeAlias = dict[str, Share]


class Options(BaseModel, frozen=True, extra="forbid"):
    """What whoever starts the run decides. Only the period has no default.

    Attributes:
        period: A year, a month such as `2024-03`, or `all`.
        source: The sales: a `.csv` file, or a `.sqlite` or `.db` database.
        rates: Units of each currency per US dollar, by month.
        contracts: The artists' contracts. Without them everybody gets `artist_share`.
        artist_share: What an artist gets who has no contract; the label keeps the rest.
        currency: The currency of the report.
        out: Where to write; the period becomes a folder in it.
    """

    period: Annotated[str, Field(pattern=r"^(\d{4}(-\d{2})?|all)$")]
    source: Path = HERE / "sales.csv"
    rates: Path = HERE / "rates.csv"
    contracts: Path | None = None
    artist_share: Share = Decimal("0.5")
    currency: Currency = "USD"
    out: Path = Path("out/royalties")

    @classmethod
    def of(cls, task: Task[Any]) -> Options:
        """The options of the operation that a task belongs to."""
        return cls.model_validate(task.operation_input)

    def covers(self, day: date) -> bool:
        """Whether a day lies in the period."""
        return self.period == "all" or day.isoformat().startswith(self.period)

    @property
    def folder(self) -> Path:
        """Where this period's files go."""
        return self.out / self.period


class Row(NamedTuple):
    """A line of the source, as it was found."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Units of a currency per US dollar: by month, then by currency; and who says so."""

    per_dollar: Mapping[str, Mapping[str, Rate]]
    source: str = "monthly rates"

    def knows(self, currency: str, day: date) -> bool:
        """Whether there is a rate for the day's month."""
        return currency == "USD" or currency in self.per_dollar.get(f"{day:%Y-%m}", {})

    def table(self) -> RateTable:
        """The rates as they are quoted, each of the first day of its month, and valid on that day alone."""
        rates = [
            DatedRate(base="USD", quote=currency, value=value, on=f"{month}-01", source=self.source)
            for month, quoted in self.per_dollar.items()
            for currency, value in quoted.items()
        ]
        return RateTable(rates, max_age_days=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One sale; a refund has a negative amount."""

    id: str
    day: date
    artist: str
    title: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Why a row is in quarantine."""

    line: int
    field: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """Every row of the source is one of: a sale, outside of the period, in quarantine."""

    rows: int
    sales: tuple[Sale, ...]
    outside: int
    quarantine: tuple[Issue, ...]
    mended: Mapping[str, int]

    @property
    def quarantined(self) -> int:
        """How many rows are in quarantine; one row may have several issues."""
        return len({issue.line for issue in self.quarantine})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sale, shared."""

    sale: Sale
    artist_share: Money
    label_share: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one artist is told and paid."""

    artist: str
    lines: tuple[Line, ...]
    total: Money
    artist_share: Money
    label_share: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The run in a few figures."""

    period: str
    currency: str
    artists: int
    sales: int
    total: Money
    artist_share: Money
    label_share: Money
    rows: int
    outside: int
    quarantined: int
    mended: Mapping[str, int]
    statements: str
    chart: str | None

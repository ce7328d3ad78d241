"""What insights are made of: statements, their figures, and the rows behind them.

Rules: every number and name in a statement is one of its figures; a figure keeps its exact value beside how it is
shown; a statement knows the rows that it was computed from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from agentkit.data.declared import Declared
from agentkit.data.issues import Issue
from agentkit.data.tables.table import Origin
from agentkit.errors import DefinitionError, MoneyError
from agentkit.money import ExactMoney, Money, parse_canonical

__all__ = [
    "BehindRows",
    "Figure",
    "FigureValue",
    "Insights",
    "InsightsConfig",
    "Statement",
    "StatementKind",
    "label",
    "say",
]

StatementKind: TypeAlias = Literal[
    "total", "share", "growth", "top", "bottom", "trend", "seasonality", "anomaly", "left_out"
]
"""What a statement is about.

Example:
    >>> kind: StatementKind = "growth"
"""

FigureValue: TypeAlias = int | Decimal | Fraction | Money | ExactMoney | date | str
"""What a figure is, exactly; a text or a date names something."""

MOST_OF_LABEL = 80


@dataclass(frozen=True, slots=True)
class Figure:
    """A number or a name that a statement speaks of.

    Attributes:
        value: What it is, exactly.
        shown: How the statement shows it; rounded half to even where the exact value is longer.

    Example:
        >>> Figure(Fraction(1, 3), "33.3 %").value
        Fraction(1, 3)
    """

    value: FigureValue
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindRows:
    """The rows that a statement was computed from.

    Attributes:
        count: How many there are.
        sample: The first of them, in the order of the table; all, if there are no more than the configuration keeps.
    """

    count: int
    sample: tuple[Origin, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the sample is all of them."""
        return len(self.sample) == self.count

    @classmethod
    def at(cls, indices: Sequence[int], origins: Sequence[Origin], most: int) -> BehindRows:
        """The rows at these places of a table, of which as many as `most` are named."""
        return cls(count=len(indices), sample=tuple(origins[index] for index in sorted(indices)[:most]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that a table tells.

    Attributes:
        kind: What it is about.
        text: The sentence, in English.
        figures: Every number and name in it, by what it is.
        rows: The rows behind it.
    """

    kind: StatementKind
    text: str
    figures: Mapping[str, Figure]
    rows: BehindRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Insights:
    """What a table tells.

    Attributes:
        statements: The statements, the most general first; none where nothing can be said.
        issues: The rows that were left out, and why.
    """

    statements: tuple[Statement, ...]
    issues: tuple[Issue, ...] = ()

    def of(self, kind: StatementKind) -> tuple[Statement, ...]:
        """The statements of one kind."""
        return tuple(statement for statement in self.statements if statement.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightsConfig(Declared):
    """What is looked at, and how closely.

    Attributes:
        value: The column that is summed: amounts or numbers.
        called: What it is called in statements, such as `revenue`; what its column is called, if empty.
        by: The columns by which it is compared, such as the artist.
        date: The column of dates, for growth, trend and seasonality.
        period: What dates are gathered into.
        currency: Which amounts are looked at, where the column holds several currencies.
        top: How many of the highest and lowest are named.
        sample: How many rows behind a statement are named.
        threshold: How many usual deviations from the median are far, as text; 3.5 is the habit of Iglewicz and
            Hoaglin.

    Raises:
        DefinitionError: A number is too small, or no number.

    Example:
        >>> InsightsConfig(value="revenue", by=("artist",), date="sold_on").period
        'month'
    """

    value: str
    called: str = ""
    by: tuple[str, ...] = ()
    date: str | None = None
    period: Literal["month", "quarter", "year"] = "month"
    currency: str | None = None
    top: int = 3
    sample: int = 10
    threshold: str = "3.5"

    def __post_init__(self) -> None:
        if self.top < 1 or self.sample < 0:
            raise DefinitionError(f"top is {self.top} and sample {self.sample}: give top from 1 up, and sample from 0")
        if self.limit <= 0:
            raise DefinitionError(f"threshold is {self.threshold!r}: give a number above 0, such as '3.5'")

    @property
    def limit(self) -> Fraction:
        """The threshold, as a number.

        Raises:
            DefinitionError: It is none.
        """
        try:
            return Fraction(parse_canonical(self.threshold))
        except MoneyError as wrong:
            raise DefinitionError(
                f"threshold is {self.threshold!r}, and has to be a number as text: {wrong}"
            ) from wrong


def label(name: object) -> Figure:
    r"""A name as a figure: on one line, and shortened after 80 characters.

    Example:
        >>> label("The\nIbis").shown, label(None).shown
        ('The Ibis', '(empty)')
    """
    text = "(empty)" if name is None else str(name)
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return Figure(text, plain if len(plain) <= MOST_OF_LABEL else f"{plain[: MOST_OF_LABEL - 3]}...")


def say(kind: StatementKind, template: str, figures: Mapping[str, Figure], rows: BehindRows) -> Statement:
    """Make a statement of a template, which has no number or name but those of its figures."""
    shown = {name: figure.shown for name, figure in figures.items()}
    return Statement(kind=kind, text=template.format_map(shown), figures=dict(figures), rows=rows)

"""Finds out what a table tells.

Rules: no claim without its figure; where nothing can be said, nothing is said.
"""

from __future__ import annotations

from agentkit.data.progress import Progress
from agentkit.data.tables.table import Table

from .comparing import extremes, left_out, shares, total
from .gathering import gather
from .outliers import far_periods, far_rows
from .statements import Insights, InsightsConfig, Statement
from .timing import best_and_worst, growth, seasonality, trend

__all__ = ["find_insights"]

SAYING = (total, shares, extremes, best_and_worst, growth, trend, seasonality, far_rows, far_periods, left_out)


def find_insights(table: Table, config: InsightsConfig, *, progress: Progress | None = None) -> Insights:
    """Find totals, shares, growth, the highest and lowest, trend, seasonality and anomalies.

    Totals and shares are exact; statistics are robust, so that a single wrong row moves little. Periods without rows
    are left out, and said where a trend goes over them. Where there are no values, there are no statements.

    Args:
        table: The rows.
        config: What is looked at.
        progress: Is told how many rows were read, of how many, and then which kind of statement is looked for.

    Raises:
        ColumnMissing: There is no column of a name.
        ColumnMismatch: The column of values holds no numbers, or that of dates no dates.
        CurrencyMismatch: There are amounts of several currencies, and none is chosen.

    Example:
        >>> from agentkit.data import Column
        >>> from agentkit.money import Money
        >>> columns = [Column(name="artist"), Column(name="revenue", kind="money", currency="EUR")]
        >>> rows = [("Ibis", Money("7.50", "EUR")), ("Oak", Money("2.50", "EUR"))]
        >>> sales = Table.of(columns, rows, source="sales.csv")
        >>> found = find_insights(sales, InsightsConfig(value="revenue", by=("artist",)))
        >>> for statement in found.statements[:2]:
        ...     print(statement.text)
        The total of revenue is 10.00 EUR, from 2 rows.
        By artist, Ibis has 75.0 % of all revenue, of 2 groups.
        >>> found.statements[1].figures["share"].value, found.statements[1].rows.sample
        (Fraction(3, 4), (Origin(source='sales.csv', row=1), Origin(source='sales.csv', row=2)))
    """

    def tell(done: int, what: str = "read") -> None:
        if progress is not None:
            progress(done, len(table), what)

    tell(0)
    found = gather(table, config, tell)
    tell(len(table))
    statements: list[Statement] = []
    for saying in SAYING if found.values else (left_out,):
        tell(len(table), saying.__name__)
        statements.extend(saying(found))
    return Insights(statements=tuple(statements), issues=found.issues)

"""Control totals: what the rows of a report come to, computed from its tables, to compare with what its files say.

Rules: sums are exact, by table, column and currency; empty cells count as nothing; a file that says anything else is
never handed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from agentkit.data.tables.kinds import Cell
from agentkit.errors import ControlTotalWrong
from agentkit.money import Money

from .charts.scale import EXACT
from .report import ADDABLE, Report, ReportTable

__all__ = ["ControlTotal", "TableControl", "check_controls", "control_totals", "summed"]


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """What a column comes to.

    Attributes:
        column: The name of the column.
        currency: The currency that was summed; empty for numbers that are no amounts.
        value: The exact sum.
    """

    column: str
    currency: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class TableControl:
    """How many rows a table has, and what they come to.

    Attributes:
        table: The title of the table.
        rows: How many rows it has, sums not counted.
        totals: The sums of its columns of numbers, in the order of the columns, then of the currencies.
    """

    table: str
    rows: int
    totals: tuple[ControlTotal, ...]


def control_totals(report: Report) -> tuple[TableControl, ...]:
    """What the tables of a report come to.

    Example:
        >>> from datetime import UTC, datetime
        >>> from agentkit.data import Column, Table
        >>> from agentkit.data.reports.report import Report, ReportTable, Section
        >>> sales = Table.of([Column(name="sold", kind="integer")], [(3,), (4,)])
        >>> made = datetime(2025, 1, 31, tzinfo=UTC)
        >>> sold = Section(parts=(ReportTable(table=sales, title="Sold"),))
        >>> control_totals(Report(title="Sales", created=made, sections=(sold,)))[0].totals[0].value
        Decimal('7')
    """
    return tuple(TableControl(table.title, len(table.table), tuple(_totals(table))) for table in report.tables)


def summed(cells: Iterable[Cell]) -> dict[str, Decimal]:
    """The sums of some numbers by currency, in order; numbers that are no amounts have an empty one."""
    sums: dict[str, Decimal] = {}
    for cell in cells:
        if isinstance(cell, Money):
            code = cell.currency.code
            sums[code] = EXACT.add(sums.get(code, Decimal()), cell.amount)
        elif isinstance(cell, (int, Decimal)):
            sums[""] = EXACT.add(sums.get("", Decimal()), Decimal(cell))
    return dict(sorted(sums.items()))


def check_controls(file: str, expected: Sequence[TableControl], found: Mapping[str, TableControl]) -> None:
    """Compare what a file says with what the report says.

    Args:
        file: The file, for the message.
        expected: What the report comes to.
        found: What was read back, by the title of the table.

    Raises:
        ControlTotalWrong: A table is missing, has more or fewer rows, or a column has another sum.
    """
    for control in expected:
        other = found.get(control.table)
        place = f"{file}, table {control.table!r}"
        if other is None:
            raise ControlTotalWrong(f"{place} is not in the file; nothing was kept, write it again")
        if other.rows != control.rows:
            raise ControlTotalWrong(f"{place}: {other.rows:,} rows were read back, and there are {control.rows:,}")
        sums = {(total.column, total.currency): total.value for total in other.totals if total.value}
        for total in control.totals:
            back = sums.pop((total.column, total.currency), Decimal())
            if back != total.value:
                raise ControlTotalWrong(f"{place}: {_named(total)} adds up to {back}, and should to {total.value}")
        if sums:
            column, currency = next(iter(sums))
            raise ControlTotalWrong(f"{place}: {column} has amounts in {currency or 'no currency'}, and should not")


def _totals(table: ReportTable) -> Iterable[ControlTotal]:
    for column in table.kinds:
        if column.kind in ADDABLE:
            for currency, value in summed(table.table.column(column.name)).items():
                yield ControlTotal(column.name, currency, value)


def _named(total: ControlTotal) -> str:
    return f"{total.column} in {total.currency}" if total.currency else total.column

"""Processing a table: operations given one by one or in words, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.progress import Progress
from agentkit.data.tables.table import Table
from agentkit.money import FinancialProcessor

from .expressions.parsing import Parameters
from .instructions.understanding import Understood, understand
from .operations import Operation
from .running import OperationStatistics, run

__all__ = ["Processed", "process"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What came of a table.

    Attributes:
        table: The rows that went through all operations.
        quarantine: The rows that were set apart, as they were then, with everything that was wrong with them.
        issues: What is wrong with rows that went on: cells that could not be computed; and which rows were dropped as
            duplicates, of which ones.
        statistics: What each operation did, in order.
        understood: What was understood, where the operations came in words.
    """

    table: Table
    quarantine: tuple[Quarantined, ...]
    issues: tuple[Issue, ...]
    statistics: tuple[OperationStatistics, ...]
    understood: Understood | None = None

    @property
    def retention(self) -> Fraction | None:
        """The rows that came out as a part of those that went in; None if none went in or nothing was done."""
        if not self.statistics or not self.statistics[0].rows_in:
            return None
        return Fraction(len(self.table), self.statistics[0].rows_in)


def process(
    table: Table,
    operations: Sequence[Operation] | Understood | str,
    *,
    inputs: Mapping[str, Table] | None = None,
    processor: FinancialProcessor | None = None,
    parameters: Parameters | None = None,
    progress: Progress | None = None,
) -> Processed:
    """Carry out operations on a table, one after the other. The table is not changed.

    All operations are checked before the first row is touched.

    Args:
        table: The rows.
        operations: The operations, or words that `understand` understands completely.
        inputs: Other tables that operations name: of rates, or to join.
        processor: Who computes with amounts. With an audit trail, each conversion and each sharing is an entry.
        parameters: The values of `$name` in expressions, by name.
        progress: Is told how many rows are done, of how many, and with which kind of operation.

    Raises:
        InstructionUnclear: The words stand for no operation, or for several.
        ExpressionInvalid: An expression cannot be read, or does not fit the columns.
        ColumnMissing: There is no column or input of a name.
        ColumnMismatch: Columns are not of the kinds that an operation needs.
        DuplicateKey: A table to join has a key twice.
        MoneyError: Settings of amounts are not valid, or a group mixes currencies.
        DefinitionError: An operation contradicts itself, or is none.

    Example:
        >>> from agentkit.data import Column, Derive, Filter
        >>> columns = [Column(name="artist"), Column(name="sold", kind="integer")]
        >>> sales = Table.of(columns, [("Ibis", 3), ("Oak", None)], source="sales.csv", first_row=2)
        >>> done = process(sales, [Derive(name="double", expression="sold * 2"), Filter(expression="double > 1")])
        >>> list(done.table.rows()), [(row.row, row.issues[0].message) for row in done.quarantine]
        ([('Ibis', 3, Decimal('6'))], [(3, 'double is empty: double > 1 gives nothing')])
        >>> [(each.kind, each.rows_in, each.rows_out) for each in done.statistics]
        [('derive', 2, 2), ('filter', 2, 1)]
    """
    understood = understand(operations, table.columns) if isinstance(operations, str) else operations
    given = understood.operations if isinstance(understood, Understood) else understood
    ran = run(table, given, inputs=inputs or {}, processor=processor, parameters=parameters or {}, progress=progress)
    return Processed(
        table=ran.table,
        quarantine=ran.quarantine,
        issues=ran.issues,
        statistics=ran.statistics,
        understood=understood if isinstance(understood, Understood) else None,
    )

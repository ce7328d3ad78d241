"""Carries out operations one after the other, and counts what each of them did.

Rules: everything is checked before the first row is touched; the table that comes in is never changed; every row that
comes in goes on, is in quarantine, or is counted where an operation left it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, assert_never, cast, get_args

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.progress import Progress
from agentkit.data.tables.table import Table
from agentkit.errors import AgentKitError, DefinitionError, MoneyError, TableError
from agentkit.money import FinancialProcessor

from .amounts import convert, share
from .combining import group, join
from .expressions.parsing import Parameters
from .fields import derive, rename, select
from .operations import (
    Check,
    Convert,
    Dedupe,
    Derive,
    Filter,
    Group,
    Join,
    Normalise,
    Operation,
    Rename,
    Select,
    Share,
    Sort,
    Top,
)
from .rows import check, dedupe, keep, normalise, sort, top
from .steps import Step, Work

__all__ = ["OperationStatistics", "Ran", "carry_out", "run"]

OPERATIONS: Final[tuple[type, ...]] = get_args(get_args(Operation)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStatistics:
    """What one operation did.

    Attributes:
        kind: Which operation it is.
        rows_in: How many rows came in.
        rows_out: How many went on.
        rows_changed: In how many of these a cell is another one than before, or a new one is filled.
        rows_quarantined: How many were set apart.
        issues: How many things were wrong, those of rows in quarantine included.
    """

    kind: str
    rows_in: int
    rows_out: int
    rows_changed: int
    rows_quarantined: int
    issues: int

    @property
    def retention(self) -> Fraction | None:
        """Which part of the rows went on, from 0 to 1 where rows are not combined; None if none came in."""
        return Fraction(self.rows_out, self.rows_in) if self.rows_in else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What all operations gave.

    Attributes:
        table: The rows that went through all of them.
        quarantine: The rows that were set apart, in the order of the operations.
        issues: What is wrong with rows that went on, or were dropped as duplicates.
        statistics: What each operation did, in order.
    """

    table: Table
    quarantine: tuple[Quarantined, ...]
    issues: tuple[Issue, ...]
    statistics: tuple[OperationStatistics, ...]


def run(
    table: Table,
    operations: Sequence[Operation],
    *,
    inputs: Mapping[str, Table],
    processor: FinancialProcessor | None,
    parameters: Parameters,
    progress: Progress | None,
) -> Ran:
    """Carry out operations, checked on a table without rows first.

    Raises:
        TableError: An operation does not fit the columns that it finds; the message names it.
        MoneyError: Its settings are not valid, or groups mix currencies.
        DefinitionError: Its settings contradict themselves, or it is no operation.
    """
    # Without rows, whatever can be wrong with names, kinds and settings shows at once, and nothing is written down.
    checked, silent = table.take([]), Work(inputs=inputs, processor=None, tell=lambda _: None, parameters=parameters)
    for number, operation in enumerate(operations, start=1):
        checked = carry_out(operation, checked, silent, number).table
    quarantine: list[Quarantined] = []
    issues: list[Issue] = []
    statistics: list[OperationStatistics] = []
    for number, operation in enumerate(operations, start=1):
        rows_in, told = len(table), _teller(progress, len(table), operation.kind)
        work = Work(inputs=inputs, processor=processor, tell=told, parameters=parameters)
        told(0)
        step = carry_out(operation, table, work, number)
        told(rows_in)
        statistics.append(_counted(operation, rows_in, step))
        quarantine.extend(step.quarantine)
        issues.extend(step.issues)
        table = step.table
    return Ran(table=table, quarantine=tuple(quarantine), issues=tuple(issues), statistics=tuple(statistics))


def carry_out(operation: Operation, table: Table, work: Work, number: int = 1) -> Step:
    """Carry out one operation.

    Raises:
        DefinitionError: It is none.
    """
    if not isinstance(cast("object", operation), OPERATIONS):
        names = ", ".join(kind.__name__ for kind in OPERATIONS)
        raise DefinitionError(f"operation {number} is {operation!r}: give one of {names}")
    try:
        return _step(operation, table, work)
    except (TableError, MoneyError, DefinitionError) as wrong:
        # The same error, so that whoever asks for its kind finds it, with the place where it happened.
        placed: AgentKitError = type(wrong)(f"operation {number} ({operation.kind}): {wrong}")
        raise placed from wrong


def _step(operation: Operation, table: Table, work: Work) -> Step:
    match operation:
        case Check():
            step = check(operation, table, work)
        case Convert():
            step = convert(operation, table, work)
        case Dedupe():
            step = dedupe(operation, table, work)
        case Derive():
            step = derive(operation, table, work)
        case Filter():
            step = keep(operation, table, work)
        case Group():
            step = group(operation, table, work)
        case Join():
            step = join(operation, table, work)
        case Normalise():
            step = normalise(operation, table, work)
        case Rename():
            step = rename(operation, table, work)
        case Select():
            step = select(operation, table, work)
        case Share():
            step = share(operation, table, work)
        case Sort():
            step = sort(operation, table, work)
        case Top():
            step = top(operation, table, work)
        case _:
            assert_never(operation)
    return step


def _teller(progress: Progress | None, total: int, kind: str) -> Callable[[int], None]:
    if progress is None:
        return lambda _: None
    return lambda done: progress(done, total, kind)


def _counted(operation: Operation, rows_in: int, step: Step) -> OperationStatistics:
    return OperationStatistics(
        kind=operation.kind,
        rows_in=rows_in,
        rows_out=len(step.table),
        rows_changed=step.changed,
        rows_quarantined=len(step.quarantine),
        issues=len(step.issues) + sum(len(row.issues) for row in step.quarantine),
    )

"""Cleaning a table by its schema.

Rules: nothing that comes in is changed; each row is either in the clean table or in quarantine, there with everything
that is wrong with it, and both together are all rows that came in; both engines give the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.progress import Progress
from agentkit.data.tables.kinds import Column
from agentkit.data.tables.python import PythonStorage
from agentkit.data.tables.storage import EngineName, Storage
from agentkit.data.tables.table import Table
from agentkit.errors import ColumnMissing

from .columns import ColumnRead, Told, read_cells
from .quarantine import Quarantine, Wrong
from .reading import Problem
from .schema import Field, Schema
from .texts import told_texts

__all__ = ["Cleaned", "CleaningStatistics", "FieldStatistics", "clean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldStatistics:
    """What became of the cells of one field.

    Attributes:
        filled: How many have a value.
        empty: How many have none; where the field is required, those are issues too.
        mended: How many were not written as programs write them, such as `1.234,50 €` for `1234.50 EUR`.
        issues: How many are kept apart, by code.
        form: What the column decided for, such as `numbers with a decimal comma`; empty if it was not asked, or
            decided nothing.
    """

    filled: int
    empty: int
    mended: int
    issues: Mapping[str, int]
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningStatistics:
    """What became of the rows.

    Attributes:
        rows: How many came in.
        clean: How many are in the clean table.
        quarantined: How many are kept apart.
        issues: How many things are wrong, by code.
        fields: What became of the cells, by field.
    """

    rows: int
    clean: int
    quarantined: int
    issues: Mapping[str, int]
    fields: Mapping[str, FieldStatistics]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A clean table, and the rows that are kept apart.

    Attributes:
        table: The clean rows, in order.
        quarantine: The others, in order, as they were found.
        statistics: What became of the rows and cells.
    """

    table: Table
    quarantine: Sequence[Quarantined]
    statistics: CleaningStatistics

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Everything that is wrong, row by row."""
        return tuple(issue for row in self.quarantine for issue in row.issues)


def clean(
    raw: Table, schema: Schema, *, engine: Literal["auto"] | EngineName = "auto", progress: Progress | None = None
) -> Cleaned:
    """Read the cells of a table as a schema says, and keep apart the rows that cannot be read so.

    Numbers and dates are never guessed: where a cell has two readings, the other values of its column decide, unless
    the schema names a locale or an order; where they do not, the row is kept apart.

    Args:
        raw: What was found. It stays as it is.
        schema: What it should be.
        engine: Who computes; `auto` is the engine of the raw table. The result is the same.
        progress: Is told of rows done, about ten times a second.

    Raises:
        ColumnMissing: The table lacks the column of a required field, or one that says the currency of another.
        MissingExtra: polars is asked for, and not installed.

    Example:
        >>> raw = Table.of([Column(name="price")], [("1.234,50 €",), ("12,-",), ("a lot",)], source="list")
        >>> found = clean(raw, Schema(fields=[Field(name="price", kind="money", currency="EUR")]))
        >>> [str(price) for price in found.table.column("price")]
        ['1234.50 EUR', '12.00 EUR']
        >>> [(issue.row, issue.code) for issue in found.issues]
        [(3, 'invalid_amount')]
    """
    table = raw if engine == "auto" else raw.on(engine)
    told = _counter(len(schema.fields), len(raw), progress)
    reads = [_read(table, field, told) for field in schema.fields]
    problems = [read.problems for read in reads]
    blank = _blank(reads)
    apart = sorted(blank.union(*problems))
    quarantine = _quarantine(raw, apart, schema.fields, problems, blank)
    codes = Counter(problem.code for found in problems for row, problem in found.items() if row not in blank)
    codes["blank_row"] = len(blank)
    statistics = _statistics(reads, codes, rows=len(raw), apart=len(apart))
    return Cleaned(table=_table(table, reads).without(apart), quarantine=quarantine, statistics=statistics)


def _counter(fields: int, rows: int, progress: Progress | None) -> Told:
    """What turns cells that are done into rows."""
    done = 0

    def told(cells: int) -> None:
        nonlocal done
        done += cells
        if progress is not None:
            progress(done // fields, rows, "cleaning")

    return told


def _read(table: Table, field: Field, told: Told) -> ColumnRead:
    source = _column(table, field.column_name, required=field.required)
    beside = None if field.currency_from is None else _column(table, field.currency_from.column, required=True)
    if source is None:
        told(len(table))
        return read_cells(field, [None] * len(table), None, lambda cells: None)
    if table.engine == "polars":
        from .frames import read_column

        return read_column(table, field, source, beside, told)
    contexts = None if beside is None else told_texts(table.column(beside.name))
    return read_cells(field, table.column(source.name), contexts, told)


def _column(table: Table, name: str, *, required: bool) -> Column | None:
    if name not in table.names and not required:
        return None
    try:
        return table.find(name)
    except ColumnMissing as missing:
        raise ColumnMissing(f"{missing}: name what it is called with source_name, or correct the schema") from missing


def _blank(reads: Sequence[ColumnRead]) -> set[int]:
    """The rows that have nothing at all."""
    nothing = [
        {*read.empty, *(row for row, problem in read.problems.items() if problem.code == "missing")}
        for read in sorted(reads, key=lambda read: len(read.empty) + len(read.problems))
    ]
    return nothing[0].intersection(*nothing[1:])


def _quarantine(
    raw: Table, rows: Sequence[int], fields: Sequence[Field], problems: Sequence[Mapping[int, Problem]], blank: set[int]
) -> Quarantine:
    def wrong(row: int, cells: Mapping[str, str]) -> list[Wrong]:
        if row in blank:
            return [("", Problem("blank_row", "it is blank"), "")]
        found = zip(fields, problems, strict=True)
        return [(field.name, own[row], cells.get(field.column_name, "")) for field, own in found if row in own]

    return Quarantine(raw, rows, wrong)


def _table(table: Table, reads: Sequence[ColumnRead]) -> Table:
    columns = [read.column for read in reads]
    storage: Storage
    if table.engine == "polars":
        from .frames import stored

        storage = stored(reads, len(table))
    else:
        storage = PythonStorage({read.column.name: read.cells for read in reads}, len(table))
    return Table(columns, storage, table.origins)


def _statistics(reads: Sequence[ColumnRead], codes: Counter[str], *, rows: int, apart: int) -> CleaningStatistics:
    fields: dict[str, FieldStatistics] = {}
    for read in reads:
        issues = Counter(problem.code for problem in read.problems.values())
        empty = len(read.empty) + issues["missing"]
        fields[read.column.name] = FieldStatistics(
            filled=rows - len(read.empty) - len(read.problems),
            empty=empty,
            mended=read.mended,
            issues=dict(sorted((code, count) for code, count in issues.items() if count)),
            form=read.said,
        )
    return CleaningStatistics(
        rows=rows,
        clean=rows - apart,
        quarantined=apart,
        issues=dict(sorted((+codes).items())),
        fields=fields,
    )

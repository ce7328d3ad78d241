"""How tables go from stage to stage: as files of the operation, with a reference as the value.

Rules: a table of a million rows does not go through the journal; the reference says which file it is, what its columns
are, and how many rows it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, TypeAlias, cast

from pydantic import TypeAdapter, ValidationError

from agentkit.agents import Task
from agentkit.data import Column, Issue, Quarantined, Table, pack_table, unpack_table
from agentkit.errors import InputError
from agentkit.kernel import TABLE_TYPE, Artifact

__all__ = [
    "AnyTask",
    "Handed",
    "TableRef",
    "fetch",
    "find_tables",
    "hand_on",
    "handed_by",
    "issues_table",
    "quarantine_table",
]

AnyTask: TypeAlias = Task[Any]
"""A task, whatever it is given: the agents of this room look into it by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRef:
    """A table that a stage hands on.

    Attributes:
        name: What it is called.
        rows: How many rows it has.
        columns: What its columns are called and hold.
        file: The file of the operation that holds it.
    """

    name: str
    rows: int
    columns: tuple[Column, ...]
    file: Artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What a stage of this room hands on: its tables by name, and how good the data is.

    Attributes:
        tables: The tables, by name.
        quarantine: The rows that were kept apart, with what is wrong with them; None if there are none.
        issues: What else was said of rows, such as duplicates that were left out; None if nothing was.
        quality: The least of the ratios that were measured, from `"0"` to `"1"`; None if nothing was.
        statements: What was found out, each in a sentence.
    """

    tables: Mapping[str, TableRef] = field(default_factory=dict[str, TableRef])
    quarantine: TableRef | None = None
    issues: TableRef | None = None
    quality: str | None = None
    statements: tuple[str, ...] = ()


_HANDED: TypeAdapter[Handed] = TypeAdapter(Handed)
_NAMES: Final = tuple(each.name for each in fields(Handed))


async def hand_on(task: AnyTask, name: str, table: Table) -> TableRef:
    """Keep a table as a file of the operation.

    Raises:
        InputError: It is too large, or its name is no plain file name.
        StoreUnavailable: It could not be kept.
    """
    file = await task.attach(f"{name}.table", pack_table(table), media_type=TABLE_TYPE)
    return TableRef(name=name, rows=len(table), columns=table.columns, file=file)


async def fetch(task: AnyTask, ref: TableRef) -> Table:
    """The table that was handed on.

    Raises:
        NotFound: Its file is not kept any more.
        ColumnMismatch: Its file is damaged.
    """
    return unpack_table(await task.fetch(ref.file))


def find_tables(task: AnyTask) -> dict[str, TableRef]:
    """The tables that the stages before have handed on, by name.

    A stage with one table is known by its own name too, before all others; where two stages have tables of one name,
    which of them is meant is said by `stage.name`. `stage.quarantine` is what was kept apart there, and `stage.issues`
    what else was said of rows, if anything was.

    Raises:
        InputError: What was given holds no tables.
    """
    found: dict[str, TableRef] = {}
    named: dict[str, TableRef] = {}
    stages: dict[str, TableRef] = {}
    twice: set[str] = set()
    for stage, handed in handed_by(task):
        for name, ref in handed.tables.items():
            twice |= {name} & named.keys()
            named[name] = found[f"{stage}.{name}"] = ref
        if len(handed.tables) == 1:
            stages[stage] = next(iter(handed.tables.values()))
        for kind, told in (("quarantine", handed.quarantine), ("issues", handed.issues)):
            if told is not None:
                found[f"{stage}.{kind}"] = told
    known = {name: ref for name, ref in named.items() if name not in twice}
    return {**found, **known, **stages}


def handed_by(task: AnyTask) -> Iterator[tuple[str, Handed]]:
    """What each stage before has handed on; what holds no tables is left out.

    Raises:
        InputError: What holds tables is not of the form in which agents of this room hand on.
    """
    given: Sequence[tuple[str, object]] = list(task.outputs.items())
    if not given:
        value = task.input
        given = [("input", _plain(value))]
    for stage, value in given:
        if isinstance(value, dict) and ("tables" in value or "statements" in value):
            data = cast("dict[str, object]", value)
            known = {name: data[name] for name in _NAMES if name in data}
            try:
                yield stage, _HANDED.validate_python(known)
            except ValidationError as error:
                raise InputError(f"stage {stage!r} has handed on no tables: {error.errors()[0]['msg']}") from error


def _plain(value: object) -> object:
    """What a task that stands alone is given: a value of this room is taken as what it hands on."""
    if isinstance(value, dict):
        return cast("dict[str, object]", value)
    if hasattr(value, "tables") or hasattr(value, "statements"):
        return {name: getattr(value, name) for name in _NAMES if hasattr(value, name)}
    return value


_ISSUES = [
    Column(name="source"),
    Column(name="row", kind="integer"),
    Column(name="field"),
    Column(name="code", kind="code"),
    Column(name="message"),
    Column(name="raw"),
]


def issues_table(issues: Iterable[Issue]) -> Table:
    """What is wrong with rows as a table: a row for each thing."""
    return Table.of(
        _ISSUES,
        [(issue.source, issue.row, issue.field, issue.code, issue.message, issue.raw) for issue in issues],
        source="issues",
    )


def quarantine_table(rows: Iterable[Quarantined]) -> Table:
    """What is wrong with rows that were kept apart as a table: a row for each thing."""
    return issues_table(issue for row in rows for issue in row.issues)

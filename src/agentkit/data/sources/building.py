"""Columns made into a table: the one place where sources make tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.origins import Origin, Origins
from agentkit.data.tables.python import PythonStorage
from agentkit.data.tables.table import Table
from agentkit.errors import SourceMalformed

from .cells import cells_of
from .reading import Reading

if TYPE_CHECKING:
    import polars

__all__ = ["assemble", "frame_table", "header_names", "kept_apart", "table_of", "text_table"]

_SHOWN = 200


def table_of(columns: Sequence[Column], cells: Sequence[Sequence[Cell]], origins: Sequence[Origin]) -> Table:
    """A table of columns whose cells are known to be of their kind: they are not looked at again."""
    held = {column.name: own for column, own in zip(columns, cells, strict=True)}
    return Table(columns, PythonStorage(held, len(origins)), origins)


def text_table(source: str, names: Sequence[str], cells: Sequence[Sequence[str]], rows: Sequence[int]) -> Table:
    """A table of columns of text."""
    return table_of([Column(name=name) for name in names], cells, Origins.of(source, rows))


def frame_table(source: str, names: Sequence[str], frame: polars.DataFrame, first: int) -> Table:
    """A table of a frame of text columns: the engine polars keeps it as it is."""
    named = frame.rename(dict(zip(frame.columns, names, strict=True)))
    return Table.of_frame(named, source=source, rows=range(first, first + frame.height))


def kept_apart(reading: Reading, row: int, cells: Mapping[str, str], code: str, message: str) -> Quarantined:
    """A row that cannot be read, as it was found."""
    raw = ", ".join(cells.values())
    raw = raw if len(raw) <= _SHOWN else raw[:_SHOWN] + "…"
    issue = Issue(source=reading.name, row=row, field="", code=code, message=message, raw=raw)
    return Quarantined(source=reading.name, row=row, cells=dict(cells), issues=(issue,))


def assemble(
    reading: Reading, values: Mapping[str, Sequence[object]], rows: Sequence[int]
) -> tuple[Table, list[Quarantined]]:
    """A table of typed columns, and the rows that hold what is no value.

    Raises:
        SourceMalformed: There are values that no column can hold, like bytes.
        SourceTooLarge: There are too many columns, or lists and objects lie in each other too deep.
    """
    reading.check_columns(len(values))
    made = [cells_of(name, column, reading) for name, column in values.items()]
    bad: dict[int, list[tuple[str, str, str]]] = {}
    for column, _, wrong in made:
        for place, (code, message) in wrong.items():
            bad.setdefault(place, []).append((column.name, code, message))
    columns = [column for column, _, _ in made]
    quarantine = [_with_issues(reading, values, place, rows[place], bad[place]) for place in sorted(bad)]
    if bad:
        keep = [place for place in range(len(rows)) if place not in bad]
        rows = [rows[place] for place in keep]
        return table_of(
            columns, [[cells[place] for place in keep] for _, cells, _ in made], Origins.of(reading.name, rows)
        ), quarantine
    return table_of(columns, [cells for _, cells, _ in made], Origins.of(reading.name, rows)), quarantine


def _with_issues(
    reading: Reading,
    values: Mapping[str, Sequence[object]],
    place: int,
    row: int,
    found: Iterable[tuple[str, str, str]],
) -> Quarantined:
    cells = {name: str(column[place]) for name, column in values.items() if column[place] is not None}
    issues = tuple(
        Issue(source=reading.name, row=row, field=field, code=code, message=message, raw=cells[field][:_SHOWN])
        for field, code, message in found
    )
    return Quarantined(source=reading.name, row=row, cells=cells, issues=issues)


def header_names(reading: Reading, header: Sequence[str], columns: Sequence[str] | None) -> tuple[str, ...]:
    """The names of columns: those of the header, without space around them, or those that were given.

    Raises:
        SourceMalformed: Two columns have the same name, or there are more or fewer names than columns.
        SourceTooLarge: There are too many columns.
    """
    reading.check_columns(len(header))
    if columns is not None:
        if len(columns) != len(header):
            raise SourceMalformed(f"it has {len(header)} columns, and {len(columns)} names are given")
        return tuple(columns)
    names: dict[str, int] = {}
    for place, title in enumerate(header, start=1):
        name = title.strip()
        if not name:
            name = f"column_{place}"
            reading.note(f"column {place} has no name, and is called {name!r}")
        if name in names:
            raise SourceMalformed(
                f"columns {names[name]} and {place} are both called {name!r}; name all by columns=[...]"
            )
        names[name] = place
    return tuple(names)

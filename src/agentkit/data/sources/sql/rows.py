"""What a database gives, row by row, made into a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agentkit.data.sources.building import assemble
from agentkit.data.sources.ports import Extracted
from agentkit.data.sources.reading import Reading
from agentkit.errors import SourceMalformed

__all__ = ["BLOCK", "extracted_rows"]

BLOCK = 5_000


def extracted_rows(
    names: Sequence[str], fetch: Callable[[], Sequence[Sequence[object]]], reading: Reading, *, format: str
) -> Extracted:
    """A table of rows that come in blocks, until a block is empty; they are counted from 1.

    Raises:
        SourceMalformed: Two columns have the same name, or there are values that no column can hold.
        SourceTooLarge: There are too many rows or columns.
    """
    reading.check_columns(len(names))
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise SourceMalformed(f"two columns of the result are called {twice[0]!r}; tell them apart by AS")
    columns: list[list[object]] = [[] for _ in names]
    while block := fetch():
        reading.count_rows(len(block))
        reading.check()
        for column, cells in zip(columns, zip(*block, strict=True), strict=True):
            column.extend(cells)
    height = len(columns[0]) if columns else 0
    table, bad = assemble(reading, dict(zip(names, columns, strict=True)), range(1, height + 1))
    return Extracted(table=table, quarantine=tuple(bad), format=format)

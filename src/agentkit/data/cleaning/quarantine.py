"""Rows that are kept apart, as they were found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.tables.table import Table

from .reading import Problem
from .texts import shortened, text_of

__all__ = ["Wrong", "kept_apart"]

Wrong: TypeAlias = tuple[str, Problem, str]
"""A field, what is wrong with it, and the text that was found there."""


def kept_apart(
    table: Table, rows: Sequence[int], wrong: Callable[[int, dict[str, str]], Sequence[Wrong]]
) -> tuple[Quarantined, ...]:
    """These rows of a table, each with what is wrong with it.

    Args:
        table: Where they are.
        rows: Their places, counted from 0.
        wrong: Says what is wrong with the row at a place that has these texts.
    """
    taken = table.take(rows)
    texts = [_texts(taken, name) for name in table.names]
    found: list[Quarantined] = []
    for place, row, cells in zip(range(len(rows)), rows, zip(*texts, strict=True), strict=True):
        source, number = taken.origins.source_at(place), taken.origins.row_at(place)
        by_name = dict(zip(table.names, cells, strict=True))
        issues = tuple(
            Issue(source=source, row=number, field=field, code=code, message=message, raw=shortened(text))
            for field, (code, message), text in wrong(row, by_name)
        )
        found.append(Quarantined(source=source, row=number, cells=by_name, issues=issues))
    return tuple(found)


def _texts(table: Table, name: str) -> list[str]:
    cells = table.column(name)
    if table.find(name).kind in {"text", "code"}:
        return [cell or "" for cell in cast("Sequence[str | None]", cells)]
    return [text_of(cell) for cell in cells]

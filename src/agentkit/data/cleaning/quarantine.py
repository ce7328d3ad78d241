"""Rows that are kept apart, as they were found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias, cast, overload

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.tables.table import Table
from agentkit.markup import bundle, table

from .reading import Problem
from .texts import shortened, text_of

__all__ = ["Quarantine", "Wrong"]

Wrong: TypeAlias = tuple[str, Problem, str]
"""A field, what is wrong with it, and the text that was found there."""

_SHOWN: Final = 20


class Quarantine(Sequence[Quarantined]):
    """Some rows of a table, each with what is wrong with it, made when somebody looks at it.

    Of a million rows some ten thousand may be kept apart. To make each of them, with its texts and issues, would take
    as long as to clean the others, and most are only counted.
    """

    __slots__ = ("_places", "_rows", "_wrong")

    def __init__(self, table: Table, places: Sequence[int], wrong: Callable[[int, dict[str, str]], Sequence[Wrong]]):
        """Keep rows of a table apart.

        Args:
            table: Where they are.
            places: Their places, counted from 0.
            wrong: Says what is wrong with the row at a place that has these texts.
        """
        self._rows = table.take(places)
        self._places = places
        self._wrong = wrong

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Quarantined: ...
    @overload
    def __getitem__(self, index: slice) -> Quarantine: ...
    def __getitem__(self, index: int | slice) -> Quarantined | Quarantine:
        chosen = range(len(self))[index]
        if isinstance(chosen, range):
            part = Quarantine(self._rows, chosen, self._wrong)
            part._places = [self._places[place] for place in chosen]
            return part
        [row] = self[chosen : chosen + 1]
        return row

    def __iter__(self) -> Iterator[Quarantined]:
        rows = self._rows
        texts = [_texts(rows, name) for name in rows.names]
        for index, (place, *cells) in enumerate(zip(self._places, *texts, strict=True)):
            source, number = rows.origins.source_at(index), rows.origins.row_at(index)
            by_name = dict(zip(rows.names, cells, strict=True))
            issues = tuple(
                Issue(source=source, row=number, field=field, code=code, message=message, raw=shortened(text))
                for field, (code, message), text in self._wrong(place, by_name)
            )
            yield Quarantined(source=source, row=number, cells=by_name, issues=issues)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quarantine | tuple):
            return NotImplemented
        return tuple(self) == tuple(cast("Sequence[object]", other))

    def __hash__(self) -> int:
        return hash(tuple(self._places))

    def __repr__(self) -> str:
        return f"<quarantine of {len(self)} rows>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What is wrong with the first rows, as text and HTML, for notebooks."""
        rows = [("source", "row", "field", "what is wrong", "found")]
        for kept in self[:_SHOWN]:
            rows.extend((kept.source, str(kept.row), one.field, one.message, one.raw) for one in kept.issues)
        title = f"{len(self):,} row{'' if len(self) == 1 else 's'} kept apart"
        more = f"and {len(self) - _SHOWN:,} more rows" if len(self) > _SHOWN else ""
        return bundle(repr(self), table(rows, title=title, figures={1}, below=[more]))


def _texts(table: Table, name: str) -> Sequence[str]:
    cells = table.column(name)
    if table.find(name).kind in {"text", "code"}:
        return [cell or "" for cell in cast("Sequence[str | None]", cells)]
    return [text_of(cell) for cell in cells]

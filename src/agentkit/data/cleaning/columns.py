"""Reading a whole column in plain Python: each different cell once, and numbers by their shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from agentkit.data.tables.kinds import Cell, Column
from agentkit.money import Money

from .forms import form_of, is_decided
from .reading import Form, Problem, Reader
from .schema import Field
from .shapes import DIGITS, Plan, plan_of, shape_of

if TYPE_CHECKING:
    from agentkit.data.tables.physical import Parts

__all__ = ["CHUNK", "ColumnRead", "Context", "Told", "decided_form", "made", "read_cells"]

CHUNK = 50_000
"""So many cells are read between two words about progress, in about a tenth of a second."""

_KEPT = 100_000
Context: TypeAlias = str | None
Told: TypeAlias = Callable[[int], None]
"""Is told how many cells are done."""


@dataclass(slots=True, kw_only=True)
class ColumnRead:
    """What became of the cells of one column.

    Attributes:
        column: What it holds.
        cells: Its cells; None where there is nothing, and where there is a problem. Empty if polars keeps them.
        parts: What polars keeps of them; None if Python does.
        empty: The rows where there is nothing.
        problems: What is wrong, by row.
        mended: How many cells were not written as programs write them.
        said: The form that the column decided for, in words.
    """

    column: Column
    cells: Sequence[Cell] = ()
    parts: Parts | None = None
    empty: Sequence[int] = ()
    problems: dict[int, Problem] = field(default_factory=dict)
    mended: int = 0
    said: str = ""


class _Entry(NamedTuple):
    """What became of a cell, and whether it was mended."""

    value: Cell | Problem
    mended: bool


_Key: TypeAlias = "tuple[Cell, Context]"


class _Read(dict[_Key, _Entry]):
    """What became of the cells that were there before; few columns have many different ones."""

    def __init__(self, read: Callable[[Cell, Context], _Entry]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, key: _Key) -> _Entry:
        entry = self._read(*key)
        if len(self) < _KEPT:
            self[key] = entry
        return entry


def read_cells(asked: Field, cells: Sequence[Cell], contexts: Sequence[Context] | None, told: Told) -> ColumnRead:
    """Read a column.

    Args:
        asked: What it should be.
        cells: What was found.
        contexts: The cell of each row that says the currency; None: nothing says it.
        told: Is told of the progress.
    """
    form = decided_form(asked, cells)
    reader = Reader(asked, form)
    read = _by_shape(reader) if asked.kind in {"money", "decimal", "integer"} else _one_by_one(reader)
    found = ColumnRead(column=asked.column, said=form.said)
    # Decimals that are equal may be written differently, so only texts are looked up.
    known = _Read(read).__getitem__ if all(map(_is_text, cells)) else lambda key: read(*key)
    values: list[Cell] = []
    empty: list[int] = []
    for start in range(0, len(cells), CHUNK):
        chunk = cells[start : start + CHUNK]
        beside: Sequence[Context] | repeat[None] = repeat(None) if contexts is None else contexts[start : start + CHUNK]
        entries = list(map(known, zip(chunk, beside, strict=False)))
        read_now = [entry[0] for entry in entries]
        found.mended += sum([entry[1] for entry in entries])
        for row, value in enumerate(read_now, start=start):
            if value is None:
                empty.append(row)
            elif type(value) is Problem:
                found.problems[row] = value
                read_now[row - start] = None
        values.extend(cast("list[Cell]", read_now))
        told(len(chunk))
    found.cells, found.empty = values, empty
    return found


def _is_text(cell: Cell) -> bool:
    return cell is None or type(cell) is str


def decided_form(asked: Field, cells: Sequence[Cell]) -> Form:
    """The form of a column, if the column is asked for it."""
    if is_decided(asked):
        return Form()
    texts = [cell for cell in cells if isinstance(cell, str)]
    return form_of(asked, Counter(texts if asked.kind == "date" else map(shape_of, texts)))


def _one_by_one(reader: Reader) -> Callable[[Cell, Context], _Entry]:
    def read(cell: Cell, context: Context) -> _Entry:
        value = reader.read(cell, context)
        return _Entry(value, not isinstance(value, Problem) and reader.is_mended(cell, value))

    return read


def _by_shape(reader: Reader) -> Callable[[Cell, Context], _Entry]:
    careful = _one_by_one(reader)
    plans: dict[tuple[str, Context], Plan | None] = {}

    def read(cell: Cell, context: Context) -> _Entry:
        if type(cell) is not str:
            return careful(cell, context)
        key = (shape_of(cell), context)
        try:
            plan = plans[key]
        except KeyError:
            plan = plans[key] = plan_of(reader, *key)
        if plan is None:
            return careful(cell, context)
        number = int(cell.translate(DIGITS)) * plan.factor
        if not plan.fits(number):
            return careful(cell, context)
        return _Entry(made(plan, number, reader.field), plan.mended)

    return read


def made(plan: Plan, number: int, asked: Field) -> Cell:
    """The value of a number in whole steps."""
    if plan.currency is not None:
        return Money.from_minor(number, plan.currency)
    if asked.kind == "integer":
        return number
    return Decimal((int(number < 0), tuple(map(int, str(abs(number)))), plan.exponent))



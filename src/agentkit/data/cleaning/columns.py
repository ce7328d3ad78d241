"""Reading a whole column in plain Python: each different cell once, and numbers by their shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING, TypeAlias, cast

from agentkit.data.tables.kinds import Cell, Column
from agentkit.money import Money

from .forms import form_of, is_decided
from .reading import Form, Problem, Reader
from .schema import Field
from .shapes import ROUGH, Plan, plan_of, shape_of
from .texts import is_tidy

if TYPE_CHECKING:
    from agentkit.data.tables.physical import Parts

__all__ = ["NUMBERS", "ColumnRead", "Context", "Told", "decided_form", "is_ruled", "made", "read_cells"]

CHUNK = 50_000
"""So many cells are read between two words about progress, in about a tenth of a second."""

KEPT = 50_000
"""So many different cells are remembered; where there are more, most come once."""

NUMBERS = frozenset({"money", "decimal", "integer"})
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


_Key: TypeAlias = "tuple[Cell, Context]"


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
    found = ColumnRead(column=asked.column, said=form.said)
    careful = _Careful(reader, texts_only=all(map(_is_text, cells)))
    read: _Careful | _Texts | _Numbers = careful
    if asked.kind in NUMBERS:
        read = _Numbers(reader, careful)
    elif not is_ruled(asked):
        read = _Texts(careful)
    values: list[Cell] = []
    empty: list[int] = []
    for start in range(0, len(cells), CHUNK):
        chunk = read.chunk(cells[start : start + CHUNK], None if contexts is None else contexts[start : start + CHUNK])
        for row, value in enumerate(chunk, start=start):
            if value is None:
                empty.append(row)
            elif type(value) is Problem:
                found.problems[row] = value
                chunk[row - start] = None
        values.extend(cast("list[Cell]", chunk))
        told(len(chunk))
    found.cells, found.empty, found.mended = values, empty, read.mended
    return found


def _is_text(cell: Cell) -> bool:
    return cell is None or type(cell) is str


def is_ruled(asked: Field) -> bool:
    """Whether a tidy text may still be another one, or none, in the end; or the field holds no texts at all."""
    ruled = asked.case or asked.allowed is not None or asked.pattern or asked.empty
    return bool(ruled) or asked.kind not in {"text", "code"}


def decided_form(asked: Field, cells: Sequence[Cell]) -> Form:
    """The form of a column, if the column is asked for it."""
    if is_decided(asked):
        return Form()
    texts = [cell for cell in cells if isinstance(cell, str)]
    if asked.kind == "date":
        return form_of(asked, Counter(texts))
    shapes: Counter[str] = Counter()
    for rough, count in Counter(text.translate(ROUGH) for text in texts).items():
        shapes[shape_of(rough)] += count
    return form_of(asked, shapes)


class _Careful:
    """Reads cells as the reader does, each different text once."""

    def __init__(self, reader: Reader, *, texts_only: bool) -> None:
        self._reader = reader
        # Decimals that are equal may be written differently, so only texts are looked up.
        self._texts_only = texts_only
        self._known: dict[_Key, tuple[Cell | Problem, bool]] = {}
        self.mended = 0

    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None) -> list[Cell | Problem]:
        """The values of some cells."""
        return list(map(self.cell, cells, repeat(None) if contexts is None else contexts))

    def cell(self, cell: Cell, context: Context) -> Cell | Problem:
        """The value of one cell."""
        key = (cell, context)
        found = self._known.get(key) if self._texts_only else None
        if found is None:
            value = self._reader.read(cell, context)
            found = value, not isinstance(value, Problem) and self._reader.is_mended(cell, value)
            if self._texts_only and len(self._known) < KEPT:
                self._known[key] = found
        self.mended += found[1]
        return found[0]


class _Texts:
    """Reads texts, of which most are tidy already."""

    def __init__(self, careful: _Careful) -> None:
        self._careful = careful

    @property
    def mended(self) -> int:
        """How many cells were not written as they are read."""
        return self._careful.mended

    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None) -> list[Cell | Problem]:
        """The values of some cells."""
        return [cell if type(cell) is str and is_tidy(cell) else self._careful.cell(cell, None) for cell in cells]


class _Numbers:
    """Reads numbers by their shapes."""

    def __init__(self, reader: Reader, careful: _Careful) -> None:
        self._reader = reader
        self._careful = careful
        self._plans: dict[tuple[str, Context], Plan | None] = {}
        self._mended = 0

    @property
    def mended(self) -> int:
        """How many cells were not written as programs write them."""
        return self._mended + self._careful.mended

    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None) -> list[Cell | Problem]:
        """The values of some cells."""
        careful, plans, asked = self._careful.cell, self._plans, self._reader.field
        values: list[Cell | Problem] = []
        mended = 0
        for cell, context in zip(cells, repeat(None) if contexts is None else contexts, strict=False):
            if type(cell) is not str:
                values.append(careful(cell, context))
                continue
            key = (cell.translate(ROUGH), context)
            plan = plans[key] if key in plans else self._plan(key)
            if plan is None:
                values.append(careful(cell, context))
                continue
            number = plan.number(cell)
            if not plan.fits(number):
                values.append(careful(cell, context))
                continue
            mended += plan.mended
            values.append(made(plan, number, asked))
        self._mended += mended
        return values

    def _plan(self, key: tuple[str, Context]) -> Plan | None:
        plan = plan_of(self._reader, shape_of(key[0]), key[1])
        if len(self._plans) < KEPT:
            self._plans[key] = plan
        return plan


def made(plan: Plan, number: int, asked: Field) -> Cell:
    """The value of a number in whole steps."""
    if plan.currency is not None:
        return Money.from_minor(number, plan.currency)
    if asked.kind == "integer":
        return number
    return Decimal((int(number < 0), tuple(map(int, str(abs(number)))), plan.exponent))

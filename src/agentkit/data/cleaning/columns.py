"""Reading a whole column in plain Python: each different cell once, and numbers by their shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from agentkit.data.tables.amounts import Amounts
from agentkit.data.tables.kinds import Cell, Column
from agentkit.money import CURRENCIES, Currency, Money

from .forms import form_of, is_decided
from .reading import Form, Problem, Reader
from .schema import Field
from .shapes import Plan, digits_of, plan_of, rough_shapes, shape_of
from .texts import is_tidy

if TYPE_CHECKING:
    from agentkit.data.tables.physical import Parts

__all__ = ["NUMBERS", "ColumnRead", "Context", "Told", "decided_form", "is_ruled", "made", "read_cells"]

NUMBERS: Final = frozenset({"money", "decimal", "integer"})
"""The kinds of fields that are read by shapes."""

# So many cells are read between two words about progress, in about a tenth of a second.
_CHUNK = 50_000
# So many different cells are remembered; where there are more, most come once.
_KEPT = 50_000

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
        empty: The rows where there is nothing, and need not be anything.
        problems: What is wrong, by row.
        mended: How many cells were not written as programs write them.
        said: The form that the column decided for, in words.
    """

    column: Column
    cells: Sequence[Cell] = ()
    parts: Parts | None = None
    empty: list[int] = field(default_factory=list)
    problems: dict[int, Problem] = field(default_factory=dict)
    mended: int = 0
    said: str = ""


class _Reads(Protocol):
    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None, start: int) -> None:
        """Read some cells, of which the first one is in that row."""
        ...

    def all(self) -> Sequence[Cell]:
        """All cells that were read."""
        ...


def read_cells(asked: Field, cells: Sequence[Cell], contexts: Sequence[Context] | None, told: Told) -> ColumnRead:
    """Read a column.

    Args:
        asked: What it should be.
        cells: What was found.
        contexts: The cell of each row that says the currency; None: nothing says it.
        told: Is told of the progress.
    """
    form = decided_form(asked, cells)
    found = ColumnRead(column=asked.column, said=form.said)
    texts = all(cell is None or type(cell) is str for cell in cells)
    careful = _Careful(Reader(asked, form), found, texts_only=texts)
    read: _Reads = careful
    if texts and asked.kind in NUMBERS:
        read = _Money(careful) if asked.kind == "money" else _Numbers(careful)
    elif texts and not is_ruled(asked):
        read = _Texts(careful)
    for start in range(0, len(cells), _CHUNK):
        end = start + _CHUNK
        read.chunk(cells[start:end], None if contexts is None else contexts[start:end], start)
        told(min(end, len(cells)) - start)
    found.cells = read.all()
    return found


def is_ruled(asked: Field) -> bool:
    """Whether a tidy text may still be another one, or none, in the end; or the field holds no texts at all."""
    ruled = asked.case or asked.allowed is not None or asked.pattern or asked.empty
    return bool(ruled) or asked.kind not in {"text", "code"}


def decided_form(asked: Field, cells: Sequence[Cell]) -> Form:
    """The form of a column, if the column is asked for it."""
    if is_decided(asked):
        return Form()
    if asked.kind == "date":
        return form_of(asked, Counter(cell for cell in cells if isinstance(cell, str)))
    rough: Counter[str] = Counter()
    for start in range(0, len(cells), _CHUNK):
        rough.update(rough_shapes([cell if isinstance(cell, str) else "" for cell in cells[start : start + _CHUNK]]))
    shapes: Counter[str] = Counter()
    for shape, count in rough.items():
        shapes[shape_of(shape)] += count
    return form_of(asked, shapes)


_Entry: TypeAlias = "tuple[Cell, bool, Problem | None]"
"""A value, whether it was mended, and what is wrong."""


class _Careful(dict["tuple[Cell, Context]", _Entry]):
    """Reads cells as the reader does, each different text once."""

    def __init__(self, reader: Reader, found: ColumnRead, *, texts_only: bool) -> None:
        super().__init__()
        self.reader = reader
        self.found = found
        # Decimals that are equal may be written differently, so only texts are looked up.
        self._kept = _KEPT if texts_only else 0
        self._values: list[Cell] = []

    def __missing__(self, key: tuple[Cell, Context]) -> _Entry:
        value = self.reader.read(*key)
        if isinstance(value, Problem):
            entry: _Entry = (None, False, value)
        else:
            entry = (value, self.reader.is_mended(key[0], value), None)
        if len(self) < self._kept:
            self[key] = entry
        return entry

    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None, start: int) -> None:
        """Read some cells, of which the first one is in that row."""
        keys = zip(cells, repeat(None) if contexts is None else contexts, strict=False)
        entries = list(map(self.__getitem__, keys))
        self.found.mended += sum([entry[1] for entry in entries])
        for row in [row for row, entry in enumerate(entries) if entry[0] is None]:
            self._note(start + row, entries[row])
        self._values.extend([entry[0] for entry in entries])

    def all(self) -> Sequence[Cell]:
        """All cells that were read."""
        return self._values

    def cell(self, row: int, cell: Cell, context: Context) -> Cell:
        """Read one cell."""
        entry = self[cell, context]
        self.found.mended += entry[1]
        if entry[0] is None:
            self._note(row, entry)
        return entry[0]

    def _note(self, row: int, entry: _Entry) -> None:
        if entry[2] is None:
            self.found.empty.append(row)
        else:
            self.found.problems[row] = entry[2]


class _Texts:
    """Reads texts, of which most are tidy already."""

    def __init__(self, careful: _Careful) -> None:
        self._careful = careful
        self._values: list[Cell] = []

    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None, start: int) -> None:
        """Read some cells, of which the first one is in that row."""
        values = list(cells)
        for row in [row for row, cell in enumerate(cells) if cell is None or not is_tidy(cast("str", cell))]:
            values[row] = self._careful.cell(start + row, cells[row], None)
        self._values.extend(values)

    def all(self) -> Sequence[Cell]:
        """All cells that were read."""
        return self._values


class _Shaped:
    """Reads numbers by their shapes: what their digits are, and the plan that makes them a value."""

    def __init__(self, careful: _Careful) -> None:
        self._careful = careful
        self._plans: dict[tuple[str, Context], Plan | None] = {}

    def _planned(
        self, cells: Sequence[Cell], contexts: Sequence[Context] | None
    ) -> Iterable[tuple[Cell, Context, Plan | None, bytes]]:
        texts = [cast("str", cell) or "" for cell in cells]
        beside = [None] * len(texts) if contexts is None else contexts
        plans = self._plans
        keys = list(zip(rough_shapes(texts), beside, strict=True))
        for key in set(keys).difference(plans):
            if len(plans) < _KEPT:
                plans[key] = plan_of(self._careful.reader, shape_of(key[0]), key[1])
        return zip(cells, beside, map(plans.get, keys), digits_of(texts), strict=True)


class _Numbers(_Shaped):
    """Reads integers and decimals."""

    def __init__(self, careful: _Careful) -> None:
        super().__init__(careful)
        self._values: list[Cell] = []

    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None, start: int) -> None:
        """Read some cells, of which the first one is in that row."""
        careful, values, kind, mended = self._careful, self._values, self._careful.reader.field.kind, 0
        for row, (cell, context, plan, digits) in enumerate(self._planned(cells, contexts), start=start):
            if plan is not None and plan.least <= (number := int(digits) * plan.factor) <= plan.most:
                mended += plan.mended
                values.append(number if kind == "integer" else made(plan, number))
            else:
                values.append(careful.cell(row, cell, context))
        careful.found.mended += mended

    def all(self) -> Sequence[Cell]:
        """All cells that were read."""
        return self._values


class _Money(_Shaped):
    """Reads amounts, and keeps them in whole minor units."""

    def __init__(self, careful: _Careful) -> None:
        super().__init__(careful)
        self._minor: list[int | None] = []
        self._currencies: list[Currency | None] = []

    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None, start: int) -> None:
        """Read some cells, of which the first one is in that row."""
        careful, minor, currencies, mended = self._careful, self._minor, self._currencies, 0
        several = careful.found.column.currency is None
        for row, (cell, context, plan, digits) in enumerate(self._planned(cells, contexts), start=start):
            if plan is not None and plan.least <= (number := int(digits) * plan.factor) <= plan.most:
                mended += plan.mended
                minor.append(number)
                if several:
                    currencies.append(plan.currency)
            else:
                amount = cast("Money | None", careful.cell(row, cell, context))
                minor.append(None if amount is None else amount.minor)
                if several:
                    currencies.append(None if amount is None else amount.currency)
        careful.found.mended += mended

    def all(self) -> Sequence[Cell]:
        """All cells that were read."""
        code = self._careful.found.column.currency
        return Amounts(self._minor, self._currencies if code is None else CURRENCIES.get(code))


def made(plan: Plan, number: int) -> Decimal | Money:
    """The value of a number in whole steps."""
    if plan.currency is not None:
        return Money.from_minor(number, plan.currency)
    return Decimal((int(number < 0), tuple(map(int, str(abs(number)))), plan.exponent))

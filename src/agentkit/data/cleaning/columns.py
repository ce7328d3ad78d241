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
from .texts import are_tidy, is_tidy

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
    empty: list[int] = field(default_factory=list[int])
    problems: dict[int, Problem] = field(default_factory=dict[int, Problem])
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
    texts = set(map(type, cells)) <= {str, type(None)}
    careful = _Careful(Reader(asked, form), found, texts_only=texts)
    read: _Reads = careful
    # Where cells are often the same, to look each up is quicker than its shape.
    if texts and asked.kind in NUMBERS and len(set(cells[:_CHUNK])) * 10 > len(cells[:_CHUNK]):
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
        counts = Counter(cells).items()
        return form_of(asked, {cell: count for cell, count in counts if isinstance(cell, str)})
    rough: Counter[str] = Counter()
    for start in range(0, len(cells), _CHUNK):
        chunk = cells[start : start + _CHUNK]
        plain = set(map(type, chunk)) == {str}
        rough.update(rough_shapes([*cast("Sequence[str]", chunk)] if plain else [_as_text(cell) for cell in chunk]))
    shapes: Counter[str] = Counter()
    for shape, count in rough.items():
        shapes[shape_of(shape)] += count
    return form_of(asked, shapes)


def _as_text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


_Entry: TypeAlias = "tuple[Cell, bool, Problem | None]"
"""A value, whether it was mended, and what is wrong."""

_Key: TypeAlias = "tuple[Cell, Context] | str | None"


class _Careful:
    """Reads cells as the reader does, each different text once."""

    def __init__(self, reader: Reader, found: ColumnRead, *, texts_only: bool) -> None:
        self.reader = reader
        self.found = found
        # Decimals that are equal may be written differently, so only texts are looked up.
        self._texts_only = texts_only
        self._known: dict[_Key, _Entry] = {}
        self._values: list[Cell] = []

    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None, start: int) -> None:
        """Read some cells, of which the first one is in that row."""
        if not self._texts_only:
            beside = repeat(None) if contexts is None else contexts
            values = [self.cell(row, *key) for row, key in enumerate(zip(cells, beside, strict=False), start=start)]
            self._values.extend(values)
            return
        keys: Sequence[_Key] = (
            cast("Sequence[_Key]", cells) if contexts is None else list(zip(cells, contexts, strict=True))
        )
        # Walks in C over all cells, and slow ones over the different cells and those that are not usual.
        entries = {key: self._entry(key) for key in set(keys)}
        usual = {key: entry[0] for key, entry in entries.items()}
        self._values.extend(map(usual.__getitem__, keys))
        odd = {key for key, entry in entries.items() if entry[0] is None or entry[1]}
        if odd:
            for row, key in enumerate(keys, start=start):
                if key in odd:
                    self._note(row, entries[key])

    def all(self) -> Sequence[Cell]:
        """All cells that were read."""
        return self._values

    def cell(self, row: int, cell: Cell, context: Context) -> Cell:
        """Read one cell."""
        entry = self._entry((cell, context)) if self._texts_only else self._read(cell, context)
        self._note(row, entry)
        return entry[0]

    def _entry(self, key: _Key) -> _Entry:
        """What becomes of a text, alone or with what says its currency."""
        entry = self._known.get(key)
        if entry is None:
            entry = self._read(*key) if isinstance(key, tuple) else self._read(key, None)
            if len(self._known) < _KEPT:
                self._known[key] = entry
        return entry

    def _read(self, cell: Cell, context: Context) -> _Entry:
        value = self.reader.read(cell, context)
        if isinstance(value, Problem):
            return None, False, value
        return value, self.reader.is_mended(cell, value), None

    def _note(self, row: int, entry: _Entry) -> None:
        value, mended, problem = entry
        self.found.mended += mended
        if problem is not None:
            self.found.problems[row] = problem
        elif value is None:
            self.found.empty.append(row)


class _Texts:
    """Reads texts, of which most are tidy already."""

    def __init__(self, careful: _Careful) -> None:
        self._careful = careful
        self._values: list[Cell] = []

    def chunk(self, cells: Sequence[Cell], contexts: Sequence[Context] | None, start: int) -> None:
        """Read some cells, of which the first one is in that row."""
        self._values.extend(cells)
        if None not in cells and are_tidy(cast("Sequence[str]", cells)):
            return
        odd = {cell for cell in set(cells) if cell is None or not is_tidy(cast("str", cell))}
        if odd:
            for row, cell in enumerate(cells, start=start):
                if cell in odd:
                    self._values[row] = self._careful.cell(row, cell, None)

    def all(self) -> Sequence[Cell]:
        """All cells that were read."""
        return self._values


class _Shaped:
    """Reads numbers by their shapes: what their digits are, and the plan that makes them a value."""

    def __init__(self, careful: _Careful) -> None:
        self._careful = careful
        self._plans: dict[_Key, Plan | None] = {}

    def _planned(
        self, cells: Sequence[Cell], contexts: Sequence[Context] | None
    ) -> Iterable[tuple[Cell, Context, Plan | None, bytes]]:
        texts = list(cast("Sequence[str]", cells)) if None not in cells else [_as_text(cell) for cell in cells]
        beside: Iterable[Context] = repeat(None, len(texts)) if contexts is None else contexts
        shapes, plans = rough_shapes(texts), self._plans
        keys: list[_Key] = [*shapes] if contexts is None else list(zip(shapes, contexts, strict=True))
        for key in set(keys).difference(plans):
            if len(plans) < _KEPT:
                shape, context = key if isinstance(key, tuple) else (key, None)
                plans[key] = plan_of(self._careful.reader, shape_of(cast("str", shape)), context)
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

"""Reading a whole column in polars.

Rules: polars reads only what has a plain form or a plan, and every other cell goes through the very reader of the
other engine, each different one once; so both engines give the same.
"""

# The types of polars speak of numpy, which it does without.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from agentkit.data.tables.columnar import PolarsStorage
from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.physical import LIMIT, Parts, decoded, encoded, part_names, pl
from agentkit.data.tables.table import Table

from .columns import NUMBERS, ColumnRead, Context, Told, is_ruled, read_cells
from .forms import form_of, is_decided
from .reading import Form, Problem, Reader
from .schema import Field
from .shapes import Plan, digits_in, plan_of, rough_shape, shape_of
from .texts import TIDY, told_texts

__all__ = ["read_column", "stored"]

_TEXT, _CONTEXT, _PLACE = "text", "context", "place"
_HEAD = 10_000
# A text of polars has less than four gigabytes.
_MOST_BYTES = 2**30


def stored(reads: Sequence[ColumnRead], height: int) -> PolarsStorage:
    """What keeps columns that were read."""
    series: Parts = {}
    loose: dict[str, Sequence[Cell]] = {}
    for read in reads:
        parts = encoded(read.column, read.cells) if read.parts is None else read.parts
        if parts is None:
            loose[read.column.name] = read.cells
        else:
            series |= parts
    return PolarsStorage(pl.DataFrame(list(series.values())), loose, height)


def read_column(table: Table, field: Field, source: Column, beside: Column | None, told: Told) -> ColumnRead:
    """Read a column of a table that polars keeps."""
    storage = table.storage
    texts = _texts(storage, source)
    contexts = None if beside is None else _texts(storage, beside)
    if texts is None or (beside is not None and contexts is None):
        said = None if beside is None else told_texts(storage.values(beside))
        return read_cells(field, storage.values(source), said, told)
    column = {_TEXT: texts.alias(_TEXT)} | ({} if contexts is None else {_CONTEXT: contexts.alias(_CONTEXT)})
    read = _Column(field, pl.DataFrame(column)).read()
    told(texts.len())
    return read


def _texts(storage: object, column: Column) -> pl.Series | None:
    """The texts of a column; None if polars has no texts there."""
    parts = storage.parts(column) if isinstance(storage, PolarsStorage) else None
    return None if parts is None or column.kind not in {"text", "code"} else parts[column.name]


class _Column:
    """One column on its way."""

    def __init__(self, field: Field, frame: pl.DataFrame) -> None:
        self._field = field
        self._frame = frame
        self._read = ColumnRead(column=field.column)
        self._keys = [_TEXT] + ([_CONTEXT] if _CONTEXT in frame.columns else [])

    def read(self) -> ColumnRead:
        """Read it."""
        asked = self._field
        if not is_ruled(asked):
            self._plain_texts()
        elif asked.kind in NUMBERS and not self._is_repetitive():
            self._numbers()
        else:
            self._one_by_one()
        return self._read

    def _is_repetitive(self) -> bool:
        """Whether the first cells are often the same, so that to read each different one is quicker."""
        head = self._frame.head(_HEAD)
        return head.n_unique() * 10 < head.height

    def _form(self, counts: Mapping[str, int]) -> Form:
        """The form that the column decides for, if the column is asked."""
        if is_decided(self._field):
            return Form()
        form = form_of(self._field, counts)
        self._read.said = form.said
        return form

    def _plain_texts(self) -> None:
        texts = self._frame[_TEXT]
        plain = texts.str.contains(TIDY).fill_null(value=False)
        name = self._field.name
        self._fill_others({name: texts.alias(name)}, plain, Reader(self._field))

    def _one_by_one(self) -> None:
        known, places = _coded(self._frame)
        counts = _counted(known[_TEXT], places, shape_of if self._field.kind in NUMBERS else str)
        reader = Reader(self._field, self._form(counts))
        self._fill({}, pl.int_range(self._frame.height, dtype=pl.UInt32(), eager=True), known, places, reader)

    def _numbers(self) -> None:
        texts = self._frame[_TEXT]
        shapes, digits = _by_lines(texts, rough_shape, lambda lines: digits_in(lines).decode())
        known, places = _coded(self._frame.with_columns(shapes.alias(_TEXT)))
        reader = Reader(self._field, self._form(_counted(known[_TEXT], places, shape_of)))
        plans = {name: one.gather(places) for name, one in _planned(reader, known).items()}
        number = digits.cast(pl.Int64(), strict=False) * plans["factor"]
        plain = ((number >= plans["least"]) & (number <= plans["most"])).fill_null(value=False)
        self._read.mended = int((plain & plans["mended"]).sum() or 0)
        parts = {self._field.name: number.alias(self._field.name)}
        for beside in part_names(self._read.column)[1:]:
            parts[beside] = plans["beside"].alias(beside)
        self._fill_others(parts, plain, reader)

    def _fill_others(self, parts: Parts, plain: pl.Series, reader: Reader) -> None:
        """Keep what is plain, and read the other cells one by one, each different one once."""
        rows = (~plain).arg_true()
        self._fill(parts, rows, *_coded(self._frame[rows]), reader)

    def _fill(self, parts: Parts, rows: pl.Series, known: pl.DataFrame, places: pl.Series, reader: Reader) -> None:
        """Read the cells of some rows.

        Args:
            parts: What keeps all others.
            rows: Where they are.
            known: The different cells, in order of appearance.
            places: Which of them each row has.
            reader: Reads them.
        """
        keys = [_key(key) for key in known.iter_rows()]
        entries = [reader.read(*key) for key in keys]
        read = self._read
        cells = [None if isinstance(entry, Problem) else entry for entry in entries]
        mended = [reader.is_mended(key[0], cell) for key, cell in zip(keys, cells, strict=True)]
        bad = [isinstance(entry, Problem) for entry in entries]
        read.mended += int(_beside(mended, places).sum() or 0)
        read.empty = rows.filter(_beside([entry is None for entry in entries], places)).to_list()
        wrong = _beside(bad, places)
        for row, place in zip(rows.filter(wrong).to_list(), places.filter(wrong).to_list(), strict=True):
            read.problems[row] = cast("Problem", entries[place])
        self._scatter(parts, rows, places, cells)

    def _scatter(self, parts: Parts, rows: pl.Series, places: pl.Series, cells: Sequence[Cell]) -> None:
        """Put cells that were read one by one among the others."""
        read, height = self._read, self._frame.height
        own = encoded(read.column, cells)
        if own is None:
            # One that does not fit takes the whole column to Python.
            values = decoded(read.column, parts) if parts else [None] * height
            for row, place in zip(rows.to_list(), places.to_list(), strict=True):
                values[row] = cells[place]
            read.cells = values
        elif rows.len() == height:
            read.parts = {name: one.gather(places) for name, one in own.items()}
        elif rows.len():
            placed = {name: one.gather(places) for name, one in own.items()}
            read.parts = {name: one.scatter(rows, placed[name]) for name, one in parts.items()}
        else:
            read.parts = parts


def _key(key: tuple[object, ...]) -> tuple[str, Context]:
    """A text or shape, and what says its currency."""
    text, *context = key
    return cast("str", text), cast("Context", context[0] if context else None)


def _coded(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The different rows of a frame in order of appearance, and which of them each row is."""
    # One column is compared in half the time.
    one = frame.width == 1
    known = frame.to_series().unique(maintain_order=True).to_frame() if one else frame.unique(maintain_order=True)
    placed = known.with_row_index(_PLACE)
    found = frame.join(placed, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")
    return known, found[_PLACE]


def _counted(texts: pl.Series, places: pl.Series, key: Callable[[str], str]) -> Counter[str]:
    """How often there is each key of some texts, in order of appearance."""
    counts = places.value_counts().sort(places.name)["count"].to_list()
    found: Counter[str] = Counter()
    for text, count in zip(texts.to_list(), counts, strict=True):
        if text is not None:
            found[key(text)] += count
    return found


def _by_lines(texts: pl.Series, *made: Callable[[str], str]) -> list[pl.Series]:
    """What is made of each text, which polars does slowly and Python quickly for many lines at once."""
    texts = texts.fill_null("")
    if int(texts.str.len_bytes().sum()) < _MOST_BYTES:
        lines = cast("str", texts.str.join("\n").item())
        found = [pl.Series([make(lines)]).str.split("\n").explode() for make in made]
        if all(one.len() == texts.len() for one in found):
            return found
    # A text has lines of its own, or all together are too long.
    return [pl.Series(list(map(make, texts.to_list())), dtype=pl.String()) for make in made]


def _beside(told: Sequence[bool], places: pl.Series) -> pl.Series:
    """What is told of each different cell, row by row."""
    return pl.Series(told, dtype=pl.Boolean()).gather(places)


def _planned(reader: Reader, known: pl.DataFrame) -> Parts:
    """The plans of shapes, with what says the currency: what they need, by the names of a plan."""
    by_shape: dict[tuple[str, Context], Plan | None] = {}
    plans: list[Plan | None] = []
    for rough, context in map(_key, known.iter_rows()):
        key = shape_of(rough), context
        if key not in by_shape:
            by_shape[key] = plan_of(reader, *key)
        plans.append(by_shape[key])
    exponents = pl.Series([plan and plan.exponent for plan in plans], dtype=pl.Int16())
    currencies = pl.Series([plan and plan.currency and plan.currency.code for plan in plans], dtype=pl.String())
    return {
        "factor": pl.Series([plan and plan.factor for plan in plans], dtype=pl.Int64()),
        "least": pl.Series([plan and _within(plan.least) for plan in plans], dtype=pl.Int64()),
        "most": pl.Series([plan and _within(plan.most) for plan in plans], dtype=pl.Int64()),
        "mended": pl.Series([plan is not None and plan.mended for plan in plans], dtype=pl.Boolean()),
        "beside": currencies if reader.field.kind == "money" else exponents,
    }


def _within(bound: int) -> int:
    """A bound, as far as integers of 64 bits go; numbers with a plan do not come near."""
    return max(-LIMIT, min(LIMIT - 1, bound))

"""Reading a whole column in polars.

Rules: polars reads only what has a plain form or a plan, and every other cell goes through the very reader of the
other engine, each different one once; so both engines give the same.
"""

# The types of polars speak of numpy, which it does without.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from agentkit.data.tables.columnar import PolarsStorage
from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.physical import LIMIT, Parts, decoded, encoded, part_names, pl
from agentkit.data.tables.table import Table

from .columns import NUMBERS, ColumnRead, Context, Told, is_ruled, read_cells
from .forms import form_of, is_decided
from .reading import Form, Problem, Reader
from .schema import Field
from .shapes import Plan, plan_of
from .texts import TIDY, told_texts

__all__ = ["read_column", "stored"]

_TEXT, _CONTEXT, _SHAPE, _ROW, _PLACE = "text", "context", "shape", "row", "place"
_HEAD = 10_000


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

    def _form(self, counts: pl.DataFrame) -> Form:
        """The form that the column decides for, if the column is asked."""
        if is_decided(self._field):
            return Form()
        form = form_of(self._field, dict(zip(counts["key"].to_list(), counts["len"].to_list(), strict=True)))
        self._read.said = form.said
        return form

    def _plain_texts(self) -> None:
        texts = self._frame[_TEXT]
        plain = texts.str.contains(TIDY).fill_null(value=False)
        name = self._field.name
        self._fill({name: texts.alias(name)}, plain, Reader(self._field))

    def _one_by_one(self) -> None:
        counts = _counted(self._frame[_TEXT])
        if self._field.kind in NUMBERS:
            shapes = counts.select(_shape("key").alias("key"), "len")
            counts = shapes.group_by("key", maintain_order=True).agg(pl.col("len").sum())
        reader = Reader(self._field, self._form(counts))
        none = encoded(self._read.column, []) or {}
        height = self._frame.height
        parts = {name: pl.repeat(None, height, dtype=one.dtype, eager=True).alias(name) for name, one in none.items()}
        self._fill(parts, pl.repeat(value=False, n=height, eager=True), reader)

    def _numbers(self) -> None:
        digits = pl.col(_TEXT).str.replace_all("[^0-9]", "")
        frame = self._frame.with_columns(
            _shape(_TEXT).alias(_SHAPE), digits.cast(pl.Int64(), strict=False).alias("number")
        )
        reader = Reader(self._field, self._form(_counted(frame[_SHAPE])))
        keys = [_SHAPE, *self._keys[1:]]
        known = frame.select(keys).unique(maintain_order=True)
        plans = [None if key[0] is None else plan_of(reader, *_key(key)) for key in known.iter_rows()]
        frame = frame.join(_planned(known, plans), on=keys, how="left", nulls_equal=True, maintain_order="left")
        frame = frame.with_columns(number=pl.col("number") * pl.col("factor"))
        fits = (pl.col("number") >= pl.col("least")) & (pl.col("number") <= pl.col("most"))
        plain = frame.select(fits.fill_null(value=False)).to_series()
        self._read.mended = int((plain & frame["mended"]).sum() or 0)
        self._fill(self._parts(frame), plain, reader)

    def _parts(self, frame: pl.DataFrame) -> Parts:
        """The series that keep numbers."""
        names = part_names(self._read.column)
        parts = {names[0]: frame["number"].alias(names[0])}
        if len(names) > 1:
            beside = "currency" if self._field.kind == "money" else "exponent"
            parts[names[1]] = frame[beside].alias(names[1])
        return parts

    def _fill(self, parts: Parts, plain: pl.Series, reader: Reader) -> None:
        """Keep what is plain, and read the other cells one by one, each different one once."""
        rest = self._frame.with_row_index(_ROW).filter(~plain)
        kinds = rest.select(self._keys).unique(maintain_order=True).with_row_index(_PLACE)
        keys = [_key(key) for key in kinds.select(self._keys).iter_rows()]
        entries = [reader.read(*key) for key in keys]
        bad = [isinstance(entry, Problem) for entry in entries]
        mended = [
            not bad[place] and reader.is_mended(keys[place][0], cast("Cell", entries[place]))
            for place in range(len(keys))
        ]
        kinds = kinds.with_columns(
            pl.Series("mended", mended, dtype=pl.Boolean()),
            pl.Series("bad", bad, dtype=pl.Boolean()),
            pl.Series("empty", [entry is None for entry in entries], dtype=pl.Boolean()),
        )
        again = rest.join(kinds, on=self._keys, how="left", nulls_equal=True, maintain_order="left")
        read, problems = self._read, again.filter("bad")
        read.mended += int(again["mended"].sum() or 0)
        read.empty = again.filter("empty")[_ROW].to_list()
        for row, place in zip(problems[_ROW].to_list(), problems[_PLACE].to_list(), strict=True):
            read.problems[row] = cast("Problem", entries[place])
        cells = [None if isinstance(entry, Problem) else entry for entry in entries]
        self._scatter(parts, again, cells)

    def _scatter(self, parts: Parts, again: pl.DataFrame, cells: Sequence[Cell]) -> None:
        """Put cells that were read one by one among the others."""
        read = self._read
        own = encoded(read.column, cells)
        if own is None:
            # One that does not fit takes the whole column to Python.
            values = decoded(read.column, parts)
            for row, place in zip(again[_ROW].to_list(), again[_PLACE].to_list(), strict=True):
                values[row] = cells[place]
            read.cells = values
        elif again.height == self._frame.height:
            read.parts = {name: one.gather(again[_PLACE]) for name, one in own.items()}
        elif again.height:
            placed = {name: one.gather(again[_PLACE]) for name, one in own.items()}
            read.parts = {name: one.scatter(again[_ROW], placed[name]) for name, one in parts.items()}
        else:
            read.parts = parts


def _key(key: tuple[object, ...]) -> tuple[str, Context]:
    """A text or shape, and what says its currency."""
    text, *context = key
    return cast("str", text), cast("Context", context[0] if context else None)


def _counted(keys: pl.Series) -> pl.DataFrame:
    """How often there is each of some texts, in order of appearance."""
    return keys.drop_nulls().alias("key").to_frame().group_by("key", maintain_order=True).len()


def _shape(name: str) -> pl.Expr:
    """The shape of each text; see `shape_of`."""
    nines = pl.col(name).str.replace_many(list("012345678"), ["9"])
    zero = pl.col(name).str.contains("^[^0-9]*0")
    return pl.when(zero).then(nines.str.replace("9", "0", literal=True)).otherwise(nines)


def _planned(known: pl.DataFrame, plans: Sequence[Plan | None]) -> pl.DataFrame:
    """The plans beside the shapes they are for."""
    return known.with_columns(
        pl.Series("factor", [plan and plan.factor for plan in plans], dtype=pl.Int64()),
        pl.Series("exponent", [plan and plan.exponent for plan in plans], dtype=pl.Int16()),
        pl.Series("currency", [plan and plan.currency and plan.currency.code for plan in plans], dtype=pl.String()),
        pl.Series("least", [plan and _within(plan.least) for plan in plans], dtype=pl.Int64()),
        pl.Series("most", [plan and _within(plan.most) for plan in plans], dtype=pl.Int64()),
        pl.Series("mended", [plan is not None and plan.mended for plan in plans], dtype=pl.Boolean()),
    )


def _within(bound: int) -> int:
    """A bound, as far as integers of 64 bits go; numbers with a plan do not come near."""
    return max(-LIMIT, min(LIMIT - 1, bound))

"""Reading a whole column in polars.

Rules: polars reads only what has a plain form or a plan, and every other cell goes through the very reader of the
other engine, each different one once; so both engines give the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from agentkit.data.tables.kinds import Cell, Column
from agentkit.data.tables.physical import LIMIT, Parts, decoded, encoded, part_names, pl
from agentkit.data.tables.polars import PolarsStorage
from agentkit.data.tables.table import Table

from .columns import ColumnRead, Context, Told, read_cells
from .forms import form_of, is_decided
from .reading import Form, Problem, Reader
from .schema import Field
from .shapes import Plan, plan_of
from .texts import TIDY, text_of

__all__ = ["read_column", "stored"]

_TEXT, _CONTEXT, _SHAPE, _ROW = "text", "context", "shape", "row"
_NUMBERS = {"money", "decimal", "integer"}


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
        said = None if beside is None else [cell and text_of(cell) for cell in storage.values(beside)]
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
        if self._field.kind in _NUMBERS:
            self._numbers()
        elif self._field.kind in {"text", "code"} and not self._is_ruled():
            self._plain_texts()
        else:
            self._one_by_one(Reader(self._field, self._form(self._frame[_TEXT])))
        return self._read

    def _is_ruled(self) -> bool:
        """Whether a tidy text may still be another one, or none, in the end."""
        field = self._field
        return bool(field.case or field.allowed is not None or field.pattern or field.empty)

    def _form(self, keys: pl.Series) -> Form:
        """The form that the column decides for."""
        if is_decided(self._field):
            return Form()
        counts = keys.drop_nulls().alias(_TEXT).to_frame().group_by(_TEXT, maintain_order=True).len()
        form = form_of(self._field, dict(zip(counts[_TEXT].to_list(), counts["len"].to_list(), strict=True)))
        self._read.said = form.said
        return form

    def _plain_texts(self) -> None:
        texts = self._frame[_TEXT]
        plain = texts.str.contains(TIDY).fill_null(value=False)
        name = self._field.name
        self._fill({name: texts.alias(name)}, plain, Reader(self._field))

    def _one_by_one(self, reader: Reader) -> None:
        nothing = [pl.Series(name, [], dtype=kind) for name, kind in self._empty_parts().items()]
        parts = {series.name: series.extend_constant(None, self._frame.height) for series in nothing}
        self._fill(parts, pl.repeat(value=False, n=self._frame.height, eager=True), reader)

    def _empty_parts(self) -> dict[str, pl.DataType]:
        """The series that keep the column, and their types."""
        parts = encoded(self._read.column, [])
        return {name: series.dtype for name, series in (parts or {}).items()}

    def _numbers(self) -> None:
        texts = self._frame[_TEXT]
        shapes = _shapes(texts)
        reader = Reader(self._field, self._form(shapes))
        frame = self._frame.with_columns(shapes.alias(_SHAPE))
        keys = [_SHAPE, *self._keys[1:]]
        known = frame.select(keys).unique(maintain_order=True)
        plans = [None if key[0] is None else plan_of(reader, *_key(key)) for key in known.iter_rows()]
        frame = frame.join(_planned(known, plans), on=keys, how="left", nulls_equal=True, maintain_order="left")
        digits = texts.str.replace_all("[^0-9]", "").cast(pl.Int64(), strict=False)
        frame = frame.with_columns(number=digits * frame["factor"])
        plain = frame.select(
            pl.col("factor").is_not_null() & (pl.col("number") >= pl.col("least")) & (pl.col("number") <= pl.col("most"))
        ).to_series()
        plain = plain.fill_null(value=False)
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
        kinds = rest.select(self._keys).unique(maintain_order=True).with_row_index("place")
        entries = [reader.read(*_key(key)) for key in kinds.select(self._keys).iter_rows()]
        again = rest.join(kinds, on=self._keys, how="left", nulls_equal=True, maintain_order="left")
        rows, places = again[_ROW].to_list(), cast("list[int]", again["place"].to_list())
        texts = kinds[_TEXT].to_list()
        mended = [
            not isinstance(entry, Problem) and reader.is_mended(text, entry)
            for text, entry in zip(texts, entries, strict=True)
        ]
        read = self._read
        read.mended += sum(mended[place] for place in places)
        read.problems = {row: entry for row, place in zip(rows, places, strict=True) if isinstance(entry := entries[place], Problem)}
        read.empty = [row for row, place in zip(rows, places, strict=True) if entries[place] is None]
        cells = [None if isinstance(entry, Problem) else entry for entry in entries]
        self._scatter(parts, again, cells)

    def _scatter(self, parts: Parts, again: pl.DataFrame, cells: Sequence[Cell]) -> None:
        """Put cells that were read one by one among the others."""
        read = self._read
        own = encoded(read.column, cells)
        if own is None:
            # One that does not fit takes the whole column to Python.
            values = decoded(read.column, {name: series for name, series in parts.items()})
            for row, place in zip(again[_ROW].to_list(), again["place"].to_list(), strict=True):
                values[row] = cells[place]
            read.cells = values
            return
        if again.height:
            parts = {name: series.scatter(again[_ROW], own[name].gather(again["place"])) for name, series in parts.items()}
        read.parts = parts


def _key(key: tuple[object, ...]) -> tuple[str, Context]:
    """A text or shape, and what says its currency."""
    text, *context = key
    return cast("str", text), cast("Context", context[0] if context else None)


def _shapes(texts: pl.Series) -> pl.Series:
    """The shape of each text; see `shape_of`."""
    nines = texts.str.replace_all("[0-9]", "9")
    zero = texts.str.contains("^[^0-9]*0")
    return pl.select(pl.when(zero).then(nines.str.replace("9", "0", literal=True)).otherwise(nines)).to_series()


def _planned(known: pl.DataFrame, plans: Sequence[Plan | None]) -> pl.DataFrame:
    """The plans beside the shapes they are for."""
    return known.with_columns(
        pl.Series("factor", [plan and plan.factor for plan in plans], dtype=pl.Int64()),
        pl.Series("exponent", [plan and plan.exponent for plan in plans], dtype=pl.Int16()),
        pl.Series("currency", [plan and plan.currency and plan.currency.code for plan in plans], dtype=pl.String()),
        pl.Series("least", [plan and _within(plan.least, -LIMIT) for plan in plans], dtype=pl.Int64()),
        pl.Series("most", [plan and _within(plan.most, LIMIT - 1) for plan in plans], dtype=pl.Int64()),
        pl.Series("mended", [plan is not None and plan.mended for plan in plans], dtype=pl.Boolean()),
    )


def _within(bound: int | None, otherwise: int) -> int:
    """A bound, as far as integers of 64 bits go."""
    return otherwise if bound is None else max(-LIMIT, min(LIMIT - 1, bound))

"""The engine of the extra `data`: columns kept by polars, and computed there where that is exact.

Rules: what does not fit into 64 bits, or what polars would count otherwise than Python, is left to Python; nothing
wraps, nothing becomes a float.
"""

# The types of polars speak of numpy, which it does without.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import compress
from typing import cast

from agentkit.money import Rounding

from .grouping import Grouped, Total, mixed
from .kinds import WHITE_SPACE, Cell, Column
from .origins import mask_of
from .physical import LIMIT, Parts, decoded, encoded, part_names, pl
from .python import PythonStorage
from .shares import shared_cells
from .storage import EngineName, Storage

__all__ = ["PolarsStorage"]

_ROW = "\0row"
_FIRST = "\0first"


class PolarsStorage:
    """Columns of a polars frame, and beside it those that do not fit there, as Python has them."""

    __slots__ = ("_frame", "_height", "_loose")

    engine: EngineName = "polars"

    def __init__(self, frame: pl.DataFrame, loose: Mapping[str, Sequence[Cell]], height: int) -> None:
        self._frame = frame
        self._loose = dict(loose)
        self._height = height

    @classmethod
    def of(cls, columns: Sequence[Column], cells: Sequence[Sequence[Cell]], height: int) -> PolarsStorage:
        """Keep these columns."""
        series: Parts = {}
        loose: dict[str, Sequence[Cell]] = {}
        for column, values in zip(columns, cells, strict=True):
            parts = encoded(column, values)
            if parts is None:
                loose[column.name] = tuple(values)
            else:
                series |= parts
        return cls(pl.DataFrame(list(series.values())), loose, height)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self._height

    @property
    def frame(self) -> pl.DataFrame:
        """The columns that polars keeps, in their parts."""
        return self._frame

    def parts(self, column: Column) -> Parts | None:
        """The series that keep a column; None if Python keeps it."""
        if column.name in self._loose:
            return None
        return {name: self._frame[name] for name in part_names(column)}

    def values(self, column: Column) -> Sequence[Cell]:
        """The cells of one column, in order."""
        parts = self.parts(column)
        return self._loose[column.name] if parts is None else decoded(column, parts)

    def take(self, indices: Sequence[int]) -> Storage:
        """The rows at these places, in this order."""
        loose = {name: tuple(map(cells.__getitem__, indices)) for name, cells in self._loose.items()}
        # As a list, since polars takes no range that ends below 0.
        places = pl.Series(list(indices), dtype=pl.UInt32())
        return PolarsStorage(self._frame[places] if self._frame.width else self._frame, loose, len(indices))

    def without(self, rows: Sequence[int]) -> Storage:
        """All rows but these, which come in order."""
        kept = pl.repeat(value=True, n=self._height, eager=True).scatter(
            pl.Series(rows, dtype=pl.UInt32()), values=False
        )
        mask = mask_of(self._height, rows)
        loose = {name: tuple(compress(cells, mask)) for name, cells in self._loose.items()}
        frame = self._frame.filter(kept) if self._frame.width else self._frame
        return PolarsStorage(frame, loose, self._height - len(rows))

    def replaced(self, column: Column, values: Sequence[Cell]) -> Storage:
        """The same with one column more, or another content of one that is there."""
        return self.with_parts(column, encoded(column, values), values)

    def with_parts(self, column: Column, parts: Parts | None, values: Sequence[Cell]) -> PolarsStorage:
        """The same with a column that is encoded already, or kept by Python."""
        own = {column.name, f"{column.name}\0currency", f"{column.name}\0exponent"}
        frame = self._frame.drop(own & set(self._frame.columns))
        loose = {name: cells for name, cells in self._loose.items() if name != column.name}
        if parts is None:
            return PolarsStorage(frame, {**loose, column.name: tuple(values)}, self._height)
        # A frame without columns has no height to compare with.
        frame = frame.with_columns(*parts.values()) if frame.width else pl.DataFrame(list(parts.values()))
        return PolarsStorage(frame, loose, self._height)

    def joined(self, columns: Sequence[Column], other: Storage) -> Storage:
        """These columns of these rows, and below them those of another storage."""
        series: Parts = {}
        loose: dict[str, Sequence[Cell]] = {}
        for column in columns:
            above = self.parts(column)
            below = other.parts(column) if isinstance(other, PolarsStorage) else encoded(column, other.values(column))
            if above is None or below is None:
                loose[column.name] = (*self.values(column), *other.values(column))
            else:
                series |= {name: above[name].append(below[name]) for name in above}
        return PolarsStorage(pl.DataFrame(list(series.values())), loose, self._height + other.height)

    def grouped(self, keys: Sequence[Column], totals: Sequence[tuple[Total, Column]]) -> Grouped:
        """One row for each different key, in order of its first row, with the totals of its rows."""
        if not keys or not all(map(self._comparable, keys)) or not all(self._exact(*total) for total in totals):
            columns = {column.name: column for column in [*keys, *(column for _, column in totals)]}
            cells = {name: self.values(column) for name, column in columns.items()}
            return PythonStorage(cells, self._height).grouped(keys, totals)
        names = [name for key in keys for name in part_names(key)]
        told = [term for place, total in enumerate(totals) for term in _terms(place, *total)]
        rows = self._frame.with_row_index(_ROW).group_by(names, maintain_order=True)
        found = rows.agg(pl.col(_ROW).first().alias(_FIRST), *told)
        told_cells = [_totals(place, *total, found) for place, total in enumerate(totals)]
        return Grouped(first=found[_FIRST].to_list(), totals=told_cells)

    def _comparable(self, column: Column) -> bool:
        """Whether equal cells of a column are equal in polars; decimals of several exponents are not."""
        return column.name not in self._loose and column.kind != "decimal"

    def _exact(self, total: Total, column: Column) -> bool:
        """Whether polars can make a total without losing anything."""
        parts = self.parts(column)
        if parts is None:
            return False
        if column.kind == "decimal" and total.kind != "count" and parts[part_names(column)[1]].n_unique() > 1:
            return False
        return total.kind != "sum" or greatest(parts[column.name]) * max(self._height, 1) < LIMIT

    def repeats(self, keys: Sequence[Column]) -> Sequence[tuple[int, int]]:
        """Each row whose key an earlier row has, with the first such row; rows without a whole key match none."""
        if not keys or not all(map(self._comparable, keys)):
            return PythonStorage({key.name: self.values(key) for key in keys}, self._height).repeats(keys)
        names = [name for key in keys for name in part_names(key)]
        cells = self._frame.select(names)
        # Numbers are quicker to compare than texts: only rows whose hash comes again can have a key that does.
        hashes = cells.hash_rows() if len(names) > 1 else cells[names[0]].hash()
        in_order = hashes.sort()
        again = in_order.filter(in_order == in_order.shift(1))
        if not again.len():
            return []
        rows = cells.with_row_index(_ROW).filter(hashes.is_in(again.unique().implode()))
        rows = rows.filter(*map(_there, keys)).with_columns(pl.col(_ROW).first().over(names).alias(_FIRST))
        found = rows.filter(pl.col(_ROW) != pl.col(_FIRST))
        return list(zip(found[_ROW].to_list(), found[_FIRST].to_list(), strict=True))

    def shares(self, column: Column, into: Column, ratio: Fraction, rounding: Rounding) -> Storage:
        """The same with a column more: so much of each amount of a column, each rounded once."""
        parts = self.parts(column)
        amounts = None if parts is None or column.kind != "money" else parts[column.name]
        if (
            parts is None
            or amounts is None
            or rounding != "ROUND_HALF_EVEN"
            or greatest(amounts) * ratio.numerator + ratio.denominator >= LIMIT
        ):
            return self.replaced(into, shared_cells(self.values(column), ratio, rounding))
        shared = {into.name: half_even(amounts, ratio).alias(into.name)}
        for old, new in zip(part_names(column)[1:], part_names(into)[1:], strict=True):
            shared[new] = parts[old].alias(new)
        return self.with_parts(into, shared, ())


def greatest(series: pl.Series) -> int:
    """The greatest distance from 0, as Python counts: the least integer of 64 bits has no negative there."""
    least, most = cast("int | None", series.min()), cast("int | None", series.max())
    return max(abs(least or 0), abs(most or 0))


def half_even(amounts: pl.Series, ratio: Fraction) -> pl.Series:
    """So much of each integer, a half to the even side; the caller has checked that nothing can overflow."""
    numerator, denominator = ratio.as_integer_ratio()
    half, odd = divmod(denominator, 2)
    scaled = amounts * numerator
    if odd:
        return (scaled + half) // denominator
    # Just below a half more, and the rest of it where the floor is odd.
    return (scaled + (half - 1) + (scaled // denominator % 2)) // denominator


def _there(key: Column) -> pl.Expr:
    cell = pl.col(key.name)
    if key.kind in {"text", "code"}:
        return cell.is_not_null() & (cell.str.strip_chars(WHITE_SPACE) != "")
    return cell.is_not_null()


def _terms(place: int, total: Total, column: Column) -> list[pl.Expr]:
    """What polars computes for a total: its value, whether there is one, and what stands beside it."""
    cell = pl.col(column.name)
    filled = cell.drop_nulls()
    value = {"sum": cell.sum(), "count": cell.count(), "min": cell.min(), "max": cell.max(), "first": filled.first()}
    terms = [value[total.kind].alias(f"{place}"), cell.count().alias(f"{place}\0filled")]
    for name in part_names(column)[1:]:
        beside = pl.col(name).drop_nulls()
        terms.append(beside.first().alias(f"{place}\0beside"))
        if column.kind == "money" and total.kind in {"sum", "min", "max"}:
            terms.append(beside.unique().alias(f"{place}\0all"))
    return terms


def _totals(place: int, total: Total, column: Column, found: pl.DataFrame) -> list[Cell]:
    """The cells of a total, group by group."""
    value, filled = found[f"{place}"], found[f"{place}\0filled"]
    if total.kind == "count":
        return value.to_list()
    if f"{place}\0all" in found.columns:
        several = found.filter(pl.col(f"{place}\0all").list.len() > 1)
        if several.height:
            raise mixed(column, sorted(cast("list[str]", several[f"{place}\0all"][0].to_list())))
    value = pl.select(pl.when(filled > 0).then(value).alias(column.name)).to_series()
    names = part_names(column)
    parts = {names[0]: value}
    if len(names) > 1:
        parts[names[1]] = found[f"{place}\0beside"]
    return decoded(column, parts)

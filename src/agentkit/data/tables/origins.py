"""Where rows come from, kept in few bytes a row: a million rows have no million objects."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, overload

__all__ = ["Origin", "Origins", "mask_of"]

_Numbers: TypeAlias = "range | array[int]"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row comes from.

    Attributes:
        source: The name of the source.
        row: Its number there, as people would count when they open it: in a file with a header, the header is row 1.
    """

    source: str
    row: int


class Origins(Sequence[Origin]):
    """The origins of a table's rows: made when one is asked for, kept as numbers."""

    __slots__ = ("_places", "_rows", "_sources")

    def __init__(self, sources: Sequence[str], places: array[int] | None, rows: _Numbers) -> None:
        self._sources = tuple(sources)
        # Which of the sources each row is from; None: all are from the first one.
        self._places = places
        self._rows = rows

    @classmethod
    def of(cls, source: str, rows: Iterable[int]) -> Origins:
        """Rows of one source."""
        return cls([source], None, rows if isinstance(rows, range) else array("q", rows))

    @classmethod
    def listed(cls, origins: Iterable[Origin]) -> Origins:
        """The same origins, kept in few bytes."""
        if isinstance(origins, Origins):
            return origins
        known: dict[str, int] = {}
        places, rows = array("i"), array("q")
        for origin in origins:
            places.append(known.setdefault(origin.source, len(known)))
            rows.append(origin.row)
        return cls(list(known) or [""], places if len(known) > 1 else None, rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Origin: ...
    @overload
    def __getitem__(self, index: slice) -> Origins: ...
    def __getitem__(self, index: int | slice) -> Origin | Origins:
        if isinstance(index, slice):
            return self.take(range(*index.indices(len(self))))
        return Origin(self.source_at(index), self._rows[index])

    def source_at(self, index: int) -> str:
        """The name of the source of one row."""
        return self._sources[0 if self._places is None else self._places[index]]

    def row_at(self, index: int) -> int:
        """The number of one row in its source."""
        return self._rows[index]

    def take(self, indices: Sequence[int]) -> Origins:
        """The origins at these places, in this order."""
        rows = array("q", map(self._rows.__getitem__, indices))
        places = None if self._places is None else array("i", map(self._places.__getitem__, indices))
        return Origins(self._sources, places, rows)

    def without(self, rows: Sequence[int]) -> Origins:
        """All origins but those of these rows."""
        places = None if self._places is None else _without(self._places, rows)
        return Origins(self._sources, places, _without(self._rows, rows))

    def joined(self, other: Origins) -> Origins:
        """These, and behind them others."""
        sources = list(dict.fromkeys([*self._sources, *other._sources]))
        rows = array("q", self._rows)
        rows.extend(array("q", other._rows))
        if len(sources) == 1:
            return Origins(sources, None, rows)
        places = array("i")
        for origins in (self, other):
            places.extend(origins.places_among(sources))
        return Origins(sources, places, rows)

    def places_among(self, sources: Sequence[str]) -> Iterable[int]:
        """Which of these sources each row is from."""
        renamed = [sources.index(name) for name in self._sources]
        return [renamed[0]] * len(self) if self._places is None else map(renamed.__getitem__, self._places)


def _without(numbers: _Numbers, dropped: Sequence[int]) -> array[int]:
    """All numbers but those at these places, which come in order."""
    every = array("q", numbers) if isinstance(numbers, range) else numbers
    left = every[:0]
    begin = 0
    # Few rows are dropped of many, so what lies between them is copied at once.
    for place in dropped:
        left.extend(every[begin:place])
        begin = place + 1
    left.extend(every[begin:])
    return left


def mask_of(height: int, rows: Sequence[int]) -> bytearray:
    """One for each row, and zero for these."""
    mask = bytearray(b"\x01") * height
    for row in rows:
        mask[row] = 0
    return mask

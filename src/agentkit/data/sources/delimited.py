"""CSV and its like: cells of text between delimiters.

Rules: everything stays text, as it was found; a row with too many or too few cells goes to quarantine, and so does one
that breaks the rules of quoting. A row is counted as a spreadsheet counts it: the header is row 1, a blank row counts,
and a quoted cell of several lines is one row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Literal

from agentkit.data.issues import Quarantined
from agentkit.data.tables.table import Table
from agentkit.errors import DefinitionError, FormatUnknown, SourceMalformed

from .building import frame_table, header_names, kept_apart, text_table
from .ports import Extracted
from .reading import Reading
from .regular import regular_frame
from .texts import Encoded, find_encoding, text_of

__all__ = ["CsvSource", "Layout", "read_delimited"]

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 100
# Fewer rows than the garbage collector waits for: those of a block are gone before it looks at all columns again.
_BLOCK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a delimited text is laid out; what is None is found out."""

    delimiter: str | None = None
    quote: str = '"'
    header: bool = True
    columns: tuple[str, ...] | None = None
    encoding: str | None = None
    detect_encoding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvSource:
    """A file with a row a line, and a delimiter between cells. All cells are text.

    Attributes:
        name: What people call it.
        path: The file, below the folder that `Access` allows.
        delimiter: One character; found out and reported unless given.
        quote: What stands around cells with delimiters or line ends in them.
        header: Whether the first row has the names of the columns.
        columns: Names to use instead of those of the header, or where there is none.
        encoding: Unless given, a byte order mark decides, and without one it is UTF-8.
        detect_encoding: Guess where it is no UTF-8; the report says what was guessed.
        optional: Whether the others count without it.

    Raises:
        DefinitionError: A delimiter or a quote is not one character, or both are the same.

    Example:
        >>> CsvSource(name="sales", path="sales.csv").delimiter is None
        True
    """

    name: str
    path: str
    kind: Literal["csv"] = "csv"
    delimiter: str | None = None
    quote: str = '"'
    header: bool = True
    columns: tuple[str, ...] | None = None
    encoding: str | None = None
    detect_encoding: bool = False
    optional: bool = False

    def __post_init__(self) -> None:
        for what, mark in (("delimiter", self.delimiter), ("quote", self.quote)):
            if mark is not None and (len(mark) != 1 or mark in "\r\n\0"):
                raise DefinitionError(f"source {self.name!r}: a {what} is one character, and {mark!r} is not")
        if self.delimiter == self.quote:
            raise DefinitionError(f"source {self.name!r}: delimiter and quote are both {self.quote!r}")
        if self.columns is not None and len(set(self.columns)) != len(self.columns):
            raise DefinitionError(f"source {self.name!r}: two columns have the same name: {', '.join(self.columns)}")

    def read(self, reading: Reading) -> Extracted:
        """Read the whole file.

        Raises:
            SourceError: It cannot be read.
        """
        with reading.open(self.path) as stream:
            return read_delimited(stream, self.layout, reading)

    def blocks(self, reading: Reading, rows: int) -> Iterator[Extracted]:
        """Read so many rows at a time.

        Raises:
            SourceError: It cannot be read.
        """
        with reading.open(self.path) as stream:
            yield from _Delimited(stream, self.layout, reading).blocks(rows)

    @property
    def layout(self) -> Layout:
        """How the file is laid out."""
        return Layout(
            delimiter=self.delimiter,
            quote=self.quote,
            header=self.header,
            columns=self.columns,
            encoding=self.encoding,
            detect_encoding=self.detect_encoding,
        )


def read_delimited(stream: BinaryIO, layout: Layout, reading: Reading, *, counted: bool = False) -> Extracted:
    """Read a whole delimited text.

    Raises:
        SourceError: It cannot be read.
    """
    found = _Delimited(stream, layout, reading, counted=counted)
    fast = found.regular()
    if fast is not None:
        return fast
    return found.whole()


class _Delimited:
    """One delimited text, of which encoding, delimiter and header are known."""

    def __init__(self, stream: BinaryIO, layout: Layout, reading: Reading, *, counted: bool = False) -> None:
        self._stream = stream
        self._layout = layout
        self._reading = reading
        self._found = find_encoding(
            stream, reading, encoding=layout.encoding, detect=layout.detect_encoding, counted=counted
        )
        self._delimiter = layout.delimiter or _find_delimiter(stream, self._found, layout.quote, reading)
        self._first = self._first_row()
        self._names = self._find_names()

    def regular(self) -> Extracted | None:
        """The fast way, for texts without surprises; None if this is not one of them."""
        if self._found.encoding != "utf-8" or self._found.nul:
            return None
        self._stream.seek(self._found.skip)
        frame = regular_frame(
            self._stream.read(),
            width=len(self._names),
            delimiter=self._delimiter,
            quote=self._layout.quote,
            header=self._layout.header,
        )
        if frame is None:
            return None
        first = 2 if self._layout.header else 1
        self._reading.count_rows(frame.height)
        return self._extracted(frame_table(self._reading.name, self._names, frame, first), [])

    def whole(self) -> Extracted:
        """All rows at once."""
        cells: list[list[str]] = [[] for _ in self._names]
        numbers: list[int] = []
        quarantine: list[Quarantined] = []
        for rows, places, apart in self._rows(_BLOCK):
            for column, own in zip(cells, zip(*rows, strict=True), strict=False):
                column.extend(own)
            numbers += places
            quarantine += apart
        return self._extracted(text_table(self._reading.name, self._names, cells, numbers), quarantine)

    def blocks(self, size: int) -> Iterator[Extracted]:
        """So many rows at a time."""
        told = False
        for rows, places, apart in self._rows(size):
            if told and not rows and not apart:
                continue
            told = True
            cells = [list(own) for own in zip(*rows, strict=True)] or [[] for _ in self._names]
            yield self._extracted(text_table(self._reading.name, self._names, cells, places), apart)

    def _extracted(self, table: Table, quarantine: Sequence[Quarantined]) -> Extracted:
        return Extracted(
            table=table,
            quarantine=tuple(quarantine),
            format="csv",
            encoding=self._found.encoding,
            delimiter=self._delimiter,
        )

    def _first_row(self) -> list[str]:
        text = text_of(self._stream, self._found)
        try:
            return next(
                csv.reader(text, delimiter=self._delimiter, quotechar=self._layout.quote, strict=True), list[str]()
            )
        except csv.Error as error:
            raise _broken(error, 1) from error
        finally:
            text.detach()

    def _find_names(self) -> tuple[str, ...]:
        if not self._first:
            raise SourceMalformed("its first row is blank; there the names of the columns have to be")
        if self._layout.header:
            return header_names(self._reading, self._first, self._layout.columns)
        names = self._layout.columns or [f"column_{place}" for place in range(1, len(self._first) + 1)]
        return header_names(self._reading, self._first, tuple(names))

    def _rows(self, size: int) -> Iterator[tuple[list[list[str]], list[int], list[Quarantined]]]:
        """So many rows at a time, with their numbers, and what is to be kept apart."""
        text = text_of(self._stream, self._found)
        reader = csv.reader(text, delimiter=self._delimiter, quotechar=self._layout.quote, strict=True)
        number = 0
        if self._layout.header:
            next(reader)
            number = 1
        broken: list[tuple[int, int, int, str]] = []
        more = True
        while more:
            first, line = number + 1, reader.line_num
            block: list[list[str]] = []
            try:
                for row in islice(reader, size):
                    block.append(row)  # noqa: PERF402 - what came before an error stays
                more = len(block) == size
            except csv.Error as error:
                fault = _broken(error, first + len(block))
                if "unexpected end" in str(error) or "limit" in str(error):
                    raise fault from error
                broken.append((first + len(block), line, reader.line_num, str(error)))
            number += len(block)
            yield self._sorted(block, first)
            if broken and broken[-1][0] == number + 1:
                number += 1
        text.detach()
        if broken:
            yield [], [], self._found_again(broken)

    def _sorted(self, block: list[list[str]], first: int) -> tuple[list[list[str]], list[int], list[Quarantined]]:
        """The rows that fit with their numbers, and those that do not."""
        width = len(self._names)
        self._reading.count_rows(len(block))
        if not self._found.nul and set(map(len, block)) <= {width}:
            return block, list(range(first, first + len(block))), []
        rows: list[list[str]] = []
        numbers: list[int] = []
        apart: list[Quarantined] = []
        for number, row in enumerate(block, start=first):
            if not row:
                continue  # a blank row counts, and holds nothing
            if len(row) != width:
                apart.append(self._ragged(row, number))
            elif any("\0" in cell for cell in row):
                cells = dict(zip(self._names, row, strict=True))
                apart.append(kept_apart(self._reading, number, cells, "nul_byte", "there is a NUL character in it"))
            else:
                rows.append(row)
                numbers.append(number)
        return rows, numbers, apart

    def _ragged(self, row: list[str], number: int) -> Quarantined:
        width = len(self._names)
        cells = dict(zip(self._names, row, strict=False))
        if len(row) > width:
            cells[""] = ",".join(row[width:])
        message = f"it has {len(row)} cells, and there are {width} columns"
        return kept_apart(self._reading, number, cells, "ragged_row", message)

    def _found_again(self, broken: list[tuple[int, int, int, str]]) -> list[Quarantined]:
        """The texts of rows whose quotes are broken: the reader has thrown them away."""
        text = text_of(self._stream, self._found)
        try:
            lines = list(text)
        finally:
            text.detach()
        return [
            kept_apart(
                self._reading,
                number,
                {"": lines[last - 1].rstrip("\r\n")},
                "broken_quote",
                f"its quotes are broken: {message}",
            )
            for number, _, last, message in broken
        ]


def _broken(error: csv.Error, row: int) -> SourceMalformed:
    if "unexpected end" in str(error):
        return SourceMalformed(f"a quote that opens at or after row {row} is never closed ({error})")
    if "limit" in str(error):
        return SourceMalformed(
            f"a cell at or after row {row} is longer than {csv.field_size_limit():,} letters: is there a quote that is"
            " never closed, or is it no table?"
        )
    return SourceMalformed(f"row {row}: its quotes are broken ({error})")


def _find_delimiter(stream: BinaryIO, found: Encoded, quote: str, reading: Reading) -> str:
    """The delimiter with which most rows have as many cells as the header, which are at least two.

    Raises:
        FormatUnknown: Two fit equally well.
    """
    text = text_of(stream, found)
    sample = list(islice(text, _SAMPLE))
    text.detach()
    scores = {mark: _score(sample, mark, quote) for mark in _DELIMITERS if mark != quote}
    best = max(scores.values())
    fitting = [mark for mark, score in scores.items() if score == best]
    if best[1] < 2:
        reading.note("delimiter: none was found, so there is one column")
        return ","
    if len(fitting) > 1:
        raise FormatUnknown(f"the delimiters {' and '.join(map(repr, fitting))} fit equally well; say which it is")
    reading.note(f"delimiter: {fitting[0]!r} was found")
    return fitting[0]


def _score(sample: list[str], mark: str, quote: str) -> tuple[float, int]:
    widths: list[int] = []
    try:
        for row in csv.reader(sample, delimiter=mark, quotechar=quote):
            if row:
                widths.append(len(row))
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] < 2:
        return 0.0, 1
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]

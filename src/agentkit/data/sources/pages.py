"""Tables of web pages.

Rules: cells are the text that a reader sees, with white space as he sees it; a cell over several columns or rows stands
in each of them, as it does on the page. A row is counted from the first row of the table, its header.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from agentkit.data.issues import Quarantined
from agentkit.errors import DefinitionError, MissingExtra, SourceMalformed, SourceNotFound

from .building import header_names, kept_apart, text_table
from .http.signing import Auth
from .http.source import check_address
from .ports import Extracted
from .reading import Reading
from .texts import whole_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

__all__ = ["HtmlSource"]

_WIDEST = 1_000  # what HTML allows a cell to span
_Filled = dict[tuple[int, int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlSource:
    """A table of a web page, in a file or at an address.

    Attributes:
        name: What people call it.
        path: The file, below the folder that `Access` allows.
        url: The address, where it is no file.
        table: Which table, counted from 1.
        id: Or the one whose element has this id.
        caption: Or the one with this caption.
        header: Whether the first row has the names of the columns.
        columns: Names to use instead.
        auth: For an address, how requests say who sends them.
        encoding: Unless given, a byte order mark or the server decides, and without them it is UTF-8.
        optional: Whether the others count without it.

    Raises:
        DefinitionError: There is not exactly one of path and url, or the table is chosen in two ways.

    Example:
        >>> HtmlSource(name="charts", path="charts.html", caption="Week 47").table is None
        True
    """

    name: str
    kind: Literal["html"] = "html"
    path: str | None = None
    url: str | None = None
    table: int | None = None
    id: str | None = None
    caption: str | None = None
    header: bool = True
    columns: tuple[str, ...] | None = None
    auth: Auth | None = None
    encoding: str | None = None
    optional: bool = field(default=False)

    def __post_init__(self) -> None:
        if (self.path is None) == (self.url is None):
            raise DefinitionError(f"source {self.name!r}: give either a path or a url")
        if self.url is not None:
            check_address(self.name, self.url)
        if len([way for way in (self.table, self.id, self.caption) if way is not None]) > 1:
            raise DefinitionError(f"source {self.name!r}: choose the table by number, id or caption, not by several")
        if self.table is not None and self.table < 1:
            raise DefinitionError(f"source {self.name!r}: tables are counted from 1")

    def read(self, reading: Reading) -> Extracted:
        """Read the page, and its table.

        Raises:
            MissingExtra: selectolax is not installed.
            SourceError: It cannot be read, or there is no such table.
        """
        text, encoding = self._text(reading)
        try:
            from selectolax.lexbor import LexborHTMLParser
        except ImportError as error:
            raise MissingExtra("data", "selectolax") from error
        tables = LexborHTMLParser(text).css("table")
        grid = _grid(self._chosen(tables, reading), reading)
        if not grid or not grid[0]:
            raise SourceMalformed("the table has no rows")
        return self._extracted(grid, reading, encoding)

    def _text(self, reading: Reading) -> tuple[str, str]:
        if self.path is not None:
            with reading.open(self.path) as stream:
                return whole_text(stream, reading, encoding=self.encoding, detect=False)
        from .http.fetching import Fetcher, Patience

        with Fetcher(self.url or "", reading, auth=self.auth, headers={}, patience=Patience()) as fetcher:
            answer = fetcher.get("", {})
            reading.count_page()
        encoding = self.encoding or answer.charset
        return whole_text(io.BytesIO(answer.data), reading, encoding=encoding, detect=False, counted=True)

    def _chosen(self, tables: Sequence[LexborNode], reading: Reading) -> LexborNode:
        if self.id is not None:
            found = [table for table in tables if table.attributes.get("id") == self.id]
        elif self.caption is not None:
            found = [table for table in tables if _caption(table) == " ".join(self.caption.split())]
        elif self.table is not None:
            found = list(tables[self.table - 1 : self.table])
        else:
            found = list(tables[:1])
            if len(tables) > 1:
                reading.note(f"the page has {len(tables)} tables, and the first was taken")
        if len(found) == 1:
            return found[0]
        there = ", ".join(repr(_caption(table) or table.attributes.get("id") or "") for table in tables)
        if found:
            raise SourceMalformed(f"the page has {len(found)} tables with this id or caption: {there}")
        raise SourceNotFound(f"the page has no such table; it has {len(tables)}: {there}"[:500])

    def _extracted(self, grid: list[list[str | None]], reading: Reading, encoding: str) -> Extracted:
        width = len(grid[0])
        first = [cell or "" for cell in grid[0]] if self.header else [f"column_{place + 1}" for place in range(width)]
        names = header_names(reading, first, self.columns)
        rows: list[list[str]] = []
        numbers: list[int] = []
        apart: list[Quarantined] = []
        for number, row in enumerate(grid[1:] if self.header else grid, start=2 if self.header else 1):
            cells = [cell for cell in row if cell is not None]
            if len(cells) == width == len(row):
                rows.append(cells)
                numbers.append(number)
            elif cells:
                held = {name: cell for name, cell in zip(names, row, strict=False) if cell is not None}
                if row[width:]:
                    held[""] = ",".join(cell or "" for cell in row[width:])
                message = f"it has {len(cells)} cells, and there are {width} columns"
                apart.append(kept_apart(reading, number, held, "ragged_row", message))
        reading.count_rows(len(rows))
        columns = [list(own) for own in zip(*rows, strict=True)] or [[] for _ in names]
        table = text_table(reading.name, names, columns, numbers)
        return Extracted(table=table, quarantine=tuple(apart), format="html", encoding=encoding)


def _grid(table: LexborNode, reading: Reading) -> list[list[str | None]]:
    """The cells of each row where a reader sees them; None where there is none."""
    filled: _Filled = {}
    widths: list[int] = []
    rows = list(_rows(table))
    for y, row in enumerate(rows):
        x = 0
        for cell in row.iter():
            if cell.tag not in {"td", "th"}:
                continue
            while (y, x) in filled:
                x += 1
            text = " ".join(cell.text(deep=True, separator=" ").split())
            wide, high = _span(cell, "colspan", _WIDEST), min(_span(cell, "rowspan", 65_534), len(rows) - y)
            reading.check_columns(x + wide)
            for down in range(high):
                for right in range(wide):
                    filled.setdefault((y + down, x + right), text)
            x += wide
    widths = [0] * len(rows)
    for y, x in filled:
        widths[y] = max(widths[y], x + 1)
    return [[filled.get((y, x)) for x in range(widths[y])] for y in range(len(rows))]


def _rows(table: LexborNode) -> Iterator[LexborNode]:
    """The rows of this table, and not of tables inside of its cells."""
    for part in table.iter():
        if part.tag == "tr":
            yield part
        elif part.tag in {"thead", "tbody", "tfoot"}:
            yield from (row for row in part.iter() if row.tag == "tr")


def _span(cell: LexborNode, name: str, most: int) -> int:
    said = (cell.attributes.get(name) or "1").strip()
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 8 else 1
    return min(number or (most if name == "rowspan" else 1), most)


def _caption(table: LexborNode) -> str:
    caption = next((part for part in table.iter() if part.tag == "caption"), None)
    return " ".join(caption.text(deep=True, separator=" ").split()) if caption is not None else ""

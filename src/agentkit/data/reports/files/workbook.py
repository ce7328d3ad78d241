"""What reports ask of xlsxwriter, which has no types of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

__all__ = ["Book", "Drawn", "Format", "Formats", "Sheet"]


class Format(Protocol):
    """How a cell looks."""


class Drawn(Protocol):
    """A chart of Excel."""

    def add_series(self, options: Mapping[str, object]) -> None:
        """Add one row of figures."""
        ...

    def set_title(self, options: Mapping[str, object]) -> None:
        """Say what stands above it."""
        ...

    def set_legend(self, options: Mapping[str, object]) -> None:
        """Say where its names stand."""
        ...

    def set_x_axis(self, options: Mapping[str, object]) -> None:
        """Say how its first axis looks."""
        ...

    def set_y_axis(self, options: Mapping[str, object]) -> None:
        """Say how its second axis looks."""
        ...

    def set_size(self, options: Mapping[str, object]) -> None:
        """Say how large it is."""
        ...


class Sheet(Protocol):
    """A sheet of a workbook; rows and columns are counted from 0."""

    def get_name(self) -> str:
        """What it is called."""
        ...

    def write_string(self, row: int, column: int, text: str, look: Format | None = None) -> object:
        """Write a text."""
        ...

    def write_number(self, row: int, column: int, number: float, look: Format | None = None) -> object:
        """Write a number."""
        ...

    def set_column(self, first: int, last: int, width: float) -> object:
        """Say how wide columns are."""
        ...

    def set_row(self, row: int, height: float) -> object:
        """Say how high a row is."""
        ...

    def freeze_panes(self, row: int, column: int) -> None:
        """Keep what is above and before in sight."""
        ...

    def autofilter(self, first_row: int, first_column: int, last_row: int, last_column: int) -> object:
        """Let people choose rows."""
        ...

    def hide_gridlines(self, option: int) -> None:
        """Draw no lines between cells."""
        ...

    def set_landscape(self) -> None:
        """Print it on its side."""
        ...

    def set_paper(self, paper: int) -> None:
        """Say what it is printed on."""
        ...

    def fit_to_pages(self, width: int, height: int) -> None:
        """Say on how many pages it is printed."""
        ...

    def repeat_rows(self, first: int) -> None:
        """Print a row on every page."""
        ...

    def insert_chart(self, row: int, column: int, chart: Drawn, options: Mapping[str, object]) -> object:
        """Put a chart on it."""
        ...


class Book(Protocol):
    """A workbook."""

    def add_worksheet(self, name: str) -> Sheet:
        """Make one more sheet."""
        ...

    def add_format(self, properties: Mapping[str, object]) -> Format:
        """Make one more look."""
        ...

    def add_chart(self, options: Mapping[str, object]) -> Drawn:
        """Make a chart."""
        ...

    def set_properties(self, properties: Mapping[str, object]) -> None:
        """Say what the file is."""
        ...

    def close(self) -> None:
        """Write it."""
        ...


class Formats:
    """The looks of a workbook, each made once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._made: dict[Sequence[tuple[str, object]], Format] = {}

    def get(self, **looks: object) -> Format:
        """The format with these looks."""
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(key))
        return self._made[key]

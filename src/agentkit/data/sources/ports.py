"""What a source is, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agentkit.data.issues import Quarantined
from agentkit.data.tables.table import Table

from .reading import Reading

__all__ = ["Extracted", "Source", "SourceReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What a source gave.

    Attributes:
        table: The rows that can be read.
        quarantine: Those that cannot, as they were found. No row is in neither.
        format: What it turned out to be, like `csv`.
        encoding: How its text was encoded, where it is text.
        delimiter: What stood between its cells, where something did.
    """

    table: Table
    quarantine: tuple[Quarantined, ...] = ()
    format: str = ""
    encoding: str | None = None
    delimiter: str | None = None


class Source(Protocol):
    """Where a table comes from. Anything with these members is one: see the page "Write your own source".

    A source is a value: it holds nothing open, and may be read more than once.
    """

    @property
    def name(self) -> str:
        """What people, reports and origins call it; no two sources of one extraction have the same name."""
        ...

    @property
    def kind(self) -> str:
        """What it is, like `csv`."""
        ...

    @property
    def optional(self) -> bool:
        """Whether the others count without it: then its failure is a part of the report, and no error."""
        ...

    def read(self, reading: Reading) -> Extracted:
        """Read all of it. Called in a worker thread, so that it may block.

        Whoever implements it tells `reading` how many rows and bytes came, often enough that limits, time and
        cancelling are noticed, and raises a `SourceError` for whatever goes wrong.

        Raises:
            SourceError: It cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What reading one source came to.

    Attributes:
        name: The source.
        kind: What it is.
        optional: Whether the others count without it.
        rows: How many rows could be read.
        quarantined: How many could not, and are kept apart.
        bytes: How many bytes came, unpacked; 0 where nobody counts bytes.
        pages: How many pages of an address came.
        format: What it turned out to be.
        encoding: How its text was encoded.
        delimiter: What stood between its cells.
        seconds: How long it took, if there was a clock.
        notes: What a reader of the figures should know: what was detected, converted or left out.
        error: What went wrong, where it is optional and failed; then there is no table of it.
        error_code: The same for programs, such as `source_not_found`.
    """

    name: str
    kind: str
    optional: bool = False
    rows: int = 0
    quarantined: int = 0
    bytes: int = 0
    pages: int = 0
    format: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    seconds: float | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None
    error_code: str | None = None

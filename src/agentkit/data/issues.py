"""What is wrong with a row, and the rows with which something is wrong."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Issue", "Quarantined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing that is wrong with a row.

    Attributes:
        source: The name of the source that the row comes from.
        row: Its number there, as people count when they open it: in a file with a header, the header is row 1.
        field: The column; empty if the row as a whole is wrong.
        code: What programs call it, like `missing`, `ambiguous_number` or `ragged_row`.
        message: What people read: what is wrong, and what would be right.
        raw: The cell as it was found, or the row where that is wrong; shortened after 200 characters.
    """

    source: str
    row: int
    field: str
    code: str
    message: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A row that is kept apart, as it was found, with everything that is wrong with it.

    Attributes:
        source: The name of the source that the row comes from.
        row: Its number there.
        cells: The texts of its cells as they were found, by column; a row with more cells than there are columns has
            the rest under `""`, joined by commas.
        issues: At least one.
    """

    source: str
    row: int
    cells: dict[str, str]
    issues: tuple[Issue, ...]

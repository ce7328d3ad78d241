"""A trail as a table, for people with a spreadsheet.

Rules: what a spreadsheet would run is made text; a table is to be read, and only the lines can be verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .entries import AuditEntry
from .verifier import canonical_text

__all__ = ["csv_rows"]

_COLUMNS: Final = (
    "number",
    "at",
    "actor",
    "operation",
    "inputs",
    "outputs",
    "refusal",
    "rounding",
    "data_versions",
    "previous",
)
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text begins with that a spreadsheet takes for a formula."""


def csv_rows(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Give a table as CSV (RFC 4180): a title and a row for each entry, each with its end of line.

    Inputs, outputs and refusals are JSON texts. A text that a spreadsheet would run (a leading `=`, `+`, `-`, `@`, tab
    or line break) gets an apostrophe before it.

    Example:
        >>> next(csv_rows([]))[:26]
        'number,at,actor,operation,'
    """
    yield ",".join((*_COLUMNS, "hash")) + "\r\n"
    for entry in entries:
        fields = entry.to_dict()
        cells = [_cell(fields.get(name)) for name in _COLUMNS]
        yield ",".join((*cells, entry.hash)) + "\r\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else canonical_text(value)
    if text.startswith(_RUNS):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in '",\r\n') else text

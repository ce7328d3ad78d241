"""What an operation is given beside its table, what it gives back, and rows that it sets apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from agentkit.data.issues import Issue, Quarantined
from agentkit.data.tables.kinds import Cell
from agentkit.data.tables.table import Origin, Table
from agentkit.errors import ColumnMissing
from agentkit.money import FinancialProcessor

from .expressions.parsing import Parameters

__all__ = ["BATCH", "Step", "Work", "issue_at", "set_apart", "text_of"]

BATCH: Final = 1000
"""After how many rows progress is told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What an operation is given beside its table.

    Attributes:
        inputs: The other tables, by name.
        processor: Who computes with amounts, and writes it down if he has an audit trail; None if nobody was given.
        tell: Is told every few thousand rows how many are done.
        parameters: The values of `$name` in expressions.
    """

    inputs: Mapping[str, Table]
    processor: FinancialProcessor | None
    tell: Callable[[int], None]
    parameters: Parameters = field(default_factory=dict[str, str | int | Decimal | bool | None])

    def table(self, name: str) -> Table:
        """The input of that name.

        Raises:
            ColumnMissing: There is none.
        """
        if name not in self.inputs:
            raise ColumnMissing(f"there is no input {name!r}; there are {', '.join(self.inputs) or 'none'}")
        return self.inputs[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an operation gives back.

    Attributes:
        table: The rows that go on.
        changed: In how many of them a cell is another one than before, or a new one is filled.
        quarantine: The rows that are set apart.
        issues: What is wrong with rows that go on, or were dropped as duplicates.
    """

    table: Table
    changed: int = 0
    quarantine: tuple[Quarantined, ...] = ()
    issues: tuple[Issue, ...] = field(default=())


def text_of(cell: Cell) -> str:
    """A cell as text: a Decimal without exponent, nothing for an empty one.

    Example:
        >>> text_of(Decimal("1E+3")), text_of(None)
        ('1000', '')
    """
    if cell is None:
        return ""
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def issue_at(origin: Origin, column: str, code: str, message: str, cell: Cell = None) -> Issue:
    """Something that is wrong with a cell, or with a row where the column is empty."""
    return Issue(
        source=origin.source, row=origin.row, field=column, code=code, message=message, raw=text_of(cell)[:200]
    )


def set_apart(table: Table, broken: Mapping[int, Sequence[Issue]]) -> tuple[Table, tuple[Quarantined, ...]]:
    """Take the rows at some places out of a table, and keep them with what is wrong with them."""
    if not broken:
        return table, ()
    places = sorted(broken)
    rows = table.take(places)
    quarantine = tuple(
        Quarantined(
            source=origin.source,
            row=origin.row,
            cells={name: text_of(cell) for name, cell in record.items()},
            issues=tuple(broken[place]),
        )
        for place, origin, record in zip(places, rows.origins, rows.records(), strict=True)
    )
    return table.take([index for index in range(len(table)) if index not in broken]), quarantine

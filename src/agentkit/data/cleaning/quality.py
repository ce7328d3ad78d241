"""How good data is, in numbers: rule 33."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

from agentkit.data.tables.repeats import is_missing

from .clean import Cleaned
from .schema import Schema

__all__ = ["Quality", "measure_quality"]

# 1 is all, and never nearly all: what is not whole is cut off.
_SIX_DECIMALS = Decimal("0.000001")
_CUTTING = Context(prec=28, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Four ratios from 0 to 1, cut after six decimals; None where there is nothing to measure.

    Attributes:
        completeness: Required cells that are filled, of all required cells.
        validity: Rows without an issue, of all rows.
        uniqueness: Different keys, of the clean rows that have a key.
        retention: Rows that came out in the end, of those that came in.
    """

    completeness: Decimal | None
    validity: Decimal | None
    uniqueness: Decimal | None
    retention: Decimal | None


def measure_quality(cleaned: Cleaned, schema: Schema, *, key: Sequence[str] = (), output: int | None = None) -> Quality:
    """Measure what was cleaned.

    Args:
        cleaned: What came of it.
        schema: What it was cleaned by.
        key: The columns of which each row should have other values; none: uniqueness is not measured.
        output: How many rows there were in the end, where more was taken out after cleaning; None: the clean ones.

    Raises:
        ColumnMissing: The clean table has no such column.

    Example:
        >>> from agentkit.data import Column, Field, Table, clean
        >>> schema = Schema(fields=[Field(name="id", required=True)])
        >>> raw = Table.of([Column(name="id")], [("a",), ("a",), ("",), ("b",)])
        >>> quality = measure_quality(clean(raw, schema), schema, key=["id"])
        >>> print(quality.completeness, quality.validity, quality.uniqueness)
        0.75 0.75 0.666666
    """
    counts = cleaned.statistics
    required = [field.name for field in schema.fields if field.required]
    filled = sum(counts.rows - counts.fields[name].empty for name in required)
    keyed, different = _keys(cleaned, key)
    return Quality(
        completeness=_ratio(filled, counts.rows * len(required)),
        validity=_ratio(counts.clean, counts.rows),
        uniqueness=_ratio(different, keyed),
        retention=_ratio(counts.clean if output is None else output, counts.rows),
    )


def _keys(cleaned: Cleaned, key: Sequence[str]) -> tuple[int, int]:
    """How many rows have a key, and how many different keys there are."""
    table = cleaned.table
    columns = [table.find(name) for name in key]
    if not columns:
        return 0, 0
    keyed = len(table) - len(
        {row for column in columns for row, cell in enumerate(table.column(column.name)) if is_missing(cell)}
    )
    return keyed, keyed - len(table.storage.repeats(columns))


def _ratio(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return Decimal(min(part, whole) * 10**6 // whole).scaleb(-6).quantize(_SIX_DECIMALS, context=_CUTTING).normalize()

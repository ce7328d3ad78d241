"""How polars keeps the cells of a column exactly, and when it cannot.

Rules: money and decimals are integers, with their currency or their exponent beside them; a column with a cell that
does not fit, such as an integer beyond 64 bits, is not kept by polars at all.
"""

# The types of polars speak of numpy, which it does without.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias, cast

from agentkit.errors import CurrencyUnknown, MissingExtra
from agentkit.money import CURRENCIES, Currency, Money

from .kinds import Cell, Column, Kind

try:
    import polars as pl
except ImportError as _error:
    raise MissingExtra("data", "polars") from _error

__all__ = ["LIMIT", "Parts", "decoded", "encoded", "part_names", "pl", "standard"]

Parts: TypeAlias = dict[str, pl.Series]
"""The series that keep one column, by their names."""

LIMIT: Final = 2**63
"""Integers below this, and not below its negative, fit."""

_PLAIN: Final[Mapping[Kind, pl.DataType]] = {
    "text": pl.String(),
    "code": pl.String(),
    "integer": pl.Int64(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
}
# A sign, as many digits as an int needs on the way, and nothing that a decimal loses.
_MOST_EXPONENT = 1000


def part_names(column: Column) -> tuple[str, ...]:
    """The names of the series that keep a column: its own first."""
    if column.kind == "money" and column.currency is None:
        return column.name, f"{column.name}\0currency"
    return (column.name, f"{column.name}\0exponent") if column.kind == "decimal" else (column.name,)


def encoded(column: Column, cells: Sequence[Cell]) -> Parts | None:
    """The series that keep these cells; None if they do not fit."""
    try:
        match column.kind:
            case "money":
                return _money(column, cast("Sequence[Money | None]", cells))
            case "decimal":
                return _decimals(column, cast("Sequence[Decimal | None]", cells))
            case kind:
                return {column.name: pl.Series(column.name, cells, dtype=_PLAIN[kind], strict=True)}
    except (OverflowError, UnicodeEncodeError, TypeError, pl.exceptions.PolarsError):
        return None


def _money(column: Column, cells: Sequence[Money | None]) -> Parts | None:
    currencies = {cell.currency for cell in cells if cell is not None}
    if any(standard(currency.code) != currency for currency in currencies):
        return None
    names = part_names(column)
    minor = pl.Series(names[0], [None if cell is None else cell.minor for cell in cells], dtype=pl.Int64())
    if len(names) == 1:
        return {names[0]: minor}
    codes = pl.Series(names[1], [None if cell is None else cell.currency.code for cell in cells], dtype=pl.String())
    return {names[0]: minor, names[1]: codes}


def standard(code: str) -> Currency | None:
    """The currency of ISO 4217 with this code."""
    try:
        return CURRENCIES.get(code, allow_historical=True)
    except CurrencyUnknown:
        return None


def _decimals(column: Column, cells: Sequence[Decimal | None]) -> Parts | None:
    whole: list[int | None] = []
    exponents: list[int | None] = []
    for cell in cells:
        if cell is None:
            whole.append(None)
            exponents.append(None)
            continue
        sign, digits, exponent = cell.as_tuple()
        if not isinstance(exponent, int) or abs(exponent) > _MOST_EXPONENT or (sign and not cell):
            return None
        number = int("".join(map(str, digits)))
        whole.append(-number if sign else number)
        exponents.append(exponent)
    name, beside = part_names(column)
    return {name: pl.Series(name, whole, dtype=pl.Int64()), beside: pl.Series(beside, exponents, dtype=pl.Int16())}


def decoded(column: Column, parts: Mapping[str, pl.Series]) -> list[Cell]:
    """The cells that series keep."""
    names = part_names(column)
    cells = cast("list[Cell]", parts[names[0]].to_list())
    if column.kind == "decimal":
        exponents = cast("list[int | None]", parts[names[1]].to_list())
        return [_decimal(cast("int | None", cell), exponent) for cell, exponent in zip(cells, exponents, strict=True)]
    if column.kind != "money":
        return cells
    minor = cast("list[int | None]", cells)
    if column.currency is not None:
        currency = standard(column.currency)
        assert currency is not None
        return [None if cell is None else Money.from_minor(cell, currency) for cell in minor]
    codes = cast("list[str | None]", parts[names[1]].to_list())
    known = {code: standard(code) for code in set(codes) if code is not None}
    return [
        None if cell is None or code is None else Money.from_minor(cell, cast("Currency", known[code]))
        for cell, code in zip(minor, codes, strict=True)
    ]


def _decimal(whole: int | None, exponent: int | None) -> Decimal | None:
    if whole is None or exponent is None:
        return None
    return Decimal((int(whole < 0), tuple(map(int, str(abs(whole)))), exponent))

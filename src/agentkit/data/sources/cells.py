"""Cells as a source has them, made into cells of one kind a column.

Rules: a value keeps its type where the source has types, and a column with values of several kinds is text. A float is
read by its shortest text, and the report says so; what is no number at all goes to quarantine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, cast

from agentkit.data.tables.kinds import Cell, Column, Kind
from agentkit.errors import SourceMalformed, SourceTooLarge
from agentkit.money import Money

from .reading import Reading

__all__ = ["Wrong", "cells_of", "json_text"]

Wrong = dict[int, tuple[str, str]]
"""The places in a column at which there is no cell, with a code and a sentence for each."""

_LARGEST: Final = 1_000  # digits before or behind the point: beyond, a number is an attack and no figure
_KINDS: Final[Mapping[frozenset[type], Kind]] = {
    frozenset[type](): "text",
    frozenset[type]({str}): "text",
    frozenset[type]({bool}): "boolean",
    frozenset[type]({int}): "integer",
    frozenset[type]({Decimal}): "decimal",
    frozenset[type]({int, Decimal}): "decimal",
    frozenset[type]({date}): "date",
    frozenset[type]({Money}): "money",
}


def cells_of(name: str, values: Sequence[object], reading: Reading) -> tuple[Column, Sequence[Cell], Wrong]:
    """The column that these values make, its cells, and what is wrong with some of them.

    Raises:
        SourceMalformed: There are values that no column can hold, like bytes.
        SourceTooLarge: Lists or objects lie in each other too deep.
    """
    types = set(map(type, values)) - {type(None)}
    wrong: Wrong = {}
    if float in types:
        values = _exact(name, values, reading)
        types = (types - {float}) | {Decimal}
    if Decimal in types:
        values, wrong = _finite(values)
    if datetime in types:
        values, types = _dates(name, values, types, reading)
    kind = _KINDS.get(frozenset(types))
    if kind is None:
        depth = reading.limits.max_depth
        if types & {str, bool, int, Decimal, date, Money} and len(types) > 1:
            reading.note(f"column {name!r} has values of several kinds, and is read as text")
        texts = [None if value is None else _text(name, value, depth) for value in values]
        return Column(name=name), texts, wrong
    cells = cast("Sequence[Cell]", values)
    if types == {int, Decimal}:
        cells = [Decimal(cell) if isinstance(cell, int) else cell for cell in cells]
    return Column(name=name, kind=kind, currency=_currency(kind, cells)), cells, wrong


def json_text(value: object, depth: int) -> str:
    """A value as canonical JSON: keys sorted, no spaces, numbers exactly as they are.

    Raises:
        SourceTooLarge: There are more levels than `depth`.
        SourceMalformed: It is no value of JSON.
    """
    if depth < 0:
        raise SourceTooLarge("its objects and lists lie in each other deeper than is allowed")
    match value:
        case str() | bool() | int() | None:
            return json.dumps(value, ensure_ascii=False)
        case Decimal() if value.is_finite():
            return str(value)
        case float():
            return repr(value)
        case date() | time():
            return json_text(value.isoformat(), depth)
        case list() | tuple():
            items = cast("Sequence[object]", value)
            return f"[{','.join(json_text(item, depth - 1) for item in items)}]"
        case dict():
            fields = sorted(cast("Mapping[str, object]", value).items())
            return f"{{{','.join(f'{json_text(key, 0)}:{json_text(item, depth - 1)}' for key, item in fields)}}}"
        case _:
            raise SourceMalformed(f"{type(value).__name__} is no value of JSON")


def _exact(name: str, values: Sequence[object], reading: Reading) -> list[object]:
    reading.note(f"column {name!r} has floats, read as decimals by their shortest text")
    return [Decimal(repr(value).removesuffix(".0")) if type(value) is float else value for value in values]


def _finite(values: Sequence[object]) -> tuple[list[object], Wrong]:
    """Normalise zeros, and find what is no number or has too many digits."""
    wrong: Wrong = {}
    cells = list(values)
    for place, value in enumerate(values):
        if not isinstance(value, Decimal):
            continue
        if not value.is_finite():
            wrong[place] = ("non_finite", f"{value} is no number")
        elif not value:
            cells[place] = abs(value)
        elif not -_LARGEST <= value.adjusted() <= _LARGEST or len(value.as_tuple().digits) > _LARGEST:
            wrong[place] = ("out_of_range", f"a number has more than {_LARGEST:,} digits")
    return cells, wrong


def _dates(
    name: str, values: Sequence[object], types: set[type], reading: Reading
) -> tuple[Sequence[object], set[type]]:
    """Timestamps become dates where no time of the day is in any of them, and texts otherwise."""
    moments = [value for value in values if isinstance(value, datetime)]
    if types <= {datetime, date} and all(moment.tzinfo is None and moment.time() == time() for moment in moments):
        return [value.date() if isinstance(value, datetime) else value for value in values], {date}
    reading.note(f"column {name!r} has times of the day, and is read as text")
    return values, types


def _text(name: str, value: object, depth: int) -> str:
    match value:
        case str():
            return str(value)
        case bool():
            return "true" if value else "false"
        case datetime() | date() | time():
            return value.isoformat()
        case int() | Decimal() | Money() | timedelta():
            return str(value)
        case dict() | list() | tuple():
            return json_text(cast("object", value), depth)
        case _:
            raise SourceMalformed(
                f"column {name!r} holds {type(value).__name__}, which no table can; leave the column out"
            )


def _currency(kind: Kind, cells: Iterable[Cell]) -> str | None:
    if kind != "money":
        return None
    codes = {cell.currency.code for cell in cells if isinstance(cell, Money)}
    return codes.pop() if len(codes) == 1 else None

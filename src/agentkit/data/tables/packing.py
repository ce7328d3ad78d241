"""Tables as bytes, and back: how a stage hands a table to the next one.

Rules: what comes back is equal, with its origins; nothing in the bytes is executed or imported; the same table gives
the same bytes. Columns are written one after the other as JSON and compressed: amounts as whole minor units, decimals
and dates as texts.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, cast

from agentkit.errors import ColumnMismatch
from agentkit.money import Money

from .kinds import Cell, Column, Kind
from .origins import Origin, Origins
from .python import PythonStorage
from .table import Table

__all__ = ["MOST_UNPACKED", "pack_table", "unpack_table"]

MOST_UNPACKED: Final = 1 << 31
"""So many bytes a packed table has at most when it is unpacked."""

_FORMAT: Final = 1


def pack_table(table: Table) -> bytes:
    """A table as bytes.

    Example:
        >>> sales = Table.of([Column(name="sold", kind="integer")], [(3,), (None,)], source="sales.csv", first_row=2)
        >>> unpack_table(pack_table(sales)) == sales, unpack_table(pack_table(sales)).origins[1]
        (True, Origin(source='sales.csv', row=3))
    """
    origins = table.origins
    runs: list[tuple[str, list[int]]] = []
    for source, rows in groupby(range(len(table)), key=lambda index: origins[index].source):
        runs.append((source, [origins[index].row for index in rows]))
    head = {
        "format": _FORMAT,
        "rows": len(table),
        "columns": [[column.name, column.kind, column.currency] for column in table.columns],
        "origins": [[source, _spans(rows)] for source, rows in runs],
        "cells": [_written(column, table.column(column.name)) for column in table.columns],
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(errors="surrogatepass"), level=1)


def unpack_table(content: bytes) -> Table:
    """The table of these bytes.

    Raises:
        ColumnMismatch: They are none that `pack_table` wrote, or unpack to too much.
    """
    try:
        reader = zlib.decompressobj()
        text = reader.decompress(content, MOST_UNPACKED)
        if reader.unconsumed_tail or not reader.eof:
            raise ColumnMismatch(f"a packed table is cut off, or has more than {MOST_UNPACKED:,} bytes")
        data = json.loads(text.decode(errors="surrogatepass"))
        if data["format"] != _FORMAT:
            raise ColumnMismatch(f"a packed table has the format {data['format']!r}, and {_FORMAT} is known")
        columns = [Column(name=name, kind=kind, currency=currency) for name, kind, currency in data["columns"]]
        cells = {
            column.name: tuple(_read(column, written)) for column, written in zip(columns, data["cells"], strict=True)
        }
        origins = Origins.listed(
            Origin(source, number)
            for source, spans in data["origins"]
            for first, count in spans
            for number in range(first, first + count)
        )
    except (zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ColumnMismatch(f"these bytes are no packed table: {error}") from error
    if len(origins) != data["rows"] or any(len(column) != data["rows"] for column in cells.values()):
        raise ColumnMismatch("these bytes are no packed table: its columns are not of one length")
    return Table(columns, PythonStorage(cells, len(origins)), origins)


def _spans(rows: Sequence[int]) -> list[list[int]]:
    """Numbers as stretches that count up: a table as it was read is one of them."""
    spans: list[list[int]] = []
    for number in rows:
        if spans and number == spans[-1][0] + spans[-1][1]:
            spans[-1][1] += 1
        else:
            spans.append([number, 1])
    return spans


def _written(column: Column, cells: Sequence[Cell]) -> list[object]:
    if column.kind == "money":
        amounts = cast("Sequence[Money | None]", cells)
        if column.currency is not None:
            return [None if amount is None else amount.minor for amount in amounts]
        return [None if amount is None else [amount.minor, amount.currency.code] for amount in amounts]
    if column.kind in ("decimal", "date"):
        return [None if cell is None else str(cell) for cell in cells]
    return list(cells)


def _read(column: Column, written: Sequence[Any]) -> Sequence[Cell]:
    if column.kind == "money":
        code = column.currency
        if code is not None:
            return [None if minor is None else Money.from_minor(minor, code) for minor in written]
        return [None if pair is None else Money.from_minor(pair[0], pair[1]) for pair in written]
    make: Mapping[Kind, Callable[[str], Cell]] = {"decimal": Decimal, "date": date.fromisoformat}
    if column.kind in make:
        return [None if text is None else make[column.kind](text) for text in written]
    kinds: Mapping[Kind, type] = {"text": str, "code": str, "integer": int, "boolean": bool}
    wanted = kinds[column.kind]
    for cell in written:
        if cell is not None and type(cell) is not wanted:
            raise ValueError(f"column {column.name!r} holds {cell!r}")
    return written

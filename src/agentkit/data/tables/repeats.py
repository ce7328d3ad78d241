"""Rows whose key was there before.

Rules: the first row of a key is no repeat; what is missing, None or blank, is like nothing else; a column has one kind,
so that 1 is never compared with "1"; linear in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from operator import ne
from typing import cast

from .kinds import Cell

__all__ = ["is_missing", "repeated"]


def is_missing(cell: Cell) -> bool:
    """Whether a cell says nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def repeated(keys: Sequence[Sequence[Cell]]) -> list[tuple[int, int]]:
    """Each row whose key an earlier row has, with the first row of that key."""
    if not keys:
        return []
    cells: Sequence[object] = keys[0] if len(keys) == 1 else list(zip(*keys, strict=True))
    height = len(cells)
    first: dict[object, int] = {}
    # One look at each key, in C: what costs is that a million of them lie all over the memory.
    firsts = list(map(first.setdefault, cells, range(height)))
    if len(first) == height:
        return []
    again = compress(range(height), map(ne, firsts, range(height)))
    return [(row, firsts[row]) for row in again if not _is_open(cells[row])]


def _is_open(key: object) -> bool:
    """Whether a part of a key is missing."""
    parts = cast("tuple[Cell, ...]", key) if isinstance(key, tuple) else (cast("Cell", key),)
    return any(map(is_missing, parts))

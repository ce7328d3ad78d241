"""Rows whose key was there before.

Rules: the first row of a key is no repeat; what is missing, None or blank, is like nothing else; cells are alike that
are of one type and equal, so that 1 is not True and not "1"; linear in time.
"""

from __future__ import annotations

from collections.abc import Sequence

from .kinds import Cell

__all__ = ["is_missing", "repeated"]


def is_missing(cell: Cell) -> bool:
    """Whether a cell says nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def repeated(keys: Sequence[Sequence[Cell]]) -> list[tuple[int, int]]:
    """Each row whose key an earlier row has, with the first row of that key."""
    if not keys:
        return []
    first: dict[object, int] = {}
    found: list[tuple[int, int]] = []
    for row, key in enumerate(keys[0] if len(keys) == 1 else zip(*keys, strict=True)):
        if type(key) is str:
            if not key or key.isspace():
                continue
            same: object = key
        else:
            cells = key if isinstance(key, tuple) else (key,)
            if any(map(is_missing, cells)):
                continue
            same = tuple((type(cell), cell) for cell in cells)
        earlier = first.setdefault(same, row)
        if earlier != row:
            found.append((row, earlier))
    return found

"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Progress"]

Progress: TypeAlias = Callable[[int, int | None, str], None]
"""Is told how much is done, of how much in all if that is known, and of what: `rows`, say."""

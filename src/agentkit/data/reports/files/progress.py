"""How writers say how far they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Progress"]

Progress: TypeAlias = Callable[[int, int | None, str], None]
"""Is told what is done, of how many if that is known, and what they are. What it raises stops the work."""

"""What is declared as data: a field that nobody knows is a mistake, and not skipped."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict

__all__ = ["Declared"]


class Declared:
    """Read from data by pydantic, it takes no field that it does not have."""

    __slots__ = ()

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

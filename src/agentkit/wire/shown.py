"""What all models of this room are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

__all__ = ["Asked", "Shown", "moment"]


class Shown(BaseModel):
    """Something that a door shows: it never changes."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class Asked(BaseModel):
    """Something that a door is asked: what it does not know it refuses, and nothing is guessed."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", strict=True)


def moment(seconds: float) -> datetime:
    """A time in seconds since 1970 as a time of day in UTC."""
    return datetime.fromtimestamp(seconds, UTC)

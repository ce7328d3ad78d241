"""Where the terminal looks, and whether it is answered there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Answering", "Place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is looked at.

    Attributes:
        name: What people call it: a server's address, or that of a store.
        is_near: Whether the work is done in this very process, so that it pauses when the terminal is left.
        is_kept: Whether operations are still there when this process has ended.
    """

    name: str
    is_near: bool = False
    is_kept: bool = True


class Answering(Enum):
    """Whether what is asked is answered; each with its sign and its word, so that none is told by colour alone."""

    CONNECTING = ("◌", "connecting")
    CONNECTED = ("●", "connected")
    LOST = ("✗", "no answer, trying again")
    REFUSED = ("⊘", "not let in")

    def __init__(self, sign: str, word: str) -> None:
        self.sign: str = sign
        self.word: str = word

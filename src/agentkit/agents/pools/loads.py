"""How loaded a replica is, as values that a strategy compares; and the dice that it may roll.

Rules: nothing here looks at the world; whoever measures hands it in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Chance", "MachineLoad", "ReplicaLoad", "dice"]

Chance: TypeAlias = Callable[[], float]
"""Rolls a number from 0 up to 1, such as `random.Random(7).random`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineLoad:
    """How busy the machine is on which a replica works.

    Attributes:
        cpu: The share of its processors that is in use, 0 to 1.
        memory: The share of its memory that is in use, 0 to 1.
    """

    cpu: float
    memory: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaLoad:
    """How loaded one replica is at the moment of a choice.

    Attributes:
        name: Its name in the pool.
        in_flight: How many tasks it works on. One that failed at once counts on for as long as an answer takes.
        most: How many it may work on at once; None is not limited.
        latency: Seconds that a task took lately, newer ones counting more; None before the first has ended.
        started: How many tasks it was given in all.
        machine: The load of its machine, if that was measured.
    """

    name: str
    in_flight: int
    most: int | None = None
    latency: float | None = None
    started: int = 0
    machine: MachineLoad | None = None


_WORD = (1 << 64) - 1


def dice(seed: int) -> Chance:
    """Dice that roll the same for the same seed: a counter whose bits are mixed (SplitMix64, Steele and others 2014).

    Args:
        seed: Any whole number.

    Example:
        >>> dice(7)() == dice(7)(), dice(7)() == dice(8)()
        (True, False)
    """
    state = seed & _WORD

    def roll() -> float:
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) & _WORD
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
        return ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)

    return roll

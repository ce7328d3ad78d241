"""Which replica gets the next task: pure choices among loads.

Rules: a strategy is handed the loads of the replicas that may be chosen, at least one, and the dice; it reads no clock
and measures nothing. Where loads are equal the dice decide, lest the first replica gets all that comes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from agentkit.errors import DefinitionError

from .loads import Chance, ReplicaLoad

__all__ = ["Balancing", "LeastLoaded", "PowerOfTwo", "RandomChoice", "RoundRobin", "WeightedLoad"]


class Balancing(Protocol):
    """Chooses a replica for a task. Write your own with one method.

    A strategy that wants to be shown the loads of machines has a class attribute `needs_machine = True`.
    """

    def choose(self, loads: Sequence[ReplicaLoad], chance: Chance) -> int:
        """The place of the chosen one among the loads.

        Args:
            loads: The replicas that may be chosen, at least one.
            chance: The dice.
        """
        ...


@dataclass(frozen=True, slots=True)
class PowerOfTwo:
    """The better of two that the dice pick: by what it has in flight, times how long a task takes there.

    Two are enough to keep away from the slow and the full, and who decides on loads a moment old does not send
    everything to one replica, as the best of all would.

    Example:
        >>> idle, busy = ReplicaLoad(name="idle", in_flight=0), ReplicaLoad(name="busy", in_flight=9)
        >>> PowerOfTwo().choose([busy, idle], lambda: 0.0)
        1
    """

    def choose(self, loads: Sequence[ReplicaLoad], chance: Chance) -> int:
        """See `Balancing`."""
        if len(loads) == 1:
            return 0
        first = int(chance() * len(loads))
        second = (first + 1 + int(chance() * (len(loads) - 1))) % len(loads)
        known = [load.latency for load in (loads[first], loads[second])]
        if None in known or 0 in known:
            # Who has not answered yet is not known to be slow: then what is in flight decides alone.
            return second if loads[second].in_flight < loads[first].in_flight else first
        return second if _wait(loads[second]) < _wait(loads[first]) else first


@dataclass(frozen=True, slots=True)
class LeastLoaded:
    """The one with the fewest tasks in flight, of all.

    Example:
        >>> loads = [ReplicaLoad(name="a", in_flight=2), ReplicaLoad(name="b", in_flight=1)]
        >>> LeastLoaded().choose(loads, lambda: 0.0)
        1
    """

    def choose(self, loads: Sequence[ReplicaLoad], chance: Chance) -> int:
        """See `Balancing`."""
        return _least(loads, lambda load: load.in_flight, chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedLoad:
    """The one with the least sum of processor, memory and queue, each a share that counts with its weight.

    The queue is what is in flight, as a share of what the replica may have in flight, or else of the longest queue.
    A replica whose machine was not measured counts as one of average load.

    Attributes:
        cpu: The weight of the processors' load.
        memory: The weight of the memory in use.
        queue: The weight of the queue.

    Raises:
        DefinitionError: A weight is below 0, or all are 0.

    Example:
        >>> loads = [ReplicaLoad(name="a", in_flight=2), ReplicaLoad(name="b", in_flight=1)]
        >>> WeightedLoad().choose(loads, lambda: 0.0)
        1
    """

    needs_machine: ClassVar[bool] = True

    cpu: float = 0.4
    memory: float = 0.3
    queue: float = 0.3

    def __post_init__(self) -> None:
        weights = {"cpu": self.cpu, "memory": self.memory, "queue": self.queue}
        # Comparisons that NaN fails.
        problems = [
            f"WeightedLoad: {name} must be a number from 0 on, not {weight!r}"
            for name, weight in weights.items()
            if not 0 <= weight < float("inf")
        ]
        if not problems and not any(weights.values()):
            problems.append("WeightedLoad: at least one of cpu, memory and queue must be more than 0")
        if problems:
            raise DefinitionError(*problems)

    def choose(self, loads: Sequence[ReplicaLoad], chance: Chance) -> int:
        """See `Balancing`."""
        machines = [load.machine for load in loads if load.machine is not None]
        count = max(1, len(machines))
        average = sum(one.cpu for one in machines) / count, sum(one.memory for one in machines) / count
        longest = max(1, *(load.in_flight for load in loads))

        def score(load: ReplicaLoad) -> float:
            cpu, memory = average if load.machine is None else (load.machine.cpu, load.machine.memory)
            return self.cpu * cpu + self.memory * memory + self.queue * load.in_flight / (load.most or longest)

        return _least(loads, score, chance)


class RoundRobin:
    """One after the other, in turn, whatever their load.

    Example:
        >>> turn = RoundRobin()
        >>> loads = [ReplicaLoad(name="a", in_flight=0), ReplicaLoad(name="b", in_flight=0)]
        >>> [turn.choose(loads, lambda: 0.0) for _ in range(3)]
        [0, 1, 0]
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last = ""

    def choose(self, loads: Sequence[ReplicaLoad], chance: Chance) -> int:
        """See `Balancing`."""
        # By name, since who may be chosen changes: the first whose name comes after the last one's.
        names = [load.name for load in loads]
        following = [name for name in names if name > self._last]
        self._last = min(following) if following else min(names)
        return names.index(self._last)


@dataclass(frozen=True, slots=True)
class RandomChoice:
    """Any of them, whatever their load.

    Example:
        >>> RandomChoice().choose([ReplicaLoad(name="a", in_flight=0), ReplicaLoad(name="b", in_flight=0)], lambda: 0.9)
        1
    """

    def choose(self, loads: Sequence[ReplicaLoad], chance: Chance) -> int:
        """See `Balancing`."""
        return int(chance() * len(loads))


def _wait(load: ReplicaLoad) -> float:
    """How long one more task would take there, about."""
    return (load.in_flight + 1) * (load.latency or 0.0)


def _least(loads: Sequence[ReplicaLoad], score: Callable[[ReplicaLoad], float], chance: Chance) -> int:
    scores = [score(load) for load in loads]
    least = min(scores)
    best = [place for place, one in enumerate(scores) if one <= least]
    return best[int(chance() * len(best))] if len(best) > 1 else best[0]

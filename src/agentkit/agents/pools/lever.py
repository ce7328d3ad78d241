"""How much a pool works on at once, as one number that may be changed while it works.

Rules: replicas that differ keep their proportion, and what each had is kept, so that whoever sets the number back gives
each back what it had, however it was rounded meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Never

from agentkit.errors import DefinitionError
from agentkit.kernel import count_problems

from .pool import AgentPool

__all__ = ["PoolLever"]


class PoolLever:
    """How many tasks each replica of a pool works on at once: what an `Optimizer` may move.

    It is the limit of the largest replica. The others are kept in proportion to it, as they were when it was first
    moved, or were last changed by somebody else; each works on at least one.

    Args:
        pool: The pool; each of its replicas has a limit.
        least: The least that it may be.
        most: The most that it may be.

    Attributes:
        name: What it is called: `pool:` and the pool's name.
        least: The least that it may be.
        most: The most that it may be.

    Raises:
        DefinitionError: A bound is not valid, or a replica is not limited.

    Example:
        >>> from agentkit.agents import Task
        >>> def read(task: Task[str]) -> int:
        ...     return len(task.input)
        >>> lever = PoolLever(AgentPool("reader", [read], most=4), least=1, most=16)
        >>> lever.set(8)
        >>> lever.name, lever.value
        ('pool:reader', 8)
    """

    __slots__ = ("_given", "_pool", "_shape", "least", "most", "name")

    def __init__(self, pool: AgentPool[Never, object], *, least: int, most: int) -> None:
        self.name: str = f"pool:{pool.name}"
        problems = [*count_problems(f"{self.name}: least", least), *count_problems(f"{self.name}: most", most)]
        if not problems and least > most:
            problems.append(f"{self.name}: least must be at most {most}, not {least}")
        if pool.metrics().capacity is None:
            problems.append(f"{self.name}: each of its replicas needs a limit to begin with; give the pool most=...")
        if problems:
            raise DefinitionError(*problems)
        self._pool = pool
        self.least: int = least
        self.most: int = most
        # What each replica had before, and what this one made of it.
        self._shape: Mapping[str, int] = {}
        self._given: Mapping[str, int] = {}

    @property
    def value(self) -> int:
        """How it stands: the largest limit of a replica."""
        return max(self._limits().values())

    def set(self, value: int) -> None:
        """Have the largest replica work on so many at once, within the bounds, and the others in proportion."""
        value, known = min(self.most, max(self.least, value)), self._limits()
        if known != self._given:
            self._shape = known
        largest = max(self._shape.values())
        self._given = {name: max(1, round(limit * value / largest)) for name, limit in self._shape.items()}
        if len({*self._shape.values()}) == 1:
            # Those that are added later get the same.
            self._pool.limit(value)
            return
        for name, limit in self._given.items():
            self._pool.limit(limit, name)

    def _limits(self) -> Mapping[str, int]:
        return {one.name: one.most or self.most for one in self._pool.metrics().replicas}

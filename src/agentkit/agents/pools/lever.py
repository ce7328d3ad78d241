"""How much a pool works on at once, as one number that may be changed while it works."""

from __future__ import annotations

from typing import Never

from agentkit.errors import DefinitionError
from agentkit.kernel import count_problems

from .pool import AgentPool

__all__ = ["PoolLever"]


class PoolLever:
    """How many tasks each replica of a pool works on at once: what an `Optimizer` may move.

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

    __slots__ = ("_pool", "least", "most", "name")

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

    @property
    def value(self) -> int:
        """How it stands: the largest limit of a replica."""
        return max(one.most or self.most for one in self._pool.metrics().replicas)

    def set(self, value: int) -> None:
        """Have each replica work on so many at once, as far as the bounds let it."""
        self._pool.limit(min(self.most, max(self.least, value)))

"""What holds work up that no journal tells of: pools that are full, and a busy machine.

Rules: it is looked at the moment somebody asks, and nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from agentkit.views import Bottleneck, severity_of

from .machine import MachineReading

__all__ = ["PoolFigures", "WatchedPool", "busy_machine", "full_pools"]

_BUSY: Final = 0.9


class PoolFigures(Protocol):
    """What is read of a pool, at one moment; `agentkit.agents.PoolMetrics` is one."""

    @property
    def name(self) -> str:
        """The pool's name."""
        ...

    @property
    def waiting(self) -> int:
        """How many tasks wait for a place in it."""
        ...

    @property
    def in_flight(self) -> int:
        """How many tasks it works on."""
        ...

    @property
    def capacity(self) -> int | None:
        """How many it may work on; None is any number."""
        ...


class WatchedPool(Protocol):
    """A pool that tells how full it is, such as an `AgentPool`."""

    def metrics(self) -> PoolFigures:
        """How full it is now."""
        ...


def full_pools(pools: Iterable[WatchedPool], share: float) -> Iterator[Bottleneck]:
    """The pools for which tasks wait: those out of order, and those where at least such a share of all tasks waits."""
    for pool in pools:
        seen = pool.metrics()
        if not seen.waiting or seen.capacity is None or seen.in_flight < seen.capacity:
            continue
        if not seen.capacity:
            # More room in replicas that get no work helps nobody.
            words = f"no replica of the pool {seen.name} is ready, and {seen.waiting} tasks wait"
            yield Bottleneck(kind="pool_outage", name=seen.name, severity="high", share=1.0, words=words)
            continue
        found = seen.waiting / (seen.waiting + seen.in_flight)
        if found >= share:
            yield Bottleneck(
                kind="full_pool",
                name=seen.name,
                severity=severity_of(found),
                share=found,
                words=f"the pool {seen.name} works on {seen.in_flight} of {seen.capacity} tasks, and "
                f"{seen.waiting} wait",
            )


def busy_machine(seen: MachineReading) -> Iterator[Bottleneck]:
    """What of a machine is nearly all taken."""
    if seen.processor is not None and seen.processor >= _BUSY:
        words = f"{seen.processor:.0%} of the processors are wanted"
        share = min(1.0, seen.processor)
        yield Bottleneck(kind="processor", name="machine", severity="high", share=share, words=words)
    if seen.memory is not None and seen.memory >= _BUSY:
        words = f"{seen.memory:.0%} of the memory is taken"
        yield Bottleneck(kind="memory", name="machine", severity="high", share=seen.memory, words=words)

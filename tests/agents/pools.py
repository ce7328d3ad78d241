"""What the tests of pools are played on."""

import asyncio
from typing import Any

from agentkit.agents import AgentPool, Balancing, PoolMetrics, ReplicaLoad, Task
from agentkit.testing.agents import ScriptedAgent


def scripted(name: str, *script: object) -> Any:
    """An agent of any type that does what its script says, or gives its own name."""
    return ScriptedAgent(name, script or (name,))


class InOrder:
    """Chooses the first that is free: so a test knows who is next."""

    def choose(self, loads: Any, chance: Any) -> int:
        return 0


class Wanted(InOrder):
    """Chooses by name, and keeps what it was shown."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.seen: list[tuple[ReplicaLoad, ...]] = []

    def choose(self, loads: Any, chance: Any) -> int:
        self.seen.append(tuple(loads))
        known = [load.name for load in loads]
        return next((known.index(name) for name in self.names if name in known), 0)


def pool_of(*replicas: Any, strategy: Balancing | None = None, **settings: Any) -> AgentPool[Any, Any]:
    return AgentPool("pool", list(replicas), strategy=strategy or InOrder(), **settings)


async def ask(pool: AgentPool[Any, Any], given: object = "x") -> Any:
    return await pool.run(Task.standalone(given))


def asking(pool: AgentPool[Any, Any], count: int) -> list[asyncio.Task[Any]]:
    """So many tasks at once."""
    return [asyncio.create_task(ask(pool, number)) for number in range(count)]


async def settle() -> None:
    """Let everything run that can run now."""
    for _ in range(20):
        await asyncio.sleep(0)


def counts(metrics: PoolMetrics) -> dict[str, tuple[int, int, int, int]]:
    """Of each replica: succeeded, failed, lost, cancelled; and their sum is what was started."""
    found = {one.name: (one.succeeded, one.failed, one.lost, one.cancelled) for one in metrics.replicas}
    assert [one.started for one in metrics.replicas] == [
        sum(found[one.name]) + one.in_flight - one.abandoned for one in metrics.replicas
    ]
    return found


def statuses(metrics: PoolMetrics) -> list[str]:
    return [one.status for one in metrics.replicas]

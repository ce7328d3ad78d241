"""Processes whose clocks are days apart, on one store: who owns what, and how long anything takes, hangs on no date."""

import asyncio
from itertools import pairwise

import pytest

from agentkit.errors import OperationTimedOut
from agentkit.kernel import OperationAdopted, RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Orchestrator
from agentkit.stores import MemoryStore, Store
from agentkit.testing.agents import Hang, ScriptedAgent, Sleep
from agentkit.testing.clock import VirtualClock
from tests.orchestrator.scenes import ONE, ended, journal_of, now, scripted

DAY = 86_400.0


class Shifted(VirtualClock):
    """A clock that is wrong."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        """What it shows."""
        return super().now() + self._seconds


def at(seconds: float, ada: ScriptedAgent, store: Store) -> Orchestrator:
    """An orchestrator whose clock is so far ahead."""
    return Orchestrator([ada], store=store, clock=Shifted(seconds))


@pytest.mark.parametrize("ahead", [-DAY, DAY])
async def test_p30_nobody_is_robbed_of_an_operation_by_one_whose_clock_is_ahead_or_behind(ahead: float) -> None:
    store, old, new = MemoryStore(), scripted("ada", Sleep(60, "old")), scripted("ada", "new")
    async with at(0, old, store) as first, at(ahead, new, store.sibling()):
        result = await first.run(ONE)

    assert (result.output, new.runs) == ("old", 0)


@pytest.mark.parametrize("ahead", [-DAY, DAY])
async def test_p30_an_heir_finishes_at_once_what_was_begun_by_another_clock(ahead: float) -> None:
    store = MemoryStore()
    first = at(0, scripted("ada", Hang()), store)
    await first.open()
    operation = await first.submit(ONE)
    await asyncio.sleep(1)
    store.abandon()
    await first.close(drain_seconds=0)
    began = now()
    async with at(ahead, scripted("ada", "saved"), store.sibling()) as second:
        found = await second.get(operation.id)
        result = await found
        journal = await journal_of(found)

    assert result.output == "saved"
    assert now() - began < 10
    assert [event.after_death for event in journal if isinstance(event, OperationAdopted)] == [True]
    # A journal never runs backwards, whoever writes on.
    assert all(earlier.at <= later.at for earlier, later in pairwise(journal))


async def test_p30_a_limit_is_kept_by_an_heir_whose_clock_is_behind() -> None:
    store = MemoryStore()
    flow: Workflow[object] = Workflow(
        "flow", [Stage("only", agent="ada", retry=RetryPolicy(attempts=2, delay=5, jitter=0))], timeout=100
    )
    first = at(0, scripted("ada", Hang()), store)
    await first.open()
    operation = await first.submit(flow)
    await asyncio.sleep(1)
    store.abandon()
    await first.close(drain_seconds=0)
    began = now()
    async with at(-DAY, scripted("ada", Hang()), store.sibling()) as second:
        error = await ended(await second.get(operation.id))

    assert isinstance(error, OperationTimedOut)
    assert now() - began <= 110

"""A driver that breaks in the middle of a turn keeps no slot: whoever comes next finds all of them."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from agentkit.engines import driver
from agentkit.kernel import Stage, Workflow
from agentkit.stores import MemoryStore
from agentkit.testing.agents import Hang, Sleep
from tests.orchestrator.scenes import CHAIN, ONE, ended, opened, scripted

WIDE: Workflow[object] = Workflow("wide", [Stage(f"s{n}", agent="ada") for n in range(6)])
PAIR: Workflow[object] = Workflow("pair", [Stage("left", agent="ada"), Stage("right", agent="ada")])


class Broken(Exception):
    """What no driver expects."""


def breaking(name: str, call: int) -> Callable[..., Any]:
    """A function of the driver's module that breaks at one of its calls, counted from 1."""
    function, calls = getattr(driver, name), 0

    def called(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Broken
        return function(*given, **named)

    return called


@pytest.mark.parametrize(
    ("name", "call", "workflow"),
    [
        pytest.param("start", 1, ONE, id="the start is decided at the beginning"),
        pytest.param("start", 2, PAIR, id="the second of two starts is decided"),
        pytest.param("summary_of", 1, ONE, id="the summary is made at the beginning"),
        pytest.param("command_or_refusal", 1, ONE, id="the first command is made"),
        pytest.param("start", 2, CHAIN, id="a later start is decided"),
        pytest.param("command_or_refusal", 2, CHAIN, id="a later command is made"),
    ],
)
async def test_a_driver_that_breaks_gives_its_slots_back(
    monkeypatch: pytest.MonkeyPatch, name: str, call: int, workflow: Workflow[object]
) -> None:
    ada = scripted("ada", "done", Sleep(1, "done"))
    async with opened(ada, scripted("bob", "done"), max_parallel=2, drain_seconds=0) as here:
        with monkeypatch.context() as patch:
            patch.setattr(driver, name, breaking(name, call))
            with pytest.raises(Broken):
                await here.run(workflow)
        async with asyncio.timeout(3600):
            await here.run(WIDE)

    assert ada.most == 2


async def test_what_was_to_run_again_after_a_death_gives_its_slot_back(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    first = opened(scripted("ada", Hang()), store=store)
    await first.open()
    operation = await first.submit(ONE)
    await asyncio.sleep(1)
    store.abandon()
    await first.close(drain_seconds=0)
    second = opened(scripted("ada", "done"), store=store.sibling(), max_parallel=1, adopt=False, drain_seconds=0)
    async with second, asyncio.timeout(60):
        with monkeypatch.context() as patch:
            patch.setattr(driver, "command_or_refusal", breaking("command_or_refusal", 1))
            found = await second.get(operation.id)
            await second.resume(operation.id)
            assert isinstance(await ended(found), Broken)
        result = await second.run(ONE)

    assert result.output == "done"

"""A page on which nobody has clicked for as long as a session lasts follows its run no more; the run goes on."""

from collections.abc import AsyncGenerator
from datetime import UTC
from types import SimpleNamespace
from typing import cast

import gradio as gr
import pytest

from agentkit import Orchestrator
from agentkit.client import Client
from agentkit.interfaces.gradio import resting
from agentkit.interfaces.gradio.asking import Desks
from agentkit.interfaces.gradio.following import follow
from agentkit.interfaces.gradio.resting import Clicks
from agentkit.service import Service
from agentkit.wire import OperationPage
from tests.interfaces.gradio.world import ADA, AGENTS, WORKFLOWS


def visitor(page: str | None) -> gr.Request:
    return cast("gr.Request", SimpleNamespace(request=object(), session_hash=page))


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(resting, "current_time", clock.now)
    return clock


async def test_a_page_that_nobody_clicks_on_rests_and_its_run_does_not() -> None:
    async def start(client: Client) -> OperationPage:
        return await client.execute("endless", wait=False)

    async with Orchestrator(AGENTS) as orchestrator:
        client = Client(Service(orchestrator, WORKFLOWS).desk(ADA))
        desks = Desks(client, session_seconds=0.2)
        begun = await desks.ask(visitor("one"), start)
        pictures = [one async for one in follow(desks, visitor("one"), begun.id, UTC, refresh_seconds=0.01)]
        after = await client.operation(begun.id)
        await orchestrator.close(drain_seconds=0)

    assert len(pictures) > 1
    assert pictures[0].may_cancel
    assert '<a href="">This page has rested; click to go on</a>' in pictures[-1].board
    assert (pictures[-1].is_found, pictures[-1].may_cancel) == (False, False)
    assert not after.ended


async def rested_after(clicks: Clicks, clock: Clock, *, clicks_by: gr.Request | None) -> list[int]:
    """What a stream tells until its page rests, while four seconds pass with each item."""

    async def items() -> AsyncGenerator[int, None]:
        for number in range(10):
            clock.at += 4
            if clicks_by is not None and number == 1:
                clicks.clicked(clicks_by)
            yield number

    clicks.clicked(visitor("one"))
    seen: list[int] = []
    try:
        async for item in clicks.until_rest(items(), visitor("one")):
            seen.append(item)
    except TimeoutError:
        return seen
    raise AssertionError("it never rests")


async def test_a_click_puts_it_off_and_that_on_another_page_does_not(clock: Clock) -> None:
    assert await rested_after(Clicks(10), clock, clicks_by=None) == [0, 1, 2]
    assert await rested_after(Clicks(10), clock, clicks_by=visitor("one")) == [0, 1, 2, 3, 4]
    assert await rested_after(Clicks(10), clock, clicks_by=visitor("two")) == [0, 1, 2]


async def test_a_program_has_no_session_and_a_page_without_an_end_has_none(clock: Clock) -> None:
    assert Clicks(10).left(visitor(None)) is None
    assert Clicks(None).left(visitor("one")) is None


async def test_of_very_many_pages_those_are_forgotten_that_were_clicked_on_longest_ago(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resting, "_MOST", 3)
    clicks = Clicks(10)
    for name in ("one", "two", "three", "one", "four"):
        clock.at += 1
        clicks.clicked(visitor(name))

    assert clicks._last == {"three": 3, "one": 4, "four": 5}
    assert clicks.left(visitor("one")) == 9
    # Counted as clicked now, in the place of another.
    assert clicks.left(visitor("two")) == 10
    assert clicks._last == {"one": 4, "four": 5, "two": 5}

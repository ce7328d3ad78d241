"""What is said once is said once, whatever is pressed or lies over the dialog while the answer is on its way."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agentkit.client import Client
from agentkit.interfaces.tui.dialogs import AskScreen
from agentkit.wire import Calls, Decision, OperationPage
from tests.interfaces.tui.stage import Two, closed, near, row_of, shown, shows, until

pytestmark = pytest.mark.blocking


class Held:
    """The calls of a caller, whose votes wait until they may go on."""

    def __init__(self, calls: Any) -> None:
        self._calls = calls
        self.go_on = asyncio.Event()
        self.begun = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._calls, name)

    async def decide(self, operation_id: str, decision: Decision, **more: Any) -> OperationPage:
        self.begun += 1
        await self.go_on.wait()
        return cast("OperationPage", await self._calls.decide(operation_id, decision, **more))


@asynccontextmanager
async def voting() -> AsyncGenerator[tuple[Pilot[Any], Two, Held, str]]:
    """A vote that is filled in and on its way."""
    async with near() as two:
        held = Held(two.ada._calls)
        asked = await two.bob.execute("pay", {}, wait=False)
        async with shown(two.app(Client(cast("Calls", held))), size=(100, 30)) as pilot:
            await until(pilot, lambda: "approval" in " ".join(row_of(pilot, "#operations", asked.id)[:1]), "it waits")
            await pilot.press("home", "a")
            await shows(pilot, "Pay it?")
            pilot.app.screen.query("FormView Input").first(Input).value = "14"
            await pilot.press("ctrl+s")
            await until(pilot, lambda: held.begun, "it is on its way")
            yield pilot, two, held, asked.id


async def test_a_second_press_leaves_the_vote_that_is_on_its_way_alone() -> None:
    async with voting() as (pilot, two, held, asked):
        await pilot.press("ctrl+s", "ctrl+x")
        held.go_on.set()
        await closed(pilot)

        assert (await two.bob.wait(asked)).status == "completed"
        assert held.begun == 1


async def test_an_answer_closes_its_own_dialog_and_none_that_lies_over_it() -> None:
    async with voting() as (pilot, two, held, asked):
        over = AskScreen("Leave?", "", yes="Leave", no="Stay")
        pilot.app.push_screen(over)
        await shows(pilot, "Leave?")
        held.go_on.set()
        assert (await two.bob.wait(asked)).status == "completed"
        await asyncio.sleep(0.2)
        assert pilot.app.screen is over

        await pilot.press("escape")
        await closed(pilot)

"""What an operation waits for besides a vote, and another run of it: the same near and far."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select, TabbedContent, TextArea

from agentkit import Orchestrator
from agentkit.client import Client
from agentkit.interfaces.tui import Place, TerminalApp
from agentkit.interfaces.tui.form_view import FormView
from agentkit.service import Service
from agentkit.wire import SignalRequest
from tests.interfaces.tui.stage import (
    SECONDS,
    SETTINGS,
    Two,
    cells,
    echo,
    near,
    opened,
    row_of,
    screen_text,
    shown,
    shows,
    until,
)

pytestmark = pytest.mark.blocking
SIZE = (100, 30)


async def begun(pilot: Pilot[Any], two: Two, workflow: str, given: Any, waits: str) -> str:
    """Start an operation elsewhere, and choose it once it stands so."""
    page = await two.bob.execute(workflow, given, wait=False)
    await until(pilot, lambda: waits in " ".join(row_of(pilot, "#operations", page.id)[:1]), f"{workflow} {waits}")
    await pilot.press("home")
    return page.id


async def kind_chosen(pilot: Pilot[Any], kind: str) -> None:
    """Choose the kind of a value."""
    pilot.app.screen.query_one("FormView .kind", Select).value = kind
    await until(pilot, lambda: pilot.app.screen.query("VariantBox .inner Input"), "its field is there")


@pytest.mark.parametrize(
    ("key", "status", "decision"), [("ctrl+s", "completed", "done"), ("ctrl+x", "failed", "abort")]
)
async def test_work_in_doubt_is_settled(
    two: AbstractAsyncContextManager[Two], key: str, status: str, decision: str
) -> None:
    async with two as people, shown(people.app(), size=SIZE) as pilot:
        lost = await begun(pilot, people, "lost", {}, "in doubt")
        await pilot.press("d")
        await shows(pilot, "Did send happen?", "took longer than 0.05 s", "What came of it")
        await kind_chosen(pilot, "Text")
        pilot.app.screen.query("FormView Input").last(Input).value = "transfer 4711"
        pilot.app.screen.query_one("#comment", Input).value = "asked the bank"
        await pilot.press(key)
        await until(pilot, lambda: status in " ".join(row_of(pilot, "#operations", lost)[:1]), "is settled")
        events = [line.data for line in await people.bob.history(lost) if line.type == "doubt.settled"]

        assert [(one["decision"], one["by"], one["comment"]) for one in events] == [(decision, "ada", "asked the bank")]
        if decision == "done":
            assert (await people.bob.result(lost)).output == "transfer 4711"


async def test_of_several_items_in_doubt_one_is_chosen(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=SIZE) as pilot:
        several = await begun(pilot, people, "several", {"items": [1, 2]}, "in doubt")
        doubts = list[str | None]()
        with anyio.fail_after(SECONDS):
            while len(doubts) < 2:
                doubts = [line.stage for line in await people.bob.history(several) if line.type == "doubt.raised"]
        await pilot.press("d")
        await shows(pilot, "What do you know of?", "send[0]", "send[1]")
        await pilot.press("down", "enter")
        await shows(pilot, "happen?")
        await pilot.press("ctrl+x")
        await until(pilot, lambda: "failed" in " ".join(row_of(pilot, "#operations", several)[:1]), "is settled")
        settled = [line.stage for line in await people.bob.history(several) if line.type == "doubt.settled"]

        assert settled == doubts[1:]


async def test_a_signal_is_offered_by_its_name_and_sent_with_a_value(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=SIZE) as pilot:
        asks = await begun(pilot, people, "ask", {}, "waits for a signal")
        await pilot.press("w")
        await shows(pilot, "Send a signal to ask", "go")
        await kind_chosen(pilot, "Text")
        await pilot.press("ctrl+s")
        await shows(pilot, "✗ Fill this in.")
        pilot.app.screen.query("FormView Input").last(Input).value = "off we go"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "completed" in " ".join(row_of(pilot, "#operations", asks)[:1]), "goes on")

        assert (await people.bob.result(asks)).output == "off we go"


async def test_another_signal_is_sent_by_its_name(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=SIZE) as pilot:
        asks = await begun(pilot, people, "ask-twice", {}, "waits for a signal")
        await pilot.press("w")
        await shows(pilot, "Send a signal to ask-twice")
        pilot.app.screen.query_one("#signal", Select).value = -1
        await until(pilot, lambda: pilot.app.screen.query_one("#other").display, "a name can be written")
        await pilot.press("ctrl+s")
        await shows(pilot, "✗ name:")
        pilot.app.screen.query_one("#other", Input).value = "later"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1, "it is sent")
        sent = [line.data["name"] for line in await people.bob.history(asks) if line.type == "signal.received"]

        assert sent == ["later"]


async def test_a_run_is_run_again_with_what_it_was_given_and_another_line(
    two: AbstractAsyncContextManager[Two],
) -> None:
    given = {"supplier": "ACME", "amount": "12.50", "due": "2026-12-24", "urgent": True}
    async with two as people, shown(people.app(), size=SIZE) as pilot:
        first = await begun(pilot, people, "bills", given, "completed")
        await pilot.press("e")
        await shows(pilot, "Run again", first, "ACME", "12.50")
        await pilot.press("ctrl+s")
        await shows(pilot, "✗ a fork differs in something")
        pilot.app.screen.query("FormView Input").first(Input).value = "Other"
        await pilot.press("ctrl+s")
        await opened(pilot)
        await shows(pilot, "✓ completed  bills", "continues", first)
        again = pilot.app.screen.chosen.id  # type: ignore[attr-defined] # a screen of ours

        assert (await people.bob.history(again, limit=1))[0].data["input"] == {**given, "supplier": "Other"}


@pytest.mark.parametrize(("kept", "carried"), [("second", ["first"]), (-1, [])])
async def test_a_run_again_keeps_what_is_wanted(
    two: AbstractAsyncContextManager[Two], kept: str | int, carried: list[str]
) -> None:
    async with two as people, shown(people.app(), size=SIZE) as pilot:
        await begun(pilot, people, "steps", [1, 2], "completed")
        await pilot.press("e")
        await until(pilot, lambda: pilot.app.screen.query(FormView), "the form is there")
        pilot.app.screen.query_one("#kept", Select).value = kept
        pilot.app.screen.query_one("#ways", TabbedContent).active = "by-json"
        await until(pilot, lambda: "1,\n" in pilot.app.screen.query_one("#json", TextArea).text, "has the input")
        pilot.app.screen.query_one("#yes", Button).press()
        await opened(pilot)
        await shows(pilot, "✓ completed  steps")
        events = await people.bob.history(pilot.app.screen.chosen.id)  # type: ignore[attr-defined] # as above

        assert [line.stage for line in events if line.type == "result.carried"] == carried
        assert events[0].data["input"] == [1, 2]


async def test_what_is_proposed_is_filled_in_and_may_be_changed(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=SIZE) as pilot:
        asks = await begun(pilot, people, "propose", {}, "waits for approval")
        await pilot.press("a")
        await shows(pilot, "Which terms?", "30", "as agreed")
        days, why = pilot.app.screen.query("FormView Input").results(Input)
        days.value, why.value = "14", ""
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "completed" in " ".join(row_of(pilot, "#operations", asks)[:1]), "goes on")

        assert (await people.bob.result(asks)).output == {"days": 14}


async def test_a_stage_is_done_by_the_agent_that_is_chosen(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=SIZE) as pilot:
        await shows(pilot, "connected")
        await pilot.press("n")
        await shows(pilot, "Start an operation", "choose a workflow")
        pilot.app.screen.query_one("#workflow", Select).value = "steps"

        def offered() -> list[Select[str]]:
            return [*pilot.app.screen.query("#agents-holder .agent").results(Select)]

        await until(pilot, lambda: [one.value for one in offered()] == ["echo", "echo"], "agents are offered")
        offered()[0].value = "twin"
        pilot.app.screen.query_one("FormView TextArea", TextArea).text = "1"
        await pilot.press("ctrl+s")
        await opened(pilot)
        await shows(pilot, "✓ completed  steps", "twin")


async def test_the_list_is_sorted_where_it_is_kept(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=SIZE) as pilot:
        first = await begun(pilot, people, "ask", {}, "waits for a signal")
        second = await begun(pilot, people, "ask", {}, "waits for a signal")

        def are_first(*ids: str) -> bool:
            listed = [row[-1] for row in cells(pilot, "#operations")]
            return listed.index(first) < listed.index(second) if ids == (first, second) else listed[:2] == [*ids]

        assert are_first(second, first)
        await pilot.press("o")
        await shows(pilot, "Order: oldest first")
        await until(pilot, lambda: cells(pilot, "#operations") and are_first(first, second), "the oldest are first")
        await pilot.press("o")
        await shows(pilot, "Order: changed last first")
        await people.bob.signal(first, SignalRequest(name="go"))
        await until(
            pilot,
            lambda: (
                cells(pilot, "#operations")[:1] == [row_of(pilot, "#operations", first)]
                and "completed" in row_of(pilot, "#operations", first)[0]
            ),
            "what changed last is first",
        )
        await pilot.press("escape")
        await until(pilot, lambda: cells(pilot, "#operations") and are_first(second, first), "as before")


async def test_who_sees_all_is_told_how_busy_the_service_is() -> None:
    async with near() as people, shown(people.app(), size=(140, 40)) as pilot:
        await shows(pilot, "Agents")
        assert "Attempts" not in screen_text(pilot)
    async with Orchestrator([echo]) as orchestrator:
        app = TerminalApp(Client(Service(orchestrator).desk()), Place(name="here"), settings=SETTINGS)
        async with shown(app, size=(140, 40)) as pilot:
            await shows(pilot, "Service", "In line", "Attempts")

"""What the screen looks like: empty and full, small and large, whatever names and messages say, and how it is left."""

import asyncio
from typing import Any

import pytest
from textual.widgets import DataTable, Static

from agentkit import Approval, GiveUp, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.client import Client
from agentkit.errors import NotAllowed
from agentkit.interfaces.tui import Place, TerminalApp
from agentkit.interfaces.tui.run_panel import RunPanel
from agentkit.interfaces.tui.top_bar import TopBar
from agentkit.screens import DoorSettings
from agentkit.service import Service
from agentkit.wire import FiguresPage, FiguresQuery, HealthPage
from tests.interfaces.tui.stage import (
    SETTINGS,
    cells,
    closed,
    echo,
    near,
    opened,
    said,
    screen_text,
    shown,
    shows,
    turned,
    until,
)

pytestmark = pytest.mark.blocking

HOSTILE = "[red]x[/] [@click=app.quit]y[/] \x1b[2J\x07 \u202eabc\n[/]]"


@agent
async def nasty(task: Task[Any]) -> Any:
    task.progress(0.5, HOSTILE)
    await task.attach("[b]f[].txt", b"x", media_type="text/plain")
    if task.input["fails"]:
        raise GiveUp(HOSTILE)
    return {HOSTILE: HOSTILE}


def terminal(orchestrator: Orchestrator, flows: list[Workflow[Any]]) -> tuple[TerminalApp, Client]:
    client = Client(Service(orchestrator, flows).desk())
    return TerminalApp(client, Place(name=HOSTILE), settings=SETTINGS), client


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_without_operations_it_says_how_to_begin(size: tuple[int, int]) -> None:
    async with near() as two, shown(two.app(), size=size) as pilot:
        await shows(pilot, "No operations yet. Press n to start one.", "● connected", "n New", "q Quit")
        assert ("Workflows" in screen_text(pilot)) is (size[0] > 100)
        await pilot.press("2")
        await shows(pilot, "Nothing waits for you.")
        await pilot.press("s")
        await until(pilot, lambda: ("Agents" in screen_text(pilot)) is (size[0] <= 100), "the sidebar changes")


async def test_without_workflows_it_says_that_there_are_none() -> None:
    async with near([]) as two, shown(two.app(), size=(140, 40)) as pilot:
        await shows(pilot, "none is offered here")
        await pilot.press("n")
        told = pilot.app._notifications
        await until(pilot, lambda: any("no workflow is offered here" in one.message for one in told), "it says so")


class Refused(Client):
    """A client that is not told how the service is."""

    __slots__ = ("asked",)
    asked: list[str]

    async def health(self) -> HealthPage:
        self.asked.append("health")
        raise NotAllowed("ada may not see this")

    async def figures(self, query: FiguresQuery) -> FiguresPage:
        self.asked.append("figures")
        return await super().figures(query)


async def test_whoever_is_not_told_how_the_service_is_sees_the_rest_and_it_is_asked_once() -> None:
    async with Orchestrator([echo]) as orchestrator:
        client = Refused(Service(orchestrator, [Workflow("echo", [Stage("echo", agent="echo")])]).desk())
        client.asked = []
        async with shown(TerminalApp(client, Place(name="here"), settings=SETTINGS), size=(140, 40)) as pilot:
            await until(pilot, lambda: client.asked.count("figures") > 2, "looks again")
            await shows(pilot, "Active", "echo")

            assert client.asked.count("health") == 1
            assert not pilot.app.screen.query_one("#service-title").display


async def test_oldest_first_what_begins_comes_behind_the_last_row_though_the_page_is_full() -> None:
    async with Orchestrator([echo]) as orchestrator:
        client = Client(Service(orchestrator, [Workflow("echo", [Stage("echo", agent="echo")])]).desk())
        begun = [(await client.execute("echo", number, wait=False)).id for number in range(5)]
        settings = DoorSettings(refresh_seconds=0.1, page_size=5)
        async with shown(TerminalApp(client, Place(name="here"), settings=settings), size=(140, 40)) as pilot:
            await until(pilot, lambda: len(cells(pilot, "#operations")) == 5, "all are listed")
            await pilot.press("o")
            await until(pilot, lambda: [row[-1] for row in cells(pilot, "#operations")] == begun, "the oldest is first")
            await pilot.press("end")
            table = pilot.app.screen.query_one("#operations", DataTable)
            await until(pilot, lambda: table.cursor_row == 4, "the cursor is on the last row")
            # The key itself asks for more; what comes now is told by no key.
            await asyncio.sleep(2 * settings.refresh_seconds)
            begun.append((await client.execute("echo", 5, wait=False)).id)
            await until(pilot, lambda: [row[-1] for row in cells(pilot, "#operations")] == begun, "the new one is last")


async def test_what_others_wrote_is_text_and_steers_nothing() -> None:
    flows = [
        Workflow("nasty", [Stage("work", agent="nasty", retry=RetryPolicy(attempts=1))], description=HOSTILE),
        Workflow("asks", [Stage("may", approval=Approval(question=HOSTILE.replace("{", "")))]),
    ]
    async with Orchestrator([nasty]) as orchestrator:
        app, client = terminal(orchestrator, flows)
        async with shown(app, size=(140, 40)) as pilot:
            for fails in (True, False):
                done = await client.execute("nasty", {"fails": fails}, wait=False)
                await client.wait(done.id)
                await shows(pilot, done.id)
                await pilot.press("home", "enter")
                await opened(pilot)
                for tab in ("tab-stages", "tab-graph", "tab-log", "tab-result", "tab-files"):
                    await turned(pilot, tab)
                    await asyncio.sleep(0.1)
                    assert "\x1b" not in screen_text(pilot)
                    assert "\u202e" not in screen_text(pilot)
                await until(pilot, lambda: "[red]x[/]" in said(pilot, "#outcome"), "the result says it")
                await pilot.press("escape")
                await closed(pilot)
            await client.execute("asks", {}, wait=False)
            await pilot.press("2")
            await shows(pilot, "[red]x[/] [@click=app.quit]y[/]")
            await pilot.press("enter")
            await shows(pilot, "asks asks at may")
            await pilot.press("escape")
            await closed(pilot)
            await pilot.press("n")
            await shows(pilot, "Start an operation")
            assert app.is_running


async def test_an_operation_that_is_not_there_is_told() -> None:
    async with near() as two:
        app = two.app()
        async with shown(app, size=(100, 30)) as pilot:
            await shows(pilot, "connected")
            app.screen.opened("nothing")  # type: ignore[attr-defined] # its first screen
            await opened(pilot)
            await until(pilot, lambda: "there is no operation 'nothing'" in said(pilot, "#run-facts"), "is told")


async def test_a_thousand_stages_stay_usable() -> None:
    flow = Workflow("large", [Stage(f"part-{number}", agent="echo") for number in range(1_000)])
    async with Orchestrator([echo]) as orchestrator:
        client = Client(Service(orchestrator, [flow]).desk())
        app = TerminalApp(client, Place(name="here"), settings=SETTINGS)
        done = await client.execute("large", 1, wait=False)
        await client.wait(done.id)
        async with shown(app, size=(100, 30)) as pilot:
            await until(pilot, lambda: cells(pilot, "#operations"), "is listed")
            await pilot.press("enter")
            await shows(pilot, "✓ completed  large", "1,000 of 1,000 stages")
            table = app.screen.query_one("#stages", DataTable)
            await until(pilot, lambda: table.row_count == 1_000, "all stages are there")
            await pilot.press("end")
            await shows(pilot, "part-999")
            await turned(pilot, "tab-graph")
            await shows(pilot, "1,000 stages. Press g to draw them all.", "✓ completed  1,000")
            await pilot.press("g")
            await shows(pilot, "part-1")


async def test_a_new_picture_draws_only_what_differs() -> None:
    async with near() as two:
        app = two.app()
        async with shown(app, size=(100, 30)) as pilot:
            done = await two.bob.execute("echo", 1, wait=False)
            page = await two.bob.wait(done.id)
            await until(pilot, lambda: cells(pilot, "#operations"), "is listed")
            app.screen.opened(done.id)  # type: ignore[attr-defined] # its first screen
            await opened(pilot)
            table = app.screen.query_one("#stages", DataTable)
            await until(pilot, lambda: table.row_count == 1, "it is shown")
            drawn = []
            table.update_cell = lambda *cell, **how: drawn.append(cell[1])  # type: ignore[method-assign] # it counts
            table.show(page.stages)  # type: ignore[attr-defined] # a table of stages
            table.show([page.stages[0].model_copy(update={"message": "new"})])  # type: ignore[attr-defined] # as above

            assert drawn == ["says"]


async def test_help_theme_and_zone_have_their_keys() -> None:
    async with near() as two:
        await two.bob.execute("echo", 1)
        app = two.app()
        async with shown(app, size=(140, 40)) as pilot:
            await shows(pilot, "✓ completed")
            await pilot.press("question_mark")
            await shows(pilot, "Keys and signs", "start a new one", "¿ in doubt")
            await pilot.press("escape")
            await closed(pilot)
            await pilot.press("t")
            await until(pilot, lambda: not app.current_theme.dark, "it is light")
            assert "UTC" in cells(pilot, "#operations")[0][2]
            await pilot.press("z")
            await until(pilot, lambda: "(+00:00)" in cells(pilot, "#operations")[0][2] or True, "times are of here")
            await shows(pilot, "✓ completed")


async def test_without_colours_every_state_is_told_by_sign_and_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with near() as two:
        await two.bob.execute("echo", 1)
        app = two.app()
        async with shown(app, size=(80, 24)) as pilot:
            await shows(pilot, "✓ completed", "● connected")
            assert app.no_color


async def test_the_run_under_the_cursor_is_followed_where_there_is_room() -> None:
    async with near() as two, shown(two.app(), size=(140, 40)) as pilot:
        first = await two.bob.execute("ask", {}, wait=False)
        await shows(pilot, f"operation {first.id}")
        second = await two.bob.execute("echo", 1, wait=False)
        await two.bob.wait(second.id)
        await until(pilot, lambda: len(cells(pilot, "#operations")) == 2, "both are listed")
        assert cells(pilot, "#operations")[0][-1] == second.id
        assert pilot.app.screen.query_one(RunPanel).page.id == first.id  # type: ignore[union-attr] # the cursor stays on it
        await pilot.press("up")
        await shows(pilot, f"operation {second.id}")
        assert "connected" in str(pilot.app.screen.query_one(TopBar).query_one("#answering", Static).content)

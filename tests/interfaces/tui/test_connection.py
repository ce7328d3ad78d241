"""A server that goes away and comes back: nothing is lost, nothing comes twice, and people see what is going on."""

from pathlib import Path

import pytest

from agentkit.interfaces.tui import Place, TerminalApp
from agentkit.interfaces.tui.run_panel import RunPanel
from tests.interfaces.tui.stage import SETTINGS, cells, client_of, opened, served, shown, shows, turned, until

pytestmark = pytest.mark.blocking


async def test_after_a_restart_of_the_server_everything_goes_on_where_it_was(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'runs.db'}"
    first = served(tmp_path, store=store)
    url = first.__enter__()
    port = int(url.rsplit(":", 1)[1])
    async with client_of(url, tmp_path) as client:
        app = TerminalApp(client, Place(name=url), settings=SETTINGS)
        async with shown(app, size=(120, 30)) as pilot:
            begun = await client.execute("ask", {}, wait=False)
            await until(pilot, lambda: cells(pilot, "#operations"), "is listed")
            await pilot.press("enter")
            await opened(pilot)
            await shows(pilot, "waits for a signal")
            first.__exit__(None, None, None)
            await shows(pilot, "✗ no answer, trying again")
            with served(tmp_path, store=store, port=port):
                await shows(pilot, "● connected")
                await client.cancel(begun.id)
                await shows(pilot, "⊘ cancelled  ask")
                events = [line.number for line in await client.history(begun.id)]
                board = app.screen.query_one(RunPanel)._board
                await until(pilot, lambda: board.after == events[-1], "each event was heard, once and in order")
                await turned(pilot, "tab-log")
                await shows(pilot, f"{events[-1]:>5}  ")


async def test_a_key_that_opens_nothing_any_more_is_told(tmp_path: Path) -> None:
    with served(tmp_path) as url:
        (tmp_path / "ada.key").write_text("agk_wrong_key")
        async with client_of(url, tmp_path) as client:
            app = TerminalApp(client, Place(name=url), settings=SETTINGS)
            async with shown(app, size=(120, 30)) as pilot:
                await shows(pilot, "⊘ not let in")

"""A terminal at which nobody has touched a key rests: it asks nothing, and a key has it go on."""

import asyncio
from functools import partial
from typing import Any, cast

import pytest

from agentkit.client import Client
from agentkit.interfaces.tui import Place, TerminalApp
from agentkit.interfaces.tui.resting import RestScreen
from agentkit.screens import DoorSettings
from agentkit.wire import Calls
from tests.interfaces.tui.stage import cells, near, opened, shown, shows, until

pytestmark = pytest.mark.blocking

RESTED = "This page has rested"


class Counted:
    """The calls of a caller, which are counted."""

    def __init__(self, calls: Any) -> None:
        self._calls = calls
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        self.count += 1
        return getattr(self._calls, name)


def terminal(client: Client, *, seconds: float) -> TerminalApp:
    settings = DoorSettings(refresh_seconds=0.05, session_seconds=seconds)
    return TerminalApp(client, Place(name="memory://", is_near=True, is_kept=False), settings=settings)


def pass_by(app: TerminalApp, seconds: float) -> None:
    """Have so many seconds pass without a key, and the terminal look whether it is to rest."""
    app._resting._touched_at -= seconds
    app._resting._look()


def is_touched(app: TerminalApp, later: float) -> bool:
    return app._resting._touched_at > later


async def test_nobody_there_for_a_session_and_it_rests() -> None:
    async with near() as two, shown(terminal(two.ada, seconds=0.3), size=(120, 30)) as pilot:
        await shows(pilot, RESTED)


async def test_a_terminal_that_rests_asks_nothing_and_shows_all_that_happened_afterwards() -> None:
    async with near() as two:
        calls = Counted(two.ada._calls)
        slow = await two.bob.execute("slow", {}, wait=False)
        app = terminal(Client(cast("Calls", calls)), seconds=3_600)
        async with shown(app, size=(120, 30)) as pilot:
            await until(pilot, lambda: cells(pilot, "#operations"), "is listed")
            await pilot.press("enter")
            await opened(pilot)
            await until(pilot, lambda: app._link._streams, "follows it")
            pass_by(app, 3_600)
            await shows(pilot, RESTED)
            await until(pilot, lambda: not app._link._streams, "follows nothing")
            before = calls.count
            begun = await two.bob.execute("echo", {})
            # Longer than any look is away from the next one.
            await asyncio.sleep(0.5)
            assert calls.count == before
            assert (await two.bob.operation(begun.operation)).ended

            await pilot.press("q")
            await until(pilot, lambda: not isinstance(app.screen, RestScreen), "goes on")
            await pilot.press("escape")
            await until(pilot, lambda: len(cells(pilot, "#operations")) == 2, "is listed, too")
            assert app.is_running
        await two.bob.cancel(slow.id)


async def test_who_touches_keys_is_left_alone() -> None:
    async with near() as two:
        app = terminal(two.ada, seconds=3_600)
        async with shown(app, size=(120, 30)) as pilot:
            for _ in range(3):
                pass_by(app, 3_000)
                later = app._resting._touched_at + 2_999
                await pilot.press("down")
                await until(pilot, partial(is_touched, app, later), "the key was heard")

            assert not isinstance(app.screen, RestScreen)

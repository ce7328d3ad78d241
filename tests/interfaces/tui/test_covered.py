"""A list that nobody sees: while an operation has the whole screen, its list asks for nothing."""

import asyncio

import pytest

from agentkit.client import Client
from agentkit.wire import OperationLine, OperationQuery, Page
from tests.interfaces.tui.stage import cells, near, opened, shown, shows, until

pytestmark = pytest.mark.blocking


async def test_a_list_behind_an_operation_asks_for_nothing_until_it_is_seen_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[OperationQuery | None] = []
    ask = Client.operations

    async def counted(self: Client, query: OperationQuery | None = None) -> Page[OperationLine]:
        looks.append(query)
        return await ask(self, query)

    monkeypatch.setattr(Client, "operations", counted)
    async with near() as two, shown(two.app(), size=(140, 40)) as pilot:
        await two.ada.execute("ask", {}, wait=False)
        await until(pilot, lambda: cells(pilot, "#operations"), "is listed")
        await pilot.press("enter")
        await opened(pilot)
        await asyncio.sleep(0.2)  # a look that was under way
        looks.clear()
        await asyncio.sleep(0.5)  # five looks, if it looked
        assert looks == []
        begun = await two.bob.execute("echo", 1, wait=False)
        await pilot.press("escape")
        await until(pilot, lambda: len(cells(pilot, "#operations")) == 2, "the new one is listed")
        await shows(pilot, begun.id[:6])

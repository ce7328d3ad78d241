"""The list of operations: pages on demand, each look at the same costs, however many there are."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import get_args

import pytest

from agentkit import Orchestrator, Stage, Workflow
from agentkit.client import Client
from agentkit.interfaces.tui.listing import Listing
from agentkit.service import Service
from agentkit.wire import OperationLine, OperationQuery, OperationSort, Page
from tests.interfaces.tui.stage import echo

PER_PAGE = OperationQuery().limit


class Counting(Client):
    """A client that counts the pages it was asked for, and has something happen behind the next one."""

    pages = 0
    happens: Callable[[], Awaitable[object]] | None = None

    async def operations(self, query: OperationQuery | None = None) -> Page[OperationLine]:
        self.pages += 1
        page = await super().operations(query)
        happens, self.happens = self.happens, None
        if happens is not None:
            await happens()
        return page


@asynccontextmanager
async def shop() -> AsyncGenerator[Counting, None]:
    flows = [Workflow("echo", [Stage("echo", agent="echo")]), Workflow("ask", [Stage("wait", signal="go")])]
    async with Orchestrator([echo]) as orchestrator:
        yield Counting(Service(orchestrator, flows).desk())


async def everything(client: Client, query: OperationQuery | None = None) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    asked = query or OperationQuery()
    while True:
        page = await client.operations(asked.model_copy(update={"cursor": cursor, "limit": 200}))
        found += [line.id for line in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_pages_are_read_on_demand_until_all_is_there() -> None:
    async with shop() as client:
        for number in range(120):
            await client.execute("echo", number)
        listing = Listing(client, OperationQuery())
        sizes = []
        while not listing.is_whole:
            await listing.more()
            sizes.append(len(listing.lines))

        assert sizes == [PER_PAGE, 2 * PER_PAGE, 120]
        assert list(listing.order) == await everything(client)
        assert (await listing.more()).lines == {}


async def test_a_look_finds_what_is_new_and_costs_two_pages_at_most() -> None:
    async with shop() as client:
        for number in range(120):
            await client.execute("echo", number)
        listing = Listing(client, OperationQuery())
        await listing.look()
        while not listing.is_whole:
            await listing.more()
        asked = await client.execute("ask", {}, wait=False)
        client.pages = 0
        news = await listing.look()

        assert asked.id in news.lines
        assert client.pages <= 2
        assert list(listing.order) == await everything(client)


async def test_far_down_a_change_is_found_within_as_many_looks_as_there_are_pages() -> None:
    async with shop() as client:
        old = await client.execute("ask", {}, wait=False)
        for number in range(3 * PER_PAGE):
            await client.execute("echo", number)
        listing = Listing(client, OperationQuery())
        while not listing.is_whole:
            await listing.more()
        await client.cancel(old.id)
        await client.wait(old.id)
        for _ in range(4):
            await listing.look()

        assert listing.lines[old.id].status == "cancelled"
        assert list(listing.order) == await everything(client)


async def test_what_the_filter_does_not_let_through_any_more_is_gone() -> None:
    async with shop() as client:
        first = await client.execute("ask", {}, wait=False)
        second = await client.execute("ask", {}, wait=False)
        listing = Listing(client, OperationQuery(status=("running",)))
        await listing.look()
        await client.cancel(first.id)
        await client.wait(first.id)
        news = await listing.look()

        assert (list(news.gone), list(listing.order)) == ([first.id], [second.id])


@pytest.mark.parametrize("before", [0, 3, 5, 7, 10])
@pytest.mark.parametrize("sort", get_args(OperationSort))
async def test_what_begins_once_all_was_read_is_read_too(sort: OperationSort, before: int) -> None:
    query = OperationQuery(sort=sort, limit=5)
    async with shop() as client:
        for number in range(before):
            await client.execute("echo", number)
        listing = Listing(client, query)
        while not listing.is_whole:
            await listing.more()
        for number in range(20):
            await client.execute("echo", number)
        for _ in range(6):
            await listing.look()
            await listing.more()

        assert listing.is_whole
        assert list(listing.order) == await everything(client, query)


async def test_what_changes_between_two_pages_of_a_look_is_not_gone() -> None:
    query = OperationQuery(sort="changed", limit=5)
    async with shop() as client:
        old = await client.execute("ask", {}, wait=False)
        for number in range(7):
            await client.execute("echo", number)
        listing = Listing(client, query)
        while not listing.is_whole:
            await listing.more()
        await listing.look()

        async def end() -> None:
            await client.cancel(old.id)
            await client.wait(old.id)

        client.happens = end
        news = await listing.look()

        assert (news.gone, news.lines[old.id].status, listing.order[0]) == ([], "cancelled", old.id)
        assert list(listing.order) == await everything(client, query)


@pytest.mark.parametrize("count", [0, 1, PER_PAGE, PER_PAGE + 1])
async def test_any_number_is_whole_in_the_end(count: int) -> None:
    async with shop() as client:
        for number in range(count):
            await client.execute("echo", number)
        listing = Listing(client, OperationQuery())
        for _ in range(3):
            await listing.look()
            await listing.more()

        assert listing.is_whole
        assert list(listing.order) == await everything(client)

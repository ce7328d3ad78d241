"""The page asks from its own loop, whichever loop the client lives on."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from datetime import UTC
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest
from anyio.from_thread import start_blocking_portal

from agentkit import Orchestrator
from agentkit.client import BlockingClient, Client
from agentkit.errors import Closed, DefinitionError, ServerUnavailable, Unauthenticated
from agentkit.interfaces.gradio import gradio_app, serve
from agentkit.interfaces.gradio.asking import Desks
from agentkit.interfaces.gradio.following import follow
from agentkit.service import Desk, Service
from agentkit.wire import OperationPage
from tests.interfaces.gradio.world import ADA, AGENTS, WORKFLOWS

REQUEST = cast("gr.Request", SimpleNamespace(request=object()))


@asynccontextmanager
async def opening() -> AsyncGenerator[Desk, None]:
    async with Orchestrator(AGENTS) as orchestrator:
        yield Service(orchestrator, WORKFLOWS).desk(ADA)
        await orchestrator.close(drain_seconds=0)


@contextmanager
def elsewhere() -> Iterator[Desks]:
    """A client that awaits, made on a loop of another thread."""

    async def made(desk: Desk) -> Desks:
        return Desks(Client(desk))

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(opening()) as desk:
        yield portal.call(made, desk)


@contextmanager
def blocking() -> Iterator[Desks]:
    with BlockingClient(opening) as client:
        yield Desks(client)


@pytest.mark.blocking
@pytest.mark.parametrize("place", [elsewhere, blocking])
async def test_a_client_of_another_loop_is_asked_there_and_followed_here(place: Any) -> None:
    async def start(client: Client) -> OperationPage:
        return await client.execute("broken", wait=False)

    with place() as desks:
        operation = await desks.ask(REQUEST, start)
        pages = [page async for page in desks.pictures(REQUEST, operation.id)]
    assert pages[-1].status == "failed"


async def test_a_follower_that_goes_leaves_nothing_behind() -> None:
    async def start(client: Client) -> OperationPage:
        return await client.execute("endless", wait=False)

    async with opening() as desk:
        desks = Desks(Client(desk))
        operation = await desks.ask(REQUEST, start)
        before = asyncio.all_tasks()
        pages = desks.pictures(REQUEST, operation.id)
        await anext(pages)
        await pages.aclose()
        left = [task for task in asyncio.all_tasks() - before if "follow" in repr(task) or "_read_on" in repr(task)]
        await asyncio.wait(left, timeout=5) if left else None
        assert all(task.done() for task in left)


async def test_who_has_no_client_is_told_to_log_in() -> None:
    async def nobody(_request: Any) -> None:
        return None

    async def look(client: Client) -> Any:
        return await client.workflows()

    with pytest.raises(Unauthenticated, match="log in again"):
        await Desks(nobody).ask(REQUEST, look)


async def test_a_run_whose_server_is_away_is_asked_for_again_until_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentkit.interfaces.gradio.following._AGAIN_SECONDS", 0)
    away = iter([True, True, False])

    async def visitors(_request: Any) -> Client:
        if next(away, False):
            raise ServerUnavailable("nobody listens there")
        return Client(desk)

    async with opening() as desk:
        operation = await Client(desk).execute("broken", wait=False)
        boards = [picture.board async for picture in follow(Desks(visitors), REQUEST, operation.id, UTC)]
    assert "The server does not answer" in boards[0]
    assert "Waiting for the server" in boards[1]
    assert "there is no ink" in boards[-1]


async def test_a_follower_whose_session_ends_sees_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentkit.interfaces.gradio.asking._KNOWN_SECONDS", 0.05)
    asked: list[bool] = []

    async def visitors(_request: Any) -> Client | None:
        asked.append(True)
        return Client(desk) if len(asked) < 3 else None

    async with opening() as desk, asyncio.timeout(20):
        operation = await Client(desk).execute("endless", wait=False)
        with pytest.raises(Unauthenticated, match="log in again"):
            async for _ in Desks(visitors).pictures(REQUEST, operation.id):
                pass
    assert len(asked) == 3


async def test_a_question_and_the_files_are_shown_after_a_hiccup_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentkit.interfaces.gradio.following._AGAIN_SECONDS", 0)
    files, failed = Client.files, list[bool]()

    async def hiccup(client: Client, operation: str) -> Any:
        if not failed:
            failed.append(True)
            raise ServerUnavailable("nobody listens there")
        return await files(client, operation)

    monkeypatch.setattr(Client, "files", hiccup)
    async with opening() as desk, asyncio.timeout(20):
        operation = await Client(desk).execute("royalties", {"month": "2025-11"}, wait=False)
        async with aclosing(follow(Desks(Client(desk)), REQUEST, operation.id, UTC)) as pictures:
            asked = await anext(picture async for picture in pictures if picture.questions)
    assert failed
    assert asked.questions
    assert asked.questions.lines[0].stage == "pay"


def test_nobody_waits_for_the_page_of_somebody_else() -> None:
    fns = gradio_app(Client.at("http://127.0.0.1:1")).fns.values()
    assert {fn.name: fn.concurrency_limit for fn in fns if fn.name in {"opened", "_followed"}} == {
        "opened": None,
        "_followed": None,
    }


async def test_a_page_that_asks_nobody_who_they_are_is_for_this_machine_only() -> None:
    with pytest.raises(DefinitionError, match="this machine only"):
        await serve(Client(cast("Any", None)), host="0.0.0.0", port=0)


def test_a_blocking_client_that_is_not_open_says_so() -> None:
    async def look(client: Client) -> Any:
        return await client.workflows()

    with pytest.raises(Closed, match=re.escape("not open")):
        BlockingClient(opening).hand(look)


def test_what_a_page_draws_is_drawn_when_it_is_there_and_no_second_time_at_the_load() -> None:
    # A second drawing of a form may come late, and what people have typed by then is gone.
    dependencies = gradio_app(Client.at("http://127.0.0.1:1")).config["dependencies"]

    assert [one["api_name"] for one in dependencies if "load" in {event for _, event in one["targets"]}] == ["opened"]

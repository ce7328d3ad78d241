"""The pages inside the API server: its session opens them, and each visitor works with a client of their own."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from queue import SimpleQueue

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime import Runtime

from agentkit import Orchestrator
from agentkit.client import BlockingClient
from agentkit.interfaces.rest import create_app, opened
from agentkit.interfaces.streamlit import streamlit_pages
from agentkit.interfaces.streamlit.mounting import _Entrance
from agentkit.interfaces.streamlit.sharing import TICKET, Visitor, Visitors
from agentkit.service import Service, address_of, listening
from tests.browsing import chromium, needs_chromium, window
from tests.interfaces.streamlit import world
from tests.interfaces.streamlit.serving import OWN_CONSOLE, visit
from tests.interfaces.streamlit.test_serving import HANDSHAKE

# Streamlit reads its files on the loop of the server.
pytestmark = pytest.mark.blocking


@dataclass(frozen=True)
class House:
    """A server with the API, and the pages below `/pages`.

    Attributes:
        url: Its address.
        sessions: The cookies of people who have begun a session of the API.
    """

    url: str
    sessions: Mapping[str, httpx2.Cookies]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    # Streamlit has one application per process, for as long as that lives.
    Runtime._instance = None
    store = f"sqlite:///{tmp_path_factory.mktemp('runs')}/runs.db"
    flows = create_app(service := Service(Orchestrator(world.AGENTS, store=store), world.FLOWS))
    asking = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=flows), base_url="http://127.0.0.1")
    heard: SimpleQueue[Mapping[str, str]] = SimpleQueue()
    clients: dict[str, BlockingClient] = {}

    async def who(visitor: HTTPConnection) -> BlockingClient | None:
        answer = await asking.get("/v1/session", headers={"Cookie": visitor.headers.get("cookie", "")})
        return clients.get(answer.json()["caller"]) if answer.status_code == 200 else None

    pages = streamlit_pages(who)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
        async with opened(flows), pages.lifespan()(app):
            made = [await service.keys.create(name, tenant=None, scopes={"read", "run"}, roles=()) for name in PEOPLE]
            heard.put(dict(zip(PEOPLE, [one.key for one in made], strict=True)))
            yield

    app = FastAPI(lifespan=lifespan)
    app.mount("/pages", pages)
    app.mount("/", flows)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    with listening("127.0.0.1", 0) as used, ExitStack() as stack:
        thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[used]),))
        thread.start()
        try:
            url, keys = address_of(used), heard.get(timeout=30)
            for name, key in keys.items():
                clients[name] = stack.enter_context(BlockingClient.at(url, key=key))
            yield House(url, {name: begun(url, key) for name, key in keys.items()})
        finally:
            server.should_exit = True
            thread.join(30)
            Runtime._instance = None


PEOPLE = ("ada", "bob")


def begun(url: str, key: str) -> httpx2.Cookies:
    """A session of somebody who has shown this key."""
    answer = httpx2.post(f"{url}/v1/session", headers={"Authorization": f"Bearer {key}"})
    assert answer.is_success, answer.text
    return answer.cookies


def test_nobody_enters_without_a_session(house: House) -> None:
    for path in ("/pages/", "/pages/_stcore/health"):
        assert httpx2.get(house.url + path).status_code == 403
        assert httpx2.get(house.url + path, headers={TICKET: "1"}).status_code == 403
    assert httpx2.get(f"{house.url}/pages/_stcore/stream", headers=HANDSHAKE).status_code == 403
    assert httpx2.get(f"{house.url}/pages/", cookies=house.sessions["ada"]).status_code == 200


def test_only_pages_of_the_same_house_show_these_in_a_frame(house: House) -> None:
    answer = httpx2.get(f"{house.url}/pages/", cookies=house.sessions["ada"])

    assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_page_of_elsewhere_opens_no_socket_with_the_session_of_somebody(house: House) -> None:
    elsewhere = {**HANDSHAKE, "Origin": "http://evil.example"}

    answer = httpx2.get(f"{house.url}/pages/_stcore/stream", headers=elsewhere, cookies=house.sessions["ada"])

    assert answer.status_code == 403


async def test_a_ticket_that_a_visitor_sends_is_thrown_away() -> None:
    ada, bob = BlockingClient.at("http://127.0.0.1:9"), BlockingClient.at("http://127.0.0.1:9")
    visitors, told = Visitors(), list[str]()

    async def who(visitor: HTTPConnection) -> BlockingClient | None:
        return {"a": ada, "b": bob}.get(visitor.cookies.get("session", ""))

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        told.extend(Headers(scope=scope).getlist(TICKET))

    for kind in ("http", "websocket"):
        headers = {"host": "a.test", "cookie": "session=b", TICKET: visitors.ticket(Visitor(client=ada))}
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope: Scope = {"type": kind, "method": "GET", "headers": sent, "path": "/", "query_string": b""}
        await _Entrance(page, who, visitors)(scope, _nothing, _nobody)

    assert told == [visitors.ticket(Visitor(client=bob))] * 2


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _nobody(message: Message) -> None:
    pass


async def test_who_has_signed_out_acts_no_more_in_an_open_page(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = BlockingClient.at("http://127.0.0.1:9"), BlockingClient.at("http://127.0.0.1:9")
    for now_is in (None, bob):
        asked = [0]
        heard, told = await _open_page(monkeypatch, ada, asked, then=now_is)

        assert heard == ["first", "second", "websocket.disconnect"]
        assert [one["type"] for one in told] == ["websocket.close"]
        assert told[0]["code"] == 1008
        # When it was opened, and when ten seconds were over.
        assert asked == [2]


async def _open_page(
    monkeypatch: pytest.MonkeyPatch,
    first: BlockingClient,
    asked: list[int],
    *,
    then: BlockingClient | None,
) -> tuple[list[str], list[Message]]:
    """A page that hears of two clicks, and of a third when its visitor is another: what it heard, what was told."""
    found: list[BlockingClient | None] = [first]
    clock = [0.0]
    monkeypatch.setattr("agentkit.interfaces.streamlit.mounting.current_time", lambda: clock[0])
    heard: list[str] = []
    told: list[Message] = []
    sent = iter(["first", "second", "third"])

    async def who(visitor: HTTPConnection) -> BlockingClient | None:
        asked[0] += 1
        return found[0]

    async def receive() -> Message:
        text = next(sent)
        if text == "third":
            found[0], clock[0] = then, clock[0] + 11
        return {"type": "websocket.receive", "text": text}

    async def send(message: Message) -> None:
        told.append(message)

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        while heard[-1:] != ["websocket.disconnect"]:
            message = await receive()
            heard.append(message.get("text") or message["type"])
        await send({"type": "websocket.send", "text": "too late"})

    scope: Scope = {"type": "websocket", "headers": [(b"host", b"a.test")], "path": "/", "query_string": b""}
    await _Entrance(page, who, Visitors())(scope, receive, send)
    return heard, told


@needs_chromium
def test_each_visitor_works_with_a_client_of_their_own(house: House) -> None:
    with chromium() as browser:
        for name, cookies in house.sessions.items():
            with window(browser, house.url, own=OWN_CONSOLE) as somebody:
                somebody.page.context.add_cookies(
                    [{"name": key, "value": value, "url": house.url} for key, value in cookies.items()]
                )
                page = visit(somebody, "/pages/execute?workflow=echo&way=JSON", "Execute workflow")
                page.get_by_label("Input as JSON").fill("[1]")
                page.get_by_role("button", name="Start", exact=True).click()
                page.get_by_text(f"by {name}").wait_for()

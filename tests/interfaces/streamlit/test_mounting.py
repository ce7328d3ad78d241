"""The pages inside another application: nobody enters whom it does not know, and each works with their own client."""

import asyncio
import threading
from collections.abc import Iterator
from queue import SimpleQueue

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.requests import HTTPConnection

from agentkit.client import BlockingClient
from agentkit.interfaces.streamlit import streamlit_pages
from agentkit.interfaces.streamlit.sharing import TICKET
from agentkit.service import Caller, address_of, listening
from tests.browsing import chromium, needs_chromium, window
from tests.interfaces.streamlit import world
from tests.interfaces.streamlit.serving import OWN_CONSOLE, visit
from tests.interfaces.streamlit.test_serving import HANDSHAKE

# Streamlit reads its files on the loop of the server.
pytestmark = pytest.mark.blocking

ADA = {"Cookie": "login=ada"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An application that knows ada and bob by a cookie, whose pages lie below /pages."""
    store = f"sqlite:///{tmp_path_factory.mktemp('runs')}/runs.db"
    bob = Caller(name="bob", scopes={"read", "run"}, tenant="elsewhere")
    with world.near(store) as hers, world.near(store, bob) as his:
        known: dict[str | None, BlockingClient] = {"ada": hers, "bob": his}

        async def who(visitor: HTTPConnection) -> BlockingClient | None:
            return known.get(visitor.cookies.get("login"))

        pages = streamlit_pages(who)
        app = FastAPI(lifespan=pages.lifespan())
        app.mount("/pages", pages)
        heard: SimpleQueue[str] = SimpleQueue()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))

        async def work() -> None:
            with listening("127.0.0.1", 0) as used:
                heard.put(address_of(used))
                await server.serve(sockets=[used])

        thread = threading.Thread(target=asyncio.run, args=(work(),))
        thread.start()
        try:
            yield f"{heard.get(timeout=30)}/pages"
        finally:
            server.should_exit = True
            thread.join(30)


def test_nobody_enters_whom_the_application_does_not_know(url: str) -> None:
    for path in ("/", "/_stcore/health", "/_stcore/stream"):
        assert httpx2.get(url + path).status_code == 403
        assert httpx2.get(url + path, headers={TICKET: "1", "Cookie": "login=eve"}).status_code == 403
    assert httpx2.get(f"{url}/_stcore/stream", headers={**HANDSHAKE, "Cookie": "login=eve"}).status_code == 403
    assert httpx2.get(f"{url}/", headers=ADA).status_code == 200


def test_a_page_of_elsewhere_opens_no_socket_with_the_cookie_of_somebody(url: str) -> None:
    elsewhere = {**HANDSHAKE, **ADA, "Origin": "http://evil.example"}

    assert httpx2.get(f"{url}/_stcore/stream", headers=elsewhere).status_code == 403


@needs_chromium
def test_each_visitor_works_with_a_client_of_their_own(url: str) -> None:
    with chromium() as browser:
        for name in ("ada", "bob"):
            with window(browser, url, own=OWN_CONSOLE) as somebody:
                somebody.page.context.add_cookies([{"name": "login", "value": name, "url": url}])
                page = visit(somebody, "/execute?workflow=echo&way=JSON", "Execute workflow")
                page.get_by_label("Input as JSON").fill("[1]")
                page.get_by_role("button", name="Start", exact=True).click()
                page.get_by_text(f"by {name}").wait_for()

"""Mounted in somebody else's application: below a prefix, behind their middleware, handlers and login."""

import gzip
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentkit import Orchestrator
from agentkit.interfaces.rest import create_app, opened
from agentkit.interfaces.rest.door import found_door
from agentkit.service import Desk, Service, Settings
from tests.interfaces.rest.site import AGENTS, FLOWS, Site, listening, problem, told

EVENTS = {"Accept": "text/event-stream"}


class Marked:
    """Plain middleware of the host: a header on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-host", b"shop")]
            await send(message)

        await self._app(scope, receive, marked)


async def timed(request: Request, call_next: Any) -> Any:
    """Middleware of the host that hands every answer on piece by piece."""
    response = await call_next(request)
    response.headers["X-Timed"] = "yes"
    return response


async def staff(x_staff: Annotated[str, Header()] = "") -> None:
    """The host's own login."""
    if not x_staff:
        raise HTTPException(401, "who are you?")


def hosted(flows: FastAPI) -> FastAPI:
    """A shop with a life, a login, handlers and middleware of its own, and the flows below `/flows`."""

    @asynccontextmanager
    async def lifespan(shop: FastAPI) -> AsyncGenerator[None, None]:
        shop.state.is_open = True
        async with opened(flows):
            yield
        shop.state.is_open = False

    async def anything(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse({"host": "broken"}, 500)

    async def refused(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return JSONResponse({"host": error.detail}, error.status_code)

    shop = FastAPI(lifespan=lifespan, dependencies=[Depends(staff)])
    shop.add_exception_handler(Exception, anything)
    shop.add_exception_handler(HTTPException, refused)
    shop.add_middleware(BaseHTTPMiddleware, dispatch=timed)
    shop.add_middleware(Marked)
    shop.add_middleware(GZipMiddleware, minimum_size=100)

    @shop.get("/own")
    async def own() -> str:
        return "own"

    @shop.get("/broken")
    async def broken() -> str:
        raise RuntimeError("broken")

    shop.mount("/flows", flows)
    return shop


@pytest.fixture
def mounted() -> Iterator[Site]:
    flows = create_app(
        Service(Orchestrator(AGENTS), FLOWS, direct=["greet"]), settings=Settings(rate=100_000, public_schema=True)
    )
    shop = hosted(flows)
    with TestClient(shop, base_url="http://localhost", raise_server_exceptions=False) as client:
        assert shop.state.is_open
        yield Site(client, flows)
    assert not shop.state.is_open
    assert not Site(client, flows).door.orchestrator.is_open


def start(place: Site, name: str = "Ada", **headers: str) -> httpx2.Response:
    body = {"workflow": "greet", "input": {"name": name}}
    return place.client.post("/flows/v1/operations", json=body, headers={**place.ada, **headers})


def test_places_and_links_are_below_the_prefix_and_lead_back(mounted: Site) -> None:
    locations = [start(mounted).headers["location"] for _ in range(3)]
    listed = mounted.client.get("/flows/v1/operations?limit=1", headers=mounted.ada)
    link = listed.headers["link"]
    second = mounted.client.get(link[1 : link.index(">")], headers=mounted.ada)
    body = {"agent_type": "greet", "data": {"name": "Ada"}}
    older = mounted.client.post("/flows/v1/tasks", json=body, headers=mounted.ada)

    assert all(one.startswith("/flows/v1/operations/") for one in [*locations, older.headers["location"]])
    assert [mounted.client.get(one, headers=mounted.ada).status_code for one in locations] == [200] * 3
    assert link.startswith("</flows/v1/operations?")
    assert second.json()["items"][0]["id"] == locations[1].rpartition("/")[2]
    assert older.headers["link"] == '</flows/v2/agents/execute>; rel="successor-version"'


def test_the_document_names_the_prefix_and_the_hosts_own_does_not_mix_with_it(mounted: Site) -> None:
    document = mounted.client.get("/flows/openapi.json").json()

    assert document["servers"] == [{"url": "/flows"}]
    assert "/v1/operations" in document["paths"]
    assert set(mounted.client.get("/openapi.json").json()["paths"]) == {"/own", "/broken"}


def test_middleware_of_the_host_goes_around_every_answer(mounted: Site) -> None:
    plain = mounted.client.get("/flows/v1/workflows", headers={**mounted.ada, "Accept-Encoding": "identity"})
    with mounted.client.stream(
        "GET", "/flows/v1/workflows", headers={**mounted.ada, "Accept-Encoding": "gzip"}
    ) as packed:
        raw = b"".join(packed.iter_raw())

    for response in (plain, packed):
        assert (response.headers["x-host"], response.headers["x-timed"]) == ("shop", "yes")
        assert response.headers["x-request-id"]
    assert packed.headers["content-encoding"] == "gzip"
    assert set(packed.headers["vary"].replace(" ", "").split(",")) == {"Accept", "Accept-Encoding"}
    assert json.loads(gzip.decompress(raw)) == plain.json()


def test_a_login_of_the_host_is_for_its_own_routes_and_keys_are_for_ours(mounted: Site) -> None:
    assert mounted.client.get("/own").json() == {"host": "who are you?"}
    assert mounted.client.get("/own", headers={"X-Staff": "eva"}).json() == "own"
    problem(mounted.client.get("/flows/v1/workflows", headers={"X-Staff": "eva"}), 401, "unauthenticated")
    assert mounted.client.get("/flows/v1/workflows", headers=mounted.ada).status_code == 200


def test_problems_keep_their_form_whatever_handlers_the_host_has(
    mounted: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(self: Desk) -> None:
        raise RuntimeError("inside")

    client, ada = mounted.client, mounted.ada
    problem(client.get("/flows/nix", headers=ada), 404, "not_found")
    problem(client.get("/flows/v1/operations/nix", headers=ada), 404, "not_found")
    problem(client.post("/flows/v1/operations", json={"nix": 1}, headers=ada), 422, "input_invalid")
    wrong = client.put("/flows/v1/operations/x", headers=ada)
    problem(wrong, 405, "method_not_allowed")
    assert wrong.headers["allow"] == "DELETE, GET"
    monkeypatch.setattr(Desk, "workflows", breaks)
    problem(client.get("/flows/v1/workflows", headers=ada), 500, "error")
    # And those of the host stay its own.
    assert client.get("/broken", headers={"X-Staff": "eva"}).json() == {"host": "broken"}


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_events_are_streamed_as_they_happen(encoding: str) -> None:
    flows = create_app(Service(Orchestrator(AGENTS), FLOWS), settings=Settings(authentication="none"))
    shop = hosted(flows)
    shop.state.door = found_door(flows)
    with listening(shop) as url:
        place = httpx2.post(f"{url}/flows/v1/operations", json={"workflow": "ask"}).headers["location"]
        asked = {**EVENTS, "Accept-Encoding": encoding}
        with httpx2.stream("GET", f"{url}{place}/events", headers=asked, timeout=10) as stream:
            events = told(stream.iter_lines())
            first = next(events)
            # The operation waits for this, so what was read came before its end.
            httpx2.post(f"{url}{place}/signals", json={"name": "answer"})
            types = [first.event, *(one.event for one in events)]

    assert (stream.headers["x-host"], stream.headers["x-timed"]) == ("shop", "yes")
    assert "content-encoding" not in stream.headers
    assert (types[0], types[-1]) == ("operation.accepted", "operation.completed")


def test_a_websocket_goes_through(mounted: Site) -> None:
    place = start(mounted).headers["location"].rpartition("/")[2]
    with mounted.client.websocket_connect(f"ws://localhost/flows/ws/progress/{place}", headers=mounted.ada) as talk:
        assert talk.receive_json()["type"] == "authenticated"
        while (page := talk.receive_json())["operation"]["status"] != "completed":
            pass
    assert page["operation"]["id"] == place


def test_the_cookie_of_a_session_goes_to_this_server_and_opens_what_is_below_the_prefix(mounted: Site) -> None:
    here = {"Origin": "http://localhost"}
    begun = mounted.client.post("/flows/v1/session", headers={**mounted.ada, **here})
    page = begun.json()
    seen = mounted.client.get("/flows/v1/workflows")
    body = {"workflow": "greet", "input": {"name": "Ada"}}
    changes = {**here, "X-CSRF-Token": page["csrf_token"]}
    started = mounted.client.post("/flows/v1/operations", json=body, headers=changes)
    ended = mounted.client.delete("/flows/v1/session", headers=changes)

    assert begun.status_code == 201
    assert begun.headers["set-cookie"].startswith("agentkit_session=")
    assert "Path=/flows;" in begun.headers["set-cookie"]
    assert "Path=/flows;" in ended.headers["set-cookie"]
    https = mounted.client.post("/flows/v1/session", headers={**mounted.ada, "Origin": "https://localhost"})
    assert https.headers["set-cookie"].startswith("__Secure-agentkit_session=")
    assert (seen.status_code, started.status_code, ended.status_code) == (200, 202, 204)
    problem(mounted.client.get("/flows/v1/workflows"), 401, "unauthenticated")

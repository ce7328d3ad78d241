"""The application as a whole: mounted elsewhere, described, closed, and safe when something breaks."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI, Request
from openapi_spec_validator import validate
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.testclient import TestClient

from agentkit import Orchestrator
from agentkit.errors import AgentKitError, StoreError, StoreUnavailable
from agentkit.interfaces.rest import create_app, opened
from agentkit.interfaces.rest.door import found_door
from agentkit.service import ApiAudit, Desk, Service, Settings
from tests.interfaces.rest.site import AGENTS, FLOWS, SECRET, Site, problem, site


def test_it_is_mounted_in_a_foreign_application_with_middleware_and_a_life_of_its_own() -> None:
    orchestrator = Orchestrator(AGENTS)
    app = create_app(Service(orchestrator, FLOWS), settings=Settings(authentication="none"))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None, None]:
        async with orchestrator:
            yield

    async def stamp(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["X-Foreign"] = "yes"
        return response

    foreign = FastAPI(lifespan=lifespan)
    foreign.add_middleware(BaseHTTPMiddleware, dispatch=stamp)
    foreign.mount("/flows", app)

    @foreign.get("/own")
    def own() -> str:
        return "own"

    with TestClient(foreign, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        started = client.post("/flows/v1/operations", json={"workflow": "greet", "input": {"name": "Ada"}})
        location = started.headers["location"]
        stream = client.get(f"{location}/events", headers={"Accept": "text/event-stream"})
        missing = client.get("/flows/v1/operations/nix")
        wrong = client.put(location)
        servers = client.get("/flows/openapi.json").json()["servers"]

        assert (client.get("/own").json(), started.headers["x-foreign"]) == ("own", "yes")
        assert location.startswith("/flows/v1/operations/")
        assert "operation.completed" in stream.text
        assert client.get(f"{location}/result").json()["output"] == "Hello Ada"
        problem(missing, 404, "not_found")
        problem(wrong, 405, "method_not_allowed")
        assert wrong.headers["allow"] == "DELETE, GET"
        assert servers == [{"url": "/flows"}]
    assert not orchestrator.is_open


def test_an_application_opens_and_closes_the_orchestrator_by_itself_and_may_start_again() -> None:
    orchestrator = Orchestrator(AGENTS)
    app = create_app(orchestrator, settings=Settings(authentication="none"))
    for _ in range(2):
        with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
            assert client.get("/readyz").status_code == 200
            assert [one["name"] for one in client.get("/v1/agents/capabilities").json()["items"]][:1] == ["broken"]
        assert not orchestrator.is_open


def test_a_service_that_is_not_open_is_alive_and_not_ready() -> None:
    app = create_app(Orchestrator(AGENTS))
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)

    assert client.get("/livez").status_code == 200
    problem(client.get("/readyz"), 503, "closed")
    problem(client.get("/v1/workflows", headers={"X-API-Key": "agk_x_y"}), 503, "closed")


def test_p21_whoever_asks_often_whether_it_is_ready_has_the_store_asked_seldom(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, list_them = list[int](), shop.door.orchestrator.list

    async def counted(**more: Any) -> Any:
        asked.append(1)
        return await list_them(**more)

    monkeypatch.setattr(shop.door.orchestrator, "list", counted)
    monkeypatch.setattr("agentkit.interfaces.rest.door._LOOK_SECONDS", 3_600)
    for path in ["/readyz", "/v1/health"] * 10:
        assert shop.client.get(path).status_code == 200

    assert len(asked) <= 1


async def test_what_was_read_of_a_store_is_forgotten_also_where_somebody_else_closes_it() -> None:
    async with Orchestrator(AGENTS) as orchestrator:
        app = create_app(Service(orchestrator, FLOWS), settings=Settings(authentication="none"))
        door, found = found_door(app), list[object]()
        for _ in range(2):
            async with opened(app):
                found.append(door.ended_sessions)

        assert found[0] is not found[1]
        assert orchestrator.is_open


async def test_an_audit_log_that_cannot_begin_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: ApiAudit) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(ApiAudit, "open", breaks)
    orchestrator = Orchestrator(AGENTS)
    with pytest.raises(RuntimeError, match="no room"):
        async with opened(create_app(Service(orchestrator, FLOWS))):
            raise AssertionError

    assert not orchestrator.is_open


def test_p28_a_server_that_ends_takes_no_work() -> None:
    with site() as shop:
        headers = shop.ada
        shop.door.draining.set()
        response = shop.client.post("/v1/operations", json={"workflow": "ask"}, headers=headers)

        problem(response, 503, "closed")
        assert response.headers["retry-after"] == "1"
        assert shop.client.get("/livez").status_code == 200
        problem(shop.client.get("/readyz"), 503, "closed")


BROKEN = [
    (StoreUnavailable(f"cannot open /srv/{SECRET}.db"), 503, "store_unavailable", True),
    (StoreError(f"postgres://user:{SECRET}@db/x"), 503, "store_error", False),
    (AgentKitError(SECRET), 500, "error", False),
    (RuntimeError(f"/srv/{SECRET}"), 500, "error", False),
    (UnicodeEncodeError("utf-8", "\ud800", 0, 1, SECRET), 500, "error", False),
    (RecursionError(SECRET), 500, "error", False),
]


@pytest.mark.parametrize(("error", "status", "code", "retryable"), BROKEN, ids=lambda one: type(one).__name__)
def test_p25_what_breaks_inside_is_told_by_its_id_alone(
    shop: Site,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    error: Exception,
    status: int,
    code: str,
    retryable: bool,
) -> None:
    async def breaks(self: Desk) -> None:
        raise error

    headers = {**shop.ada, "X-Request-ID": "look-for-me"}
    monkeypatch.setattr(Desk, "workflows", breaks)
    response = shop.client.get("/v1/workflows", headers=headers)

    assert problem(response, status, code)["retryable"] == retryable
    for forbidden in (SECRET, "Traceback", "/srv", "postgres"):
        assert forbidden not in response.text
    assert "look-for-me" in caplog.text


def test_p25_what_is_sent_is_not_repeated_but_for_names(shop: Site) -> None:
    body = {"workflow": "greet", "priority": SECRET, "input": SECRET, "password": SECRET}
    response = shop.client.post("/v1/operations", json=body, headers=shop.ada)

    problem(response, 422, "input_invalid")
    assert SECRET not in response.text


def test_the_document_is_valid_and_complete(shop: Site) -> None:
    document = shop.client.get("/openapi.json", headers=shop.ada).json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]

    validate(document)
    assert document["openapi"] == "3.1.0"
    assert len(set(names)) == len(names) >= 30
    assert list(document["webhooks"]) == [
        "operation.completed",
        "operation.failed",
        "operation.cancelled",
        "operation.progress",
    ]
    (body,) = document["webhooks"]["operation.failed"]["post"]["requestBody"]["content"].values()
    assert body["schema"] == {"$ref": "#/components/schemas/OperationEnded"}
    assert document["components"]["schemas"]["SubmitRequest"]["properties"]["workflow"]["examples"] == ["royalties"]
    assert set(document["components"]["securitySchemes"]) == {"apiKey", "bearer", "session"}
    for operation in operations:
        assert operation["description"]
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
        assert "422" not in operation["responses"]


def test_the_document_needs_a_key_unless_it_is_made_public(shop: Site) -> None:
    problem(shop.client.get("/openapi.json"), 401, "unauthenticated")
    with site(public_schema=True) as other:
        assert other.client.get("/openapi.json").status_code == 200
        for path in ("/docs", "/redoc"):
            problem(other.client.get(path), 404, "not_found")


def test_every_answer_is_safe_for_a_browser(shop: Site) -> None:
    for path in ("/livez", "/nix", "/v1/workflows"):
        headers = shop.client.get(path, headers=shop.ada).headers
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_two_applications_do_not_notice_each_other() -> None:
    with site() as first, site() as second:
        first.greeted()
        problem(second.client.get("/v1/workflows", headers=first.ada), 401, "unauthenticated")
        assert second.door.figures.requests == 1


def test_p21_a_thousand_bad_requests_leave_the_server_as_it_was(shop: Site) -> None:
    began = time.monotonic()
    for number in range(300):
        headers = {**shop.ada, "Content-Type": "application/json"}
        response = shop.client.post("/v1/operations", content=b"[" * number, headers=headers)
        assert response.status_code in (400, 422)
    assert shop.client.get("/readyz").status_code == 200
    assert time.monotonic() - began < 60

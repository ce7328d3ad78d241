"""The page in the application of the API: who visits is who their session or key says they are."""

from collections.abc import Iterator
from typing import cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from agentkit import Orchestrator
from agentkit.client import Client
from agentkit.interfaces.gradio import mount_gradio
from agentkit.interfaces.rest import create_app, visitors
from agentkit.service import ApiKeys, Service, Settings
from agentkit.wire import Calls, OperationPage
from tests.interfaces.gradio.world import AGENTS, WORKFLOWS

pytestmark = pytest.mark.blocking


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[TestClient, str, str]]:
    """The application, and the keys of two tenants."""
    orchestrator = Orchestrator(AGENTS)
    app = create_app(Service(orchestrator, WORKFLOWS), settings=Settings(trusted_hosts=("localhost",)))
    mount_gradio(app, visitors(app), "broken", path="/pages")

    async def key(tenant: str) -> str:
        return (await ApiKeys(orchestrator.store, now=orchestrator.now).create(tenant, tenant=tenant)).key

    with TestClient(app, base_url="http://localhost") as client:
        assert client.portal is not None
        yield client, client.portal.call(key, "acme"), client.portal.call(key, "other")


def call(client: TestClient, name: str, *data: object, **headers: str) -> str:
    begun = client.post(f"/pages/gradio_api/call/{name}", json={"data": data}, headers=headers)
    if begun.status_code != 200:
        return str(begun.status_code)
    return client.get(f"/pages/gradio_api/call/{name}/{begun.json()['event_id']}", headers=headers).text


@pytest.mark.parametrize("path", ["/pages/", "/pages/config", "/pages/gradio_api/info"])
def test_who_is_not_known_gets_nothing(site: tuple[TestClient, str, str], path: str) -> None:
    client, key, _ = site
    client.cookies.clear()
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_each_visitor_sees_what_belongs_to_them(site: tuple[TestClient, str, str]) -> None:
    client, key, other = site
    started = call(client, "start", None, "", "", "normal", Authorization=f"Bearer {key}")
    operation = started.partition('"id": "')[2].partition('"')[0]
    assert operation
    assert operation in call(client, "operation", operation, Authorization=f"Bearer {key}")
    assert "event: error" in call(client, "operation", operation, Authorization=f"Bearer {other}")


def test_the_session_of_a_browser_opens_the_page_and_other_sites_cannot_use_it(
    site: tuple[TestClient, str, str],
) -> None:
    client, key, _ = site
    client.cookies.clear()
    origin = {"Origin": "http://localhost"}
    client.post("/v1/session", headers={"Authorization": f"Bearer {key}", **origin})
    assert client.get("/pages/").status_code == 200
    assert "event: complete" in call(client, "workflows", **origin)
    assert call(client, "workflows", Origin="http://evil.test") == "401"
    cookies = dict(client.cookies)
    client.delete("/v1/session", headers={"X-CSRF-Token": client.get("/v1/session").json()["csrf_token"], **origin})
    # A browser that keeps the cookie of a session that ended: it is the server that knows it no more.
    client.cookies.update(cookies)
    assert client.get("/pages/").status_code == 401
    client.cookies.clear()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/pages/gradio_api/heartbeat/ada"),
        ("GET", "/pages/gradio_api/openapi.json"),
        ("GET", "/pages/gradio_api/startup-events"),
        ("POST", "/pages/gradio_api/reset"),
    ],
)
def test_no_route_is_open_to_who_is_not_known(site: tuple[TestClient, str, str], method: str, path: str) -> None:
    client, _, _ = site
    client.cookies.clear()
    assert client.request(method, path, json={} if method == "POST" else None).status_code == 401


@pytest.mark.parametrize("path", ["/pages/gradio_api/call/start", "/pages/gradio_api/upload"])
def test_nothing_of_a_body_is_read_of_who_is_not_known(site: tuple[TestClient, str, str], path: str) -> None:
    client, _, _ = site
    client.cookies.clear()
    sent: list[int] = []

    def body() -> Iterator[bytes]:
        for part in range(64):
            sent.append(part)
            yield b" " * 1_000_000

    # The client of the tests sends what is asked for, and no more.
    assert client.post(path, content=body(), headers={"Content-Type": "application/json"}).status_code == 401
    assert len(sent) <= 1


@pytest.mark.parametrize(("path", "most"), [("call/start", 1_000_000), ("upload", 21_000_000)])
@pytest.mark.parametrize("is_told", [True, False])
def test_a_body_is_bounded(site: tuple[TestClient, str, str], path: str, most: int, is_told: bool) -> None:
    client, key, _ = site
    kind = "multipart/form-data; boundary=b" if path == "upload" else "application/json"
    whole = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + b" " * most
    content = whole if is_told else iter([whole[:900_000], whole[900_000:]])
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    assert client.post(f"/pages/gradio_api/{path}", content=content, headers=headers).status_code == 413


class Broken:
    """A place where somebody made a mistake."""

    async def operation(self, _id: str) -> OperationPage:
        raise RuntimeError("no connection to postgres://ada:secret@db/runs")


def test_p25_a_mistake_in_the_program_shows_nothing_of_itself() -> None:
    app = mount_gradio(FastAPI(), Client(cast("Calls", Broken())), path="/pages")
    with TestClient(app) as client:
        said = call(client, "operation", "1m8b")
    assert "event: error" in said
    assert "postgres" not in said
    assert "Traceback" not in said

"""A server with a few workflows, and callers with keys, for tests of the REST door."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx2
from fastapi import FastAPI
from starlette.testclient import TestClient

from agentkit import Approval, GiveUp, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.interfaces.rest import create_app
from agentkit.interfaces.rest.door import Door, found_door
from agentkit.interfaces.rest.serving import _config, _Server
from agentkit.service import Service, Settings

SECRET = "sk-this-is-a-secret"


@agent
async def greet(task: Task[dict[str, str]]) -> str:
    """Says hello."""
    await task.attach("greeting ü.txt", b"hello", media_type="text/plain")
    return f"Hello {task.input['name']}"


@agent
async def broken(task: Task[Any]) -> str:
    raise GiveUp("there is no ink")


@agent
async def pay(task: Task[Any]) -> Any:
    return dict(task.approval_given.form) if task.approval_given else None


@agent
async def slow(task: Task[Any]) -> str:
    await anyio.sleep(0.2)
    return "slow"


@agent
async def report(task: Task[dict[str, Any]]) -> str:
    return f"{task.input['period']} {task.input['formats']}"


GREET = Workflow("greet", [Stage("greet", agent="greet", instruction="Greet {name}")], description="Says hello")
BROKEN = Workflow("broken", [Stage("print", agent="broken", retry=RetryPolicy(attempts=1))])
PAY = Workflow("pay", [Stage("pay", agent="pay", approval=Approval(by={"finance"}, form={"amount": "decimal"}))])
ASK = Workflow("ask", [Stage("ask", signal="answer")])
REPORT = Workflow("report", [Stage("report", agent="report")])
CRAWL = Workflow("crawl", [Stage(f"step{n}", agent="slow", after=[f"step{n - 1}"] if n else []) for n in range(5)])
AGENTS = [greet, broken, pay, slow, report]
FLOWS = [GREET, BROKEN, PAY, ASK, REPORT, CRAWL]

Headers = dict[str, str]


@dataclass
class Site:
    """A server in this process.

    Attributes:
        client: Asks it, without a key.
        app: What serves.
    """

    client: TestClient
    app: FastAPI
    callers: dict[str, Headers] = field(default_factory=dict)

    @property
    def door(self) -> Door:
        return found_door(self.app)

    def caller(self, name: str, **more: Any) -> Headers:
        """The headers of somebody with a key."""
        if name not in self.callers:
            assert self.client.portal is not None
            made = self.client.portal.call(lambda: self.door.keys.create(name, **more))
            self.callers[name] = {"Authorization": f"Bearer {made.key}"}
        return self.callers[name]

    @property
    def admin(self) -> Headers:
        return self.caller("root", scopes={"admin"})

    @property
    def ada(self) -> Headers:
        """Somebody of the tenant acme."""
        return self.caller("ada", tenant="acme", scopes={"read", "run", "approve"}, roles={"finance"})

    @property
    def bob(self) -> Headers:
        """Somebody else of the tenant acme."""
        return self.caller("bob", tenant="acme", scopes={"read", "run", "approve"}, roles={"finance"})

    @property
    def eve(self) -> Headers:
        """An admin of another tenant, whose name begins with that of the first."""
        return self.caller("eve", tenant="acme-corp", scopes={"admin"}, roles={"finance"})

    def start(self, workflow: str, given: Any = None, *, by: Headers | None = None) -> str:
        """Start an operation; its id."""
        body = {"workflow": workflow, "input": given}
        response = self.client.post("/v1/operations", json=body, headers=by or self.ada)
        assert response.status_code == 202, response.text
        return str(response.json()["id"])

    def ended(self, operation_id: str, *, by: Headers | None = None) -> dict[str, Any]:
        """Follow it to its end; the page."""
        headers = {**(by or self.ada), "Accept": "text/event-stream"}
        with self.client.stream("GET", f"/v1/operations/{operation_id}/events", headers=headers) as stream:
            for _ in stream.iter_lines():
                pass
        found = self.client.get(f"/v1/operations/{operation_id}", headers=by or self.ada).json()
        assert isinstance(found, dict)
        return found

    def greeted(self) -> str:
        """An operation that is completed; its id."""
        operation_id = self.start("greet", {"name": "Ada"})
        assert self.ended(operation_id)["status"] == "completed"
        return operation_id


@contextmanager
def site(
    *,
    direct: tuple[str, ...] = (),
    modules: dict[str, list[str]] | None = None,
    address: str = "testclient",
    **settings: Any,
) -> Iterator[Site]:
    """A server in this process, for a while."""
    service = Service(Orchestrator(AGENTS), FLOWS, direct=direct, modules=modules)
    app = create_app(service, settings=Settings(**settings))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False, client=(address, 1)) as client:
        yield Site(client, app)


def served(store: str = "memory://", **settings: Any) -> FastAPI:
    """An application that asks nobody of this machine for a key."""
    return create_app(
        Service(Orchestrator(AGENTS, store=store), FLOWS), settings=Settings(authentication="none", **settings)
    )


@contextmanager
def listening(app: FastAPI, *, buffer: int | None = None) -> Generator[str, None, None]:
    """A real server on a free port of this machine, in a thread; its address. It drains before it ends.

    Args:
        app: What is served.
        buffer: How much of what is sent the system keeps for a client that does not read; None leaves it to the system.
    """
    server = _Server(_config(app), found_door(app))
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    if buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < end, "the server does not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server does not end"


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a stream."""

    id: str
    event: str
    data: str


def told(lines: Iterator[str]) -> Iterator[Told]:
    """The events of a stream of lines."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if fields:
                yield Told(fields.get("id", ""), fields.get("event", ""), fields.get("data", ""))
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def read_events(url: str, operation_id: str, headers: Headers, *, after: str = "0", most: int = 1_000) -> list[Told]:
    """At most so many events of an operation, after this one."""
    asked = {**headers, "Accept": "text/event-stream", "Last-Event-ID": after}
    found: list[Told] = []
    with (
        contextlib.suppress(httpx2.RemoteProtocolError),
        httpx2.stream("GET", f"{url}/v1/operations/{operation_id}/events", headers=asked, timeout=20) as stream,
    ):
        for one in told(stream.iter_lines()):
            found.append(one)
            if len(found) >= most:
                break
    return found


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer, which is one as RFC 9457 says."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json"), (
        response.text
    )
    found = json.loads(response.text)
    assert (found["status"], found["code"], found["type"]) == (status, code, f"urn:agentkit:problem:{code}")
    assert found["instance"] == response.headers["x-request-id"]
    return dict(found)

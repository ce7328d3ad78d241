"""Every route of the documents, one by one by name, with the fields that they send and read."""

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from agentkit import Approval, GiveUp, Limits, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.interfaces.rest import create_app
from agentkit.service import Service, Settings, usual
from tests.interfaces.rest.receiver import SECRET, Receiver, receiving
from tests.interfaces.rest.site import Headers, Site, problem

BUSY = threading.Event()
"""Set as long as nobody holds the room of the office."""

CREATED = {
    "task": "Sum {it} up",
    "agent_type": "add",
    "priority": "high",
    "timeout": 20,
    "metadata": {"month": "2025-11", "team": "finance"},
}


@agent
async def add(task: Task[list[int]]) -> dict[str, object]:
    """Adds up what it is given."""
    task.progress(0.5, "half of it")
    await task.attach("sum.txt", str(sum(task.input)).encode(), media_type="text/plain")
    return {"sum": sum(task.input), "said": task.instruction}


@agent
async def lose(task: Task[Any]) -> str:
    """Fails."""
    raise GiveUp("the ledger is locked")


@agent
def hold(task: Task[Any]) -> str:
    """Keeps the room until the test lets it go."""
    assert BUSY.wait(20)
    return "held"


@agent
async def write(task: Task[dict[str, object]]) -> dict[str, object]:
    """Writes a report."""
    await task.attach("report.csv", b"month;sum\n2025-11;25.00\n", media_type="text/csv")
    return dict(task.input)


FLOWS = [
    Workflow("total", [Stage("add", agent="add")], description="Adds up"),
    Workflow("report", [Stage("write", agent="write")]),
    Workflow("ledger", [Stage("lose", agent="lose", retry=RetryPolicy(attempts=1))]),
    Workflow("halves", [Stage("add", agent="add"), Stage("wait", signal="go", after=["add"])]),
    Workflow("held", [Stage("hold", agent="hold")], timeout=30),
    Workflow("pay", [Stage("add", agent="add", approval=Approval(by={"finance"}))]),
]


@dataclass
class Office(Site):
    """A server with room for one attempt at a time, which announces ends."""

    receiver: Receiver = field(default_factory=Receiver)

    def post(self, path: str, body: dict[str, object], *, by: Headers | None = None, key: str = "") -> dict[str, Any]:
        """Start something; what is answered."""
        headers = {**(by or self.ada), **({"Idempotency-Key": key} if key else {})}
        response = self.client.post(path, json=body, headers=headers)
        assert response.status_code == 202, response.text
        page = response.json()
        assert response.headers["location"] == f"/v1/operations/{page['operation_id']}"
        return dict(page)

    def status(self, path: str) -> dict[str, Any]:
        response = self.client.get(path, headers=self.ada)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def items(self, path: str) -> list[dict[str, Any]]:
        return list(self.status(path)["items"])

    def until(self, path: str, status: str, progress: float = 0.0) -> dict[str, Any]:
        """What a route says once the operation stands so, and is so far."""
        end = time.monotonic() + 5
        while (page := self.status(path))["status"] != status or page["progress"] < progress:
            assert time.monotonic() < end, page
            time.sleep(0.01)
        return page

    def check_started(self, path: str, body: dict[str, object], *, by: Headers | None = None) -> dict[str, Any]:
        """Start something that adds 1, 2 and 3 up with everything the documents say, and follow it to its end."""
        before = len(self.receiver.told)
        page = self.post(path, {**body, "callback_url": self.receiver.url}, by=by)
        announced = self.receiver.heard(before + 1)[before].verified(self.secret(by or self.ada))
        done = self.client.get(f"/v1/tasks/{page['operation_id']}/status", headers=by or self.ada).json()
        shown = self.client.get(f"/v1/operations/{page['operation_id']}", headers=by or self.ada).json()

        assert (announced["type"], announced["data"]["id"]) == ("operation.completed", page["operation_id"])
        assert (done["status"], done["error"], done["progress"]) == ("completed", None, 100.0)
        assert done["processing_time"] > 0
        assert (done["queue_position"], done["estimated_completion"]) == (None, None)
        assert (done["metadata"], shown["priority"]) == (body["metadata"], body["priority"])
        return dict(done)

    def secret(self, by: Headers) -> str:
        """What verifies announcements to the tenant of a caller."""
        webhooks = self.door.service.webhooks
        assert webhooks is not None
        return webhooks.secret(None if by is self.admin else "acme")

    @contextmanager
    def busy(self) -> Generator[str]:
        """Have all room taken for a while, by an operation of this id."""
        BUSY.clear()
        held = self.start("held")
        self.until(f"/v2/operations/{held}/status", "running")
        try:
            yield held
        finally:
            BUSY.set()


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    # Who holds the room waits in a thread of its own.
    orchestrator = Orchestrator([add, lose, hold, write], limits=Limits(max_parallel=1))
    service = Service(orchestrator, FLOWS, direct=["add", "lose", "hold"], modules={"shop.agents": ["add", "write"]})
    settings = Settings(rate=100_000, webhook_secrets=(SecretStr(SECRET),), webhook_hosts=("127.0.0.1",))
    app = create_app(service, settings=settings)
    with (
        receiving() as receiver,
        TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client,
    ):
        yield Office(client, app, receiver=receiver)


def test_post_v1_agents_execute(office: Office) -> None:
    done = office.check_started("/v1/agents/execute", {**CREATED, "data": [1, 2, 3]})

    assert done["result"] == {"sum": 6, "said": "Sum {it} up"}
    assert (done["workflow"], done["agents"]) == ("add", ["add"])
    both = {**CREATED, "data": [1], "input_data": [1]}
    problem(office.client.post("/v1/agents/execute", json=both, headers=office.ada), 422, "input_invalid")
    problem(
        office.client.post("/v1/agents/execute", json={**CREATED, "priority": "urgent"}, headers=office.ada),
        422,
        "input_invalid",
    )


def test_post_v2_agents_execute(office: Office) -> None:
    done = office.check_started("/v2/agents/execute", {**CREATED, "input_data": [1, 2, 3], "priority": "low"})

    assert done["result"] == {"sum": 6, "said": "Sum {it} up"}


def test_post_v1_tasks(office: Office) -> None:
    done = office.check_started("/v1/tasks", {**CREATED, "data": [1, 2, 3], "priority": "normal"})

    assert (done["workflow"], done["result"]["sum"]) == ("add", 6)


def test_get_v1_tasks_status_tells_a_place_in_line_and_when_it_is_likely_to_be_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is usual is kept in mind for ten seconds: here it is looked up each time.
    monkeypatch.setattr(usual, "_FRESH_SECONDS", 0.0)
    # The newest run of this agent took as long as this one was held up, some tenths of a second.
    with office.busy():
        first = office.post("/v1/tasks", {"agent_type": "hold", "task": "wait"})["operation_id"]
        held = office.status(f"/v1/tasks/{first}/status")
        began = time.monotonic()
        while time.monotonic() - began < 0.5:
            assert office.status(f"/v1/tasks/{first}/status")["status"] != "completed"
    assert held["estimated_completion"] is None
    assert office.until(f"/v1/tasks/{first}/status", "completed")["result"] == "held"

    with office.busy():
        second = office.post("/v1/tasks", {"agent_type": "hold", "task": "wait", "priority": "low"})
        third = office.post("/v1/tasks", {"agent_type": "hold", "task": "wait", "priority": "high"})
        places = [office.status(f"/v1/tasks/{one['operation_id']}/status")["queue_position"] for one in (second, third)]

    assert sorted(places) == [1, 2]
    assert second["queue_position"] == 1
    assert second["status"] == "pending"
    assert (second["progress"], second["result"], second["error"]) == (0.0, None, None)
    earlier, later = (office.status(f"/v1/operations/{one}") for one in (first, second["operation_id"]))
    created, ended, begun = (
        datetime.fromisoformat(text) for text in (earlier["created_at"], earlier["updated_at"], later["created_at"])
    )
    ends = datetime.fromisoformat(second["estimated_completion"])
    assert ends.tzinfo == UTC
    # A second has more digits than a microsecond shows.
    assert abs(ends - (begun + (ended - created))) < timedelta(microseconds=5)
    for one in (second, third):
        office.until(f"/v1/tasks/{one['operation_id']}/status", "completed")


def test_get_v1_tasks_status_tells_the_error_of_what_failed(office: Office) -> None:
    page = office.post("/v1/tasks", {"agent_type": "lose", "metadata": {"why": "test"}})
    failed = office.until(f"/v1/tasks/{page['operation_id']}/status", "failed")

    assert failed["error"]["code"] == "give_up"
    assert "the ledger is locked" in failed["error"]["message"]
    assert (failed["result"], failed["agents"], failed["metadata"]) == (None, ["lose"], {"why": "test"})
    assert failed["processing_time"] > 0


def test_a_task_ends_when_its_timeout_is_over(office: Office) -> None:
    BUSY.clear()
    try:
        page = office.post("/v1/tasks", {"agent_type": "hold", "timeout": 0.05})
        failed = office.until(f"/v1/tasks/{page['operation_id']}/status", "failed")
    finally:
        BUSY.set()

    assert "0.05" in failed["error"]["message"]


def test_post_v1_workflows_execute(office: Office) -> None:
    body = {name: value for name, value in CREATED.items() if name not in ("task", "agent_type")}
    done = office.check_started("/v1/workflows/execute", {**body, "workflow": "total", "input_data": [1, 2, 3]})

    assert (done["workflow"], done["result"]["sum"], done["agents"]) == ("total", 6, ["add"])


def test_post_v1_workflows_execute_with_a_workflow_config(office: Office) -> None:
    body = {name: value for name, value in CREATED.items() if name not in ("task", "agent_type")}
    config = {"name": "mine", "stages": [{"name": "one", "agent": "add", "instruction": "add"}]}
    path, asked = "/v1/workflows/execute", {**body, "workflow_config": config, "data": [1, 2, 3]}
    done = office.check_started(path, asked, by=office.admin)

    assert (done["workflow"], done["result"]["said"]) == ("mine", "add")
    problem(office.client.post(path, json=asked, headers=office.ada), 403, "not_allowed")


@pytest.mark.parametrize(("timeout", "counts"), [(0.05, 0.05), (3_600, 30)])
def test_a_workflow_ends_when_its_timeout_or_that_of_its_caller_is_over(
    office: Office, timeout: float, counts: float
) -> None:
    BUSY.clear()
    try:
        page = office.post("/v1/workflows/execute", {"workflow": "held", "timeout": timeout})
        events = office.client.get(f"/v1/operations/{page['operation_id']}/events", headers=office.ada).json()
        if timeout < 1:
            ended = office.until(f"/v1/workflows/{page['operation_id']}/status", "failed")
            assert "longer than 0.05 s" in ended["error"]["message"]
    finally:
        BUSY.set()

    assert events["items"][0]["data"]["workflow"]["timeout"] == counts
    office.until(f"/v1/workflows/{page['operation_id']}/status", "failed" if timeout < 1 else "completed")


def test_get_v1_workflows(office: Office) -> None:
    found = office.items("/v1/workflows")

    assert [line["name"] for line in found] == ["halves", "held", "ledger", "pay", "report", "total"]
    assert (found[-1]["description"], found[-1]["stages"]) == ("Adds up", 1)


def test_get_v1_workflows_status_tells_how_far_it_is(office: Office) -> None:
    page = office.post("/v1/workflows/execute", {"workflow": "halves", "data": [1, 2]})
    path = f"/v1/workflows/{page['operation_id']}/status"
    half = office.until(path, "running", 50.0)
    office.client.post(f"/v1/operations/{page['operation_id']}/signals", json={"name": "go"}, headers=office.ada)
    done = office.until(path, "completed")

    assert (half["progress"], half["result"], half["agents"]) == (50.0, None, ["add"])
    assert done["progress"] == 100.0
    assert done["processing_time"] >= half["processing_time"] > 0


def test_get_v1_agents_capabilities(office: Office) -> None:
    found = office.items("/v1/agents/capabilities")

    assert [line["name"] for line in found] == ["add", "hold", "lose", "write"]
    assert found[0]["input"] == {"items": {"type": "integer"}, "type": "array"}


def test_post_v1_agents(office: Office) -> None:
    response = office.client.post("/v1/agents", json={"module": "shop.agents"}, headers=office.admin)

    assert [line["name"] for line in response.json()["agents"]] == ["add", "write"]
    problem(office.client.post("/v1/agents", json={"module": "shop.agents"}, headers=office.ada), 403, "not_allowed")
    problem(office.client.post("/v1/agents", json={"module": "os"}, headers=office.admin), 403, "not_allowed")


def test_get_v1_health(office: Office) -> None:
    response = office.client.get("/v1/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_get_v2_operations_status(office: Office) -> None:
    page = office.post("/v2/agents/execute", {"agent_type": "add", "data": [4]})
    path = f"/v2/operations/{page['operation_id']}/status"

    assert office.until(path, "completed")["result"]["sum"] == 4
    problem(office.client.get(path, headers=office.eve), 404, "not_found")


def test_delete_v2_operations(office: Office) -> None:
    with office.busy() as held:
        waiting = office.post("/v2/agents/execute", {"agent_type": "add", "data": [4]})["operation_id"]
        answers = [office.client.delete(f"/v2/operations/{one}", headers=office.ada) for one in (waiting, held)]

    assert [response.status_code for response in answers] == [200, 200]
    for cancelled in (held, waiting):
        found = office.until(f"/v2/operations/{cancelled}/status", "cancelled")
        assert (found["result"], found["error"]["code"]) == (None, "operation_cancelled")


def test_get_v2_health_detailed(office: Office) -> None:
    with office.busy():
        waiting = office.post("/v1/tasks", {"agent_type": "add", "data": [4]})["operation_id"]
        found = office.client.get("/v2/health/detailed", headers=office.admin).json()
    office.until(f"/v2/operations/{waiting}/status", "completed")

    assert (found["ok"], found["agents"], found["workflows"]) == (True, 4, 6)
    assert (found["active"] >= 2, found["waiting"] >= 1, found["uptime_seconds"] > 0) == (True, True, True)
    queue = found["queue"]
    assert (queue["waiting"] >= 1, queue["running"] >= 1, queue["oldest_seconds"] >= 0) == (True, True, True)
    assert queue["by_priority"]["normal"] == queue["waiting"]
    assert found["resources"]["threads"] >= 1
    assert found["requests"] > 0


def test_get_v2_metrics_prometheus(office: Office) -> None:
    with office.busy():
        waiting = office.post("/v1/tasks", {"agent_type": "add", "data": [4]})["operation_id"]
        text = office.client.get("/v2/metrics/prometheus", headers=office.admin).text
    office.until(f"/v2/operations/{waiting}/status", "completed")

    assert "agentkit_queue_depth 1.0" in text
    assert 'agentkit_http_requests_total{method="POST",route="/v1/tasks",status="2xx"}' in text


def test_get_v2_admin_operations(office: Office) -> None:
    mine = office.start("pay", [1])
    theirs = office.start("pay", [1], by=office.eve)
    found = office.client.get("/v2/admin/operations?limit=1", headers=office.admin)
    link = found.headers["link"]
    second = office.client.get(link[1 : link.index(">")], headers=office.admin)

    assert {one["id"] for page in (found, second) for one in page.json()["items"]} == {mine, theirs}
    problem(office.client.get("/v2/admin/operations", headers=office.ada), 403, "not_allowed")


def test_post_api_reports_generate(office: Office) -> None:
    said = {"period": "2025-11", "formats": ["pdf", "csv"], "charts": False, "quality_threshold": 0.9}
    about = {"priority": "high", "timeout": 20, "metadata": {"team": "finance"}}
    done = office.check_started("/api/reports/generate", {**said, **about})
    files = office.items(f"/v1/operations/{done['operation_id']}/artifacts")

    # What is said of the run is none of the report's business.
    assert done["result"] == {**said, "include_raw_data": False}
    assert (done["workflow"], [line["name"] for line in files]) == ("report", ["report.csv"])


def test_get_api_system_status(office: Office) -> None:
    with office.busy():
        found = office.status("/api/system/status")

    assert (found["status"], found["agents"]) == ("ok", ["add", "hold", "lose", "write"])
    assert (found["open_operations"] >= 1, "total" in found["workflows"]) == (True, True)


@pytest.mark.parametrize(
    ("method", "path", "successor"),
    [
        ("POST", "/v1/agents/execute", "/v2/agents/execute"),
        ("POST", "/v1/tasks", "/v2/agents/execute"),
        ("POST", "/v1/workflows/execute", "/v1/operations"),
        ("POST", "/api/reports/generate", "/v1/operations"),
        ("GET", "/v1/tasks/{id}/status", "/v1/operations"),
        ("GET", "/v1/workflows/{id}/status", "/v1/operations"),
        ("GET", "/v2/operations/{id}/status", "/v1/operations"),
        ("DELETE", "/v2/operations/{id}", "/v1/operations"),
        ("GET", "/api/system/status", "/v2/health/detailed"),
    ],
)
def test_a_route_that_has_a_successor_says_so(office: Office, method: str, path: str, successor: str) -> None:
    place = path.replace("{id}", office.start("total", [1]))
    body = {"agent_type": "add", "data": [1]} if "agents" in path or path == "/v1/tasks" else {}
    if "workflows" in path:
        body = {"workflow": "total", "data": [1]}
    response = office.client.request(method, place, headers=office.ada, json=body if method == "POST" else None)

    assert response.status_code in (200, 202), response.text
    assert response.headers["deprecation"] == "@1793491200"
    assert response.headers["sunset"].endswith("2028 00:00:00 GMT")
    assert response.headers["link"] == f'<{successor}>; rel="successor-version"'

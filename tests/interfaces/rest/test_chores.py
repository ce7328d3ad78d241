"""What a server does beside requests: it announces ends, starts schedules, takes backups, and survives its chores."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from agentkit import Orchestrator
from agentkit.errors import DefinitionError
from agentkit.interfaces.rest import create_app, opened
from agentkit.interfaces.rest.door import found_door
from agentkit.orchestrator import Limits
from agentkit.service import LOCAL, Schedule, Service, Settings, Webhooks, WebhookSettings
from agentkit.stores import list_backups, open_target, restore_backup
from agentkit.testing import VirtualClock, run_virtual
from tests.interfaces.rest.receiver import SECRET, Receiver, receiving
from tests.interfaces.rest.site import AGENTS, FLOWS, listening, served, site

HOOKS: dict[str, Any] = {"webhook_secrets": (SecretStr(SECRET),), "webhook_hosts": ("127.0.0.1",)}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as open_receiver:
        yield open_receiver


def secret_at(url: str) -> str:
    found = httpx2.get(f"{url}/v1/webhooks/secret").json()["secret"]
    assert isinstance(found, str)
    return found


def start(url: str, workflow: str = "greet", **more: Any) -> str:
    body = {"workflow": workflow, "input": {"name": "Ada"}, **more}
    response = httpx2.post(f"{url}/v1/operations", json=body)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    """What it gives, once that is something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.02)
    return found


def ended(url: str, operation_id: str) -> Any:
    def look() -> Any:
        page = httpx2.get(f"{url}/v1/operations/{operation_id}").json()
        return page if page["ended"] else None

    return until(look)


def test_p23_a_running_server_announces_an_end_with_a_signature_that_verifies(receiver: Receiver) -> None:
    with listening(served(**HOOKS)) as url:
        operation_id = start(url, callback_url=receiver.url, metadata={"month": "11"})
        (heard,) = receiver.heard()
        message = heard.verified(secret_at(url))

    assert (message["type"], message["data"]["id"]) == ("operation.completed", operation_id)
    assert (message["data"]["workflow"], message["data"]["metadata"]) == ("greet", {"month": "11"})


def test_a_running_server_tells_of_an_operation_on_its_way_and_not_after_its_end(receiver: Receiver) -> None:
    with listening(served(**HOOKS, webhook_progress_seconds=0.1)) as url:
        events = ["completion", "progress"]
        ended(url, start(url, "crawl", callback_url=receiver.url, callback_events=events))
        until(lambda: "operation.completed" in receiver.types())
        time.sleep(0.3)
        told = [heard.verified(secret_at(url)) for heard in receiver.told]

    assert [one["type"] for one in told] == ["operation.progress"] * (len(told) - 1) + ["operation.completed"]
    assert [name for one in told[:-1] for name in one["data"]["ended"]][:3] == ["step0", "step1", "step2"]


def test_p23_an_end_that_nobody_announced_before_a_restart_is_announced_after_it(
    receiver: Receiver, tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path}/runs.db"
    # One whose chores do not go on is like one that dies between the end and the announcement.
    orchestrator = Orchestrator(AGENTS, store=store)
    service = Service(orchestrator, FLOWS)
    silent = FastAPI(lifespan=lambda _app: orchestrator_open(orchestrator))
    silent.mount("/", create_app(service, settings=Settings(authentication="none", **HOOKS)))
    with TestClient(silent, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        body = {"workflow": "greet", "input": {"name": "Ada"}, "callback_url": receiver.url}
        operation_id = client.post("/v1/operations", json=body).json()["id"]
        until(lambda: client.get(f"/v1/operations/{operation_id}").json()["ended"])
        assert receiver.told == []

    with listening(served(store, **HOOKS)) as url:
        (heard,) = receiver.heard()
        assert heard.verified(secret_at(url))["data"]["id"] == operation_id


@asynccontextmanager
async def orchestrator_open(orchestrator: Orchestrator) -> AsyncGenerator[None, None]:
    async with orchestrator:
        yield


@contextmanager
def process(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`agentkit serve` as a process of its own: its address."""
    words = ("serve", "flow.json", "--agents", "tests.interfaces.cli.actors", "--no-auth", "--port", "0")
    root = Path(__file__).parents[3]
    serving = subprocess.Popen(
        [str(Path(sys.executable).with_name("agentkit")), *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root), "AGENTKIT_STORE": "sqlite:///runs.db", **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: SimpleQueue[str] = SimpleQueue()
    assert serving.stderr is not None
    errors = serving.stderr

    def hear() -> None:
        with errors:
            for line in errors:
                lines.put(line)

    hearing = Thread(target=hear, daemon=True)
    hearing.start()
    try:
        while not (line := lines.get(timeout=60)).startswith("serving on"):
            pass
        yield line.split()[2], serving
    finally:
        serving.kill()
        serving.wait(30)
        hearing.join(30)


def test_p23_a_server_that_is_killed_in_the_middle_of_a_delivery_delivers_when_it_is_back(
    receiver: Receiver, tmp_path: Path
) -> None:
    (tmp_path / "flow.json").write_text('{"name": "flow", "stages": [{"name": "ask", "agent": "echo"}]}')
    (tmp_path / "secrets").write_text(f"{SECRET}\n")
    environment = {
        "AGENTKIT_WEBHOOK_SECRETS_FILE": "secrets",
        "AGENTKIT_WEBHOOK_HOSTS": "127.0.0.1",
    }
    receiver.answers.append(None)
    with process(tmp_path, environment) as (url, serving):
        operation_id = start(url, "flow", callback_url=receiver.url)
        receiver.heard(1)
        serving.send_signal(signal.SIGKILL)
        serving.wait(30)
    with process(tmp_path, environment) as (url, serving):
        first, second = (heard.verified(secret_at(url)) for heard in receiver.heard(2))
        until(lambda: httpx2.get(f"{url}/v1/webhooks").json()["items"][0]["status"] == "delivered")

    assert first == second
    assert first["data"]["id"] == operation_id
    assert len({heard.headers["webhook-id"] for heard in receiver.told}) == 1


class PlannedPoster:
    """A receiver in virtual time: down for an hour, then there."""

    def __init__(self, down_seconds: float) -> None:
        self.back_at = VirtualClock().now() + down_seconds
        self.tries: deque[float] = deque()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        now = VirtualClock().now()
        self.tries.append(now)
        if now < self.back_at:
            raise ConnectionError("refused")
        return 204


def test_p23_a_receiver_that_is_down_for_an_hour_is_told_by_the_server_when_it_is_back() -> None:
    async def scene() -> tuple[PlannedPoster, list[str]]:
        poster, statuses = PlannedPoster(3_600), list[str]()
        orchestrator = Orchestrator(AGENTS, clock=VirtualClock(), limits=Limits(adopt_seconds=600))
        service = Service(orchestrator, FLOWS)
        service.webhooks = Webhooks(orchestrator, WebhookSettings(secrets=[SECRET]), poster=poster)
        app = create_app(service, settings=Settings(authentication="none"))
        transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 1))
        async with opened(app), httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            body = {"workflow": "greet", "input": {"name": "Ada"}, "callback_url": "https://hooks.acme.test"}
            await client.post("/v1/operations", json=body)
            for _ in range(3):
                await asyncio.sleep(3_000)
                statuses += [one["status"] for one in (await client.get("/v1/webhooks")).json()["items"]]
        return poster, statuses

    poster, statuses = run_virtual(scene())
    assert statuses[0] == "delivering"
    assert statuses[-1] == "delivered"
    assert poster.tries[-1] >= poster.back_at > poster.tries[-2]
    assert len(poster.tries) > 3


def test_a_running_server_starts_what_a_schedule_says() -> None:
    with listening(served()) as url:
        body = {"name": "often", "workflow": "greet", "input": {"name": "Ada"}, "every": 1}
        assert httpx2.post(f"{url}/v1/schedules", json=body).status_code == 201
        found = until(lambda: httpx2.get(f"{url}/v1/operations?workflow=greet").json()["items"], 8)
        page = ended(url, found[0]["id"])
        httpx2.delete(f"{url}/v1/schedules/often")

    assert page["status"] == "completed"
    assert page["metadata"]["schedule"] == "often"


def test_a_server_that_is_told_to_end_starts_nothing_more_by_schedule_while_its_work_goes_on() -> None:
    async def scene() -> tuple[list[str], list[str]]:
        service = Service(Orchestrator(AGENTS, clock=VirtualClock()), FLOWS)
        service.webhooks = Webhooks(service.orchestrator, WebhookSettings(secrets=[SECRET]))
        door = found_door(create_app(service, settings=Settings(authentication="none")))
        async with door.opened():
            often = Schedule(name="often", workflow="greet", every=1, input={"name": "Ada"})
            await service.schedules.add(LOCAL, often)
            await asyncio.sleep(3.5)
            door.begin_draining()
            before = [line.stream for line in await service.orchestrator.list()]
            await asyncio.sleep(60)
            assert [check.name for check in service.chores.health()] == ["webhooks"]
            return before, [line.stream for line in await service.orchestrator.list()]

    before, after = run_virtual(scene())
    assert len(before) >= 3
    assert after == before


def test_a_server_may_be_told_to_leave_schedules_to_others() -> None:
    with site(schedules=False) as shop:
        names = [one["name"] for one in shop.client.get("/v2/health/detailed", headers=shop.admin).json()["checks"]]

    assert "schedules" not in names


def test_a_server_takes_a_backup_that_can_be_restored_and_says_so(tmp_path: Path) -> None:
    store, place = f"sqlite:///{tmp_path}/runs.db", tmp_path / "backups"
    with listening(served(store)) as url:
        operation_id = start(url)
        ended(url, operation_id)
    with listening(served(store, backup_to=str(place), backup_every=3_600, backup_keep=3)) as url:
        until(lambda: list(place.glob("*.json")))
        checks = until(lambda: checks_of(url, "newest of"))
    with listening(served(store, backup_to=str(place), backup_every=3_600)) as url:
        until(lambda: checks_of(url, "newest of"))
    restored = restore_backup(open_target(place), tmp_path / "copy.db")
    with listening(served(f"sqlite:///{tmp_path}/copy.db")) as url:
        page = httpx2.get(f"{url}/v1/operations/{operation_id}/result").json()

    assert checks == {"name": "backup", "ok": True, "detail": checks["detail"]}
    assert (page["output"], restored.damaged) == ("Hello Ada", 0)
    assert len(list_backups(open_target(place))) == 1, "one that is not due yet is not taken after a restart"


def checks_of(url: str, said: str) -> Any:
    """The check of backups, once it says this."""
    page = httpx2.get(f"{url}/v2/health/detailed").json()
    (check,) = [one for one in page["checks"] if one["name"] == "backup"]
    return check if said in check["detail"] else None


def test_a_backup_that_fails_is_in_the_health_and_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("no folder")
    place = tmp_path / "file" / "backups"
    with listening(served(f"sqlite:///{tmp_path}/runs.db", backup_to=str(place), backup_every=60)) as url:
        check = until(lambda: checks_of(url, "failed"))
        is_ready = httpx2.get(f"{url}/readyz").status_code

    assert (check["ok"], is_ready) == (False, 200)
    assert str(place) in check["detail"]
    assert f"the backup to {place} failed" in caplog.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"backup_to": "backups"}, "backup_every"),
        ({"backup_every": 60}, "backup_to"),
        ({"backup_to": "backups", "backup_every": 60, "backup_cron": "0 6 * * *"}, "backup_every"),
        ({"backup_to": "backups", "backup_cron": "0 6 * *"}, "five fields"),
        ({"backup_to": "backups", "backup_every": 60, "backup_zone": "Mars"}, "no time zone"),
        ({"backup_to": "nothing://x", "backup_every": 60}, "nothing"),
        ({"webhook_secrets": (SecretStr("short"),)}, "secret"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant_are_refused_before_anything_opens(
    tmp_path: Path, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(DefinitionError, match=said):
        served(f"sqlite:///{tmp_path}/runs.db", **wrong)


def test_a_store_in_memory_is_not_backed_up() -> None:
    with pytest.raises(DefinitionError, match="only SQLite stores"):
        served(backup_to="backups", backup_every=60)


def test_a_chore_that_breaks_does_not_end_the_server_and_begins_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run, tries = Webhooks.run, list[int]()

    async def breaks(self: Webhooks) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("there is no ink")
        await run(self)

    monkeypatch.setattr(Webhooks, "run", breaks)
    with listening(served(**HOOKS)) as url:
        checks = httpx2.get(f"{url}/v2/health/detailed").json()["checks"]
        start(url, callback_url=receiver.url)
        receiver.heard()
        well = until(lambda: httpx2.get(f"{url}/v2/health/detailed").json()["ok"])

    assert {"name": "webhooks", "ok": False, "detail": "RuntimeError: there is no ink"} in checks
    assert well
    assert "webhooks broke, and begins again: RuntimeError: there is no ink" in caplog.text
    assert [record.name for record in caplog.records if record.levelno >= logging.ERROR] == ["agentkit.service"]


def test_a_mounted_application_keeps_its_chores_going_in_the_life_of_the_other_one(receiver: Receiver) -> None:
    app = served(**HOOKS)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None, None]:
        async with opened(app):
            yield

    foreign = FastAPI(lifespan=lifespan)
    foreign.mount("/flows", app)
    for count in (1, 2):
        with TestClient(foreign, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
            body = {"workflow": "greet", "input": {"name": "Ada"}, "callback_url": receiver.url}
            client.post("/flows/v1/operations", json=body)
            receiver.heard(count)

    assert receiver.types() == ["operation.completed"] * 2

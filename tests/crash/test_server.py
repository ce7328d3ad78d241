"""The server as a process: told to end, and killed."""

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.crash.site import Site

AGENTS = """
import anyio
from agentkit import Task, agent

@agent
async def quick(task: Task[int]) -> int:
    return task.input

@agent
async def long(task: Task[int]) -> int:
    await anyio.sleep(30)
    return task.input
"""


class Server:
    """A server in a process of its own."""

    def __init__(self, process: Any, key: str = "") -> None:
        self.key, self.url = key, ""
        for line in process.stderr:
            if "first admin's key" in line:
                assert not key, "the first key was made twice"
                self.key = process.stdout.readline().strip()
            if line.startswith("serving on "):
                self.url = line.split()[2]
                break

    def post(self, body: Any, key: str | None = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.key}"} | ({"Idempotency-Key": key} if key else {})
        return httpx2.post(f"{self.url}/v1/operations", json=body, headers=headers, timeout=10)

    def get(self, path: str) -> Any:
        return httpx2.get(f"{self.url}{path}", headers={"Authorization": f"Bearer {self.key}"}, timeout=10).json()


@pytest.fixture
def folder(tmp_path: Path) -> Site:
    (tmp_path / "staff.py").write_text(AGENTS)
    for name in ("quick", "long"):
        flow = {"name": name, "stages": [{"name": "work", "agent": name}]}
        (tmp_path / f"{name}.json").write_text(json.dumps(flow))
    return Site(tmp_path)


SERVE = ("serve", "quick.json", "long.json", "--agents", "staff.py", "--port", "0")


def test_p28_sigterm_under_load_ends_in_time_with_code_0_and_loses_nothing(
    folder: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTKIT_DRAIN_SECONDS", "1")
    with folder.running(*SERVE) as process:
        server = Server(process)
        accepted = [server.post({"workflow": "long", "input": 1}).json()["id"]]

        def load(number: int) -> str | None:
            try:
                response = server.post({"workflow": "quick", "input": number}, key=f"load-{number}")
            except httpx2.TransportError:
                return None
            return response.json()["id"] if response.status_code == 202 else None

        with ThreadPoolExecutor(4) as callers:
            futures = [callers.submit(load, number) for number in range(60)]
            time.sleep(0.3)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            code = process.wait(30)
            took = time.monotonic() - began
            accepted += [found for future in futures if (found := future.result())]

    assert code == 0
    # One second to drain and two besides, on a machine that has time; the work itself would take half a minute.
    assert took < 10
    with folder.running(*SERVE) as process:
        again = Server(process, server.key)
        kept = {again.get(f"/v1/operations/{operation_id}")["id"] for operation_id in accepted}
        process.kill()
    assert kept == set(accepted)


def test_p1_what_was_answered_202_survives_kill_9_and_is_finished(folder: Site) -> None:
    with folder.running(*SERVE) as process:
        server = Server(process)
        ids = [server.post({"workflow": "quick", "input": n}, key=f"k{n}").json()["id"] for n in range(10)]
        process.kill()
        process.wait(10)
    with folder.running(*SERVE) as process:
        again = Server(process, server.key)
        end = time.monotonic() + 20
        while True:
            pages = [again.get(f"/v1/operations/{operation_id}") for operation_id in ids]
            if all(page["status"] == "completed" for page in pages):
                break
            assert time.monotonic() < end, pages
            time.sleep(0.1)
        same = again.post({"workflow": "quick", "input": 3}, key="k3").json()["id"]
        process.send_signal(signal.SIGINT)
        code = process.wait(20)

    assert (same, code) == (ids[3], 0)

"""The server as a process: told to end, and killed."""

import json
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import httpx2
import pytest

from agentkit.kernel import OperationAccepted
from tests.crash.site import Site, operation_id, repeated, until
from tests.interfaces.rest.site import told

AGENTS = """
import anyio
from agentkit import Task, agent

@agent
async def quick(task: Task[int]) -> int:
    return task.input

@agent
async def short(task: Task[int]) -> int:
    await anyio.sleep(0.5)
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
        self.heard: list[str] = []
        for line in process.stderr:
            if "first admin's key" in line:
                assert not key, "the first key was made twice"
                self.key = process.stdout.readline().strip()
            if line.startswith("serving on "):
                self.url = line.split()[2]
                break
        # A line for each request: nobody who reads them is a pipe that is full in the end, and a server that waits.
        # Who reads to the end closes, or the pipe would be closed under the reader when the process ends.
        self._said: list[str] = []
        self._reading = threading.Thread(target=self._listen, args=(process.stderr,), daemon=True)
        process.stderr = None
        self._reading.start()

    def _listen(self, pipe: IO[str]) -> None:
        with pipe:
            self._said.extend(pipe)

    def said(self) -> str:
        """What it said after it was ready, once it has ended."""
        self._reading.join(20)
        return "".join(self._said)

    def post(self, body: Any, key: str | None = None, client: httpx2.Client | None = None) -> httpx2.Response:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        post = httpx2.post if client is None else client.post
        return post(f"{self.url}/v1/operations", json=body, headers=headers, timeout=10)

    def get(self, path: str) -> Any:
        return httpx2.get(f"{self.url}{path}", headers=self.headers, timeout=10).json()

    def events(self, operation_id: str) -> list[Any]:
        return list(self.get(f"/v1/operations/{operation_id}/events")["items"])

    def follow(self, operation_id: str) -> list[str]:
        """The kinds of the events of a stream, until it ends."""
        with (
            suppress(httpx2.RemoteProtocolError),
            httpx2.stream(
                "GET",
                f"{self.url}/v1/operations/{operation_id}/events",
                headers={**self.headers, "Accept": "text/event-stream"},
                timeout=20,
            ) as stream,
        ):
            for one in told(stream.iter_lines()):
                self.heard.append(one.event)
        return self.heard

    def refused(self) -> httpx2.Response:
        """The first answer to new work that is not 202."""
        while (response := self.post({"workflow": "quick", "input": 1})).status_code == 202:
            pass
        return response

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture
def folder(tmp_path: Path) -> Site:
    (tmp_path / "staff.py").write_text(AGENTS)
    for name in ("quick", "short", "long"):
        flow = {"name": name, "stages": [{"name": "work", "agent": name}]}
        (tmp_path / f"{name}.json").write_text(json.dumps(flow))
    return Site(tmp_path)


SERVE = ("serve", "quick.json", "short.json", "long.json", "--agents", "staff.py", "--port", "0")


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
    assert took < 25
    with folder.running(*SERVE) as process:
        again = Server(process, server.key)
        kept = {again.get(f"/v1/operations/{operation_id}")["id"] for operation_id in accepted}
        process.kill()
    assert kept == set(accepted)


def test_p28_sigterm_tells_everybody_finishes_what_is_short_and_hands_over_what_is_long(
    folder: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTKIT_DRAIN_SECONDS", "3")
    monkeypatch.setenv("AGENTKIT_LOG_FILE", "log.jsonl")
    monkeypatch.setenv("AGENTKIT_LOG_FORMAT", "json")
    with folder.running(*SERVE) as process, ThreadPoolExecutor(2) as meanwhile:
        server = Server(process)
        long = server.post({"workflow": "long", "input": 1}).json()["id"]
        stream = meanwhile.submit(server.follow, long)
        short = server.post({"workflow": "short", "input": 1}).json()["id"]
        until(lambda: bool(server.heard))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        refused = meanwhile.submit(server.refused).result()
        code, said = process.wait(30), server.said()
        took = time.monotonic() - began

    assert (code, said) == (0, "")
    logged = [json.loads(line) for line in (folder.folder / "log.jsonl").read_text().splitlines()]
    assert {line["level"] for line in logged} == {"info"}
    # The time to drain and two seconds, on a machine that has time; the work itself would take half a minute.
    assert took < 25
    assert (refused.status_code, refused.json()["code"], "retry-after" in refused.headers) == (503, "closed", True)
    assert stream.result()[-1] == "server.draining"
    with folder.running(*SERVE) as process:
        again = Server(process, server.key)
        assert again.get(f"/v1/operations/{short}")["status"] == "completed"
        # At once: what was released waits for nobody to be found dead.
        until(lambda: "operation.adopted" in [one["type"] for one in again.events(long)])
        assert not any(one["data"].get("after_death") for one in again.events(long))
        assert [one["type"] for one in again.events(short)].count("attempt.started") == 1
        process.kill()


def storm(folder: Site, seed: int, kills: int) -> list[str]:
    """Ask with keys in a loop while the server is killed and started again at chance moments; all that is wrong."""
    dice = random.Random(seed)
    seen: dict[str, set[str]] = {}
    key, number, problems = "", 0, list[str]()
    for _ in range(kills):
        with folder.running(*SERVE) as process:
            server = Server(process, key)
            key = server.key
            threading.Timer(dice.choice([dice.uniform(0, 0.05), dice.uniform(0, 0.6)]), process.kill).start()
            with suppress(httpx2.TransportError), httpx2.Client(timeout=10) as client:
                while True:
                    # Now and then the request before again, as a client does that heard no answer.
                    number += dice.random() < 0.8
                    name = f"key-{number}"
                    seen.setdefault(name, set())
                    response = server.post({"workflow": "quick", "input": number}, key=name, client=client)
                    if response.status_code == 202:
                        seen[name].add(response.json()["id"])
                    else:
                        problems.append(f"{name}: {response.status_code} {response.text}")
            process.wait(10)
    with folder.running(*SERVE) as process:
        server = Server(process, key)
        for name, ids in seen.items():
            # Whether it was answered or not, the key leads to one operation, which ends.
            ids.add(server.post({"workflow": "quick", "input": int(name[4:])}, key=name).json()["id"])
            problems += [f"{name} led to {ids}"] if len(ids) > 1 else []
        started = {operation_id for ids in seen.values() for operation_id in ids}
        until(lambda: all(server.get(f"/v1/operations/{one}")["status"] == "completed" for one in started))
        process.kill()
        process.wait(10)
    journals = folder.journals()
    problems += [problem for journal in journals for problem in repeated(journal)]
    found = {operation_id(journal) for journal in journals if isinstance(journal[0], OperationAccepted)}
    return [*problems, *([] if found == started else [f"not asked for: {found - started}, lost: {started - found}"])]


def test_p1_p7_kill_9_between_request_and_answer_loses_nothing_and_starts_nothing_twice(folder: Site) -> None:
    assert storm(folder, seed=1, kills=3) == []


@pytest.mark.long
def test_p1_p7_kill_9_at_many_moments_loses_nothing_and_starts_nothing_twice(folder: Site) -> None:
    assert storm(folder, seed=2, kills=60) == []


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

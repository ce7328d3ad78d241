"""Several processes on one address: one of them killed, all of them told to end."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.crash.site import Site, until
from tests.crash.test_server import SERVE, Server, folder

__all__ = ["folder"]

TWO = (*SERVE, "--workers", "2", "--log", "json")


def children(parent: int) -> set[int]:
    """The living processes that this one has started."""
    found = Path(f"/proc/{parent}/task/{parent}/children")
    return set(map(int, found.read_text().split())) if found.exists() else set()


def figures(server: Server) -> str:
    headers = {"Authorization": f"Bearer {server.key}"}
    return httpx2.get(f"{server.url}/v2/metrics/prometheus", headers=headers, timeout=10).text


def sum_of(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(name)]
    return float(line.rpartition(" ")[2])


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the children of a process are read from /proc")
def test_p1_p4_p28_two_processes_outlive_the_kill_of_one_and_end_together(
    folder: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTKIT_DRAIN_SECONDS", "1")
    monkeypatch.setenv("AGENTKIT_LOG_FILE", "log.jsonl")
    with folder.running(*TWO) as process:
        server = Server(process)
        until(lambda: len(children(process.pid)) == 2)
        before = children(process.pid)

        def load(number: int) -> str:
            """Ask until it is accepted, as a client does; what is refused meanwhile may be asked again."""
            end = time.monotonic() + 30
            while time.monotonic() < end:
                try:
                    response = server.post({"workflow": "quick", "input": number}, key=f"load-{number}")
                except httpx2.TransportError:
                    continue
                if response.status_code == 202:
                    return str(response.json()["id"])
                assert response.json()["retryable"], response.text
            raise AssertionError("it is never accepted")

        with ThreadPoolExecutor(4) as callers:
            futures = [callers.submit(load, number) for number in range(60)]
            until(lambda: sum(future.done() for future in futures) > 10)
            os.kill(min(before), signal.SIGKILL)
            accepted = [future.result() for future in futures]
        until(lambda: {server.get(f"/v1/operations/{one}")["status"] for one in accepted} == {"completed"})
        until(lambda: len(children(process.pid)) == 2)
        after = children(process.pid)
        until(lambda: 'agentkit_operations_ended_total{status="completed",workflow="quick"} ' in figures(server))
        counted = figures(server)
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
        rest = process.stdout.read() if process.stdout else ""

    # Whoever was killed had counted some of them, and the rest was counted by the others.
    assert sum_of(counted, 'agentkit_operations_started_total{workflow="quick"} ') > 50
    assert sum_of(counted, "agentkit_operations_active ") == 0
    written = (folder.folder / "log.jsonl").read_text()
    lines = [json.loads(line) for line in written.splitlines()]
    assert len([line for line in lines if line["message"] == "POST /v1/operations 202"]) > 50
    assert [line["message"] for line in lines if line["logger"] == "agentkit.serve"]
    assert server.key.split("_")[2] not in written
    assert len(set(accepted)) == 60
    assert (len(before & after), len(after)) == (1, 2)
    assert (code, rest) == (0, "")
    assert not [pid for pid in before | after if is_alive(pid)]


def test_a_worker_whose_parent_is_killed_ends_by_itself(folder: Site) -> None:
    with folder.running(*TWO) as process:
        Server(process)
        until(lambda: len(children(process.pid)) == 2)
        workers = children(process.pid)
        process.kill()
        process.wait(10)
        until(lambda: not any(map(is_alive, workers)))

"""The same routes of `agentkit serve`: on a store in SQLite with `synchronous=FULL`, with keys, over loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .sample import Sample, scratch
from .serving_baseline import CLIENTS, STREAMS
from .serving_sample import Server, ask, follow, served

_AGENTS = """
from agentkit import Task, agent

@agent
async def nothing(task: Task[object]) -> int:
    return 1
"""


@contextmanager
def _shop(stages: int = 1) -> Iterator[Server]:
    """A server that offers a workflow of one stage, and one that waits for a word before so many."""
    with scratch() as folder:
        chain = [
            {"name": f"s{n}", "agent": "nothing", "after": [f"s{n - 1}"] if n > 1 else ["go"]} for n in range(1, stages)
        ]
        _write(folder, "one", [{"name": "work", "agent": "nothing"}])
        _write(folder, "chain", [{"name": "go", "signal": "go"}, *chain])
        (folder / "staff.py").write_text(_AGENTS)
        with served(folder, ["one.json", "chain.json"], "staff.py") as server:
            yield server


def _write(folder: Path, name: str, stages: list[dict[str, object]]) -> None:
    (folder / f"{name}.json").write_text(json.dumps({"name": name, "stages": stages}))


def order(workflow: str = "one") -> bytes:
    """The body of a request that starts an operation."""
    return json.dumps({"workflow": workflow, "input": {"month": "2025-11"}}).encode()


def _submit(size: int, clients: int) -> Sample:
    with _shop() as server:
        requests = [server.request("POST", "/v1/operations", order())] * size
        ask(server, requests[:20], clients, 202)
        seconds, _, bodies = ask(server, requests, clients, 202)
        assert len({json.loads(one)["id"] for one in bodies}) == size
    return Sample(size, seconds)


def http_submit(size: int) -> Sample:
    """Starting an operation of one stage, which runs meanwhile; one client."""
    return _submit(size, 1)


def http_submit_many(size: int) -> Sample:
    """The same, 16 clients at once."""
    return _submit(size, CLIENTS)


def _status(size: int, clients: int, workflow: str = "one") -> Sample:
    with _shop() as server:
        _, _, (started,) = ask(server, [server.request("POST", "/v1/operations", order(workflow))], 1, 202)
        path = f"/v1/operations/{json.loads(started)['id']}"
        requests = [server.request("GET", path)] * size
        ask(server, requests[:50], clients, 200)
        seconds, _, bodies = ask(server, requests, clients, 200)
        assert json.loads(bodies[-1])["ended"] == (workflow == "one")
    return Sample(size, seconds)


def http_open(size: int) -> Sample:
    """Looking at an operation that waits for a signal, 16 clients at once."""
    return _status(size, CLIENTS, "chain")


def http_status(size: int) -> Sample:
    """Looking at an operation, one client."""
    return _status(size, 1)


def http_status_many(size: int) -> Sample:
    """The same, 16 clients at once."""
    return _status(size, CLIENTS)


def http_fan(size: int) -> Sample:
    """The events of one operation to 100 streams, as they happen; each stage of the chain has two."""
    with _shop(stages=size // 2) as server:
        _, _, (started,) = ask(server, [server.request("POST", "/v1/operations", order("chain"))], 1, 202)
        path = f"/v1/operations/{json.loads(started)['id']}"
        lines = [server.connect() for _ in range(STREAMS)]
        for line in lines:
            line.sendall(server.request("GET", f"{path}/events", Accept="text/event-stream"))
        for line in lines:
            told = b""
            while b"wait" not in told and b"asked" not in told and b"event: " not in told:
                told += line.recv(65_536)
        tell = server.connect()
        begin = server.request("POST", f"{path}/signals", b'{"name": "go"}')
        seconds = follow(lines, lambda: tell.sendall(begin), b"operation.completed")
        _, _, (page,) = ask(server, [server.request("GET", path)], 1, 200)
        for line in (*lines, tell):
            line.close()
    return Sample(json.loads(page)["events"] * STREAMS, seconds)

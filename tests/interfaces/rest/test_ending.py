"""How a real server ends, and who it outlives: told to end under load, rude clients, and nothing left behind."""

import asyncio
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.interfaces.rest import Serving, connections, create_app, serve, streams
from agentkit.interfaces.rest.door import Door, found_door
from agentkit.service import Service, Settings
from tests.interfaces.rest.site import listening, read_events, served


@contextmanager
def line(url: str, sent: bytes = b"") -> Iterator[socket.socket]:
    """A connection, with these bytes sent on it."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as found:
        found.sendall(sent)
        yield found


def rest_of(found: socket.socket) -> bytes:
    """All that comes on a connection until the other side closes it."""
    told = b""
    try:
        while more := found.recv(65_536):
            told += more
    except ConnectionResetError:
        pass
    return told


def start(url: str, workflow: str = "crawl", body: object = None) -> str:
    response = httpx2.post(f"{url}/v1/operations", json={"workflow": workflow, "input": body}, timeout=20)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def request(method: str, path: str, *headers: str, body: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Look again until it is true: another thread makes it so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


# Told to end


def test_p28_while_running_work_goes_on_new_work_hears_503_and_when_to_come_back() -> None:
    is_asked = threading.Event()

    @agent
    async def held(task: Task[Any]) -> None:
        # As long as somebody still asks.
        while not is_asked.is_set():  # noqa: ASYNC110 - it is set in another thread
            await asyncio.sleep(0.01)

    service = Service(Orchestrator([held]), [Workflow("held", [Stage("only", agent="held")])])
    app = create_app(service, settings=Settings(authentication="none", drain_seconds=30))
    with ThreadPoolExecutor(1) as ending:
        with listening(app) as url:
            operation_id = start(url, "held")

            def ask_meanwhile() -> tuple[httpx2.Response, ...]:
                try:
                    until(lambda: httpx2.get(f"{url}/readyz", timeout=20).status_code == 503, 30)
                    return (
                        httpx2.post(f"{url}/v1/operations", json={"workflow": "held"}, timeout=20),
                        httpx2.get(f"{url}/livez", timeout=20),
                        httpx2.get(f"{url}/v1/operations/{operation_id}", timeout=20),
                    )
                finally:
                    is_asked.set()

            asked = ending.submit(ask_meanwhile)
        refused, alive, looked = asked.result()

    assert (refused.status_code, refused.headers["retry-after"], refused.json()["code"]) == (503, "1", "closed")
    assert (alive.status_code, looked.status_code) == (200, 503)


def test_p28_work_that_is_short_is_finished_before_the_end(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/runs.db"
    with listening(served(store, drain_seconds=20)) as url:
        operation_id = start(url)
    with listening(served(store)) as url:
        events = read_events(url, operation_id, {})

    assert events[-1].event == "operation.completed"
    assert [one.event for one in events].count("attempt.started") == 5


# Rude and slow


async def test_p28_a_server_whose_task_is_cancelled_ends_as_one_that_is_told_to(
    caplog: pytest.LogCaptureFixture,
) -> None:
    listens: asyncio.Future[Serving] = asyncio.get_running_loop().create_future()
    service = found_door(served()).service
    serving = asyncio.create_task(serve(service, port=0, announce=listens.set_result))
    await listens
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving

    assert not service.orchestrator.is_open
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_server_that_cannot_begin_closes_what_it_has_opened_and_ends_as_one_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(_: Door) -> None:
        raise RuntimeError("no room for the audit log")

    monkeypatch.setattr(Door, "opened", breaks)
    service, open_at_the_end = found_door(served()).service, list[bool]()

    async def main() -> None:
        try:
            await serve(service, port=0)
        except SystemExit:
            open_at_the_end.append(service.orchestrator.is_open)
            raise

    with pytest.raises(SystemExit) as ended:
        asyncio.run(main())

    assert (ended.value.code, open_at_the_end) == (3, [False])


def test_p21_a_head_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    with listening(served()) as url, line(url, b"GET /livez HTTP/1.1\r\n") as first, line(url) as silent:
        until_closed = rest_of(first), rest_of(silent)
        with line(url, request("GET", "/livez")) as third:
            head = third.recv(65_536)
            # The next request on the same connection has as much time, whatever drips in.
            third.sendall(b"GET /li")
            rest = rest_of(third)

    assert all(told.startswith(b"HTTP/1.1 408") for told in until_closed)
    assert head.startswith(b"HTTP/1.1 200")
    assert rest.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("flood", [b"X-A: " + b"a" * 2_000_000, b"X-A: a\r\n" * 200_000, b"GET /" + b"a" * 2_000_000])
def test_p21_a_flood_in_a_head_is_refused_before_its_end(flood: bytes) -> None:
    with listening(served()) as url, line(url) as found:
        start_of = b"" if flood.startswith(b"GET") else b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"
        try:
            found.sendall(start_of + flood)
            told = rest_of(found)
        except (ConnectionResetError, BrokenPipeError):
            told = b"HTTP/1.1 431"
        others = httpx2.get(f"{url}/livez", timeout=5)

    assert told.startswith(b"HTTP/1.1 431") or not told
    assert others.status_code == 200


@pytest.mark.parametrize(("most", "asking"), [(20, 200), pytest.param(2_000, 10_000, marks=pytest.mark.long)])
def test_p21_connections_are_bounded_and_those_within_the_bound_are_served(
    monkeypatch: pytest.MonkeyPatch, most: int, asking: int
) -> None:
    if asking + most > files_allowed() - 500:
        pytest.skip("this process may not open so many files")
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", most)
    with listening(served()) as url, line(url) as early:
        crowd = [socket.create_connection(early.getpeername(), timeout=10) for _ in range(asking)]
        early.sendall(request("GET", "/livez"))
        answer = early.recv(65_536)
        last = rest_of(crowd[-1])
        for one in crowd:
            one.close()
        until(lambda: httpx2.get(f"{url}/livez", timeout=5).status_code == 200)

    assert answer.startswith(b"HTTP/1.1 200")
    assert last.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 5" in last


def files_allowed() -> int:
    """How many files this process may open."""
    resource = pytest.importorskip("resource")
    return int(resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def test_p15_a_reader_that_never_reads_is_cut_off_without_a_word_of_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(streams, "_SEND_SECONDS", 0.3)
    with caplog.at_level(logging.INFO), listening(served(ping_seconds=1), buffer=4_096) as url:
        operation_id = start(url, "ask", "a" * 900_000)
        with line(url, request("GET", f"/v1/operations/{operation_id}/events", "Accept: text/event-stream")):
            until(lambda: "reads nothing" in caplog.text)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


LIES = {
    "a chunk without a size": "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a chunk of a negative size": "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
    "a chunk of an endless size": f"Transfer-Encoding: chunked\r\n\r\n{'f' * 40}\r\n{{}}\r\n0\r\n\r\n",
    "a chunk larger than it says": "Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}{}\r\n0\r\n\r\n",
    "chunks and a length": "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "two lengths": "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a negative length": "Content-Length: -2\r\n\r\n{}",
    "a length that is none": "Content-Length: two\r\n\r\n{}",
    "a length beyond all bounds": f"Content-Length: {'9' * 400}\r\n\r\n{{}}",
    "less than it says": "Content-Length: 2000\r\n\r\n{}",
    "more than it says": "Content-Length: 2\r\n\r\n{}{}{}{}",
    "another way of coding": "Transfer-Encoding: gzip\r\n\r\n{}",
    "a header without a colon": "Content-Length 2\r\n\r\n{}",
    "a zero in a header": "X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}",
    "no utf-8 in a header": "Idempotency-Key: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
    "another protocol": "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.fixture(scope="module")
def open_url() -> Iterator[str]:
    with listening(served(body_seconds=0.3)) as url:
        yield url


@pytest.mark.parametrize("name", LIES)
def test_p21_whoever_lies_about_a_body_gets_4xx_and_leaves_no_error_in_the_log(
    open_url: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    head = "POST /v1/operations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with line(open_url, (head + LIES[name]).encode("latin-1")) as found:
        found.settimeout(2)
        told = found.recv(65_536)

    assert told[:10] == b"HTTP/1.1 4", told
    assert httpx2.get(f"{open_url}/livez", timeout=5).status_code == 200
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_sender_that_goes_in_the_middle_of_a_body_leaves_no_error_in_the_log(
    open_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        head = ("Content-Type: application/json", "Content-Length: 100")
        with line(open_url, request("POST", "/v1/operations", *head, body="{")) as found:
            found.shutdown(socket.SHUT_WR)
        until(lambda: "its sender went" in caplog.text)

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


# Nothing is left behind


def footprint(app: FastAPI) -> tuple[int, int, int]:
    """Tasks of the server's loop, threads and descriptors of this process, without the threads of those who ask."""
    runtime = found_door(app).orchestrator._runtime
    assert runtime is not None
    # Those of pools come as they are needed, up to its size; AnyIO's go when they had nothing to do for a while.
    threads = [one for one in threading.enumerate() if not one.name.startswith(("asks", "asyncio_", "AnyIO worker"))]
    return len(asyncio.all_tasks(runtime._loop)), len(threads), len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are counted in /proc")
@pytest.mark.parametrize(("operations", "readers"), [(12, 6), pytest.param(500, 100, marks=pytest.mark.long)])
def test_p29_operations_and_streams_leave_no_task_thread_or_descriptor(
    tmp_path: Path, operations: int, readers: int
) -> None:
    app = served(f"sqlite:///{tmp_path}/runs.db", rate=1_000_000, streams_per_caller=1_000)
    with listening(app) as url, ThreadPoolExecutor(readers, "asks") as pool:

        def round_of(count: int, streams: int) -> tuple[int, int, int]:
            ids = list(pool.map(lambda n: start(url, "greet", {"name": str(n)}), range(count)))
            waiting = start(url, "ask")
            reading = [pool.submit(read_events, url, waiting, {}) for _ in range(streams - 1)]
            until(lambda: sum(found_door(app)._streams.values()) == streams - 1, 60)
            httpx2.post(f"{url}/v1/operations/{waiting}/signals", json={"name": "answer"}, timeout=20)
            assert {one.result()[-1].event for one in reading} == {"operation.completed"}
            assert {read_events(url, one, {})[-1].event for one in ids[:10]} == {"operation.completed"}
            until(lambda: found_door(app).orchestrator.active == 0, 60)
            least = footprint(app)
            for _ in range(10):
                # Until those who asked are gone on the server's side too.
                time.sleep(0.02)
                least = min(least, footprint(app))
            return least

        # What is made once, such as the store's connections for readers, is there after two rounds of the same kind.
        before = tuple(map(max, round_of(operations, readers), round_of(operations, readers)))
        round_of(operations, readers)
        # What each of them left would be many more; one or two are of others in this process.
        until(lambda: all(now <= then + 2 for now, then in zip(footprint(app), before, strict=True)), 30)


def test_half_closed_connections_are_answered_and_given_back() -> None:
    with listening(served()) as url:
        operation_id = start(url, "ask")
        with line(url, request("GET", f"/v1/operations/{operation_id}", "Connection: close")) as found:
            found.shutdown(socket.SHUT_WR)
            told = rest_of(found)
        stream = request("GET", f"/v1/operations/{operation_id}/events", "Accept: text/event-stream")
        with line(url, stream) as found:
            found.shutdown(socket.SHUT_WR)
            found.recv(1_000)

    assert told.startswith(b"HTTP/1.1 200") or told == b""

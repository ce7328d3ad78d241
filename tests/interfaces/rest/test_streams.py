"""Live events over a real server: in order, each once, whoever comes and goes."""

import asyncio
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.interfaces.rest.site import Site, listening, problem, read_events, served, told

STREAM = {"Accept": "text/event-stream"}


def start(url: str, workflow: str = "crawl") -> str:
    response = httpx2.post(f"{url}/v1/operations", json={"workflow": workflow}, timeout=20)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def test_a_stream_tells_all_as_it_happens_and_ends() -> None:
    with listening(served()) as url:
        operation_id, began = start(url), time.monotonic()
        path = f"{url}/v1/operations/{operation_id}/events"
        with httpx2.stream("GET", path, headers=STREAM, timeout=20) as stream:
            events = told(stream.iter_lines())
            first, after = next(events), time.monotonic() - began
            rest = list(events)
        kind = stream.headers["content-type"]

    assert (first.id, first.event, kind.split(";")[0]) == ("1", "operation.accepted", "text/event-stream")
    assert after < 0.9
    assert (rest[-1].event, rest[-1].id) == ("operation.completed", str(len(rest) + 1))


def test_p14_readers_that_come_and_go_see_every_event_once_in_order() -> None:
    dice = random.Random(7)
    with listening(served()) as url:
        operation_id = start(url)

        def follow(seed: int) -> list[str]:
            seen: list[str] = []
            own = random.Random(seed)
            while len(seen) < 1_000:
                news = read_events(url, operation_id, {}, after=seen[-1] if seen else "0", most=own.randint(1, 4))
                if not news:
                    return seen
                seen.extend(one.id for one in news)
            return seen

        with ThreadPoolExecutor(12) as readers:
            found = list(readers.map(follow, [dice.random() for _ in range(12)]))
        total = httpx2.get(f"{url}/v1/operations/{operation_id}").json()["events"]

    assert found == [[str(number) for number in range(1, total + 1)]] * 12


def test_p14_a_restart_of_the_server_loses_and_repeats_nothing(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/runs.db"
    with listening(served(store, drain_seconds=0)) as url:
        operation_id = start(url)
        first = read_events(url, operation_id, {}, most=4)
    with listening(served(store)) as url:
        rest = read_events(url, operation_id, {}, after=first[-1].id)

    ids = [int(one.id) for one in [*first, *rest]]
    assert ids == list(range(1, len(ids) + 1))
    assert rest[-1].event == "operation.completed"


def test_p28_streams_are_told_that_the_server_ends() -> None:
    with ThreadPoolExecutor(1) as reader:
        with listening(served(drain_seconds=0)) as url:
            operation_id = start(url, "ask")
            seen = reader.submit(read_events, url, operation_id, {})
            time.sleep(0.3)
            began = time.monotonic()
        took = time.monotonic() - began

    assert [one.event for one in seen.result()][-1] == "server.draining"
    assert took < 15


def test_p15_a_reader_that_reads_nothing_holds_up_nobody() -> None:
    with listening(served()) as url:
        operation_id = start(url)
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
            request = f"GET /v1/operations/{operation_id}/events HTTP/1.1\r\nHost: localhost\r\n"
            idle.sendall(f"{request}Accept: text/event-stream\r\n\r\n".encode())
            seen = read_events(url, operation_id, {})

    assert seen[-1].event == "operation.completed"


def test_an_operation_that_has_ended_has_nothing_to_come(shop: Site) -> None:
    operation_id = shop.greeted()
    path = f"/v1/operations/{operation_id}/events"

    assert shop.client.get(path, headers={**shop.ada, **STREAM, "Last-Event-ID": "4"}).status_code == 204
    lines = shop.client.get(f"{path}?after=2", headers={**shop.ada, **STREAM, "Last-Event-ID": "1"}).text
    assert [one.id for one in told(iter(lines.splitlines()))] == ["3", "4"]


@pytest.mark.parametrize("last", ["", "x", "-1", "1.5", "9" * 30, "²"])
def test_a_last_id_that_cannot_be_read_is_none(shop: Site, last: str) -> None:
    path = f"/v1/operations/{shop.greeted()}/events"
    # As bytes: a browser sends back whatever it was told.
    asked = {**shop.ada, **STREAM, "Last-Event-ID": last}
    headers = {name.encode(): value.encode("latin-1") for name, value in asked.items()}

    lines = shop.client.get(path, headers=headers).text
    assert next(told(iter(lines.splitlines()))).id == "1"


def test_a_stream_of_what_is_not_there_is_a_problem_and_no_stream(shop: Site) -> None:
    response = shop.client.get("/v1/operations/nix/events", headers={**shop.ada, **STREAM})

    problem(response, 404, "not_found")


async def test_p29_no_more_streams_are_open_however_many_come_at_once() -> None:
    answered = asyncio.Event()
    statuses: list[int] = []

    async def ask(client: httpx2.AsyncClient, path: str) -> None:
        async with client.stream("GET", path, headers=STREAM) as stream:
            statuses.append(stream.status_code)
            if len(statuses) == 20:
                answered.set()
            # Whoever has a stream keeps it until all have been answered.
            await answered.wait()

    with listening(served(streams_per_caller=3)) as url:
        path = f"{url}/v1/operations/{await asyncio.to_thread(start, url, 'ask')}/events"
        async with httpx2.AsyncClient(timeout=20) as client, asyncio.TaskGroup() as group:
            for _ in range(20):
                group.create_task(ask(client, path))

    assert sorted(statuses) == [200] * 3 + [429] * 17


def test_p29_streams_of_one_caller_are_bounded_and_given_back() -> None:
    with listening(served(streams_per_caller=1)) as url:
        operation_id = start(url, "ask")
        path = f"{url}/v1/operations/{operation_id}/events"
        with httpx2.stream("GET", path, headers=STREAM, timeout=20) as stream:
            events = told(stream.iter_lines())
            next(events)
            second = httpx2.get(path, headers=STREAM)
        httpx2.post(f"{url}/v1/operations/{operation_id}/signals", json={"name": "answer"})
        end = time.monotonic() + 10
        while (again := httpx2.get(path, headers=STREAM, timeout=20)).status_code == 429:
            assert time.monotonic() < end
            time.sleep(0.05)

    problem(second, 429, "too_many_requests")
    assert again.status_code == 200

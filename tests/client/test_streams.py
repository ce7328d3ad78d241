"""Events and files over connections that break off, and a server that is started anew."""

import asyncio
import hashlib
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from agentkit import Map, Orchestrator, Stage, Task, Workflow, agent
from agentkit.client import Client, ClientSettings
from agentkit.client.http import HttpCalls
from agentkit.errors import AnswerInvalid, JournalCorrupt, NotFound, ServerUnavailable
from agentkit.interfaces.rest import create_app
from agentkit.service import Caller, Service, Settings
from agentkit.wire import SubmitRequest
from tests.client.serving import key_of, listening

CONTENT = random.Random(7).randbytes(300_000)


@agent
async def work(task: Task[Any]) -> Any:
    await asyncio.sleep(0.002)
    return task.input


@agent
async def draw(task: Task[Any]) -> str:
    await task.attach("chart.bin", CONTENT)
    await task.attach("naïve name.bin", b"inner")
    return "drawn"


MANY = Workflow("many", [Stage("work", agent="work", map=Map(parallel=4)), Stage("ask", signal="go", after=["work"])])
DRAWN = Workflow("drawn", [Stage("draw", agent="draw")])
ROOT = Caller(name="root")


@asynccontextmanager
async def cutting(url: str, after: Callable[[], int]) -> AsyncGenerator[str, None]:
    """A way to a server on which each connection is aborted after so many bytes; its address."""
    host, port = urlsplit(url).hostname, urlsplit(url).port

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: float) -> None:
        with suppress(OSError):
            while most > 0 and (piece := await reader.read(512)):
                most -= len(piece)
                writer.write(piece)
                await writer.drain()

    ways: set[asyncio.Task[None]] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way = asyncio.current_task()
        assert way is not None
        ways.add(way)
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.transport.abort()
            return
        there = asyncio.create_task(carry(reader, far_writer, float("inf")))
        try:
            await carry(far_reader, writer, after())
        finally:
            there.cancel()
            writer.transport.abort()
            far_writer.transport.abort()

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


def settings(url: str, key: str) -> ClientSettings:
    return ClientSettings(url=url, key=key, first_wait=0.02, longest_wait=0.5, attempts=10, stream_attempts=50)


@pytest.mark.blocking
async def test_p14_each_watcher_sees_each_event_once_through_cut_connections_and_a_restart_of_the_server() -> None:
    dice = random.Random(3)
    async with Orchestrator([work]) as orchestrator, AsyncExitStack() as stack:
        service, key = Service(orchestrator, [MANY]), await key_of(orchestrator, ROOT)

        def served() -> Any:
            return create_app(service, settings=Settings(rate=1_000_000))

        async def watch(url: str, operation_id: str) -> list[int]:
            async with HttpCalls(settings(url, key)) as calls:
                return [line.number async for line in calls.events(operation_id)]

        async with listening(served()) as url:
            port = urlsplit(url).port or 0
            async with HttpCalls(settings(url, key)) as calls:
                page = await calls.submit(SubmitRequest(workflow="many", input=list(range(40))))
            way = cutting(url, lambda: dice.randint(300, 12_000))
            cut_url = await stack.enter_async_context(way)
            watchers = [asyncio.create_task(watch(cut_url, page.id)) for _ in range(10)]
            await asyncio.sleep(0.3)
        async with listening(served(), port):
            operation = await orchestrator.get(page.id)
            await operation.signal("go", None)
            seen = await asyncio.wait_for(asyncio.gather(*watchers), 60)
        events = len(await orchestrator.history(page.id, limit=10_000))

    assert events > 80
    assert seen == [list(range(1, events + 1))] * 10


@pytest.mark.blocking
async def test_a_file_is_on_the_disk_whole_or_not_at_all(tmp_path: Path) -> None:
    async with Orchestrator([draw]) as orchestrator:
        service, key = Service(orchestrator, [DRAWN]), await key_of(orchestrator, ROOT)
        cuts = [200_000]
        async with (
            listening(create_app(service)) as url,
            cutting(url, lambda: cuts[0]) as way,
            Client.from_settings(settings(way, key)) as client,
        ):
            page = await client.execute("drawn", wait=False)
            assert (await client.wait(page.id, timeout=20)).failure is None
            with pytest.raises(ServerUnavailable, match="broke off"):
                await client.download(page.id, "chart.bin", tmp_path)
            assert contents(tmp_path) == []
            cuts[0] = 10**9
            place = await client.download(page.id, "chart.bin", tmp_path)
            inner = await client.download(page.id, "naïve name.bin", tmp_path)
            named = await client.download(page.id, "chart.bin", tmp_path / "named.bin", stage="draw")
            with pytest.raises(NotFound, match="no file 'else'"):
                await client.download(page.id, "else", tmp_path)

    assert place == tmp_path / "chart.bin"
    assert place.read_bytes() == named.read_bytes() == CONTENT
    assert (inner.name, inner.read_bytes()) == ("naïve name.bin", b"inner")
    assert len(contents(tmp_path)) == 3


async def test_bytes_with_another_hash_are_not_kept(tmp_path: Path) -> None:
    line = {"name": "a.bin", "stage": "draw", "at": "2026-11-26T00:00:00Z", "media_type": "a/b", "size": 4}
    found = {"items": [{**line, "sha256": hashlib.sha256(b"good").hexdigest()}]}

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("artifacts"):
            return httpx2.Response(200, json=found)
        return httpx2.Response(200, content=b"evil")

    (tmp_path / "a.bin").write_bytes(b"before")
    calls = HttpCalls(ClientSettings(url="http://127.0.0.1"), transport=httpx2.MockTransport(answer))
    async with Client(calls) as client:
        with pytest.raises(AnswerInvalid, match="another hash"):
            await client.download("op-1", "a.bin", tmp_path)

    assert contents(tmp_path) == [b"before"]


# Streams word by word


def event(number: int, *, id: int | None = None) -> str:
    data = f'{{"operation":"op-1","number":{number},"at":"2026-11-26T00:00:00Z","type":"attempt.started"}}'
    return f"id: {id or number}\nevent: attempt.started\ndata: {data}\n\n"


def page(events: int, *, ended: bool) -> httpx2.Response:
    status = "completed" if ended else "running"
    shown = {"id": "op-1", "workflow": "w", "status": status, "events": events, "ended": ended, "fraction": 0.5}
    times = {"created_at": "2026-11-26T00:00:00Z", "updated_at": "2026-11-26T00:00:00Z", "seconds": 1}
    return httpx2.Response(200, json={**shown, **times})


class Broken(httpx2.AsyncByteStream):
    """A body that breaks off."""

    def __init__(self, text: str, error: Exception) -> None:
        self._text, self._error = text, error

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        yield self._text.encode()
        raise self._error


def stream(*parts: str, error: Exception | None = None) -> httpx2.Response:
    text, headers = "".join(parts), {"content-type": "text/event-stream; charset=utf-8"}
    if error is not None:
        return httpx2.Response(200, headers=headers, stream=Broken(text, error))
    return httpx2.Response(200, headers=headers, content=text)


async def told(*answers: httpx2.Response, pages: tuple[httpx2.Response, ...] = ()) -> tuple[list[int], list[str]]:
    """The numbers that come of these streams, and the ids that they were asked to go on behind."""
    streams, looks, asked = list(answers), list(pages), list[str]()

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("/events"):
            return looks.pop(0)
        asked.append(request.headers["last-event-id"])
        return streams.pop(0)

    chosen = ClientSettings(url="http://127.0.0.1", first_wait=0.001, longest_wait=0.001, stream_attempts=3)
    async with HttpCalls(chosen, transport=httpx2.MockTransport(answer)) as calls:
        return [line.number async for line in calls.events("op-1")], asked


CUT = httpx2.ReadError("cut")
END = httpx2.Response(204)


async def test_what_comes_again_is_dropped_and_what_would_leave_a_gap_is_asked_for_again() -> None:
    numbers, asked = await told(
        stream(event(1), event(2), error=CUT),
        stream(event(2), event(2), event(3), event(5)),
        stream(event(4)),
        END,
        pages=(page(4, ended=False),),
    )

    assert numbers == [1, 2, 3, 4]
    assert asked == ["0", "2", "3", "4"]


async def test_a_stream_that_somebody_in_between_ends_is_opened_again() -> None:
    numbers, asked = await told(
        stream(),
        stream(": ping\n\n"),
        stream(),
        stream(event(1)),
        stream(event(2)),
        pages=(*[page(1, ended=False)] * 3, page(1, ended=False), page(2, ended=True)),
    )

    assert numbers == [1, 2]
    assert asked == ["0", "0", "0", "0", "1"]


async def test_silence_does_not_end_a_stream_however_often_it_comes() -> None:
    quiet = [stream(error=httpx2.ReadTimeout("quiet")) for _ in range(6)]
    numbers, _ = await told(*quiet, stream(event(1)), END, pages=(page(0, ended=False),) * 7)

    assert numbers == [1]


async def test_a_server_that_ends_says_so_and_the_next_one_goes_on() -> None:
    draining = "event: server.draining\ndata: {}\n\n"
    again = httpx2.Response(503, json={})
    numbers, asked = await told(
        stream(event(1), draining), again, again, stream(event(2)), END, pages=(page(1, ended=False),) * 2
    )

    assert numbers == [1, 2]
    assert asked == ["0", "1", "1", "1", "2"]


async def test_a_failure_at_the_server_is_waited_out_or_told_by_its_class() -> None:
    def failed(code: str) -> str:
        return f'event: error\ndata: {{"code": "{code}", "request": "req-7"}}\n\n'

    asleep, closed = stream(event(1), failed("store_unavailable")), stream(failed("closed"))
    numbers, _ = await told(asleep, closed, stream(event(2)), END, pages=(page(2, ended=False),))
    with pytest.raises(JournalCorrupt) as raised:
        await told(stream(event(1), failed("journal_corrupt")))

    assert numbers == [1, 2]
    assert raised.value.request_id == "req-7"


async def test_a_stream_that_always_breaks_off_is_given_up() -> None:
    with pytest.raises(ServerUnavailable, match="again and again"):
        await told(*[stream(error=CUT) for _ in range(3)])


@pytest.mark.parametrize(
    "answer",
    [httpx2.Response(200, text="<html>"), stream("data: <html>\n\n"), stream("id: 1\ndata: {}\n\n")],
)
async def test_what_is_no_stream_of_events_is_told_apart(answer: httpx2.Response) -> None:
    with pytest.raises(AnswerInvalid):
        await told(answer)


async def test_who_asks_for_what_is_not_theirs_is_told_at_once() -> None:
    with pytest.raises(NotFound):
        await told(httpx2.Response(404, json={"type": "", "title": "", "status": 404, "code": "not_found"}))


class Endless(httpx2.AsyncByteStream):
    """An answer that goes on until somebody closes it."""

    def __init__(self, piece: bytes) -> None:
        self._piece = piece
        self.is_closed = False

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        number = 0
        while True:
            number += 1
            yield self._piece.replace(b"NUMBER", str(number).encode())
            await asyncio.sleep(0)

    async def aclose(self) -> None:
        self.is_closed = True


EVENT = (
    b'id: NUMBER\nevent: x\ndata: {"operation": "o", "number": NUMBER, "type": "x", "at": "2025-11-01T00:00:00Z"}\n\n'
)


@pytest.mark.parametrize(("what", "piece"), [("events", EVENT), ("file", b"piece")])
async def test_who_goes_in_the_middle_of_a_stream_closes_its_connection_at_once(what: str, piece: bytes) -> None:
    stream = Endless(piece)
    kind = "text/event-stream" if what == "events" else "application/octet-stream"
    answers = httpx2.MockTransport(lambda _: httpx2.Response(200, headers={"Content-Type": kind}, stream=stream))
    async with HttpCalls(ClientSettings(url="http://localhost"), transport=answers) as calls:
        found = calls.events("o") if what == "events" else calls.file_chunks("o", "a.bin")
        await anext(aiter(found))
        assert not stream.is_closed
        await found.aclose()

        assert stream.is_closed

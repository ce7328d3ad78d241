"""The ready-made listeners: terminals, notebook, webhook; with a tracker and with an operation."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from typing import Any

import pytest

from agentkit import ProgressTracker, Stage, Task, Workflow, agent
from agentkit.errors import DefinitionError, UsageError
from agentkit.kernel import Map
from agentkit.orchestrator import NotebookDisplay, Orchestrator, PlainTerminal, ProgressWebhook, VerboseTerminal
from agentkit.views import Progress

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
NASTY = "a\x1b[2J\nb<b>\u202e"


def half_done() -> ProgressTracker:
    tracker = ProgressTracker("import", ["load", "check"])
    tracker.stage("load").update(0.5, NASTY)
    return tracker


class Screen(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_plain_terminal_gets_a_line_for_each_stage_and_no_control_characters() -> None:
    file, tracker = StringIO(), half_done()
    listener = PlainTerminal(file)
    listener(tracker.progress())
    listener(tracker.progress())
    tracker.stage("load").complete()
    tracker.fail("no\npaper")
    listener(tracker.progress())
    listener(tracker.progress())

    lines = file.getvalue().splitlines()
    assert lines[0] == "import  25 %  load running  50 % · a[2J b<b>"
    assert lines[1:] == ["import  50 %  load completed  a[2J b<b>", "import  50 %  failed after 0.0 s"]
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(("every", "count"), [(10, 10), (50, 2)])
def test_a_plain_terminal_tells_the_whole_in_steps(every: int, count: int) -> None:
    file, tracker = StringIO(), ProgressTracker("import", ["load"])
    listener = PlainTerminal(file, every=every)
    for step in range(100):
        tracker.stage("load").update(step / 100)
        listener(tracker.progress())

    assert len(file.getvalue().splitlines()) == count


def test_a_verbose_terminal_redraws_and_elsewhere_writes_lines() -> None:
    screen, file, tracker = Screen(), StringIO(), half_done()
    for where in (screen, file):
        listener = VerboseTerminal(where)
        listener(tracker.progress())
        listener(tracker.progress())

    assert screen.getvalue().count("\x1b[3F") == 1
    assert screen.getvalue().count("\x1b[2K") == 6
    assert "\x1b[2J" not in screen.getvalue()
    assert file.getvalue() == "import  25 %  load running  50 % · a[2J b<b>\n"


def test_a_terminal_without_the_letters_gets_ascii() -> None:
    class Old(Screen):
        encoding = "ascii"

    screen = Old()
    VerboseTerminal(screen)(half_done().progress())

    assert screen.getvalue().isascii()
    assert "> load" in screen.getvalue()


def test_a_picture_in_a_notebook_is_markup_of_its_own_and_none_of_users() -> None:
    html = half_done().progress()._repr_html_()

    assert "a[2J b&lt;b&gt;" in html
    assert "<b>import</b> <span" in html
    assert "● running" in html


def test_a_notebook_keeps_one_picture_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    class Handle:
        def update(self, obj: Progress) -> None:
            seen.append(("update", obj.percent))

    def display(obj: Progress, *, display_id: bool) -> Handle:
        seen.append(("display", obj.percent))
        return Handle()

    # IPython is no dependency, so its one function is played.
    module: Any = types.ModuleType("IPython.display")
    module.display = display
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    listener, tracker = NotebookDisplay(), half_done()
    listener(tracker.progress())
    tracker.complete()
    listener(tracker.progress())

    assert seen == [("display", 25), ("update", 100)]


def test_outside_of_a_notebook_the_display_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(UsageError, match="needs IPython"):
        NotebookDisplay()


class Calls:
    """A server that keeps what it is sent, and answers as told."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.url = ""


@contextmanager
def served(status: int = 204) -> Iterator[Calls]:
    calls = Calls(status)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            calls.seen.append(({key.lower(): value for key, value in self.headers.items()}, body))
            self.send_response(calls.status)
            self.send_header("location", "/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    calls.url = f"http://127.0.0.1:{server.server_address[1]}/hook?a=1"
    try:
        yield calls
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_webhook_is_signed_as_standard_webhooks_says() -> None:
    with served() as calls:
        hook = ProgressWebhook(calls.url, secret=SECRET)
        with ProgressTracker("import", ["load"], listeners=[hook]) as tracker:
            tracker.stage("load").update(0.5, "half")

    headers, body = calls.seen[-1]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(b"k" * 24, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == f"import.{tracker.number}"
    told = json.loads(body)
    assert (told["type"], told["data"]["status"], told["data"]["percent"]) == ("progress", "completed", 100)
    assert (hook.sent, hook.failed) == (len(calls.seen), 0)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_follows_no_redirect_and_counts_what_went_wrong(status: int) -> None:
    with served(status) as calls:
        hook = ProgressWebhook(calls.url, secret=SECRET)
        hook(half_done().progress())

    assert len(calls.seen) == 1
    assert (hook.sent, hook.failed, hook.problem) == (0, 1, f"answered with status {status}")


def test_a_webhook_to_nobody_raises_nothing() -> None:
    hook = ProgressWebhook("http://127.0.0.1:1/", secret=SECRET)
    hook(half_done().progress())

    assert (hook.failed, (hook.problem or "").split(":")[0]) == (1, "ConnectionRefusedError")


def test_a_webhook_that_drips_is_hung_up_on() -> None:
    done = threading.Event()

    def drip(door: socket.socket) -> None:
        line, _ = door.accept()
        with line:
            while not done.wait(0.05):
                try:
                    line.sendall(b"H")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=drip, args=(door,))
        thread.start()
        hook = ProgressWebhook(f"http://127.0.0.1:{door.getsockname()[1]}", secret=SECRET, timeout=0.3)
        hook(half_done().progress())
        done.set()
        thread.join()

    assert hook.failed == 1


def test_a_large_picture_is_posted_in_part_with_what_is_at_work() -> None:
    tracker = ProgressTracker("import", [f"s{number}" for number in range(1_000)])
    tracker.stage("s999").start()
    with served() as calls:
        ProgressWebhook(calls.url, secret=SECRET)(tracker.progress())

    stages = json.loads(calls.seen[0][1])["data"]["stages"]
    assert (len(stages), stages[-1]["name"]) == (100, "s999")


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "file:///etc/passwd", "https://", "a", "http://me:pw@a/", "http://a/\r\nb", "http://a:99999/"]
)
def test_a_webhook_refuses_an_address_that_is_none(url: str) -> None:
    with pytest.raises(DefinitionError, match="webhook: "):
        ProgressWebhook(url, secret=SECRET)


@pytest.mark.parametrize("settings", [{"secret": "c2hvcnQ="}, {"secret": "no base64"}, {"timeout": 0}, {"seconds": -1}])
def test_a_webhook_refuses_settings_that_make_no_sense(settings: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match="webhook: "):
        ProgressWebhook("https://example.com/", **{"secret": SECRET, **settings})


async def test_an_operation_is_tracked_by_the_same_listeners() -> None:
    @agent
    async def read(task: Task[object]) -> list[int]:
        return [1, 2, 3]

    @agent
    async def double(task: Task[int]) -> int:
        await task.progress(0.5, "doubling")
        return 2 * task.input

    flow = Workflow(
        "flow", [Stage("read", agent="read"), Stage("double", agent="double", after=["read"], map=Map("read"))]
    )
    file, pictures = StringIO(), list[Progress]()

    async def listen(progress: Progress) -> None:
        pictures.append(progress)

    def explode(progress: Progress) -> None:
        raise ValueError("no")

    async with Orchestrator([read, double]) as orchestrator:
        operation = await orchestrator.submit(flow)
        async with operation.track(PlainTerminal(file), listen, explode):
            await operation

    assert pictures[-1].percent == 100
    parts = pictures[-1].stages[1].parts
    assert parts is not None
    assert (parts.done, parts.total) == (3, 3)
    assert file.getvalue().splitlines()[-1].startswith("flow 100 %  completed after")


async def test_who_leaves_early_is_told_where_it_stood_then() -> None:
    flow = Workflow("flow", [Stage("wait", signal="go")])
    pictures = list[Progress]()
    async with Orchestrator() as orchestrator:
        operation = await orchestrator.submit(flow)
        async with operation.track(pictures.append):
            pass
        await operation.cancel()

    assert pictures[-1].status in ("pending", "running")


async def test_a_reader_that_is_slow_still_sees_the_end() -> None:
    async with Orchestrator() as orchestrator:
        operation = await orchestrator.submit(Workflow("brief", [Stage("a", signal="go")]))
        seen: list[str] = []
        async for progress in operation.follow(seconds=0.01):
            seen.append(progress.status)
            if not progress.is_over:
                await operation.signal("go")
                await operation

    assert seen[-1] == "completed"


async def test_the_end_is_told_at_once_however_far_apart_pictures_are() -> None:
    async with Orchestrator() as orchestrator:
        operation = await orchestrator.submit(Workflow("brief", [Stage("a", signal="go")]))
        async with asyncio.timeout(30):
            async for progress in operation.follow(seconds=3_600):
                if not progress.is_over:
                    await operation.signal("go")


async def test_a_stage_that_runs_a_workflow_is_as_far_as_its_operation() -> None:
    child = Workflow("child", [Stage("a", signal="go"), Stage("b", signal="go", after=["a"])])
    parent = Workflow("parent", [Stage("inner", workflow=Workflow("middle", [Stage("deep", workflow=child)]))])
    seen: list[int] = []
    async with Orchestrator() as orchestrator:
        operation = await orchestrator.submit(parent)
        async for progress in operation.follow(seconds=0.01):
            if progress.percent not in seen:
                seen.append(progress.percent)
            for line in await orchestrator.list(workflow="child"):
                if not line.ended and "signal" in line.waiting:
                    await (await orchestrator.get(line.stream)).signal("go")

    assert (seen[0], seen[-1]) == (0, 100)
    assert 50 in seen

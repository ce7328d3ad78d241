"""The client: run and wait, follow, decide, and the same without `await`."""

import asyncio
import inspect
import io
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from agentkit import Approval, GiveUp, Orchestrator, Stage, Task, Workflow, agent
from agentkit.client import BlockingClient, Client, ClientSettings, ProgressBar, bar_line
from agentkit.errors import Closed, InputError, NotReady, OperationFailed, OperationTimedOut, ServerUnavailable
from agentkit.interfaces.rest import create_app
from agentkit.service import Caller, Desk, Service
from agentkit.wire import Calls, OperationPage, SignalRequest, StageLine, moment
from tests.client.serving import key_of, listening


@agent
async def greet(task: Task[dict[str, str]]) -> str:
    task.progress(0.5, "half\x1b[2J of it")
    await task.attach("greeting.txt", b"hello")
    return f"Hello {task.input['name']}"


@agent
async def broken(task: Task[Any]) -> str:
    raise GiveUp("there is no ink")


FLOWS: list[Workflow[object]] = [
    Workflow("greet", [Stage("greet", agent="greet")]),
    Workflow("broken", [Stage("print", agent="broken")]),
    Workflow("ask", [Stage("ask", signal="answer")]),
    Workflow("pay", [Stage("pay", agent="greet", approval=Approval(form={"amount": "decimal?"}))]),
]
ADA = Caller(name="ada")
BOB = Caller(name="bob")


@asynccontextmanager
async def desk(caller: Caller = ADA) -> AsyncGenerator[Desk, None]:
    async with Orchestrator([greet, broken]) as orchestrator:
        yield Service(orchestrator, FLOWS).desk(caller)


async def test_a_workflow_is_run_and_waited_for_in_one_call() -> None:
    async with desk() as calls, Client(calls) as client:
        more: Any = {"key": "k", "metadata": {"month": "11"}, "priority": "high"}
        result = await client.execute("greet", {"name": "Ada"}, **more)
        started = await client.execute("greet", {"name": "Ada"}, wait=False, **more)

        assert (result.output, result.operation) == ("Hello Ada", started.id)
        assert (started.metadata, started.priority) == ({"month": "11"}, "high")
        with pytest.raises(OperationFailed):
            await client.execute("broken")
        with pytest.raises(InputError, match="no stage 'x'"):
            await client.execute("greet", {"name": "Ada"}, agents={"x": "greet"})
        with pytest.raises(InputError, match="priority"):
            await client.execute("greet", priority="now")  # type: ignore[call-overload]  # what must be refused


async def test_a_run_takes_no_longer_than_its_caller_says() -> None:
    async with desk() as calls, Client(calls) as client:
        with pytest.raises(OperationTimedOut):
            await client.execute("ask", run_timeout=0.05)
        with pytest.raises(InputError, match="timeout"):
            await client.execute("ask", run_timeout=-1)


def test_a_run_of_a_script_takes_no_longer_than_it_says() -> None:
    with BlockingClient(desk) as blocking, pytest.raises(OperationTimedOut):
        blocking.execute("ask", run_timeout=0.05)


async def test_who_does_not_wait_long_enough_leaves_the_operation_as_it_is() -> None:
    async with desk() as calls, Client(calls) as client:
        page = await client.execute("ask", wait=False)
        with pytest.raises(NotReady, match=r"not ended within 0.05 seconds; it goes on"):
            await client.wait(page.id, timeout=0.05)
        assert (await client.operation(page.id)).status == "running"
        await client.signal(page.id, SignalRequest(name="answer", value=7))
        assert (await client.wait(page.id)).status == "completed"
        assert (await client.result(page.id)).output == 7


async def test_pictures_are_shown_on_the_way() -> None:
    shown: list[OperationPage] = []
    async with desk() as calls, Client(calls) as client:
        page = await client.execute("greet", {"name": "Ada"}, wait=False)
        last = await client.follow(page.id, show=shown.append, seconds=0)

    assert (last.status, shown[-1]) == ("completed", last)


async def test_people_agree_and_refuse() -> None:
    async with Orchestrator([greet, broken]) as orchestrator:
        service = Service(orchestrator, FLOWS)
        ada, bob = Client(service.desk(ADA)), Client(service.desk(BOB))
        ids = [(await ada.execute("pay", {"name": "Ada"}, wait=False)).id for _ in range(2)]
        while len(await bob.approvals()) < 2:  # noqa: ASYNC110 - another task asks
            await asyncio.sleep(0)
        await bob.approve(ids[0], "pay", comment="fine", form={"amount": "1.10"})
        await bob.refuse(ids[1], "pay", comment="no")

        assert [(await ada.wait(one)).status for one in ids] == ["completed", "failed"]


# Without await


def test_a_script_uses_a_service_of_its_own() -> None:
    shown: list[int] = []
    with BlockingClient(desk) as client:
        result = client.execute("greet", {"name": "Ada"}, show=lambda _: shown.append(threading.get_ident()))
        numbers = [line.number for line in client.events(result.operation)]
        first = next(client.events(result.operation, after=1))

        assert result.output == "Hello Ada"
        assert numbers == list(range(1, len(numbers) + 1))
        assert first.number == 2
        # Where whoever waits can draw: in their own thread.
        assert set(shown) == {threading.get_ident()}
        assert client.file(result.operation, "greeting.txt") == b"hello"
        assert [page.status for page in client.progress(result.operation)] == ["completed"]
    with pytest.raises(Closed, match="open"):
        client.health()


@pytest.mark.blocking
async def test_the_blocking_client_works_inside_of_a_running_loop() -> None:
    with BlockingClient(desk) as client:
        assert client.execute("greet", {"name": "Ada"}).output == "Hello Ada"


def test_an_error_in_the_picture_ends_the_waiting_and_not_the_work() -> None:
    def burst(page: OperationPage) -> None:
        raise KeyboardInterrupt

    with BlockingClient(desk) as client:
        page = client.execute("ask", wait=False)
        with pytest.raises(KeyboardInterrupt):
            client.wait(page.id, show=burst)
        assert client.operation(page.id).status == "running"
        with pytest.raises(NotReady):
            client.wait(page.id, timeout=0.05)


def test_what_goes_wrong_at_opening_is_told_and_leaves_no_thread() -> None:
    def threads() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name.startswith("agentkit")}

    before = threads()
    client = BlockingClient.at("http://127.0.0.1:1", key_file="/nowhere/key")
    with pytest.raises(ValueError, match="cannot be read"):
        client.open()

    assert threads() <= before
    client.close()


async def test_a_script_asks_a_server() -> None:
    def script(url: str, key: str) -> tuple[object, list[int]]:
        with BlockingClient.at(url, key=key) as client:
            result = client.execute("greet", {"name": "Ada"}, timeout=20)
            return result.output, [line.number for line in client.events(result.operation)]

    async with Orchestrator([greet, broken]) as orchestrator:
        key = await key_of(orchestrator, ADA)
        async with listening(create_app(Service(orchestrator, FLOWS))) as url:
            output, numbers = await asyncio.to_thread(script, url, key)

    assert (output, numbers) == ("Hello Ada", list(range(1, len(numbers) + 1)))


async def test_nobody_at_the_other_end_is_an_error_of_ours() -> None:
    quick = ClientSettings(url="http://127.0.0.1:1", attempts=2, first_wait=0.01)
    async with Client.from_settings(quick) as client:
        with pytest.raises(ServerUnavailable, match="ConnectError"):
            await client.operations()


@pytest.mark.parametrize("kind", [Client, BlockingClient])
def test_every_call_is_there_with_the_same_arguments(kind: type) -> None:
    for name, call in inspect.getmembers(Calls, inspect.isfunction):
        if name.startswith("_"):
            continue
        asked = list(inspect.signature(call).parameters.values())
        given = list(inspect.signature(getattr(kind, name)).parameters.values())
        assert [(one.name, one.kind) for one in given] == [(one.name, one.kind) for one in asked], name


def test_both_clients_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        own = {name: getattr(kind, name) for name in vars(kind) if not name.startswith("_")}
        return {name: list(inspect.signature(call).parameters) for name, call in own.items()}

    near, blocking = methods(Client), methods(BlockingClient)
    near["close"] = near.pop("aclose")
    # For code on another loop, which a client that awaits has no need of.
    assert blocking.pop("hand") == ["self", "work"]
    assert near == blocking


# Bars


def picture(**more: Any) -> OperationPage:
    known = {"id": "op-1", "workflow": "greet", "status": "running", "events": 3, "ended": False, "fraction": 0.999}
    return OperationPage.model_validate(
        {**known, "created_at": moment(0), "updated_at": moment(1), "seconds": 61, "message": "", **more}
    )


def test_a_bar_says_how_far_it_is_and_never_100_before_the_end() -> None:
    done, at_work = (StageLine(name=word, status=word, fraction=1) for word in ("completed", "running"))
    line = bar_line(picture(stages=[done, at_work], seconds_left=3_700, message="b\x1b[2J\nc"), width=200)

    assert line == "greet ━━━━━━━━━━━━━━━━━━━─  99 % running 1 min 01 s · 1 of 2 stages · 1 h 01 min left · b [2J c"
    assert "100 % ✓ completed" in bar_line(picture(status="completed", ended=True, fraction=1))
    assert "waits for approval" in bar_line(picture(waiting=("approval",)))
    assert bar_line(picture(status="failed", ended=True, failure={"code": "x", "message": "no ink"})).endswith("no ink")
    assert len(bar_line(picture(message="x" * 200), width=60)) == 60


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_line_that_is_drawn_anew() -> None:
    screen = Terminal()
    show = ProgressBar(screen)
    for fraction in (0.1, 0.2):
        show(picture(fraction=fraction))
    show(picture(fraction=1, status="completed", ended=True))

    assert screen.getvalue().count("\r\x1b[2K") == 3
    assert screen.getvalue().count("\n") == 1


def test_a_file_gets_a_line_for_each_tenth() -> None:
    log = io.StringIO()
    show = ProgressBar(log)
    for hundredth in range(31):
        show(picture(fraction=hundredth / 100))

    assert len(log.getvalue().splitlines()) == 4


def test_a_notebook_gets_one_output_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[dict[str, str]] = []

    class ZMQInteractiveShell:
        pass

    def display(data: dict[str, str], **_: bool) -> SimpleNamespace:
        drawn.append(data)
        return SimpleNamespace(update=lambda data, **_: drawn.append(data))

    ipython, shown = ModuleType("IPython"), ModuleType("IPython.display")
    vars(ipython)["get_ipython"] = ZMQInteractiveShell
    vars(shown)["display"] = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    show = ProgressBar()
    for message in ("<b>one</b>", "two"):
        show(picture(message=message))

    assert [line["text/plain"].rpartition(" · ")[2] for line in drawn] == ["<b>one</b>", "two"]
    assert "&lt;b&gt;one" in drawn[0]["text/html"]

"""Tools of a real MCP server in a process of its own: those that were named, and no others."""

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agentkit.agents import McpServer, ModelAgent, ModelLimits, Task
from agentkit.errors import BudgetExhausted, DefinitionError, MissingExtra, TryAgain
from agentkit.kernel import Approval, Stage, Workflow
from agentkit.orchestrator import Orchestrator
from agentkit.testing import ScriptedModel, ToolCall

COMMAND = [sys.executable, "-m", "tests.agents.models.counting"]

# Real processes and the wall's clock.
pytestmark = pytest.mark.blocking


def counting(*tools: str, **settings: Any) -> McpServer:
    return McpServer("counting", tools=tools or ("add",), command=COMMAND, **settings)


def ask(script: list[object], server: McpServer, **settings: Any) -> ScriptedModel:
    model = ScriptedModel(script)
    clerk: ModelAgent[Any, str] = ModelAgent("clerk", model=model, tools=[server], **settings)
    task: Task[Any] = Task.standalone("x")
    asyncio.run(asyncio.wait_for(_run(clerk, task), 60))
    return model


async def _run(clerk: ModelAgent[Any, str], task: Task[Any]) -> str:
    return await clerk.run(task)


def test_a_tool_of_a_server_is_called_and_answers() -> None:
    model = ask([ToolCall("add", one=2, other=3), "Five."], counting())

    assert model.calls[0].tools == ["add"]
    assert '"content": 5' in model.calls[1].text or '"result": 5' in model.calls[1].text


def test_what_was_not_named_is_not_there_however_often_a_model_is_told_of_it() -> None:
    model = ask([ToolCall("inject"), ToolCall("format_disk"), "No."], counting("inject"))

    assert model.calls[0].tools == ["inject"]
    assert "call format_disk" in model.calls[1].text
    assert "Unknown tool name: 'format_disk'" in model.calls[2].text


def test_an_error_of_a_tool_is_told_to_the_model() -> None:
    model = ask([ToolCall("fail"), "It failed."], counting("fail"))

    assert "Error executing tool fail" in model.calls[1].text


def test_a_server_is_given_the_variables_that_were_named_and_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    script = [ToolCall("environment", name="SECRET_KEY"), ToolCall("environment", name="COLOUR"), "Done."]

    model = ask(script, counting("environment", environment={"COLOUR": "blue"}))

    assert "s3cret" not in model.calls[2].text
    assert "blue" in model.calls[2].text


def test_a_slow_tool_is_given_up_after_its_seconds() -> None:
    model = ask([ToolCall("sleep", seconds=30), "Too slow."], counting("sleep", seconds=2))

    assert "late" not in model.calls[1].text


def test_what_a_server_writes_aside_is_kept_where_that_is_said(tmp_path: Path) -> None:
    log = tmp_path / "server.log"

    ask([ToolCall("format_disk"), "Done."], counting("format_disk", log_file=str(log)))

    assert "formatted" in log.read_text(encoding="utf-8")


def test_people_agree_to_a_tool_of_a_server_and_its_process_is_another_one_by_then(tmp_path: Path) -> None:
    model = ScriptedModel([ToolCall("add", one=2, other=3), "Five."])
    flow = Workflow("w", [Stage("ask", agent="clerk", instruction="Add")])
    server = counting(approvals={"add": Approval(by={"finance"})})

    async def whole() -> tuple[object, tuple[str, ...]]:
        async with Orchestrator([ModelAgent("clerk", model=model, tools=[server])]) as house:
            operation = await house.submit(flow, None)
            await operation.at_rest()
            (question,) = await operation.questions()
            await operation.approve("ask", by="bea", roles=["finance"], name=question.name)
            return (await operation).output, question.roles

    assert asyncio.run(whole()) == ("Five.", ("finance",))
    assert len(model.calls) == 2


@pytest.mark.parametrize(
    ("reached", "kind", "message"),
    [
        ({"command": ["/nowhere/at/all"]}, DefinitionError, "'gone': its command cannot be started.*nowhere"),
        ({"command": [sys.executable, "-c", ""]}, TryAgain, "'gone' cannot be reached: Connection closed"),
        ({"url": "http://127.0.0.1:9/mcp"}, TryAgain, "'gone' cannot be reached: .*connect"),
        ({"command": COMMAND}, DefinitionError, "'gone' has no tool ad; it has add, environment, fail"),
    ],
)
def test_a_server_that_cannot_be_used_is_named_with_what_is_wrong_with_it(
    reached: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        ask([ToolCall("ad", one=1, other=1)], McpServer("gone", tools=["ad"], **reached))


def test_a_line_that_breaks_during_a_call_costs_no_answer_of_the_model(caplog: pytest.LogCaptureFixture) -> None:
    model = ScriptedModel([ToolCall("add", one=2, other=3), "Nobody knows."])

    async def whole(port: int) -> str:
        async def carry(
            source: asyncio.StreamReader, target: asyncio.StreamWriter, *lines: asyncio.StreamWriter
        ) -> None:
            while piece := await source.read(65_536):
                if lines and b"tools/call" in piece:
                    break
                target.write(piece)
            for line in (target, *lines):
                line.close()

        async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(carry(reader, far_writer, writer), carry(far_reader, writer), return_exceptions=True)

        async with await asyncio.start_server(between, "127.0.0.1", 0) as line:
            place = f"127.0.0.1:{line.sockets[0].getsockname()[1]}"
            server = McpServer("counting", tools=["add"], url=f"http://{place}/mcp", seconds=10)
            clerk: ModelAgent[Any, str] = ModelAgent("clerk", model=model, tools=[server])
            return await clerk.run(Task.standalone("x"))

    with served(counting_over_http()) as url:
        assert asyncio.run(asyncio.wait_for(whole(int(url.rpartition(":")[2])), 60)) == "Nobody knows."

    assert "Connection closed" in model.calls[1].text
    assert "the connection to MCP server 'counting' ended with an error" in caplog.text


def test_no_process_outlives_its_run() -> None:
    model = ScriptedModel([lambda call: ToolCall("add", one=2, other=3) if len(call.messages) == 1 else "Five."])
    clerk: ModelAgent[Any, str] = ModelAgent("clerk", model=model, tools=[counting()])

    async def twice() -> list[str]:
        for _ in range(2):
            await clerk.run(Task.standalone("x"))
        return _children()

    assert asyncio.run(twice()) == []


def _children() -> list[str]:
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status, words = (process / "status").read_text(), (process / "cmdline").read_text()
        except OSError:
            continue
        if f"PPid:\t{os.getpid()}\n" in status and "counting" in words:
            found.append(words)
    return found


def test_limits_hold_for_tools_of_servers_too() -> None:
    with pytest.raises(BudgetExhausted, match="tool calls"):
        ask([ToolCall("add", one=2, other=3)], counting(), limits=ModelLimits(tool_calls=1))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tools": ["add"]}, "say how it is reached, by its command or its url"),
        ({"tools": ["add"], "command": ["x"], "url": "http://x"}, "say how it is reached, by its command or its url"),
        ({"tools": ["add"], "url": "ftp://x"}, "begins with http"),
        ({"tools": [], "command": ["x"]}, "name the tools"),
        ({"tools": ["add"], "command": ["x"], "approvals": {"sub": Approval()}}, "approvals name 'sub'"),
        ({"tools": ["add"], "command": ["x"], "seconds": 0}, "seconds"),
    ],
)
def test_a_server_that_is_none_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=f"MCP server 'files': .*{message}"):
        McpServer("files", **settings)


def test_a_tool_of_a_server_and_one_of_ours_of_the_same_name_are_refused() -> None:
    def add() -> int:
        """Add."""
        return 1

    with pytest.raises(DefinitionError, match="two tools of one name: add"):
        ModelAgent("clerk", tools=[add, counting()])


def test_headers_are_secrets_and_not_shown() -> None:
    server = McpServer("files", tools=["read"], url="https://mcp.example", headers={"Authorization": "Bearer s3cret"})

    assert "s3cret" not in repr(server)


def test_a_server_over_http_is_asked_with_its_headers() -> None:
    seen: list[bytes | None] = []
    app = counting_over_http()

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.append(dict(scope["headers"]).get(b"authorization"))
        await app(scope, receive, send)

    with served(watched) as url:
        server = McpServer("counting", tools=["add"], url=f"{url}/mcp", headers={"Authorization": "Bearer s3cret"})
        model = ask([ToolCall("add", one=2, other=3), "Five."], server)

    assert model.calls[0].tools == ["add"]
    assert set(seen) == {b"Bearer s3cret"}


def test_a_server_that_never_greets_is_given_up_after_its_seconds() -> None:
    async def mute(scope: Any, receive: Any, send: Any) -> None:
        while scope["type"] == "http" and (await receive())["type"] != "http.disconnect":
            """It hears all and says nothing."""

    # What is loaded at the first time takes time of its own.
    ask(["Hello."], counting())
    with served(mute) as url:
        began = time.monotonic()
        with pytest.raises(Exception, match="failed to connect"):
            ask([ToolCall("add", one=1, other=1)], McpServer("mute", tools=["add"], url=f"{url}/mcp", seconds=0.5))

        # Whoever is given no time waits for five seconds.
        assert time.monotonic() - began < 4


def counting_over_http() -> Any:
    from tests.agents.models.counting import server

    return server.streamable_http_app()


@contextmanager
def served(app: Any) -> Iterator[str]:
    """A server on loopback, for the time of the block."""
    import uvicorn

    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        # The loggers of uvicorn belong to all tests of this process.
        running = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [place]}, daemon=True)
        thread.start()
        end = time.monotonic() + 20
        while not running.started:
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(10)


def test_without_the_library_for_servers_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_ai.mcp", None)

    with pytest.raises(MissingExtra, match=r"pip install 'agentkit\[mcp\]'"):
        ModelAgent("clerk", tools=[counting()])

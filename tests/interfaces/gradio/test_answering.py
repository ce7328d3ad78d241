"""What a run asks besides approvals: signals are told once, and its journal is read once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest
from anyio import fail_after, sleep, to_thread

from agentkit import Orchestrator, Stage, Workflow
from agentkit.client import Client
from agentkit.interfaces.gradio.answering import draw_signals
from agentkit.interfaces.gradio.asking import Desks
from agentkit.interfaces.gradio.deciding import Heard, Questions, open_questions
from agentkit.service import Service
from agentkit.wire import EventLine, OperationPage
from tests.interfaces.gradio.world import ADA, AGENTS

VISITOR = cast("gr.Request", SimpleNamespace(request=object(), session_hash="one"))
TWICE = Workflow(
    "twice",
    [Stage("one", signal="go"), Stage("two", after=["one"], signal="go"), Stage("three", after=["two"], signal="go")],
)


@asynccontextmanager
async def waiting() -> AsyncGenerator[tuple[Client, OperationPage]]:
    """A run that waits for one signal after the other."""
    async with Orchestrator(AGENTS) as orchestrator:
        client = Client(Service(orchestrator, [TWICE]).desk(ADA))
        begun = await client.execute("twice", wait=False)
        yield client, await stands(client, begun.id, "one")
        await orchestrator.close(drain_seconds=0)


async def stands(client: Client, operation_id: str, stage: str) -> OperationPage:
    """The run once this stage waits."""
    with fail_after(20):
        while True:
            found = await client.operation(operation_id)
            if [line.name for line in found.stages if line.status == "waiting"] == [stage]:
                return found
            await sleep(0.01)


def send_button(questions: Questions, desks: Desks) -> Callable[..., Awaitable[str]]:
    """What a click on the button does that is drawn now."""
    with gr.Blocks() as page:
        draw_signals(questions.operation, questions.signals, desks)
    (click,) = [one.fn for one in page.fns.values() if one.fn is not None]
    return cast("Callable[..., Awaitable[str]]", click)


async def test_a_signal_whose_button_is_clicked_twice_is_told_once() -> None:
    async with waiting() as (client, found):
        desks, heard = Desks(client), Heard()
        asked = await open_questions(desks, VISITOR, found, heard)
        send = await to_thread.run_sync(send_button, asked, desks)
        said = await asyncio.gather(*(send(VISITOR, 0, "", False) for _ in range(2)))
        second = await stands(client, found.id, "two")
        said.append(await send(VISITOR, 0, "", False))

        assert all("It is told." in one for one in said)
        assert (await stands(client, found.id, "two")).events == second.events
        # Another stage waits for one of that name: its form is another, and tells another one.
        again = await open_questions(desks, VISITOR, second, heard)
        assert (again.signals, again.asks_as(asked)) == (("go",), False)
        send = await to_thread.run_sync(send_button, again, desks)
        await send(VISITOR, 0, "", False)
        await stands(client, found.id, "three")


async def test_the_journal_of_a_run_that_waits_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    real = Client.history

    async def history(client: Client, *given: Any, **how: Any) -> Sequence[EventLine]:
        lines = await real(client, *given, **how)
        read.extend(line.number for line in lines)
        return lines

    monkeypatch.setattr(Client, "history", history)
    async with waiting() as (client, found):
        desks, heard = Desks(client), Heard()
        asked = [await open_questions(desks, VISITOR, found, heard) for _ in range(3)]

    assert {one.signals for one in asked} == {("go",)}
    assert asked[0].asks_as(asked[2])
    assert read == sorted(set(read))
    assert read

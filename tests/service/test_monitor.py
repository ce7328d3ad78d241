"""The monitor: what watchers are told of what happens in a process."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.kernel import Event, OperationAccepted, OperationCompleted, SignalAwaited
from agentkit.service import Monitor, monitor
from agentkit.stores import MemoryStore
from agentkit.views import Span, SpanFold


@agent
async def double(task: Task[int]) -> int:
    return 2 * task.input


@agent
async def wait(task: Task[Any]) -> Any:
    await asyncio.sleep(60)


TWICE = Workflow("twice", [Stage("double", agent="double")])


class Ear:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.spans: list[Span] = []
        self.numbers: list[int] = []

    def see(self, fold: SpanFold, event: Event, spans: Sequence[Span]) -> None:
        self.events.append(event)
        self.numbers.append(fold.version)
        self.spans.extend(spans)


async def heard(orchestrator: Orchestrator, *ears: Any) -> Monitor:
    """A monitor that listens."""
    made = Monitor(ears)
    orchestrator.observe(made)
    made.open(orchestrator.store)
    return made


async def test_watchers_hear_each_event_once_and_in_order_and_contexts_not_at_all() -> None:
    ear = Ear()
    async with Orchestrator([double]) as orchestrator:
        listening = await heard(orchestrator, ear)
        operation = await orchestrator.submit(TWICE, 1)
        await operation
        await listening.close()
        journal = await orchestrator.history(operation.id)

    assert ear.events == [*journal]
    assert ear.numbers == [*range(1, len(journal) + 1)]
    assert [span.stage for span in ear.spans] == ["double", ""]


async def test_what_another_process_has_begun_is_read_and_not_told_again() -> None:
    first, second = Ear(), Ear()
    memory = MemoryStore()
    flow = Workflow("ask", [Stage("ask", signal="answer"), Stage("double", agent="double", after=["ask"])])
    one, other = Orchestrator([double], store=memory), Orchestrator([double], store=memory.sibling(), adopt=False)
    async with one, other:
        began, ended = await heard(one, first), await heard(other, second)
        operation = await one.submit(flow, 1)
        async for entry in operation.events():
            if isinstance(entry.event, SignalAwaited):
                break
        await (await other.get(operation.id)).signal("answer", 2)
        await operation
        await began.close()
        await ended.close()
        journal = await one.history(operation.id)

    assert sorted([*first.numbers, *second.numbers]) == [*range(1, len(journal) + 1)]
    told = [*first.events, *second.events]
    assert len(told) == len(set(map(id, told)))
    assert [type(event).__name__ for event in told].count("SignalReceived") == 1
    assert isinstance(first.events[0], OperationAccepted)
    assert not [event for event in second.events if isinstance(event, OperationAccepted)]
    assert sorted(span.stage for span in [*first.spans, *second.spans]) == ["", "double"]


async def test_what_a_watcher_does_wrong_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def see(self, fold: SpanFold, event: Event, spans: Sequence[Span]) -> None:
            raise RuntimeError("this watcher is broken")

    ear = Ear()
    async with Orchestrator([double]) as orchestrator:
        listening = await heard(orchestrator, Broken(), ear)
        assert (await orchestrator.run(TWICE, 1)).output == 2
        await listening.close()

    assert "Broken failed" in caplog.text
    assert len(ear.spans) == 2


async def test_what_is_forgotten_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "_MOST_FOLDS", 1)
    ear = Ear()
    async with Orchestrator([double]) as orchestrator:
        listening = await heard(orchestrator, ear)
        operations = [await orchestrator.submit(TWICE, number) for number in range(20)]
        for operation in operations:
            await operation
        await listening.close()

    assert len([event for event in ear.events if isinstance(event, OperationCompleted)]) == 20
    assert len([span for span in ear.spans if span.stage]) == 20

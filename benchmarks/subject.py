"""The column of agentkit.

Each function does `size` items of work and returns a `Sample`; only the running is timed, never the making of
definitions. Every function asserts that the work was done: the no-op agent was called so often, the results are there,
and all events can be read back from the journal.
"""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from time import perf_counter

from agentkit import (
    Agent,
    AgentPersonality,
    Approval,
    ContextKey,
    ContextStore,
    FallbackChain,
    Map,
    Orchestrator,
    Stage,
    Task,
    Workflow,
)
from agentkit import agent as as_agent
from agentkit.agents import registration_of
from agentkit.engines import SystemClock
from agentkit.kernel import AttemptStarted, AttemptSucceeded, Event, OperationAccepted, OperationCompleted, replay
from agentkit.money import AuditTrail, JsonLinesSink
from agentkit.stores import Codec, SqliteStore

from .data import clean_polars, clean_python, data_convert, data_dedupe, data_share, data_sources, money_polars
from .money import money_add, money_column, money_new, money_parse, money_percent, money_sum
from .reporting import report_excel, report_pdf
from .sample import Sample, import_seconds, scratch, size_of
from .serving import http_fan, http_open, http_status, http_status_many, http_submit, http_submit_many

__all__ = [  # the rest is here
    "clean_polars",
    "clean_python",
    "data_convert",
    "data_dedupe",
    "data_share",
    "data_sources",
    "http_fan",
    "http_open",
    "http_status",
    "http_status_many",
    "http_submit",
    "http_submit_many",
    "money_add",
    "money_column",
    "money_new",
    "money_parse",
    "money_percent",
    "money_polars",
    "money_sum",
    "report_excel",
    "report_pdf",
]


class Step(Agent[object, None]):
    """The no-op stage; it counts, so that it cannot be skipped."""

    def __init__(self) -> None:
        self.calls = 0

    async def run(self, task: Task[object]) -> None:
        self.calls += 1


class Worker(Agent[object, None]):
    """An agent as users write them."""

    personality = AgentPersonality(name="worker", role="Work", expertise={"work"})

    async def run(self, task: Task[object]) -> None:
        return None


def _chain(size: int) -> Workflow[object]:
    stages = [Stage(f"s{n}", agent="step", after=[f"s{n - 1}"] if n else []) for n in range(size)]
    return Workflow("chain", stages)


def _fan(size: int) -> Workflow[object]:
    middle = [Stage(f"m{n}", agent="step", after=["first"]) for n in range(size)]
    last = Stage("last", agent="step", after=[stage.name for stage in middle])
    return Workflow("fan", [Stage("first", agent="step"), *middle, last])


def _layered(size: int) -> Workflow[object]:
    width = size // 10
    stages = [
        Stage(
            f"l{layer}-{n}",
            agent="step",
            after=[f"l{layer - 1}-{n}", f"l{layer - 1}-{(n + 1) % width}"] if layer else [],
        )
        for layer in range(10)
        for n in range(width)
    ]
    return Workflow("layered", stages)


def _run_one(workflow: Workflow[object], items: int) -> Sample:
    async def main() -> float:
        step = Step()
        async with Orchestrator([step]) as orchestrator:
            start = perf_counter()
            operation = await orchestrator.submit(workflow)
            await operation
            seconds = perf_counter() - start
            assert step.calls == len(workflow.stages)
            journal = await orchestrator.history(operation.id)
            assert len(journal) == 2 * len(workflow.stages) + 2
        return seconds

    return Sample(items, asyncio.run(main()))


def chain(size: int) -> Sample:
    return _run_one(_chain(size), size)


def fan(size: int) -> Sample:
    return _run_one(_fan(size), size)


def layered(size: int) -> Sample:
    return _run_one(_layered(size), size)


def operations(size: int) -> Sample:
    workflow = _chain(3)

    async def main() -> float:
        step = Step()
        async with Orchestrator([step]) as orchestrator:
            start = perf_counter()
            results = await asyncio.gather(*[orchestrator.run(workflow) for _ in range(size)])
            seconds = perf_counter() - start
            assert step.calls == 3 * size
            assert len({result.operation_id for result in results}) == size
            assert len(await orchestrator.history(results[-1].operation_id)) == 8
        return seconds

    return Sample(size, asyncio.run(main()))


def durable_one(size: int) -> Sample:
    async def runs(orchestrator: Orchestrator) -> None:
        for _ in range(size):
            await orchestrator.run(workflow)

    workflow = _chain(3)
    return _durable(size, runs)


def durable_many(size: int, lines: Path) -> Sample:
    del lines
    workflow = _chain(3)

    async def runs(orchestrator: Orchestrator) -> None:
        await asyncio.gather(*[orchestrator.run(workflow) for _ in range(size)])

    return _durable(size, runs)


def _durable(size: int, runs: Callable[[Orchestrator], Coroutine[None, None, None]]) -> Sample:
    async def main(path: Path) -> float:
        step = Step()
        async with Orchestrator([step], store=f"sqlite:///{path}") as orchestrator:
            start = perf_counter()
            await runs(orchestrator)
            seconds = perf_counter() - start
            assert step.calls == 3 * size
            assert len(await orchestrator.list(status=["completed"], limit=size + 1)) == size
        return seconds

    with scratch() as directory:
        return Sample(size, asyncio.run(main(directory / "agentkit.db")), size_of(directory))


def resume(size: int, lines: Path) -> Sample:
    """From the stored rows to the state from which it goes on."""
    del lines
    workflow = _chain(size // 2)

    async def main(path: Path) -> float:
        async with SqliteStore(path) as store:
            await store.append("one", _journal(workflow, size), expected=0, lease=store.fresh("one"))
        async with SqliteStore(path) as store:
            start = perf_counter()
            state = replay(await store.read("one"))
            seconds = perf_counter() - start
            assert state.version == size
        return seconds

    with scratch() as directory:
        return Sample(size, asyncio.run(main(directory / "agentkit.db")))


def mapped(size: int) -> Sample:
    workflow = Workflow("mapped", [Stage("each", agent="step", map=Map())])

    async def main() -> float:
        step = Step()
        async with Orchestrator([step]) as orchestrator:
            start = perf_counter()
            result = await orchestrator.run(workflow, list(range(size)))
            seconds = perf_counter() - start
            assert step.calls == len(result.output) == size
        return seconds

    return Sample(size, asyncio.run(main()))


def append(size: int) -> Sample:
    async def main(path: Path) -> float:
        events = _journal(_chain(size), 2 * size)
        async with SqliteStore(path) as store:
            await store.append("one", events[:1], expected=0)
            start = perf_counter()
            for number in range(1, size + 1):
                await store.append("one", events[number : number + 1], expected=number)
            seconds = perf_counter() - start
            assert len(await store.read("one")) == size + 1
        return seconds

    with scratch() as directory:
        return Sample(size, asyncio.run(main(directory / "agentkit.db")))


def context(size: int) -> Sample:
    total = ContextKey("total", int)

    async def main(path: Path) -> float:
        async with SqliteStore(path) as store, ContextStore(store, name="shared", keys=[total]) as context:
            await context.update({"total": 0}, by="bench")
            start = perf_counter()
            for number in range(1, size + 1):
                await context.update({"total": number}, by="bench")
            seconds = perf_counter() - start
            assert await context.get(total) == size
        return seconds

    with scratch() as directory:
        return Sample(size, asyncio.run(main(directory / "agentkit.db")))


def strategy(size: int) -> Sample:
    """What a chain's strategy costs without the chain: its task made, the agent's body run, its value checked.

    The task is made of a command that is there already, as a chain makes it; `Task.standalone` would cost more.
    """
    calls = 0

    @as_agent
    async def first(task: Task[object]) -> None:
        nonlocal calls
        calls += 1

    entry = registration_of(first)
    command = Task.standalone(None)._command

    async def main() -> float:
        start = perf_counter()
        for _ in range(size):
            entry.output_type.check(await first.run(Task(command, value_type=entry.input_type)))
        seconds = perf_counter() - start
        assert calls == size
        return seconds

    return Sample(size, asyncio.run(main()))


def fallback(size: int) -> Sample:
    calls = 0

    @as_agent
    async def first(task: Task[object]) -> None:
        nonlocal calls
        calls += 1

    @as_agent
    async def second(task: Task[object]) -> None:
        raise AssertionError

    chain = FallbackChain(first, second)
    task = Task.standalone(None)

    async def main() -> float:
        start = perf_counter()
        for _ in range(size):
            result = await chain.run(task)
        seconds = perf_counter() - start
        assert (calls, result.level) == (size, 0)
        return seconds

    return Sample(size, asyncio.run(main()))


def _waits(size: int, *, wake: bool) -> Sample:
    """Submit operations that wait for approval, and perhaps have them go on; what is timed is the one or the other."""
    workflow = Workflow("waits", [Stage("step", agent="step", approval=Approval(by={"boss"}))])

    async def main(path: Path) -> float:
        step = Step()
        async with Orchestrator([step], store=f"sqlite:///{path}") as orchestrator:
            start = perf_counter()
            ids: list[str] = []
            for first in range(0, size, 100):
                submitted = [orchestrator.submit(workflow) for _ in range(first, min(first + 100, size))]
                ids += [operation.id for operation in await asyncio.gather(*submitted)]
            while orchestrator.active:  # noqa: ASYNC110 - nothing tells when all of them rest
                await asyncio.sleep(0.001)
            if wake:
                start = perf_counter()
                for first in range(0, size, 100):
                    await asyncio.gather(*[_approve(orchestrator, one) for one in ids[first : first + 100]])
                assert step.calls == size
            return perf_counter() - start

    with scratch() as directory:
        return Sample(size, asyncio.run(main(directory / "agentkit.db")))


async def _approve(orchestrator: Orchestrator, operation_id: str) -> None:
    operation = await orchestrator.get(operation_id)
    await operation.approve("step", by="ann", roles={"boss"})
    await operation


def waiting(size: int) -> Sample:
    return _waits(size, wake=False)


def waking(size: int) -> Sample:
    return _waits(size, wake=True)


def feed(size: int) -> Sample:
    workflow = _chain(size // 2)
    events = _journal(workflow, size)

    async def main() -> float:
        from agentkit.engines import follow
        from agentkit.stores import MemoryStore

        async with MemoryStore() as store:
            seen = 0

            async def read() -> None:
                nonlocal seen
                async for entry in follow(store, "one"):
                    seen = entry.number
                    if seen == size:
                        return

            start = perf_counter()
            reader = asyncio.get_running_loop().create_task(read())
            for number, event in enumerate(events):
                await store.append("one", [event], expected=number)
                if number % 16 == 0:
                    await asyncio.sleep(0)
            await reader
            seconds = perf_counter() - start
            assert seen == size
        return seconds

    return Sample(size, asyncio.run(main()))


def agent(size: int) -> Sample:
    start = perf_counter()
    made = [Worker() for _ in range(size)]
    seconds = perf_counter() - start
    assert len({member.name for member in made}) == 1
    return Sample(len(made), seconds)


def audit(size: int) -> Sample:
    with scratch() as directory:
        trail = AuditTrail(JsonLinesSink(directory / "trail.jsonl"), clock=SystemClock(), buffered=1000, durable=False)
        start = perf_counter()
        for number in range(size):
            trail.append(
                actor="ada",
                operation="share",
                inputs={"total": "1234.56", "percent": "12.5", "currency": "EUR", "author": f"author {number}"},
                outputs={"creator": "154.32", "platform": "1080.24"},
                rounding="ROUND_HALF_EVEN",
                data_versions={"iso4217": "2025-05-12"},
            )
        trail.flush()
        seconds = perf_counter() - start
        assert trail.verify().size == size
        trail.close()
        return Sample(size, seconds, size_of(directory))


def imports(size: int) -> Sample:
    return import_seconds("from agentkit import Agent, Orchestrator, Stage, Workflow", size)


def lines(scenario: str, size: int, path: Path) -> None:
    codec = Codec()
    if scenario == "resume":
        journals = [_journal(_chain(size // 2), size)]
    else:
        journals = [_journal(_chain(3), 8) for _ in range(size)]
    path.write_text("".join(codec.encode(event) + "\n" for journal in journals for event in journal))


def _journal(workflow: Workflow[object], size: int) -> list[Event]:
    """The journal of a chain, of so many events; the last attempt's success or the end may be missing."""
    at = 1_790_000_000.123456
    events: list[Event] = [OperationAccepted(at=at, operation_id="one", workflow=workflow, input="null")]
    for number, stage in enumerate(workflow.stages):
        now = at + number / 1000
        events.append(AttemptStarted(at=now, stage=stage.name, attempt=1, agent=stage.agent))
        events.append(AttemptSucceeded(at=now, stage=stage.name, attempt=1, value="null"))
    events.append(OperationCompleted(at=at + size))
    return events[:size]

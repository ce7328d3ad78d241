"""What is kept in mind of operations that were read, and how much."""

from collections.abc import Sequence

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import NotFound
from agentkit.kernel import Event
from agentkit.service import Service
from agentkit.service.reading import Reader
from agentkit.wire import SubmitRequest


@agent
async def echo(task: Task[int]) -> int:
    return task.input


FLOW = Workflow("flow", [Stage("echo", agent="echo")])


@pytest.mark.parametrize(
    ("kept", "events", "read"),
    [
        (10, 1_000, "abc"),
        (2, 1_000, "abca"),
        # Each has four events: two fit, and one always does.
        (10, 8, "abca"),
        (10, 1, "abcab"),
    ],
)
async def test_what_was_read_is_kept_within_bounds(
    monkeypatch: pytest.MonkeyPatch, kept: int, events: int, read: str
) -> None:
    async with Orchestrator([echo]) as orchestrator:
        ids = {name: (await orchestrator.run(FLOW, 1)).operation_id for name in "abc"}
        names = {operation: name for name, operation in ids.items()}
        asked: list[str] = []
        history = orchestrator.history

        async def counted(operation_id: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
            asked.append(names[operation_id])
            return await history(operation_id, after=after, limit=limit)

        monkeypatch.setattr(orchestrator, "history", counted)
        reader = Reader(orchestrator, kept=kept, events=events)
        for name in "abcab"[: max(4, len(read))]:
            assert (await reader.page(ids[name])).status == "completed"

    assert "".join(asked) == read


async def test_a_start_is_answered_without_reading_what_was_just_written(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Orchestrator([echo]) as orchestrator:
        desk = Service(orchestrator, [FLOW]).desk()
        history, asked = orchestrator.history, list[int]()

        async def counted(operation_id: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
            asked.append(after)
            return await history(operation_id, after=after, limit=limit)

        monkeypatch.setattr(orchestrator, "history", counted)
        page = await desk.submit(SubmitRequest(workflow="flow", input=1), key="once")
        first, asked = asked, list[int]()
        again = await desk.submit(SubmitRequest(workflow="flow", input=1), key="once")

        assert (page.status, page.events, [stage.status for stage in page.stages]) == ("running", 2, ["running"])
        assert first == []
        # What was known of it is kept: only news are asked for.
        assert (again.id, asked) == (page.id, [2])


@agent
async def draw(task: Task[int]) -> int:
    await task.attach("plan.txt", b"first", media_type="text/plain")
    return task.input


async def test_files_are_listed_and_given_without_reading_a_journal_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Orchestrator([draw], store="memory://") as orchestrator:
        flow = Workflow("flow", [Stage("draw", agent="draw"), Stage("again", agent="draw", after=["draw"])])
        operation_id = (await orchestrator.run(flow, 1)).operation_id
        desk = Service(orchestrator, [flow]).desk()
        await desk.operation(operation_id)
        read, asked = orchestrator.store.read, list[tuple[str, int]]()

        async def counted(stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
            asked.append((stream, after))
            return await read(stream, after=after, limit=limit)

        monkeypatch.setattr(orchestrator.store, "read", counted)

        assert [(line.stage, line.name) for line in await desk.files(operation_id)] == [
            ("draw", "plan.txt"),
            ("again", "plan.txt"),
        ]
        assert await desk.file(operation_id, "plan.txt", stage="draw") == b"first"
        with pytest.raises(NotFound, match=r"no file 'x'; there are: plan\.txt, plan\.txt"):
            await desk.file(operation_id, "x")
        assert asked == []


async def test_files_that_come_later_are_found_by_what_is_new_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Orchestrator([draw]) as orchestrator:
        stages = [Stage("draw", agent="draw"), Stage("wait", signal="go", after=["draw"])]
        flow = Workflow("flow", [*stages, Stage("again", agent="draw", after=["wait"])])
        operation = await orchestrator.submit(flow, 1)
        desk = Service(orchestrator, [flow]).desk()
        async for progress in operation.follow():
            if progress.waiting:
                break
        assert [line.stage for line in await desk.files(operation.id)] == ["draw"]
        history, asked = orchestrator.history, list[int]()

        async def counted(operation_id: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
            asked.append(after)
            return await history(operation_id, after=after, limit=limit)

        monkeypatch.setattr(orchestrator, "history", counted)
        await operation.signal("go", 1)
        await operation.result()

        assert [line.stage for line in await desk.files(operation.id)] == ["draw", "again"]
        assert len(asked) == 1
        assert asked[0] > 0

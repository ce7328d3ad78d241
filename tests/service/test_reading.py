"""What is kept in mind of operations that were read, and how much."""

from collections.abc import Sequence

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.kernel import Event
from agentkit.service.reading import Reader


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

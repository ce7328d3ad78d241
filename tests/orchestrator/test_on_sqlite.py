"""On a store that really waits: what ends while a commit is under way is neither lost nor run again.

These run on a real loop, since the virtual one does not see the store's threads.
"""

import asyncio
from collections import Counter
from pathlib import Path

from agentkit.agents import Task, agent
from agentkit.kernel import AttemptStarted, Stage, Workflow
from agentkit.orchestrator import Orchestrator

WIDE: Workflow[object] = Workflow(
    "wide",
    [
        *(Stage(f"a{n}", agent="step") for n in range(30)),
        *(Stage(f"b{n}", agent="step", after=[f"a{n}"]) for n in range(30)),
    ],
)


def test_without_a_crash_every_attempt_runs_its_body_once(tmp_path: Path) -> None:
    bodies: Counter[tuple[str, str, int]] = Counter()

    @agent
    async def step(task: Task[object]) -> None:
        bodies[task.operation_id, task.stage, task.attempt] += 1
        # Ends at all sorts of moments, many of them during somebody's commit.
        for _ in range(len(bodies) % 7):
            await asyncio.sleep(0)

    async def main() -> int:
        async with Orchestrator([step], store=f"sqlite:///{tmp_path}/runs.db") as orchestrator:
            results = await asyncio.gather(*(orchestrator.run(WIDE) for _ in range(3)))
            journals = [await orchestrator.history(result.operation_id) for result in results]
        return sum(isinstance(event, AttemptStarted) for journal in journals for event in journal)

    started = asyncio.run(main())
    assert started == len(bodies) == 3 * len(WIDE.stages)
    assert set(bodies.values()) == {1}

"""On a store that really waits: what ends while a commit is under way is neither lost nor run again.

These run on a real loop, since the virtual one does not see the store's threads.
"""

import asyncio
import json
import sqlite3
from collections import Counter
from contextlib import closing
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


LOOK = """
    select s.status, s.version, max(e.seq), json_group_array(json(e.data))
    from stream s join event e on e.stream_no = s.no group by s.no
"""
"""What lists say of each operation, and its events, as one moment has them: so a crash or a backup would find it."""


def torn(path: Path) -> tuple[int, list[str]]:
    """How many stages are seen done in one look at the file, and what in it does not belong together."""
    done, problems = 0, list[str]()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for status, version, last, kept in connection.execute(LOOK):
            events = json.loads(kept)
            kinds = [event["type"] for event in events]
            done += kinds.count("AttemptSucceeded")
            if not version == last == len(events) or (status == "completed") != ("OperationCompleted" in kinds):
                problems.append(f"{status}, version {version}, with {last} events: {kinds}")
            if any(
                event["type"] == "AttemptSucceeded" and not event.keys() >= {"value", "context"} for event in events
            ):
                problems.append("a success without its value, or without what it wrote")
    return done, problems


def test_p3_whoever_looks_sees_all_of_a_stage_or_nothing(tmp_path: Path) -> None:
    @agent
    async def step(task: Task[object]) -> str:
        task.context["log"] = [task.stage]
        return task.stage

    stages = [
        Stage(f"s{n}", agent="step", after=[f"s{n - 1}"] if n else [], writes={"log": "append"}) for n in range(5)
    ]

    async def main() -> list[tuple[int, list[str]]]:
        looks = list[tuple[int, list[str]]]()
        async with Orchestrator([step], store=f"sqlite:///{tmp_path}/runs.db") as orchestrator:
            work = asyncio.gather(*(orchestrator.run(Workflow("flow", stages)) for _ in range(20)))
            while not work.done():
                looks.append(await asyncio.to_thread(torn, tmp_path / "runs.db"))
        return looks

    looks = asyncio.run(main())
    assert [problem for _, problems in looks for problem in problems] == []
    assert [done for done, _ in looks] == sorted(done for done, _ in looks)
    assert any(0 < done < 100 for done, _ in looks)

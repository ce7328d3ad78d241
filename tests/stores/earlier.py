"""What was written once, and has to be readable for ever: a store as SQL, and every event as a line.

`python -m tests.stores.earlier` writes what is missing: the store of a new format, the line of a new kind of event.
What is there is never written anew, since journals like it lie on the disks of users.
"""

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import get_args

from hypothesis import HealthCheck, Phase, given, seed, settings

from agentkit import Approval, Orchestrator, RetryPolicy, Stage, Task, TryAgain, Workflow, agent
from agentkit.agents import Agent
from agentkit.engines import SystemClock
from agentkit.errors import OperationFailed
from agentkit.kernel import Event
from agentkit.orchestrator import ContextStore
from agentkit.service import ApiKeys
from agentkit.stores import Codec
from agentkit.stores.sqlite_schema import APPLICATION_ID, FORMAT

HERE = Path(__file__).parent / "earlier"
EVENTS = HERE / "events.jsonl"


def dump_of(number: int) -> Path:
    """The store of one format, as SQL."""
    return HERE / f"format-{number}.sql"


@agent
async def count(task: Task[object]) -> int:
    if task.attempt == 1 and task.stage == "shaky":
        raise TryAgain("not yet")
    task.context["log"] = [task.stage]
    return task.attempt


@agent
async def broken(task: Task[object]) -> int:
    raise ValueError("this never works")


@agent
async def lasting(task: Task[object]) -> str:
    if task.input == "for ever":
        await asyncio.sleep(3_600)
    return "done"


CREW: Sequence[Agent[object, object]] = (count, broken, lasting)
RETRY = RetryPolicy(attempts=2, delay=0.01, jitter=0)
ROUND: Workflow[object] = Workflow(
    "round",
    [
        Stage("first", agent="count", writes={"log": "append"}),
        Stage("shaky", agent="count", after=["first"], writes={"log": "append"}, retry=RETRY),
        Stage("saved", agent="broken", after=["first"], retry=RetryPolicy(attempts=1), fallback=["lasting"]),
        Stage("spare", agent="broken", after=["first"], required=False, retry=RetryPolicy(attempts=1)),
        Stage("last", agent="lasting", after=["shaky", "saved", "spare"]),
    ],
)
LOST: Workflow[object] = Workflow("lost", [Stage("only", agent="broken", retry=RetryPolicy(attempts=1))])
LONG: Workflow[object] = Workflow("long", [Stage("only", agent="lasting")])
ASKED: Workflow[object] = Workflow(
    "asked", [Stage("ask", approval=Approval(question="Pay?")), Stage("pay", agent="lasting", after=["ask"])]
)


async def fill(address: str) -> None:
    """Have one operation of each end in a store, one that waits for people, and one in the middle of its work."""
    async with Orchestrator(CREW, store=address) as orchestrator:
        await orchestrator.run(ROUND, {"month": "2025-11"})
        with suppress(OperationFailed):
            await orchestrator.run(LOST)
        stopped = await orchestrator.submit(LONG, "for ever")
        await orchestrator.cancel(stopped.id, "enough")
        asked = await orchestrator.submit(ASKED)
        await asked.at_rest()
        await orchestrator.submit(LONG, "for ever", key="the long one")
        keys = ApiKeys(orchestrator.store, now=SystemClock().now, pepper="pepper")
        made = await keys.create("ada", tenant="acme", scopes={"read"})
        async with ContextStore(orchestrator.store, keys=["key"], name="kept") as context:
            await context.update({"key": made.key}, by="ada")
        await orchestrator.close(drain_seconds=0)


def write_store() -> None:
    """Write the store of this format, if it is not there."""
    if (target := dump_of(FORMAT)).exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(fill(f"sqlite:///{folder}/runs.db"))
        with closing(sqlite3.connect(f"{folder}/runs.db")) as connection:
            target.write_text("".join(f"{line}\n" for line in connection.iterdump()), encoding="utf-8")


def read_store(number: int, path: Path) -> None:
    """Make a file of a store of one format."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump_of(number).read_text(encoding="utf-8"))
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        connection.execute(f"pragma user_version = {number}")
        connection.execute("pragma journal_mode = wal")


def line_of(kind: type[Event]) -> str:
    """One line of a kind of event in which much is said."""
    from tests.stores.test_codec import events

    found: list[str] = []

    @seed(1)
    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(events(kind))
    def collect(event: Event) -> None:
        found.append(Codec().encode(event))

    collect()
    return max((line for line in found if len(line) < 2_000), key=len)


def kept_lines() -> list[str]:
    """The lines that there are; a text in them may hold what Python takes for the end of a line."""
    return EVENTS.read_text(encoding="utf-8").split("\n")[:-1] if EVENTS.exists() else []


def write_events() -> None:
    """Write a line for every kind of event that has none."""
    lines = kept_lines()
    known = {json.loads(line)["type"] for line in lines}
    lines += [line_of(kind) for kind in get_args(Event) if kind.__name__ not in known]
    EVENTS.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    write_store()
    write_events()

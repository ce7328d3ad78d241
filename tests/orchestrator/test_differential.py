"""The same workflow on memory and on SQLite, with and without deaths, tells the same story."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast

import pytest

from agentkit.kernel import Approval, Event, OperationAdopted, RetryPolicy, Stage, When, Workflow
from agentkit.stores import SqliteStore, Store
from agentkit.testing import (
    Approve,
    Cancel,
    Fault,
    ScriptedAgent,
    Settle,
    Signal,
    Simulated,
    SimulationSettings,
    Sleep,
    assert_same_end,
    simulate,
)
from tests.testing.flows import RICH, rich_agents

pytestmark = pytest.mark.blocking

UNDONE: Workflow[object] = Workflow(
    "undone",
    [
        Stage("book", agent="clerk", undo="back"),
        Stage("check", agent="clerk", after=["book"], when=When("book", present=True), required=False, minimal="none"),
        Stage("ask", after=["check"], approval=Approval(deadline=60, remind=20)),
        Stage("pay", agent="broken", after=["ask"], retry=RetryPolicy(attempts=2, delay=5), fallback=["broken_too"]),
    ],
)
PEOPLE = (
    Signal("go", 1, after=100),
    Approve("ask", by="bob", after=30),
    Approve("pay", by="ann", roles={"finance"}, after=200),
    Settle("once", "done", value="once"),
)


def clerks() -> list[ScriptedAgent]:
    return [
        ScriptedAgent("clerk", [Sleep(3, "booked")]),
        ScriptedAgent("back", [Sleep(2, None)]),
        ScriptedAgent("broken", [ConnectionError("no line")]),
        ScriptedAgent("broken_too", [ValueError("never")]),
    ]


def among(people: Sequence[Approve | Cancel | Settle | Signal], settings: SimulationSettings) -> SimulationSettings:
    told = settings.copy()
    told["people"] = people
    return told


SCENES: Mapping[str, Callable[[SimulationSettings], Simulated[object]]] = {
    "rich": lambda settings: simulate(RICH, rich_agents, seed=3, **among(PEOPLE, settings)),
    "undone": lambda settings: simulate(UNDONE, clerks, seed=4, **among(PEOPLE, settings)),
    "cancelled": lambda settings: simulate(UNDONE, clerks, seed=5, **among([Cancel("no", after=10)], settings)),
}
scenes = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)


def on_sqlite(path: Path) -> SimulationSettings:
    return {"store": lambda: SqliteStore(path / "runs.db", synchronous="NORMAL"), "die": die}


def die(store: Store) -> None:
    """Die as a process does: the lock that says that it lives is given back, and nothing else."""
    session = cast("SqliteStore", store)._file
    assert session is not None
    session.life.forget()
    session.owner = "nobody"


def story(run: Simulated[object]) -> dict[tuple[str, str], list[Event]]:
    """What happened to each operation and each of its stages, without changes of hands and without times.

    Whose answer comes first of those that work at once is up to the moment.
    """
    told: dict[tuple[str, str], list[Event]] = {}
    for name, journal in run.journals.items():
        for event in journal:
            if not isinstance(event, OperationAdopted):
                told.setdefault((name, getattr(event, "stage", None) or ""), []).append(timeless(event))
    return told


def timeless(event: Event) -> Event:
    times = {"at", "until", "retry_at", "expires_at", "timeout"} & {field.name for field in fields(event)}
    changes: dict[str, Any] = dict.fromkeys(times, 0.0)
    return replace(event, **changes)


@scenes
def test_memory_and_sqlite_tell_the_same(
    scene: Callable[[SimulationSettings], Simulated[object]], tmp_path: Path
) -> None:
    memory, sqlite = scene({}), scene(on_sqlite(tmp_path))

    assert story(sqlite) == story(memory)
    # What lost the race for a lease is found a quarter of a second later.
    assert abs(sqlite.seconds - memory.seconds) < 1
    assert_same_end(memory, sqlite)


@scenes
@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
def test_a_death_changes_the_same_on_memory_and_on_sqlite(
    scene: Callable[[SimulationSettings], Simulated[object]], kind: str, tmp_path: Path
) -> None:
    calm = scene({})
    for number in sample(calm.writes):
        faults = [Fault(kind="kill_before" if kind == "kill_before" else "kill_after", number=number, call="append")]
        (tmp_path / f"{number}").mkdir()
        memory = scene({"faults": faults})
        sqlite = scene({**on_sqlite(tmp_path / f"{number}"), "faults": faults})

        assert memory.deaths == sqlite.deaths == 1
        assert story(sqlite) == story(memory)
        assert_same_end(calm, memory, sqlite)


def sample(writes: int) -> Sequence[int]:
    """Some points from the first write to the last one.

    Answers that come at once may be one write or two, so a store may be one write behind the other when it dies. The
    points lie where that makes no other story: not around the beginning of what is done at most once.
    """
    return sorted({1, 2, 3, *range(6, writes, 6), writes - 1})

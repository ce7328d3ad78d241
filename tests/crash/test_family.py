"""A resting parent whose child ends in a process that is killed: the next process finishes it."""

from functools import partial
from pathlib import Path
from shutil import copytree

import pytest

from agentkit.kernel import ChildAwaited, ChildHeard, OperationCompleted
from tests.crash.processes import KILLED, Place, in_parallel, run


@pytest.fixture
def begun(tmp_path: Path) -> Place:
    """A parent and its child, both at rest, whose process is gone."""
    place = Place(tmp_path / "begun")
    place.folder.mkdir()
    assert run("-m", "tests.crash.family", "begin", place.store).returncode == KILLED
    return place


def copied(place: Place, title: str) -> Place:
    return Place(Path(copytree(place.folder, place.folder.with_name(title))))


def die_and_finish(begun: Place, kind: str, number: int) -> list[str]:
    place = copied(begun, f"{kind}-{number}")
    died = run("-m", "tests.crash.family", "approve", place.store, kind, number)
    finished = run("-m", "tests.crash.family", "finish", place.store)
    journals = place.journals()
    told = [event for journal in journals.values() for event in journal if isinstance(event, ChildAwaited | ChildHeard)]
    good = (
        died.returncode in (KILLED, 0),
        finished.stdout == "then done\n",
        len(journals) == 2 and all(isinstance(journal[-1], OperationCompleted) for journal in journals.values()),
        [type(event) for event in told] == [ChildAwaited, ChildHeard],
    )
    return [] if all(good) else [f"{kind} {number}: {good} {died.stderr[-300:]} {finished.stderr[-300:]}"]


@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
def test_a_kill_at_any_store_call_around_the_end_of_a_child_wakes_its_parent_all_the_same(
    kind: str, begun: Place
) -> None:
    undisturbed = run("-m", "tests.crash.family", "approve", copied(begun, "undisturbed").store)

    assert in_parallel(partial(die_and_finish, begun, kind), range(1, int(undisturbed.stdout) + 1)) == []

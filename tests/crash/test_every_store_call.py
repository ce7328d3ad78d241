"""SIGKILL before and after every single call of the store, in real processes on a real file.

An outside ledger, on the disk before a body goes on, tells what truly ran.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.crash.flows import OUTPUT
from tests.crash.processes import KILLED, Inquest, Place, in_parallel

Death: TypeAlias = tuple[str, int]
"""What kills, and at which call."""

KINDS = ("kill_before", "kill_after")


def place(folder: Path, title: str) -> Place:
    folder = folder / title
    folder.mkdir()
    return Place(folder)


def calls_of(folder: Path, *before: Death) -> int:
    """How many calls the store gets when nothing goes wrong any more."""
    undisturbed = place(folder, "undisturbed")
    for words in before:
        assert undisturbed.work("begin", *words).returncode == KILLED
    process = undisturbed.work("finish" if before else "begin")
    assert process.returncode == 0, process.stderr
    return int(process.stdout)


def die_and_finish(folder: Path, deaths: Sequence[Death]) -> list[str]:
    """Let one process after the other die, and the last one finish; return all that is wrong.

    How many calls a process makes depends a little on its timing: one that ends before its last call has to end well.
    """
    title = " ".join(f"{kind}-{number}" for kind, number in deaths)
    spot = place(folder, title)
    problems: list[str] = []
    for task, death in zip(("begin", "finish"), deaths, strict=False):
        died = spot.work(task, *death)
        if died.returncode not in (KILLED, 0):
            problems.append(f"{title}: a process ended with {died.returncode}: {died.stderr[-500:]}")
    inquest = Inquest(spot, title)
    finished = spot.work("finish")
    if finished.returncode:
        problems.append(f"{title}: it cannot be finished: {finished.stderr[-500:]}")
    return [*problems, *inquest.conclude(OUTPUT)]


@pytest.mark.parametrize("kind", KINDS)
def test_p1_p2_p3_a_kill_at_any_store_call_loses_nothing_and_repeats_nothing(kind: str, tmp_path: Path) -> None:
    calls = calls_of(tmp_path)

    assert in_parallel(lambda number: die_and_finish(tmp_path, [(kind, number)]), range(1, calls + 1)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_p1_p2_p3_a_kill_at_any_store_call_of_the_recovery_is_recovered_from(kind: str, tmp_path: Path) -> None:
    first = ("kill_after", 4)
    calls = calls_of(tmp_path, first)
    # After one call and before the next is nearly the same place: each kind takes every other one, `nox -s crash` all.
    places = range(1 if kind == "kill_after" else 2, calls + 1, 2)

    assert in_parallel(lambda number: die_and_finish(tmp_path, [first, (kind, number)]), places) == []


@pytest.mark.long
@pytest.mark.parametrize("number", range(1, 13))
@pytest.mark.parametrize("kind", KINDS)
def test_any_two_kills_are_recovered_from(kind: str, number: int, tmp_path: Path) -> None:
    first = ("kill_after", number)
    calls = calls_of(tmp_path, first)

    assert in_parallel(lambda number: die_and_finish(tmp_path, [first, (kind, number)]), range(1, calls + 1)) == []

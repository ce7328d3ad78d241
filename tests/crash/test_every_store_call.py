"""SIGKILL before and after every single call of the store, in real processes on a real file.

An outside ledger, on the disk before a body goes on, tells what truly ran.
"""

from functools import partial
from pathlib import Path

import pytest

from tests.crash.flows import OUTPUT
from tests.crash.processes import KILLED, Inquest, Place, in_parallel

KINDS = ("kill_before", "kill_after")


def place(folder: Path, title: str) -> Place:
    folder = folder / title
    folder.mkdir()
    return Place(folder)


def calls_of(folder: Path, *before: tuple[object, ...]) -> int:
    """How many calls the store gets when nothing goes wrong any more."""
    undisturbed = place(folder, "undisturbed")
    for words in before:
        assert undisturbed.work("begin", *words).returncode == KILLED
    process = undisturbed.work("finish" if before else "begin")
    assert process.returncode == 0, process.stderr
    return int(process.stdout)


def die_and_finish(folder: Path, kind: str, number: int) -> list[str]:
    spot = place(folder, f"{kind}-{number}")
    died = spot.work("begin", kind, number)
    if died.returncode != KILLED:
        return [f"{kind} {number}: the process ended with {died.returncode}: {died.stderr[-500:]}"]
    inquest = Inquest(spot, f"{kind} {number}")
    finished = spot.work("finish")
    if finished.returncode:
        return [*inquest.problems, f"{kind} {number}: it cannot be finished: {finished.stderr[-500:]}"]
    return inquest.conclude(OUTPUT)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_store_call_loses_nothing_and_repeats_nothing(kind: str, tmp_path: Path) -> None:
    calls = calls_of(tmp_path)

    assert in_parallel(partial(die_and_finish, tmp_path, kind), range(1, calls + 1)) == []


def die_twice_and_finish(folder: Path, first: tuple[str, int], kind: str, number: int) -> list[str]:
    title = f"{first[0]}-{first[1]}-{kind}-{number}"
    spot = place(folder, title)
    if spot.work("begin", *first).returncode != KILLED:
        return [f"{title}: the first death did not happen"]
    died = spot.work("finish", kind, number)
    if died.returncode != KILLED:
        return [f"{title}: the second death did not happen: {died.stderr[-500:]}"]
    inquest = Inquest(spot, title)
    finished = spot.work("finish")
    if finished.returncode:
        return [*inquest.problems, f"{title}: it cannot be finished: {finished.stderr[-500:]}"]
    return inquest.conclude(OUTPUT)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_store_call_of_the_recovery_is_recovered_from(kind: str, tmp_path: Path) -> None:
    first = ("kill_after", 4)
    calls = calls_of(tmp_path, first)

    assert in_parallel(partial(die_twice_and_finish, tmp_path, first, kind), range(1, calls + 1)) == []


@pytest.mark.long
@pytest.mark.parametrize("number", range(1, 13))
@pytest.mark.parametrize("kind", KINDS)
def test_any_two_kills_are_recovered_from(kind: str, number: int, tmp_path: Path) -> None:
    first = ("kill_after", number)
    calls = calls_of(tmp_path, first)

    assert in_parallel(partial(die_twice_and_finish, tmp_path, first, kind), range(1, calls + 1)) == []

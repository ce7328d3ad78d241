"""What a process takes of its machine: figures that were measured, or none."""

import asyncio
import os
import shutil
import sys
import threading
from pathlib import Path

import pytest

from agentkit.service.machine import Machine
from agentkit.wire import LimitedLine


class Times:
    """A clock, and the processor time that was used by then."""

    def __init__(self) -> None:
        self.at = 100.0
        self.used = 3.0

    def pass_by(self, seconds: float, *, cores: float) -> None:
        self.at += seconds
        self.used += seconds * cores


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def machine(times: Times) -> Machine:
    return Machine(lambda: times.at, used=lambda: times.used)


async def share(machine: Machine) -> tuple[float | None, float | None]:
    page = await machine.look({})
    return page.processor_share, page.processor_seconds


async def test_the_processor_is_measured_since_the_look_before(machine: Machine, times: Times) -> None:
    times.pass_by(10, cores=0.5)
    first = await share(machine)
    times.pass_by(20, cores=1.5)

    assert first == (0.5, 10.0)
    assert await share(machine) == (1.5, 20.0)


async def test_however_often_somebody_looks_it_is_measured_over_seconds(machine: Machine, times: Times) -> None:
    last = 0.0
    for _ in range(100):
        times.pass_by(1, cores=0.25)
        _, seconds = await share(machine)
        last = seconds or 0

    assert 5 <= last <= 12


async def test_before_any_time_has_passed_nothing_is_known_of_the_processor(machine: Machine) -> None:
    assert await share(machine) == (None, None)


async def test_limited_resources_are_told_as_they_were_named(machine: Machine) -> None:
    page = await machine.look({"printer": (1, 2)})

    assert page.limited == [LimitedLine(name="printer", taken=1, total=2)]


async def test_this_process_is_real(tmp_path: Path) -> None:
    page = await Machine(lambda: 0.0, store=tmp_path / "runs.db").look({})
    disk = shutil.disk_usage(tmp_path)

    assert 1 <= (page.cores or 0) <= (os.cpu_count() or 1)
    assert page.threads >= 1
    assert page.disk_total_bytes == disk.total
    assert 0 <= (page.disk_free_bytes or 0) <= disk.total
    if sys.platform == "linux":
        assert 1_000_000 < (page.memory_bytes or 0) < 100_000_000_000


async def test_without_a_file_there_is_no_disk_to_tell_of(machine: Machine) -> None:
    page = await machine.look({})

    assert (page.disk_free_bytes, page.disk_total_bytes) == (None, None)


async def test_where_a_system_tells_nothing_nothing_is_made_up(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError("no such file")

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr(shutil, "disk_usage", refuse)
    page = await Machine(lambda: 0.0, store=tmp_path / "runs.db").look({})

    assert (page.memory_bytes, page.disk_free_bytes, page.disk_total_bytes) == (None, None, None)


async def test_a_disk_that_does_not_answer_costs_one_thread_and_no_figure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers, asked = threading.Event(), list[object]()

    def hang(path: object) -> object:
        asked.append(path)
        answers.wait(60)
        return real(path)  # type: ignore[arg-type]  # it is a path

    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", hang)
    monkeypatch.setattr("agentkit.service.machine._DISK_SECONDS", 0.01)
    machine = Machine(lambda: 0.0, store=tmp_path / "runs.db")
    pages = [await machine.look({})]
    while not asked:  # noqa: ASYNC110 - the thread has no event of this loop
        await asyncio.sleep(0.001)
    pages += [await machine.look({}) for _ in range(3)]
    answers.set()

    assert {page.disk_free_bytes for page in pages} == {None}
    assert pages[-1].memory_bytes or sys.platform != "linux"
    assert asked == [tmp_path]


async def test_no_thread_is_left_behind(tmp_path: Path) -> None:
    before = {*threading.enumerate()}
    await Machine(lambda: 0.0, store=tmp_path / "runs.db").look({})
    for thread in {*threading.enumerate()} - before:
        thread.join(10)

    assert {*threading.enumerate()} <= before


async def test_where_no_thread_is_left_nothing_is_known_until_there_is_one_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    machine = Machine(lambda: 0.0, store=tmp_path / "runs.db")
    pages = [await machine.look({})]
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        pages.append(await machine.look({}))
    pages.append(await machine.look({}))

    assert [page.disk_total_bytes is not None for page in pages] == [True, False, True]
    assert pages[1].memory_bytes is None


async def test_who_goes_away_before_a_thread_began_holds_up_no_later_look(tmp_path: Path) -> None:
    machine = Machine(lambda: 0.0, store=tmp_path / "runs.db")
    asking = asyncio.create_task(machine.look({}))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])

    assert asking.cancelled()
    assert (await machine.look({})).disk_total_bytes is not None

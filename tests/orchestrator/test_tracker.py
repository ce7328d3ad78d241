"""The progress tracker: any work, in stages with weights; it never falls, and nobody who listens can harm it."""

import asyncio
import json
import math
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit import ProgressTracker
from agentkit.errors import InputError, NotFound, UsageError
from agentkit.orchestrator import TrackedStage, TrackerSnapshot
from agentkit.views import Progress


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def now(self) -> float:
        return self.at


def shown(tracker: ProgressTracker) -> list[tuple[str, str, float]]:
    return [(stage.name, stage.status, round(stage.fraction, 3)) for stage in tracker.progress().stages]


def half_and_raise(stage: TrackedStage, error: BaseException) -> None:
    stage.update(0.5)
    raise error


def test_stages_count_by_their_weights_and_parts_by_theirs() -> None:
    tracker = ProgressTracker("import", {"load": 3, "check": 1})
    tracker.stage("load").add("rows", 2).update(0.5, "reading")
    tracker.stage("load").add("headers", 2)
    tracker.stage("load/headers").complete()

    assert shown(tracker) == [
        ("load", "running", 0.75),
        ("load/rows", "running", 0.5),
        ("load/headers", "completed", 1.0),
        ("check", "pending", 0.0),
    ]
    assert tracker.progress().fraction == pytest.approx(0.5625)
    assert (tracker.progress().done, tracker.progress().total) == (0, 2)


def test_a_block_that_ends_well_completes_and_skips_what_never_began() -> None:
    with ProgressTracker("import", ["load", "check"]) as tracker, tracker.stage("load") as load:
        assert (tracker.status, load.status) == ("running", "running")

    assert shown(tracker) == [("load", "completed", 1.0), ("check", "skipped", 1.0)]
    assert (tracker.status, tracker.progress().percent, tracker.progress().remaining_seconds) == ("completed", 100, 0.0)


def test_a_block_that_raises_fails_with_its_reason_and_keeps_what_it_had() -> None:
    tracker = ProgressTracker("import", ["load", "check"])
    load = tracker.stage("load")
    with pytest.raises(ValueError, match="no rows"), tracker, load:
        half_and_raise(load, ValueError("no rows\n"))

    assert (load.status, tracker.status, tracker.progress().percent) == ("failed", "failed", 25)
    assert tracker.progress().stages[0].failure == "ValueError: no rows"
    assert tracker.stage("check").status == "pending"


def test_a_cancelled_block_is_cancelled() -> None:
    tracker = ProgressTracker("import", ["load"])
    with pytest.raises(asyncio.CancelledError), tracker:
        half_and_raise(tracker.stage("load"), asyncio.CancelledError())

    assert (tracker.status, tracker.stage("load").status) == ("cancelled", "cancelled")


def test_what_is_said_after_the_end_or_makes_no_sense_changes_nothing() -> None:
    tracker = ProgressTracker("import", ["load", "check"])
    load = tracker.stage("load")
    nonsense: tuple[Any, ...] = (float("nan"), float("inf"), "half", None)
    for fraction in nonsense:
        load.update(fraction)
    assert (load.status, tracker.number) == ("pending", 0)

    load.complete()
    number = tracker.number
    load.update(0.1, "late")
    load.fail("late")
    assert (load.status, load.fraction, tracker.number) == ("completed", 1.0, number)


def test_a_stage_that_can_be_skipped_is_done() -> None:
    tracker = ProgressTracker("import", ["load", "check"])
    tracker.stage("load").skip("not needed")

    assert tracker.stage("load").is_done
    assert tracker.progress().percent == 50


def test_time_goes_on_until_the_end_and_the_rest_is_estimated_by_the_speed() -> None:
    clock = Hand()
    tracker = ProgressTracker("import", ["load", "check"], clock=clock)
    tracker.start()
    clock.at += 10
    tracker.stage("load").update(0.5)
    clock.at += 2
    assert (tracker.progress().elapsed_seconds, tracker.progress().remaining_seconds) == (12.0, 28.0)

    tracker.complete()
    clock.at += 100
    assert tracker.progress().elapsed_seconds == 12.0


@pytest.mark.parametrize(("name", "weight"), [("", 1), ("a/b", 1), ("a", 0), ("a", float("nan")), ("a", True)])
def test_a_name_or_weight_that_makes_no_sense_is_refused(name: str, weight: float) -> None:
    with pytest.raises(UsageError):
        ProgressTracker("import", {name: weight})


def test_a_stage_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(NotFound, match="has no stage 'lod'; it has: load, check"):
        ProgressTracker("import", ["load", "check"]).stage("lod")


moves = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "a/x", "a/y", "b/z"]),
        st.sampled_from(["start", "update", "update", "update", "complete", "fail", "cancel", "skip", "crash", "end"]),
        st.floats(-0.5, 1.5) | st.sampled_from([math.nan, math.inf]),
    ),
    max_size=30,
)


@given(moves)
def test_progress_never_falls_whatever_is_said_and_over_crashes(said: list[tuple[str, str, float]]) -> None:
    tracker, before, number = ProgressTracker("work", {"a": 2, "b": 1}), 0.0, 0
    for path, move, fraction in said:
        if move == "crash":
            text = tracker.snapshot().text
            tracker = ProgressTracker.resumed(TrackerSnapshot.read(text))
        elif move == "end":
            tracker.complete()
        else:
            stage: TrackedStage = tracker.add(path[0]).add(path[2]) if "/" in path else tracker.stage(path)
            stage.update(fraction) if move == "update" else getattr(stage, move)()
        picture = tracker.progress()
        assert before <= picture.fraction <= 1
        assert number <= picture.number
        assert (picture.fraction == 1) == (picture.percent == 100) == (picture.status == "completed")
        assert all(0 <= each.fraction <= 1 for each in picture.stages)
        before, number = picture.fraction, picture.number
        if picture.is_over:
            return


def test_listeners_sync_and_async_are_told_the_newest_picture() -> None:
    heard: list[tuple[str, int]] = []

    async def slowly(progress: Progress) -> None:
        await asyncio.sleep(0)
        heard.append(("async", progress.percent))

    with ProgressTracker("import", ["load"], listeners=[slowly]) as tracker:
        tracker.listen(lambda progress: heard.append(("sync", progress.percent)))
        tracker.stage("load").update(0.5)

    assert {("async", 100), ("sync", 100)} <= set(heard)


def test_a_listener_that_raises_or_blocks_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    blocked, heard = threading.Event(), list[int]()

    def block(progress: Progress) -> None:
        blocked.wait(10)

    def explode(progress: Progress) -> None:
        raise SystemExit("not your business")

    tracker = ProgressTracker(
        "import", ["load"], listeners=[block, explode, lambda progress: heard.append(progress.number)]
    )
    for step in range(10_000):
        tracker.stage("load").update(step / 10_000)
    tracker.complete()

    assert not tracker.flush(0.2)
    blocked.set()
    assert tracker.flush()
    assert heard[-1] == tracker.number > 10_000
    assert len(heard) < 1_000
    assert sum("not your business" in record.message for record in caplog.records) == 1


def test_a_listener_is_not_told_more_often_than_it_wants() -> None:
    class Seldom:
        seconds = 3_600.0
        heard = 0

        def __call__(self, progress: Progress) -> None:
            self.heard += 1

    seldom = Seldom()
    with ProgressTracker("import", ["load"], listeners=[seldom]) as tracker:
        tracker.stage("load").update(0.1)
        tracker.flush()
        before = seldom.heard
        for step in range(100):
            tracker.stage("load").update(step / 100)
        tracker.flush()

    assert seldom.heard <= before + 3


def test_threads_end_with_the_work() -> None:
    before = {*threading.enumerate()}
    with ProgressTracker("import", ["load"], listeners=[lambda _: None] * 5) as tracker:
        tracker.stage("load").complete()
    for thread in threading.enumerate():
        if thread.name == "agentkit-progress":
            thread.join(5)

    assert {*threading.enumerate()} <= before


async def test_in_a_loop_async_listeners_run_on_it() -> None:
    here, heard = asyncio.get_running_loop(), list[bool]()

    async def listen(progress: Progress) -> None:
        heard.append(asyncio.get_running_loop() is here)

    async with ProgressTracker("import", ["load"], listeners=[listen]) as tracker:
        tracker.stage("load").complete()

    assert heard
    assert all(heard)


async def test_a_reader_goes_on_from_the_number_it_has_seen() -> None:
    tracker = ProgressTracker("import", ["load"])
    tracker.stage("load").update(0.5)
    seen = tracker.number

    async def read() -> list[int]:
        return [picture.percent async for picture in tracker.follow(after=seen)]

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    assert not reading.done()
    await asyncio.to_thread(tracker.complete)
    assert (await reading)[-1] == 100


def test_work_in_a_file_goes_on_where_it_stood(tmp_path: Path) -> None:
    file, clock = tmp_path / "import.json", Hand()
    first = ProgressTracker("import", ["load", "check"], file=file, clock=clock)
    first.stage("load").complete()
    first.stage("check").update(0.5, "half")
    clock.at += 5
    assert first.flush()

    second = ProgressTracker("import", ["load", "check"], file=file, clock=Hand())
    assert second.stage("load").is_done
    assert shown(second) == [("load", "completed", 1.0), ("check", "pending", 0.5)]
    assert (second.progress().percent, second.number) == (75, first.number)
    second.stage("check").update(0.2)
    assert second.progress().percent == 75
    second.complete()
    assert second.flush()
    assert ProgressTracker("import", ["load", "check"], file=file).progress().percent == 0
    assert [path.name for path in tmp_path.iterdir()] == ["import.json"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"name":"other"}', "\x00"])
def test_a_file_that_holds_something_else_is_refused_and_stays(tmp_path: Path, text: str) -> None:
    file = tmp_path / "import.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"import\.json: this is no snapshot of progress"):
        ProgressTracker("import", ["load"], file=file)

    assert file.read_text() == text


def test_a_file_of_other_work_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "import.json"
    file.write_text(ProgressTracker("export").snapshot().text)

    with pytest.raises(InputError, match="has the progress of 'export', not of 'import'"):
        ProgressTracker("import", file=file)


def test_a_snapshot_is_plain_json() -> None:
    tracker = ProgressTracker("import", {"load": 2})
    tracker.stage("load").update(0.5, "half\x1b[2J")

    kept = json.loads(tracker.snapshot().text)
    assert (kept["number"], kept["stages"][0]["message"]) == (1, "half[2J")

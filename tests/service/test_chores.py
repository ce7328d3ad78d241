"""Chores: they go on, break, begin again, and end with the service."""

import asyncio
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from agentkit import Limits, Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import DefinitionError
from agentkit.orchestrator import Optimizer, Step, TuningPlan
from agentkit.service import (
    LOCAL,
    BackupPlan,
    Backups,
    Chores,
    Redactor,
    Schedule,
    Service,
    Settings,
    take_up_chores,
)
from agentkit.stores import Retention, list_backups, open_target, restore_backup
from agentkit.testing import VirtualClock, run_virtual
from agentkit.views import Outlook
from agentkit.wire import HealthCheck

HOUR = 3_600


@agent
async def note(task: Task[int]) -> int:
    return task.input


@agent
async def slow_note(task: Task[int]) -> int:
    await asyncio.sleep(90)
    return task.input


FLOW = Workflow("note", [Stage("note", agent="note")])


def test_what_breaks_is_told_and_begins_again_after_waits_that_grow(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> tuple[list[float], list[HealthCheck]]:
        began, clock = list[float](), asyncio.get_running_loop().time
        chores = Chores()

        async def breaks() -> None:
            began.append(clock())
            if len(began) == 7:
                # For long enough that the next time is another matter.
                await asyncio.sleep(HOUR)
            raise RuntimeError("there is no ink")

        chores.add("printing", breaks)
        chores.add("waiting", lambda: asyncio.sleep(10 * HOUR))
        async with chores.going():
            await asyncio.sleep(0.5)
            checks = list(chores.health())
            await asyncio.sleep(HOUR + 200)
        return began, checks

    began, checks = run_virtual(scene())
    waits = [round(later - earlier) for earlier, later in pairwise(began)]
    assert waits[:7] == [1, 2, 4, 8, 16, 32, HOUR + 1]
    assert [(check.name, check.ok, check.detail) for check in checks] == [
        ("printing", False, "RuntimeError: there is no ink"),
        ("waiting", True, "goes on"),
    ]
    assert "printing broke, and begins again" in caplog.text


def test_what_ends_by_itself_begins_again_too(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> int:
        began, chores = list[int](), Chores()

        async def ends() -> None:
            began.append(1)

        chores.add("ending", ends)
        async with chores.going():
            await asyncio.sleep(2)
            assert [check.ok for check in chores.health()] == [False]
        return len(began)

    assert run_virtual(scene()) == 2


async def test_chores_end_with_the_service_also_where_that_breaks_and_go_on_once() -> None:
    chores, going = Chores(), list[str]()

    async def goes_on() -> None:
        going.append("on")
        try:
            await asyncio.sleep(HOUR)
        finally:
            going.append("off")

    chores.add("going", goes_on)
    assert chores.health() == []

    async def body() -> None:
        async with chores.going(), chores.going():
            await asyncio.sleep(0)
            assert going[-1] == "on"
            raise RuntimeError("of the body")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="of the body"):
            await body()

    assert going == ["on", "off"] * 2
    assert chores.health() == []


async def test_a_chore_that_is_ended_alone_ends_before_the_others_and_begins_again_with_all() -> None:
    chores, said = Chores(), list[str]()

    def going_on(name: str) -> None:
        async def chore() -> None:
            said.append(f"{name} on")
            try:
                await asyncio.sleep(HOUR)
            finally:
                said.append(f"{name} off")

        chores.add(name, chore)

    going_on("first")
    going_on("second")
    chores.end("first")
    async with chores.going():
        await asyncio.sleep(0)
        chores.end("nobody")
        chores.end("first")
        chores.end("first")
        await asyncio.sleep(0)
        assert said == ["first on", "second on", "first off"]
        assert [check.name for check in chores.health()] == ["second"]
    async with chores.going():
        await asyncio.sleep(0)
        assert [check.name for check in chores.health()] == ["first", "second"]

    assert said[3:] == ["second off", "first on", "second on", "first off", "second off"]


def test_schedules_that_are_ended_start_nothing_more_and_what_they_started_goes_on() -> None:
    async def scene() -> tuple[int, int, set[str]]:
        async with Orchestrator([slow_note], clock=VirtualClock()) as orchestrator:
            service = Service(orchestrator, [Workflow("note", [Stage("note", agent="slow_note")])])
            take_up_chores(service, Settings(schedules=True))
            await service.schedules.add(LOCAL, Schedule(name="often", workflow="note", every=60, input=1))
            async with service.chores.going():
                await asyncio.sleep(200)
                service.chores.end("schedules")
                before = len(await orchestrator.list())
                await asyncio.sleep(HOUR)
                lines = await orchestrator.list()
                return before, len(lines), {line.status for line in lines}

    before, after, statuses = run_virtual(scene())
    assert before == after >= 3
    assert statuses == {"completed"}


async def test_chores_go_on_until_the_last_of_those_who_keep_them_going_ends() -> None:
    chores, going = Chores(), list[str]()

    async def goes_on() -> None:
        going.append("on")
        try:
            await asyncio.sleep(HOUR)
        finally:
            going.append("off")

    chores.add("going", goes_on)
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        await first.enter_async_context(chores.going())
        await second.enter_async_context(chores.going())
        await asyncio.sleep(0)
        chores.end("going")
        await first.aclose()
        await asyncio.sleep(0)
        assert (going, [check.ok for check in chores.health()]) == (["on"], [True])
        chores.end("going")
        await asyncio.sleep(0)
        assert going == ["on", "off"]

    assert chores.health() == []


async def test_a_chore_that_breaks_when_it_is_told_to_end_ends() -> None:
    async def breaks() -> None:
        try:
            await asyncio.sleep(HOUR)
        except asyncio.CancelledError:
            raise RuntimeError("not so fast") from None

    chores = Chores()
    chores.add("breaking", breaks)
    async with asyncio.timeout(5):
        async with chores.going():
            await asyncio.sleep(0)


async def test_p25_health_shows_no_secret_that_a_chore_has_said() -> None:
    async def breaks() -> None:
        raise RuntimeError(f"{'x' * 270} postgresql://ada:hunter2@db/runs xyzzy-of-the-settings password=hunter2")

    chores = Chores(redactor=Redactor(["xyzzy-of-the-settings"]))
    chores.add("breaking", breaks)
    chores.add(
        "looking", lambda: asyncio.sleep(HOUR), lambda: HealthCheck(name="looking", ok=True, detail="sk-secret1")
    )
    async with chores.going():
        await asyncio.sleep(0)
        said = [check.detail for check in chores.health()]

    assert said[1] == "***"
    assert not any(secret in said[0] for secret in ("hunter2", "ada:", "xyzzy"))
    assert len(said[0]) <= 300


async def a_store(folder: Path) -> Path:
    path = folder / "runs.db"
    async with Orchestrator([note], store=f"sqlite:///{path}") as orchestrator:
        await orchestrator.run(FLOW, 1)
    return path


@pytest.mark.blocking
async def test_backups_are_taken_when_they_are_due_and_old_ones_removed(tmp_path: Path) -> None:
    now = [1_764_000_000.0]
    store, target = await a_store(tmp_path), open_target(tmp_path / "backups")
    plan = BackupPlan(place=str(tmp_path / "backups"), every=HOUR, retention=Retention(last=2), incremental=False)
    backups = Backups(store, plan, lambda: now[0])
    counts = list[int]()
    for seconds in (0, 1_800, 1_800, HOUR, HOUR, 5 * HOUR):
        now[0] += seconds
        assert await backups.take_due() > 0
        counts.append(len(list_backups(target)))
    again = Backups(store, plan, lambda: now[0] + 60)

    assert counts == [1, 1, 2, 2, 2, 2]
    assert await again.take_due() == HOUR - 60, "a restart takes none too many"
    assert restore_backup(target, tmp_path / "copy.db").streams == 1
    assert "newest of 2025-11-25 00:00:00 UTC" in backups.look().detail


@pytest.mark.blocking
async def test_of_several_that_look_at_once_one_takes_the_backup(tmp_path: Path) -> None:
    store, plan = await a_store(tmp_path), BackupPlan(place=str(tmp_path / "backups"), every=HOUR)
    several = [Backups(store, plan, lambda: 1_764_000_000.0) for _ in range(4)]
    await asyncio.gather(*(one.take_due() for one in several))
    again = [await one.take_due() for one in several]

    assert len(list_backups(open_target(tmp_path / "backups"))) == 1
    assert again == [HOUR] * 4


@pytest.mark.blocking
async def test_by_cron_what_was_missed_is_made_up_for_once(tmp_path: Path) -> None:
    now = [1_764_000_000.0 - 1_764_000_000 % 86_400]
    store, target = await a_store(tmp_path), open_target(tmp_path / "backups")
    plan = BackupPlan(place=str(tmp_path / "backups"), cron="0 3 * * *", zone="Europe/Berlin")
    backups = Backups(store, plan, lambda: now[0])
    rests = list[float]()
    for seconds in (0, HOUR, 2 * HOUR, 72 * HOUR):
        now[0] += seconds
        rests.append(await backups.take_due() / HOUR)

    assert rests == [2, 1, 23, 23]
    assert [one.kind for one in list_backups(target)] == ["full", "increment", "increment"]


@pytest.mark.blocking
def test_a_backup_that_fails_is_tried_again_and_told_until_one_has_come_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> list[HealthCheck]:
        store = await a_store(tmp_path)
        place = tmp_path / "backups"
        place.write_text("no folder")
        backups = Backups(store, BackupPlan(place=str(place), every=HOUR), asyncio.get_running_loop().time)
        task = asyncio.create_task(backups.run())
        await asyncio.sleep(200)
        looks = [backups.look()]
        place.unlink()
        await asyncio.sleep(400)
        task.cancel()
        return [*looks, backups.look()]

    failed, well = run_virtual(scene())
    assert (failed.ok, well.ok) == (False, True)
    assert "backups" in failed.detail
    assert len([record for record in caplog.records if "the backup to" in record.getMessage()]) == 3


@pytest.mark.parametrize("wrong", [{}, {"every": 1, "cron": "* * * * *"}, {"every": 0}, {"cron": "nonsense"}])
def test_a_plan_that_is_none_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(DefinitionError):
        BackupPlan(place="backups", **wrong)  # type: ignore[arg-type]  # what is wrong is the point


@pytest.mark.parametrize(("tuning", "most"), [("off", 2), ("follow", 5)])
def test_limits_follow_what_the_optimizer_was_told_where_that_is_wished(tuning: str, most: int) -> None:
    async def scene() -> tuple[int, list[str]]:
        orchestrator = Orchestrator([note], limits=Limits(max_parallel=2), clock=VirtualClock())
        service = Service(orchestrator, [FLOW])
        take_up_chores(service, Settings.model_validate({"tuning": tuning, "tuning_seconds": 10}))
        async with orchestrator, service.chores.going():
            step = Step(lever="max_parallel", before=2, after=5)
            as_before = Outlook(mean_seconds=1, wait_seconds=1, span_seconds=1)
            plan = TuningPlan(steps=(step,), bottlenecks=(), advice=(), now=as_before, expected=as_before)
            await Optimizer(orchestrator).apply(plan)
            # As if somebody elsewhere had said so.
            orchestrator.resize(None, 2)
            await asyncio.sleep(11)
            return orchestrator.load.most_attempts, [check.name for check in service.chores.health()]

    found, chores = run_virtual(scene())
    assert found == most
    assert ("tuning" in chores) is (tuning == "follow")

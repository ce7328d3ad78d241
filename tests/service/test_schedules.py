"""Schedules: each time once, in any number of processes; clocks that are put forward and back; what was missed."""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit import ContextKey, ContextStore, Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import DefinitionError, InputError, MissingExtra, NotAllowed, NotFound
from agentkit.kernel import ContextUpdated, OperationAccepted
from agentkit.orchestrator import Limits, RecordBook
from agentkit.service import (
    LOCAL,
    ApiAudit,
    Caller,
    Schedule,
    Scheduler,
    Schedules,
    Service,
    ServiceLimits,
    schedule_line,
)
from agentkit.service.timing import Timing
from agentkit.stores import MemoryStore, SqliteStore, Store
from agentkit.testing import VirtualClock, run_virtual

DAY = 86_400
ADA = Caller(name="ada", tenant="acme")
SELDOM = Limits(adopt_seconds=3_600)


@agent
async def note(task: Task[Any]) -> Any:
    """Gives what it is given."""
    return task.input


FLOW = Workflow("note", [Stage("note", agent="note")])


def told(times: Sequence[int], zone: str = "UTC") -> list[str]:
    return [datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%d %H:%M%z") for at in times]


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("cron", "start", "end", "expected"),
    [
        ("30 2 * * *", "2025-03-29", "2025-03-31", ["29 02:30+0100", "30 03:00+0200"]),
        ("30 2 * * *", "2025-10-25", "2025-10-28", ["25 02:30+0200", "26 02:30+0200", "27 02:30+0100"]),
        (
            "*/30 * * * *",
            "2025-10-25T23:55",
            "2025-10-26T02:00",
            ["26 02:00+0200", "26 02:30+0200", "26 02:00+0100", "26 02:30+0100", "26 03:00+0100"],
        ),
        ("*/30 * * * *", "2025-03-30T00:15", "2025-03-30T01:30", ["30 01:30+0100", "30 03:00+0200", "30 03:30+0200"]),
    ],
)
def test_cron_where_the_clock_is_put_forward_or_back(cron: str, start: str, end: str, expected: list[str]) -> None:
    timing = Timing(cron=cron, zone="Europe/Berlin")
    forward, moment = list[int](), at(start)
    while (moment := timing.next(moment)) <= at(end):
        forward.append(moment)

    assert told(forward, "Europe/Berlin") == expected
    assert timing.between(at(start), at(end), most=100) == forward
    assert timing.between(at(start), at(end), most=2) == forward[-2:]


@given(
    cron=st.sampled_from(["*/7 * * * *", "0 6 * * *", "30 2 * * *", "0 * * * *", "15 2,3 * * *", "0 0 1 * *"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    near=st.sampled_from([1_743_206_400, 1_761_350_400, 1_762_000_000, 1_735_600_000]),
    start=st.floats(0, 3 * DAY),
    late=st.sampled_from([-0.5, 0, 0.5]),
)
def test_looking_back_finds_what_looking_forward_finds(
    cron: str, zone: str, near: int, start: float, late: float
) -> None:
    timing, found = Timing(cron=cron, zone=zone), [near + start]
    for _ in range(8):
        found.append(timing.next(found[-1]))
    until = found[-1] + late

    assert list(timing.between(near + start, until, most=99)) == [moment for moment in found[1:] if moment <= until]


def test_a_time_that_has_just_come_is_due_and_is_so_once() -> None:
    timing = Timing(cron="0 6 * * *")
    six = at("2025-11-26T06:00")

    assert timing.between(six - 1, six, most=5) == [six]
    assert timing.between(six - 1, six + 0.5, most=5) == [six]
    assert list(timing.between(six, six + 3_600, most=5)) == []
    assert list(timing.between(six - 9, six - 0.5, most=5)) == []
    assert timing.next(six) == six + DAY


def test_an_interval_counts_from_its_beginning() -> None:
    timing = Timing(every=90, since=1_000.7)

    assert [timing.next(moment) for moment in (0, 1_000, 1_089, 1_090, 1_180.5)] == [1_090, 1_090, 1_090, 1_180, 1_270]
    assert timing.between(1_000, 1_300, most=10) == [1_090, 1_180, 1_270]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "say one"),
        ({"cron": "* * * * *", "every": 5}, "say one"),
        ({"cron": "61 * * * *"}, "Bad minute"),
        ({"cron": "0 0 31 2 *"}, "Bad day"),
        ({"cron": "nonsense"}, "five fields"),
        ({"cron": "0 0 6 * * 1"}, "five fields"),
        ({"every": 0}, "interval"),
        ({"every": 5, "missed": "some"}, "missed"),
        ({"every": 5, "most_missed": 0}, "most_missed"),
        ({"every": 5, "name": "a b"}, "name"),
    ],
)
def test_what_is_no_schedule_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        Schedule(**{"name": "x", "workflow": "note"} | settings)


async def started(orchestrator: Orchestrator, tenant: str | None = None) -> list[str]:
    """For which times operations were started, the oldest first."""
    found: list[str] = []
    for line in await orchestrator.list(tenant=tenant):
        (first,) = await orchestrator.history(line.stream, limit=1)
        assert isinstance(first, OperationAccepted)
        found.append(json.loads(first.metadata)["scheduled_for"])
    return sorted(found)


def test_what_is_due_is_started_once_by_any_number_of_schedulers() -> None:
    async def scene() -> list[str]:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            service = Service(orchestrator, [FLOW])
            schedulers = [Scheduler(service) for _ in range(3)]
            await schedulers[0].schedules.add(ADA, Schedule(name="hourly", workflow="note", cron="0 * * * *", input=1))
            tasks = [asyncio.create_task(scheduler.run()) for scheduler in schedulers]
            await asyncio.sleep(3.5 * 3_600)
            for task in tasks:
                task.cancel()
            (line, *_) = await orchestrator.list()
            assert (line.tenant, line.status) == ("acme", "completed")
            (one,) = await schedulers[0].schedules.listed(ADA)
            assert (one.by, one.problem) == ("ada", "")
            return await started(orchestrator, "acme")

    assert [text[11:16] for text in run_virtual(scene())] == ["01:00", "02:00", "03:00"]


@pytest.mark.parametrize(("missed", "expected"), [("skip", []), ("once", [9]), ("all", [7, 8, 9])])
def test_what_was_missed_is_left_out_or_started_once_or_all(missed: Any, expected: list[int]) -> None:
    async def scene() -> list[str]:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            scheduler = Scheduler(Service(orchestrator, [FLOW]))
            one = Schedule(name="hourly", workflow="note", every=3_600, missed=missed, most_missed=3)
            await scheduler.schedules.add(LOCAL, one)
            await asyncio.sleep(9.5 * 3_600)
            await scheduler.start_due()
            before = await started(orchestrator)
            await asyncio.sleep(1_800)
            await scheduler.start_due()
            after = await started(orchestrator)
            assert after[len(before) :] == ["2024-01-01T10:00:00Z"]
            return before

    assert run_virtual(scene()) == [f"2024-01-01T{hour:02}:00:00Z" for hour in expected]


@pytest.mark.blocking
async def test_whoever_dies_before_it_is_noted_starts_nothing_twice(tmp_path: Path) -> None:
    for _ in range(2):
        async with Orchestrator([note], store=f"sqlite:///{tmp_path}/runs.db") as orchestrator:
            scheduler = Scheduler(Service(orchestrator, [FLOW]))
            with suppress(InputError):
                await scheduler.schedules.add(LOCAL, Schedule(name="often", workflow="note", every=1, missed="all"))
            (one,) = await scheduler.schedules.listed(LOCAL)
            await scheduler._submit(one, int(one.created_at) + 1)
            assert len(await orchestrator.list()) == 1


def test_a_pause_is_left_out_and_what_is_removed_starts_nothing() -> None:
    async def scene() -> tuple[int, ...]:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            scheduler, counts = Scheduler(Service(orchestrator, [FLOW])), list[int]()
            schedules = scheduler.schedules
            await schedules.add(LOCAL, Schedule(name="hourly", workflow="note", every=3_600, missed="all"))
            task = asyncio.create_task(scheduler.run())
            for change in (schedules.pause, schedules.resume, schedules.remove):
                await asyncio.sleep(2.25 * 3_600)
                counts.append(len(await orchestrator.list()))
                await change(LOCAL, "hourly")
            await asyncio.sleep(5 * 3_600)
            task.cancel()
            assert await schedules.listed(LOCAL) == []
            return (*counts, len(await orchestrator.list()))

    assert run_virtual(scene()) == (2, 2, 4, 4)


def test_what_cannot_be_started_is_said_and_holds_up_nothing_else() -> None:
    async def scene() -> dict[str, str]:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            scheduler = Scheduler(Service(orchestrator, [FLOW]))
            for name, flow in (("bad", "nothing"), ("good", "note")):
                await scheduler.schedules.add(LOCAL, Schedule(name=name, workflow=flow, every=3_600))
            await asyncio.sleep(3_601)
            await scheduler.start_due()
            assert len(await orchestrator.list()) == 1
            return {one.name: one.problem for one in await scheduler.schedules.listed(LOCAL)}

    problems = run_virtual(scene())
    assert problems["good"] == ""
    assert "no workflow 'nothing'" in problems["bad"]


def test_where_there_is_no_room_it_is_asked_for_again() -> None:
    async def scene() -> list[int]:
        limits, counts = ServiceLimits(max_open_per_tenant=1), list[int]()
        async with Orchestrator([note], clock=VirtualClock()) as orchestrator:
            waits = Workflow("waits", [Stage("wait", wait=600)])
            scheduler = Scheduler(Service(orchestrator, [FLOW, waits], limits=limits))
            await orchestrator.submit(waits, tenant="acme")
            await scheduler.schedules.add(ADA, Schedule(name="s", workflow="note", every=300, missed="all"))
            for seconds in (301, 301, 1):
                await asyncio.sleep(seconds)
                await scheduler.start_due()
                counts.append(len(await orchestrator.list()))
            return counts

    # One may be open: first the one that waits, then one for each time that was due meanwhile.
    assert run_virtual(scene()) == [1, 2, 3]


@pytest.mark.parametrize("zone", ["Atlantis", "../etc/passwd", "", "Europe/"])
async def test_a_zone_that_is_not_there_is_refused_where_it_is_kept(zone: str) -> None:
    store = MemoryStore()
    schedules = Schedules(store, now=lambda: 1_000.0)
    with pytest.raises(DefinitionError, match="no time zone"):
        await schedules.add(LOCAL, Schedule(name="s", workflow="note", every=60, zone=zone))

    await schedules.add(LOCAL, Schedule(name="s", workflow="note", cron="0 6 * * *", zone="Asia/Tokyo"))
    (one,) = await Schedules(store, now=lambda: 1_000.0).listed(LOCAL)
    assert one.next_after(0) == 21 * 3_600


async def test_schedules_belong_to_tenants_and_take_an_admin() -> None:
    schedules = Schedules(MemoryStore(), now=lambda: 1_000.0)
    other = Caller(name="eve", tenant="other")
    await schedules.add(ADA, Schedule(name="s", workflow="note", every=60))
    await schedules.add(other, Schedule(name="s", workflow="note", every=90))

    assert [one.every for one in await schedules.listed(ADA)] == [60]
    assert len(await schedules.listed(LOCAL)) == 2
    with pytest.raises(InputError, match="already"):
        await schedules.add(ADA, Schedule(name="s", workflow="note", every=60))
    with pytest.raises(NotFound, match="no schedule 't'"):
        await schedules.remove(ADA, "t")
    with pytest.raises(NotAllowed):
        await schedules.pause(Caller(name="bob", tenant="acme", scopes={"read", "run"}), "s")
    await schedules.remove(other, "s")
    assert [one.tenant for one in await schedules.listed(LOCAL)] == ["acme"]


@pytest.mark.blocking
async def test_two_processes_that_change_schedules_at_once_undo_nothing(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "runs.db") as one, SqliteStore(tmp_path / "runs.db") as two:
        books = [Schedules(store, now=lambda: 1_000.0) for store in (one, two)]
        adding = [books[n % 2].add(LOCAL, Schedule(name=f"s{n}", workflow="note", every=60)) for n in range(10)]
        await asyncio.gather(*adding)

        assert len(await books[0].listed(LOCAL)) == 10


async def test_there_are_so_many_schedules_of_a_tenant_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentkit.service.schedules.MOST_SCHEDULES", 2)
    schedules = Schedules(MemoryStore(), now=lambda: 1_000.0)
    for name in ("a", "b"):
        await schedules.add(ADA, Schedule(name=name, workflow="note", every=60))
    with pytest.raises(InputError, match="2 schedules"):
        await schedules.add(ADA, Schedule(name="c", workflow="note", every=60))

    await schedules.add(Caller(name="eve", tenant="other"), Schedule(name="c", workflow="note", every=60))


async def test_a_schedule_is_small_since_a_snapshot_holds_all_of_them() -> None:
    schedules = Schedules(MemoryStore(), now=lambda: 1_000.0)
    with pytest.raises(InputError, match="at most 10,000 letters"):
        await schedules.add(ADA, Schedule(name="big", workflow="note", every=60, input="x" * 10_000))

    await schedules.add(ADA, Schedule(name="small", workflow="note", every=60, input="x" * 9_000))


def test_what_somebody_of_this_process_adds_is_not_slept_through() -> None:
    async def scene() -> float:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            scheduler = Scheduler(Service(orchestrator, [FLOW]), look_seconds=600)
            task = asyncio.create_task(scheduler.run())
            await asyncio.sleep(5)
            began = VirtualClock().now()
            await scheduler.schedules.add(LOCAL, Schedule(name="soon", workflow="note", every=2))
            while not await orchestrator.list():  # noqa: ASYNC110 - it is started by who knows nothing of this test
                await asyncio.sleep(0.5)
            task.cancel()
            return VirtualClock().now() - began

    assert run_virtual(scene()) < 3


def test_a_schedule_that_cannot_be_read_here_holds_up_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(self: Schedule, at: float) -> int:
        if self.name == "bad":
            raise DefinitionError("there is no cron here")
        return self._timing.next(at)

    async def scene() -> tuple[int, str]:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            scheduler = Scheduler(Service(orchestrator, [FLOW]))
            for name in ("bad", "good"):
                await scheduler.schedules.add(LOCAL, Schedule(name=name, workflow="note", every=60))
            monkeypatch.setattr(Schedule, "next_after", breaks)
            await asyncio.sleep(61)
            await scheduler.start_due()
            monkeypatch.undo()
            return len(await orchestrator.list()), (await scheduler.schedules.one(LOCAL, "bad")).problem

    assert run_virtual(scene()) == (1, "there is no cron here")


async def written(store: Store, name: str) -> list[list[str]]:
    """What each change of schedules, or of their marks, has written."""
    events = await store.read(f'context[null,"{name}"]')
    return [list(json.loads(event.context)) for event in events if isinstance(event, ContextUpdated)]


def test_a_tick_of_one_schedule_writes_its_own_mark_and_nothing_else() -> None:
    async def scene() -> None:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            scheduler = Scheduler(Service(orchestrator, [FLOW]))
            for name, seconds in (("often", 60), ("seldom", 86_400), ("other", 86_400)):
                await scheduler.schedules.add(LOCAL, Schedule(name=name, workflow="note", every=seconds))
            for _ in range(3):
                await asyncio.sleep(61)
                await scheduler.start_due()
            store = orchestrator.store

            assert await written(store, "agentkit.schedules") == [[":often"], [":seldom"], [":other"]]
            assert await written(store, "agentkit.schedules.marks") == [[":often"]] * 3
            assert len(await orchestrator.list()) == 3
            await scheduler.schedules.remove(LOCAL, "often")
            assert (await written(store, "agentkit.schedules"))[-1] == [":often"]
            await scheduler.schedules.add(LOCAL, Schedule(name="often", workflow="note", every=60))
            again = await scheduler.schedules.one(LOCAL, "often")
            assert again.done_until == again.created_at

    run_virtual(scene())


async def test_schedules_that_an_earlier_version_kept_together_go_on_where_they_were() -> None:
    key = ContextKey("schedules", dict[str, object])
    kept = {"name": "s", "workflow": "note", "every": 60, "created_at": 900.0, "done_until": 960.0, "problem": "no"}
    async with MemoryStore() as store:
        earlier = ContextStore(store, keys=[key], name="agentkit.schedules", keep_versions=50)
        await earlier.open()
        await earlier.update({key: {"s": kept, "t@acme": {**kept, "name": "t", "tenant": "acme"}}}, by="schedules")
        schedules = Schedules(store, now=lambda: 1_000.0)
        one, other = await schedules.listed(LOCAL)
        assert (one.name, one.done_until, one.problem, other.tenant) == ("s", 960.0, "no", "acme")
        await schedules.note(one, done_until=1_020.0)
        await schedules.pause(ADA, "t")

        again = await Schedules(store, now=lambda: 1_000.0).listed(LOCAL)
        assert [(each.name, each.done_until, each.is_paused) for each in again] == [
            ("s", 1_020.0, False),
            ("t", 960.0, True),
        ]


def test_a_schedule_of_somebody_whose_key_was_revoked_pauses_itself_until_somebody_else_takes_it_over() -> None:
    async def scene() -> None:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            service = Service(orchestrator, [FLOW])
            scheduler, keys = Scheduler(service), service.keys
            audit = service.audit = ApiAudit(orchestrator.store, now=orchestrator.now)
            ada, bob = [await keys.create(name, tenant="acme", scopes={"admin"}) for name in ("ada", "bob")]
            await scheduler.schedules.add(await keys.caller(ada.key), Schedule(name="s", workflow="note", every=60))
            await asyncio.sleep(61)
            await scheduler.start_due()
            await keys.revoke(ada.id)
            for _ in range(2):
                await asyncio.sleep(60)
                await scheduler.start_due()

            (one,) = await scheduler.schedules.listed(ADA)
            assert len(await orchestrator.list()) == 1
            assert (one.is_paused, one.problem[:27]) == (True, f"the key {ada.id} of ada")
            assert [(action.actor, action.action, action.target["name"]) for action in audit._waiting] == [
                ("agentkit", "pause_schedule", "s")
            ]
            resumed = await scheduler.schedules.resume(await keys.caller(bob.key), "s")
            assert (resumed.by, resumed.is_paused, resumed.problem) == ("bob", False, "")
            await asyncio.sleep(60)
            await scheduler.start_due()
            newest, _ = await orchestrator.list()
            (first,) = await orchestrator.history(newest.stream, limit=1)
            assert isinstance(first, OperationAccepted)
            assert first.requester == "bob"

    run_virtual(scene())


@pytest.mark.parametrize("ends", ["revoked", "expired"])
def test_a_schedule_goes_on_where_its_maker_has_another_key_of_the_same_name(ends: str) -> None:
    async def scene() -> tuple[int, int]:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            service = Service(orchestrator, [FLOW])
            scheduler, keys, counts = Scheduler(service), service.keys, list[int]()
            first = await keys.create("ada", scopes={"admin"}, seconds=30 if ends == "expired" else None)
            await scheduler.schedules.add(await keys.caller(first.key), Schedule(name="s", workflow="note", every=60))
            await asyncio.sleep(40)
            if ends == "revoked":
                await keys.revoke(first.id)
            second = await keys.create("ada", scopes={"read"})
            await keys.create("ada", tenant="acme")
            await asyncio.sleep(21)
            await scheduler.start_due()
            counts.append(len(await orchestrator.list()))
            await keys.revoke(second.id)
            await asyncio.sleep(61)
            await scheduler.start_due()
            return counts[0], len(await orchestrator.list())

    assert run_virtual(scene()) == (1, 1)


def test_a_schedule_goes_on_for_who_has_a_key_when_the_one_it_was_made_with_is_long_forgotten() -> None:
    async def scene() -> tuple[bool, int]:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            service = Service(orchestrator, [FLOW])
            scheduler, keys = Scheduler(service), service.keys
            first = await keys.create("ada", scopes={"admin"})
            acting = replace(await keys.caller(first.key), tenant="acme")
            await scheduler.schedules.add(acting, Schedule(name="s", workflow="note", every=92 * DAY))
            await keys.revoke(first.id)
            await keys.create("ada", scopes={"read"})
            await asyncio.sleep(91 * DAY)
            await keys.create("bob")
            assert first.id not in [line.id for line in await keys.listed()]
            await asyncio.sleep(DAY + 1)
            await scheduler.start_due()
            (one,) = await scheduler.schedules.listed(LOCAL)
            return one.is_paused, len(await orchestrator.list())

    assert run_virtual(scene()) == (False, 1)


async def kept_as(store: Store, **records: object) -> None:
    """Schedules in a store as somebody else wrote them."""
    book = RecordBook[object](store, "agentkit.schedules", lambda _, kept: kept, now=lambda: 1_000.0)
    await book.change(lambda _: records, by="schedules")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"zone": "Atlantis", "cron": "0 6 * * *"}, "no time zone 'Atlantis'"),
        ({"cron": "61 * * * *"}, "Bad minute"),
        ({"cron": "* * * * *", "every": "often"}, "cannot be read: every"),
    ],
)
def test_a_record_that_cannot_be_read_is_shown_and_holds_up_none_of_the_others(other: Any, said: str) -> None:
    async def scene() -> None:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            scheduler = Scheduler(Service(orchestrator, [FLOW]))
            schedules = scheduler.schedules
            await schedules.add(LOCAL, Schedule(name="good", workflow="note", every=60))
            await kept_as(orchestrator.store, bad={"name": "bad", "workflow": "note", "created_at": 1.0} | other)
            await asyncio.sleep(61)
            await scheduler.start_due()

            assert len(await orchestrator.list()) == 1
            bad, good = [schedule_line(one, orchestrator.now()) for one in await schedules.listed(LOCAL)]
            assert (bad.name, bad.workflow, bad.due_at, good.problem) == ("bad", "note", None, "")
            assert said in bad.problem
            await schedules.remove(LOCAL, "bad")
            assert [one.name for one in await schedules.listed(LOCAL)] == ["good"]

    run_virtual(scene())


async def test_a_record_that_cannot_be_read_is_not_written_over() -> None:
    async with MemoryStore() as store:
        schedules = Schedules(store, now=lambda: 1_000.0)
        await kept_as(store, bad={"name": "bad", "workflow": "note", "cron": "61 * * * *"})

        with pytest.raises(InputError, match="can only be removed"):
            await schedules.pause(LOCAL, "bad")


def test_where_cron_is_missing_intervals_go_on_and_the_others_say_what_they_lack(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        async with Orchestrator([note], clock=VirtualClock(), limits=SELDOM) as orchestrator:
            first = Scheduler(Service(orchestrator, [FLOW])).schedules
            await first.add(LOCAL, Schedule(name="by-cron", workflow="note", cron="* * * * *"))
            await first.add(LOCAL, Schedule(name="often", workflow="note", every=60))
            monkeypatch.setitem(sys.modules, "cronsim", None)
            scheduler = Scheduler(Service(orchestrator, [FLOW]))
            await asyncio.sleep(61)
            shown = [schedule_line(one, orchestrator.now()) for one in await scheduler.schedules.listed(LOCAL)]
            await scheduler.start_due()

            assert len(await orchestrator.list()) == 1
            assert [("agentkit[schedules]" in one.problem, one.due_at is None) for one in shown] == [
                (True, True),
                (False, False),
            ]
            with pytest.raises(MissingExtra):
                await first.add(LOCAL, Schedule(name="more", workflow="note", cron="* * * * *"))

    run_virtual(scene())


async def test_a_mark_does_not_outlive_its_schedule() -> None:
    async with MemoryStore() as store:
        schedules = Schedules(store, now=lambda: 1_000.0)
        for name in ("a", "b", "c"):
            await schedules.add(LOCAL, Schedule(name=name, workflow="note", every=60))
        a, b, _ = await schedules.listed(LOCAL)
        await schedules.note(b, done_until=1_060.0)
        await schedules.remove(LOCAL, "a")
        # As who noted it while it was removed, and died thereafter.
        await schedules._marks.change(lambda _: {"a": [a.created_at, 1_060.0, ""]}, by="schedules")
        await schedules.remove(LOCAL, "c")

        assert list(await schedules._marks.look()) == ["b"]

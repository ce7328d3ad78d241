"""Figures are of operations that really ran, in two periods, and cost what these hold."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import InputError, JournalCorrupt
from agentkit.kernel import CancelRequested, Event
from agentkit.service import Desk, Service, census
from agentkit.service.usual import UsualTimes
from agentkit.stores import MemoryStore, Summary
from agentkit.testing import VirtualClock
from agentkit.wire import FiguresQuery, SubmitRequest, moment

DAY = 86_400


@agent
def work(task: Task[dict[str, str]]) -> str:
    if task.input.get("fails"):
        raise ValueError("no")
    return "done"


FLOW = Workflow("flow", [Stage("work", agent="work")])


async def test_figures_are_of_the_period_and_of_the_one_before() -> None:
    async with Orchestrator([work]) as orchestrator:
        desk = Service(orchestrator, [FLOW]).desk()
        for given in ({}, {}, {}, {"fails": "yes"}):
            begun = await desk.submit(SubmitRequest(workflow="flow", input=dict(given)))
            _ = [page async for page in desk.progress(begun.id)]
        now = orchestrator.now()
        today = await desk.figures(FiguresQuery())
        tomorrow = await desk.figures(FiguresQuery(since=moment(now + DAY)))
        before = await desk.figures(FiguresQuery(since=moment(orchestrator.now()), before=moment(now - DAY)))

    assert (today.current.accepted, today.current.completed, today.current.failed) == (4, 3, 1)
    assert today.current.success_rate == 0.75
    assert today.current.is_whole
    assert (today.previous.completed, today.previous.mean_seconds) == (0, None)
    assert (tomorrow.current.completed, before.current.completed) == (0, 0)
    assert [(one.name, one.completed, one.failed, one.success_rate) for one in today.agents] == [("work", 3, 1, 0.75)]
    assert today.current.until - today.current.since == timedelta(days=1)


class Counting(MemoryStore):
    """A store that knows what it was asked for, and does not answer for ever."""

    asked = 0
    found: Sequence[Summary] = ()
    damaged = ""

    async def find(self, **more: Any) -> Sequence[Summary]:
        self.asked += 1
        assert self.asked <= 100, "this would never end"
        await asyncio.sleep(0)
        page = await super().find(**more)
        self.found = [*self.found, *page]
        return page

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        if stream == self.damaged:
            raise JournalCorrupt(f"stream {stream!r} is damaged")
        return await super().read(stream, after=after, limit=limit)

    async def line(self, stream: str, began: float, *, took: float | None = None, name: str = "flow") -> None:
        """Have an operation that has ended, or that waits."""
        ended, updated = took is not None, began + (took or 0)
        status = "completed" if ended else "running"
        line = Summary(
            stream=stream, name=name, status=status, ended=ended, created_at=began, updated_at=updated, parked=True
        )
        await self.append(stream, [CancelRequested(at=began)], expected=0, summary=line)


@asynccontextmanager
async def counted() -> AsyncGenerator[tuple[Desk, Counting, float], None]:
    """A desk, its store, and what time it is."""
    async with Orchestrator([work], store=(store := Counting()), adopt=False) as orchestrator:
        yield Service(orchestrator, [FLOW]).desk(), store, orchestrator.now()


async def test_what_is_agentkits_own_is_passed_over_and_is_no_work_of_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census, "_AT_ONCE", 2)
    async with counted() as (desk, store, now):
        await store.line("old", now - 60, took=1)
        await store.line("open", now - 50)
        for number in range(5):
            await store.line(f"word {number}", now - 40 + number, name="agentkit.webhook")
        await store.line("new", now - 10, took=1)
        page = await desk.figures(FiguresQuery(recent=0))
        asked = store.asked
        own = await desk.figures(FiguresQuery(workflow="agentkit.webhook"))
        assert store.asked == asked

    assert (page.active, page.current.accepted, page.current.completed, page.current.is_whole) == (1, 3, 2, True)
    assert (own.active, own.current.accepted) == (0, 0)


async def test_what_is_looked_at_is_bounded_by_how_many_are_kept_of_any_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census, "_AT_ONCE", 2)
    monkeypatch.setattr(census, "_MOST_READ", 4)
    async with counted() as (desk, store, now):
        for number in range(9):
            await store.line(f"word {number}", now - 40 + number, name="agentkit.webhook", took=1)
        page = await desk.figures(FiguresQuery())

    assert (page.current.accepted, page.current.is_whole) == (0, False)
    assert len(store.found) == 5


async def test_what_ended_long_ago_is_not_looked_at() -> None:
    async with counted() as (desk, store, now):
        for number in range(20):
            await store.line(f"old {number}", now - 30 * DAY + number, took=1)
        await store.line("waits", now - 30 * DAY)
        await store.line("new", now - 60, took=1)
        page = await desk.figures(FiguresQuery(workflow="flow", recent=0))

    assert (page.active, page.current.completed) == (1, 1)
    assert {line.stream for line in store.found} == {"waits", "new"}


async def test_what_began_before_a_period_that_is_close_to_the_other_is_counted_where_it_ended() -> None:
    hour = 3_600
    async with counted() as (desk, store, now):
        await store.line("long", now - 3 * hour, took=1.5 * hour)
        page = await desk.figures(
            FiguresQuery(since=moment(now - 2 * hour), before=moment(now - 2 * hour - 60), recent=0)
        )

    assert (page.current.completed, page.previous.completed) == (1, 0)


async def test_a_period_begins_in_1970_at_the_earliest() -> None:
    async with counted() as (desk, _, _):
        page = await desk.figures(FiguresQuery(since=datetime(1000, 1, 1, tzinfo=UTC)))
        other = await desk.figures(FiguresQuery(before=datetime(1, 1, 1, tzinfo=UTC)))
        with pytest.raises(InputError, match="too far away"):
            await desk.figures(FiguresQuery(since=datetime(1, 1, 1)))  # noqa: DTZ001 - it may come without a zone

    assert page.current.since == page.previous.since == other.previous.since == moment(0)


async def test_a_damaged_operation_takes_the_figures_of_the_others_from_nobody() -> None:
    async with Orchestrator([work], store=(store := Counting())) as orchestrator:
        desk = Service(orchestrator, [FLOW]).desk()
        begun = [await desk.submit(SubmitRequest(workflow="flow", input={})) for _ in range(2)]
        for one in begun:
            _ = [page async for page in desk.progress(one.id)]
        store.damaged = begun[-1].id
        page = await Service(orchestrator, [FLOW]).desk().figures(FiguresQuery())

    assert (page.current.completed, [one.completed for one in page.agents]) == (2, [1])


async def test_what_is_usual_is_looked_up_once_in_a_while_and_kept_for_so_many() -> None:
    at = 1_000.0

    class Standing(VirtualClock):
        def now(self) -> float:
            return at

    async with Orchestrator([work], store=(store := Counting()), clock=Standing(), adopt=False) as orchestrator:
        usual = UsualTimes(orchestrator, kept=2)
        before = [await usual.seconds("flow", None) for _ in range(3)]
        await store.line("one", 500, took=60)
        at += 9
        still = await usual.seconds("flow", None)
        assert store.asked == 1
        at += 1
        at_once = await asyncio.gather(usual.seconds("flow", None), usual.seconds("flow", None))
        others = [await usual.seconds("flow", tenant) for tenant in ("acme", "other")]
        assert store.asked == 4
        await usual.seconds("flow", None)

    assert [*before, still, *others] == [None] * 6
    assert [*at_once] == [60, None]
    assert store.asked == 5

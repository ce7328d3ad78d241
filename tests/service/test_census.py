"""What is kept in mind of figures says what counting anew says, whatever happened in between."""

import asyncio
import math
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit import Orchestrator
from agentkit.kernel import CancelRequested
from agentkit.service import Caller, Service, census
from agentkit.stores import MemoryStore, News, SqliteStore, Store, Summary
from agentkit.testing import VirtualClock
from agentkit.wire import FiguresPage, FiguresQuery, moment

NOW = 1_000_000.0
ENDS = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class Begin:
    """An operation begins some time ago, in the middle of others."""

    ago: float
    name: str
    tenant: str | None


@dataclass(frozen=True)
class Change:
    """One of those that have not ended goes on, waits, or ends."""

    which: int
    status: str
    waiting: str
    took: float


@dataclass(frozen=True)
class Ask:
    """Somebody asks."""

    since: float | None
    before: float | None
    workflow: str | None
    tenant: str | None


NAMES = ("flow", "other", "agentkit.webhook")
SPANS = st.sampled_from([0.0, 0.5, 1.0, 3.0, 10.0, 50.0, 51.0, 99.0, 250.0, 1_000.0])
TENANTS = st.sampled_from([None, "acme"])
STEPS = st.one_of(
    st.builds(Begin, SPANS, st.sampled_from(NAMES), TENANTS),
    st.builds(
        Change,
        st.integers(0, 99),
        st.sampled_from(["running", *ENDS, *ENDS]),
        st.sampled_from(["", "approval", "signal approval"]),
        SPANS,
    ),
    st.builds(
        Ask,
        st.one_of(st.none(), SPANS),
        st.one_of(st.none(), SPANS),
        st.sampled_from([None, "flow", "agentkit.webhook"]),
        TENANTS,
    ),
)


class Standing(VirtualClock):
    def now(self) -> float:
        return NOW


def figures_of(lines: Sequence[Summary], ask: Ask, *, most: int) -> tuple[object, ...]:
    """The figures, counted over everything that is kept."""
    since = NOW - (86_400 if ask.since is None else ask.since) - (5e-7 if ask.since is not None else 0)
    length = max(NOW - since, 1.0)
    before = since - length if ask.before is None else min(NOW - ask.before - 5e-7, since)
    after = before - length
    mine = [one for one in lines if ask.tenant in (None, one.tenant) and ask.workflow in (None, one.name)]
    if ask.workflow == "agentkit.webhook":
        mine = []
    newest = sorted((one for one in mine if one.created_at >= after), key=lambda one: (one.created_at, one.stream))
    seen = [one for one in newest[-most:] if one.name != "agentkit.webhook"]
    is_open = [one for one in mine if not one.ended and one.name != "agentkit.webhook"]
    asking = [one for one in is_open if "approval" in one.waiting.split()]
    periods = [(since, NOW), (before, min(before + length, since))]
    return (len(is_open), len(asking), *(_period(seen, *one, len(newest) <= most) for one in periods))


def _period(lines: Sequence[Summary], since: float, until: float, is_whole: bool) -> tuple[object, ...]:
    ended = [one for one in lines if one.ended and since <= one.updated_at <= until]
    took = sorted(one.updated_at - one.created_at for one in ended if one.status == "completed")
    counts = Counter(one.status for one in ended)
    accepted = sum(since <= one.created_at < until for one in lines)
    mean = math.fsum(took) / len(took) if took else None
    p95 = took[math.ceil(0.95 * len(took)) - 1] if took else None
    return (accepted, *(counts[status] for status in ENDS), mean, p95, is_whole)


def shown(page: FiguresPage) -> tuple[object, ...]:
    """The same, as it is told."""
    return (
        page.active,
        page.waiting,
        *(
            (one.accepted, one.completed, one.failed, one.cancelled, one.mean_seconds, one.p95_seconds, one.is_whole)
            for one in (page.current, page.previous)
        ),
    )


async def play(store: Store, other: Store, steps: Sequence[Begin | Change | Ask], *, most: int) -> None:
    """Take the steps, by two owners in turn, and hold each answer against counting anew."""
    lines: dict[str, Summary] = {}
    async with Orchestrator(store=store, clock=Standing(), adopt=False) as orchestrator:
        service = Service(orchestrator)
        for number, step in enumerate(steps):
            match step:
                case Begin(ago, name, tenant):
                    line = Summary(
                        stream=f"op {number:03}",
                        name=name,
                        status="running",
                        ended=False,
                        created_at=NOW - ago,
                        updated_at=NOW - ago,
                        parked=True,
                        tenant=tenant,
                    )
                    await write(store if number % 2 else other, lines, line)
                case Change(which, status, waiting, took):
                    if running := [one for one in lines.values() if not one.ended]:
                        line = running[which % len(running)]
                        at = max(line.updated_at, min(NOW, line.created_at + took))
                        line = replace(line, status=status, ended=status in ENDS, waiting=waiting, updated_at=at)
                        await write(store if number % 2 else other, lines, line)
                case Ask(since, before, workflow, tenant):
                    desk = service.desk(Caller(name="ada", tenant=tenant, scopes={"read"}))
                    query = FiguresQuery(
                        since=None if since is None else moment(NOW - since),
                        before=None if before is None else moment(NOW - before),
                        workflow=workflow,
                        recent=0,
                    )
                    assert shown(await desk.figures(query)) == figures_of([*lines.values()], step, most=most)


async def write(store: Store, lines: dict[str, Summary], line: Summary) -> None:
    known = lines.get(line.stream)
    version = 0 if known is None else known.version
    await store.append(line.stream, [CancelRequested(at=1.0)], expected=version, summary=line)
    lines[line.stream] = replace(line, version=version + 1)


@pytest.mark.parametrize("most", [3, 1_000])
@given(steps=st.lists(STEPS, min_size=20, max_size=40), often=st.integers(1, 5))
def test_figures_are_what_counting_anew_gives(most: int, steps: list[Begin | Change | Ask], often: int) -> None:
    asked: list[Begin | Change | Ask] = []
    for number, step in enumerate(steps, start=1):
        asked += [step, *([Ask(99.0, None, None, None)] if number % often == 0 else [])]

    async def main() -> None:
        async with MemoryStore() as other:
            await play(other.sibling(), other, asked, most=most)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(census, "_MOST_READ", most)
        patch.setattr(census, "_AT_ONCE", 2)
        patch.setattr(census, "_MOST_COUNTS", 2)
        patch.setattr(MemoryStore, "news", partial_news(limit=3))
        asyncio.run(main())


def partial_news(*, limit: int) -> Any:
    """News that are soon too much."""
    news = MemoryStore.news

    async def less(self: MemoryStore, since: int | None = None) -> News:
        return await news(self, since, limit=limit)

    return less


async def test_figures_of_a_file_are_told_by_every_process(tmp_path: Path) -> None:
    make = partial(SqliteStore, tmp_path / "runs.db")
    ask = Ask(99.0, 250.0, None, None)
    steps: list[Begin | Change | Ask] = []
    for number in range(30):
        steps += [Begin(50.0, NAMES[number % 3], None), Change(number, ENDS[number % 3], "", number / 3), ask]
    async with make() as other:
        await play(make(), other, steps, most=1_000)


class Counting(MemoryStore):
    """A store that knows how many lines it told."""

    told = 0

    async def find(self, **more: Any) -> Sequence[Summary]:
        page = await super().find(**more)
        self.told += len(page)
        return page

    async def news(self, since: int | None = None, *, limit: int = 10_000) -> News:
        news = await super().news(since, limit=limit)
        self.told += len(news.lines)
        return news


async def test_a_question_again_costs_what_changed() -> None:
    store, lines = Counting(), dict[str, Summary]()
    async with Orchestrator(store=store, clock=Standing(), adopt=False) as orchestrator:
        desk = Service(orchestrator).desk()
        for number in range(300):
            line = Summary(
                stream=f"op {number}", name="flow", status="completed", ended=True, created_at=NOW - 9, updated_at=NOW
            )
            await write(store, lines, line)
        query = FiguresQuery(recent=0)
        first = await desk.figures(query)
        before = store.told
        await write(store, lines, replace(lines["op 7"], stream="op 300", version=0))
        second = await desk.figures(query)

    assert before == 300
    assert store.told == before + 1
    assert (first.current.completed, second.current.completed) == (300, 301)


async def test_what_is_kept_in_mind_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census, "_MOST_KEPT", 5)
    store, lines = MemoryStore(), dict[str, Summary]()
    async with Orchestrator(store=store, clock=Standing(), adopt=False) as orchestrator:
        for number in range(6):
            line = Summary(
                stream=f"op {number}",
                name="flow",
                status="completed",
                ended=True,
                created_at=NOW - 9,
                updated_at=NOW,
                tenant=f"tenant {number % 2}",
            )
            await write(store, lines, line)
        kept = census.Census(orchestrator)
        for tenant in ("tenant 0", "tenant 1", None):
            count, _, _ = await kept.count(tenant, None, after=0.0)
            assert count.accepted(0.0, NOW) == (6 if tenant is None else 3)

    assert [*kept._counts] == [(None, None)]


async def all_at_once(service: Service) -> list[tuple[int, int]]:
    """What is told to several who ask at the same time, so that some have to wait."""
    async with service.orchestrator:
        pages = await asyncio.gather(*(service.desk().figures(FiguresQuery(recent=0)) for _ in range(5)))
        return [(page.current.completed, page.current.failed) for page in pages]


async def fill(path: Path, operations: int, status: str) -> None:
    """Put another store where one may be already."""
    for file in path.parent.glob("runs.db*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    async with SqliteStore(path) as store:
        for number in range(operations):
            line = Summary(
                stream=f"op {number}", name="flow", status=status, ended=True, created_at=NOW - 9, updated_at=NOW
            )
            await write(store, {}, line)


def test_a_service_that_is_opened_again_counts_what_is_there_then(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    service = Service(Orchestrator(store=SqliteStore(path), clock=Standing(), adopt=False))
    asyncio.run(fill(path, 3, "completed"))
    assert asyncio.run(all_at_once(service)) == [(3, 0)] * 5

    # Under the same name, with a mark that is no lower than the one that is known.
    asyncio.run(fill(path, 7, "failed"))
    assert asyncio.run(all_at_once(service)) == [(0, 7)] * 5


async def test_what_a_service_has_forgotten_is_counted_anew(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    service = Service(Orchestrator(store=SqliteStore(path), clock=Standing(), adopt=False))
    await fill(path, 3, "completed")
    assert await all_at_once(service) == [(3, 0)] * 5

    service.forget()
    await fill(path, 7, "failed")
    assert await all_at_once(service) == [(0, 7)] * 5

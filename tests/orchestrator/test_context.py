"""Shared contexts, alone and inside of workflows."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentkit.agents import ContextKey, Task, agent
from agentkit.errors import (
    Closed,
    DefinitionError,
    Expired,
    InputError,
    MergeConflict,
    NotFound,
    OperationFailed,
    StoreUnavailable,
    Undeclared,
    UnstorableValue,
)
from agentkit.kernel import SNAPSHOT_EVERY, ContextCompacted, RetryPolicy, SharedContext, Stage, Workflow
from agentkit.orchestrator import ContextStore
from agentkit.orchestrator.context.stream import stream_name
from agentkit.stores import MemoryStore, SqliteStore, Store
from agentkit.testing import Fault, FaultyStore
from agentkit.testing.clock import VirtualClock
from agentkit.views import context_history
from tests.orchestrator.scenes import opened

TOTALS = ContextKey("totals", dict[str, Decimal], merge="deep_merge")
LOG = ContextKey("log", list[str], merge="append")
COUNT = ContextKey("count", int, merge=lambda old, new: old + new)
RATE = ContextKey("rate", merge="conflict")
KEYS: list[ContextKey[Any] | str] = [TOTALS, LOG, COUNT, RATE, "note"]


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "shared.db")
    async with made:
        yield made


def sibling(store: Store) -> Store:
    """Another owner on the same memory or file, as another process would be."""
    if isinstance(store, MemoryStore):
        return store.sibling()
    assert isinstance(store, SqliteStore)
    return SqliteStore(store._path)


def shared(store: Store | str, **settings: Any) -> ContextStore:
    return ContextStore(store, keys=KEYS, clock=VirtualClock(), **settings)


async def test_what_one_writes_the_other_reads_merged_by_key_and_by_type(store: Store) -> None:
    async with shared(store) as mine, sibling(store) as other, shared(other) as theirs:
        assert await mine.update({TOTALS: {"USD": Decimal("1.10")}, "log": ["a"]}, by="ada") == 1
        assert await theirs.update({"totals": {"CHF": Decimal("0.95")}, COUNT: 2}, by="bob") == 2
        assert await mine.update({COUNT: 3}, by="ada") == 3

        assert await theirs.get(TOTALS) == {"USD": Decimal("1.10"), "CHF": Decimal("0.95")}
        assert (await mine.get(LOG), await mine.get("count"), await mine.get("note", "none")) == (["a"], 5, "none")


async def test_an_update_is_written_wholly_or_not_at_all(store: Store) -> None:
    async with shared(store) as context:
        await context.update({"note": "x", RATE: 1}, by="ada")
        with pytest.raises(MergeConflict, match=r"'rate' was written by 'ada' in version 1, and no version was said"):
            await context.update({"note": "y", RATE: 2}, by="bob")

        assert dict(await context.read()) == {"note": "x", "rate": 1}
        assert (await context.read()).version == 1


async def test_nobody_is_refused_for_not_knowing_yet_what_others_wrote(store: Store) -> None:
    async with shared(store) as mine, sibling(store) as other, shared(other) as theirs:
        await theirs.update({RATE: 1, "note": ["list"]}, by="bob")

        assert await mine.update({RATE: 2}, by="ada", expected_version=1) == 2
        views = await asyncio.gather(theirs.read(), theirs.read(), theirs.read())
        assert [view.version for view in views] == [2, 2, 2]
        assert [dict(view)["rate"] for view in views] == [2, 2, 2]


class LateStore(FaultyStore):
    """What it has kept is acknowledged a second later."""

    async def append(self, *args: Any, **settings: Any) -> None:
        await super().append(*args, **settings)
        await asyncio.sleep(1)


async def test_who_reads_between_a_commit_and_its_answer_counts_nothing_twice() -> None:
    async with LateStore(MemoryStore()) as store, shared(store) as context:
        writing = asyncio.ensure_future(context.update({COUNT: 1}, by="ada"))
        await asyncio.sleep(0.5)
        assert ((await context.read()).version, writing.done()) == (1, False)

        assert await writing == 1
        assert await context.update({COUNT: 1}, by="ada") == 2
        assert ((await context.read()).version, await context.get(COUNT)) == (2, 2)


async def test_compare_and_set_lets_one_of_many_win(store: Store) -> None:
    async with shared(store) as context:
        tries = [context.update({RATE: n}, by=f"w{n}", expected_version=0) for n in range(20)]
        ends = await asyncio.gather(*tries, return_exceptions=True)

        assert [end for end in ends if not isinstance(end, MergeConflict)] == [1]
        with pytest.raises(MergeConflict, match="context 'shared' is at version 1, not 0: read it again"):
            await context.update({"note": 1}, by="ada", expected_version=0)
        assert await context.update({RATE: "new"}, by="ada", expected_version=1) == 2


async def test_200_concurrent_writers_of_two_owners_lose_nothing(store: Store) -> None:
    async with shared(store) as mine, sibling(store) as other, shared(other) as theirs:

        async def write(number: int) -> int:
            context = mine if number % 2 else theirs
            return await context.update({LOG: [str(number)], COUNT: 1}, by=f"w{number}")

        made = await asyncio.gather(*map(write, range(200)))

        assert sorted(made) == list(range(1, 201))
        assert sorted(map(int, await mine.get(LOG, []))) == list(range(200))
        assert await theirs.get(COUNT) == 200


@pytest.mark.blocking
def test_several_processes_lose_nothing(tmp_path: Path) -> None:
    path, each = tmp_path / "shared.db", 60
    command = [sys.executable, "-m", "tests.orchestrator.context_process", str(path), str(each)]
    processes = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for name in "abc"
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
    # All of them begin at once: without that, the test would pass on a store that loses updates.
    ends = [process.communicate("go\n", timeout=120) for process in _started(processes)]
    made = sorted(int(number) for said, _ in ends for number in said.split())

    async def written() -> tuple[list[str], int | None]:
        async with ContextStore(f"sqlite:///{path}", keys=KEYS) as context:
            return await context.get(LOG, []), await context.get(COUNT)

    log, count = asyncio.run(written())
    assert made == list(range(1, 3 * each + 1))
    assert (sorted(log), count) == (sorted(f"{name}{n}" for name in "abc" for n in range(each)), 3 * each)


def _started(processes: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return processes


async def test_every_version_is_readable_and_tells_who_wrote_what(store: Store) -> None:
    async with shared(store) as context:
        for number in range(1, 5):
            await context.update({LOG: [str(number)], "note": number // 2}, by=f"w{number}")

        assert [(await context.read(at=n)).get(LOG, []) for n in range(5)] == [list("1234")[:n] for n in range(5)]
        change = (await context.diff(1, 3))["note"]
        assert (change.before, change.after, change.is_new) == (0, 1, False)
        assert list(await context.diff(2, 3)) == ["log"]
        assert (await context.diff(1, 0))["note"].is_gone
        assert [(v.number, v.by, v.written["log"]) for v in await context.blame(LOG)][-1] == (4, "w4", ["4"])
        assert [version.number for version in await context.versions(after=2)] == [3, 4]
        with pytest.raises(NotFound, match="context 'shared' has no version 5; its newest is 4"):
            await context.read(at=5)


async def test_reading_begins_at_the_newest_snapshot_however_long_the_stream_is(store: Store) -> None:
    many = 3 * SNAPSHOT_EVERY
    async with shared(store) as context:
        await asyncio.gather(*[context.update({COUNT: 1, "note": n}, by="ada") for n in range(many)])
    stream = stream_name(None, "shared")
    events = await store.read(stream)
    places = [number for number, event in enumerate(events, 1) if isinstance(event, ContextCompacted)]
    async with FaultyStore(store) as counting, shared(counting) as again:
        assert counting.calls.count("read") < 6
        assert places == [SNAPSHOT_EVERY, 2 * SNAPSHOT_EVERY, 3 * SNAPSHOT_EVERY]
        for version in (1, 255, 256, 300, 511, 512, many - 1, many):
            past = await again.read(at=version)
            assert (past.version, past["count"]) == (version, version)
        assert SharedContext.replay(events).entries == again._stream.context.entries


async def test_only_the_newest_versions_are_kept_if_so_wished(store: Store) -> None:
    async with shared(store, keep_versions=3) as context:
        for number in range(1, 6):
            await context.update({LOG: [str(number)]}, by="ada")

        assert [version.number for version in await context.versions()] == [3, 4, 5]
        assert (await context.read(at=3))["log"] == ["1", "2", "3"]
        with pytest.raises(Expired, match="version 2 is not kept any more; the oldest that is kept is 3"):
            await context.read(at=2)
        with pytest.raises(Expired):
            await context.diff(1, 5)


async def test_a_snapshot_lets_go_of_old_versions_for_those_who_keep_all() -> None:
    async with MemoryStore() as store, shared(store, keep_versions=3) as context, shared(store) as theirs:
        for _ in range(SNAPSHOT_EVERY + 10):
            await context.update({COUNT: 1}, by="ada")

        assert (await theirs.versions())[0].number == SNAPSHOT_EVERY - 3
        with pytest.raises(Expired):
            await theirs.read(at=SNAPSHOT_EVERY - 4)


async def test_what_was_compacted_is_gone_for_everybody(store: Store) -> None:
    async with shared(store) as context, sibling(store) as other, shared(other) as theirs:
        for number in range(1, 6):
            await context.update({LOG: [str(number)], "note": 1}, by="ada")
        await context.compact(keep=2)
        await theirs.update({LOG: ["6"]}, by="bob")

        assert await theirs.get(LOG) == list("123456")
        assert [version.number for version in await theirs.versions()] == [4, 5, 6]
        with pytest.raises(Expired):
            await theirs.read(at=3)
        with pytest.raises(DefinitionError, match="keep is a number of versions, at least 1, not 0"):
            await context.compact(keep=0)


async def test_a_view_sees_one_version_and_commits_its_writes_at_the_end(store: Store) -> None:
    async with shared(store) as context:
        await context.update({RATE: 1, "note": "x"}, by="ada")
        async with context.view("pricing", reads=["rate", "log"], writes=["log", "count"]) as view:
            await context.update({RATE: 2, LOG: ["theirs"]}, by="bob", expected_version=1)
            view.write(LOG, ["mine"])
            view[COUNT] = 7
            assert (view["rate"], view["log"], view.version) == (1, ["mine"], 1)

        assert dict(await context.read()) == {"rate": 2, "note": "x", "log": ["theirs", "mine"], "count": 7}
        assert (await context.blame(COUNT))[-1].by == "pricing"


async def test_a_view_refuses_what_was_not_declared_and_writes_nothing_when_its_block_raises(store: Store) -> None:
    async with shared(store) as context:

        async def sneak() -> None:
            async with context.view("pricing", reads=["rate"], writes=["log"]) as view:
                view["log"] = ["lost"]
                assert view["note"]

        with pytest.raises(Undeclared, match=r"context 'shared', view of 'pricing' may not read 'note': it declares"):
            await sneak()
        with pytest.raises(Undeclared, match="has no key 'rates'; it has 'totals'"):
            await context.view("pricing", reads=["rates"]).__aenter__()

        assert (await context.read()).version == 0


async def test_a_view_that_read_an_old_value_of_a_conflict_key_is_refused(store: Store) -> None:
    async with shared(store) as context:
        await context.update({RATE: 1}, by="ada")

        async def price() -> None:
            async with context.view("pricing", reads=["rate"], writes=["rate"]) as view:
                view["rate"] = 10
                await context.update({RATE: 5}, by="bob", expected_version=1)

        with pytest.raises(MergeConflict, match="'rate' was written by 'bob' in version 2, and version 1 was seen"):
            await price()
        assert await context.get("rate") == 5


async def test_a_watcher_hears_of_every_update_of_every_owner(store: Store) -> None:
    async with shared(store) as context, sibling(store) as other, shared(other) as theirs:
        await context.update({"note": 0}, by="ada")
        async with aclosing(context.watch(after=0)) as updates:
            heard = [await anext(updates)]
            for number in range(1, 4):
                await theirs.update({"note": number}, by="bob")
                heard.append(await anext(updates))

        assert [(v.number, v.by, v.written["note"]) for v in heard] == [
            (1, "ada", 0), (2, "bob", 1), (3, "bob", 2), (4, "bob", 3)
        ]  # fmt: skip


async def test_tenants_and_names_never_see_each_other_whatever_they_are_called(store: Store) -> None:
    places = [
        ("acme", "shared"),
        (None, "shared"),
        ("a", "b,c"),
        ("a,b", "c"),
        ('acme","x', "shared"),
        ("acme", 'x","shared'),
    ]
    contexts = [shared(store, tenant=tenant, name=name) for tenant, name in places]
    for number, context in enumerate(contexts):
        async with context:
            assert await context.update({"note": number}, by="ada") == 1

    for number, context in enumerate(contexts):
        async with context:
            assert await context.get("note") == number


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ({"notes": 1}, Undeclared, r"context 'shared' of 'acme' has no key 'notes'; it has 'totals', 'log'"),
        ({}, InputError, "an update writes at least one key"),
        ({"log": [1]}, InputError, r"key 'log': list given where list\[str\] is declared"),
        ({"note": (1, 2)}, UnstorableValue, "key 'note': this tuple does not come back equal"),
        ({"note": float("nan")}, UnstorableValue, "key 'note'"),
        ({"note": {1: 2}}, UnstorableValue, "key 'note'"),
        ({"note": "\ud83d\ude00"}, UnstorableValue, "key 'note'"),
    ],
    ids=["unknown", "nothing", "another type", "a tuple", "nan", "a key that is no text", "a pair of surrogates"],
)
async def test_what_cannot_be_written_exactly_is_refused(
    values: dict[str, object], kind: type[Exception], words: str
) -> None:
    async with shared(MemoryStore(), tenant="acme") as context:
        with pytest.raises(kind, match=words):
            await context.update(values, by="ada")
        with pytest.raises(InputError, match="whoever writes gives a name"):
            await context.update({"note": 1}, by="")
        assert (await context.read()).version == 0


async def test_an_update_that_the_store_refuses_leaves_the_others_alone(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "shared.db") as store, shared(store) as context:
        tries = [context.update({LOG: [str(n)]}, by="\ud83d\ude00" if n == 1 else "ada") for n in range(3)]
        ends = await asyncio.gather(*tries, return_exceptions=True)

        assert [type(end) for end in ends] == [int, UnstorableValue, int]
        assert await context.get(LOG) == ["0", "2"]


async def test_a_merge_function_that_fails_is_a_conflict_and_may_not_change_what_is_there() -> None:
    def spoil(old: list[int], new: list[int]) -> list[int]:
        old.append(0)
        return old if new else [1 // len(new)]

    async with ContextStore(MemoryStore(), keys=[ContextKey("k", list[int], merge=spoil)]) as context:
        await context.update({"k": [1]}, by="ada")
        with pytest.raises(MergeConflict, match="key 'k': its merge function failed: integer division"):
            await context.update({"k": []}, by="ada")
        assert await context.get("k") == [1]
        await context.update({"k": [2]}, by="ada")
        assert (await context.read(at=1))["k"] == [1]
        assert await context.get("k") == [1, 0]


async def test_a_store_that_fails_is_told_and_nothing_is_lost_or_written_twice() -> None:
    fault = Fault(kind="fail_after", number=2, call="append")
    async with FaultyStore(MemoryStore(), fault) as store, shared(store) as context:
        await context.update({COUNT: 1}, by="ada")
        with pytest.raises(StoreUnavailable):
            await context.update({COUNT: 10}, by="ada", expected_version=1)
        # It did happen, so who asks again with the version that was seen does not write it twice.
        with pytest.raises(MergeConflict):
            await context.update({COUNT: 10}, by="ada", expected_version=1)

        assert await context.update({COUNT: 100}, by="ada") == 3
        assert await context.get(COUNT) == 111


async def test_a_writer_that_goes_away_leaves_the_others_and_its_own_update_alone() -> None:
    async with FaultyStore(MemoryStore(), Fault(kind="delay", number=1, call="append")) as store:
        async with shared(store) as context:
            first, second, third = (
                asyncio.ensure_future(context.update({LOG: [name]}, by=name)) for name in ("ada", "bob", "cyd")
            )
            await asyncio.sleep(0)
            first.cancel()
            second.cancel()
            made = await third

        async with shared(store) as context:
            log: list[str] = await context.get(LOG, [])
    assert (log[-1], len(log)) == ("cyd", made)


async def test_closing_waits_until_all_is_written() -> None:
    async with FaultyStore(MemoryStore(), Fault(kind="delay", number=1, call="append")) as store:
        async with shared(store) as context:
            writing = asyncio.gather(*[context.update({COUNT: 1}, by="ada") for _ in range(3)])
            await asyncio.sleep(0)
        assert writing.done()
        async with shared(store) as context:
            assert await context.get(COUNT) == 3


async def test_a_closed_context_says_so_and_a_store_that_was_given_stays_open() -> None:
    async with MemoryStore() as store:
        context = shared(store)
        with pytest.raises(Closed, match="context 'shared' is not open"):
            await context.read()
        async with context:
            pass
        with pytest.raises(Closed):
            await context.update({"note": 1}, by="ada")
        assert await store.read("nothing") == ()


@pytest.mark.parametrize(
    "settings",
    [
        {"keys": []},
        {"keys": ["a", ContextKey("a")]},
        {"keys": ["a"], "name": ""},
        {"keys": ["a"], "tenant": ""},
        {"keys": ["a"], "keep_versions": 0},
        {"keys": ["a"], "keep_versions": True},
    ],
    ids=str,
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        ContextStore("memory://", **settings)


@agent
async def learn(task: Task[object]) -> None:
    task.context[TOTALS] = {task.stage: Decimal("1.10")}
    task.context["log"] = [f"{task.stage}:{task.attempt}"]
    if task.attempt == 1 and task.stage == "two":
        raise ConnectionError


@agent
async def tell(task: Task[object]) -> object:
    return [task.context.read("totals", dict[str, Decimal])["two"] + 1 == Decimal("2.10"), task.context["log"]]


def learning(**settings: Any) -> Workflow[object]:
    writes = {"totals": "deep_merge", "log": "append"}
    stages = [Stage(name, agent="learn", writes=writes, **settings) for name in ("one", "two")]
    return Workflow("learning", [*stages, Stage("tell", agent="tell", after=["one", "two"], reads=["totals", "log"])])


async def test_stages_share_a_context_and_a_failed_attempt_leaves_nothing_in_it(store: Store) -> None:
    async with opened(learn, tell, store=store) as orchestrator:
        operation = await orchestrator.submit(learning(retry=RetryPolicy(attempts=2, delay=1)), None)
        result = await operation
        history = context_history(await orchestrator.history(operation.id))

        assert result.output == [True, ["one:1", "two:2"]]
        assert await operation.context() == {"totals": {"one": "1.10", "two": "1.10"}, "log": ["one:1", "two:2"]}
        assert [(version.by, version.attempt) for version in history.blame("log")] == [("one", 1), ("two", 2)]
        first, second = (version.number for version in history.versions)
        assert history.read(at=first) == {"totals": {"one": "1.10"}, "log": ["one:1"]}
        assert history.diff(first, second)["log"].after == ["one:1", "two:2"]


async def test_undeclared_access_fails_the_attempt_with_operation_stage_key_and_remedy() -> None:
    @agent
    async def sneak(task: Task[object]) -> object:
        return task.context.get("log")

    flow = Workflow("flow", [Stage("sneak", agent="sneak", reads=["totals"], writes={"totals": "union"})])
    async with opened(sneak) as orchestrator:
        operation = await orchestrator.submit(flow, None)
        with pytest.raises(
            OperationFailed, match=rf"operation {operation.id}, stage 'sneak' may not read 'log'.*add 'log'"
        ):
            await operation


async def test_of_two_stages_that_write_a_conflict_key_the_second_reads_again(store: Store) -> None:
    seen: list[object] = []

    @agent
    async def bid(task: Task[object]) -> None:
        seen.append(task.context.get("best", 0))
        await asyncio.sleep(1 if task.stage == "one" else 2)
        task.context["best"] = task.stage

    both = {"reads": ["best"], "writes": {"best": "conflict"}, "retry": RetryPolicy(attempts=2, delay=0)}
    flow = Workflow("flow", [Stage(name, agent="bid", **both) for name in ("one", "two")])  # type: ignore[arg-type]  # a mapping of settings
    async with opened(bid, store=store) as orchestrator:
        operation = await orchestrator.submit(flow, None)
        await operation

        assert seen == [0, 0, "one"]
        assert await operation.context() == {"best": "two"}

"""A learner on real stores: what is kept, over restarts, several processes and deaths; what people take back."""

import asyncio
import json
import subprocess
import sys
import threading
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentkit.agents import (
    AdaptiveAgent,
    ArmChosen,
    Choice,
    LearningPolicy,
    LearningState,
    Outcome,
    OutcomeJudged,
    OutcomeTold,
    Reward,
    RolledBack,
    Switched,
    Task,
)
from agentkit.errors import (
    Closed,
    DefinitionError,
    FormatTooNew,
    InputError,
    JournalCorrupt,
    NotFound,
    StoreUnavailable,
    UnstorableValue,
    UsageError,
)
from agentkit.kernel import ContextCompacted, ContextUpdated, DeadlinePassed, Stage, Workflow
from agentkit.orchestrator import Learner, Orchestrator, learner_names
from agentkit.stores import MemoryStore, SqliteStore
from agentkit.testing.clock import VirtualClock
from tests.orchestrator.lessons import ARMS

GOOD, BAD = Outcome(success=True), Outcome(success=False)
STREAM = 'learning[null,"test"]'


def learner_of(store: Any, **settings: Any) -> Learner:
    return Learner(store, **{"arms": ARMS, "name": "test", "clock": VirtualClock(), **settings})


class Slow(MemoryStore):
    """A store that takes a second for each append."""

    async def append(self, stream: str, events: Any, **more: Any) -> None:
        await asyncio.sleep(1)
        await super().append(stream, events, **more)


async def taught(learner: Learner, turns: int, best: str = "third", kind: str = "") -> list[str]:
    used: list[str] = []
    for _ in range(turns):
        choice = await learner.choose(kind=kind)
        used.append(choice.arm)
        await learner.tell(choice, GOOD if choice.arm == best else BAD)
    return used


@pytest.mark.blocking
async def test_what_was_learned_is_known_after_a_restart(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'runs.db'}"
    async with learner_of(address) as learner:
        await taught(learner, 60)
        before = (await learner.state()).to_data()
    async with learner:
        assert (await learner.state()).to_data() == before
    async with learner_of(address) as learner:
        assert (await learner.state()).to_data() == before
        assert (await taught(learner, 20)).count("third") > 15


def simple(task: Task[object]) -> str:
    return "done"


@pytest.mark.parametrize("kept", ["file", "memory"])
def test_each_run_sync_has_a_loop_of_its_own_and_all_of_them_are_learned_from(tmp_path: Path, kept: str) -> None:
    address = f"sqlite:///{tmp_path}/runs.db" if kept == "file" else "memory://"
    before = threading.enumerate()
    learner = Learner(address, arms=ARMS)
    worker = AdaptiveAgent("worker", dict.fromkeys(ARMS, simple), learner=learner)
    orchestrator = Orchestrator([worker], store=f"sqlite:///{tmp_path}/runs.db")
    for _ in range(6):
        orchestrator.run_sync(Workflow("w", [Stage("s", agent="worker")]))

    state = asyncio.run(learner.state())
    assert {name: arm.outcomes for name, arm in state.kinds[""].arms.items()} == dict.fromkeys(ARMS, 2)

    # A loop that ends closes what was opened on it.
    for thread in threading.enumerate():
        if thread not in before:
            thread.join(20)
    assert not {*threading.enumerate()} - {*before}


def test_what_a_loop_that_was_just_closed_leaves_is_closed_by_the_next_one(tmp_path: Path) -> None:
    before = {*threading.enumerate()}
    learner = Learner(f"sqlite:///{tmp_path}/runs.db", arms=ARMS)
    for _ in range(3):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(taught(learner, 1))
        # Its generators are not ended, as `asyncio.run` does.
        loop.close()

    state = asyncio.run(learner.state())
    assert sum(arm.outcomes for arm in state.kinds[""].arms.values()) == 3
    assert {*threading.enumerate()} == before


@pytest.mark.blocking
def test_a_learner_that_is_open_on_one_loop_learns_on_another_too(tmp_path: Path) -> None:
    learner = Learner(f"sqlite:///{tmp_path}/runs.db", arms=ARMS)
    worker = AdaptiveAgent("worker", dict.fromkeys(ARMS, simple), learner=learner)

    async def main() -> int:
        async with learner:
            await taught(learner, 2)
            Orchestrator([worker]).run_sync(Workflow("w", [Stage("s", agent="worker")]))
            await taught(learner, 1)
            return sum(arm.outcomes for arm in (await learner.state()).kinds[""].arms.values())

    assert asyncio.run(main()) == 4


async def test_a_learner_that_is_closed_is_open_again_with_async_with() -> None:
    learner = learner_of("memory://")
    async with learner:
        await taught(learner, 2)
    with pytest.raises(Closed):
        await learner.choose()
    async with learner:
        assert sum(arm.outcomes for arm in (await learner.state()).kinds[""].arms.values()) == 2


async def test_two_learners_of_one_store_know_the_same_and_lose_nothing() -> None:
    async with MemoryStore() as store:
        one, other = learner_of(store), learner_of(MemoryStore(shared=store))
        async with asyncio.TaskGroup() as group:
            for learner in (one, other, one, other):
                group.create_task(taught(learner, 50))

        states = [await one.state(), await other.state()]
        assert states[0].to_data() == states[1].to_data()
        assert states[0].kinds[""].outcomes == 200
        assert not states[0].open


async def test_what_is_asked_at_the_same_time_is_written_together_and_spread_over_the_arms() -> None:
    async with Slow() as store:
        learner = learner_of(store)
        await learner.choose(key="first of all")
        choices = await asyncio.gather(*(learner.choose(key=f"{n}") for n in range(300)))
        await asyncio.gather(*(learner.tell(choice, GOOD) for choice in choices))
        events = await store.read(STREAM)

        assert Counter(choice.arm for choice in choices[:29]) == {"first": 9, "second": 10, "third": 10}
        assert len(events) < 10
        assert (await learner_of(store).state()).to_data() == (await learner.state()).to_data()
        assert (await learner.state()).kinds[""].outcomes == 300


async def test_who_is_refused_or_goes_away_leaves_the_others_as_they_are() -> None:
    async with Slow() as store:
        learner = learner_of(store)
        asked = [asyncio.ensure_future(learner.choose(key=key)) for key in ("a", "b", "c", "d")]
        refused = asyncio.ensure_future(learner.release(by="ada"))
        # The first is written by now, and the second one is writing all that came meanwhile.
        await asyncio.sleep(2.5)
        asked[1].cancel()
        ends = [*await asyncio.gather(*asked, return_exceptions=True)]
        with pytest.raises(UsageError):
            await refused
        chosen = [entry.key async for entry in learner.history() if isinstance(entry, ArmChosen)]

        assert [type(end) for end in ends] == [Choice, asyncio.CancelledError, Choice, Choice]
        assert chosen == ["a", "c", "d"]
        assert (await learner.state()).to_data() == (await learner_of(store).state()).to_data()


async def test_what_cannot_be_written_fails_alone() -> None:
    class Strict(Slow):
        async def append(self, stream: str, events: Any, **more: Any) -> None:
            if any("bad" in getattr(event, "context", "") for event in events):
                raise UnstorableValue("nobody can read this")
            await super().append(stream, events, **more)

    async with Strict() as store:
        learner = learner_of(store)
        asked = [learner.choose(key=key) for key in ("first", "a", "bad", "b")]
        ends = await asyncio.gather(*asked, return_exceptions=True)

        assert [type(end) for end in ends] == [Choice, Choice, UnstorableValue, Choice]
        with pytest.raises(UnstorableValue):
            await learner.choose(key="bad")
        assert [*(await learner.state()).open] == ["first", "a", "b"]


async def test_all_who_wait_hear_that_the_store_failed() -> None:
    class Broken(Slow):
        is_broken = True

        async def append(self, stream: str, events: Any, **more: Any) -> None:
            await asyncio.sleep(1)
            if self.is_broken:
                raise StoreUnavailable("the disk is full")
            await super().append(stream, events, **more)

    async with Broken() as store:
        learner = learner_of(store)
        ends = await asyncio.gather(*(learner.choose(key=key) for key in "abc"), return_exceptions=True)
        store.is_broken = False

        assert [type(end) for end in ends] == [StoreUnavailable] * 3
        assert (await learner.choose(key="a")).arm == "first"


async def test_a_key_has_one_choice_and_one_outcome_whoever_asks() -> None:
    async with MemoryStore() as store:
        one, other = learner_of(store), learner_of(MemoryStore(shared=store))
        first = await one.choose(key="k")
        await taught(other, 40)
        again = await other.choose(key="k")
        for learner in (one, other, one):
            await learner.tell(again, GOOD)

        assert again.arm == first.arm
        assert (await one.choose(key="k")).arm == first.arm
        assert (await one.state()).kinds[""].outcomes == 41


async def test_work_without_a_key_gets_names_of_its_own() -> None:
    class Ids:
        def operation_id(self) -> str:
            return "made"

    async with MemoryStore() as store:
        learner = learner_of(store, ids=Ids())

        assert (await learner.choose()).key == "made"


async def test_whoever_begins_late_reads_a_snapshot_and_what_follows() -> None:
    async with MemoryStore() as store:
        first = learner_of(store)
        for n in range(2_100):
            await first.record("first", GOOD, key=f"{n}")
        events = await store.read(STREAM)
        late = await learner_of(store).state()

        assert [n for n, event in enumerate(events, 1) if isinstance(event, ContextCompacted)] == [1_000, 2_000]
        assert late.to_data() == (await first.state()).to_data()
        assert late.kinds[""].outcomes == 2_100
        async with MemoryStore() as bare:
            await bare.append(STREAM, [DeadlinePassed(at=1.0)] * 999, expected=0)
            await bare.append(STREAM, events[999:1_200], expected=999)
            assert (await learner_of(bare).state()).kinds[""].outcomes == 1_199


@pytest.mark.parametrize("count", range(1, 8))
async def test_of_many_snapshots_the_newest_is_read(count: int) -> None:
    async with MemoryStore() as store:
        for n in range(1, count + 1):
            state = LearningState()
            state.first = f"{n}"
            snapshot = ContextCompacted(at=1.0, context=json.dumps(state.to_data()), version=n)
            # What came before it is not looked at.
            await store.append(STREAM, [*[DeadlinePassed(at=1.0)] * 999, snapshot], expected=1_000 * (n - 1))

        assert (await learner_of(store).state()).first == f"{count}"


async def test_who_has_read_already_goes_on_over_the_snapshot_of_another() -> None:
    async with MemoryStore() as store:
        one, other = learner_of(store), learner_of(MemoryStore(shared=store))
        await other.state()
        for n in range(1_005):
            await one.record("first", GOOD, key=f"{n}")

        assert (await other.state()).to_data() == (await one.state()).to_data()
        assert repr(other) == "<learner 'test': first, second, third>"


async def test_what_is_no_stream_of_a_learner_is_refused() -> None:
    for event, error in (
        (DeadlinePassed(at=1.0), JournalCorrupt),
        (ContextUpdated(at=1.0, context='{"line": 1}'), JournalCorrupt),
        (ContextUpdated(at=1.0, context='{"entries": [{"type": "Dreamt"}]}'), FormatTooNew),
    ):
        async with MemoryStore() as store:
            await store.append(STREAM, [event], expected=0)
            with pytest.raises(error):
                await learner_of(store).state()


async def test_shadow_mode_changes_nothing_and_learns() -> None:
    async with MemoryStore() as store:
        learner = learner_of(store, mode="shadow")
        for n in range(30):
            await learner.record("third", GOOD, key=f"a{n}")
            await learner.record("second", BAD, key=f"b{n}")
        used = await taught(learner, 30)

        assert used == ["first"] * 30
        assert (await learner.choose()).would == "third"
        assert (await learner.state()).kinds[""].leader == "third"
        assert "third" in await taught(learner_of(store), 10)


async def test_off_reads_and_writes_nothing() -> None:
    store = MemoryStore()
    learner = learner_of(store, mode="off")
    async with learner:
        choice = await learner.choose()
        await learner.tell(choice, GOOD)
        await learner.record("second", GOOD)

    assert (choice.arm, choice.why) == ("first", "learning is off")
    async with store:
        assert not await store.read(STREAM)


async def test_a_switch_holds_in_every_process_until_it_is_switched_back() -> None:
    async with MemoryStore() as store:
        one, other = learner_of(store), learner_of(MemoryStore(shared=store))
        await taught(one, 60)
        await other.state()
        await one.switch(False, by="ada")
        await one.switch(False, by="ada")

        assert await taught(other, 10) == ["first"] * 10
        assert (await other.state()).kinds[""].outcomes == 60
        await one.switch(True, by="bob")
        assert "third" in await taught(other, 10)
        assert [type(each) for each in await one.changes() if isinstance(each, Switched)] == [Switched, Switched]


async def test_a_person_rolls_back_and_releases() -> None:
    async with MemoryStore() as store:
        learner, other = learner_of(store), learner_of(MemoryStore(shared=store))
        await taught(learner, 80, kind="tax")
        led = (await learner.state()).kinds["tax"].before

        assert await learner.rollback(by="ada", kind="tax", why="complaints") == led
        assert set(await taught(other, 20, kind="tax")) == {led}
        assert await learner.rollback(by="ada", kind="tax", to="second") == "second"
        assert set(await taught(other, 20, kind="tax")) == {"second"}
        await other.release(by="bob", kind="tax")
        assert "third" in await taught(learner, 20, kind="tax")
        back = [each for each in await learner.changes(kind="tax") if isinstance(each, RolledBack)]
        assert [(each.by, each.why, each.arm) for each in back] == [
            ("ada", "complaints", "third"),
            ("ada", "somebody decided so", led),
        ]
        assert not await learner.changes(kind="sale")


async def test_what_cannot_be_rolled_back_is_said() -> None:
    async with MemoryStore() as store:
        learner = learner_of(store)
        with pytest.raises(NotFound, match="knows no kind 'tax'; it knows: none"):
            await learner.rollback(by="ada", kind="tax")
        await taught(learner, 3)
        with pytest.raises(UsageError, match="nothing to roll back for kind '': first leads"):
            await learner.rollback(by="ada")
        with pytest.raises(NotFound, match="no arm 'ninth'"):
            await learner.rollback(by="ada", to="ninth")
        with pytest.raises(UsageError, match="nobody has rolled back"):
            await learner.release(by="ada")
        await learner.rollback(by="ada", to="second")
        with pytest.raises(UsageError, match="nothing to roll back"):
            await learner.rollback(by="ada", to="second")


async def test_a_trial_tells_by_itself() -> None:
    async with MemoryStore() as store:
        learner = learner_of(store, reward=Reward(speed=1))
        async with learner.trial(kind="tax", key="a") as trial:
            await asyncio.sleep(2)
        with pytest.raises(ValueError, match="no"):
            async with learner.trial(kind="tax", key="b"):
                raise ValueError("no")
        async with learner.trial(kind="tax", key="c") as judged:
            judged.outcome = Outcome(success=True, quality=0.25)
        entries = [each async for each in learner.history()]

        assert trial.arm == trial.choice.arm == "first"
        assert [type(each) for each in entries] == [ArmChosen, OutcomeTold] * 3
        assert {each.kind for each in entries} == {"tax"}
        told = [each for each in entries if isinstance(each, OutcomeTold)]
        assert [(each.success, each.seconds, each.quality) for each in told] == [
            (True, 2.0, None),
            (False, 0.0, None),
            (True, None, 0.25),
        ]
        assert told[0].reward == pytest.approx((1 + 10 / 12) / 2)


async def test_work_can_be_judged_later_and_again() -> None:
    async with MemoryStore() as store:
        learner, other = learner_of(store), learner_of(MemoryStore(shared=store))
        for key in ("run1:write:1", "run1:write:2", "run2:write:1"):
            choice = await learner.choose(kind="tax", key=key)
            await learner.tell(choice, Outcome(success=True, seconds=4.0, cost=Decimal("0.10"), currency="USD"))
        await other.judge("run1", 0.0, by="ada")
        await other.judge("run1:write", 0.5, by="bob")
        arms = (await learner.state()).kinds["tax"].arms
        judged = [each async for each in learner.history() if isinstance(each, OutcomeJudged)]

        assert [(each.key, each.by, each.reward) for each in judged] == [
            ("run1:write:2", "ada", 0.5),
            ("run1:write:2", "bob", 0.75),
        ]
        assert [(arm.judged, arm.quality, arm.reward, arm.gained) for arm in arms.values()] == [
            (0, 0.0, 1.0, 1.0),
            (1, 0.5, 0.75, 0.75),
            (0, 0.0, 1.0, 1.0),
        ]
        assert (await learner_of(store).state()).to_data() == (await learner.state()).to_data()


@pytest.mark.parametrize(("key", "count"), [("a", 1), (None, 2)])
async def test_what_is_recorded_again_under_its_key_counts_once(key: str | None, count: int) -> None:
    async with MemoryStore() as store:
        learner = learner_of(store)
        for _ in range(2):
            await learner.record("first", GOOD, key=key)

        assert (await learner.state()).kinds[""].outcomes == count


async def test_of_each_choice_outcome_and_word_is_kept_when_it_was() -> None:
    async with MemoryStore() as store:
        learner, began = learner_of(store), VirtualClock().now()
        choice = await learner.choose(key="a")
        await asyncio.sleep(5)
        await learner.tell(choice, GOOD)
        await asyncio.sleep(55)
        await learner.judge("a", 0.5, by="ada")

        assert [each.at - began async for each in learner.history()] == [0, 5, 60]


async def test_what_cannot_be_judged_is_said() -> None:
    async with MemoryStore() as store:
        learner = learner_of(store)
        await learner.choose(key="open")
        await learner.record("first", BAD, key="done")
        for key in ("open", "no", "don"):
            with pytest.raises(NotFound, match="cannot be judged"):
                await learner.judge(key, 1.0, by="ada")
        with pytest.raises(InputError, match="quality is a share"):
            await learner.judge("done", 2.0, by="ada")
        await learner.judge("done", 1.0, by="ada")
        await learner_of(store, mode="off").judge("no", 1.0, by="ada")

        # What failed is worth nothing, whatever it is said to be.
        assert (await learner.state()).kinds[""].arms["first"].reward == 0.0


async def test_a_cancelled_trial_tells_nothing() -> None:
    async with MemoryStore() as store:
        learner = learner_of(store)

        async def work() -> None:
            async with learner.trial(key="a"):
                await asyncio.sleep(100)

        working = asyncio.ensure_future(work())
        await asyncio.sleep(1)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

        assert [*(await learner.state()).open] == ["a"]


async def test_names_and_tenants_learn_apart_and_are_listed() -> None:
    async with MemoryStore() as store:
        for name, tenant in (("test", None), ("test", "acme"), ("other", None)):
            await learner_of(store, name=name, tenant=tenant).record("first", GOOD)
        assert sorted(await learner_names(store), key=str) == [("acme", "test"), (None, "other"), (None, "test")]

        assert (await learner_of(store).state()).kinds[""].outcomes == 1
        assert not (await learner_of(store, tenant="bob").state()).kinds


async def test_the_policy_and_the_seed_are_obeyed() -> None:
    async def used(**settings: Any) -> list[str]:
        class Ids:
            count = 0

            def operation_id(self) -> str:
                self.count += 1
                return f"{self.count}"

        async with MemoryStore() as store:
            learner = learner_of(store, ids=Ids(), **settings)
            return [(await learner.choose()).arm for _ in range(60)]

    assert Counter(await used(policy=LearningPolicy(min_samples=20))) == dict.fromkeys(ARMS, 20)
    assert await used(seed="a") == await used(seed="a") != await used(seed="b")


async def test_points_are_made_by_the_learners_policy() -> None:
    async with MemoryStore() as store:
        learner = learner_of(store, policy=LearningPolicy(min_samples=3))
        for n in range(3):
            await learner.record("first", BAD, kind="tax", key=f"{n}")

        assert [point.kind for point in await learner.points()] == ["tax"]
        assert [point.arm for point in await learner.points()] == ["first"]
        assert not await learner_of(store).points()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"arms": ["a", "a"]}, "two arms have one name"),
        ({"arms": ["a b"]}, "an arm"),
        ({"arms": ["a", 7]}, "an arm"),
        ({"arms": "ab"}, r"arms are a list of names, such as arms=\['quick', 'careful'\], not 'ab'"),
        ({"arms": []}, "arms are a list of names"),
        ({"name": ""}, "learner"),
        ({"tenant": ""}, "a tenant is a text"),
        ({"mode": "maybe"}, "mode must be"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        learner_of("memory://", **settings)


async def test_what_is_asked_wrongly_is_refused() -> None:
    async with MemoryStore() as store:
        with pytest.raises(DefinitionError, match="has no arms"):
            await learner_of(store, arms=None).choose()
        learner = learner_of(store)
        with pytest.raises(InputError, match="no arm 'ninth'; it has first, second, third"):
            await learner.record("ninth", GOOD)
        for asked in ({"kind": 201 * "x"}, {"key": ""}, {"key": 201 * "x"}):
            with pytest.raises(InputError, match="is a text of at most 200"):
                await learner.choose(**asked)


@pytest.mark.parametrize("how", ["lost", "refused"])
async def test_what_is_told_again_after_the_store_failed_counts_once(how: str) -> None:
    class Failing(MemoryStore):
        """A store that fails in one append, which happened or not."""

        fails = ""

        async def append(self, stream: str, events: Any, **more: Any) -> None:
            fails, self.fails = self.fails, ""
            if fails != "refused":
                await super().append(stream, events, **more)
            if fails:
                raise StoreUnavailable("nobody knows")

    async with Failing() as store:
        learner = learner_of(store)
        choice = await learner.choose(key="k")
        store.fails = how
        with pytest.raises(StoreUnavailable):
            await learner.tell(choice, GOOD)
        await learner.tell(choice, GOOD)
        store.fails = how
        with pytest.raises(StoreUnavailable):
            await learner.choose(key="l")
        again = await learner.choose(key="l")
        entries = [entry async for entry in learner.history()]

        assert [type(entry) for entry in entries] == [ArmChosen, OutcomeTold, ArmChosen]
        assert (await learner.choose(key="l")).arm == again.arm
        assert (await learner.state()).to_data() == (await learner_of(store).state()).to_data()


def started(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.orchestrator.learner_process", *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process


def test_several_processes_learn_into_one_stream(tmp_path: Path) -> None:
    path, each = tmp_path / "runs.db", 60
    processes = [started("tell", str(path), str(each), name) for name in "abc"]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[0].split() for process in processes]

    async def known() -> Any:
        async with Learner(f"sqlite:///{path}", arms=ARMS, name="test") as learner:
            return await learner.state(), [each async for each in learner.history()]

    state, entries = asyncio.run(known())
    told = [entry.key for entry in entries if isinstance(entry, OutcomeTold)]
    assert [len(keys) for keys in said] == [each] * 3
    assert sorted(told) == sorted(key for keys in said for key in keys)
    assert state.kinds["tax"].outcomes == 3 * each


def test_a_death_loses_no_outcome_that_was_told(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    process = started("tell", str(path), "100000", "a")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    said = [process.stdout.readline() for _ in range(120)]
    process.kill()
    said += process.stdout.readlines()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    keys = [line.strip() for line in said[1:] if line.endswith("\n")]

    async def known() -> list[str]:
        async with Learner(f"sqlite:///{path}", arms=ARMS, name="test") as learner:
            return [entry.key async for entry in learner.history() if isinstance(entry, OutcomeTold)]

    told = asyncio.run(known())
    assert told[: len(keys)] == keys
    assert len(told) - len(keys) in (0, 1)


def test_an_attempt_that_is_run_again_after_a_death_works_with_the_same_arm(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    process = started("work", str(path))
    assert process.stdout is not None
    assert process.stdin is not None
    operation_id = process.stdout.readline().strip()
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    worked: list[str] = []

    def arm(name: str) -> Any:
        async def work(task: Task[str]) -> str:
            worked.append(name)
            return name

        return work

    async def finish() -> list[Any]:
        async with Learner(f"sqlite:///{path}", arms=ARMS, name="test") as learner:
            await taught(learner, 40)
            writer = AdaptiveAgent("writer", {name: arm(name) for name in ARMS}, learner=learner)
            async with Orchestrator([writer], store=SqliteStore(path)) as orchestrator:
                await (await orchestrator.get(operation_id))
            return [each async for each in learner.history() if getattr(each, "key", "").startswith(operation_id)]

    chosen, told = asyncio.run(finish())
    assert worked == ["first"] == [chosen.arm]
    assert (type(chosen), type(told), told.arm) == (ArmChosen, OutcomeTold, "first")

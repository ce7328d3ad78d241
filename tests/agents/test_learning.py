"""The bandit, drift, roll-back, minimum sample, shadow mode, the off switch; what is kept of it, and what it says."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.agents import (
    ArmChosen,
    Bench,
    ChoiceDropped,
    DriftFound,
    Entry,
    LeaderChanged,
    LearningPolicy,
    LearningState,
    Outcome,
    OutcomeJudged,
    Released,
    Reward,
    RolledBack,
    Switched,
    choose_arm,
    drop_entries,
    entry_data,
    entry_of,
    entry_words,
    judgement_of,
    learning_points,
    rollback_of,
)
from agentkit.agents.learning.chance import beta_draw
from agentkit.agents.learning.policy import surely_above
from agentkit.errors import DefinitionError, FormatTooNew, InputError, JournalCorrupt, NotFound
from tests.agents.lessons import ARMS, World, bench_of, steady, told

CLEAR = steady(first=0.3, second=0.6, third=0.9)


def test_the_best_arm_is_used_most_and_little_is_missed() -> None:
    worlds = [World(bench_of(seed=f"{seed}"), CLEAR, seed=seed).run(500) for seed in range(20)]

    assert sum(world.missed for world in worlds) < 0.3 * sum(world.even for world in worlds)
    assert all(world.used[-100:].count("third") > 80 for world in worlds)
    leaders = [world.state.kinds[""].leader for world in worlds]
    assert leaders.count("third") > 14


def test_each_kind_of_task_is_learned_by_itself() -> None:
    world = World(
        bench_of("first", "second"), lambda kind, arm, turn: 0.9 if (arm == "first") == (kind == "a") else 0.2
    )
    for _ in range(150):
        world.run(1, "a").run(1, "b")

    late = list(zip(world.used[-100::2], world.used[-99::2], strict=True))
    assert late.count(("first", "second")) > 40
    assert world.state.kinds["b"].leader == "second"
    assert not world.state.kinds["a"].leader


def test_the_same_seed_chooses_the_same_and_another_one_does_not() -> None:
    def used(seed: str, name: str = "test") -> list[str]:
        return World(bench_of(seed=seed, name=name), steady(first=0.5, second=0.5, third=0.5)).run(100).used

    assert used("a") == used("a") != used("b")
    assert used("a", "other") != used("a")


def test_until_each_arm_has_its_sample_all_are_tried_evenly_and_none_leads() -> None:
    world = World(bench_of(min_samples=7), CLEAR).run(21)

    assert [world.used.count(arm) for arm in ARMS] == [7, 7, 7]
    assert all("are asked for" in entry.why for entry in world.found(ArmChosen))
    assert [entry.at >= 20 for entry in world.found(LeaderChanged)] in ([], [True])
    assert "it drew the most: " in World(bench_of(min_samples=6), CLEAR).run(19).found(ArmChosen)[-1].why


def test_what_runs_at_the_same_time_is_spread_over_the_arms() -> None:
    world = World(bench_of(), CLEAR)
    for key in "abc":
        world.take(*choose_arm(world.state, world.bench, kind="", key=key, at=1.0)[1])

    assert [entry.arm for entry in world.found(ArmChosen)] == [*ARMS]


@pytest.mark.parametrize(("confidence", "leads"), [(0.9, "second"), (0.999, "")])
def test_an_arm_leads_once_it_is_surely_enough_better(confidence: float, leads: str) -> None:
    world = World(bench_of("first", "second", confidence=confidence), CLEAR)
    world.tell("first", *[True, False] * 6)
    world.tell("second", *[True] * 11)

    assert world.state.kinds[""].leader == leads


@pytest.mark.parametrize(("arms", "chance"), [(2, 0.5), (2, 0.9), (4, 0.5)])
def test_equal_arms_get_another_leader_as_seldom_as_was_asked_for_however_often_one_looks(
    arms: int, chance: float
) -> None:
    names = ("first", "second", "third", "fourth")[:arms]
    wrong = pointed = 0
    for seed in range(60):
        world = World(bench_of(*names, confidence=0.9, seed=f"{seed}"), lambda kind, arm, turn: chance, seed=seed)
        seen = False
        for _ in range(40):
            world.run(10)
            points = learning_points(world.state, world.bench.policy)
            seen = seen or any("instead of" in point.improvement for point in points)
        wrong += bool(world.found(LeaderChanged))
        pointed += seen

    assert wrong <= 6
    assert pointed <= 6


def test_no_arm_leads_before_both_have_their_sample() -> None:
    world = World(bench_of("first", "second", min_samples=20), CLEAR)
    world.tell("second", *[True] * 30)
    world.tell("first", *[False] * 19)
    assert not world.found(LeaderChanged)
    world.tell("first", False)

    (changed,) = world.found(LeaderChanged)
    assert (changed.arm, changed.before) == ("second", "first")
    assert "its mean reward is 1.00 in 30 outcomes, that of first is 0.00 in 20" in changed.why


def drifting(**more: Any) -> World:
    return World(bench_of(**more), lambda kind, arm, turn: (0.1 if turn > 300 else 0.9) if arm == "third" else 0.5)


def test_a_leader_that_gets_worse_is_rolled_back_by_itself_and_set_aside() -> None:
    world = drifting(rest=60).run(500)
    (back,) = world.found(RolledBack)[:1]
    at = int(back.at)

    assert (back.arm, back.by, world.state.kinds[""].leader) == ("third", "", back.to)
    assert at < 360
    assert "third" not in world.used[at : at + 60]
    assert "third" in world.used[at + 60 : at + 80]
    assert "its mean reward fell from 0." in back.why


@pytest.mark.parametrize("rest", [10, 90])
def test_how_long_an_arm_is_set_aside_can_be_said(rest: int) -> None:
    world = drifting(rest=rest).run(500)
    back = world.found(RolledBack)[0]

    assert back.until == int(back.at) + rest
    assert world.used[int(back.at) :].index("third") == rest


def test_what_was_known_before_a_drift_counts_no_longer() -> None:
    world = drifting().run(500)
    drift = world.found(DriftFound)[0]

    assert drift.arm == "third"
    assert drift.reward / drift.outcomes < 0.4
    assert world.state.kinds[""].arms["third"].outcomes > world.state.kinds[""].arms["third"].known


def test_an_arm_that_gets_better_is_noticed_too() -> None:
    world = World(bench_of("first", "second"), steady(first=0.5, second=0.5))
    world.tell("second", *[False] * 40)
    world.tell("second", *[True] * 15)

    (drift,) = world.found(DriftFound)
    assert "rose from 0.00 in 40 outcomes to 1.00" in drift.why


@pytest.mark.parametrize(("drift", "found"), [(None, 0), (4.0, 1), (30.0, 0)])
def test_how_soon_a_drift_is_found_can_be_said(drift: float | None, found: int) -> None:
    world = World(bench_of("first", "second", drift=drift), CLEAR)
    world.tell("second", *[True] * 40)
    world.tell("second", *[False] * 8)

    assert len(world.found(DriftFound)) == found


def test_where_nothing_changes_hardly_any_drift_is_found() -> None:
    worlds = [World(bench_of(seed=f"{seed}"), CLEAR, seed=seed).run(500) for seed in range(20)]

    assert sum(len(world.found(DriftFound)) for world in worlds) <= 2


def test_a_leader_that_was_never_better_is_rolled_back_without_a_drift() -> None:
    world = World(bench_of("first", "second", drift=None), CLEAR)
    world.tell("first", *[True, True, False] * 10)
    world.tell("second", *[True] * 25)
    assert world.state.kinds[""].leader == "second"
    world.tell("second", *[False, False, False, True] * 30)

    back = world.found(RolledBack)[0]
    assert (back.arm, back.to, world.state.kinds[""].leader) == ("second", "first", "first")
    assert "outcomes since it leads, and that of first is 0.67" in back.why


def test_how_sure_a_roll_back_has_to_be_can_be_said() -> None:
    def failures(confidence: float) -> int:
        world = World(bench_of("first", "second", drift=None, confidence=confidence), CLEAR)
        world.tell("first", *[True, False] * 10)
        while not world.found(LeaderChanged):
            world.tell("second", True)
        before = world.turn
        while not world.found(RolledBack):
            world.tell("second", False)
        return world.turn - before

    assert failures(0.6) == 10 < failures(0.99999)


def test_shadow_mode_uses_the_first_arm_and_says_what_it_would_use() -> None:
    world = World(bench_of(is_shadow=True), CLEAR)
    world.tell("third", *[True] * 40)
    world.tell("second", *[False] * 40)
    world.run(60)

    assert set(world.used) == {"first"}
    chosen = world.found(ArmChosen)
    assert {entry.would for entry in chosen[-20:]} == {"third"}
    assert "shadow mode uses the first; third would be used" in chosen[-1].why


def test_switched_off_the_first_arm_is_used_and_nothing_is_kept() -> None:
    world = World(bench_of(), CLEAR)
    world.tell("third", *[True] * 40)
    world.take(Switched(at=1.0, is_on=False, by="ada"))
    choice, entries = choose_arm(world.state, world.bench, kind="", key="k", at=2.0)
    world.take(Switched(at=3.0, is_on=True, by="ada"))

    assert (choice.arm, choice.is_kept, entries) == ("first", False, ())
    assert choose_arm(world.state, world.bench, kind="", key="k", at=4.0)[0].is_kept


def test_work_that_was_chosen_for_gets_the_same_arm_again_whatever_was_learned_since() -> None:
    world = World(bench_of(), CLEAR)
    (entry,) = choose_arm(world.state, world.bench, kind="", key="k", at=1.0)[1]
    world.take(entry)
    world.run(100)
    world.take(Switched(at=1.0, is_on=False, by="ada"))
    again, entries = choose_arm(world.state, world.bench, kind="", key="k", at=2.0)
    world.take(told(1, "first"), *world.entries_of(Outcome(success=True), "first", "", "k"))

    assert (again.arm, again.why, entries) == ("first", "it was chosen before", ())
    assert choose_arm(world.state, world.bench, kind="", key="k", at=3.0)[0].arm == "first"


def test_an_outcome_counts_once() -> None:
    world = World(bench_of(), CLEAR)
    world.take(*world.entries_of(Outcome(success=True), "first", "", "k"))

    assert world.entries_of(Outcome(success=True), "first", "", "k") == []
    world.state.apply(told(5))
    world.state.apply(told(5))
    assert world.state.kinds[""].outcomes == 2


def test_what_has_no_outcome_counts_as_tried_and_for_nothing_else() -> None:
    world = World(bench_of("first", "second", min_samples=3), CLEAR)
    for key in "abcdefghij":
        choice, entries = choose_arm(world.state, world.bench, kind="", key=key, at=1.0)
        world.take(*entries)
        if choice.arm == "second":
            world.take(*drop_entries(world.state, choice, why="the budget was spent", at=2.0))
            assert not drop_entries(world.state, choice, why="again", at=2.0)
        else:
            world.take(*world.entries_of(Outcome(success=True), choice.arm, "", key))
    arms = world.state.kinds[""].arms

    assert (arms["second"].outcomes, arms["second"].open, arms["second"].known) == (0, 0, 0)
    assert arms["first"].outcomes > arms["second"].dropped >= 3
    assert not world.state.open
    words = entry_words(ChoiceDropped(at=1.0, key="k", kind="tax", arm="second", why="the budget was spent"))
    assert words == "tax: nothing was learned of second from k, since the budget was spent"


def test_what_a_person_rolled_back_to_is_used_until_they_release_it() -> None:
    world = World(bench_of(), CLEAR).run(200)
    world.take(RolledBack(at=1.0, kind="", arm="third", to="second", by="ada", why="complaints"))
    before = len(world.entries)
    world.run(100)

    assert set(world.used[200:]) == {"second"}
    assert not [entry for entry in world.entries[before:] if isinstance(entry, LeaderChanged | RolledBack)]
    world.take(Released(at=1.0, kind="", by="ada"))
    assert "third" in world.run(50).used[300:]


def test_an_arm_that_is_gone_is_neither_used_nor_rolled_back_to() -> None:
    world = World(bench_of(), CLEAR).run(200)
    world.bench = bench_of("first", "second")
    world.run(100)
    world.take(RolledBack(at=1.0, kind="", arm="first", to="third", by="ada", why="complaints"))

    assert "third" not in world.run(50).used[200:]


def test_while_an_older_program_learns_beside_a_newer_one_the_leader_stays() -> None:
    old, new = bench_of("first", "second"), bench_of("first", "second", "third")
    world = World(new, CLEAR)
    for n in range(400):
        world.bench = (old, new)[n % 2]
        world.run(1)

    assert [change.arm for change in world.found(LeaderChanged)][-1] == "third"
    assert len(world.found(LeaderChanged)) <= 2
    assert not world.state.is_gone("third")


def test_an_arm_that_nobody_has_any_more_leads_no_longer_and_makes_no_points() -> None:
    world = World(bench_of(), CLEAR).run(200)
    assert world.state.kinds[""].leader == "third"
    world.bench = bench_of("second", "fourth")
    world.chance = steady(second=0.6, fourth=0.1)
    world.run(100)
    assert world.state.kinds[""].leader == "third"
    world.run(100)

    changed = world.found(LeaderChanged)[-1]
    assert (changed.arm, changed.before, changed.why) == ("second", "third", "nobody has that any more")
    assert [arm for arm in (*ARMS, "fourth") if world.state.is_gone(arm)] == ["first", "third"]
    points = [f"{point}" for point in learning_points(world.state)]
    assert points
    assert not [point for point in points if "third" in point or "first" in point]


def test_all_arms_are_written_only_where_they_are_others() -> None:
    world = World(bench_of("first", "second"), CLEAR).run(3)
    world.bench = bench_of()
    world.run(2)

    written = [entry.arms for entry in world.found(ArmChosen)]
    assert written == [("first", "second"), (), (), ARMS, ()]
    assert world.state.arms == ARMS


@pytest.mark.parametrize("arms", [ARMS, ()], ids=["chooses", "looks"])
def test_only_to_an_arm_that_is_there_can_be_rolled_back(arms: tuple[str, ...]) -> None:
    world = World(bench_of("gone", "third"), steady(gone=0.1, first=0.5, second=0.5, third=0.9)).run(100)
    world.bench = bench_of()
    world.run(1)
    asks = Bench(name="test", arms=arms)

    def back(to: str | None) -> RolledBack:
        return rollback_of(world.state, asks, kind="", to=to, by="ada", why="", at=1.0)

    assert (world.state.kinds[""].before, back("second").to) == ("gone", "second")
    for to in (None, "gone", "fifth"):
        with pytest.raises(NotFound, match=r"has no arm '(gone|fifth)' now; it has first, second, third"):
            back(to)


def test_whoever_lacks_the_arm_that_a_person_rolled_back_to_says_so() -> None:
    world = World(bench_of(), CLEAR).run(40)
    world.take(RolledBack(at=1.0, kind="", arm="first", to="third", by="ada", why="complaints"))
    world.bench = bench_of("first", "second")

    choice, _ = choose_arm(world.state, world.bench, kind="", key="k", at=2.0)
    assert choice.why.startswith("a person rolled back to third, which is no arm here; it ")


def test_an_open_choice_of_an_arm_that_is_gone_is_replaced_once() -> None:
    world = World(bench_of("gone"), CLEAR)
    world.take(*choose_arm(world.state, world.bench, kind="", key="k", at=1.0)[1])
    world.bench = bench_of()
    choice, entries = choose_arm(world.state, world.bench, kind="", key="k", at=2.0)
    world.take(*entries)

    assert choose_arm(world.state, world.bench, kind="", key="k", at=3.0) == (
        replace(choice, why="it was chosen before"),
        (),
    )
    assert {name: arm.open for name, arm in world.state.kinds[""].arms.items()} == {"gone": 0, choice.arm: 1}


def test_what_was_told_of_an_arm_that_is_gone_stays_told() -> None:
    world = World(bench_of("gone"), CLEAR)
    world.take(*choose_arm(world.state, world.bench, kind="", key="k", at=1.0)[1])
    world.take(*world.entries_of(Outcome(success=True), "gone", "", "k"))
    choice, entries = choose_arm(world.state, bench_of(), kind="", key="k", at=2.0)

    assert (choice.arm, choice.is_kept, entries) == ("first", False, ())
    assert choice.why == "the outcome of gone counts already, which is not used here"


def test_shadow_mode_uses_the_first_arm_also_for_work_that_was_chosen_for_before() -> None:
    world = World(bench_of(), CLEAR)
    for key in "ab":
        world.take(*choose_arm(world.state, world.bench, kind="", key=key, at=1.0)[1])
    assert world.state.open["b"] == ("", "second")
    choice, entries = choose_arm(world.state, bench_of(is_shadow=True), kind="", key="b", at=2.0)
    world.take(*entries)

    assert (choice.arm, world.state.open["b"]) == ("first", ("", "first"))


@pytest.mark.parametrize("name", ["run", "run~each~0~1", "run~each~0~1:write"])
def test_work_is_judged_by_the_name_of_what_it_belongs_to(name: str) -> None:
    world = World(bench_of(), CLEAR)
    world.take(replace(told(1), key="run~each~0~1:write:1"), replace(told(2), key="runs:write:1"))

    judged = judgement_of(world.state, world.bench, 0.5, key=name, by="ada", at=1.0)
    assert judged.key == "run~each~0~1:write:1"


def test_a_kind_is_many_tasks_and_not_one() -> None:
    world = World(bench_of(), CLEAR)
    for n in range(500):
        world.take(told(n, kind=f"{n}"))
    choice, entries = choose_arm(world.state, world.bench, kind="one more", key="k", at=1.0)

    assert (choice.arm, choice.is_kept, entries) == ("first", False, ())
    assert "there are 500 kinds already" in choice.why


def test_choices_that_nobody_tells_of_and_old_keys_are_forgotten_in_the_end() -> None:
    state = LearningState()
    for n in range(10_005):
        state.apply(ArmChosen(at=1.0, key=f"{n}", kind="", arm="first", first="first"))
    for n in range(20_000, 22_005):
        state.apply(told(n))
    for n in range(205):
        state.apply(Switched(at=1.0, is_on=True, by=f"{n}"))

    assert (len(state.open), len(state.told), len(state.changes)) == (10_000, 1_000, 200)
    assert state.kinds[""].arms["first"].open == 10_000
    assert "0" not in state.open


def said(kind: str, turns: int) -> st.SearchStrategy[Entry]:
    """What people say."""
    back = st.builds(RolledBack, at=st.just(0.0), kind=st.just(kind), arm=st.just("third"), to=st.sampled_from(ARMS))
    return st.one_of(
        back.map(lambda entry: replace(entry, by="ada", why="complaints")),
        st.just(Released(at=0.0, kind=kind, by="ada")),
        st.builds(
            ArmChosen, at=st.just(0.0), key=st.just("k"), kind=st.just(kind), arm=st.sampled_from(ARMS), first=...
        ),
        st.builds(ChoiceDropped, at=st.just(0.0), key=st.just("k"), kind=st.just(kind), arm=st.just("third"), why=...),
        st.booleans().map(lambda is_on: Switched(at=0.0, is_on=is_on, by="ada", why="a holiday")),
        st.floats(0, 1).map(
            lambda share: OutcomeJudged(at=0.0, key=f"{turns}", kind=kind, quality=share, reward=share, by="ada")
        ),
    )


@st.composite
def lives(draw: st.DrawFn) -> list[Entry]:
    world = World(
        bench_of(min_samples=2, rest=5, drift=3.0, seed=draw(st.text(max_size=3))),
        lambda kind, arm, turn: (turn // 40 + ARMS.index(arm)) % 3 / 2,
        seed=draw(st.integers(0, 1_000)),
    )
    for kind, turns in draw(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 80)), max_size=5)):
        world.run(turns, kind)
        world.take(*draw(st.lists(said(kind, turns), max_size=2)))
    return world.entries


@given(entries=lives(), at=st.integers(0, 400))
def test_a_snapshot_and_what_follows_is_all_of_it(entries: list[Entry], at: int) -> None:
    written = [entry_of(json.loads(json.dumps(entry_data(entry)))) for entry in entries]
    state = LearningState.from_data(json.loads(json.dumps(LearningState.replay(written[:at]).to_data())))
    for entry in written[at:]:
        state.apply(entry)

    assert written == entries
    assert state.to_data() == LearningState.replay(entries).to_data()


@given(entries=lives())
def test_every_change_says_why(entries: list[Entry]) -> None:
    changes = [each for each in entries if isinstance(each, LeaderChanged | DriftFound | RolledBack)]

    assert all(change.why and change.why in entry_words(change) for change in changes)


def test_a_judgement_counts_only_where_its_outcome_still_does() -> None:
    world = World(bench_of("first", "second", drift=4.0), CLEAR)
    world.tell("second", *[True] * 40)
    world.tell("second", *[False] * 8)
    arm = world.state.kinds[""].arms["second"]
    known, reward = arm.gained, arm.reward
    # The first outcomes were told as 1, and count no longer.
    world.take(OutcomeJudged(at=1.0, key="told 1", kind="", quality=0.0, reward=0.5, by="ada"))
    assert (arm.gained, arm.reward) == (known, reward - 0.5)
    world.take(OutcomeJudged(at=1.0, key=f"told {world.turn}", kind="", quality=1.0, reward=0.25, by="ada"))
    assert (arm.gained, arm.reward) == (known + 0.25, reward - 0.25)
    world.take(OutcomeJudged(at=1.0, key="forgotten", kind="", quality=1.0, reward=1.0, by="ada"))
    assert arm.reward == reward - 0.25


def test_what_is_judged_again_over_a_drift_never_counts_as_more_than_one() -> None:
    world = World(bench_of("first", "second", drift=4.0), CLEAR)

    def judge(share: float) -> None:
        world.take(OutcomeJudged(at=1.0, key=key, kind="", quality=share, reward=share, by="ada"))

    world.tell("second", *[False] * 40)
    world.tell("second", *[True] * 4)
    key = f"told {world.turn}"
    judge(0.0)
    while not world.found(DriftFound):
        world.tell("second", True)
    judge(1.0)
    arm = world.state.kinds[""].arms["second"]

    assert arm.gained == arm.known
    assert world.run(50).used


def judge_late(world: World, turns: int, quality: Callable[[str], float], *, delay: int) -> None:
    """Have outcomes told as successes, and judged so many outcomes later."""
    for _ in range(turns):
        world.run(1)
        if world.turn > delay:
            key, arm = f"{world.turn - delay}", world.used[-1 - delay]
            world.take(judgement_of(world.state, world.bench, quality(arm), key=key, by="ada", at=world.turn))


@pytest.mark.parametrize("delay", [0, 20, 100])
def test_what_is_judged_later_is_no_drift_and_is_not_forgotten(delay: int) -> None:
    world = World(bench_of("first", "second"), steady(first=1, second=1))
    judge_late(world, 600, lambda arm: 0.6 if arm == "second" else 0.2, delay=delay)
    arms = world.state.kinds[""].arms

    assert not world.found(DriftFound)
    assert world.used[-200:].count("second") > 190
    assert all(arm.known == arm.outcomes and arm.gained == pytest.approx(arm.reward) for arm in arms.values())
    assert arms["second"].gained == pytest.approx(0.8 * arms["second"].known + 0.2 * min(delay, 100))


@pytest.mark.parametrize("delay", [0, 7])
def test_an_arm_that_is_judged_worse_than_before_is_found_and_rolled_back(delay: int) -> None:
    world = World(bench_of("first", "second"), steady(first=1, second=1))
    judge_late(world, 200, lambda arm: 1.0 if arm == "second" else 0.2, delay=delay)
    assert world.state.kinds[""].leader == "second"
    judge_late(world, 200, lambda arm: 0.0 if arm == "second" else 0.2, delay=delay)

    drift, back = world.found(DriftFound)[0], world.found(RolledBack)[0]
    assert (drift.arm, drift.reward / drift.outcomes, back.arm) == ("second", 0.5, "second")
    assert "its mean reward as judged later fell from 1.00" in back.why
    assert world.used[-100:].count("second") < 40


def test_what_was_judged_since_an_arm_began_to_drift_counts_as_it_was_judged() -> None:
    world = World(bench_of("first", "second", drift=4.0), CLEAR)
    world.tell("second", *[True] * 40, *[False] * 3)
    world.tell("second", True)
    world.take(OutcomeJudged(at=1.0, key=f"told {world.turn}", kind="", quality=0.0, reward=0.5, by="ada"))
    while not world.found(DriftFound):
        world.tell("second", False)
    arm = world.state.kinds[""].arms["second"]

    assert (world.found(DriftFound)[0].reward, arm.gained) == (0.5, 0.5)
    assert arm.known == arm.outcomes - 40


def test_a_judgement_of_the_leader_counts_since_it_leads() -> None:
    world = World(bench_of("first", "second"), CLEAR)
    world.tell("first", *[False] * 12)
    world.tell("second", *[True] * 30)
    kind = world.state.kinds[""]
    since, gained = kind.since, kind.gained
    assert kind.leader == "second"
    world.take(OutcomeJudged(at=1.0, key="told 13", kind="", quality=0.0, reward=0.5, by="ada"))
    assert kind.gained == gained
    world.take(OutcomeJudged(at=1.0, key=f"told {world.turn}", kind="", quality=0.0, reward=0.5, by="ada"))
    assert (kind.since, kind.gained) == (since, gained - 0.5)


def test_each_entry_has_its_words() -> None:
    world = World(bench_of(), CLEAR).run(1)

    assert [entry_words(entry) for entry in world.entries] == [
        "all tasks: first was chosen for 1, since it has been tried 0 times, and 10 are asked for",
        "all tasks: first failed at 1, which is worth 0.00",
    ]
    assert entry_words(told(1, kind="tax")) == "tax: first succeeded at 1, which is worth 1.00"
    back = RolledBack(at=1.0, kind="", arm="b", to="a", by="ada", why="complaints")
    assert entry_words(back) == "all tasks: ada rolled back from b to a, since complaints; it is held there"
    judged = OutcomeJudged(at=1.0, key="k", kind="tax", quality=0.5, reward=0.75, by="ada")
    assert entry_words(judged) == "tax: ada judged k by 0.5, so it is worth 0.75"
    assert entry_words(Released(at=1.0, kind="tax", by="ada")) == "tax: ada lets it learn again"
    assert entry_words(Switched(at=1.0, is_on=False, by="ada")) == "ada switched learning off"


def test_what_a_newer_agentkit_wrote_or_nobody_did_is_refused() -> None:
    with pytest.raises(FormatTooNew, match="'Dreamt'"):
        entry_of({"type": "Dreamt"})
    with pytest.raises(JournalCorrupt, match="no Released"):
        entry_of({"type": "Released", "at": 1.0, "mood": "good"})
    with pytest.raises(JournalCorrupt, match="no entry"):
        entry_of(["Released"])


def test_a_snapshot_that_is_none_or_newer_is_refused() -> None:
    data = LearningState().to_data()
    with pytest.raises(FormatTooNew):
        LearningState.from_data({**data, "v": 2})
    for broken in ({**data, "kinds": {"tax": {}}}, {**data, "open": 3}, {"v": 1}):
        with pytest.raises(JournalCorrupt, match="no state of a learner"):
            LearningState.from_data(broken)


@pytest.mark.parametrize(
    ("reward", "outcome", "worth"),
    [
        (Reward(), Outcome(success=False, quality=1.0), 0.0),
        (Reward(), Outcome(success=True), 1.0),
        (Reward(), Outcome(success=True, quality=0.5), 0.75),
        (Reward(success=3), Outcome(success=True, quality=0.0), 0.75),
        (Reward(quality=3), Outcome(success=True, quality=0.0), 0.25),
        (Reward(success=0, speed=1), Outcome(success=True, seconds=10), 0.5),
        (Reward(success=0, speed=1, usual_seconds=30), Outcome(success=True, seconds=10), 0.75),
        (Reward(success=0, speed=1), Outcome(success=True), 1.0),
        (Reward(success=0, thrift=1), Outcome(success=True, cost=Decimal("0.30"), currency="USD"), 0.25),
        (
            Reward(success=0, thrift=1, usual_cost=Decimal("0.90")),
            Outcome(success=True, cost=Decimal("0.30"), currency="USD"),
            0.75,
        ),
        (Reward(success=0, thrift=1), Outcome(success=True, cost=Decimal("0.30"), currency="EUR"), 1.0),
        (
            Reward(success=0, thrift=1, currency="EUR"),
            Outcome(success=True, cost=Decimal("0.30"), currency="EUR"),
            0.25,
        ),
    ],
)
def test_a_reward_weighs_the_parts_of_an_outcome(reward: Reward, outcome: Outcome, worth: float) -> None:
    assert reward.of(outcome) == pytest.approx(worth)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"success": 1}, "success is True or False"),
        ({"quality": 1.1}, "quality is a share"),
        ({"seconds": -1}, "seconds is a number from 0"),
        ({"seconds": float("nan")}, "seconds is a number"),
        ({"cost": 0.1}, "cost is a Decimal"),
        ({"cost": Decimal(-1), "currency": "USD"}, "cost is a Decimal from 0"),
        ({"cost": Decimal(1)}, "in which currency"),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        Outcome(**{"success": True, **settings})


@pytest.mark.parametrize(
    ("kind", "settings", "problem"),
    [
        (Reward, {"success": -1}, "success must be a weight"),
        (Reward, {"success": 0, "quality": 0}, "at least one weight"),
        (Reward, {"usual_seconds": 0}, "usual_seconds must be"),
        (Reward, {"usual_cost": 0.1}, "usual_cost must be"),
        (LearningPolicy, {"min_samples": 0}, "min_samples must be"),
        (LearningPolicy, {"rest": 0}, "rest must be"),
        (LearningPolicy, {"confidence": 0.5}, "confidence must be"),
        (LearningPolicy, {"drift": 0}, "drift must be"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(kind: Any, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        kind(**settings)


def test_points_say_what_was_seen_and_what_to_do() -> None:
    entries = [told(n, "slow", kind="tax", seconds=9.0) for n in range(40)]
    entries += [told(100 + n, "fast", kind="tax", seconds=1.0, reward=0.97) for n in range(40)]
    entries += [told(200 + n, "bad", kind="tax", reward=0.0, success=False) for n in range(12)]
    entries += [told(300 + n, "new", kind="tax", reward=0.0, success=False) for n in range(9)]
    points = learning_points(LearningState.replay(entries))

    assert [str(point) for point in points if point.arm == "slow"] == [
        "tax: slow has a mean reward of 1.00, bad of 0.00, which is sure by more than 99.9%;"
        " use slow instead of bad: +1.00 for each task"
    ]
    assert [point.pattern for point in points if point.arm != "slow"] == [
        "fast takes 1.00 s where slow takes 9.00 s, at nearly the same reward",
        "bad failed in 12 of 12 outcomes",
    ]
    strict = learning_points(LearningState.replay(entries), LearningPolicy(min_samples=13))
    assert {point.arm for point in strict} == {"fast"}


def test_shares_are_drawn_as_a_beta_distribution_has_them() -> None:
    drawn = [beta_draw(f"{n}", 3, 7) for n in range(4_000)]
    mean = sum(drawn) / len(drawn)

    assert mean == pytest.approx(0.3, abs=0.01)
    assert sum((share - mean) ** 2 for share in drawn) / len(drawn) == pytest.approx(0.3 * 0.7 / 11, rel=0.1)


def test_means_that_differ_by_what_rounding_leaves_are_the_same() -> None:
    assert surely_above(10, 10.0, 10, 9.999999999999998) == 0.0
    assert surely_above(10, 0.000000000000002, 10, 0.0) == 0.0

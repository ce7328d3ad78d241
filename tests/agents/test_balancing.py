"""Which replica a strategy chooses among loads."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.agents import (
    Balancing,
    LeastLoaded,
    MachineLoad,
    PowerOfTwo,
    RandomChoice,
    ReplicaLoad,
    RoundRobin,
    WeightedLoad,
    dice,
)
from agentkit.errors import DefinitionError

LOADS = st.lists(
    st.builds(
        ReplicaLoad,
        name=st.text(min_size=1, max_size=3),
        in_flight=st.integers(0, 50),
        most=st.none() | st.integers(1, 50),
        latency=st.none() | st.floats(0, 100),
        machine=st.none() | st.builds(MachineLoad, cpu=st.floats(0, 1), memory=st.floats(0, 1)),
    ),
    min_size=1,
    max_size=8,
)


def load(name: str, in_flight: int = 0, **settings: object) -> ReplicaLoad:
    return ReplicaLoad(name=name, in_flight=in_flight, **settings)  # type: ignore[arg-type] # of a test's own words


def chosen(strategy: Balancing, loads: list[ReplicaLoad], times: int = 1000) -> Counter[str]:
    roll = random.Random(7).random
    return Counter(loads[strategy.choose(loads, roll)].name for _ in range(times))


@given(LOADS, st.integers(0, 2**64))
def test_every_strategy_chooses_one_of_those_it_is_shown(loads: list[ReplicaLoad], seed: int) -> None:
    for strategy in (PowerOfTwo(), LeastLoaded(), WeightedLoad(), RoundRobin(), RandomChoice()):
        assert 0 <= strategy.choose(loads, dice(seed)) < len(loads)


def test_dice_roll_the_same_for_the_same_seed_and_otherwise_for_another() -> None:
    rolled = [[roll() for _ in range(10)] for roll in (dice(1), dice(1), dice(2))]

    assert rolled[0] == rolled[1] != rolled[2]


def test_power_of_two_never_chooses_the_worst_of_several() -> None:
    loads = [load("a", 1, latency=1.0), load("b", 1, latency=5.0), load("c", 2, latency=1.0)]

    found = chosen(PowerOfTwo(), loads)

    assert found["b"] == 0
    assert found["a"] > found["c"] > 0


def test_power_of_two_picks_two_different_ones_each_as_often() -> None:
    found = chosen(PowerOfTwo(), [load(name) for name in "abcd"], 4000)

    assert all(850 < count < 1150 for count in found.values())


def test_power_of_two_goes_by_what_is_in_flight_where_a_latency_is_not_known() -> None:
    assert chosen(PowerOfTwo(), [load("new", 3), load("known", 1, latency=9.0)]) == {"known": 1000}


def test_least_loaded_chooses_the_one_with_the_fewest_and_the_dice_among_equals() -> None:
    found = chosen(LeastLoaded(), [load("a", 1), load("b", 2), load("c", 1)])

    assert found["b"] == 0
    assert min(found["a"], found["c"]) > 400


def test_weighted_load_weighs_processor_memory_and_queue() -> None:
    loads = [
        load("cpu", 0, machine=MachineLoad(cpu=0.5, memory=0)),  # 0.4 * 0.5
        load("memory", 0, machine=MachineLoad(cpu=0, memory=0.6)),  # 0.3 * 0.6
        load("queue", 8, most=10, machine=MachineLoad(cpu=0, memory=0)),  # 0.3 * 0.8
    ]

    assert chosen(WeightedLoad(), loads) == {"memory": 1000}
    assert chosen(WeightedLoad(memory=0.4), loads) == {"cpu": 1000}
    assert chosen(WeightedLoad(cpu=0.5, memory=0.5), loads) == {"queue": 1000}
    assert chosen(WeightedLoad(cpu=0.5, memory=0.5, queue=0.4), loads) == {"cpu": 1000}


def test_weighted_load_takes_a_machine_that_was_not_measured_for_an_average_one() -> None:
    loads = [
        load("busy", machine=MachineLoad(cpu=0.9, memory=0.9)),
        load("unknown"),
        load("idle", machine=MachineLoad(cpu=0.1, memory=0.1)),
    ]

    assert chosen(WeightedLoad(), loads) == {"idle": 1000}
    assert chosen(WeightedLoad(), loads[:2]) != {"busy": 1000}
    assert chosen(WeightedLoad(), [load("a", 2), load("b", 1)]) == {"b": 1000}


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"cpu": -1}, "cpu must be a number from 0 on"),
        ({"memory": math.nan}, "memory must be a number from 0 on"),
        ({"queue": math.inf}, "queue must be a number from 0 on"),
        ({"cpu": 0, "memory": 0, "queue": 0}, "must be more than 0"),
    ],
)
def test_weights_that_weigh_nothing_are_refused(settings: dict[str, float], problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        WeightedLoad(**settings)


def test_round_robin_goes_on_where_it_was_when_others_may_be_chosen() -> None:
    turn, loads = RoundRobin(), [load("a"), load("b"), load("c")]

    names = [loads[turn.choose(loads, dice(1))].name for _ in range(2)]
    names += ["ac"[turn.choose([loads[0], loads[2]], dice(1))], loads[turn.choose(loads, dice(1))].name]

    assert names == ["a", "b", "c", "a"]


def test_a_random_choice_takes_each_as_often_whatever_its_load() -> None:
    found = chosen(RandomChoice(), [load("idle"), load("full", 99, latency=50.0)], 4000)

    assert abs(found["idle"] - found["full"]) < 300


def test_dice_roll_evenly_from_zero_up_to_one() -> None:
    roll = dice(3)

    rolls = [roll() for _ in range(10_000)]

    assert all(0 <= one < 1 for one in rolls)
    assert all(900 < count < 1100 for count in Counter(int(one * 10) for one in rolls).values())

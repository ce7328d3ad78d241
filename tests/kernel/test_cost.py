"""What an event costs: as many steps in a workflow of 50,000 stages as in one of 50."""

import tracemalloc
from functools import partial

import pytest

from agentkit.kernel import AttemptFailed, State, Workflow, command_for, conclude, evolve, plan, start
from tests.kernel.counting import FEW, JOURNEY, MANY, chains, steps
from tests.kernel.scenes import NO, begun, started


@pytest.fixture(scope="module")
def flows() -> tuple[Workflow[object], Workflow[object]]:
    return chains(FEW), chains(MANY)


def look(state: State) -> None:
    """Ask all that a driver asks between two events."""
    plan(state, 2.5)
    for number in state.running:
        command_for(state, number, {})
    for queue in state.ready.values():
        start(state, next(iter(queue)), 2.5)
    if state.stop:
        conclude(state, 2.5)


def test_an_event_costs_the_same_however_many_stages_there_are(flows: tuple[Workflow[object], ...]) -> None:
    states = [begun(flow) for flow in flows]
    for event in JOURNEY:
        few, many = [steps(partial(evolve, state, event)) for state in states]

        assert few == many < 80, event


def test_a_plan_and_its_commands_cost_the_same_however_many_stages_there_are(
    flows: tuple[Workflow[object], ...],
) -> None:
    states = [begun(flow) for flow in flows]
    for event in JOURNEY:
        few, many = [steps(partial(look, evolve(state, event))) for state in states]

        assert few == many < 120, event


def test_the_count_of_steps_notices_a_loop_over_all_stages(flows: tuple[Workflow[object], ...]) -> None:
    few, many = [steps(partial(begun, flow)) for flow in flows]

    assert few < many


def test_no_event_and_no_plan_copies_what_did_not_change(flows: tuple[Workflow[object], ...]) -> None:
    # Copies are made below Python's lines, so they show in memory only: one number for each stage would be 400 KB.
    state = begun(flows[1])
    tracemalloc.start()
    try:
        for event in JOURNEY:
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            plan(evolve(state, event), 2.5)
            assert tracemalloc.get_traced_memory()[1] - before < 10_000, event
    finally:
        tracemalloc.stop()


def test_a_plan_costs_the_same_however_many_stages_wait_for_their_time(flows: tuple[Workflow[object], ...]) -> None:
    states = [begun(flows[1]), begun(flows[1])]
    for state, count in zip(states, (10, 1_000), strict=True):
        for number in range(0, 2 * count, 2):
            stage = f"s{number}"
            evolve(state, started(stage))
            evolve(
                state, AttemptFailed(at=0.0, stage=stage, attempt=1, failure=NO, then="retry", retry_at=9.0 + number)
            )
    few, many = [steps(partial(plan, state, 1.0)) for state in states]

    assert few == many < 80

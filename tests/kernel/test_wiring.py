"""Stages wired wrongly: one clear line each, naming the stage."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import DefinitionError
from agentkit.kernel import Stage, Workflow
from tests.strategies import workflows


def stage(name: str, *after: str, group: str | None = None) -> Stage:
    return Stage(name, agent="ada", after=after, group=group)


def problems(*stages: Stage) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as caught:
        Workflow("flow", stages)
    return caught.value.problems


def test_an_empty_workflow_is_refused() -> None:
    assert problems() == ("the workflow is empty: give it at least one stage",)


def test_an_unknown_dependency_is_named_with_its_stage() -> None:
    assert problems(stage("a"), stage("b", "a", "x")) == (
        "stage 'b': depends on 'x', which is neither a stage nor a group",
    )


def test_a_stage_that_depends_on_itself_is_named() -> None:
    assert problems(stage("a", "a")) == ("stage 'a': depends on itself",)


def test_a_circle_is_named_with_exactly_its_stages() -> None:
    tail_and_head = (stage("before"), stage("after", "c"), stage("also", "after"))

    assert problems(*tail_and_head, stage("a", "before", "c"), stage("b", "a"), stage("c", "b")) == (
        "stage 'c': is part of a circle of dependencies: c -> b -> a -> c",
    )


def test_a_group_that_waits_for_itself_is_unreachable() -> None:
    assert problems(stage("a", "g", group="g")) == (
        "stage 'a': group 'g' is unreachable, since one of its stages waits for it: a -> a",
    )


def test_a_group_that_waits_for_its_own_follower_is_unreachable() -> None:
    assert problems(stage("a", "b", group="g"), stage("b", "g"), stage("c", group="g")) == (
        "stage 'b': group 'g' is unreachable, since one of its stages waits for it: a -> b -> a",
    )


def test_a_name_used_twice_is_refused() -> None:
    assert problems(stage("a"), stage("b"), stage("a")) == ("stage 'a': the name is used more than once",)


def test_a_group_with_the_name_of_a_stage_is_refused() -> None:
    assert problems(stage("a"), stage("b", group="a")) == (
        "stage 'b': its group 'a' has the name of a stage; rename one of them",
    )


def test_all_problems_are_told_at_once() -> None:
    assert problems(stage("a", "x"), stage("b", "b"), stage("c"), stage("c")) == (
        "stage 'c': the name is used more than once",
        "stage 'a': depends on 'x', which is neither a stage nor a group",
        "stage 'b': depends on itself",
    )


def test_a_group_stands_for_all_its_stages() -> None:
    flow = Workflow("flow", [stage("a", group="g"), stage("b", group="g"), stage("c", "g", "a")])

    assert flow.graph.dependencies == ((), (), (0, 1))
    assert flow.graph.dependents == ((2,), (2,), ())
    assert flow.graph.sinks == (2,)


@given(workflow=workflows())
def test_what_can_be_wired_is_wired_both_ways(workflow: Workflow[object]) -> None:
    graph = workflow.graph
    forth = {(number, needed) for number, all_needed in enumerate(graph.dependencies) for needed in all_needed}
    back = {(number, needed) for needed, waiting in enumerate(graph.dependents) for number in waiting}

    assert forth == back
    assert graph.open_counts == tuple(len(needed) for needed in graph.dependencies)


@given(data=st.data(), workflow=workflows())
def test_a_circle_put_into_any_workflow_is_found_with_stages_that_are_on_it(
    data: st.DataObject, workflow: Workflow[object]
) -> None:
    length = data.draw(st.integers(2, 5))
    ring = [stage(f"r{n}", f"r{(n + 1) % length}") for n in range(length)]
    mixed = data.draw(st.permutations([*workflow.stages, *ring]))

    (line,) = problems(*mixed)

    way = line.partition("circle of dependencies: ")[2].split(" -> ")
    assert way[0] == way[-1]
    assert sorted(way[:-1]) == [f"r{n}" for n in range(length)]
    assert all(workflow_after(ring, one) == (other,) for one, other in pairwise(way))


def workflow_after(stages: list[Stage], name: str) -> tuple[str, ...]:
    return tuple(next(stage.after for stage in stages if stage.name == name))

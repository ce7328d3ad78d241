"""Definitions as data: both ways, and what is refused on the way back."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import DefinitionError
from agentkit.kernel import RetryPolicy, Stage, Workflow, workflow_data, workflow_from_data
from tests.strategies import workflows

STAGE: dict[str, Any] = {"name": "a", "agent": "ada"}
FLOW: dict[str, Any] = {"name": "flow", "stages": [STAGE]}


def problems(data: object) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as caught:
        workflow_from_data(data)
    return caught.value.problems


def of_stage(**settings: object) -> tuple[str, ...]:
    return problems({"name": "flow", "stages": [{**STAGE, **settings}]})


@given(
    workflow=workflows(),
    text=st.text(st.characters(exclude_characters="{}"), max_size=5),
    words=st.lists(st.text(max_size=3), max_size=2),
    result=st.booleans(),
)
def test_a_workflow_comes_back_equal_through_json(
    workflow: Workflow[object], text: str, words: list[str], result: bool
) -> None:
    first = replace(workflow.stages[0], instruction=text, expertise=words)
    workflow = Workflow(
        workflow.name,
        [first, *workflow.stages[1:]],
        description=text,
        timeout=workflow.timeout,
        max_parallel=workflow.max_parallel,
        result=first.name if result else None,
    )

    again = workflow_from_data(json.loads(json.dumps(workflow_data(workflow))))

    assert again == workflow
    assert workflow_data(again) == workflow_data(workflow)


def test_only_what_differs_from_the_default_is_written() -> None:
    stage = Stage("a", agent="ada", required=False, retry=RetryPolicy(attempts=2, retry_on=[OSError]))

    assert workflow_data(Workflow("flow", [stage], timeout=5)) == {
        "name": "flow",
        "timeout": 5,
        "stages": [
            {"name": "a", "agent": "ada", "required": False, "retry": {"attempts": 2, "retry_on": ["OSError"]}},
        ],
    }


def test_a_lone_name_stands_for_a_list_of_one() -> None:
    stages = [
        {**STAGE, "fallback": "bob", "retry": {"retry_on": "OSError"}},
        {"name": "b", "agent": "ada", "after": "a"},
    ]
    flow = workflow_from_data({"name": "flow", "stages": stages})

    assert flow["a"].fallback == ("bob",)
    assert flow["a"].retry.retry_on == ("OSError",)
    assert flow["b"].after == ("a",)


def test_an_unknown_setting_is_refused_with_its_place() -> None:
    (flow,), (stage,), (retry,) = problems({**FLOW, "colour": 1}), of_stage(agnet="x"), of_stage(retry={"times": 3})

    assert flow.startswith("workflow: unknown setting 'colour'; known are name, description, ")
    assert stage.startswith("stage 'a': unknown setting 'agnet'; known are name, agent, ")
    assert retry.startswith("stage 'a': retry: unknown setting 'times'; known are attempts, ")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (None, "workflow must be a mapping of settings, not NoneType"),
        ({"stages": [STAGE]}, "workflow: name is missing"),
        ({"name": "flow"}, "workflow: stages is missing"),
        ({"name": "flow", "stages": "abc"}, "workflow: stages must be a list, not str"),
        ({"name": "flow", "stages": {}}, "workflow: stages must be a list, not dict"),
        ({"name": "flow", "stages": []}, "the workflow is empty: give it at least one stage"),
        ({"name": "flow", "stages": ["a"]}, "stage number 1 must be a mapping of settings, not str"),
        ({"name": "flow", "stages": [STAGE, {"agent": "ada"}]}, "stage number 2: name is missing"),
        ({"name": "flow", "stages": [{"name": "a"}]}, "stage 'a': agent is missing"),
        ({**FLOW, "description": 5}, "workflow: description must be a text, not 5"),
        ({**FLOW, "result": ["a"]}, "workflow: result must be the name of a stage, not ['a']"),
        ({**FLOW, "timeout": "5 s"}, "workflow: timeout must be a finite number of seconds, not '5 s'"),
    ],
)
def test_what_is_no_workflow_is_refused_in_one_line(data: object, line: str) -> None:
    assert problems(data) == (line,)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"after": 5}, "after must be a list of names, not 5"),
        ({"after": [5]}, "after must be a list of names, not [5]"),
        (
            {"fallback": {"agent": "b", "bob": 1}},
            "fallback: unknown setting 'bob'; known are agent, retry, on, min_confidence",
        ),
        ({"expertise": None}, "expertise must be a list of names, not None"),
        ({"required": "no"}, "required must be true or false, not 'no'"),
        ({"retry": 3}, "retry must be a mapping of settings, not int"),
        ({"retry": {"retry_on": [None]}}, "retry: retry_on must be a list of names, not [None]"),
        ({"retry": {"attempts": 0}}, "retry: attempts must be a whole number from 1 to 1000, not 0"),
        ({"weight": None}, "weight must be a number above 0, at most 1e9, not None"),
        ({"group": ["g"]}, "group: a name must be a text that is not empty, not ['g']"),
    ],
)
def test_a_wrong_value_of_a_stage_is_refused_with_its_place(settings: dict[str, object], line: str) -> None:
    assert of_stage(**settings) == (f"stage 'a': {line}",)


def test_the_problems_of_all_stages_are_told_at_once() -> None:
    told = problems({"name": "flow", "stages": [{**STAGE, "timeout": -1}, {"name": "b"}, {**STAGE, "name": "3"}]})

    assert [line.partition(":")[0] for line in told] == ["stage 'a'", "stage 'b'", "stage"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.sampled_from(["a", "ada", "{", ""]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["attempts", "name", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
settings = st.dictionaries(
    st.sampled_from(["name", "agent", "after", "retry", "weight", "group", "result", "expertise"]), json_values
)


@given(
    flow=st.dictionaries(st.sampled_from(["timeout", "result", "description", "max_parallel"]), json_values),
    stage=settings,
)
def test_any_data_makes_a_workflow_or_a_clear_refusal(flow: dict[str, object], stage: dict[str, object]) -> None:
    data = {**FLOW, **flow, "stages": [{**STAGE, **stage}]}
    try:
        made = workflow_from_data(data)
    except DefinitionError:
        assert all(": " in line or "must be" in line for line in problems(data))
    else:
        assert workflow_from_data(workflow_data(made)) == made

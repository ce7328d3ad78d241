"""Single values of a definition: what is refused, and how it is said."""

import math
from typing import Any

import pytest

from agentkit.errors import DefinitionError
from agentkit.kernel import RetryPolicy, Stage, Workflow

HUGE = 10**400
NOT_SECONDS = [True, math.nan, math.inf, -math.inf, "5", [], HUGE]


def problems(make: Any, *arguments: object, **settings: object) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as caught:
        make(*arguments, **settings)
    return caught.value.problems


def of_stage(**settings: object) -> tuple[str, ...]:
    return problems(Stage, **{"name": "load", "agent": "ada", **settings})


@pytest.mark.parametrize("value", NOT_SECONDS)
def test_a_timeout_is_a_finite_number_of_seconds(value: object) -> None:
    for told in (of_stage(timeout=value), problems(Workflow, "flow", [Stage("a", agent="ada")], timeout=value)):
        (line,) = told
        assert "timeout must be a finite number of seconds, not " in line


@pytest.mark.parametrize("value", [0, 0.0, -1])
def test_a_timeout_is_above_zero(value: float) -> None:
    assert of_stage(timeout=value) == (f"stage 'load': timeout must be more than 0 seconds, not {value}",)


@pytest.mark.parametrize("value", [*NOT_SECONDS, 0, -1, 2e9])
def test_a_weight_is_a_number_above_zero(value: object) -> None:
    (line,) = of_stage(weight=value)

    assert line.startswith("stage 'load': weight must be a number above 0, at most 1e9, not ")


@pytest.mark.parametrize("value", [True, 0, -1, 1.0, "2", None, math.nan, 1_001, HUGE])
def test_attempts_are_a_whole_number(value: object) -> None:
    (line,) = problems(RetryPolicy, attempts=value)

    assert line.startswith("retry: attempts must be a whole number from 1 to 1000, not ")


@pytest.mark.parametrize("value", [True, 0, -1, 1.0, "2", math.inf])
def test_max_parallel_is_a_whole_number(value: object) -> None:
    told = problems(Workflow, "flow", [Stage("a", agent="ada")], max_parallel=value)

    assert told == (f"workflow: max_parallel must be a whole number from 1 to 1000000, not {value!r}",)


@pytest.mark.parametrize("setting", ["delay", "max_delay", "attempt_timeout"])
@pytest.mark.parametrize("value", [*NOT_SECONDS, -0.5])
def test_waits_are_finite_numbers_of_seconds(setting: str, value: object) -> None:
    (line,) = problems(RetryPolicy, **{setting: value})

    assert line.startswith(f"retry: {setting} must be ")


@pytest.mark.parametrize("value", [*NOT_SECONDS, 0.5, 101])
def test_a_factor_is_from_1_to_100(value: object) -> None:
    (line,) = problems(RetryPolicy, factor=value)

    assert line.startswith("retry: factor must be a number from 1 to 100, not ")


@pytest.mark.parametrize("value", [*NOT_SECONDS, -0.1, 1.1])
def test_a_jitter_is_a_share(value: object) -> None:
    (line,) = problems(RetryPolicy, jitter=value)

    assert line.startswith("retry: jitter must be a share from 0 to 1, not ")


@pytest.mark.parametrize("name", ["1st", "a b", "_a", "-a", ".a", "a\n", "a/b", "ä\N{ZERO WIDTH SPACE}", "\ud800"])
def test_a_name_begins_with_a_letter_and_goes_on_with_few_signs(name: str) -> None:
    how = f"the name {name!r} must begin with a letter and go on with letters, digits, '_', '-' or '.'"

    assert of_stage(name=name) == (f"stage: {how}",)
    assert of_stage(agent=name) == (f"stage 'load': agent: {how}",)
    assert of_stage(fallback=["bob", name]) == (f"stage 'load': fallback: {how}",)
    assert of_stage(group=name) == (f"stage 'load': group: {how}",)
    assert of_stage(resource=name) == (f"stage 'load': resource: {how}",)
    assert problems(Workflow, name, [Stage("a", agent="ada")]) == (f"workflow: {how}",)


@pytest.mark.parametrize("name", ["a", "Ä.b-c_9", "月次", "x" * 100])
def test_a_name_may_be_of_any_language(name: str) -> None:
    assert Stage(name, agent=name, group=name, resource=name).name == name


@pytest.mark.parametrize("name", [None, "", 5, ["a"], [10**5_000]])
def test_a_name_is_a_text(name: object) -> None:
    (line,) = of_stage(name=name)

    assert line.startswith("stage: a name must be a text that is not empty, not ")


def test_a_name_has_its_limit() -> None:
    assert of_stage(name="x" * 101) == (f"stage: the name {'x' * 30!r}... has 101 characters; at most 100 are allowed",)


@pytest.mark.parametrize("setting", ["after", "expertise", "reads"])
@pytest.mark.parametrize("value", [None, 5, [5], [["a"]]])
def test_a_list_of_names_is_a_list_of_texts(setting: str, value: object) -> None:
    assert any(f"{setting} must be a list of texts, not " in line for line in of_stage(**{setting: value}))


@pytest.mark.parametrize("value", [None, 5, [5], [["a"]]])
def test_a_fallback_is_an_agent(value: object) -> None:
    assert any("stage 'load': fallback" in line for line in of_stage(fallback=value))


@pytest.mark.parametrize("setting", ["after", "fallback", "expertise"])
def test_a_lone_name_stands_for_a_list_of_one(setting: str) -> None:
    alone: dict[str, Any] = {setting: "extract"}

    assert getattr(Stage("load", agent="ada", **alone), setting) == ("extract",)


def test_a_stage_does_not_change_with_the_list_it_was_made_of() -> None:
    words = ["csv"]
    stage = Stage("load", agent="ada", expertise=words)
    words.append("xml")

    assert stage.expertise == ("csv",)
    assert hash(stage) == hash(Stage("load", agent="ada", expertise=("csv",)))


@pytest.mark.parametrize(
    ("setting", "said"),
    [("required", "True or False"), ("retry", "a RetryPolicy")],
)
def test_other_settings_have_their_kind(setting: str, said: str) -> None:
    assert of_stage(**{setting: "no"}) == (f"stage 'load': {setting} must be {said}, not 'no'",)


@pytest.mark.parametrize("value", [5, [5], None])
def test_errors_worth_a_retry_are_names_or_classes(value: object) -> None:
    assert problems(RetryPolicy, retry_on=value) == (
        f"retry: retry_on must be a list of texts, not {(5,) if value == [5] else value!r}",
    )


def test_a_result_names_a_stage() -> None:
    stages = [Stage("a", agent="ada")]

    assert problems(Workflow, "flow", stages, result="b") == ("workflow: result names 'b', which is not a stage",)
    assert problems(Workflow, "flow", stages, result=["a"]) == (
        "workflow: result must be the name of a stage, not ['a']",
    )


def test_a_description_is_a_text_and_a_stage_is_a_stage() -> None:
    assert problems(Workflow, "flow", [Stage("a", agent="ada")], description=5) == (
        "workflow: description must be a text, not 5",
    )
    assert problems(Workflow, "flow", ["a"]) == ("stage number 1 must be a Stage, not 'a'",)


def test_several_problems_of_a_stage_are_told_at_once() -> None:
    assert of_stage(agent="2nd", timeout=0, instruction="{") == (
        "stage 'load': agent: the name '2nd' must begin with a letter and go on with letters, digits, '_', '-' or '.'",
        "stage 'load': '{' at character 1 of the instruction is not a placeholder;"
        " write {name} for an input, and '{{' or '}}' for a brace",
        "stage 'load': timeout must be more than 0 seconds, not 0",
    )


def test_a_value_too_long_for_a_line_is_shortened() -> None:
    (line,) = of_stage(timeout="x" * 10_000)

    assert len(line) < 200


def test_unknown_agents_and_resources_are_named_with_their_stage() -> None:
    flow = Workflow("flow", [Stage("a", agent="ada"), Stage("b", agent="bob", fallback=["cyd"], resource="printer")])
    with pytest.raises(DefinitionError) as caught:
        flow.check_agents(["bob", "dan"], {"scanner": 1})

    assert caught.value.problems == (
        "stage 'a': unknown agent 'ada'; known are 'bob', 'dan'",
        "stage 'b': unknown agent 'cyd'; known are 'bob', 'dan'",
        "stage 'b': unknown resource 'printer'; known are 'scanner'",
    )


def test_known_agents_pass_and_long_lists_are_cut() -> None:
    flow = Workflow("flow", [Stage("a", agent="ada", resource="printer")])
    flow.check_agents({"ada"})
    flow.check_agents({"ada"}, {"printer": 1})
    with pytest.raises(DefinitionError, match=r"'agent-7' and 4 more$"):
        flow.check_agents(f"agent-{n:x}" for n in range(12))
    with pytest.raises(DefinitionError, match="unknown agent 'ada'; known are none"):
        flow.check_agents([])


def test_workflows_are_equal_when_their_data_is() -> None:
    def make(**settings: Any) -> Workflow[object]:
        return Workflow("flow", [Stage("a", agent="ada")], **settings)

    assert make() == make(returns=int)
    assert hash(make()) == hash(make(timeout=1))
    assert make() != make(timeout=1)
    assert make() != "flow"
    assert make()["a"].agent == "ada"

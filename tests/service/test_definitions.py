"""Workflows in files: both ways, checked, and never executed."""

from pathlib import Path

import pytest
from hypothesis import given

from agentkit.errors import DefinitionError
from agentkit.kernel import Stage, Workflow, workflow_data
from agentkit.service import FileFormat, dump_workflow, load_workflow, parse_workflow
from agentkit.wire import WorkflowDocument
from tests.strategies import budgeted_workflows, workflows

BUDGETED = "name: a\nstages: [{name: b, agent: c, group: g}]\n"
FORMATS: list[FileFormat] = ["yaml", "toml", "json"]


@pytest.mark.parametrize("form", FORMATS)
@given(flow=workflows())
def test_a_workflow_comes_back_equal_from_every_format(form: FileFormat, flow: Workflow[object]) -> None:
    assert parse_workflow(dump_workflow(flow, form), form) == flow


@pytest.mark.parametrize("form", FORMATS)
@given(flow=budgeted_workflows())
def test_budgets_of_groups_and_agents_come_back_equal_from_every_format(
    form: FileFormat, flow: Workflow[object]
) -> None:
    assert parse_workflow(dump_workflow(flow, form), form) == flow


@given(flow=workflows() | budgeted_workflows())
def test_the_schema_accepts_whatever_is_a_workflow(flow: Workflow[object]) -> None:
    document = WorkflowDocument.model_validate(workflow_data(flow))

    assert document.name == flow.name
    assert len(document.stages) == len(flow.stages)


def test_a_file_is_read_by_its_ending(tmp_path: Path) -> None:
    flow: Workflow[object] = Workflow("greet", [Stage("ask", agent="clerk")])
    for ending, form in ((".yaml", "yaml"), (".yml", "yaml"), (".toml", "toml"), (".json", "json")):
        path = tmp_path / f"greet{ending}"
        path.write_text(dump_workflow(flow, form), encoding="utf-8")  # type: ignore[arg-type] # one of the three

        assert load_workflow(path) == flow


def test_the_output_type_may_be_said_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "greet.json"
    path.write_text('{"name": "greet", "stages": [{"name": "ask", "agent": "clerk"}]}')

    assert load_workflow(path, returns=int).returns is int


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yaml", "name: [", "is not YAML"),
        ("a.json", "{", "is not JSON"),
        (
            "a.json",
            '{"name": "a", "stages": [{"name": "b", "name": "c"}]}',
            "the key 'name' stands twice in one object",
        ),
        ("a.yaml", "name: a\nstages:\n- name: b\n  agent: c\n  name: d", "line 5: the key 'name' stands there twice"),
        ("a.yaml", "name: \x01", "is not YAML"),
        ("a.toml", "name = ", "is not TOML"),
        ("a.yaml", "- 1", "workflow must be a mapping of settings, not list"),
        ("a.yaml", "name: a\nstages: []", "the workflow is empty"),
        ("a.yaml", "name: a\nstages: [{name: b, agent: c, aftr: d}]", "stage 'b': unknown setting 'aftr'"),
        ("a.yaml", "name: a\nstages: [{name: b}]", "stage 'b': agent is missing"),
        ("a.yaml", "name: a\nstages: [{name: b, agent: c, after: d}]", "stage 'b': depends on 'd'"),
        ("a.yaml", "name: a\nstages: [{name: b, agent: c, retry: {attempts: 0}}]", "stage 'b': retry: attempts"),
        (
            "a.yaml",
            BUDGETED + "group_budgets: {c: {calls: 1}}",
            "group_budgets names 'c', which is no group; known are 'g'",
        ),
        (
            "a.yaml",
            BUDGETED + "agent_budgets: {c: {calls: x}}",
            "agent_budgets: 'c': budget: calls must be a whole number",
        ),
        ("a.yaml", BUDGETED + "agent_budgets: [c]", "agent_budgets must be a mapping of names to allowances"),
        ("a.txt", "", "the name of a workflow file ends in"),
    ],
)
def test_what_is_wrong_is_said_with_its_file_and_place(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DefinitionError) as caught:
        load_workflow(path)
    assert str(path) in str(caught.value)
    assert says in str(caught.value)


def test_a_part_of_a_file_may_stand_in_several_places(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("name: a\nstages:\n- &one {name: b, agent: c}\n- {<<: *one, name: d, after: [b]}", encoding="utf-8")

    assert [stage.agent for stage in load_workflow(path).stages] == ["c", "c"]


def test_what_is_wrong_with_a_file_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: {b: c?}}", encoding="utf-8")

    with pytest.raises(DefinitionError) as caught:
        load_workflow(path)
    assert str(caught.value).count("is not YAML") == 1


def test_every_problem_of_a_file_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("name: a\nstages: [{name: b, agent: '1'}, {name: c, agent: d, weight: -1}]", encoding="utf-8")

    with pytest.raises(DefinitionError) as caught:
        load_workflow(path)
    assert len(caught.value.problems) == 2


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    path = tmp_path / "a.yaml"
    path.write_text(f"name: !!python/object/apply:pathlib.Path.touch ['{proof}']\nstages: []", encoding="utf-8")

    with pytest.raises(DefinitionError, match="is not YAML"):
        load_workflow(path)
    assert not proof.exists()


def test_a_missing_file_is_a_definition_error(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="cannot be read: No such file"):
        load_workflow(tmp_path / "nowhere.yaml")

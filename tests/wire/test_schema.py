"""The JSON Schema of workflow files."""

import json
from dataclasses import fields

import pytest
from pydantic import ValidationError

from agentkit.kernel import Map, Stage, When, Workflow, workflow_data, workflow_from_data
from agentkit.wire import WorkflowDocument, workflow_schema
from agentkit.wire.definition import StageDocument


def test_the_schema_is_json_and_closed() -> None:
    schema = json.loads(json.dumps(workflow_schema()))

    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["name", "stages"]


def test_the_schema_knows_every_setting_that_a_workflow_writes() -> None:
    full = {
        "name": "all",
        "description": "everything",
        "timeout": 60.0,
        "max_parallel": 2,
        "result": "a",
        "budget": {"seconds": 60.0, "tokens": 1000, "soft": 0.5, "repeats": 3},
        "group_budgets": {"g": {"calls": 5}},
        "agent_budgets": {"x": {"money": "0.50", "currency": "USD"}, "u": {"calls": 1}},
        "confidence": "product",
        "stages": [
            {
                "name": "a",
                "agent": "x",
                "instruction": "do {it}",
                "group": "g",
                "required": False,
                "timeout": 1.5,
                "retry": {"attempts": 2, "delay": 0.5, "retry_on": ["OSError"], "attempt_timeout": 1.0},
                "fallback": ["y", {"agent": "z", "on": ["timeout"], "retry": {"attempts": 3}}],
                "weight": 2.0,
                "resource": "r",
                "expertise": ["e"],
                "when": {"path": "rows", "at_least": 1},
                "approval": {
                    "by": ["finance"],
                    "quorum": 2,
                    "question": "Pay {it}?",
                    "deadline": {"days": 2, "holidays": ["2026-12-25"]},
                    "remind": 60.0,
                    "escalate": 90.0,
                    "escalate_to": ["board"],
                    "on_expiry": "approve",
                    "form": {"amount": "decimal?"},
                    "by_requester": True,
                },
                "map": {"path": "rows", "parallel": 2, "on_failure": "keep", "quorum": 1, "most": 5},
                "undo": "u",
                "reads": ["k"],
                "writes": {"k": "append"},
                "min_confidence": 0.5,
                "minimal": {"rows": []},
                "budget": {"calls": 3, "money": "1.50", "currency": "USD"},
            },
            {"name": "b", "agent": "x", "loop": {"until": {"path": "score", "above": 0.5}, "most": 3}},
            {"name": "c", "wait": 5.0},
            {"name": "d", "signal": "paid"},
            {"name": "e", "agent": "x", "effect": "at_most_once"},
            {"name": "f", "workflow": {"name": "inner", "stages": [{"name": "a", "agent": "x"}]}},
        ],
    }

    WorkflowDocument.model_validate(full)
    assert workflow_data(workflow_from_data(full)) == full


def test_the_schema_has_a_word_for_every_setting_of_a_stage_and_a_workflow() -> None:
    assert set(StageDocument.model_fields) == {field.name for field in fields(Stage)}
    assert set(WorkflowDocument.model_fields) == {f.name for f in fields(Workflow) if f.init} - {"returns"}


def test_short_forms_are_in_the_schema() -> None:
    short = {
        "name": "all",
        "stages": [{"name": "a", "agent": "x"}, {"name": "b", "agent": "y", "after": "a", "when": "a", "map": "a"}],
    }

    WorkflowDocument.model_validate(short)
    stage = workflow_from_data(short)["b"]
    assert (stage.condition, stage.items, stage.after) == (When("a"), Map("a"), ("a",))


@pytest.mark.parametrize(
    "wrong", [{"stages": []}, {"name": "a", "stages": []}, {"name": "1", "stages": [{"name": "a", "agent": "b"}]}]
)
def test_the_schema_refuses_what_is_no_workflow(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WorkflowDocument.model_validate(wrong)

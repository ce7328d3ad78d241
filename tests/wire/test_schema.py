"""The JSON Schema of workflow files."""

import json

import pytest
from pydantic import ValidationError

from agentkit.kernel import workflow_data, workflow_from_data
from agentkit.wire import WorkflowDocument, workflow_schema


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
        "stages": [
            {
                "name": "a",
                "agent": "x",
                "instruction": "do {it}",
                "group": "g",
                "required": False,
                "timeout": 1.5,
                "retry": {"attempts": 2, "delay": 0.5, "retry_on": ["OSError"], "attempt_timeout": 1.0},
                "fallback": ["y"],
                "weight": 2.0,
                "resource": "r",
                "expertise": ["e"],
            }
        ],
    }

    WorkflowDocument.model_validate(full)
    assert workflow_data(workflow_from_data(full)) == full


@pytest.mark.parametrize(
    "wrong", [{"stages": []}, {"name": "a", "stages": []}, {"name": "1", "stages": [{"name": "a", "agent": "b"}]}]
)
def test_the_schema_refuses_what_is_no_workflow(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WorkflowDocument.model_validate(wrong)

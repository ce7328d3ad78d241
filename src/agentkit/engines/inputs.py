"""An operation's input as texts, for the placeholders of instructions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from agentkit.errors import DefinitionError
from agentkit.kernel import Workflow, placeholders

__all__ = ["check_placeholders", "instruction_values"]


def instruction_values(text: str) -> Mapping[str, str]:
    """The fields of a JSON object as texts: a text as it is, everything else as JSON."""
    loaded: object = json.loads(text)
    if not isinstance(loaded, dict):
        return {}
    given = cast("dict[str, object]", loaded)
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}


def check_placeholders(workflow: Workflow[object], values: Mapping[str, str]) -> None:
    """Check that the input fills every placeholder.

    Raises:
        DefinitionError: One is not filled; every problem has its line.
    """
    problems = [
        f"stage {stage.name!r}: its instruction asks for {{{name}}}, but the input has no {name!r}"
        for stage in workflow.stages
        if "{" in stage.instruction
        for name in placeholders(stage.instruction)
        if name not in values
    ]
    if problems:
        raise DefinitionError(*problems)

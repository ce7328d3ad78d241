"""An operation's input as texts, for the placeholders of instructions and questions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from agentkit.agents import failed_by
from agentkit.errors import DefinitionError, InputError
from agentkit.kernel import Failed, RunAttempt, State, Workflow, command_for, placeholders

__all__ = ["check_placeholders", "command_or_refusal", "instruction_values"]


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
        f"stage {stage!r}: its {what} asks for {{{blank}}}, but the input has no {blank!r}"
        for stage, what, blank in workflow.marks.blanks
        if blank not in values
    ]
    if problems:
        raise DefinitionError(*problems)


def command_or_refusal(state: State, number: int, values: Mapping[str, str]) -> tuple[RunAttempt, Failed | None]:
    """The command for a stage's newest attempt, and why it is not to run, if its instruction cannot be filled."""
    try:
        return command_for(state, number, values), None
    except InputError as error:
        blanks = dict.fromkeys(placeholders(state.spec(number).instruction), "")
        return command_for(state, number, {**blanks, **values}), failed_by(error)

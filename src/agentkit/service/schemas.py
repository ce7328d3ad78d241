"""What agents and workflows take and give, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Never, cast

from pydantic import JsonValue, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

from agentkit.agents import Agent, AgentRegistry
from agentkit.kernel import Workflow

__all__ = ["input_schema", "schema_of"]

_ANYTHING: JsonValue = {}


def schema_of(declared: object) -> JsonValue:
    """The JSON Schema of a declared type; empty if it is anything, or has none."""
    if declared in (object, None):
        return _ANYTHING
    try:
        return cast("JsonValue", TypeAdapter(cast("Any", declared)).json_schema())
    except (PydanticInvalidForJsonSchema, PydanticUserError):
        return _ANYTHING


def input_schema(workflow: Workflow[object], agents: Mapping[str, Agent[Never, object]]) -> JsonValue:
    """What a workflow takes: what the agents of its first stages declare, if they agree.

    Example:
        >>> from agentkit import Stage, Task, agent
        >>> @agent
        ... def double(task: Task[int]) -> int:
        ...     return 2 * task.input
        >>> input_schema(Workflow("twice", [Stage("double", agent="double")]), {"double": double})
        {'type': 'integer'}
    """
    registry = AgentRegistry(agents.values())
    first = [stage.agent for stage in workflow.stages if not stage.after and stage.agent]
    schemas = [schema_of(entry.input_type.declared) for name in first if (entry := registry.find(name)) is not None]
    told = [schema for schema in schemas if schema != _ANYTHING]
    return told[0] if told and all(schema == told[0] for schema in told) else _ANYTHING

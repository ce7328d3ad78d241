"""What agents and workflows take and give, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Never, cast

from pydantic import JsonValue, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DecimalSchema

from agentkit.agents import Agent, AgentRegistry
from agentkit.kernel import Workflow

__all__ = ["input_schema", "schema_of"]

_ANYTHING: JsonValue = {}
_DECIMAL: Final = r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"
"""What decimal text looks like, as older versions of pydantic say it."""


class _Schemas(GenerateJsonSchema):
    """As pydantic describes types, but decimal text is told from any text in every version of it."""

    def decimal_schema(self, schema: DecimalSchema) -> JsonSchemaValue:
        """A number, or its exact text."""
        made = super().decimal_schema(schema)
        for one in (made, *made.get("anyOf", ())):
            if one.get("type") == "string":
                one.setdefault("pattern", _DECIMAL)
        return made


def schema_of(declared: object) -> JsonValue:
    """The JSON Schema of a declared type; empty if it is anything, or has none."""
    if declared in (object, None):
        return _ANYTHING
    try:
        return cast("JsonValue", TypeAdapter(cast("Any", declared)).json_schema(schema_generator=_Schemas))
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

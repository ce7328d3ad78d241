"""`ScriptedModel`: a model that says what a list says, without a network, a key or a price.

Rules: a call takes the next line of the script, and the last line counts for all that follow. What it used and what
that cost is what the script says: nothing, if it says nothing.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias, cast

from agentkit.errors import DefinitionError, MissingExtra

try:
    from pydantic_ai.messages import (
        ModelMessage,
        ModelResponse,
        ModelResponseStreamEvent,
        TextPart,
        ToolCallPart,
    )
    from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
    from pydantic_ai.profiles import ModelProfile
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.tools import RunContext
    from pydantic_ai.usage import RequestUsage
    from pydantic_core import to_jsonable_python
except ImportError as _error:
    if _error.name is None or _error.name.startswith("agentkit"):
        raise
    raise MissingExtra("llm", "pydantic-ai") from _error

__all__ = ["ModelCall", "Says", "ScriptedModel", "ToolCall"]


class ToolCall:
    """A line of a script: the model calls a tool.

    Args:
        name: Which tool.
        arguments: What it gives; `raw` instead has the model write that text as its arguments, valid or not.
    """

    __slots__ = ("arguments", "name")

    def __init__(self, name: str, /, *, raw: str | None = None, **arguments: object) -> None:
        self.name: str = name
        self.arguments: str | dict[str, object] = arguments if raw is None else raw

    def __repr__(self) -> str:
        return f"ToolCall({self.name!r}, {self.arguments!r})"


@dataclass(frozen=True, slots=True)
class Says:
    """A line of a script, and what it used.

    Attributes:
        line: The line: a text, a value of the declared output, a `ToolCall` or several.
        input_tokens: Tokens that were read.
        output_tokens: Tokens that were written.
        cost: What it cost in US dollars; None is unknown.
        measured: Whether the provider said what was used.
    """

    line: object
    _: KW_ONLY
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | str | None = None
    measured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One call of a scripted model.

    Attributes:
        messages: What was said so far.
        instructions: What the model is told before everything else.
        tools: The names of the tools that it may call.
        settings: Its settings.
    """

    messages: Sequence[ModelMessage]
    instructions: str = ""
    tools: Sequence[str] = ()
    settings: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def text(self) -> str:
        """All that was said so far, as JSON."""
        # What a tool gave for its program alone was not said.
        return json.dumps(to_jsonable_python([*self.messages], fallback=lambda value: None), ensure_ascii=False)


AnyContext: TypeAlias = RunContext[Any]
"""The context of a run, with whatever `deps`."""

Line: TypeAlias = object
"""What a model says: see `ScriptedModel`."""


class ScriptedModel(Model[Any]):
    """A model that says what its script says.

    A line may be a text; a `ToolCall`, or a list of them, which it makes at once; an error, which is raised; a function
    of the `ModelCall`, which may be async and gives the next line; a `Says`, which adds what it used. Everything else
    is a value of the declared output.

    Args:
        script: The lines, one for each call.
        name: Its name.

    Attributes:
        calls: The calls so far, in order.

    Raises:
        DefinitionError: The script is no list of lines, or has none.

    Example:
        >>> import asyncio
        >>> from agentkit import ModelAgent, Task
        >>> def stock(item: str) -> int:
        ...     return {"pens": 7}[item]
        >>> model = ScriptedModel([ToolCall("stock", item="pens"), "There are 7 pens."])
        >>> asyncio.run(ModelAgent("clerk", model=model, tools=[stock]).run(Task.standalone("Pens?")))
        'There are 7 pens.'
        >>> len(model.calls)
        2
    """

    def __init__(self, script: Sequence[Line], *, name: str = "scripted") -> None:
        if isinstance(script, str) or not script:
            raise DefinitionError(
                f"the script of model {name!r} is a list of what it says, such as ['Done.'], not {script!r:.100}"
            )
        super().__init__(
            profile=ModelProfile(
                supports_json_schema_output=True, supports_json_object_output=True, supports_thinking=True
            )
        )
        self._script = tuple(script)
        self._name = name
        self.calls: list[ModelCall] = []

    @property
    def model_name(self) -> str:
        """Its name."""
        return self._name

    @property
    def system(self) -> str:
        """Whose model it is."""
        return "scripted"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Say the next line."""
        _, parameters = self.prepare_request(model_settings, model_request_parameters)
        line = self._script[min(len(self.calls), len(self._script) - 1)]
        parts = self._get_instruction_parts(messages, parameters) or ()
        call = ModelCall(
            messages=[*messages],
            instructions="\n\n".join(part.content for part in parts),
            tools=[tool.name for tool in parameters.function_tools],
            settings=cast("Mapping[str, object]", dict(model_settings or {})),
        )
        self.calls.append(call)
        while True:
            match line:
                case BaseException():
                    raise line
                case type() if issubclass(line, BaseException):
                    raise line
                case _ if callable(line):
                    made = cast("Callable[[ModelCall], Any]", line)(call)
                    line = await made if hasattr(made, "__await__") else made
                case _:
                    return self._response(line, parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: AnyContext | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Say the next line, word by word."""
        response = await self.request(messages, model_settings, model_request_parameters)
        yield _Stream(model_request_parameters, said=response)

    def _response(self, line: object, parameters: ModelRequestParameters) -> ModelResponse:
        says = line if isinstance(line, Says) else Says(line)
        usage = RequestUsage(
            input_tokens=says.input_tokens,
            output_tokens=says.output_tokens,
            cost=None if says.cost is None else Decimal(says.cost),
            unmeasured_requests=0 if says.measured else 1,
        )
        return ModelResponse(
            parts=_parts(says.line, parameters), usage=usage, model_name=self._name, provider_name="scripted"
        )


def _parts(line: object, parameters: ModelRequestParameters) -> list[TextPart | ToolCallPart]:
    if isinstance(line, ToolCall):
        return [ToolCallPart(line.name, line.arguments)]
    if isinstance(line, list) and line and all(isinstance(one, ToolCall) for one in cast("list[object]", line)):
        return [ToolCallPart(one.name, one.arguments) for one in cast("list[ToolCall]", line)]
    if isinstance(line, str):
        return [TextPart(line)]
    plain = to_jsonable_python(line)
    if not parameters.output_tools:
        return [TextPart(json.dumps(plain))]
    tool = parameters.output_tools[0]
    whole = None if tool.outer_typed_dict_key or not isinstance(plain, dict) else cast("dict[str, Any]", plain)
    return [ToolCallPart(tool.name, {tool.outer_typed_dict_key or "response": plain} if whole is None else whole)]


@dataclass
class _Stream(StreamedResponse):
    """An answer that comes word by word."""

    said: ModelResponse = field(kw_only=True)

    def __post_init__(self) -> None:
        self._usage = self.said.usage

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        for place, part in enumerate(self.said.parts):
            if isinstance(part, ToolCallPart):
                yield self._parts_manager.handle_tool_call_part(
                    vendor_part_id=place,
                    tool_name=part.tool_name,
                    # As a provider writes it: whatever is no letter is escaped.
                    args=part.args if isinstance(part.args, str) else json.dumps(to_jsonable_python(part.args or {})),
                    tool_call_id=part.tool_call_id,
                )
            elif isinstance(part, TextPart):
                words = part.content.split(" ")
                for number, word in enumerate(words):
                    text = word if number == len(words) - 1 else f"{word} "
                    for event in self._parts_manager.handle_text_delta(vendor_part_id=place, content=text):
                        yield event

    @property
    def model_name(self) -> str:
        """Which model."""
        return self.said.model_name or ""

    @property
    def provider_name(self) -> str | None:
        """Whose model it is."""
        return self.said.provider_name

    @property
    def provider_url(self) -> str | None:
        """Where it is: nowhere."""
        return None

    @property
    def timestamp(self) -> datetime:
        """When it answered."""
        return self.said.timestamp.astimezone(UTC)

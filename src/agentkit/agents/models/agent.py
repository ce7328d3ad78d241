"""`ModelAgent`: an agent that asks a model; `model_agent`: any agent of pydantic-ai as one of ours.

Rules: the library behind it is loaded when the first such agent is made, never before. An agent keeps nothing between
two tasks; what a task is given reaches the model as data.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from typing_extensions import TypeVar

from agentkit.agents.definition import FunctionAgent
from agentkit.agents.personality import AgentPersonality
from agentkit.agents.registration import AnyTask
from agentkit.agents.task import Task
from agentkit.agents.values import ValueType
from agentkit.errors import DefinitionError, MissingExtra
from agentkit.kernel import Approval

from .checking import check_settings
from .limits import ModelLimits
from .prompting import instructions_of, prompt_of
from .servers import McpServer
from .tools import Duty, ModelTool, Work, approval_problems, duty_of

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider
    from pydantic_ai import AbstractToolset
    from pydantic_ai import Agent as PydanticAgent
    from pydantic_ai.models import Model

    from .running import Asking, Runner

__all__ = ["ModelAgent", "ModelLike", "model_agent"]

# Whoever declares no input is given any.
In = TypeVar("In", contravariant=True, default=Any)
Out = TypeVar("Out", covariant=True, default=str)
Given = TypeVar("Given", default=Any)
Made = TypeVar("Made")

ModelLike: TypeAlias = "str | Model[Any]"
"""A model, or its name with its provider, such as `openai:gpt-5`."""

ToolLike: TypeAlias = "ModelTool | Work | McpServer | AbstractToolset[Any]"
"""What a model may call."""

AgentLike: TypeAlias = "PydanticAgent[Any, Made]"
"""An agent of pydantic-ai, with whatever `deps`."""

_EFFORTS: Final = ("minimal", "low", "medium", "high", "xhigh", "max")
_ANSWER: Final = "final_result"
_NO_SDK_RETRIES: Final = {"max_retries": 0}
"""A stage's retries are the only ones: with those of a provider's library inside, one try would be three."""


class ModelAgent(FunctionAgent[In, Out]):
    """An agent that asks a model, and gives an answer of a declared type.

    Its personality says who it is: what the model is told first, and which model it prefers. What a task works on is
    handed to the model as data, apart from every instruction. What the model uses counts in the task's budgets, what it
    says and calls can be watched live, and what is wrong with its answer it is told and asked again.

    Args:
        personality: Who it is; a text is its name.
        input: What it takes; checked before the model is asked. Plain JSON by default.
        output: What it gives; checked, and repaired by the model where it does not fit. A text by default.
        model: The model, or its name such as `openai:gpt-5`; by default the personality's `model_preference`. A tier's
            model counts before it.
        fallback: Models that are asked where it does not begin to answer, in order; their answer is marked as degraded.
        tools: What the model may call: functions, other agents, `ModelTool` values, tools of an `McpServer`, and
            toolsets of pydantic-ai.
        validators: Functions of the answer that raise a `ValueError` saying what is wrong with it; the model is told,
            and asked again. They may be async.
        limits: What one run may use.
        settings: Settings of the model, such as `{"temperature": 0}`; those of a tier come on top.
        models: Models by the names by which personalities, tiers and `fallback` call them, where a name alone does not
            say how a model is reached.
        stream: Whether its text is streamed to those who watch.
        telemetry: A provider of OpenTelemetry that is told spans of its runs, and of calls of models and of tools, by
            the conventions for generative AI, without what was asked or answered.

    Raises:
        MissingExtra: pydantic-ai is not installed.
        DefinitionError: A setting is not valid.

    Example:
        >>> from agentkit import Task
        >>> from agentkit.testing import ScriptedModel
        >>> clerk = ModelAgent("clerk", output=int, model=ScriptedModel([42]))
        >>> import asyncio
        >>> asyncio.run(clerk.run(Task.standalone("How many?")))
        42
    """

    def __init__(  # noqa: PLR0913 - every part of an agent is an argument
        self,
        personality: AgentPersonality | str,
        *,
        input: type[In] | None = None,
        output: type[Out] = str,  # type: ignore[assignment]  # the default of Out is a text
        model: ModelLike | None = None,
        fallback: Sequence[ModelLike] = (),
        tools: Sequence[ToolLike] = (),
        validators: Sequence[Callable[[Out], object]] = (),
        limits: ModelLimits | None = None,
        settings: Mapping[str, object] | None = None,
        models: Mapping[str, ModelLike] | None = None,
        stream: bool = True,
        telemetry: TracerProvider | None = None,
    ) -> None:
        who = AgentPersonality(name=personality) if isinstance(personality, str) else personality
        if not isinstance(cast("object", who), AgentPersonality):
            raise DefinitionError(f"a model agent is given its name or an AgentPersonality first, not {who!r:.100}")
        _ = _library()
        preferred, declared = who.model_preference if model is None else model, cast("object", output)
        check_settings(
            who.name,
            input=input,
            output=declared,
            model=preferred,
            fallback=fallback,
            tools=tools,
            validators=validators,
            limits=limits,
            settings=settings,
            models=models,
        )
        self._models = dict(models or {})
        self._model = preferred
        self._fallback = tuple(fallback)
        self._settings = {**_NO_SDK_RETRIES, **(settings or {})}
        self._input = ValueType(object if input is None else input)
        self._runner, callable_tools = _runner(
            who.name,
            declared,
            tools=tools,
            validate=_validation(validators) if validators else None,
            limits=limits or ModelLimits(),
            stream=stream,
            telemetry=telemetry,
            models=[*self._models],
        )

        async def ask(task: AnyTask) -> object:
            return await self._runner.run(task, self._asking(task))

        given: Any = Task
        ask.__annotations__ = {"task": given[self._input.declared], "return": declared}
        ask.__doc__ = who.role or f"Asks a model as {who.name}."
        super().__init__(cast("Callable[[Task[In]], Awaitable[Out]]", ask), personality=who, tools=callable_tools)

    @property
    def limits(self) -> ModelLimits:
        """What one run may use."""
        return self._runner.limits

    def _asking(self, task: AnyTask) -> Asking:
        from .running import Asking

        tier = None if task.tier is None else task.tier.tier
        who = self.personality if tier is None else tier.personality(self.personality)
        chosen = self._model if tier is None or tier.model is None else tier.model
        if chosen is None:
            raise DefinitionError(
                f"agent {self.name!r} has no model: give ModelAgent(model=...), or its personality a model_preference"
            )
        settings = dict(self._settings)
        if tier is not None:
            settings.update(tier.settings)
            if tier.effort is not None:
                settings["thinking"] = _effort(tier.name, tier.effort)
        return Asking(
            instructions=instructions_of(who),
            prompt=prompt_of(task, self._input),
            model=self._known(chosen),
            fallback=[self._known(one) for one in self._fallback],
            settings=settings,
        )

    def _known(self, model: ModelLike) -> ModelLike:
        return self._models.get(model, model) if isinstance(model, str) else model


def model_agent(
    agent: AgentLike[Made],
    *,
    name: str | None = None,
    input: type[Given] | None = None,
    personality: AgentPersonality | None = None,
    limits: ModelLimits | None = None,
    approval: Approval | None = None,
    deps: Callable[[AnyTask], object] | None = None,
    stream: bool = True,
) -> FunctionAgent[Given, Made]:
    """Any agent of pydantic-ai as one of ours: counted, limited, watched, and with approvals that survive a restart.

    Its model, instructions, tools and output stay its own. It is asked with the task's instruction and data.

    Args:
        agent: The agent.
        name: What stages call it by; by default its own name.
        input: What it takes; plain JSON by default.
        personality: Who it is, if more is to be said than its name.
        limits: What one run may use.
        approval: Who has to agree to its tools with `requires_approval`; by default anybody who may vote.
        deps: Makes the `deps` of its tools out of the task; by default they are the task.
        stream: Whether its text is streamed to those who watch.

    Raises:
        MissingExtra: pydantic-ai is not installed.
        DefinitionError: It has no name, and none is given; or the approval has a form.

    Example:
        >>> from pydantic_ai import Agent
        >>> from agentkit import Task
        >>> from agentkit.testing import ScriptedModel
        >>> poet = model_agent(Agent(ScriptedModel(["Roses are red"]), name="poet"))
        >>> import asyncio
        >>> asyncio.run(poet.run(Task.standalone("A poem, please")))
        'Roses are red'
    """
    running = _library()
    called = name or (personality.name if personality is not None else agent.name)
    if not called:
        raise DefinitionError("this agent has no name: give model_agent(..., name=...)")
    problems = [] if approval is None else [*approval_problems(f"agent {called!r}", approval)]
    if problems:
        raise DefinitionError(*problems)
    who = personality or AgentPersonality(name=called)
    kind = ValueType(object if input is None else input)
    runner = running.Runner(
        name=called,
        agent=agent,
        limits=limits or ModelLimits(),
        default_approval=approval or Approval(),
        stream=stream,
        **({} if deps is None else {"deps": deps}),
    )

    async def ask(task: AnyTask) -> object:
        return await runner.run(task, running.Asking(instructions="", prompt=prompt_of(task, kind)))

    given: Any = Task
    output = agent.output_type
    ask.__annotations__ = {"task": given[kind.declared], "return": output if isinstance(output, type) else object}
    ask.__doc__ = who.role or f"Asks {called}."
    return FunctionAgent(cast("Callable[[Task[Given]], Awaitable[Made]]", ask), personality=who)


def _library() -> Any:
    """The module that needs pydantic-ai.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        from . import running
    except ImportError as error:
        if error.name is None or error.name.startswith("agentkit"):
            raise
        raise MissingExtra("llm", "pydantic-ai") from error
    return running


def _runner(
    name: str,
    output: object,
    *,
    tools: Sequence[ToolLike],
    validate: Callable[[Any], Awaitable[object]] | None,
    limits: ModelLimits,
    stream: bool,
    telemetry: TracerProvider | None,
    models: Sequence[str],
) -> tuple[Runner, Mapping[str, Sequence[Approval | None]]]:
    """What runs the agent, and what of its tools is known here, each with who has to agree."""
    running = _library()
    from pydantic_ai import AbstractToolset

    from .connecting import check_library
    from .toolbox import tool_of

    toolsets: list[AbstractToolset[Any]] = [tool for tool in tools if isinstance(tool, AbstractToolset)]
    servers = [tool for tool in tools if isinstance(tool, McpServer)]
    duties = [duty_of(tool) for tool in tools if not isinstance(tool, AbstractToolset | McpServer)]
    _check_names(name, duties, servers)
    if servers:
        check_library()
    known = {duty.tool.called: duty.tool.approval for duty in duties}
    for server in servers:
        known.update({tool: server.approvals.get(tool) for tool in server.tools})
    approvals = {tool: approval for tool, approval in known.items() if approval is not None}
    agent = running.agent_of(
        name=name,
        output=output,
        tools=[tool_of(duty) for duty in duties],
        toolsets=toolsets,
        # Any tool may ask people, and only when it is called.
        asks=bool(tools),
        repairs=limits.repairs,
        validate=validate,
    )
    made = running.Runner(
        name=name,
        agent=agent,
        limits=limits,
        approvals=approvals,
        stream=stream,
        counts_tools=not toolsets and not servers,
        servers=servers,
        telemetry=telemetry,
        models=models,
    )
    return cast("Runner", made), {tool: (approval,) for tool, approval in known.items()}


def _check_names(name: str, duties: Sequence[Duty], servers: Sequence[McpServer]) -> None:
    names = [duty.tool.called for duty in duties] + [tool for server in servers for tool in server.tools]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise DefinitionError(f"agent {name!r} has two tools of one name: {', '.join(twice)}")
    # With several types of answers, each has its own behind it.
    taken = [one for one in names if one == _ANSWER or one.startswith(f"{_ANSWER}_")]
    if taken:
        raise DefinitionError(f"agent {name!r}: {_ANSWER!r} is how a model answers; rename the tool {taken[0]!r}")


def _effort(tier: str, effort: str) -> str:
    if effort not in _EFFORTS:
        raise DefinitionError(f"tier {tier!r}: a model thinks with an effort of {', '.join(_EFFORTS)}, not {effort!r}")
    return effort


def _validation(validators: Sequence[Callable[[Any], object]]) -> Callable[[Any], Awaitable[object]]:
    """All validators as one that tells the model what is wrong."""

    async def validate(output: object) -> object:
        from pydantic_ai import DeferredToolRequests, ModelRetry

        if isinstance(output, DeferredToolRequests):
            return output
        for validator in validators:
            try:
                found = validator(output)
                if inspect.isawaitable(found):
                    await found
            except ValueError as error:
                raise ModelRetry(str(error)) from error
        return output

    return validate

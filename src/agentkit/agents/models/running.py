"""One run of a model: asked, answered, checked, counted, and kept where it has to wait.

Rules: an attempt that waits for people ends, as every attempt that asks does; its conversation is kept first, and the
next attempt goes on from there, so nothing that was paid for is asked again. Only declared tools run.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast, get_args

from opentelemetry.trace import TracerProvider
from pydantic import PydanticUserError
from pydantic_ai import (
    AbstractToolset,
    Agent,
    DeferredToolRequests,
    DeferredToolResults,
    Tool,
    ToolApproved,
    ToolDenied,
    capture_run_messages,
)
from pydantic_ai.capabilities import AbstractCapability, ModelFallback
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models import Model, infer_model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import UsageLimits

from agentkit.agents.asking import ApprovalSettings
from agentkit.agents.registration import AnyTask
from agentkit.errors import DefinitionError, OutputInvalid
from agentkit.kernel import Approval

from .connecting import connected
from .failing import is_of_models, steering
from .keeping import Conversation, Keeper
from .limits import ModelLimits, Used
from .metering import METER, Meter
from .noting import Noted
from .pausing import Pauses, is_doubt
from .progress import Progress
from .servers import McpServer
from .telling import Teller
from .tracing import place_of, tracing

__all__ = ["AnyAgent", "Asking", "Runner", "Validation", "agent_of"]

# Agents of every type are asked from one place, which no type can tell.
AnyAgent: TypeAlias = Agent[Any, Any]
"""An agent of pydantic-ai."""

Validation: TypeAlias = Callable[[Any], Awaitable[object]]
"""What looks at an answer, and raises `ModelRetry` if the model is to mend it."""

_NO_LIMITS: Final = UsageLimits(request_limit=None)
"""Limits are those of the meter: they count in budgets, and across fallbacks."""

_QUESTION_LETTERS: Final = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What one run asks.

    Attributes:
        instructions: What the model is told before everything else.
        prompt: What it is asked.
        model: The model; None is that of the agent.
        fallback: The models that are asked where it fails, in order.
        settings: Settings of the model.
    """

    instructions: str
    prompt: Sequence[str]
    model: Model | str | None = None
    fallback: Sequence[Model | str] = ()
    settings: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs one agent of pydantic-ai for tasks of ours.

    Attributes:
        name: What it is called.
        agent: The agent.
        limits: What one run may use.
        approvals: Who has to agree to which tool, by its name.
        default_approval: Who has to agree to a tool that asks for it and is not named.
        stream: Whether answers are streamed to those who watch.
        deps: What the tools are given, of the task.
        counts_tools: Whether all its tools count themselves, or there are none.
        servers: The MCP servers whose tools it may call.
        telemetry: Where spans go; None is nowhere.
        models: The names that stand for a model here.
    """

    name: str
    agent: AnyAgent
    limits: ModelLimits
    approvals: Mapping[str, Approval] = field(default_factory=dict[str, Approval])
    default_approval: Approval = field(default_factory=Approval)
    stream: bool = True
    deps: Callable[[AnyTask], object] = lambda task: task
    counts_tools: bool = False
    servers: Sequence[McpServer] = ()
    telemetry: TracerProvider | None = None
    models: Sequence[str] = ()

    async def run(self, task: AnyTask, asking: Asking) -> object:
        """Ask until there is an answer, or people have to be asked.

        Raises:
            TryAgain: The model may answer later.
            GiveUp: It will not.
            OutputInvalid: No answer was of the declared type.
            BudgetExhausted: A budget or a limit does not suffice.
            TimeoutError: It took longer than its limit.
            DefinitionError: The model is not known, or a setting of it is missing.
        """
        keeper = Keeper(task, [self.name, asking.instructions, *asking.prompt])
        conversation = keeper.last()
        noted = Noted(task, {} if conversation is None else conversation.noted)
        while True:
            results = None if conversation is None else self._decided(task, conversation)
            is_open = conversation is not None and conversation.is_open
            pauses = Pauses(noted, can_wait=_can_wait(self.agent.output_type), is_agreed=is_open)
            meter = Meter(task, self.name, self.limits, Used() if conversation is None else conversation.used, pauses)
            progress = Progress(keeper=keeper, meter=meter, pauses=pauses, noted=noted, before=conversation)
            output = await self._turn(task, asking, progress, results)
            if not isinstance(output, DeferredToolRequests):
                await progress.answered()
                return output
            waiting = self._waiting(output, progress)
            ending = pauses.ending
            in_doubt = ending is not None and is_doubt(ending)
            if not in_doubt:
                meter.check_ahead(waiting)
            conversation = await progress.waits(waiting)
            if ending is not None and (in_doubt or not waiting):
                raise ending

    def _waiting(self, output: DeferredToolRequests, progress: Progress) -> list[str]:
        asking = progress.pauses.calls
        elsewhere = [part.tool_name for part in output.calls if part.tool_call_id not in asking]
        if elsewhere:
            names = ", ".join(elsewhere)
            raise DefinitionError(f"agent {self.name!r}: {names}: tools that run elsewhere are not called from here")
        answer = next(message for message in reversed(progress.said) if isinstance(message, ModelResponse))
        ids = [part.tool_call_id for part in answer.tool_calls]
        if len(set(ids)) < len(ids):
            # What people agree to for one call must never stand for another.
            raise OutputInvalid(f"agent {self.name!r}: the model gave two calls of tools one id")
        progress.pauses.arrange(ids)
        for part in output.approvals:
            if len(_shown(part)) > _QUESTION_LETTERS:
                # Nobody is to agree to what they do not see.
                raise OutputInvalid(
                    f"agent {self.name!r}: the model wants to call {part.tool_name} with more than the"
                    f" {_QUESTION_LETTERS:,} letters that people are shown before they agree"
                )
        return [part.tool_call_id for part in output.approvals]

    def _decided(self, task: AnyTask, conversation: Conversation) -> DeferredToolResults | None:
        """What people decided on the calls that wait; as long as they have not, this ends the attempt."""
        if not conversation.is_open:
            return None
        done = conversation.done
        verdicts: dict[str, Any] = {call: ToolApproved() for call in conversation.again if call not in done}
        for number, call in enumerate(conversation.calls(), start=conversation.asked + 1):
            if call.tool_call_id in done:
                continue
            approval = self.approvals.get(call.tool_name, self.default_approval)
            settings, shown = _settings(approval), _shown(call)
            wants = f"{self.name} wants to call {call.tool_name} with {shown}."
            settings["question"] = f"{approval.question} {wants}" if approval.question else f"{wants} Agree?"
            answer = task.approval(f"{call.tool_name}-{number}", **settings)
            said = "; ".join(answer.comments.values())
            refusal = "The call was refused by people." + (f" They said: {said}" if said else "")
            verdicts[call.tool_call_id] = ToolApproved() if answer.approved else ToolDenied(refusal)
        return DeferredToolResults(approvals=verdicts)

    async def _turn(
        self, task: AnyTask, asking: Asking, progress: Progress, results: DeferredToolResults | None
    ) -> object:
        """Run until there is an output; where that ends in the middle, keep what is worth going on from."""
        meter, conversation = progress.meter, progress.before
        meter.before_asking = progress.asking
        teller = Teller(task, meter)
        # What people agreed to is looked at from outside of everything that may go wrong with it.
        is_short = (
            asking.model is not None and not asking.fallback and self.counts_tools and not progress.pauses.is_agreed
        )
        # Of a run inside of another one, too, tools are counted once.
        counting = METER.set(meter if is_short else None)
        with capture_run_messages() as said:
            progress.said = said
            try:
                model, capabilities = self._counted(asking, meter, is_short=is_short)
                async with connected(self.servers) as toolsets:
                    result = await self.agent.run(
                        [*asking.prompt] if conversation is None else None,
                        message_history=None if conversation is None else [*conversation.messages],
                        deferred_tool_results=results,
                        instructions=asking.instructions,
                        model=model,
                        deps=self.deps(task),
                        model_settings=cast("ModelSettings", dict(asking.settings)) or None,
                        usage_limits=_NO_LIMITS,
                        timeout=self.limits.seconds,
                        infer_name=False,
                        event_stream_handler=teller.listen if self.stream else None,
                        capabilities=capabilities,
                        metadata=None if self.telemetry is None else place_of(task),
                        toolsets=toolsets or None,
                    )
                if (failure := progress.pauses.failure) is not None:
                    # What was put off until the calls beside it were done.
                    raise failure
            except Exception as error:
                first = progress.pauses.failure or error
                steered = steering(self.name, first) if is_of_models(first) else first
                await progress.failed(steered)
                if steered is error:
                    raise
                raise steered from error
            except BaseException as error:
                await progress.failed(error)
                raise
            finally:
                METER.reset(counting)
        progress.said = result.all_messages()
        if _fell_back(progress.said):
            task.degrade()
        return result.output

    def _counted(
        self, asking: Asking, meter: Meter, *, is_short: bool
    ) -> tuple[Model | str | None, Sequence[AbstractCapability[Any]]]:
        """The model, and what else it takes to count its calls and those of tools."""
        traced = () if self.telemetry is None else (tracing(self.telemetry),)
        model = None if asking.model is None else self._reached(asking.model)
        if is_short and model is not None:
            # What nobody can change while it runs needs nobody who looks at each step.
            return meter.get_wrapper_model(model), traced
        return model, [*traced, *_fallback(asking), meter]

    def _reached(self, model: Model | str) -> Model:
        """A model by its name; the library of its provider is looked for here.

        Raises:
            DefinitionError: It is not installed, or nobody knows a model of that name.
        """
        try:
            return infer_model(model)
        except (ImportError, UserError) as error:
            known = f"; models= knows {', '.join(map(repr, self.models))}" if self.models else ""
            raise DefinitionError(f"agent {self.name!r}: {error}{known}") from error


def _shown(call: ToolCallPart) -> str:
    # As it is read: of a key that stands there twice, the last one counts. What people would not see is spelt out.
    read = json.dumps(call.args_as_dict(), ensure_ascii=False, separators=(",", ":"))
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in read)


def _settings(approval: Approval) -> ApprovalSettings:
    """All but what people fill in: a tool's approval has no form."""
    return {
        "by": approval.by,
        "quorum": approval.quorum,
        "question": approval.question,
        "deadline": approval.deadline,
        "remind": approval.remind,
        "escalate": approval.escalate,
        "escalate_to": approval.escalate_to,
        "on_expiry": approval.on_expiry,
        "by_requester": approval.by_requester,
    }


def _fallback(asking: Asking) -> Iterator[AbstractCapability[Any]]:
    if asking.fallback:
        yield ModelFallback(*asking.fallback)


def _fell_back(messages: Sequence[ModelMessage]) -> bool:
    return any(isinstance(message, ModelResponse) and message.failed_attempts for message in messages)


def _can_wait(output: object) -> bool:
    """Whether an agent of pydantic-ai of this output can end with calls of tools that are not done."""
    kinds = cast("Sequence[object]", output) if isinstance(output, Sequence) else get_args(output)
    return DeferredToolRequests in kinds


def agent_of(
    *,
    name: str,
    output: object,
    tools: Sequence[Tool[AnyTask]],
    toolsets: Sequence[AbstractToolset[AnyTask]],
    asks: bool,
    repairs: int,
    validate: Validation | None,
) -> AnyAgent:
    """An agent of pydantic-ai that is asked by a `Runner`.

    Raises:
        DefinitionError: No model could be told of its output.
    """
    try:
        made: AnyAgent = Agent(
            name=name,
            output_type=cast("Any", [output, DeferredToolRequests] if asks else output),
            tools=tools,
            toolsets=toolsets,
            retries={"tools": repairs, "output": repairs},
            deps_type=object,
            defer_model_check=True,
        )
    except (UserError, PydanticUserError) as error:
        raise DefinitionError(f"agent {name!r}: {str(error).splitlines()[0]}") from error
    if validate is not None:
        made.output_validator(validate)
    return made

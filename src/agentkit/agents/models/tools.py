"""What a model may call: functions and other agents, each as it was declared and no other.

Rules: a tool is there because its author named it; no text of a model or of data makes one. What a model gives is
checked against the tool's types before anything runs. `idempotency_key`, and the task of whoever asked, come from
agentkit, and a model neither sees nor sets them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final, TypeAlias, cast, get_args, get_origin, get_type_hints

from agentkit.agents.definition import Agent
from agentkit.agents.delegating import check_part
from agentkit.agents.effects import Find
from agentkit.agents.registration import AnyTask, Registration, registration_of
from agentkit.agents.task import Task
from agentkit.agents.values import ValueType
from agentkit.errors import DefinitionError
from agentkit.kernel import Approval, name_problems, seconds_problems

__all__ = ["KEY", "Duty", "ModelTool", "Work", "approval_problems", "duty_of"]

# Tools take and give anything: their own annotations say what.
Work: TypeAlias = Callable[..., Any] | Agent[Any, Any]
"""What is called: a function, async or plain, or an agent."""

KEY: Final = "idempotency_key"
"""The parameter of a function that agentkit fills, and no model."""


@dataclass(frozen=True, slots=True)
class ModelTool:
    """A function or an agent that a model may call, and under which conditions.

    A function's name, docstring and annotations tell the model what it does and takes. If its first parameter is
    annotated as a `Task`, it is given the task of the agent that asked; a parameter `idempotency_key: str` is filled
    with a key that stays the same over retries and restarts. The model sees neither.

    Attributes:
        work: The function, or the agent.
        name: What the model calls it; by default the function's or the agent's name.
        description: What the model is told of it; by default the docstring, or the agent's role.
        approval: Who has to agree before it runs; the attempt ends until they have decided. Without a question of its
            own, they are asked whether to make this call. It has no form: neither the tool nor the model would see what
            people fill in.
        effect: Whether it does something outside that must happen once: the same call of the same stage is made once,
            over retries and restarts, and after that gives what came of it.
        reconcile: For an effect: looks outside what was done under a key when nobody knows, as `task.effect` has it;
            without, a person decides.
        seconds: How long one call may take; None is as long as the run.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> def refund(invoice: str, cents: int) -> str:
        ...     '''Pay an invoice back.'''
        ...     return f"refunded {invoice}"
        >>> ModelTool(refund, approval=Approval(by={"finance"}), effect=True).called
        'refund'
    """

    work: Work
    _: KW_ONLY
    name: str | None = None
    description: str = ""
    approval: Approval | None = None
    effect: bool = False
    reconcile: Find[Any] | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        work = cast("object", self.work)
        if not isinstance(work, Agent) and (isinstance(work, type) or not callable(work)):
            raise DefinitionError(f"a tool is a function or an agent, not {work!r:.100}")
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        yield from name_problems("tool", self.called)
        what = f"tool {self.called!r}"
        yield from seconds_problems(f"{what}: seconds", self.seconds)
        if not isinstance(cast("object", self.effect), bool):
            yield f"{what}: effect is True or False, not {self.effect!r:.100}"
        elif self.reconcile is not None and not self.effect:
            yield f"{what}: reconcile looks what became of an effect; give effect=True as well"
        if self.approval is not None:
            yield from approval_problems(what, self.approval)

    @property
    def called(self) -> str:
        """What the model calls it."""
        if self.name is not None:
            return self.name
        work = self.work
        return work.name if isinstance(work, Agent) else getattr(work, "__name__", type(work).__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A tool with what was read from its annotations.

    Attributes:
        tool: The tool.
        parameters: What the model gives.
        is_async: Whether it is awaited.
        takes_task: Whether it is given the task first.
        takes_key: Whether it is given a key.
        entry: The agent that works, if one does.
    """

    tool: ModelTool
    parameters: Sequence[inspect.Parameter]
    is_async: bool
    takes_task: bool = False
    takes_key: bool = False
    entry: Registration | None = None

    @property
    def description(self) -> str:
        """What the model is told of it."""
        work = self.tool.work
        if self.tool.description:
            return self.tool.description
        if isinstance(work, Agent):
            return work.personality.role or f"Asks {work.name}."
        return inspect.getdoc(work) or ""

    def call(self, task: AnyTask, given: Mapping[str, object], key: str) -> object:
        """Call the function; what it gives may be awaitable."""
        function = cast("Callable[..., object]", self.tool.work)
        first: tuple[object, ...] = (task,) if self.takes_task else ()
        return function(*first, **given, **({KEY: key} if self.takes_key else {}))


def approval_problems(what: str, approval: object) -> Iterator[str]:
    """Why people cannot be asked so before a tool is called."""
    if not isinstance(approval, Approval):
        yield f"{what}: an approval is an Approval, such as Approval(by={{'finance'}}), not {approval!r:.100}"
    elif approval.form:
        yield (
            f"{what}: its approval has a form, and neither the tool nor the model would see what people fill in;"
            " ask for it with task.approval(..., form=...) inside the tool"
        )


def duty_of(given: ModelTool | Work) -> Duty:
    """A tool with what its annotations say.

    Raises:
        DefinitionError: An annotation cannot be read, or a parameter has none; or it is an agent that needs a process
            of its own.
    """
    tool = given if isinstance(given, ModelTool) else ModelTool(given)
    work: object = tool.work
    if isinstance(work, Agent):
        asked = cast("Agent[Any, Any]", work)  # type: ignore[redundant-cast]  # pyright needs it
        check_part(asked)
        entry = registration_of(asked)
        kind = entry.input_type.declared if not entry.input_type.is_plain else Any
        parameter = inspect.Parameter("input", inspect.Parameter.KEYWORD_ONLY, annotation=kind)
        return Duty(tool=tool, parameters=(parameter,), is_async=True, entry=entry)
    return _of_function(tool, cast("Callable[..., object]", work))


def _of_function(tool: ModelTool, function: Callable[..., object]) -> Duty:
    what = f"tool {tool.called!r}"
    body = function if inspect.isroutine(function) else type(function).__call__
    try:
        hints = get_type_hints(body, include_extras=True)
    except NameError as error:
        raise DefinitionError(
            f"{what}: cannot read its annotations, since {error}; define that type at the top of its module"
        ) from error
    _check_return(tool, body, hints)
    left = [*inspect.signature(function).parameters.values()]
    takes_task = bool(left) and (hints.get(left[0].name) is Task or get_origin(hints.get(left[0].name)) is Task)
    parameters: list[inspect.Parameter] = []
    for parameter in left[takes_task:]:
        if parameter.name == KEY:
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise DefinitionError(f"{what}: a model gives parameters by name; {parameter} is none of them")
        if parameter.name not in hints:
            raise DefinitionError(f"{what}: annotate {parameter.name!r}, so that what a model gives can be checked")
        annotation = hints[parameter.name]
        if _is_task(annotation):
            raise DefinitionError(
                f"{what}: {parameter.name!r} is a task, which no model gives: make it the first parameter, and annotate"
                " it as Task[...] alone"
            )
        parameters.append(parameter.replace(annotation=annotation, kind=inspect.Parameter.KEYWORD_ONLY))
    return Duty(
        tool=tool,
        parameters=parameters,
        is_async=inspect.iscoroutinefunction(body),
        takes_task=takes_task,
        takes_key=any(parameter.name == KEY for parameter in left),
    )


def _check_return(tool: ModelTool, body: object, hints: Mapping[str, Any]) -> None:
    what = f"tool {tool.called!r}"
    if inspect.isgeneratorfunction(body) or inspect.isasyncgenfunction(body):
        raise DefinitionError(f"{what}: a tool gives one value, and this one yields several; have it return a list")
    if not tool.effect or "return" not in hints:
        return
    try:
        # After the effect it is too late to find that nothing of it can be kept.
        ValueType(hints["return"]).prepare()
    except DefinitionError as error:
        why = str(error).partition(". ")[0]
        raise DefinitionError(
            f"{what}: what comes of an effect is kept, and {why}; have it return text, numbers, dates, lists, dicts,"
            " dataclasses or pydantic models"
        ) from error


def _is_task(hint: object) -> bool:
    return hint is Task or get_origin(hint) is Task or any(map(_is_task, get_args(hint)))

"""Tools as pydantic-ai calls them: what runs when a model asks for one."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from typing import Any, cast

import anyio.to_thread
from pydantic import PydanticUserError
from pydantic_ai import RunContext, Tool
from pydantic_ai.exceptions import UserError
from pydantic_core import to_json

from agentkit.agents.definition import Agent
from agentkit.agents.delegating import ask_agent
from agentkit.agents.effects import Find
from agentkit.agents.registration import AnyTask, Registration
from agentkit.agents.values import ValueType
from agentkit.errors import DefinitionError

from .giving import check_given, kept
from .metering import METER
from .tools import Duty

__all__ = ["tool_of"]


def tool_of(duty: Duty) -> Tool[AnyTask]:
    """A tool that a model may call. It finds its task as the context's `deps`.

    Raises:
        DefinitionError: It takes what no model can give.
    """

    async def call(ctx: RunContext[AnyTask], **given: object) -> object:
        meter = METER.get()
        if meter is None:
            return await _run(duty, ctx.deps, given, ctx.tool_call_id or "")
        name = ctx.tool_call_id or ""
        meter.count_tool(duty.tool.called, _canonical(given).decode(), name)
        with meter.calling(name, duty.tool.called):
            value = await _run(duty, ctx.deps, given, name)
        return meter.bounded(duty.tool.called, value)

    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=RunContext[AnyTask])
    body = cast("Any", call)
    body.__signature__ = inspect.Signature([context, *duty.parameters])
    body.__annotations__ = {one.name: one.annotation for one in (context, *duty.parameters)}
    body.__name__ = body.__qualname__ = duty.tool.called
    body.__doc__ = duty.description
    try:
        return Tool(
            call,
            takes_ctx=True,
            name=duty.tool.called,
            description=duty.tool.description or None,
            requires_approval=duty.tool.approval is not None,
            timeout=duty.tool.seconds,
        )
    except (UserError, PydanticUserError) as error:
        why = str(error).partition(". ")[0]
        raise DefinitionError(f"tool {duty.tool.called!r}: a model cannot be told what it takes: {why:.200}") from error


async def _run(duty: Duty, task: AnyTask, given: Mapping[str, object], call: str) -> object:
    about = _canonical(given)
    # The same call of the same stage is one effect: its arguments are its key, and who makes it.
    digest = blake2b(task.workers.encode() + about, digest_size=16).hexdigest()
    if not duty.tool.effect:
        # Another call is another thing to whoever takes keys outside.
        return await _work(duty, task, given, f"{task.idempotency_key}:{duty.tool.called}:{digest}", call)
    find = duty.tool.reconcile
    looking = None if find is None else partial(_look, duty.tool.called, find)
    effect = task.effect(duty.tool.called, key=digest, reconcile=looking, given=json.loads(about))

    async def do(key: str) -> object:
        return kept(duty.tool.called, await _work(duty, task, given, key, call))

    async with effect.turn:
        # Of two in one answer the second waits, and is given what came of the first.
        return await effect.run(do)


async def _look(tool: str, find: Find[Any], key: str) -> object:
    """What was done under a key, as it is kept; None if nothing was."""
    found = find(key)
    if inspect.isawaitable(found):
        found = await found
    return kept(tool, found)


async def _work(duty: Duty, task: AnyTask, given: Mapping[str, object], key: str, call: str) -> object:
    if duty.entry is not None:
        return await _ask(duty.entry, duty, task, given["input"], call)
    if duty.is_async:
        value = await cast("Any", duty.call(task, given, key))
    else:
        # A thread cannot be stopped: what takes too long is left alone.
        value = await anyio.to_thread.run_sync(partial(duty.call, task, given, key), abandon_on_cancel=True)
    # What comes of an effect is read once, and kept: of that nothing is lost.
    check_given(duty.tool.called, value, once=duty.tool.effect)
    return value


async def _ask(entry: Registration, duty: Duty, task: AnyTask, given: object, call: str) -> object:
    """Have another agent do it: within the same attempt, from the same budgets."""
    plain = json.loads(to_json(given)) if entry.input_type.is_plain else given
    asked = cast("Agent[Any, object]", entry.agent)
    value = await ask_agent(asked, task, plain, instruction=duty.tool.description, call=call)
    return ValueType(object).decode(entry.output_type.encode(value))


def _canonical(given: Mapping[str, object]) -> bytes:
    plain = json.loads(to_json(dict(given)))
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()

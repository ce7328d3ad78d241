"""`approvals`, `approve`, `refuse`, `signal` and `settle`: commands by which people answer.

Rules: they put what somebody says on the operation's journal, and leave; who goes on with it is told. With agents of
their own they go on with it themselves.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from pydantic import JsonValue
from rich.text import Text

from agentkit.errors import InputError, NotFound
from agentkit.kernel import Decision, State
from agentkit.orchestrator import ApprovalRequest, Operation, Orchestrator
from agentkit.service import approval_line
from agentkit.views import one_line, waiting_of

from .ending import finish, guarded
from .finding import existing, find_operation
from .inbox import approval_table
from .inputs import parse_json
from .means import Means
from .reaching import refuse
from .running import follow_operations
from .screen import errors, output
from .tables import width_of
from .waiting import ways_on

__all__ = ["Decided", "Says", "filled", "list_approvals", "read_json", "send", "settle_one", "vote"]


Decided: TypeAlias = Decision
"""What a person says of work in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """Who votes, and what they say.

    Attributes:
        by: Their name; a server knows it by their key.
        roles: The roles they have.
        comment: Why.
        form: `NAME=VALUE`, one for each field.
        approve: Whether they agree.
    """

    by: str | None
    roles: Sequence[str]
    comment: str
    form: Sequence[str]
    approve: bool


def list_approvals(*, store: str, roles: Sequence[str] | None, limit: int, as_json: bool) -> None:
    """List what waits for people."""

    async def work() -> int:
        async with Orchestrator(store=existing(store), adopt=False) as orchestrator:
            found = await orchestrator.approvals(roles=roles or None, limit=limit)
        if as_json:
            for request in found:
                sys.stdout.write(approval_line(request).model_dump_json() + "\n")
            return 0
        console = output()
        for text in approval_table([approval_line(request) for request in found], width_of(console)):
            console.print(text, soft_wrap=True)
        if not found:
            errors().print(Text(f"nothing waits for approval in {store}"), soft_wrap=True)
        return 0

    finish(guarded(work))


def vote(beginning: str, stage: str | None, means: Means, says: Says, *, name: str | None) -> None:
    """Agree to a question, or refuse it."""
    by = _known(says.by)

    async def say(operation: Operation) -> None:
        asked = await operation.questions()
        chosen = _chosen(operation.id, asked, stage, name)
        where, called = (chosen.stage, chosen.name) if chosen is not None else (stage or "", name or "")
        answer = operation.approve if says.approve else operation.refuse
        await answer(
            where,
            by=by,
            roles=says.roles,
            comment=says.comment,
            form=filled(says.form, chosen.form if chosen is not None else {}),
            name=called,
        )

    _said(beginning, means, say)


def _known(by: str | None) -> str:
    """Who says it; in a store nothing else tells."""
    if by is None:
        refuse("say who you are: --by NAME")
    return by


def send(beginning: str, name: str, means: Means, *, value: str, identity: str) -> None:
    """Send a signal."""

    async def say(operation: Operation) -> None:
        await operation.signal(name, read_json("--value", value), id=identity)

    _said(beginning, means, say)


def settle_one(
    beginning: str, stage: str, decision: Decision, means: Means, *, by: str | None, value: str | None, comment: str
) -> None:
    """Decide about work in doubt."""
    who = _known(by)

    async def say(operation: Operation) -> None:
        given = None if value is None else read_json("--value", value)
        await operation.settle(stage, decision, by=who, value=given, comment=comment)

    _said(beginning, means, say)


def _said(beginning: str, means: Means, say: Callable[[Operation], Awaitable[None]]) -> None:
    """Say something to an operation; then go on with it, or tell who does."""

    async def work() -> int:
        async with means.orchestrator(existing(means.store)) as orchestrator:
            operation = await orchestrator.get(await find_operation(orchestrator, beginning))
            if means.agents:
                means.orchestrator().check(operation.workflow)
            await say(operation)
            if means.agents:
                await orchestrator.resume(operation.id)
                return await follow_operations(orchestrator, [operation], means, as_json=False)
            # What needs no agents, such as the end after a refusal, is done here at once.
            state = await (operation.at_rest() if orchestrator.active else operation.state())
            _tell(operation.id, state, means)
            return 0

    finish(guarded(work))


def _tell(operation_id: str, state: State, means: Means) -> None:
    """Where it stands now, and who goes on with it."""
    console = errors()
    if state.ended:
        console.print(Text(f"{operation_id} is {state.status}"), soft_wrap=True)
    elif state.is_resting and waiting_of(state):
        for line in ways_on(operation_id, waiting_of(state), means.store):
            console.print(line, soft_wrap=True)
    else:
        words = ["agentkit", "resume", operation_id, "--agents", "MODULE", "--store", means.store]
        said = f"{operation_id} goes on in the process that watches or serves it; if there is none: {shlex.join(words)}"
        console.print(Text(said), soft_wrap=True)


def _chosen(
    operation_id: str, asked: Sequence[ApprovalRequest], stage: str | None, name: str | None
) -> ApprovalRequest | None:
    """The question that is meant; None if none is open, which is then told by whoever counts the votes.

    Raises:
        NotFound: No stage was named, and nothing is open.
        InputError: Several may be meant.
    """
    fitting = [one for one in asked if stage in (None, one.stage) and name in (None, one.name)]
    found = [one for one in fitting if one.is_open]
    if len(found) > 1:
        shown = ", ".join(" --name ".join(filter(None, (one.stage, one.name))) for one in found[:5])
        raise InputError(f"operation {operation_id} asks {len(found)} questions; name one of: {one_line(shown, 500)}")
    if not found and stage is None:
        raise NotFound(f"operation {operation_id} asks nothing that is open; see: agentkit show {operation_id}")
    return found[0] if found else fitting[-1] if fitting else None


def filled(given: Sequence[str], fields: Mapping[str, str]) -> dict[str, object]:
    """What was filled in, of the kinds that the form asks for; what does not fit is told by whoever checks the form.

    Nothing behind `=` empties a field that may be left out.

    Raises:
        InputError: A field is not written as `NAME=VALUE`.
    """
    filled: dict[str, object] = {}
    for item in given:
        name, equals, text = item.partition("=")
        if not equals or not name:
            raise InputError(f"--form {item[:100]!r}: write NAME=VALUE")
        asked = fields.get(name, "text")
        kind, value = asked.removesuffix("?"), cast("object", text)
        if not text and asked.endswith("?") and kind != "text":
            value = None
        elif kind == "whole" and text.removeprefix("-").isdecimal() and len(text) <= _MOST_DIGITS:
            value = int(text)
        elif kind == "flag" and text.lower() in _FLAGS:
            value = _FLAGS[text.lower()]
        filled[name] = value
    return filled


_MOST_DIGITS = 30
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


def read_json(option: str, text: str) -> JsonValue:
    """The JSON that an option was given.

    Raises:
        InputError: It is none.
    """
    try:
        return cast("JsonValue", parse_json(text))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{option} {text[:100]!r} is not JSON: {str(error)[:200]}; a text needs quotes: '\"paid\"'"
        ) from error

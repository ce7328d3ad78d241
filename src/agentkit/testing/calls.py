"""`check_calls`: what every way to a service promises, near or far, tried on one.

Rules: as for `check_journal`. The check brings agents, workflows and callers of its own; how they reach each other is
the business of whoever makes the way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from hashlib import sha256
from typing import Any, TypeAlias, cast

from pydantic import JsonValue

from agentkit.errors import (
    InputError,
    KeyReused,
    NotAllowed,
    NotFound,
    NotReady,
    OperationCancelled,
    OperationFailed,
    TooLate,
)
from agentkit.wire import (
    Calls,
    Decision,
    EventLine,
    OperationPage,
    OperationQuery,
    PlanRequest,
    RerunRequest,
    SignalRequest,
    SubmitRequest,
)

from .promises import promise, refused
from .served import FILE, Served, served
from .upkeep import UPKEEP_CHECKS, People

__all__ = ["check_calls"]

_PATIENCE = 60.0


_Check: TypeAlias = Callable[[People], Awaitable[None]]


async def check_calls(make: Callable[[Served], AbstractAsyncContextManager[Sequence[Calls]]]) -> None:
    """Hold a way to a service to its promises.

    Args:
        make: Serves what it is given, on an empty store, as long as it is open; gives the calls of each caller.

    Raises:
        AssertionError: A promise is broken; the message says which.

    Example:
        >>> import asyncio
        >>> from collections.abc import AsyncGenerator
        >>> from contextlib import asynccontextmanager
        >>> from agentkit import Orchestrator
        >>> from agentkit.service import Service, Webhooks, WebhookSettings
        >>> @asynccontextmanager
        ... async def near(served: Served) -> AsyncGenerator[list[Calls], None]:
        ...     async with Orchestrator(served.agents) as orchestrator:
        ...         service = Service(orchestrator, served.workflows)
        ...         service.webhooks = Webhooks(orchestrator, WebhookSettings(secrets=[served.webhook_secret]))
        ...         yield [service.desk(caller) for caller in served.callers]
        >>> asyncio.run(check_calls(near))
    """
    async with asyncio.timeout(_PATIENCE), make(served()) as calls:
        people = People(*calls)
        for check in _CHECKS:
            await check(people)


def _request(workflow: str, given: JsonValue = None, **metadata: str) -> SubmitRequest:
    return SubmitRequest(workflow=workflow, input=given, metadata=metadata)


async def _watched(calls: Calls, operation_id: str, *, after: int = 0) -> list[EventLine]:
    return [line async for line in calls.events(operation_id, after=after)]


async def _asked(calls: Calls, operation_id: str) -> None:
    """Wait until somebody is asked."""
    while not await calls.approvals(operation_id):  # noqa: ASYNC110 - another process may ask
        await asyncio.sleep(0.01)


async def _starts_once(people: People) -> None:
    ada = people.ada
    request = _request("greet", {"name": "Ada"}, month="11")
    page = await ada.submit(request, key="once")
    again, other = await asyncio.gather(ada.submit(request, key="once"), ada.submit(request))
    foreign = await people.eve.submit(request, key="once")
    promise(page.id == again.id, "the same key leads to the same operation")
    promise(page.id != other.id, "without a key each call starts an operation")
    promise(page.id != foreign.id, "a key belongs to a tenant")
    promise((page.workflow, page.requester, page.tenant) == ("greet", "ada", "acme"), "an operation says whose it is")
    promise(page.metadata == {"month": "11"}, "metadata is kept")
    await refused(KeyReused, ada.submit(_request("greet", {"name": "Bob"}), key="once"))
    await refused(NotFound, ada.submit(_request("nothing")))


async def _chooses(people: People) -> None:
    ada, root = people.ada, people.root
    usual = SubmitRequest(workflow="either", input={"name": "Ada"})
    chosen = usual.model_copy(update={"agents": {"hail": "greet"}})
    page = await ada.submit(chosen, key="chosen")
    await refused(KeyReused, ada.submit(usual, key="chosen"))
    (accepted, begun) = (await _watched(ada, page.id))[:2]
    promise(begun.data.get("agent") == "greet" and '"greet"' in accepted.model_dump_json(), "the chosen agent works")
    plan = await ada.plan("either", PlanRequest(input=usual.input, agents={"hail": "greet"}))
    promise(plan.stages[0].agents == ["greet"], "a plan is that of the chosen agents")
    for wrong in ({"nowhere": "greet"}, {"hail": "nobody"}):
        error = await refused(InputError, ada.submit(usual.model_copy(update={"agents": wrong})))
        promise("'greet'" in str(error) or "'hail'" in str(error), "an error says which stages or agents there are")
    # Whoever may not ask an agent directly does not get it to work by choosing it.
    await refused(NotAllowed, ada.submit(usual.model_copy(update={"agents": {"hail": "pay"}})))
    promise(not any(line.direct for line in await ada.agents()), "it is told who may be asked directly")
    promise(all(line.direct for line in await root.agents()), "an admin may ask everybody")


async def _watches(people: People) -> None:
    page = await people.ada.submit(_request("greet", {"name": "Ada"}))
    lines, others, pictures = await asyncio.gather(
        _watched(people.ada, page.id), _watched(people.bob, page.id), _pictures(people.ada, page.id)
    )
    numbers = [line.number for line in lines]
    promise(numbers == list(range(1, len(lines) + 1)), "events come once and in order, without a gap")
    promise(lines == others, "two watchers see the same")
    promise(lines[0].type == "operation.accepted", "the first event is the acceptance")
    promise(lines[-1].type == "operation.completed", "the last event is the end")
    promise(await people.ada.history(page.id, limit=1_000) == lines, "the history is what was watched")
    promise(list(await people.ada.history(page.id, after=1, limit=2)) == lines[1:3], "a part of the history is a part")
    shares = [picture.fraction for picture in pictures]
    promise(shares == sorted(shares) and pictures[-1].ended, "progress never goes back, and comes to an end")
    promise((pictures[-1].status, shares[-1]) == ("completed", 1), "at the end all is done")


async def _pictures(calls: Calls, operation_id: str) -> list[OperationPage]:
    return [page async for page in calls.progress(operation_id, seconds=0)]


async def _goes_on(people: People) -> None:
    page = await people.ada.submit(_request("ask"))
    seen: list[EventLine] = []
    async with aclosing(cast("Any", people.ada.events(page.id))) as events:
        async for line in events:
            seen.append(line)
            break
    await people.ada.signal(page.id, SignalRequest(name="answer", value={"sum": "12.50"}))
    seen += await _watched(people.ada, page.id, after=seen[-1].number)
    promise([line.number for line in seen] == list(range(1, len(seen) + 1)), "who comes back goes on where they were")
    promise(await _watched(people.ada, page.id, after=len(seen)) == [], "behind the end there is nothing")
    promise((await people.ada.result(page.id)).output == {"sum": "12.50"}, "a signal's value comes through unchanged")


async def _results(people: People) -> None:
    ada = people.ada
    page = await ada.submit(_request("greet", {"name": "Zoë"}))
    await _watched(ada, page.id)
    result = await ada.result(page.id)
    promise((result.operation, result.output) == (page.id, "Hello Zoë"), "a result is what was computed")
    (file,) = await ada.files(page.id)
    promise((file.name, file.stage, file.size) == ("greeting.bin", "greet", len(FILE)), "files are listed")
    promise(file.sha256 == sha256(FILE).hexdigest(), "a file's hash is that of its bytes")
    promise(await ada.file(page.id, "greeting.bin") == FILE, "a file comes back byte by byte")
    promise(await ada.file(page.id, "greeting.bin", stage="greet") == FILE, "a file is found by its stage")
    await refused(NotFound, ada.file(page.id, "nothing"))
    await refused(NotFound, ada.file(page.id, "greeting.bin", stage="nowhere"))
    again = await ada.rerun(page.id, RerunRequest(input={"name": "Bob"}, changes_input=True))
    await _watched(ada, again.id)
    promise((await ada.result(again.id)).output == "Hello Bob", "a run with another input is another run")
    await refused(InputError, ada.rerun(page.id, RerunRequest()))
    both = await ada.compare(page.id, again.id)
    promise((both.operations, both.same) == ((page.id, again.id), False), "two operations are compared")
    promise([each.path for each in both.input] == ["name"] and "name" in both.text, "a comparison says what differs")
    drawn = await ada.drawing(page.id)
    promise("greet" in drawn.drawing and drawn.format == "text", "an operation is drawn")
    promise("<svg" in (await ada.drawing(page.id, format="svg")).drawing, "it is drawn as it is asked for")


async def _approves(people: People) -> None:
    ada, bob = people.ada, people.bob
    page = await ada.submit(_request("pay"))
    await _asked(bob, page.id)
    await refused(NotReady, ada.result(page.id))
    yes = Decision(stage="pay", approve=True, comment="fine", form={"amount": "0.10", "day": None})
    promise(page.id in [line.operation for line in await bob.approvals()], "the inbox has what waits")
    (asked,) = await bob.approvals(page.id)
    promise(asked.proposed == {"note": "as agreed", "day": "2026-01-31"}, "a question says what it proposes")
    await refused(NotAllowed, ada.decide(page.id, yes))
    await refused(InputError, bob.decide(page.id, Decision(stage="pay", approve=True, form={"amount": "much"})))
    await bob.decide(page.id, yes)
    await _watched(ada, page.id)
    output = (await ada.result(page.id)).output
    promise(
        output == {"amount": "0.10", "note": "as agreed"}, "what was filled in arrives exactly, the rest as proposed"
    )
    await refused(TooLate, bob.decide(page.id, yes))


async def _refuses(people: People) -> None:
    page = await people.ada.submit(_request("pay"))
    await _asked(people.bob, page.id)
    await people.bob.decide(page.id, Decision(stage="pay", approve=False, comment="too much"))
    await _watched(people.ada, page.id)
    promise((await people.ada.operation(page.id)).status == "failed", "what people refuse fails")
    await refused(OperationFailed, people.ada.result(page.id))


async def _cancels(people: People) -> None:
    page = await people.ada.submit(_request("ask"))
    await people.bob.cancel(page.id, "no longer needed")
    await _watched(people.ada, page.id)
    promise((await people.ada.operation(page.id)).status == "cancelled", "what is cancelled stops")
    promise((await people.ada.cancel(page.id)).status == "cancelled", "what is cancelled again stays as it is")
    error = await refused(OperationCancelled, people.ada.result(page.id))
    promise(error.operation_id == page.id, "an error says which operation")


async def _fails(people: People) -> None:
    page = await people.ada.submit(_request("broken"))
    await _watched(people.ada, page.id)
    failed = await people.ada.operation(page.id)
    promise(failed.failure is not None and "there is no ink" in failed.failure.message, "a failure says why")
    error = await refused(OperationFailed, people.ada.result(page.id))
    promise((error.code, error.operation_id) == ("operation_failed", page.id), "an error says what and which")
    again = await people.ada.retry(page.id)
    await _watched(people.ada, again.id)
    promise((await people.ada.operation(again.id)).status == "failed", "what is tried again may fail again")


async def _lists(people: People) -> None:
    ada = people.ada
    made = [(await ada.submit(_request("ask"))).id for _ in range(3)]
    first = await ada.operations(OperationQuery(workflow="ask", limit=2))
    rest = await ada.operations(OperationQuery(workflow="ask", limit=1, cursor=first.next_cursor))
    promise([line.id for line in [*first.items, *rest.items]] == made[::-1], "pages follow each other")
    newest = first.items[0].created_at
    ended = await ada.operations(OperationQuery(status=("failed", "cancelled"), created_before=newest))
    promise({line.status for line in ended.items} == {"failed", "cancelled"}, "several statuses are alternatives")
    later = await ada.operations(OperationQuery(created_after=newest))
    promise([line.id for line in later.items] == made[-1:], "lists are narrowed by time")
    await refused(InputError, ada.operations(OperationQuery(cursor="none of ours")))
    await refused(InputError, ada.operations(OperationQuery(status=("done",))))
    since = rest.items[0].created_at
    oldest = await ada.operations(OperationQuery(sort="oldest", created_after=since, limit=1))
    rest = await ada.operations(OperationQuery(sort="oldest", created_after=since, cursor=oldest.next_cursor))
    promise([line.id for line in [*oldest.items, *rest.items]] == made, "the oldest may be first, on every page")
    await refused(InputError, ada.operations(OperationQuery(cursor=oldest.next_cursor)))
    for operation_id in (made[2], made[0], made[1]):
        await ada.cancel(operation_id)
        await _watched(ada, operation_id)
    changed = await ada.operations(OperationQuery(sort="changed", created_after=since))
    promise([line.id for line in changed.items] == [made[1], made[0], made[2]], "what changed last may be first")


async def _hides(people: People) -> None:
    page = await people.ada.submit(_request("greet", {"name": "Ada"}))
    await _watched(people.ada, page.id)
    eve = people.eve
    calls: Sequence[Callable[[str], Awaitable[object]]] = [
        eve.operation,
        eve.history,
        eve.result,
        eve.files,
        eve.cancel,
        eve.retry,
        eve.approvals,
        eve.drawing,
        lambda operation_id: eve.compare(operation_id, operation_id),
        lambda operation_id: _watched(eve, operation_id),
        lambda operation_id: _pictures(eve, operation_id),
        lambda operation_id: eve.file(operation_id, "greeting.bin"),
        lambda operation_id: eve.rerun(operation_id, RerunRequest(at="greet")),
        lambda operation_id: eve.signal(operation_id, SignalRequest(name="answer")),
        lambda operation_id: eve.decide(operation_id, Decision(stage="pay", approve=True)),
    ]
    for call in calls:
        words = {str(await refused(NotFound, call(name))).replace(name, "ID") for name in (page.id, "no-such")}
        promise(len(words) == 1, "what is foreign looks like what does not exist")
    for odd in ("..", ".", "", " ", "a/b", "a?b=c", "a#b", "%2e%2e", "é"):
        await refused(NotFound, eve.operation(odd))
    mine = (await eve.operations(OperationQuery())).items
    promise({line.tenant for line in mine} == {"other"}, "lists show one tenant")


async def _offers(people: People) -> None:
    promise([line.name for line in await people.ada.agents()] == ["broken", "greet", "pay"], "agents are listed")
    names = {line.name for line in await people.ada.workflows()}
    promise(names == {"greet", "broken", "pay", "either", "ask"}, "workflows are listed")
    page = await people.ada.workflow("greet")
    promise((page.description, page.stages) == ("Says hello", 1), "a workflow tells what it is")
    await refused(NotFound, people.ada.workflow("nothing"))
    plan = await people.ada.plan("greet", PlanRequest(input={"name": "Ada"}))
    promise(plan.levels == [["greet"]] and not plan.problems and plan.runs > 0, "a plan learns from earlier runs")
    runs = [(await calls.plan("broken", PlanRequest())).runs for calls in (people.ada, people.eve)]
    promise(runs[0] > 0 == runs[1], "a plan learns from one tenant, and from no other")
    await refused(NotFound, people.ada.plan("nothing", PlanRequest()))
    health = await people.root.health()
    promise(health.ok and health.workflows == 5, "the service says how it is")
    promise(health.queue is not None and health.queue.waiting == 0, "who sees all tenants is told who waits")
    for line in (await people.root.settings()).items:
        promise(bool(line.name and line.value and line.origin), "settings are told in words")
    await refused(NotAllowed, people.ada.settings())
    promise(health.resources is not None and health.resources.threads > 0, "... and what of the machine is taken")


_CHECKS: Sequence[_Check] = (
    _starts_once,
    _chooses,
    _watches,
    _goes_on,
    _results,
    _approves,
    _refuses,
    _cancels,
    _fails,
    _lists,
    _hides,
    _offers,
    *UPKEEP_CHECKS,
)

"""The use cases, once for all doors: what one caller may ask.

Rules: every use case first makes sure that the caller may, and that the thing is their tenant's: what belongs to others
looks exactly like what does not exist.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from pydantic import JsonValue

from agentkit.errors import DefinitionError, InputError, NotFound, NotReady, Overloaded
from agentkit.orchestrator import Operation
from agentkit.views import ProgressFold, newest_artifact
from agentkit.wire import (
    ApprovalLine,
    Decision,
    EventLine,
    ExecuteRequest,
    FileLine,
    OperationLine,
    OperationPage,
    OperationQuery,
    Page,
    RerunRequest,
    ResultPage,
    Settlement,
    SignalRequest,
    SubmitRequest,
)

from .callers import Caller
from .changes import Changed
from .choosing import with_choice
from .cursors import cursor_of, place_of, seconds_of
from .definitions import parse_workflow, shorten_workflow
from .direct import check_again, check_direct, single_workflow
from .foresight import Foresight
from .forms import filled
from .premises import Offered, Premises
from .tallies import Tallies
from .translate import (
    approval_line,
    event_line,
    file_lines,
    operation_line,
    page_of,
    result_page,
    statuses,
)
from .upkeep import Upkeep

__all__ = ["Desk"]


class Desk(Upkeep, Foresight, Tallies):
    """Serves one caller. `agentkit.wire.Calls` says what each call promises and raises.

    Attributes:
        caller: Who is served.
        has_replayed: Whether what was asked for last had been started before, under the same key; so nothing began.
    """

    __slots__ = ("_trace", "has_replayed")

    def __init__(self, premises: Premises, caller: Caller, *, trace: str = "") -> None:
        super().__init__(premises, caller)
        self._trace = trace
        self.has_replayed: bool = False

    # Operations

    async def submit(self, request: SubmitRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.submit`."""
        self.caller.check("run")
        return await self._start(self._premises.offered(request.workflow), request, key)

    async def execute(self, request: ExecuteRequest, *, key: str | None = None) -> OperationPage:
        """Ask one agent for one piece of work, as an operation of one stage that is called as the agent is.

        Raises:
            NotFound: No such agent works here.
            NotAllowed: The caller may not start operations, or not ask this agent directly.
            InputError: The input does not fit.
            KeyReused: The key belongs to another request.
            Overloaded: Too many operations wait already.
        """
        self.caller.check("run")
        premises = self._premises
        check_direct(self.caller, request.agent, premises)
        workflow = single_workflow(request.agent, request.task, request.timeout, known=premises.agents)
        return await self._start(workflow, request, key)

    async def define(self, definition: JsonValue, request: SubmitRequest, *, key: str | None = None) -> OperationPage:
        """Run a workflow that is not offered here, by its definition as in a file; that takes an admin.

        Raises:
            NotAllowed: The caller is none.
            InputError: The definition is no correct workflow of agents that are here, or the input does not fit.
            KeyReused: The key belongs to another request.
            Overloaded: Too many operations wait already.
        """
        self.caller.check("admin")
        try:
            workflow = parse_workflow(json.dumps(definition), "json")
            self._premises.check(workflow)
        except DefinitionError as error:
            raise InputError(str(error)) from error
        if workflow.name in self._premises.workflows:
            # Whoever runs it again would be taken to run that one.
            raise InputError(f"a workflow {workflow.name!r} is offered here: give this one another name")
        return await self._start(workflow, request, key)

    async def _start(
        self, workflow: Offered, request: SubmitRequest | ExecuteRequest, key: str | None
    ) -> OperationPage:
        premises = self._premises
        if isinstance(request, SubmitRequest):
            workflow = with_choice(self.caller, workflow, request.agents, premises)
            if request.timeout is not None:
                workflow = shorten_workflow(workflow, request.timeout)
        self._check_callback(request)
        await self._check_room()
        try:
            operation = await premises.orchestrator.submit(
                workflow,
                request.input,
                key=key,
                by=self.caller.name,
                tenant=self.caller.tenant,
                priority=request.priority,
                metadata=request.metadata,
                trace=self._trace,
            )
        except DefinitionError as error:
            # What is offered was checked when it was offered: it is the input that does not fill the placeholders.
            raise InputError(str(error)) from error
        self.has_replayed = not operation.is_new
        if request.callback_url is not None and premises.webhooks is not None:
            progress = "progress" in request.callback_events
            url, tenant = request.callback_url, self.caller.tenant
            await premises.webhooks.expect(operation.id, url, tenant=tenant, progress=progress)
        return await self._estimated(await premises.reader.begun(operation))

    async def operation(self, operation_id: str) -> OperationPage:
        """See `Calls.operation`."""
        return await self._estimated(await self._premises.reader.shown(await self._own(operation_id)))

    async def operations(self, query: OperationQuery) -> Page[OperationLine]:
        """See `Calls.operations`."""
        self.caller.check("read")
        found = await self._premises.orchestrator.list(
            workflow=query.workflow,
            status=statuses(query.status) or None,
            waiting=query.waiting,
            tenant=self.caller.tenant,
            text=query.text,
            after=None if query.created_after is None else seconds_of(query.created_after),
            until=None if query.created_before is None else seconds_of(query.created_before),
            sort=query.sort,
            before=None if query.cursor is None else place_of(query.cursor, query.sort),
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        cursor: str | None = None
        if len(found) > query.limit:
            last = shown[-1]
            at = last.updated_at if query.sort == "changed" else last.created_at
            cursor = cursor_of(at, last.stream, query.sort)
        return Page(items=[operation_line(line) for line in shown], next_cursor=cursor)

    async def events(self, operation_id: str, *, after: int = 0) -> AsyncGenerator[EventLine, None]:
        """See `Calls.events`."""
        operation = await self._operation(operation_id)
        async with aclosing(operation.events(after=after)) as entries:
            async for entry in entries:
                yield event_line(operation_id, entry.number, entry.event)

    async def progress(self, operation_id: str, *, seconds: float = 0.2) -> AsyncGenerator[OperationPage, None]:
        """See `Calls.progress`."""
        operation, premises = await self._operation(operation_id), self._premises
        async with aclosing(operation.follow(seconds=seconds)) as pictures:
            async for progress in pictures:
                state = (await premises.reader.fold(operation_id)).state
                position, now = premises.orchestrator.position(operation_id, own=True), premises.orchestrator.now()
                yield await self._estimated(page_of(state, progress, now=now, position=position))

    async def history(self, operation_id: str, *, after: int = 0, limit: int = 200) -> Sequence[EventLine]:
        """See `Calls.history`."""
        await self._own(operation_id)
        events = await self._premises.orchestrator.history(operation_id, after=after, limit=limit)
        return [event_line(operation_id, number, event) for number, event in enumerate(events, start=max(0, after) + 1)]

    async def result(self, operation_id: str) -> ResultPage:
        """See `Calls.result`."""
        return await self._result(await self._own(operation_id))

    async def result_of_own(self, operation_id: str) -> ResultPage:
        """The result of what the caller has started, who need not be allowed to look at anything else.

        Raises:
            NotAllowed: Somebody else has started it, and the caller may not look.
            NotFound: There is none of that id, or it is another tenant's.
            NotReady: It has no result yet.
            OperationError: It did not end well.
        """
        self.caller.check("run")
        fold = await self._of_tenant(operation_id)
        if (fold.state.requester, fold.state.tenant) != (self.caller.name, self.caller.tenant):
            self.caller.check("read")
        return await self._result(fold)

    async def _result(self, fold: ProgressFold) -> ResultPage:
        state = fold.state
        if not state.ended and state.status != "quarantined":
            raise NotReady(f"operation {state.operation_id} is {state.status}: it has no result yet")
        return result_page(state, await (await self._premises.orchestrator.get(state.operation_id)).result())

    async def files(self, operation_id: str) -> Sequence[FileLine]:
        """See `Calls.files`."""
        await self._own(operation_id)
        return file_lines(await self._premises.reader.artifacts(operation_id))

    async def file(self, operation_id: str, name: str, *, stage: str | None = None) -> bytes:
        """See `Calls.file`."""
        await self._own(operation_id)
        premises = self._premises
        line = newest_artifact(await premises.reader.artifacts(operation_id), operation_id, name, stage)
        return await premises.orchestrator.store.artifact(line.artifact.sha256)

    async def cancel(self, operation_id: str, reason: str = "") -> OperationPage:
        """See `Calls.cancel`."""
        self.caller.check("run")
        await self._own(operation_id)
        await self._premises.orchestrator.cancel(operation_id, reason)
        return await self._page(operation_id)

    async def retry(self, operation_id: str) -> OperationPage:
        """See `Calls.retry`."""
        self.caller.check("run")
        if (await self._own(operation_id)).state.ended:
            # It is continued by a new operation; any other has its room already.
            await self._check_room()
        operation = await self._premises.orchestrator.resume(operation_id)
        return await self._page(operation.id)

    async def rerun(self, operation_id: str, request: RerunRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.rerun`."""
        self.caller.check("run")
        check_again(self.caller, (await self._own(operation_id)).state.workflow, self._premises)
        await self._check_room()
        again = partial(self._premises.orchestrator.fork, operation_id, at=request.at, key=key, by=self.caller.name)
        given = partial(again, input=request.input) if request.changes_input else again
        try:
            operation = await given(trace=self._trace)
        except DefinitionError as error:
            # As for a start: it is the input that does not fill the placeholders.
            raise InputError(str(error)) from error
        self.has_replayed = not operation.is_new
        return await self._page(operation.id)

    def changes(self) -> AsyncGenerator[Changed, None]:
        """The caller's operations as they change; see `Changes.follow`."""
        self.caller.check("read")
        return self._premises.changes.follow(self.caller.tenant)

    async def open_operations(self, *, most: int) -> int:
        """How many of the caller's operations have not ended; the most is that many or more.

        Raises:
            NotAllowed: The caller may not look.
            StoreError: The store failed.
        """
        self.caller.check("read")
        return len(await self._premises.orchestrator.list(ended=False, tenant=self.caller.tenant, limit=most))

    # People

    async def approvals(self, operation_id: str | None = None) -> Sequence[ApprovalLine]:
        """See `Calls.approvals`."""
        self.caller.check("read")
        roles = None if self.caller.may("admin") else self.caller.roles
        if operation_id is None:
            found = await self._premises.orchestrator.approvals(roles=roles, tenant=self.caller.tenant)
        else:
            questions = await (await self._operation(operation_id)).questions()
            found = [one for one in questions if one.is_open and (roles is None or one.is_for(roles))]
        return [approval_line(request) for request in found]

    async def decide(self, operation_id: str, decision: Decision) -> OperationPage:
        """See `Calls.decide`."""
        self.caller.check("approve")
        operation = await self._operation(operation_id)
        asked = await operation.questions()
        form = next(
            (one.form for one in asked if (one.stage, one.name) == (decision.stage, decision.name)), dict[str, str]()
        )
        answer = operation.approve if decision.approve else operation.refuse
        await answer(
            decision.stage,
            by=self.caller.name,
            roles=self.caller.roles,
            comment=decision.comment,
            form=filled(decision.form, form),
            name=decision.name,
        )
        return await self._page(operation_id)

    async def settle(self, operation_id: str, settlement: Settlement) -> OperationPage:
        """See `Calls.settle`."""
        self.caller.check("approve")
        operation = await self._operation(operation_id)
        said, by = settlement, self.caller.name
        await operation.settle(said.stage, said.decision, by=by, value=said.value, comment=said.comment)
        return await self._page(operation_id)

    async def signal(self, operation_id: str, signal: SignalRequest) -> OperationPage:
        """See `Calls.signal`."""
        self.caller.check("run")
        operation = await self._operation(operation_id)
        await operation.signal(signal.name, signal.value, id=signal.id or "")
        return await self._page(operation_id)

    # What belongs to whom

    async def _own(self, operation_id: str) -> ProgressFold:
        """Where an operation of the caller's tenant stands.

        Raises:
            NotAllowed: The caller may not look.
            NotFound: There is none, or it is somebody else's.
        """
        self.caller.check("read")
        return await self._of_tenant(operation_id)

    async def _of_tenant(self, operation_id: str) -> ProgressFold:
        """The same, whatever the caller may do.

        Raises:
            NotFound: There is none, or it is somebody else's.
        """
        fold = await self._premises.reader.fold(operation_id)
        if self.caller.tenant is not None and fold.state.tenant != self.caller.tenant:
            # In the very words of one that does not exist.
            raise NotFound(f"there is no operation {operation_id!r} in this store")
        return fold

    async def _operation(self, operation_id: str) -> Operation:
        await self._own(operation_id)
        return await self._premises.orchestrator.get(operation_id)

    def _check_callback(self, request: SubmitRequest | ExecuteRequest) -> None:
        """Refuse what cannot be announced before anything begins.

        Raises:
            InputError: Nothing is announced here, or not there.
        """
        url = request.callback_url
        if url is None and "progress" in request.callback_events:
            raise InputError("callback_events: there is no callback_url to tell")
        if url is not None:
            webhooks = self._premises.webhooks
            if webhooks is None:
                raise InputError("callback_url: this server announces nothing; it needs a secret for webhooks")
            webhooks.check(url)

    async def _check_room(self) -> None:
        """Refuse new work where too much waits already.

        Raises:
            Overloaded: So it is.
        """
        premises = self._premises
        if not premises.has_room:
            # Not how many: most of them may be others'.
            raise Overloaded("too many operations wait for room already; ask again later", retry_after=5)
        most, tenant = premises.limits.max_open_per_tenant, self.caller.tenant
        if most is not None and tenant is not None:
            found = await premises.orchestrator.list(ended=False, tenant=tenant, limit=most)
            if len(found) >= most:
                raise Overloaded(f"{most:,} operations of yours have not ended; ask again later", retry_after=5)

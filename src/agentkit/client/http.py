"""The far transport: the calls of `agentkit.wire.Calls`, said to a REST door over HTTP (extra `client`).

Rules: a call is a method, a path and a model; how it is asked is the business of the connection.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

import anyio

from agentkit.wire import (
    AgentLine,
    ApprovalLine,
    ComparisonPage,
    Decision,
    DrawingFormat,
    DrawingPage,
    EventLine,
    FileLine,
    OperationLine,
    OperationPage,
    OperationQuery,
    Page,
    PlanPage,
    PlanRequest,
    RerunRequest,
    ResultPage,
    Settlement,
    SignalRequest,
    SubmitRequest,
    WorkflowLine,
    WorkflowPage,
)

from .bodies import new_key, read, segment, word
from .http_upkeep import HttpUpkeep
from .streams import file_chunks, live_events

__all__ = ["HttpCalls"]

_OPERATIONS: Final = "/v1/operations"
_MOST_PER_PAGE: Final = 1_000
_SHORTEST_LOOK: Final = 0.05
_LONGEST_LOOK: Final = 2.0


class HttpCalls(HttpUpkeep):
    """Asks a server. `agentkit.wire.Calls` says what each call promises and raises.

    Besides, each may raise ServerUnavailable, Unauthenticated, TooManyRequests and AnswerInvalid.

    Args:
        settings: Where the server is, and how patiently it is asked.
        transport: What carries requests; without, connections of this machine.
    """

    # Operations

    async def submit(self, request: SubmitRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.submit`."""
        return await self.say(OperationPage, "POST", _OPERATIONS, request, key=key or new_key())

    async def operation(self, operation_id: str) -> OperationPage:
        """See `Calls.operation`."""
        return await self.get(OperationPage, _place(operation_id), operation_id=operation_id)

    async def operations(self, query: OperationQuery) -> Page[OperationLine]:
        """See `Calls.operations`."""
        asked = query.model_dump(exclude_defaults=True)
        return await self.get(Page[OperationLine], _OPERATIONS, {name: word(asked[name]) for name in asked})

    async def events(self, operation_id: str, *, after: int = 0) -> AsyncGenerator[EventLine, None]:
        """See `Calls.events`; a stream that breaks off is taken up again: nothing is lost, and nothing comes twice."""
        async with aclosing(live_events(self, _place(operation_id), operation_id, after, self.place)) as lines:
            async for line in lines:
                yield line

    async def progress(self, operation_id: str, *, seconds: float = 0.2) -> AsyncGenerator[OperationPage, None]:
        """See `Calls.progress`; where nothing changes, the server is asked less often."""
        tag, pause = "", seconds
        while True:
            headers = {"If-None-Match": tag} if tag else {}
            answer = await self.ask("GET", _place(operation_id), headers=headers, operation_id=operation_id)
            if answer.status_code == 304:
                pause = min(1.5 * max(pause, _SHORTEST_LOOK), max(seconds, _LONGEST_LOOK))
            else:
                page = read(OperationPage, answer)
                tag, pause = answer.headers.get("etag", ""), seconds
                yield page
                if page.ended or page.status == "quarantined":
                    return
            await anyio.sleep(max(pause, _SHORTEST_LOOK))

    async def history(self, operation_id: str, *, after: int = 0, limit: int = 200) -> Sequence[EventLine]:
        """See `Calls.history`."""
        found: list[EventLine] = []
        while len(found) < limit:
            most = min(limit - len(found), _MOST_PER_PAGE)
            params = {"after": str(max(0, after) + len(found)), "limit": str(most)}
            page = await self.get(Page[EventLine], f"{_place(operation_id)}/events", params, operation_id=operation_id)
            found += page.items
            if len(page.items) < most:
                break
        return found

    async def result(self, operation_id: str) -> ResultPage:
        """See `Calls.result`."""
        return await self.get(ResultPage, f"{_place(operation_id)}/result", operation_id=operation_id)

    async def files(self, operation_id: str) -> Sequence[FileLine]:
        """See `Calls.files`."""
        path = f"{_place(operation_id)}/artifacts"
        return (await self.get(Page[FileLine], path, operation_id=operation_id)).items

    async def file(self, operation_id: str, name: str, *, stage: str | None = None) -> bytes:
        """See `Calls.file`."""
        async with aclosing(self.file_chunks(operation_id, name, stage=stage)) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def file_chunks(
        self, operation_id: str, name: str, *, stage: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        """What is in one of its files, piece by piece.

        Raises:
            NotFound: The caller has no operation of that id, or it has no such file.
            ServerUnavailable: It broke off.
        """
        params = {} if stage is None else {"stage": stage}
        async with aclosing(file_chunks(self, f"{_place(operation_id)}/artifacts/{segment(name)}", params)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def cancel(self, operation_id: str, reason: str = "") -> OperationPage:
        """See `Calls.cancel`."""
        params = {"reason": reason} if reason else {}
        answer = await self.ask("DELETE", _place(operation_id), params=params, operation_id=operation_id)
        return read(OperationPage, answer)

    async def retry(self, operation_id: str) -> OperationPage:
        """See `Calls.retry`."""
        path = f"{_place(operation_id)}/retry"
        return await self.say(OperationPage, "POST", path, None, operation_id=operation_id)

    async def rerun(self, operation_id: str, request: RerunRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.rerun`."""
        path = f"{_place(operation_id)}/rerun"
        key = key or new_key()
        return await self.say(OperationPage, "POST", path, request, operation_id=operation_id, key=key)

    async def compare(self, operation_id: str, other_id: str) -> ComparisonPage:
        """See `Calls.compare`."""
        path = f"{_place(operation_id)}/comparison/{segment(other_id) or '%20'}"
        return await self.get(ComparisonPage, path, operation_id=operation_id)

    async def drawing(self, operation_id: str, *, format: DrawingFormat = "text") -> DrawingPage:
        """See `Calls.drawing`."""
        path = f"{_place(operation_id)}/drawing"
        return await self.get(DrawingPage, path, {"format": format}, operation_id=operation_id)

    # People

    async def approvals(self, operation_id: str | None = None) -> Sequence[ApprovalLine]:
        """See `Calls.approvals`."""
        path = "/v1/approvals" if operation_id is None else f"{_place(operation_id)}/approvals"
        return (await self.get(Page[ApprovalLine], path, operation_id=operation_id or "")).items

    async def decide(self, operation_id: str, decision: Decision) -> OperationPage:
        """See `Calls.decide`; a vote that may have been heard is not said again."""
        path = f"{_place(operation_id)}/approvals"
        return await self.say(OperationPage, "POST", path, decision, operation_id=operation_id, once=True)

    async def settle(self, operation_id: str, settlement: Settlement) -> OperationPage:
        """See `Calls.settle`; what may have been heard is not said again."""
        path = f"{_place(operation_id)}/settle"
        return await self.say(OperationPage, "POST", path, settlement, operation_id=operation_id, once=True)

    async def signal(self, operation_id: str, signal: SignalRequest) -> OperationPage:
        """See `Calls.signal`."""
        # Under a name of its own, so that it counts once, however often it has to be sent.
        named = signal if signal.id else signal.model_copy(update={"id": new_key()})
        path = f"{_place(operation_id)}/signals"
        return await self.say(OperationPage, "POST", path, named, operation_id=operation_id)

    # What there is

    async def agents(self) -> Sequence[AgentLine]:
        """See `Calls.agents`."""
        return (await self.get(Page[AgentLine], "/v1/agents/capabilities")).items

    async def workflows(self) -> Sequence[WorkflowLine]:
        """See `Calls.workflows`."""
        return (await self.get(Page[WorkflowLine], "/v1/workflows")).items

    async def workflow(self, name: str) -> WorkflowPage:
        """See `Calls.workflow`."""
        return await self.get(WorkflowPage, f"/v1/workflows/{segment(name)}")

    async def plan(self, workflow: str, request: PlanRequest) -> PlanPage:
        """See `Calls.plan`."""
        return await self.say(PlanPage, "POST", f"/v1/workflows/{segment(workflow)}/plan", request)


def _place(operation_id: str) -> str:
    # An empty id would ask for all of them.
    return f"{_OPERATIONS}/{segment(operation_id) or '%20'}"

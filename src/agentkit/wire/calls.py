"""The calls that every door makes, near or far: one protocol for the service in this process and a server elsewhere.

Rules: whoever calls is known already: an object of this protocol speaks for one caller and shows what belongs to their
tenant. Calls raise the errors of `agentkit.errors`, near and far alike.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from .events import ApprovalLine, EventLine, OperationLine
from .pages import (
    AgentLine,
    DrawingPage,
    FileLine,
    OperationPage,
    Page,
    ResultPage,
    WorkflowLine,
    WorkflowPage,
)
from .plans import ComparisonPage, PlanPage
from .requests import (
    Decision,
    DrawingFormat,
    OperationQuery,
    PlanRequest,
    RerunRequest,
    Settlement,
    SignalRequest,
    SubmitRequest,
)
from .upkeep import UpkeepCalls

__all__ = ["Calls"]


class Calls(UpkeepCalls, Protocol):
    """What a caller may ask."""

    async def submit(self, request: SubmitRequest, *, key: str | None = None) -> OperationPage:
        """Start an operation, or give the one already started under this key.

        Raises:
            NotFound: No such workflow is offered.
            NotAllowed: The caller may not start operations, or not with these agents.
            InputError: The input does not fit, or there is no such stage or agent.
            KeyReused: The key belongs to another request.
            Overloaded: Too many operations wait already.
        """
        ...

    async def operation(self, operation_id: str) -> OperationPage:
        """One operation, as it stands.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        ...

    async def operations(self, query: OperationQuery) -> Page[OperationLine]:
        """The caller's operations, newest first if nothing else is said.

        Page after page, none comes twice. If what changed last is first, what changes meanwhile is first again, and on
        no later page.

        Raises:
            InputError: The cursor is none of ours, or that of a list in another order.
        """
        ...

    def events(self, operation_id: str, *, after: int = 0) -> AsyncIterator[EventLine]:
        """The events of an operation after this number, as they happen, until its end.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        ...

    def progress(self, operation_id: str, *, seconds: float = 0.2) -> AsyncIterator[OperationPage]:
        """The operation as it stands, again and again until its end, at most every so many seconds.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        ...

    async def history(self, operation_id: str, *, after: int = 0, limit: int = 200) -> Sequence[EventLine]:
        """The events of an operation after this number that are there now.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        ...

    async def result(self, operation_id: str) -> ResultPage:
        """What came out of an operation.

        Raises:
            NotFound: The caller has no operation of that id.
            NotReady: It has not ended yet.
            OperationError: It did not end well.
        """
        ...

    async def files(self, operation_id: str) -> Sequence[FileLine]:
        """The files that its stages have given.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        ...

    async def file(self, operation_id: str, name: str, *, stage: str | None = None) -> bytes:
        """What is in one of its files.

        Raises:
            NotFound: The caller has no operation of that id, or it has no such file.
        """
        ...

    async def cancel(self, operation_id: str, reason: str = "") -> OperationPage:
        """Have it stop; one that has ended stays as it is.

        Raises:
            NotFound: The caller has no operation of that id.
            NotAllowed: The caller may not cancel.
        """
        ...

    async def retry(self, operation_id: str) -> OperationPage:
        """Go on with an operation that failed, was cancelled or was set aside; what is done is kept.

        Raises:
            NotFound: The caller has no operation of that id.
            NotAllowed: The caller may not start operations.
            Overloaded: Too many operations wait already.
        """
        ...

    async def rerun(self, operation_id: str, request: RerunRequest, *, key: str | None = None) -> OperationPage:
        """Run it again from a stage on, or with another input, as a new operation.

        Raises:
            NotFound: The caller has no operation of that id, or it has no such stage.
            NotAllowed: The caller may not start operations, or not this one: it is an admin's, of no workflow offered.
            InputError: Nothing is asked to be different, or the input does not fit.
            Overloaded: Too many operations wait already.
        """
        ...

    async def compare(self, operation_id: str, other_id: str) -> ComparisonPage:
        """Two operations side by side.

        Raises:
            NotFound: The caller has no operation of one of these ids.
        """
        ...

    async def drawing(self, operation_id: str, *, format: DrawingFormat = "text") -> DrawingPage:
        """An operation as it stands, drawn.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        ...

    async def approvals(self, operation_id: str | None = None) -> Sequence[ApprovalLine]:
        """What waits for people and is for this caller, of one operation or of all.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        ...

    async def decide(self, operation_id: str, decision: Decision) -> OperationPage:
        """Agree to what a stage asks, or refuse.

        Raises:
            NotFound: The caller has no operation of that id, or it asks no such question.
            NotAllowed: The caller may not vote on it.
            TooLate: It is decided, or they have voted.
            InputError: The form is not filled in as it has to be.
        """
        ...

    async def settle(self, operation_id: str, settlement: Settlement) -> OperationPage:
        """Say what became of work that is in doubt.

        Raises:
            NotFound: The caller has no operation of that id.
            NotAllowed: The caller may not vote.
            TooLate: It is not in doubt.
        """
        ...

    async def signal(self, operation_id: str, signal: SignalRequest) -> OperationPage:
        """Tell a waiting stage what it waits for.

        Raises:
            NotFound: The caller has no operation of that id.
            TooLate: The operation has ended.
        """
        ...

    async def agents(self) -> Sequence[AgentLine]:
        """Who can work here."""
        ...

    async def workflows(self) -> Sequence[WorkflowLine]:
        """What is offered here."""
        ...

    async def workflow(self, name: str) -> WorkflowPage:
        """One workflow, whole.

        Raises:
            NotFound: No such workflow is offered.
        """
        ...

    async def plan(self, workflow: str, request: PlanRequest) -> PlanPage:
        """What a workflow would do, and what that is likely to take; nothing runs.

        It learns from earlier runs of the caller's tenant, and from nobody else's.

        Raises:
            NotFound: No such workflow is offered.
            NotAllowed: The caller may not have it done by these agents.
            InputError: There is no such stage or agent.
        """
        ...

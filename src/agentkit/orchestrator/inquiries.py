"""What an orchestrator is asked without anything changing: lists, histories, plans, comparisons.

Rules: nothing runs here and nothing is written; whoever asks may ask again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Never

from agentkit.errors import Closed

# What only running needs is imported when something runs, so that importing agentkit costs next to nothing.
if TYPE_CHECKING:
    from pathlib import Path

    from agentkit.agents import Agent, AgentRegistry
    from agentkit.engines import Clock
    from agentkit.kernel import Event, OperationStatus, State, Workflow
    from agentkit.stores import Observer, Sort, Store, Summary
    from agentkit.views import Comparison, ExecutionPlan, LogLine

    from .inbox import ApprovalRequest, Doubt
    from .limits import Limits
    from .operation import Operation
    from .releasing import RunCheck
    from .running.load import Load
    from .running.runtime import Runtime

__all__ = ["Inquiries"]


class Inquiries(ABC):
    """The questions that an open orchestrator answers out of its store."""

    _agents: AgentRegistry
    _limits: Limits
    _observers: list[Observer]
    _resources: Mapping[str, int]
    _store: Store
    _clock: Clock

    @abstractmethod
    def _open(self) -> Runtime:
        """What is open, as long as it is."""

    async def plan(
        self, workflow: Workflow[object], input: object = None, *, runs: int = 20, tenant: str | None = None
    ) -> ExecutionPlan:
        """What a workflow would do here with an input, and what that is likely to take; nothing runs.

        Whatever is missing stands in `ExecutionPlan.problems`.

        Args:
            workflow: What to do.
            input: What it would be given.
            runs: How many earlier operations to learn from: the newest of this workflow, and as many of all.
            tenant: Whose operations to learn from; None learns from everybody's.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        from .planning import plan_here

        runtime, resources, limits = self._open(), self._resources, self._limits
        return await plan_here(runtime, workflow, input, resources=resources, limits=limits, runs=runs, tenant=tenant)

    async def compare(self, first: Operation[object] | str, second: Operation[object] | str) -> Comparison:
        """Two operations side by side: where they differ in values, status, attempts, time and usage.

        Args:
            first: An operation, or its id.
            second: Another one.

        Raises:
            NotFound: There is no such operation.
            Closed: The orchestrator is not open.
            StoreError: The store failed, or a journal is damaged.
        """
        from agentkit.views import compare

        runtime = self._open()
        one, other = [await runtime.journal(each if isinstance(each, str) else each.id) for each in (first, second)]
        return compare(one, other)

    async def check_runs(self, newest: Iterable[Workflow[object]] = ()) -> Sequence[RunCheck]:
        """Before a release: every operation in flight, and what is missing here to finish it; the newest first.

        Args:
            newest: The workflows as they are by now, to say which operations go on by an older definition.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        from .releasing import check_runs

        return await check_runs(self._open(), self._resources, newest)

    async def history(self, operation_id: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        """What has happened to an operation; the first event has the number 1.

        Args:
            operation_id: Which operation.
            after: The number of the last event already seen; 0 begins at the beginning.
            limit: How many at most.

        Raises:
            NotFound: There is none of that id.
            Closed: The orchestrator is not open.
            StoreError: The store failed, or the journal is damaged.
        """
        runtime = self._open()
        if after <= 0:
            return await runtime.journal(operation_id, limit=limit)
        return await runtime.store.read(operation_id, after=after, limit=limit)

    async def said(self, state: State) -> Mapping[str, tuple[float, str]]:
        """How far the running attempts of an operation say they are, by stage: a fraction and a message.

        Args:
            state: Where the operation stands.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed, or a child's journal is damaged.
        """
        from .children import Children

        return await Children(self._open()).said(state)

    def lines(self, operation_id: str, *, after: int = 0) -> Sequence[LogLine]:
        """What the attempts of an operation that is driven here said after the line of this number, at most a hundred.

        Raises:
            Closed: The orchestrator is not open.
        """
        return self._open().live.lines(operation_id, after=after)

    @property
    def agents(self) -> Mapping[str, Agent[Never, object]]:
        """Who can work, by name."""
        return {name: entry.agent for name, entry in self._agents.items()}

    @property
    def is_open(self) -> bool:
        """Whether it can be asked."""
        try:
            self._open()
        except Closed:
            return False
        return True

    @property
    def store(self) -> Store:
        """Where everything is kept; it stays open as long as the orchestrator does.

        Raises:
            Closed: The orchestrator is not open.
        """
        from agentkit.stores import ObservedStore

        store = self._open().store
        return store.inner if isinstance(store, ObservedStore) else store

    @property
    def active(self) -> int:
        """How many operations are driven here now, or wait in line to be.

        Raises:
            Closed: The orchestrator is not open.
        """
        return self._open().active

    @property
    def limits(self) -> Limits:
        """The bounds that it was made with; `load` says how many attempts may run at once as things are."""
        return self._limits

    @property
    def resources(self) -> Mapping[str, int]:
        """How many attempts may use each limited resource at once, as it was made; `load` says how things are."""
        return dict(self._resources)

    @property
    def load(self) -> Load:
        """How much there is to do here: who waits for room, what runs, what of the limits is taken.

        Raises:
            Closed: The orchestrator is not open.
        """
        return self._open().load

    @property
    def abandoned(self) -> int:
        """How many attempts are over whose task or thread does not end.

        Raises:
            Closed: The orchestrator is not open.
        """
        return self._open().abandoned

    def observe(self, observer: Observer) -> None:
        """Have somebody told what this process appends to journals from now on, to measure it, say."""
        self._observers.append(observer)

    @property
    def store_path(self) -> Path | None:
        """The file of its store, open or not; None if that is no SQLite store."""
        from agentkit.stores import file_of

        return file_of(self._store)

    def now(self) -> float:
        """What time it is here, in seconds since 1970; open or not."""
        return self._clock.now()

    def position(self, operation_id: str, *, own: bool = False) -> int | None:
        """Which place an operation has in line here, from 1; None if it does not wait for room here.

        Args:
            operation_id: Which operation.
            own: Whether to count only those of its tenant, as a tenant may know it.

        Raises:
            Closed: The orchestrator is not open.
        """
        return self._open().line.position(operation_id, own=own)

    @property
    def waiting(self) -> int:
        """How many operations wait for room here.

        Raises:
            Closed: The orchestrator is not open.
        """
        return len(self._open().line)

    async def stalled(self, *, limit: int = 100) -> Sequence[str]:
        """Operations that nobody drives although there is something to do, oldest first, by id.

        Args:
            limit: How many at most.

        Raises:
            StoreError: The store failed.
        """
        runtime = self._open()
        return await runtime.store.orphans(now=runtime.now(), limit=limit)

    async def approvals(
        self, *, roles: Iterable[str] | None = None, tenant: str | None = None, limit: int = 100
    ) -> Sequence[ApprovalRequest]:
        """What waits for people to approve it, that of the newest operation first; `Operation.approve` answers.

        Args:
            roles: Only what somebody with these roles may decide now.
            tenant: Only what operations of this tenant ask.
            limit: How many at most.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        from .inbox import find_requests

        wanted = (roles,) if isinstance(roles, str) else roles
        return await find_requests(self._open(), wanted, limit, tenant)

    async def doubts(self, *, limit: int = 100) -> Sequence[Doubt]:
        """Work of which nobody knows whether it happened, over all operations; `Operation.settle` decides.

        Args:
            limit: How many at most.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        from .inbox import find_doubts

        return await find_doubts(self._open(), limit)

    async def successor(self, operation_id: str) -> str | None:
        """The operation that continues one that did not end well; None if none does.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        from .submission import next_id

        following = next_id(operation_id)
        return None if await self._open().store.get(following) is None else following

    async def list(  # noqa: PLR0913 - every filter is an argument
        self,
        *,
        workflow: str | None = None,
        status: Sequence[OperationStatus] | None = None,
        waiting: str | None = None,
        tenant: str | None = None,
        text: str | None = None,
        ended: bool | None = None,
        after: float | None = None,
        until: float | None = None,
        sort: Sort = "newest",
        before: Summary | tuple[float, str] | None = None,
        limit: int = 100,
    ) -> Sequence[Summary]:
        """Operations, newest first if nothing else is said; `Journal.find` says what holds for page after page.

        Args:
            workflow: Only runs of this workflow.
            status: Only those that stand so.
            waiting: Only those that wait for this: `approval`, `doubt`, `signal` or `timer`.
            tenant: Only those of this tenant.
            text: Only those that have this in their id or in their workflow's name, A being a, and so on to Z;
                looking for it costs all that is kept, and `after` and `ended` bound it.
            ended: Only those that have ended, or only those that have not; looking for these costs what has not ended.
            after: Only those that were accepted then or later, in seconds since 1970; nothing older is looked at.
            until: Only those that were accepted before this time.
            sort: Which are first: `newest` or `oldest`, by when they were accepted, or `changed`: what changed last.
            before: The last line of the page before, or its `stream` behind the time that it is sorted by.
            limit: How many at most.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        if before is None or isinstance(before, tuple):
            place = before
        else:
            place = before.updated_at if sort == "changed" else before.created_at, before.stream
        return await self._open().store.find(
            name=workflow,
            status=status,
            waiting=waiting,
            tenant=tenant,
            text=text,
            ended=ended,
            after=after,
            until=until,
            sort=sort,
            before=place,
            limit=limit,
        )

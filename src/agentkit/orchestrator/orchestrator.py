"""The orchestrator: submit, watch, cancel, resume, query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Never, Self, cast

from typing_extensions import TypeVar

from agentkit.agents import Agent, AgentRegistry
from agentkit.errors import Closed, JournalConflict, UsageError
from agentkit.kernel import Workflow

from .change import SAME, Change
from .limits import Limits
from .steering import Steering

# What only running needs is imported when something runs, so that importing agentkit costs next to nothing.
if TYPE_CHECKING:
    from agentkit.agents import Budget
    from agentkit.engines import Clock, Ids
    from agentkit.kernel import Allowance, Priority
    from agentkit.stores import Store

    from .operation import Operation
    from .result import Result
    from .running.runtime import Runtime

__all__ = ["Orchestrator"]

Output = TypeVar("Output", default=object)


class Orchestrator(Steering, AbstractAsyncContextManager["Orchestrator"]):
    """Runs workflows with its agents and keeps everything that happens in its store.

    Use it with `async with`; `run_sync` alone opens and closes it by itself. Operations whose process died are taken
    over when an orchestrator on the same store opens, and while it is open.

    Args:
        agents: Who can work.
        store: Where the journal is: a URL such as `"sqlite:///runs.db"`, or a store. `"memory://"`, the default,
            keeps nothing when the process ends.
        resources: How many attempts may use each limited resource at once.
        limits: The bounds to keep.
        budgets: What each tenant may spend in this process, by name; `submit(tenant=...)` says whose an operation is.
        adopt: Whether to take over operations that nobody drives; without, only what is asked for here runs here. A
            process that lacks agents should not: it keeps what it takes, and parks stages whose agents it lacks.
        clock: What time it is; for tests.
        ids: What new operations are called; for tests.

    Raises:
        DefinitionError: An agent, the store's URL or a number is not valid.

    Example:
        >>> from agentkit import Stage, Task, agent
        >>> @agent
        ... def double(task: Task[int]) -> int:
        ...     return 2 * task.input
        >>> twice = Workflow("twice", [Stage("double", agent="double")], returns=int)
        >>> Orchestrator([double]).run_sync(twice, 21).output
        42
    """

    def __init__(
        self,
        agents: Iterable[Agent[Never, object]] = (),
        *,
        store: str | Store = "memory://",
        resources: Mapping[str, int] | None = None,
        limits: Limits | None = None,
        budgets: Mapping[str, Allowance] | None = None,
        adopt: bool = True,
        clock: Clock | None = None,
        ids: Ids | None = None,
    ) -> None:
        import asyncio

        from agentkit.engines import Budgets, RandomIds, Slots, SystemClock
        from agentkit.stores import ObservedStore, open_store

        self._agents = AgentRegistry()
        for member in agents:
            self.register(member)
        self._observers = []
        self._store = ObservedStore(open_store(store) if isinstance(store, str) else store, self._observers)
        self._limits = limits or Limits()
        self._adopt = adopt
        self._clock: Clock = clock or SystemClock()
        self._ids: Ids = ids or RandomIds(self._clock)
        self._budgets = Budgets(self._clock, budgets)
        self._resources = Slots(self._limits.max_parallel, resources).capacity
        self._door = asyncio.Lock()
        self._runtime: Runtime | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close(drain_seconds=None if error is None else 0)

    async def open(self) -> None:
        """Open the store and take over the operations that nobody drives; a second call changes nothing.

        Raises:
            StoreError: The store cannot be opened.
        """
        from agentkit.engines import Slots

        from .running.runtime import Runtime

        async with self._door:
            if self._runtime is None:
                slots = Slots(self._limits.max_parallel, self._resources)
                runtime = Runtime(
                    store=self._store,
                    agents=self._agents,
                    limits=self._limits,
                    clock=self._clock,
                    slots=slots,
                    budgets=self._budgets,
                )
                await runtime.open(adopt=self._adopt)
                self._runtime = runtime

    async def close(self, *, drain_seconds: float | None = None) -> None:
        """Stop taking operations, let the running ones go on for a while, release the rest, and close the store.

        What was released is as its journal says, and whoever opens the store next goes on with it.

        Args:
            drain_seconds: How long running operations may go on; by default as the limits say.
        """
        runtime, self._runtime = self._runtime, None
        if runtime is not None:
            await runtime.close(self._limits.drain_seconds if drain_seconds is None else drain_seconds)

    def register(self, member: Agent[Never, object]) -> None:
        """Have one more agent work here; stages that wait for it find it when they look again.

        Raises:
            DefinitionError: It is no agent, its name is not valid or used, or its annotations cannot be read.
        """
        from agentkit.engines import agent_reference

        self._agents.add(member)
        if member.isolation == "process":
            agent_reference(self._agents[member.name])

    @property
    def is_open(self) -> bool:
        """Whether it is open, on some loop."""
        return self._runtime is not None

    @property
    def budgets(self) -> Mapping[str, Budget]:
        """What each tenant may spend and has spent here, by name."""
        return self._budgets.tenants

    async def submit(  # noqa: PLR0913 - each is a part of a request
        self,
        workflow: Workflow[Output],
        input: object = None,
        *,
        key: str | None = None,
        by: str | None = None,
        tenant: str | None = None,
        priority: Priority = "normal",
        metadata: Mapping[str, str] | None = None,
        trace: str = "",
        agents: Mapping[str, str] | None = None,
    ) -> Operation[Output]:
        """Start an operation, or return the one already started under this key.

        Returns as soon as the start is on the journal.

        Args:
            workflow: What to do. It is copied into the journal, so later changes do not reach this operation.
            input: What it is given: plain JSON data, or a value of a dataclass or pydantic model.
            key: The caller's name for this request. The same key never starts twice for one tenant.
            by: Who asks for it. What this person starts, somebody else has to approve.
            tenant: Whose it is.
            priority: How soon it is begun, where others wait for the same room: `"low"`, `"normal"` or `"high"`.
            metadata: What you want to find with it again: texts by name.
            trace: The trace that it belongs to, as the header `traceparent` writes it (W3C Trace Context).
            agents: Who works on a stage instead of its own agent, by the stage's name: see `Workflow.with_agents`.

        Raises:
            DefinitionError: A stage names an agent, a resource or an input that does not exist, or does not itself.
            UnstorableValue: The input cannot be written exactly.
            InputError: The input is too large, or a key, a name or a tenant is empty or too long.
            KeyReused: The key belongs to another workflow or input.
            Closed: The orchestrator is not open.
            StoreError: The store failed; with a key, the same call leads to the one true outcome.
        """
        from agentkit.engines import check_placeholders, instruction_values

        from .operation import Operation
        from .submission import Asker, accept, encode_input, keyed_id

        runtime = self._open()
        asker = Asker(key=key, by=by, tenant=tenant, priority=priority, metadata=metadata, trace=trace)
        workflow = workflow.with_agents(agents or {})
        self.check(workflow)
        text = encode_input(input, self._limits.max_result)
        if workflow.marks.blanks:
            check_placeholders(workflow, instruction_values(text))
        operation_id = self._ids.operation_id() if key is None else keyed_id(key, tenant)
        begun = await accept(runtime, workflow, text, asker, operation_id=operation_id)
        return Operation(runtime, operation_id, workflow, is_new=bool(begun), begun=begun)

    async def run(
        self,
        workflow: Workflow[Output],
        input: object = None,
        *,
        key: str | None = None,
        by: str | None = None,
        tenant: str | None = None,
    ) -> Result[Output]:
        """Start an operation and wait for its result.

        When the waiting is cancelled, the operation goes on.

        Raises:
            OperationError: It did not end well; see `Operation.result`.
            AgentKitError: It could not be started; see `submit`.
        """
        operation = await self.submit(workflow, input, key=key, by=by, tenant=tenant)
        return await operation.result()

    def run_sync(
        self,
        workflow: Workflow[Output],
        input: object = None,
        *,
        key: str | None = None,
        by: str | None = None,
        tenant: str | None = None,
    ) -> Result[Output]:
        """Start an operation and wait for its result, from code that is not async: a script, a notebook, a thread.

        It works inside a running loop too, which stands still meanwhile. The orchestrator must not be open: it is
        opened on a loop of its own and closed again.

        Raises:
            UsageError: The orchestrator is open; await `run` instead.
            OperationError: It did not end well; see `Operation.result`.
            AgentKitError: It could not be started; see `submit`.
        """
        from agentkit.agents import run_blocking

        if self.is_open:
            raise UsageError("this orchestrator is open on a loop: write `await orchestrator.run(...)` there")

        async def once() -> Result[Output]:
            async with self:
                return await self.run(workflow, input, key=key, by=by, tenant=tenant)

        return run_blocking(once)

    async def get(self, operation_id: str) -> Operation:
        """An operation by its id, whoever started it.

        Raises:
            NotFound: There is none of that id.
            Closed: The orchestrator is not open.
            StoreError: The store failed, or the journal is damaged.
        """
        from .operation import Operation

        runtime = self._open()
        state = await runtime.state(operation_id)
        return Operation(runtime, operation_id, state.workflow)

    def check(self, workflow: Workflow[object]) -> None:
        """Check that everything that a workflow names exists here, without running anything.

        Raises:
            DefinitionError: A stage names an agent or a resource that does not exist, or lacks expertise.
        """
        self._agents.check(workflow, self._resources)

    async def resume(self, operation_id: str, *, take: bool = False) -> Operation:
        """Go on with an operation.

        One that nobody drives is driven here. One in quarantine is released. One that failed or was cancelled stays
        as it is, and is continued by a new operation, which takes over the value of every completed stage whose work
        was not undone. One that is completed is simply returned.

        Args:
            operation_id: Which operation.
            take: Take it even from a living process, whose results are refused from then on.

        Raises:
            NotFound: There is none of that id.
            Closed: The orchestrator is not open.
            StoreError: The store failed, or the journal is damaged.
        """
        from .operation import Operation
        from .submission import carry_on, next_id

        runtime = self._open()
        state = await runtime.state(operation_id)
        if state.status == "quarantined":
            await runtime.release(operation_id)
        elif not state.ended:
            await runtime.adoption.adopt(operation_id, take=take)
        elif state.status != "completed":
            try:
                return Operation(runtime, await carry_on(runtime, operation_id), state.workflow, is_new=True)
            except JournalConflict:
                return await self.resume(next_id(operation_id), take=take)
        return Operation(runtime, operation_id, state.workflow)

    async def fork(
        self,
        operation: Operation[Output] | str,
        *,
        at: str | None = None,
        input: object = SAME,
        workflow: Workflow[Output] | None = None,
        key: str | None = None,
        by: str | None = None,
        trace: str = "",
    ) -> Operation[Output]:
        """Begin an operation with what another one has done, and run the rest anew; the other one stays as it is.

        Kept are completed stages that do not depend on `at`, whose definition is the same, and which see the same of
        the input: what their instruction, condition or list names of it, and where they wait for nothing, all that
        their agents declare as their input. Whoever reads `task.operation_input` besides has to be named by `at`.
        What happened outside goes along, as when an operation is continued: a confirmed effect is not done again.

        Args:
            operation: Which operation, or its id; it may be running.
            at: The stage that runs again, and with it all that depend on it.
            input: Another input; by default that of the other operation.
            workflow: Another definition, such as a repaired one; by default that of the other operation.
            key: The caller's name for this request. The same key never starts twice for one tenant.
            by: Who asks for it; by default who asked for the other operation.
            trace: The trace that it belongs to, as the header `traceparent` writes it.

        Raises:
            NotFound: There is no such operation, or no such stage.
            DefinitionError: A stage names an agent, a resource or an input that does not exist.
            UnstorableValue: The input cannot be written exactly.
            InputError: Nothing would be different, the input is too large, or a key or name is empty or too long.
            KeyReused: The key belongs to another request.
            Closed: The orchestrator is not open.
            StoreError: The store failed, or the journal is damaged.
        """
        from .forking import fork
        from .operation import Operation
        from .submission import Asker

        runtime = self._open()
        if workflow is not None:
            self.check(workflow)
        origin = operation if isinstance(operation, str) else operation.id
        change = Change(at=at, input=input, workflow=workflow)
        fresh = self._ids.operation_id()
        forked, is_new = await fork(runtime, origin, change, Asker(key=key, by=by, trace=trace), fresh_id=fresh)
        if workflow is None and isinstance(operation, Operation):
            workflow = operation.workflow
        if workflow is None:
            workflow = cast("Workflow[Output]", (await self.get(forked)).workflow)
        return Operation(runtime, forked, workflow, is_new=is_new)

    async def adopt(self) -> Sequence[Operation]:
        """Drive everything that nobody living drives, and return it. With `adopt=True` this happens by itself.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        return [await self.get(operation_id) for operation_id in await self._open().adoption.adopt_orphans()]

    def _open(self) -> Runtime:
        if self._runtime is None:
            raise Closed("the orchestrator is not open: use it with `async with`")
        return self._runtime

"""One run of a workflow, in the hand of whoever started or found it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any, Generic

from typing_extensions import TypeVar

from agentkit.engines import Recorded, follow
from agentkit.kernel import State, Workflow
from agentkit.views import Progress, progress_of

from .following import follow_progress
from .result import Result, raise_unless_completed, result_of
from .runtime import Runtime

__all__ = ["Operation"]

Output = TypeVar("Output", default=object, covariant=True)


class Operation(Generic[Output]):
    """One run of a workflow. Await it for its result; it runs whether anybody waits or not.

    Attributes:
        id: Its name, for ever.
        workflow: What it does.

    Example:
        >>> import asyncio
        >>> from agentkit import Orchestrator, Stage, Task, Workflow, agent
        >>> @agent
        ... async def greet(task: Task[dict[str, str]]) -> str:
        ...     return f"Hello {task.input['name']}"
        >>> flow = Workflow("greet", [Stage("greet", agent="greet")], returns=str)
        >>> async def main() -> None:
        ...     async with Orchestrator([greet]) as orchestrator:
        ...         operation = await orchestrator.submit(flow, {"name": "Ada"})
        ...         print((await operation).output)
        >>> asyncio.run(main())
        Hello Ada
    """

    __slots__ = ("_runtime", "id", "workflow")

    def __init__(self, runtime: Runtime, operation_id: str, workflow: Workflow[Output]) -> None:
        self._runtime = runtime
        self.id: str = operation_id
        self.workflow: Workflow[Output] = workflow

    def __repr__(self) -> str:
        return f"<operation {self.id} of {self.workflow.name!r}>"

    def __await__(self) -> Generator[Any, None, Result[Output]]:
        return self.result().__await__()

    async def result(self) -> Result[Output]:
        """Wait for the end.

        Raises:
            OperationFailed: A required stage failed; its attempts are in the error.
            OperationTimedOut: It took longer than its workflow allows.
            OperationCancelled: It was cancelled.
            OperationQuarantined: Too many processes died while they ran it.
            InputError: The output is not of its declared type any more.
            Closed: The orchestrator was closed before the end.
            StoreError: The store failed, or the journal is damaged.
        """
        runtime = self._runtime
        state = await runtime.settled(self.id)
        if state.status != "completed":
            raise_unless_completed(state, await runtime.store.read(self.id))
        return result_of(state, runtime.agents, self.workflow)

    async def events(self, *, after: int = 0) -> AsyncGenerator[Recorded, None]:
        """Its events, numbered from 1, as they happen, until its end.

        Args:
            after: The number of the last event already seen; 0 begins at the beginning.

        Raises:
            Closed: The orchestrator was closed before the end.
            StoreError: The store failed, or the journal is damaged.
        """
        async for entry in follow(self._runtime.store, self.id, after=after):
            yield entry

    async def state(self) -> State:
        """Where it stands now, by its journal.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        return await self._runtime.state(self.id)

    async def progress(self) -> Progress:
        """How far it is now, with what its attempts said last.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        runtime = self._runtime
        journal = await runtime.journal(self.id)
        return progress_of(journal, runtime.now(), runtime.live.said(self.id))

    async def follow(self, *, seconds: float = 0.1) -> AsyncGenerator[Progress, None]:
        """How far it is, again and again until its end: whenever something changed, but not more often than asked for.

        Args:
            seconds: The shortest time between two pictures.

        Raises:
            Closed: The orchestrator was closed before the end.
            StoreError: The store failed, or the journal is damaged.
        """
        async for progress in follow_progress(self._runtime, self.id, seconds):
            yield progress

    async def cancel(self, reason: str = "") -> None:
        """Have it stop: nothing new starts, and what runs is told to end.

        Returns as soon as the wish is on the journal; await the operation for its end. A second cancel, or one that
        comes too late, changes nothing.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed.
        """
        await self._runtime.cancel(self.id, reason)

"""The client: what programs ask of a service, wherever it is.

Rules: the transport decides nothing but the way. Near it is a desk of a service in this process, far it speaks to a
server; both have the same calls, the same answers and the same errors, and so has this class.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, overload

import anyio
from pydantic import JsonValue, SecretStr

from agentkit.errors import NotReady
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

from .asking import Priority, Show, decided, submission
from .downloads import save
from .settings import ClientSettings
from .transports import Opens, closed, far
from .upkeep import ClientUpkeep

__all__ = ["Client", "Show"]


class Client(ClientUpkeep):
    """Asks a service, near or far.

    Every call raises the errors of `agentkit.errors`, near and far alike; far, any of them may also raise
    `ServerUnavailable`, `Unauthenticated`, `TooManyRequests` and `AnswerInvalid`.

    Args:
        calls: The transport: a desk of a service in this process. For a server there is `Client.at`.

    Example:
        >>> import asyncio
        >>> from agentkit import Orchestrator, Stage, Task, Workflow, agent
        >>> from agentkit.service import Service
        >>> @agent
        ... async def greet(task: Task[dict[str, str]]) -> str:
        ...     return f"Hello {task.input['name']}"
        >>> async def main() -> None:
        ...     async with Orchestrator([greet]) as orchestrator:
        ...         client = Client(Service(orchestrator, [Workflow("greet", [Stage("greet", agent="greet")])]).desk())
        ...         result = await client.execute("greet", {"name": "Ada"})
        ...         print(result.output)
        >>> asyncio.run(main())
        Hello Ada
    """

    __slots__ = ()

    @classmethod
    def at(cls, url: str, *, key: SecretStr | str | None = None, key_file: str | Path | None = None) -> Self:
        """A client of a server; use it in `async with`.

        Args:
            url: Where the server is.
            key: The key that says who asks.
            key_file: A file with the key, in place of it.

        Raises:
            DefinitionError: The address is not valid, or the key would be sent unencrypted.
            MissingExtra: httpx2 is not installed.
        """
        return cls.from_settings(ClientSettings(url=url, key=key, key_file=key_file))

    @classmethod
    def from_settings(cls, settings: ClientSettings) -> Self:
        """A client of a server, with everything set; use it in `async with`.

        Raises:
            MissingExtra: httpx2 is not installed.
        """
        return cls(far(settings))

    def __repr__(self) -> str:
        return f"Client({self._calls!r})"

    async def open(self) -> Self:
        """Be ready to ask; a client that is near always is.

        Raises:
            DefinitionError: The file of the key cannot be read.
        """
        if isinstance(self._calls, Opens):
            await self._calls.open()
        return self

    async def aclose(self) -> None:
        """Let go of connections; operations go on."""
        if isinstance(self._calls, Opens):
            await self._calls.aclose()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    # Start, and come to an end

    @overload
    async def execute(
        self,
        workflow: str,
        input: JsonValue = None,
        *,
        wait: Literal[True] = True,
        key: str | None = None,
        priority: Priority = "normal",
        metadata: Mapping[str, str] | None = None,
        run_timeout: float | None = None,
        agents: Mapping[str, str] | None = None,
        timeout: float | None = None,
        show: Show | None = None,
    ) -> ResultPage: ...
    @overload
    async def execute(
        self,
        workflow: str,
        input: JsonValue = None,
        *,
        wait: Literal[False],
        key: str | None = None,
        priority: Priority = "normal",
        metadata: Mapping[str, str] | None = None,
        run_timeout: float | None = None,
        agents: Mapping[str, str] | None = None,
    ) -> OperationPage: ...
    async def execute(  # noqa: PLR0913 - each is a part of a request
        self,
        workflow: str,
        input: JsonValue = None,
        *,
        wait: bool = True,
        key: str | None = None,
        priority: Priority = "normal",
        metadata: Mapping[str, str] | None = None,
        run_timeout: float | None = None,
        agents: Mapping[str, str] | None = None,
        timeout: float | None = None,
        show: Show | None = None,
    ) -> ResultPage | OperationPage:
        """Run a workflow.

        Args:
            workflow: Its name.
            input: What it is given.
            wait: Whether to wait for its end; without, it is only started.
            key: Your name for this run: said again, it starts nothing new. Without, each call starts one, however
                often it has to be sent.
            priority: How soon it is begun, where others wait for the same room.
            metadata: Texts by name, to find it with again.
            run_timeout: How many seconds the run itself may take: never more than the workflow allows.
            agents: Who does a stage instead of its own agent, by the stage's name.
            timeout: How many seconds to wait at most; the operation goes on all the same.
            show: Is shown each picture of it on its way, such as a `ProgressBar`.

        Raises:
            NotFound: No such workflow is offered.
            NotAllowed: The caller may not start operations.
            InputError: The input does not fit.
            KeyReused: The key belongs to another request.
            Overloaded: Too many operations wait already.
            NotReady: It has not ended in time, or waits in quarantine for a person.
            OperationError: It did not end well.
        """
        page = await self.submit(submission(workflow, input, priority, metadata, run_timeout, agents), key=key)
        if not wait:
            return page
        await self.wait(page.id, timeout=timeout, show=show)
        return await self.result(page.id)

    async def wait(self, operation_id: str, *, timeout: float | None = None, show: Show | None = None) -> OperationPage:
        """Wait until an operation has ended, well or not, or is in quarantine; how it stands then.

        Args:
            operation_id: Which one.
            timeout: How many seconds to wait at most; None waits as long as it takes.
            show: Is shown each picture of it on its way.

        Raises:
            NotFound: The caller has no operation of that id.
            NotReady: It has not ended in time; it goes on.
        """
        try:
            with anyio.fail_after(timeout):
                return await self.follow(operation_id, show=show)
        except TimeoutError as error:
            raise NotReady(f"operation {operation_id} has not ended within {timeout:g} seconds; it goes on") from error

    async def follow(self, operation_id: str, *, show: Show | None = None, seconds: float = 0.2) -> OperationPage:
        """Show an operation again and again until its end; how it stands then.

        Args:
            operation_id: Which one.
            show: Is shown each picture, such as a `ProgressBar`; without, nothing is drawn on the way.
            seconds: How many seconds lie between two pictures at least.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        page = await self._calls.operation(operation_id)
        if show is None:
            async for _ in self.events(operation_id, after=page.events):
                pass
            return await self._calls.operation(operation_id)
        async for page in self.progress(operation_id, seconds=seconds):
            show(page)
        return page

    # The calls

    async def submit(self, request: SubmitRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.submit`."""
        return await self._calls.submit(request, key=key)

    async def operation(self, operation_id: str) -> OperationPage:
        """See `Calls.operation`."""
        return await self._calls.operation(operation_id)

    async def operations(self, query: OperationQuery | None = None) -> Page[OperationLine]:
        """See `Calls.operations`; without a query, the newest."""
        return await self._calls.operations(query or OperationQuery())

    async def events(self, operation_id: str, *, after: int = 0) -> AsyncGenerator[EventLine, None]:
        """The events of an operation after this number, as they happen, until its end.

        Each comes once and in order, through broken connections and restarts of the server. Whoever keeps the number
        of the last one goes on from there, another day and in another process.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        async with aclosing(closed(self._calls.events(operation_id, after=after))) as events:
            async for line in events:
                yield line

    async def progress(self, operation_id: str, *, seconds: float = 0.2) -> AsyncGenerator[OperationPage, None]:
        """See `Calls.progress`."""
        async with aclosing(closed(self._calls.progress(operation_id, seconds=seconds))) as pages:
            async for page in pages:
                yield page

    async def history(self, operation_id: str, *, after: int = 0, limit: int = 200) -> Sequence[EventLine]:
        """See `Calls.history`."""
        return await self._calls.history(operation_id, after=after, limit=limit)

    async def result(self, operation_id: str) -> ResultPage:
        """See `Calls.result`."""
        return await self._calls.result(operation_id)

    async def cancel(self, operation_id: str, reason: str = "") -> OperationPage:
        """See `Calls.cancel`."""
        return await self._calls.cancel(operation_id, reason)

    async def retry(self, operation_id: str) -> OperationPage:
        """See `Calls.retry`."""
        return await self._calls.retry(operation_id)

    async def rerun(self, operation_id: str, request: RerunRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.rerun`."""
        return await self._calls.rerun(operation_id, request, key=key)

    async def compare(self, operation_id: str, other_id: str) -> ComparisonPage:
        """See `Calls.compare`."""
        return await self._calls.compare(operation_id, other_id)

    async def drawing(self, operation_id: str, *, format: DrawingFormat = "text") -> DrawingPage:
        """See `Calls.drawing`."""
        return await self._calls.drawing(operation_id, format=format)

    # Files

    async def files(self, operation_id: str) -> Sequence[FileLine]:
        """See `Calls.files`."""
        return await self._calls.files(operation_id)

    async def file(self, operation_id: str, name: str, *, stage: str | None = None) -> bytes:
        """See `Calls.file`; a large one is better downloaded."""
        return await self._calls.file(operation_id, name, stage=stage)

    async def download(self, operation_id: str, name: str, to: str | Path, *, stage: str | None = None) -> Path:
        """Write one of its files to the disk: whole and as its hash says, or not at all.

        Args:
            operation_id: Which operation.
            name: The file's name.
            to: Where to; in a folder, it gets its own name. What is there is replaced.
            stage: Which stage gave it, where several gave one of that name.

        Raises:
            NotFound: The caller has no operation of that id, or it has no such file.
            AnswerInvalid: What came has another hash than it should.
            OSError: It cannot be written there.
        """
        return await save(self._calls, operation_id, name, Path(to), stage=stage)

    # People

    async def approvals(self, operation_id: str | None = None) -> Sequence[ApprovalLine]:
        """See `Calls.approvals`."""
        return await self._calls.approvals(operation_id)

    async def decide(self, operation_id: str, decision: Decision) -> OperationPage:
        """See `Calls.decide`."""
        return await self._calls.decide(operation_id, decision)

    async def approve(
        self,
        operation_id: str,
        stage: str,
        *,
        name: str = "",
        comment: str = "",
        form: Mapping[str, JsonValue] | None = None,
    ) -> OperationPage:
        """Agree to what a stage asks.

        Args:
            operation_id: Which operation.
            stage: The stage that asks, or its item or turn, such as `pay[3]`.
            name: What the agent calls the question; empty for the stage's own approval.
            comment: Why.
            form: What is filled in, by field.

        Raises:
            NotFound: The caller has no operation of that id, or it asks no such question.
            NotAllowed: The caller may not vote on it.
            TooLate: It is decided, or they have voted.
            InputError: The form is not filled in as it has to be.
        """
        return await self.decide(operation_id, decided(stage, name, approve=True, comment=comment, form=form))

    async def refuse(
        self,
        operation_id: str,
        stage: str,
        *,
        name: str = "",
        comment: str = "",
        form: Mapping[str, JsonValue] | None = None,
    ) -> OperationPage:
        """Refuse what a stage asks; one who refuses is enough. Arguments and errors are those of `approve`."""
        return await self.decide(operation_id, decided(stage, name, approve=False, comment=comment, form=form))

    async def settle(self, operation_id: str, settlement: Settlement) -> OperationPage:
        """See `Calls.settle`."""
        return await self._calls.settle(operation_id, settlement)

    async def signal(self, operation_id: str, signal: SignalRequest) -> OperationPage:
        """See `Calls.signal`."""
        return await self._calls.signal(operation_id, signal)

    # What there is

    async def agents(self) -> Sequence[AgentLine]:
        """See `Calls.agents`."""
        return await self._calls.agents()

    async def workflows(self) -> Sequence[WorkflowLine]:
        """See `Calls.workflows`."""
        return await self._calls.workflows()

    async def workflow(self, name: str) -> WorkflowPage:
        """See `Calls.workflow`."""
        return await self._calls.workflow(name)

    async def plan(self, workflow: str, request: PlanRequest | None = None) -> PlanPage:
        """See `Calls.plan`; without a request, with no input."""
        return await self._calls.plan(workflow, request or PlanRequest())

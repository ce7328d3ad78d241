"""The client for programs that do not await: scripts, notebooks, and code inside of a running loop.

Rules: the same methods with the same answers and errors, each done on an event loop in a thread of this client's own.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Literal, ParamSpec, Self, TypeVar, overload

from anyio.from_thread import BlockingPortal, start_blocking_portal
from pydantic import JsonValue, SecretStr

from agentkit.errors import Closed
from agentkit.wire import (
    AgentLine,
    ApprovalLine,
    Calls,
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

from .asking import Priority, submission
from .blocking_upkeep import BlockingUpkeep
from .client import Client, Show
from .settings import ClientSettings
from .transports import far

__all__ = ["BlockingClient"]

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
Item = TypeVar("Item")


class BlockingClient(BlockingUpkeep):
    """Asks a service, near or far, without `await`.

    Use it in `with`, or call `open` and `close`. Every method is that of `Client`.

    Args:
        opening: Opens the transport on the loop of this client: for a service in this process, an async context manager
            that opens an orchestrator and gives a desk. For a server there is `BlockingClient.at`.

    Example:
        >>> from collections.abc import AsyncGenerator
        >>> from contextlib import asynccontextmanager
        >>> from agentkit import Orchestrator, Stage, Task, Workflow, agent
        >>> from agentkit.service import Desk, Service
        >>> @agent
        ... async def greet(task: Task[dict[str, str]]) -> str:
        ...     return f"Hello {task.input['name']}"
        >>> @asynccontextmanager
        ... async def opening() -> AsyncGenerator[Desk, None]:
        ...     async with Orchestrator([greet]) as orchestrator:
        ...         yield Service(orchestrator, [Workflow("greet", [Stage("greet", agent="greet")])]).desk()
        >>> with BlockingClient(opening) as client:
        ...     client.execute("greet", {"name": "Ada"}).output
        'Hello Ada'
    """

    def __init__(self, opening: Callable[[], AbstractAsyncContextManager[Calls]]) -> None:
        self._opening: Callable[[], AbstractAsyncContextManager[Client]] = partial(_near, opening)
        self._stack: ExitStack | None = None
        self._portal: BlockingPortal | None = None
        self._client: Client | None = None

    @classmethod
    def at(cls, url: str, *, key: SecretStr | str | None = None, key_file: str | Path | None = None) -> Self:
        """A client of a server; arguments and errors are those of `Client.at`."""
        return cls.from_settings(ClientSettings(url=url, key=key, key_file=key_file))

    @classmethod
    def from_settings(cls, settings: ClientSettings) -> Self:
        """A client of a server, with everything set; errors are those of `Client.from_settings`."""
        # Made here already, so that what is wrong is told here.
        calls = far(settings)
        return cls(lambda: calls)

    # Its life

    def open(self) -> Self:
        """Start the thread, and be ready to ask.

        Raises:
            DefinitionError: The file of the key cannot be read.
        """
        if self._stack is not None:
            return self
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal(name="agentkit client"))
            self._client = stack.enter_context(portal.wrap_async_context_manager(self._opening()))
            self._portal = portal
            self._stack = stack.pop_all()
        return self

    def close(self) -> None:
        """Let go of connections, and end the thread; operations of a server go on."""
        stack, self._stack, self._client, self._portal = self._stack, None, None, None
        if stack is not None:
            stack.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _asks(self) -> Client:
        if self._client is None:
            raise Closed("this client is not open: use it in `with`, or call open() first")
        return self._client

    def _do(self, call: Callable[Given, Awaitable[Answer]], *args: Given.args, **more: Given.kwargs) -> Answer:
        """Have a call done on the loop, and wait for its answer; whoever is interrupted takes it back."""
        assert self._portal is not None
        future = self._portal.start_task_soon(partial(call, *args, **more))
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def hand(self, work: Callable[[Client], Awaitable[Answer]]) -> Future[Answer]:
        """Have something done with the client itself on the loop of this thread, and do not wait for it.

        For code that runs on another event loop: there, `await asyncio.wrap_future(client.hand(work))` blocks nobody,
        and whoever is cancelled takes it back.

        Raises:
            Closed: The client is not open.
        """
        asks = self._asks
        assert self._portal is not None
        return self._portal.start_task_soon(work, asks)

    def _each(self, stream: AsyncGenerator[Item, None]) -> Generator[Item, None, None]:
        try:
            while (found := self._do(_next, stream)) is not None:
                yield found[0]
        finally:
            if self._portal is not None:
                self._do(stream.aclose)

    # Start, and come to an end

    @overload
    def execute(
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
    def execute(
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
    def execute(  # noqa: PLR0913 - each is a part of a request
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
        """See `Client.execute`."""
        request = submission(workflow, input, priority, metadata, run_timeout, agents)
        page = self._do(self._asks.submit, request, key=key)
        if not wait:
            return page
        self.wait(page.id, timeout=timeout, show=show)
        return self.result(page.id)

    def wait(self, operation_id: str, *, timeout: float | None = None, show: Show | None = None) -> OperationPage:
        """See `Client.wait`."""
        return self._shown(show, partial(self._asks.wait, operation_id, timeout=timeout))

    def follow(self, operation_id: str, *, show: Show | None = None, seconds: float = 0.2) -> OperationPage:
        """See `Client.follow`."""
        return self._shown(show, partial(self._asks.follow, operation_id, seconds=seconds))

    def _shown(self, show: Show | None, call: Callable[..., Awaitable[OperationPage]]) -> OperationPage:
        """Have a call done that shows pictures; they are shown here, in the thread of whoever waits."""
        if show is None:
            return self._do(call)
        assert self._portal is not None
        pictures: SimpleQueue[OperationPage | None] = SimpleQueue()
        future = self._portal.start_task_soon(partial(call, show=pictures.put))
        future.add_done_callback(lambda _: pictures.put(None))
        try:
            while (page := pictures.get()) is not None:
                show(page)
            return future.result()
        except BaseException:
            future.cancel()
            raise

    # The calls

    def submit(self, request: SubmitRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.submit`."""
        return self._do(self._asks.submit, request, key=key)

    def operation(self, operation_id: str) -> OperationPage:
        """See `Calls.operation`."""
        return self._do(self._asks.operation, operation_id)

    def operations(self, query: OperationQuery | None = None) -> Page[OperationLine]:
        """See `Calls.operations`; without a query, the newest."""
        return self._do(self._asks.operations, query)

    def events(self, operation_id: str, *, after: int = 0) -> Generator[EventLine, None, None]:
        """See `Client.events`."""
        return self._each(self._asks.events(operation_id, after=after))

    def progress(self, operation_id: str, *, seconds: float = 0.2) -> Generator[OperationPage, None, None]:
        """See `Calls.progress`."""
        return self._each(self._asks.progress(operation_id, seconds=seconds))

    def history(self, operation_id: str, *, after: int = 0, limit: int = 200) -> Sequence[EventLine]:
        """See `Calls.history`."""
        return self._do(self._asks.history, operation_id, after=after, limit=limit)

    def result(self, operation_id: str) -> ResultPage:
        """See `Calls.result`."""
        return self._do(self._asks.result, operation_id)

    def cancel(self, operation_id: str, reason: str = "") -> OperationPage:
        """See `Calls.cancel`."""
        return self._do(self._asks.cancel, operation_id, reason)

    def retry(self, operation_id: str) -> OperationPage:
        """See `Calls.retry`."""
        return self._do(self._asks.retry, operation_id)

    def rerun(self, operation_id: str, request: RerunRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.rerun`."""
        return self._do(self._asks.rerun, operation_id, request, key=key)

    def compare(self, operation_id: str, other_id: str) -> ComparisonPage:
        """See `Calls.compare`."""
        return self._do(self._asks.compare, operation_id, other_id)

    def drawing(self, operation_id: str, *, format: DrawingFormat = "text") -> DrawingPage:
        """See `Calls.drawing`."""
        return self._do(self._asks.drawing, operation_id, format=format)

    # Files

    def files(self, operation_id: str) -> Sequence[FileLine]:
        """See `Calls.files`."""
        return self._do(self._asks.files, operation_id)

    def file(self, operation_id: str, name: str, *, stage: str | None = None) -> bytes:
        """See `Calls.file`."""
        return self._do(self._asks.file, operation_id, name, stage=stage)

    def download(self, operation_id: str, name: str, to: str | Path, *, stage: str | None = None) -> Path:
        """See `Client.download`."""
        return self._do(self._asks.download, operation_id, name, to, stage=stage)

    # People

    def approvals(self, operation_id: str | None = None) -> Sequence[ApprovalLine]:
        """See `Calls.approvals`."""
        return self._do(self._asks.approvals, operation_id)

    def decide(self, operation_id: str, decision: Decision) -> OperationPage:
        """See `Calls.decide`."""
        return self._do(self._asks.decide, operation_id, decision)

    def approve(
        self,
        operation_id: str,
        stage: str,
        *,
        name: str = "",
        comment: str = "",
        form: Mapping[str, JsonValue] | None = None,
    ) -> OperationPage:
        """See `Client.approve`."""
        return self._do(self._asks.approve, operation_id, stage, name=name, comment=comment, form=form)

    def refuse(
        self,
        operation_id: str,
        stage: str,
        *,
        name: str = "",
        comment: str = "",
        form: Mapping[str, JsonValue] | None = None,
    ) -> OperationPage:
        """See `Client.refuse`."""
        return self._do(self._asks.refuse, operation_id, stage, name=name, comment=comment, form=form)

    def settle(self, operation_id: str, settlement: Settlement) -> OperationPage:
        """See `Calls.settle`."""
        return self._do(self._asks.settle, operation_id, settlement)

    def signal(self, operation_id: str, signal: SignalRequest) -> OperationPage:
        """See `Calls.signal`."""
        return self._do(self._asks.signal, operation_id, signal)

    # What there is

    def agents(self) -> Sequence[AgentLine]:
        """See `Calls.agents`."""
        return self._do(self._asks.agents)

    def workflows(self) -> Sequence[WorkflowLine]:
        """See `Calls.workflows`."""
        return self._do(self._asks.workflows)

    def workflow(self, name: str) -> WorkflowPage:
        """See `Calls.workflow`."""
        return self._do(self._asks.workflow, name)

    def plan(self, workflow: str, request: PlanRequest | None = None) -> PlanPage:
        """See `Calls.plan`; without a request, with no input."""
        return self._do(self._asks.plan, workflow, request or PlanRequest())


@asynccontextmanager
async def _near(opening: Callable[[], AbstractAsyncContextManager[Calls]]) -> AsyncGenerator[Client, None]:
    async with opening() as calls:
        yield Client(calls)


async def _next(stream: AsyncGenerator[Item, None]) -> tuple[Item] | None:
    """The next of a stream; None at its end."""
    try:
        return (await anext(stream),)
    except StopAsyncIteration:
        return None

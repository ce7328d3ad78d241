"""Live pictures of operations: `watch` for as long as they go on, `show` for once."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import aclosing
from typing import Any, Generic, TypeVar, overload

from agentkit.client import Client
from agentkit.errors import AgentKitError, DefinitionError, UsageError
from agentkit.orchestrator import Operation, Result
from agentkit.wire import OperationPage, ResultPage

from .drawing import drawn
from .far import FollowedSource
from .near import NearSource
from .pacing import SECONDS
from .sheets import Sheet, cell_number
from .sight import Sight, Source

__all__ = ["Watch", "show", "watch"]

Output = TypeVar("Output")
Outcome = TypeVar("Outcome")


class Watch(Generic[Outcome]):
    """A live picture of an operation. It goes on by itself, while other cells run; the operation does so anyway.

    Await it for the operation's result, or its error. Use it as the last line of another cell to have the picture
    there too.
    """

    def __init__(self, source: Source[Outcome], *, seconds: float) -> None:
        self._source = source
        self._sheets = [Sheet()]
        self._cell = cell_number()
        self._picture: dict[str, str] = {}
        self._following = asyncio.get_running_loop().create_task(self._follow(seconds))

    def __repr__(self) -> str:
        return f"<watch: {self._picture.get('text/plain', 'nothing is drawn yet').partition(chr(10))[0]}>"

    def _ipython_display_(self) -> None:
        # In the cell that made it, the picture is there already.
        if cell_number() != self._cell and self._picture:
            self._cell = cell_number()
            sheet = Sheet()
            sheet.draw(self._picture)
            self._sheets.append(sheet)

    def __await__(self) -> Generator[Any, None, Outcome]:
        return self.result().__await__()

    async def result(self) -> Outcome:
        """Wait for the end, and for its picture. When the waiting is cancelled, the operation goes on, and the picture.

        Raises:
            OperationError: It did not end well.
            AgentKitError: It could not be followed to its end.
        """
        await asyncio.wait([self._following])
        if not self._following.cancelled():
            self._following.result()
        # Once more in this cell: it may have been drawn between two cells, where who saves a notebook takes nothing.
        self._tell()
        return await self._source.result()

    async def at_rest(self) -> None:
        """Wait until it is over, or waits for people, a signal or a time with nothing else to do; the picture says so.

        Raises:
            AgentKitError: It could not be followed.
        """
        await self._source.at_rest()
        self._draw(await self._source.sight())

    async def stop(self) -> None:
        """Draw no more; the picture stays as it is, and the operation goes on."""
        self._following.cancel()
        await asyncio.wait([self._following])

    async def _follow(self, seconds: float) -> None:
        sight: Sight | None = None
        try:
            async with aclosing(self._source.sights(seconds)) as sights:
                async for sight in sights:
                    self._draw(sight)
        except AgentKitError as error:
            # Nobody may wait here; whoever does is told the same by the operation itself.
            if sight is not None:
                self._draw(sight, f"not followed any more: {error}")

    def _draw(self, sight: Sight, note: str = "") -> None:
        self._picture = drawn(sight, note)
        self._tell()

    def _tell(self) -> None:
        # Nothing to tell of what was never seen, as where there is no such operation.
        for sheet in self._sheets if self._picture else ():
            sheet.draw(self._picture)


@overload
def watch(operation: Operation[Output], *, seconds: float = ...) -> Watch[Result[Output]]: ...
@overload
def watch(operation: str | OperationPage, client: Client, *, seconds: float = ...) -> Watch[ResultPage]: ...
def watch(
    operation: Operation[Output] | str | OperationPage, client: Client | None = None, *, seconds: float = SECONDS
) -> Watch[Result[Output]] | Watch[ResultPage]:
    """Draw an operation below this cell, live until its end; what is saved with the notebook is how it stood last.

    It needs a running loop, which every notebook has. `await watch(...)` waits for the result; without `await` the next
    cells run, and the picture goes on.

    Args:
        operation: An operation of an orchestrator; or, with a client, its id or page.
        client: Who is asked about it.
        seconds: The shortest time between two pictures.

    Raises:
        UsageError: No loop runs here.
        DefinitionError: An id without a client.

    Example:
        >>> from agentkit import Orchestrator, Workflow
        >>> async def see(orchestrator: Orchestrator, flow: Workflow[str]) -> str:
        ...     return (await watch(await orchestrator.submit(flow, "Ada"))).output
    """
    if not _loop_runs():
        raise UsageError("no loop runs here, so nothing can be watched: use run_sync, or LiveView of a BlockingClient")
    if isinstance(operation, Operation):
        return Watch(NearSource(operation), seconds=seconds)
    return Watch(_far(operation, client), seconds=seconds)


@overload
async def show(operation: Operation[Output]) -> None: ...
@overload
async def show(operation: str | OperationPage, client: Client) -> None: ...
async def show(operation: Operation[Output] | str | OperationPage, client: Client | None = None) -> None:
    """Draw an operation below this cell as it stands now.

    Args:
        operation: An operation of an orchestrator; or, with a client, its id or page.
        client: Who is asked about it.

    Raises:
        NotFound: There is none of that id.
        DefinitionError: An id without a client.
    """
    source = NearSource(operation) if isinstance(operation, Operation) else _far(operation, client)
    Sheet().draw(drawn(await source.sight()))


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _far(operation: str | OperationPage, client: Client | None) -> FollowedSource:
    if client is None:
        raise DefinitionError("an operation that is named by its id needs a client: watch(operation_id, client)")
    return FollowedSource(client, operation if isinstance(operation, str) else operation.id)

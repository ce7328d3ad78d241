"""A replica far away: what a pool of agents asks a server to do.

Rules: this knows no agents; it works with whatever task it is given that has an input and a name. What nobody wants any
more is cancelled there, as far as the server can be reached; what is only let go of here goes on there, and is found
again by its key.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Generic, Protocol, TypeVar, cast

import anyio
from pydantic import JsonValue
from pydantic_core import PydanticSerializationError, to_jsonable_python

from agentkit.errors import AgentKitError, InputError, ServerUnavailable
from agentkit.wire import OperationPage

from .client import Client

__all__ = ["RemoteReplica", "RemoteTask"]

Out = TypeVar("Out", covariant=True)


class RemoteTask(Protocol):
    """What is asked of a task; every `Task` has it."""

    @property
    def input(self) -> object:
        """What to work on."""
        ...

    @property
    def attempt_key(self) -> str:
        """The name of this very attempt."""
        ...

    @property
    def is_standalone(self) -> bool:
        """Whether it belongs to no operation; then its name says nothing."""
        ...

    def is_released(self, cancelled: BaseException) -> bool:
        """Whether a cancellation only ends the attempt here, so that it is run again under the same key."""
        ...


class RemoteReplica(Generic[Out]):
    """A workflow of a server as a replica of a pool: `Replica(remote.run, name="eu", check=remote.check)`.

    For type checkers say what the workflow gives: `RemoteReplica[int](client, "count")`. The value comes as plain JSON,
    and a pool reads it as the type that its other replicas declare.

    Args:
        client: Asks the server, and stays open as long as the pool works.
        workflow: The workflow there; its input is the task's, and its output the replica's value.
        cancel_seconds: For how long a server is told at most that its work is not wanted any more.

    Example:
        >>> from agentkit.client import Client
        >>> RemoteReplica(Client.at("https://eu.example.org"), "extract")
        <remote replica: workflow 'extract'>
    """

    def __init__(self, client: Client, workflow: str, *, cancel_seconds: float = 5.0) -> None:
        self._client = client
        self._workflow = workflow
        self._cancel_seconds = cancel_seconds

    def __repr__(self) -> str:
        return f"<remote replica: workflow {self._workflow!r}>"

    async def run(self, task: RemoteTask) -> Out:
        """Have the server work on the task, and wait for what comes of it.

        Raises:
            ServerUnavailable: No server answered; what was asked may have happened.
            Overloaded: It has too much to do.
            InputError: The input is not of the workflow there, or no JSON can be made of it.
            OperationError: The work there did not end well.
        """
        try:
            given: JsonValue = to_jsonable_python(task.input)
        except PydanticSerializationError as error:
            raise InputError(f"workflow {self._workflow!r} is elsewhere, and its input is no JSON: {error}") from error
        beginning = asyncio.get_running_loop().create_task(self._begin(given, task))
        try:
            # Shielded: of what is being asked for nobody would know what to cancel.
            page = await asyncio.shield(beginning)
            await self._client.wait(page.id)
            return cast("Out", (await self._client.result(page.id)).output)
        except (asyncio.CancelledError, ServerUnavailable) as error:
            if task.is_released(error):
                beginning.cancel()
            else:
                await self._give_up(beginning)
            raise

    async def _begin(self, given: JsonValue, task: RemoteTask) -> OperationPage:
        """Start the operation, or find the one that the same attempt started before a crash, and start no other."""
        if task.is_standalone:
            return await self._client.execute(self._workflow, given, wait=False)
        for life in count(1):
            key = task.attempt_key if life == 1 else f"{task.attempt_key}:{life}"
            page = await self._client.execute(self._workflow, given, wait=False, key=key)
            if page.status in {"stopping", "compensating"}:
                page = await self._client.wait(page.id)
            if page.status != "cancelled":
                return page
            # It was given up in an earlier life of this attempt, which is wanted again.
        raise AssertionError("there is always another number")

    async def check(self) -> None:
        """Look whether the server answers and offers the workflow.

        Raises:
            ServerUnavailable: It does not answer.
            NotFound: It does not offer the workflow.
        """
        await self._client.workflow(self._workflow)

    async def _give_up(self, beginning: asyncio.Task[OperationPage]) -> None:
        """Tell the server that nobody waits any more; a server that is gone need not be told."""
        with anyio.CancelScope(shield=True), anyio.move_on_after(self._cancel_seconds):
            try:
                page = await beginning
                await self._client.cancel(page.id, "nobody waits any more for what it was to give")
            except AgentKitError:
                # Ended already, or not to be reached: there is nothing that could be done about either.
                return

"""Workflows inside of workflows: a stage that runs an operation of its own.

Rules: the child's id is made of its parent's, so after a crash the parent finds the child that it began, and never
begins a second one. A child runs, rests and is cancelled as any operation; its parent waits for its end. Whoever stops
the parent stops the child; whoever only lets go of the parent leaves the child alone. A stage that is tried again goes
on with what its child before had done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from agentkit.engines import RELEASED
from agentkit.errors import AgentKitError, JournalConflict, NotFound
from agentkit.kernel import (
    Event,
    Failed,
    Failure,
    OperationAccepted,
    Outcome,
    RunAttempt,
    State,
    Succeeded,
    carried_events,
    child_id,
    output_confidence,
    replay,
    standing_stages,
)

from .result import is_degraded, output_text, why_not_completed

__all__ = ["Operations", "Subflows"]


class Operations(Protocol):
    """What is needed of whoever drives operations."""

    def now(self) -> float:
        """What time it is."""
        ...

    async def begin(self, events: Sequence[Event]) -> None:
        """Begin one."""
        ...

    async def journal(self, operation_id: str) -> Sequence[Event]:
        """All that happened to one."""
        ...

    async def settled(self, operation_id: str) -> State:
        """Wait for the end of one."""
        ...

    async def cancel(self, operation_id: str, reason: str) -> None:
        """Have one stop."""
        ...


class Subflows:
    """Runs the children of operations.

    Args:
        operations: Whoever drives operations.
        adopt: Drives an operation that began before, if nobody does.
    """

    def __init__(self, operations: Operations, adopt: Callable[[str], Awaitable[bool]]) -> None:
        self._operations = operations
        self._adopt = adopt
        self._stopping: set[asyncio.Task[None]] = set()

    async def execute(self, command: RunAttempt) -> Outcome:
        """Run the workflow of a stage to its end, and tell its output as the outcome."""
        situation = command.situation
        assert situation is not None
        assert situation.workflow is not None
        child = command.child_id
        journal = await self._before(command, situation.continues)
        accepted = OperationAccepted(
            at=self._operations.now(),
            operation_id=child,
            workflow=situation.workflow,
            input=command.given,
            parent=command.operation_id,
            origin=journal[0].operation_id if journal and isinstance(journal[0], OperationAccepted) else None,
            requester=situation.requester,
            tenant=situation.tenant,
        )
        try:
            try:
                await self._operations.begin([accepted, *_carried(journal, accepted.at)])
            except JournalConflict:
                await self._adopt(child)
            state = await self._operations.settled(child)
        except asyncio.CancelledError as error:
            if RELEASED not in error.args:
                self.stop(child)
            raise
        if state.status == "completed":
            confidence = output_confidence(state)
            return Succeeded(
                value=output_text(state),
                confidence=None if confidence == 1 else confidence,
                degraded=is_degraded(state),
                usage=state.usage,
                counted=state.counted,
            )
        why = f"its operation {child} {why_not_completed(state)}"
        failure = Failure(code="child_failed", type="OperationFailed", message=why)
        return Failed(failure=failure, kinds=_KINDS, usage=state.usage, counted=state.counted)

    async def _before(self, command: RunAttempt, continues: str | None) -> Sequence[Event]:
        """The journal of the child that this one goes on with; empty if there is none.

        It is the child of the attempt before or, in an operation that continues another one, the last child there.
        """
        try:
            if command.attempt > 1:
                parent, attempt = command.operation_id, command.attempt - 1
            elif continues is not None:
                origin = replay(await self._operations.journal(continues))
                parent, attempt = continues, origin.stage(command.stage).attempt
            else:
                return ()
            return await self._operations.journal(child_id(parent, command.stage, attempt))
        except NotFound:
            return ()

    def stop(self, child: str) -> None:
        """Have a child stop, in the background."""
        task = asyncio.get_running_loop().create_task(self._cancel(child))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def close(self) -> None:
        """Wait until those that are to stop have been told."""
        if self._stopping:
            await asyncio.wait(self._stopping)

    async def _cancel(self, child: str) -> None:
        try:
            await self._operations.cancel(child, "the operation that it belongs to has stopped")
        except AgentKitError:
            # There is none, it has ended, or the store is gone; then whoever takes it up sees to it.
            return


def _carried(journal: Sequence[Event], at: float) -> Sequence[Event]:
    """What a child takes over from the one before it, which did not complete."""
    if not journal:
        return ()
    state = replay(journal)
    return carried_events(state, journal, standing_stages(state), at) if state.ended else ()


_KINDS = ("OperationFailed", "OperationError", "AgentKitError", "Exception")

"""Workflows inside of workflows: a stage that runs an operation of its own.

Rules: the child's id is made of its parent's, so after a crash the parent finds the child that it began, and never
begins a second one. A child runs, rests and is cancelled as any operation; its parent waits for its end. Whoever stops
the parent stops the child; whoever only lets go of the parent leaves the child alone. A stage that is tried again goes
on with what its newest child before had done, and no child begins while one before it still works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from agentkit.agents import failed
from agentkit.engines import RELEASED, check_placeholders, instruction_values
from agentkit.errors import AgentKitError, DefinitionError, JournalConflict, NotFound
from agentkit.kernel import (
    EffectCarried,
    Event,
    Failed,
    Failure,
    OperationAccepted,
    Outcome,
    RunAttempt,
    State,
    Succeeded,
    carried_effects,
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
        try:
            check_placeholders(situation.workflow, instruction_values(command.given))
        except DefinitionError as error:
            return failed("input_invalid", str(error), type_name="InputError", retryable=False)
        child = command.child_id
        accepted = OperationAccepted(
            at=self._operations.now(),
            operation_id=child,
            workflow=situation.workflow,
            input=command.given,
            parent=command.operation_id,
            requester=situation.requester,
            tenant=situation.tenant,
        )
        try:
            try:
                await self._operations.begin(await self._first_events(command, accepted))
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

    async def _first_events(self, command: RunAttempt, accepted: OperationAccepted) -> Sequence[Event]:
        """How a child begins: with what it takes over from the newest one before it.

        Only a child of the same work hands its results on; what happened outside is always known.
        """
        assert command.situation is not None
        journal, is_stale = await self._before(command, command.situation.continues)
        if not journal:
            return [accepted]
        state = replay(journal)
        accepted = replace(accepted, origin=state.operation_id)
        if is_stale or (state.input, state.workflow) != (accepted.input, accepted.workflow):
            effects = carried_effects(state, accepted.at)
            if command.situation.item is not None and state.input != accepted.input:
                # It was another item of another list, so nobody knows what of it is the same.
                effects = [effect if effect.digest else _of_other_list(effect) for effect in effects]
            return [accepted, *effects]
        return [accepted, *carried_events(state, journal, standing_stages(state), accepted.at)]

    async def _before(self, command: RunAttempt, continues: str | None) -> tuple[Sequence[Event], bool]:
        """The journal of the newest child before this one, empty if there is none; and whether its results are stale.

        An attempt may have made no child, and so may a whole operation that was continued. Results are stale behind a
        fork, and where the stage was complete and is worked on again all the same.
        """
        parent, attempt, state = command.operation_id, command.attempt - 1, None
        is_forked = is_stale = False
        while True:
            for number in range(attempt, 0, -1):
                with suppress(NotFound):
                    child = child_id(parent, command.stage, number)
                    return await self._last_word(child, may_stop=not is_forked), is_stale
            if state is None:
                # Most operations continue none, and then nothing more is read.
                if continues is None:
                    return (), False
                state = replay(await self._operations.journal(parent))
            if state.origin is None:
                return (), False
            is_forked = is_forked or state.forked_at is not None
            parent, state = state.origin, replay(await self._operations.journal(state.origin))
            before = state.stage(command.stage)
            if before.status == "undone":
                # What was done up to here is not there any more.
                return (), False
            is_stale = is_forked or is_stale or before.status == "completed"
            attempt = before.attempt

    async def _last_word(self, child: str, *, may_stop: bool) -> Sequence[Event]:
        """All that happened to a child before; one that still works is stopped first, lest both do the same.

        A fork leaves what it was forked from alone, and takes what is known by now.
        """
        journal = await self._operations.journal(child)
        if not may_stop or replay(journal).ended:
            return journal
        await self._operations.cancel(child, "its stage is tried again")
        await self._adopt(child)
        await self._operations.settled(child)
        return await self._operations.journal(child)

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


def _of_other_list(effect: EffectCarried) -> EffectCarried:
    """An effect as if an item of another list had it."""
    return replace(effect, stage=f"{effect.stage}[0]", digest="other")


_KINDS = ("OperationFailed", "OperationError", "AgentKitError", "Exception")

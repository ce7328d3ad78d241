"""Workflows inside of workflows: a stage that runs an operation of its own.

Rules: the child's id is made of its parent's, so after a crash the parent finds the child that it began, and never
begins a second one. A child runs, rests and is cancelled as any operation; its parent waits for its end. Whoever stops
the parent stops the child; whoever only lets go of the parent leaves the child alone. A stage that is tried again goes
on with what its newest child before had done, and no child begins while one before it still works. Once the child rests
its parent's stage rests with it, until the child is about to end: whoever drives the child then says so on the parent's
journal, first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Protocol

from agentkit.agents import RELEASED, failed
from agentkit.engines import Budgets, check_placeholders, instruction_values
from agentkit.errors import AgentKitError, Closed, DefinitionError, JournalConflict, NotFound, StoreUnavailable
from agentkit.kernel import (
    ChildRests,
    EffectCarried,
    Event,
    Failed,
    Failure,
    OperationAccepted,
    OperationQuarantined,
    Outcome,
    RunAttempt,
    State,
    Succeeded,
    Wish,
    carried_effects,
    carried_events,
    child_id,
    hear_child,
    output_confidence,
    replay,
    standing_stages,
)
from agentkit.orchestrator.result import is_degraded, output_text, why_not_completed
from agentkit.views import child_trace

from .adoption import Adoption, is_settled

__all__ = ["Operations", "Subflows"]

_log = logging.getLogger("agentkit")

# After how long to look for a child again when the store did not answer.
_PAUSE_SECONDS = 0.5


class Operations(Protocol):
    """What is needed of whoever drives operations."""

    def now(self) -> float:
        """What time it is."""
        ...

    async def begin(self, events: Sequence[Event]) -> Sequence[Event]:
        """Begin one; all that was written with it."""
        ...

    async def journal(self, operation_id: str, *, limit: int | None = None) -> Sequence[Event]:
        """All that happened to one, or how it began."""
        ...

    @property
    def adoption(self) -> Adoption:
        """What drives one that began before, if nobody does."""
        ...

    async def settled(self, operation_id: str, *, or_resting: bool = False) -> State:
        """Wait for the end of one, or also for its coming to rest."""
        ...

    async def wish(self, operation_id: str, wish: Wish) -> None:
        """Put what somebody wants of one on its journal."""
        ...

    async def cancel(self, operation_id: str, reason: str) -> None:
        """Have one stop."""
        ...


class Subflows:
    """Runs the children of operations.

    Args:
        operations: Whoever drives operations.
        budgets: What the children may spend.
    """

    def __init__(self, operations: Operations, budgets: Budgets) -> None:
        self._operations = operations
        self._budgets = budgets
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
        child, began = command.child_id, self._operations.now()
        accepted = OperationAccepted(
            at=began,
            operation_id=child,
            workflow=situation.workflow,
            input=command.given,
            parent=command.operation_id,
            requester=situation.requester,
            tenant=situation.tenant,
            trace=child_trace(command.operation_id, situation.trace, stage=command.stage, attempt=command.attempt),
            # Its parent has begun, and what is begun is finished first.
            priority="high",
        )
        try:
            state = await self._run(command, accepted)
        except asyncio.CancelledError as error:
            if RELEASED not in error.args:
                self.stop(child)
            raise
        if not is_settled(state):
            passed = self._operations.now() - began
            return ChildRests(left=None if command.timeout is None else command.timeout - passed)
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

    async def _run(self, command: RunAttempt, accepted: OperationAccepted) -> State:
        """Begin a child, or find the one that began before; where it stands when it has ended, or rests."""
        assert command.situation is not None
        # One that was heard of has begun before, and its end is near: that is waited for here.
        is_heard = command.situation.is_heard
        while True:
            try:
                if is_heard or not await self._begin(command, accepted):
                    await self._operations.adoption.adopt(command.child_id)
                return await self._operations.settled(command.child_id, or_resting=not is_heard)
            except StoreUnavailable:
                # The child goes on whatever is known of it here. If the store stays away, the parent's driver gives up.
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _begin(self, command: RunAttempt, accepted: OperationAccepted) -> bool:
        """Begin a child; whether it had not begun before."""
        try:
            await self._operations.begin(await self._first_events(command, accepted))
        except JournalConflict:
            return False
        return True

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
        await self._operations.adoption.adopt(child)
        await self._operations.settled(child)
        return await self._operations.journal(child)

    async def prepare(self, child: State, event: Event) -> None:
        """A child, or another operation, is about to change hands, or to come to quarantine.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        if isinstance(event, OperationQuarantined):
            await self.tell_parent(child)
            return
        with _if_it_can_be_read():
            await self._open_books(child)

    async def tell_parent(self, child: State) -> None:
        """Say on the journal of its parent that a child is about to end, or to come to quarantine.

        It is there whether the parent rests or not: one that is about to rest then finds its journal changed, and
        looks at the child again.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        name = child.operation_id
        if child.parent is not None:
            with _if_it_can_be_read():
                await self._operations.wish(child.parent, lambda parent, at: hear_child(parent, name, at=at))

    async def _open_books(self, child: State | OperationAccepted) -> None:
        """Have a child spend from the budget of its parent's stage, where nobody drives the parent since it rests."""
        if child.parent is None or self._budgets.knows(child.operation_id):
            return
        (accepted,) = await self._operations.journal(child.parent, limit=1)
        assert isinstance(accepted, OperationAccepted)
        await self._open_books(accepted)
        if not self._budgets.limits(accepted):
            # Most have none, and then no more is read than their beginning.
            return
        self._budgets.open_books(replay(await self._operations.journal(child.parent)), child.operation_id)

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


@contextmanager
def _if_it_can_be_read() -> Generator[None]:
    """What is wrong with a parent, which may be gone, is no trouble of its children."""
    try:
        yield
    except (StoreUnavailable, Closed):
        raise
    except AgentKitError:
        _log.exception("the parent of an operation cannot be told of it")


def _of_other_list(effect: EffectCarried) -> EffectCarried:
    """An effect as if an item of another list had it."""
    return replace(effect, stage=f"{effect.stage}[0]", digest="other")


_KINDS = ("OperationFailed", "OperationError", "AgentKitError", "Exception")

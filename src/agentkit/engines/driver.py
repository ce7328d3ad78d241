"""The driver: brings the world to what the plan wants, and the journal to what the world answered.

    repeat: outcomes -> decide -> events -> append -> start (plan - running), stop (running - plan)

Rules: nothing is decided here, only carried out. An event is on the journal before anybody acts on it: a start before
the body runs, a success before a dependent starts, the end before it is told. All that is ready at one moment is one
append. When another writer was first, or nobody knows whether a write happened, the driver forgets its state and
replays the journal: that is always right, so there is no second way to recover.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from agentkit.errors import JournalConflict, StoreUnavailable
from agentkit.kernel import (
    DeadlinePassed,
    Event,
    OperationStatus,
    Outcome,
    Plan,
    RunAttempt,
    State,
    Stopped,
    Wish,
    conclude,
    decide,
    plan,
    replay,
    start,
)
from agentkit.stores import Lease, Summary

from .asked import AskedWishes
from .attempts import Attempts
from .drivers import Drivers
from .inputs import command_or_refusal, instruction_values
from .openings import happen, open_wanted
from .slots import Taken
from .storable import what_follows
from .summaries import summary_of

__all__ = ["Driver"]


class Driver:
    """Drives one operation until it has ended, or rests.

    Attributes:
        state: Where the operation stands; between two turns it is what the journal says.
        lease: The right to drive it.
    """

    __slots__ = (
        "_ahead",
        "_answers",
        "_asked",
        "_attempts",
        "_has_rested",
        "_is_parked",
        "_is_poked",
        "_loop",
        "_must_replay",
        "_shared",
        "_trouble_since",
        "_values",
        "_version",
        "_wake",
        "_wake_at",
        "lease",
        "state",
    )

    def __init__(self, shared: Drivers, state: State, lease: Lease) -> None:
        self._shared = shared
        self.state: State = state
        self.lease: Lease = lease
        self._loop = asyncio.get_running_loop()
        self._version = state.version
        self._attempts = Attempts(shared.abandoned, self._answer)
        self._answers: list[tuple[RunAttempt, Outcome]] = []
        self._asked = AskedWishes()
        self._ahead = max(0.0, state.at - shared.clock.now())
        self._has_rested = lease.token > 1
        self._is_parked = False
        self._is_poked = False
        self._must_replay = False
        self._trouble_since: float | None = None
        self._values: Mapping[str, str] | None = None
        self._wake: asyncio.Future[None] | None = None
        self._wake_at: float | None = None

    async def begin(self, events: Sequence[Event]) -> Sequence[Event]:
        """Put a new operation on the journal, together with the start of what is ready; then `run` drives it.

        Returns:
            All that is on the journal now.

        Raises:
            JournalConflict: There is an operation of that id.
            StoreError: The store failed.
        """
        shared, state = self._shared, self.state
        happened = list(events)
        with Taken(shared.slots, self.poke) as taken:
            try:
                self._fill(happened, state.at, taken)
                summary = summary_of(state, shared.rest_seconds)
                await shared.store.append(self.lease.stream, happened, expected=0, lease=self.lease, summary=summary)
            except BaseException:
                shared.slots.forget(self.poke)
                shared.slots.pass_on()
                raise
            self._version = len(happened)
            self._is_parked = self._has_rested = summary.parked
            self._start_all(taken)
        return happened

    async def run(self) -> None:
        """Drive, until the operation has ended, is in quarantine, or has nothing to do for so long that it rests.

        Raises:
            LeaseLost: Another driver has the operation; nothing was committed here since.
            StoreUnavailable: The store did not answer for too long; the operation stays as its journal says.
            JournalCorrupt: The journal cannot be read.
        """
        if self.state.held or self.state.asleep:
            # Who took it up has written its summary; if it rests, there may be nothing to write for a long time.
            self._is_parked = summary_of(self.state, self._shared.rest_seconds).parked
        try:
            while not await self._turn():
                await self._sleep()
        finally:
            self._asked.close()
            self._shared.slots.forget(self.poke)
            self._shared.slots.pass_on()
            self._shared.budgets.forget(self.state)
            self._attempts.close(grace_seconds=self._shared.cancel_seconds)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """The tasks of the attempts that have not ended, those told to stop included."""
        return self._attempts.tasks

    def poke(self) -> None:
        """Something may have changed: look again."""
        # Kept as well, since it may come while the driver is in the middle of a turn.
        self._is_poked = True
        wake = self._wake
        if wake is not None and not wake.done():
            wake.set_result(None)

    def refresh(self) -> None:
        """Somebody else appended to the journal: read it again."""
        self._must_replay = True
        self.poke()

    async def ask(self, wish: Wish) -> bool:
        """Put somebody's wish on the journal; False if the driver ended before that.

        Args:
            wish: Makes the events, given where the operation stands and the time; nothing, if all is as it should be.

        Raises:
            AgentKitError: The wish was refused; the journal is as it was.
        """
        kept: asyncio.Future[bool] = self._loop.create_future()
        self._asked.add(wish, kept)
        self.poke()
        return await kept

    async def _turn(self) -> bool:
        """Carry out what is wanted now; say whether the work is over."""
        self._is_poked = False
        if self._must_replay:
            await self._replay()
            if self._is_over:
                return True
        state = self.state
        status = state.status
        now = max(self._now(), state.at)
        answers, self._answers = self._answers, []
        events: list[Event] = []
        self._take(answers, events, now)
        if self._asked and not self._asked.take(state, now, events):
            self._answers[:0] = answers
            self._asked.put_back()
            self.refresh()
            return False
        with Taken(self._shared.slots, self.poke) as taken:
            committed = False
            try:
                self._fill(events, now, taken)
                committed = not events or await self._commit(events, self._new_summary(status))
            finally:
                if not committed:
                    # What was answered and asked is still true: it is decided again, on the journal as it is now.
                    self._answers[:0] = answers
                    self._asked.put_back()
                    self._is_poked = True
            if not committed:
                return self._is_over
            self._asked.keep()
            self._start_all(taken)
            self._reconcile(taken)
        if not self._is_poked:
            self._shared.slots.leave(self.poke)
        return self._is_over

    @property
    def is_settled(self) -> bool:
        """Whether the operation has ended or is in quarantine."""
        return self.state.ended or self.state.status == "quarantined"

    @property
    def _is_over(self) -> bool:
        """Whether there is nothing more to drive: it is settled, or it rests and nobody has asked for anything."""
        if self.is_settled:
            return True
        return self._is_parked and not (self._is_poked or self._must_replay or self._asked or self._attempts)

    def _new_summary(self, before: OperationStatus) -> Summary | None:
        """The summary, if it changed: with the status, or since the operation comes to rest or rests no more."""
        state = self.state
        if state.status == before and not self._is_parked and not state.held and not state.is_resting:
            return None
        return summary_of(state, self._shared.rest_seconds)

    def _take(self, answers: Sequence[tuple[RunAttempt, Outcome]], events: list[Event], now: float) -> None:
        """Add the events that follow from what attempts answered."""
        state = self.state
        if answers and state.workflow.timeout is not None and plan(state, now).expired:
            # Before the answers: an attempt that ended because the operation's time is up did not fail by itself.
            happen(self.state, DeadlinePassed(at=now), events)
        for command, outcome in answers:
            for event in what_follows(state, command, outcome, now):
                happen(self.state, event, events)

    def _fill(self, events: list[Event], now: float, taken: Taken) -> None:
        """Start what is wanted as far as there is room, or write the end."""
        state = self.state
        wanted = plan(state, now)
        if wanted.expired:
            happen(self.state, DeadlinePassed(at=now), events)
            wanted = plan(state, now)
        if state.stop or state.unwanted or wanted.due or wanted.opening or wanted.undo:
            wanted = self._open_and_end(wanted, events, now)
        self._wake_at = wanted.wake_at
        if wanted.concluded:
            happen(self.state, conclude(state, now), events)
            return
        for resource, queue in tuple(wanted.ready.items()):
            taken.take(resource, queue, wanted.room)
        for number in wanted.due:
            taken.take(state.resource(number), (number,), wanted.room)
        for number in taken.numbers:
            happen(state, start(state, number, now), events)

    def _open_and_end(self, wanted: Plan, events: list[Event], now: float) -> Plan:
        """Do what takes no attempt; the plan after that."""
        state = self.state
        before = None
        # What is opened may stop the operation, and then what runs in a process that is gone has to end too.
        while before != (state.stop, len(state.unwanted)):
            before = state.stop, len(state.unwanted)
            if (state.status == "stopping" and state.running) or state.unwanted:
                self._end_lost(events, now)
                wanted = plan(state, now)
            if wanted.due or wanted.opening or wanted.undo:
                wanted = open_wanted(state, wanted, events, now, self._texts())
        return wanted

    def _end_lost(self, events: list[Event], now: float) -> None:
        """What is to stop, but runs in a process that is gone, has stopped."""
        state = self.state
        for number in tuple(state.running if state.status == "stopping" else state.unwanted):
            if state.name(number) not in self._attempts:
                command, _ = command_or_refusal(state, number, self._texts())
                if command.situation is not None and command.situation.workflow and self._shared.stop_child:
                    self._shared.stop_child(command.child_id)
                for event in decide(state, command, self._shared.budgets.settle(command, Stopped()), now):
                    happen(self.state, event, events)

    async def _commit(self, events: Sequence[Event], summary: Summary | None) -> bool:
        """Append; if that was not possible, have the state say what the journal says."""
        shared = self._shared
        try:
            if self._has_rested and self.state.ended and self.state.parent and shared.tell_parent is not None:
                # Before it ends: whoever dies in between leaves a parent behind that does not rest, and no lost end.
                await shared.tell_parent(self.state)
            await shared.store.append(
                self.lease.stream, events, expected=self._version, lease=self.lease, summary=summary
            )
        except JournalConflict:
            await self._replay()
            return False
        except StoreUnavailable as error:
            await self._await_store(error)
            return False
        self._version += len(events)
        self._trouble_since = None
        self._is_parked = summary is not None and summary.parked
        self._has_rested = self._has_rested or self._is_parked
        return True

    def _now(self) -> float:
        """The time, set forward where the process before had a clock that was ahead: time must go on from there."""
        return self._shared.clock.now() + self._ahead

    async def _replay(self) -> Sequence[Event]:
        journal = await self._shared.store.read(self.lease.stream)
        self._must_replay = False
        self.state = replay(journal)
        self._version = self.state.version
        return journal

    async def _await_store(self, error: StoreUnavailable) -> None:
        """After a failed write: wait a little, then read what really happened."""
        if self._trouble_since is None:
            self._trouble_since = self._loop.time()
        while True:
            trouble = self._loop.time() - self._trouble_since
            if trouble > self._shared.patience_seconds:
                raise error
            await asyncio.sleep(min(2.0, 0.05 + trouble))
            try:
                return self._asked.recognise(await self._replay())
            except StoreUnavailable as again:
                error = again

    def _reconcile(self, taken: Taken) -> None:
        """Make what runs here what is wanted, where the turn has not done so already."""
        state = self.state
        running: Collection[int] = state.running if state.status in ("pending", "running", "compensating") else ()
        if state.unwanted or state.asleep:
            running = [number for number in running if number not in state.unwanted and number not in state.asleep]
        attempts = self._attempts
        if len(running) == attempts.wanted:
            return
        names = {state.name(number) for number in running}
        attempts.stop([name for name in attempts if name not in names], grace_seconds=self._shared.cancel_seconds)
        # What has ended while the journal was written is not to run again: its answer waits for the next turn.
        here = {*attempts, *(command.stage for command, _ in self._answers)}
        for number in tuple(running):
            if state.name(number) not in here:
                taken.take(state.resource(number), (number,))
        self._start_all(taken)

    def _start_all(self, taken: Taken) -> None:
        """Let everything run whose start is on the journal and that has a slot."""
        for number in tuple(taken.numbers):
            self._start(number)
            taken.hand_over(number)

    def _start(self, number: int) -> None:
        """Let a stage's newest attempt run; if that is not possible, its slot is still with whoever took it."""
        shared = self._shared
        command, refusal = command_or_refusal(self.state, number, self._texts())
        if refusal is not None:
            self._answer(command, refusal)
            return
        executor, left = shared.executor, None
        if command.situation is not None and command.situation.workflow is not None:
            executor, (_, until) = shared.children, self.state.touched[number].heard or (0, None)
            left = None if until is None else max(0.0, until - self._now())
        command, executor = shared.budgets.begin(self.state, number, command, executor)
        self._attempts.start(command, executor, grace_seconds=shared.grace_seconds, left=left)

    def _texts(self) -> Mapping[str, str]:
        """The operation's input, for placeholders."""
        if self._values is None:
            self._values = instruction_values(self.state.input)
        return self._values

    def _answer(self, command: RunAttempt, outcome: Outcome) -> None:
        """An attempt has ended."""
        self._answers.append((command, self._shared.budgets.settle(command, outcome)))
        # First to itself: an operation that has begun goes before those that wait in line.
        self.poke()
        self._shared.slots.give(self.state.resource(self.state.number(command.stage)))

    async def _sleep(self) -> None:
        """Until something happens, or the plan's time has come."""
        if self._is_poked:
            return
        self._wake = self._loop.create_future()
        timer = None
        if self._wake_at is not None:
            timer = self._loop.call_later(max(0.0, self._wake_at - self._now()), self.poke)
        try:
            await self._wake
        finally:
            self._wake = None
            if timer is not None:
                timer.cancel()

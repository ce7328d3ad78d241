"""A driver without a world: it does what the plan wants, in virtual time, and checks everything at every event."""

from collections.abc import Mapping, Sequence

from agentkit.kernel import (
    DeadlinePassed,
    Event,
    Failed,
    Failure,
    OperationAdopted,
    OperationReleased,
    Outcome,
    RunAttempt,
    Stopped,
    Succeeded,
    command_for,
    conclude,
    decide,
    evolve,
    plan,
    replay,
    start,
)
from tests.kernel.rules import broken_rules
from tests.kernel.scenes import picture, plan_picture, value_of
from tests.strategies import Reply

TIMED_OUT = Failed(failure=Failure(code="timeout", type="TimeoutError", message="too long"), kinds=("TimeoutError",))
MOST_EVENTS = 2_000


class Simulation:
    """One operation, driven from a journal on; `memory` is what runs here, and when it ends."""

    def __init__(self, journal: Sequence[Event], script: Mapping[str, Sequence[Reply]] | None = None) -> None:
        self.journal = list(journal)
        self.script = script or {}
        self.state = replay(journal)
        self.now = self.state.at
        self.memory: dict[int, tuple[float, RunAttempt]] = {}
        self.sound = True

    def append(self, event: Event) -> None:
        self.sound = False
        evolve(self.state, event)
        self.journal.append(event)
        self.check()
        self.sound = True

    def check(self) -> None:
        again = replay(self.journal)
        assert picture(self.state) == picture(again)
        for now in (self.now, self.now + 1.5):
            assert plan_picture(plan(self.state, now)) == plan_picture(plan(again, now))
        assert broken_rules(self.journal) == []
        assert len(self.journal) < MOST_EVENTS

    def adopt(self, *, after: float = 0.0, after_death: bool = True) -> None:
        """Another driver, which knows nothing but the journal."""
        self.memory.clear()
        self.now += after
        self.append(OperationAdopted(at=self.now, owner="b", after_death=after_death))

    def drive(self) -> "Simulation":
        """To the end, whatever it takes."""
        while not self.state.ended:
            if self.state.status == "quarantined":
                self.append(OperationReleased(at=self.now))
            self.turn()
            self.go_on()
        return self

    def turn(self) -> None:
        """Carry out what is wanted now."""
        if plan(self.state, self.now).expired:
            self.append(DeadlinePassed(at=self.now))
        for number in self.unwanted():
            self.answer(number, Stopped())
        for number in self.wanted():
            self.start(number)
        for number in plan(self.state, self.now).running:
            if number not in self.memory:
                self.run(number)
        if plan(self.state, self.now).concluded:
            self.append(conclude(self.state, self.now))

    def unwanted(self) -> list[int]:
        """What the journal says is running although nobody wants it: here, or in a process that is gone."""
        if self.state.status == "quarantined":
            return []
        return [number for number in self.state.running if number not in plan(self.state, self.now).running]

    def wanted(self) -> list[int]:
        """What may start now."""
        wanted = plan(self.state, self.now)
        numbers = [*(number for queue in wanted.ready.values() for number in queue), *wanted.due]
        return numbers if wanted.room is None else numbers[: wanted.room]

    def start(self, number: int) -> None:
        self.append(start(self.state, number, self.now))
        self.run(number)

    def run(self, number: int) -> None:
        command = command_for(self.state, number, {})
        after = self.reply(command).after
        self.memory[number] = (self.now + (after if command.timeout is None else min(after, command.timeout)), command)

    def reply(self, command: RunAttempt) -> Reply:
        said = self.script.get(command.stage, ())
        reply = said[command.attempt - 1] if command.attempt <= len(said) else Reply(outcome=Succeeded(value=""))
        if command.timeout is not None and reply.after > command.timeout:
            return Reply(outcome=TIMED_OUT, after=reply.after)
        if isinstance(reply.outcome, Succeeded):
            return Reply(outcome=Succeeded(value=value_of(command)), after=reply.after)
        return reply

    def go_on(self) -> None:
        """To the next moment at which something happens: an answer, or the plan's own time."""
        if self.state.ended:
            return
        wake_at = plan(self.state, self.now).wake_at
        if not self.memory:
            assert wake_at is not None or plan(self.state, self.now).concluded, "nothing will ever happen again"
            self.now = max(self.now, wake_at or 0.0)
            return
        number = min(self.memory, key=lambda number: (self.memory[number][0], number))
        ends_at, command = self.memory[number]
        if wake_at is not None and wake_at < ends_at:
            self.now = max(self.now, wake_at)
            return
        self.now = max(self.now, ends_at)
        self.answer(number, self.reply(command).outcome)

    def answer(self, number: int, outcome: Outcome) -> None:
        _, command = self.memory.pop(number, (0.0, command_for(self.state, number, {})))
        for event in decide(self.state, command, outcome, self.now):
            self.append(event)

"""A driver without a world: it does what the plan wants, in virtual time, and checks everything at every event."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentkit.kernel import (
    Asked,
    DeadlinePassed,
    Decision,
    Event,
    Failed,
    Failure,
    OperationAdopted,
    OperationReleased,
    Outcome,
    RunAttempt,
    StageState,
    Stopped,
    Succeeded,
    Vote,
    cast_vote,
    command_for,
    conclude,
    decide,
    evolve,
    expire,
    open_stage,
    plan,
    replay,
    send_signal,
    settle_doubt,
    start,
    undo,
)
from tests.kernel.rules import broken_rules
from tests.kernel.scenes import picture, plan_picture, value_of, written
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
        self.open()
        for number in self.unwanted():
            self.answer(number, Stopped())
        for number in self.wanted():
            self.start(number)
        for number in plan(self.state, self.now).running:
            if number not in self.memory:
                self.run(number)
        if plan(self.state, self.now).concluded:
            self.append(conclude(self.state, self.now))

    def open(self) -> None:
        """Do what takes no attempt: conditions, lists, waits that are over, undoing."""
        while True:
            wanted = plan(self.state, self.now)
            waited = [number for number in wanted.due if self.state.touched[number].status == "waiting"]
            if wanted.undo:
                self.append(undo(self.state, self.now))
            elif wanted.opening:
                self.append(open_stage(self.state, next(iter(wanted.opening)), self.now, {}))
            elif waited:
                for event in expire(self.state, waited[0], self.now):
                    self.append(event)
            else:
                return

    def asked_at(self, known: StageState) -> float:
        if known.more is not None and known.more.open_question is not None:
            return known.more.questions[known.more.open_question].asked_at
        return known.started_at or 0.0

    def unwanted(self) -> list[int]:
        """What the journal says is running although nobody wants it: here, or in a process that is gone."""
        if self.state.status == "quarantined":
            return []
        wanted = plan(self.state, self.now)
        return [n for n in self.state.running if n not in wanted.running or n in wanted.unwanted]

    def wanted(self) -> list[int]:
        """What may start now."""
        wanted = plan(self.state, self.now)
        due = [number for number in wanted.due if self.state.touched[number].status != "waiting"]
        numbers = [*(number for queue in wanted.ready.values() for number in queue), *due]
        return numbers if wanted.room is None else numbers[: wanted.room]

    def say(self, *, after: float) -> bool:
        """Have people say the first thing that was waited for so long; whether anything was."""
        for number in self.state.held:
            known, name = self.state.touched[number], self.state.name(number)
            if self.now < self.asked_at(known) + after:
                continue
            if known.status == "in_doubt":
                decisions: tuple[Decision, ...] = ("done", "redo", "abort")
                decision = decisions[number % 3]
                events = settle_doubt(self.state, name, decision, at=self.now, value='"said"')
            elif known.more is not None and known.more.open_question is not None:
                asked = known.more.open_question
                by = f"voter {len(known.more.questions[asked].votes)}"
                vote = Vote(by=by, approve=number % 4 != 3)
                events = cast_vote(self.state, name, vote, at=self.now, name=asked)
            elif (signal := self.state.spec(number).signal) is not None:
                events = send_signal(self.state, signal, '"sent"', at=self.now)
            else:
                continue
            for event in events:
                self.append(event)
            return True
        return False

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
        known = command.situation
        if isinstance(reply.outcome, Asked) and known is not None and reply.outcome.name in known.approvals:
            # What was answered is not asked again.
            return Reply(outcome=Succeeded(value=value_of(command), context=written(command)))
        if isinstance(reply.outcome, Succeeded):
            return Reply(
                outcome=replace(reply.outcome, value=value_of(command), context=written(command)), after=reply.after
            )
        return reply

    def go_on(self) -> None:
        """To the next moment at which something happens: an answer, or the plan's own time."""
        if self.state.ended:
            return
        wake_at = plan(self.state, self.now).wake_at
        if not self.memory:
            wanted = plan(self.state, self.now)
            if wanted.concluded or wanted.undo or wanted.opening:
                return
            said = self.say(after=0.0 if wake_at is None else 3.0)
            assert said or wake_at is not None, "nothing will ever happen again"
            if said:
                return
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

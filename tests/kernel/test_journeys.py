"""Random workflows, driven in random ways: what must hold at every event, and how it must end."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agentkit.kernel import (
    OPERATION_ENDS,
    CancelRequested,
    Event,
    OperationAdopted,
    OperationCompleted,
    OperationQuarantined,
    OperationReleased,
    Outcome,
    ResultCarried,
    Stopped,
    Succeeded,
    Workflow,
    plan,
)
from tests.kernel.rules import ENDS
from tests.kernel.scenes import accepted, stage_values
from tests.kernel.simulation import Simulation
from tests.strategies import outcomes, scripts, workflows

IDLE = {"quarantined", *OPERATION_ENDS}


def beginnings(workflow: Workflow[object]) -> st.SearchStrategy[list[Event]]:
    """The acceptance, and what is taken over from an operation that ended, in any order."""
    carried = st.lists(st.sampled_from([stage.name for stage in workflow.stages]), max_size=2, unique=True)
    return carried.map(
        lambda names: [accepted(workflow), *(ResultCarried(at=0.0, stage=name, value="0") for name in names)]
    )


@given(data=st.data(), workflow=workflows())
def test_every_operation_ends_and_keeps_the_rules(data: st.DataObject, workflow: Workflow[object]) -> None:
    ended = Simulation(data.draw(beginnings(workflow)), data.draw(scripts(workflow))).drive()

    assert ended.state.ended
    assert [event for event in ended.journal if isinstance(event, ENDS)] == ended.journal[-1:]


@given(data=st.data(), workflow=workflows(most=5, timeouts=False))
@settings(max_examples=40)
def test_a_journal_cut_anywhere_and_driven_on_ends_the_same(data: st.DataObject, workflow: Workflow[object]) -> None:
    script = data.draw(scripts(workflow))
    whole = Simulation([accepted(workflow)], script).drive()
    gap = data.draw(st.sampled_from([0.0, 7.0]))

    for cut in range(1, len(whole.journal)):
        again = Simulation(whole.journal[:cut], script)
        again.adopt(after=gap)
        again.drive()

        assert again.state.status == whole.state.status
        if isinstance(whole.journal[-1], OperationCompleted):
            assert stage_values(again.journal) == stage_values(whole.journal)


@given(data=st.data(), workflow=workflows(most=5))
@settings(max_examples=40)
def test_forgetting_everything_at_once_changes_not_one_event(data: st.DataObject, workflow: Workflow[object]) -> None:
    script = {name: [reply for reply in said if not reply.after] for name, said in data.draw(scripts(workflow)).items()}
    whole = Simulation([accepted(workflow)], script).drive()

    for cut in range(1, len(whole.journal)):
        assert Simulation(whole.journal[:cut], script).drive().journal == whole.journal


class Journey(RuleBasedStateMachine):
    """One operation in a world without mercy: any order, any answer, at any moment."""

    @initialize(journal=workflows(most=6).flatmap(beginnings), calm=st.sampled_from([3, 9, 15, 1_000]))
    def accept(self, journal: list[Event], calm: int) -> None:
        self.run = Simulation(journal)
        self.calm = calm  # how many events must have happened before anything drastic does

    def may(self, kind: type[Event], *, most: int) -> bool:
        """Whether something drastic may happen; if it could at any time, it would always come too soon."""
        before = sum(isinstance(event, kind) for event in self.run.journal)
        return self.run.state.status not in IDLE and len(self.run.journal) >= self.calm and before < most

    @precondition(lambda self: self.run.wanted())
    @rule(data=st.data())
    def start_something(self, data: st.DataObject) -> None:
        self.run.start(data.draw(st.sampled_from(self.run.wanted())))

    @precondition(lambda self: self.run.memory)
    @rule(data=st.data(), outcome=outcomes | st.just(Stopped()))
    def answer_something(self, data: st.DataObject, outcome: Outcome) -> None:
        self.run.answer(data.draw(st.sampled_from(sorted(self.run.memory))), outcome)

    @precondition(lambda self: self.run.memory)
    @rule(data=st.data())
    def succeed_in_something(self, data: st.DataObject) -> None:
        self.run.answer(data.draw(st.sampled_from(sorted(self.run.memory))), Succeeded(value="1"))

    @precondition(lambda self: not self.run.state.ended)
    @rule()
    def take_a_turn(self) -> None:
        self.run.turn()

    @rule(seconds=st.sampled_from([0.1, 1.0, 10.0]))
    def wait(self, seconds: float) -> None:
        self.run.now += seconds

    @precondition(lambda self: self.may(OperationAdopted, most=3))
    @rule(after=st.sampled_from([0.0, 100.0]), died=st.booleans())
    def lose_the_memory(self, after: float, died: bool) -> None:
        self.run.adopt(after=after, after_death=died)

    @precondition(lambda self: self.may(CancelRequested, most=2))
    @rule()
    def cancel(self) -> None:
        self.run.append(CancelRequested(at=self.run.now, reason="enough"))

    @precondition(lambda self: self.may(OperationQuarantined, most=1))
    @rule()
    def quarantine(self) -> None:
        self.run.append(OperationQuarantined(at=self.run.now, deaths=self.run.state.deaths))

    @precondition(lambda self: self.run.state.status == "quarantined")
    @rule(after=st.sampled_from([0.0, 100.0]), wish=st.sampled_from([OperationReleased, CancelRequested]))
    def decide_on_the_quarantined(self, after: float, wish: type[OperationReleased | CancelRequested]) -> None:
        self.run.now += after
        self.run.append(wish(at=self.run.now))

    @invariant()
    def quarantine_rests(self) -> None:
        if self.run.state.status == "quarantined":
            wanted = plan(self.run.state, self.run.now)
            assert not (wanted.running)
            assert not (wanted.ready)
            assert not (wanted.due)
            assert not (wanted.concluded)
            assert not (wanted.expired)

    def teardown(self) -> None:
        if hasattr(self, "run") and self.run.sound:
            assert isinstance(self.run.drive().journal[-1], ENDS)


def test_no_journey_breaks_a_rule_and_every_one_ends() -> None:
    run_state_machine_as_test(Journey, settings=settings(stateful_step_count=40))

"""Random workflows with conditions, maps, loops, waits, people and undoing: what holds at every event."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.kernel import Asked, Doubtful, Workflow
from tests.kernel.flows import approvals, rich_workflows
from tests.kernel.rules import ENDS
from tests.kernel.scenes import accepted
from tests.kernel.simulation import Simulation
from tests.strategies import Reply, replies

questions = st.builds(
    Reply,
    outcome=st.builds(Asked, name=st.sampled_from(["one", "two"]), approval=approvals)
    | st.builds(Doubtful, reason=st.just("who knows"), name=st.just("pay"), key=st.just("7")),
)


@st.composite
def rich_scripts(draw: st.DrawFn, workflow: Workflow[object]) -> dict[str, list[Reply]]:
    """What some stages, items and turns answer, in order; whatever is not said succeeds at once."""
    steps = [
        name for s in workflow.stages for name in (s.name, *(f"{s.name}[{n}]" for n in range(4)), f"{s.name}:undo")
    ]
    return {
        name: draw(st.lists(replies | questions, max_size=3))
        for name in draw(st.lists(st.sampled_from(steps), max_size=6))
    }


@given(data=st.data(), workflow=rich_workflows())
@settings(max_examples=100)
def test_every_operation_ends_and_keeps_the_rules(data: st.DataObject, workflow: Workflow[object]) -> None:
    ended = Simulation([accepted(workflow)], data.draw(rich_scripts(workflow))).drive()

    assert [event for event in ended.journal if isinstance(event, ENDS)] == ended.journal[-1:]


@given(data=st.data(), workflow=rich_workflows(most=4))
@settings(max_examples=25)
def test_forgetting_everything_at_once_changes_not_one_event(data: st.DataObject, workflow: Workflow[object]) -> None:
    script = {
        name: [reply for reply in said if not reply.after] for name, said in data.draw(rich_scripts(workflow)).items()
    }
    whole = Simulation([accepted(workflow)], script).drive()

    for cut in range(1, len(whole.journal)):
        assert Simulation(whole.journal[:cut], script).drive().journal == whole.journal


@given(data=st.data(), workflow=rich_workflows(most=4, timeouts=False))
@settings(max_examples=25)
def test_a_journal_cut_anywhere_and_driven_on_by_another_ends(data: st.DataObject, workflow: Workflow[object]) -> None:
    script = data.draw(rich_scripts(workflow))
    whole = Simulation([accepted(workflow)], script).drive()

    for cut in range(1, len(whole.journal)):
        again = Simulation(whole.journal[:cut], script)
        again.adopt(after=data.draw(st.sampled_from([0.0, 7.0])))
        again.drive()

        assert isinstance(again.journal[-1], ENDS)

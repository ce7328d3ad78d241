"""Random journals for the views: whatever the kernel lets happen, adoptions, quarantines and cancels included."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from agentkit.kernel import (
    AttemptFailed,
    CancelRequested,
    Event,
    Failed,
    Failure,
    OperationAccepted,
    OperationQuarantined,
    OperationReleased,
    ResultCarried,
    Workflow,
)
from tests.kernel.flows import rich_workflows
from tests.kernel.scenes import accepted
from tests.kernel.simulation import MOST_EVENTS, Simulation
from tests.strategies import Reply, scripts, workflows

NASTY = "no\nroute\x1b[2J\u202e\u2028to\r\thost\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    workflow: Workflow[object]
    events: tuple[Event, ...]


def nasty(reply: Reply) -> Reply:
    """The same reply, from an agent whose words would break any line."""
    if not isinstance(reply.outcome, Failed):
        return reply
    failure = Failure(code="error", type=f"Own{NASTY}Error", message=NASTY)
    return replace(reply, outcome=replace(reply.outcome, failure=failure))


class Quick(Simulation):
    """A run that is not checked at every event: the tests of the kernel do that."""

    def check(self) -> None:
        assert len(self.journal) < MOST_EVENTS


@st.composite
def journals(draw: st.DrawFn) -> Journal:
    """A journal up to its end, or cut before it."""
    workflow = draw(workflows(most=6) | rich_workflows(most=4))
    script = {name: [nasty(reply) for reply in said] for name, said in draw(scripts(workflow)).items()}
    run = Quick(draw(beginnings(workflow)), script)
    for trouble in draw(st.lists(st.sampled_from(["calm", "calm", "adopt", "quarantine", "cancel"]), max_size=8)):
        run.turn()
        run.go_on()
        if run.state.ended:
            break
        match trouble:
            case "adopt":
                run.adopt(after=50.0)
            case "quarantine":
                run.memory.clear()
                run.append(OperationQuarantined(at=run.now, deaths=5))
                run.now += 1_000.0
                run.append(OperationReleased(at=run.now))
            case "cancel":
                run.append(CancelRequested(at=run.now, reason=NASTY))
            case _:
                pass
    run.drive()
    end = draw(st.none() | st.integers(1, len(run.journal)))
    return Journal(workflow=workflow, events=tuple(run.journal[:end]))


def beginnings(workflow: Workflow[object]) -> st.SearchStrategy[list[Event]]:
    first = workflow.stages[0].name
    begun: OperationAccepted = accepted(workflow, at=43_384.0)
    return st.sampled_from([[begun], [begun, ResultCarried(at=43_384.0, stage=first, value="1")]])


def failures(journal: Journal) -> list[AttemptFailed]:
    return [event for event in journal.events if isinstance(event, AttemptFailed)]

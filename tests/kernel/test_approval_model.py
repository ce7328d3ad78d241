"""One approval against a model of it: votes, time and restarts in any order."""

from collections.abc import Sequence

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agentkit.errors import AgentKitError, NotAllowed, TooLate
from agentkit.kernel import (
    Approval,
    Event,
    OperationAccepted,
    Stage,
    State,
    Vote,
    Workflow,
    cast_vote,
    conclude,
    evolve,
    expire,
    open_stage,
    plan,
    replay,
)

PEOPLE = {"ada": "finance", "bob": "finance", "cyd": "board", "dan": "sales", "eve": "finance"}
REQUESTER = "eve"


class OneApproval(RuleBasedStateMachine):
    """What is expected is kept in a few plain values; what is true is computed from the journal alone."""

    @initialize(
        quorum=st.integers(1, 3),
        deadline=st.none() | st.integers(1, 30),
        remind=st.none() | st.integers(1, 9),
        escalate=st.none() | st.integers(1, 20),
        approves=st.booleans(),
    )
    def ask(self, quorum: int, deadline: int | None, remind: int | None, escalate: int | None, approves: bool) -> None:
        approval = Approval(
            by={"finance"},
            quorum=quorum,
            deadline=deadline,
            remind=remind,
            escalate=escalate,
            escalate_to={"board"} if escalate else (),
            on_expiry="approve" if approves else "refuse",
        )
        flow: Workflow[object] = Workflow("ask", [Stage("ask", approval=approval)])
        accepted = OperationAccepted(at=0.0, operation_id="op", workflow=flow, input="null", requester=REQUESTER)
        self.journal: list[Event] = [accepted]
        self.approval, self.state, self.now = approval, State(accepted), 0.0
        self.votes: dict[str, bool] = {}
        self.decided: bool | None = None
        self.happen([open_stage(self.state, 0, self.now, {})])

    def happen(self, events: Sequence[Event]) -> None:
        for event in events:
            evolve(self.state, event)
            self.journal.append(event)

    @rule(person=st.sampled_from(sorted(PEOPLE)), approve=st.booleans())
    def vote(self, person: str, approve: bool) -> None:
        vote = Vote(by=person, approve=approve, roles={PEOPLE[person]})
        refusal = self.refusal(person)
        if refusal is not None:
            with pytest.raises(AgentKitError) as caught:
                cast_vote(self.state, "ask", vote, at=self.now)
            assert type(caught.value) is refusal
            return
        self.happen(cast_vote(self.state, "ask", vote, at=self.now))
        self.votes[person] = approve
        if not approve or sum(self.votes.values()) >= self.approval.quorum:
            self.decided = approve

    def refusal(self, person: str) -> type[Exception] | None:
        escalated = self.approval.escalate_seconds is not None and self.now >= self.approval.escalate_seconds
        if self.decided is not None:
            return TooLate
        if PEOPLE[person] not in (("finance", "board") if escalated else ("finance",)) or person == REQUESTER:
            return NotAllowed
        return TooLate if person in self.votes else None

    @rule(seconds=st.integers(1, 12))
    def wait(self, seconds: int) -> None:
        # As the driver does it: what is due happens at its turn, however late that comes.
        self.now += seconds
        while due := plan(self.state, self.now).due:
            self.happen(expire(self.state, due[0], self.now))
        end = self.approval.expires_at(0.0)
        if self.decided is None and end is not None and self.now >= end:
            self.decided = self.approval.on_expiry == "approve"

    @rule()
    def restart(self) -> None:
        self.state = replay(self.journal)

    @invariant()
    def the_journal_says_what_the_model_says(self) -> None:
        question = self.state.stage("ask").furnished().questions[""]
        assert {name: vote.approve for name, vote in question.votes.items()} == self.votes
        assert (None if question.decided is None else question.decided.approved) == self.decided
        assert self.state.is_resting == (self.decided is None)
        assert self.state.stage("ask").status == ("waiting" if self.decided is None else "completed")
        assert replay(self.journal).stage("ask").value == self.state.stage("ask").value
        if self.decided is not None:
            evolve(replay(self.journal), conclude(self.state, self.now))


TestOneApproval = OneApproval.TestCase

"""What people fill in: what may be proposed, what comes of it, and what a vote makes of it."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import DefinitionError, InputError
from agentkit.kernel import (
    Approval,
    Event,
    OperationAccepted,
    Stage,
    State,
    Vote,
    VoteCast,
    Workflow,
    approval_data,
    approval_from_data,
    cast_vote,
    conclude,
    evolve,
    expire,
    open_stage,
    replay,
    workflow_data,
    workflow_from_data,
)
from agentkit.kernel.definition.forms import proposed_for

FORM = {"amount": "decimal", "days": "whole", "urgent": "flag", "until": "date?", "note": "text?"}


class Asked:
    """One question, and what people say to it."""

    def __init__(self, approval: Approval, values: Mapping[str, str] | None = None) -> None:
        flow: Workflow[object] = Workflow("ask", [Stage("ask", approval=approval)])
        accepted = OperationAccepted(at=0.0, operation_id="op", workflow=flow, input="null")
        self.journal: list[Event] = [accepted]
        self.state = State(accepted)
        self.happen(open_stage(self.state, 0, 0.0, values or {}))

    def happen(self, *events: Event) -> None:
        for event in events:
            evolve(self.state, event)
            self.journal.append(event)

    def vote(self, by: str, *, approve: bool = True, **form: object) -> None:
        vote = Vote(by=by, approve=approve, form=form)
        self.happen(*cast_vote(self.state, "ask", vote, at=1.0))

    @property
    def offered(self) -> Mapping[str, object]:
        return self.state.stage("ask").furnished().questions[""].offered

    @property
    def answer(self) -> dict[str, Any]:
        # What the journal alone says; nothing is kept beside it.
        value = replay(self.journal).stage("ask").value
        assert value is not None
        found: dict[str, Any] = json.loads(value)["form"]
        return found


def test_what_nobody_changes_is_answered_as_it_was_proposed() -> None:
    asked = Asked(Approval(form=FORM, proposed={"amount": "12.50", "days": 3, "urgent": False, "note": "as agreed"}))
    asked.vote("bob", days=4)

    assert asked.answer == {"amount": "12.50", "days": 4, "urgent": False, "note": "as agreed"}
    (vote,) = (event for event in asked.journal if isinstance(event, VoteCast))
    assert json.loads(vote.form) == asked.answer


def test_what_is_proposed_need_not_be_what_is_asked_for() -> None:
    asked = Asked(Approval(form=FORM, proposed={"amount": "12.50"}))

    with pytest.raises(InputError, match="'days' is missing; 'urgent' is missing"):
        asked.vote("bob")


def test_who_refuses_says_nothing_about_what_was_proposed() -> None:
    asked = Asked(Approval(form=FORM, proposed={"amount": "12.50", "days": 3, "urgent": True}))
    asked.vote("bob", approve=False, note="too much")

    assert asked.answer == {"note": "too much"}


def test_a_proposal_that_may_be_left_out_can_be_emptied() -> None:
    asked = Asked(Approval(form=FORM, proposed={"amount": "1", "days": 3, "urgent": True, "note": "x"}))
    with pytest.raises(InputError, match="'amount' is missing"):
        asked.vote("bob", amount=None)
    asked.vote("bob", note=None, until=None)

    assert asked.answer == {"amount": "1", "days": 3, "urgent": True}
    (vote,) = (event for event in asked.journal if isinstance(event, VoteCast))
    # The journal says that it was emptied; what was empty before needs no word.
    assert json.loads(vote.form) == {**asked.answer, "note": None}


def test_the_next_voter_is_offered_what_the_one_before_made_of_it() -> None:
    form = {"amount": "decimal", "note": "text?", "why": "text?"}
    asked = Asked(Approval(form=form, quorum=3, proposed={"amount": "1200", "note": "x"}))
    asked.vote("ann", amount="1150", note=None, why="discount")
    assert asked.offered == {"amount": "1150"}
    asked.vote("bob", amount="1150.0", note=None)
    asked.vote("cyd", amount="1150", note=None, why="as ann says")

    assert asked.answer == {"amount": "1150", "why": "as ann says"}


def test_a_quorum_agrees_to_one_and_the_same_and_to_nothing_that_its_voters_did_not_see() -> None:
    asked = Asked(Approval(form=FORM, quorum=2, proposed={"amount": "100", "days": 3, "urgent": True}))
    asked.vote("ann", amount="1000000")
    with pytest.raises(InputError, match="others agreed to 'amount' as '1000000', not '100': say it so"):
        asked.vote("bob")
    with pytest.raises(InputError, match="others agreed to 'amount' as '1000000', not '200': say it so"):
        asked.vote("bob", amount="200")
    asked.vote("bob", amount="1000000.00", note="seen")

    assert asked.answer == {"amount": "1000000.00", "days": 3, "urgent": True, "note": "seen"}


@pytest.mark.parametrize("text", ["\ud83d", "{cut}"])
def test_half_of_a_letter_is_not_proposed(text: str) -> None:
    assert proposed_for({"note": "text"}, {"note": text}, {"cut": "\ud83d"}) == {}


@pytest.mark.parametrize("approves", [True, False])
def test_a_deadline_that_approves_approves_what_was_proposed(approves: bool) -> None:
    settings: dict[str, Any] = {"deadline": 5, "on_expiry": "approve" if approves else "refuse"}
    asked = Asked(Approval(form=FORM, quorum=2, proposed={"amount": "12.50", "days": 3, "urgent": True}, **settings))
    asked.vote("bob", days=4)
    asked.happen(*expire(asked.state, 0, 6.0))
    asked.happen(conclude(asked.state, 6.0))

    # Bob alone is no quorum that could change it.
    assert asked.answer == {"amount": "12.50", "days": 3 if approves else 4, "urgent": True}


def test_a_deadline_approves_what_was_proposed_although_nobody_voted() -> None:
    asked = Asked(Approval(form=FORM, proposed={"amount": "12.50"}, deadline=5, on_expiry="approve"))
    asked.happen(*expire(asked.state, 0, 6.0))

    assert asked.answer == {"amount": "12.50"}


def test_a_deadline_that_refuses_leaves_nothing_of_what_was_proposed() -> None:
    asked = Asked(Approval(form=FORM, proposed={"amount": "12.50"}, deadline=5))
    asked.happen(*expire(asked.state, 0, 6.0))

    assert asked.answer == {}


def test_texts_of_a_stage_are_filled_with_the_input() -> None:
    proposed = {
        "amount": "{sum}",
        "days": "{days}",
        "urgent": "{urgent}",
        "until": "{year}-12-31",
        "note": "of {{{who}}}",
    }
    values = {"sum": "12.50", "days": "3", "urgent": "true", "year": "2026", "who": "{sum}"}
    asked = Asked(Approval(form=FORM, proposed=proposed), values)

    assert asked.offered == {
        "amount": "12.50",
        "days": 3,
        "urgent": True,
        "until": "2026-12-31",
        "note": "of {{sum}}",
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [("amount", "a lot"), ("amount", "1e5"), ("days", "3.0"), ("days", "three"), ("urgent", "yes"), ("until", "soon")]
    + [(name, "null") for name in FORM]
    + [("note", "x" * 10_001), ("days", "9" * 41)],
)
def test_an_input_that_is_no_such_value_leaves_the_field_to_people(name: str, text: str) -> None:
    asked = Asked(Approval(form=FORM, proposed={name: "{given}"}), {"given": text})

    assert asked.offered == {}


def test_amounts_and_dates_are_proposed_as_their_texts() -> None:
    approval = Approval(form=FORM, proposed={"amount": Decimal("1E+2"), "until": date(2026, 1, 31)})

    assert approval.proposed == {"amount": "100", "until": "2026-01-31"}


@pytest.mark.parametrize(
    ("proposed", "problem"),
    [
        ({"sum": "1"}, "approval: proposed: 'sum' is no field of the form; its fields are amount, days, urgent, until"),
        ({"amount": 12.5}, "approval: proposed: amount must be decimal, not 12.5; write it as a text, such as '12.50'"),
        ({"amount": "{{sum}}"}, "approval: proposed: amount must be decimal, not '{{sum}}'"),
        ({"days": "3"}, "approval: proposed: days must be whole, not '3'"),
        ({"days": True}, "approval: proposed: days must be whole, not True"),
        ({"days": 10**5000}, "approval: proposed: days must be whole, not so large a number"),
        ({"urgent": 1}, "approval: proposed: urgent must be flag, not 1"),
        ({"until": "31.01.2026"}, "approval: proposed: until must be date, not '31.01.2026'"),
        ({"note": None}, "approval: proposed: note must be text, not None"),
        ({"note": "x" * 10_001}, "approval: proposed: note must be text, not 'xxx"),
        ("12.50", "approval: proposed must be a mapping of fields to values, not '12.50'"),
    ],
)
def test_a_proposal_that_does_not_fit_its_form_is_refused_where_it_is_defined(proposed: Any, problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        Approval(form=FORM, proposed=proposed)

    assert caught.value.problems[0].startswith(problem)


@pytest.mark.parametrize("text", ["{sum", "{sum.real}", "{0}", "{sum!r}", "{{sum}} }"])
def test_a_text_of_a_stage_holds_placeholders_and_no_other_braces(text: str) -> None:
    with pytest.raises(DefinitionError, match="of proposed note is not a placeholder"):
        Stage("ask", approval=Approval(form={"note": "text"}, proposed={"note": text}))


def test_a_text_that_an_agent_proposes_is_meant_as_it_is() -> None:
    Approval(form={"note": "text"}, proposed={"note": "{sum}"}).check_literal()
    with pytest.raises(DefinitionError, match=r"amount must be decimal, not '\{sum\}'"):
        Approval(form={"amount": "decimal"}, proposed={"amount": "{sum}"}).check_literal()


VALUES = {
    "text": st.text(max_size=20),
    "whole": st.integers(-(10**30), 10**30),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=2),
    "flag": st.booleans(),
    "date": st.dates(),
}


@given(st.data(), st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(sorted(VALUES))))
def test_a_proposal_comes_back_from_its_data_and_from_the_journal(data: st.DataObject, form: dict[str, str]) -> None:
    proposed = {name: data.draw(VALUES[kind]) for name, kind in form.items()}
    approval = Approval(form=form, proposed=proposed)

    assert approval_from_data(json.loads(json.dumps(approval_data(approval)))) == approval
    if not any("{" in value or "}" in value for value in approval.proposed.values() if isinstance(value, str)):
        asked = Asked(approval)
        flow = asked.state.workflow
        assert workflow_from_data(json.loads(json.dumps(workflow_data(flow)))) == flow
        assert asked.offered == approval.proposed
        asked.vote("bob")
        assert asked.answer == approval.proposed

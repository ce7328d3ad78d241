"""Forms that are filled in at first: by the stage's definition, or by the agent that asks."""

import json
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import DefinitionError, OperationFailed
from agentkit.kernel import Approval, ApprovalRequested, Stage, VoteCast, Workflow
from agentkit.stores import MemoryStore
from agentkit.views import describe
from tests.orchestrator.scenes import journal_of, opened, scripted

FORM = {"amount": "decimal", "note": "text?"}


def pay(**proposed: object) -> Workflow[object]:
    approval = Approval(form=FORM, proposed=proposed)
    return Workflow("pay", [Stage("pay", agent="ada", approval=approval)])


@agent(name="ada")
async def ada(task: Task[Any]) -> Any:
    assert task.approval_given is not None
    return dict(task.approval_given.form)


async def test_a_stage_proposes_what_its_input_says_and_the_voter_changes_it() -> None:
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(
            pay(amount="{amount}", note="for {who}"), {"amount": "12.50", "who": "Ada"}
        )
        await operation.at_rest()
        (asked,) = await orchestrator.approvals()
        await operation.approve("pay", by="bob", form={"amount": Decimal("11.00")})
        result = await operation
        journal = await journal_of(operation)

    assert asked.proposed == asked.offered == {"amount": "12.50", "note": "for Ada"}
    assert result.output == {"amount": "11.00", "note": "for Ada"}
    (request,) = (event for event in journal if isinstance(event, ApprovalRequested))
    (vote,) = (event for event in journal if isinstance(event, VoteCast))
    assert json.loads(request.proposed) == {"amount": "12.50", "note": "for Ada"}
    assert json.loads(vote.form) == {"amount": "11.00", "note": "for Ada"}


async def test_an_agent_proposes_what_it_has_found() -> None:
    @agent(name="ada")
    async def refunds(task: Task[object]) -> Any:
        answer = await task.approval("refund", form=FORM, proposed={"amount": Decimal("80.0"), "note": "{who}"})
        return dict(answer.form)

    async with opened(refunds, store=MemoryStore()) as orchestrator:
        operation = await orchestrator.submit(Workflow("refund", [Stage("pay", agent="ada")]), {"who": "Ada"})
        await operation.at_rest()
        (asked,) = await operation.questions()
        await operation.approve("pay", name="refund", by="bob", form={"note": None})
        result = await operation
        (request,) = (event for event in await journal_of(operation) if isinstance(event, ApprovalRequested))

    assert asked.proposed == {"amount": "80.0", "note": "{who}"}
    assert result.output == {"amount": "80.0"}
    assert json.loads(request.proposed) == asked.proposed
    assert "proposed" not in request.approval


async def test_an_agent_that_proposes_what_does_not_fit_has_failed() -> None:
    @agent(name="ada")
    async def asks(task: Task[object]) -> bool:
        return bool(await task.approval("refund", form=FORM, proposed={"amount": "{amount}"}))

    async with opened(asks) as orchestrator:
        with pytest.raises(OperationFailed, match="proposed: amount must be decimal"):
            await orchestrator.run(Workflow("refund", [Stage("pay", agent="ada")]), {"amount": "1"})


async def test_an_input_that_a_proposal_asks_for_has_to_be_there() -> None:
    async with opened(scripted("ada")) as orchestrator:
        with pytest.raises(DefinitionError) as caught:
            await orchestrator.submit(pay(amount="{amount}"), {"sum": "12.50"})

    said = "stage 'pay': its proposed amount asks for {amount}, but the input has no 'amount'"
    assert caught.value.problems == (said,)


async def test_a_fork_with_another_input_asks_again_where_that_was_proposed() -> None:
    ask: Workflow[object] = Workflow("ask", [Stage("ask", approval=Approval(form=FORM, proposed={"amount": "{sum}"}))])
    async with opened() as orchestrator:
        first = await orchestrator.submit(ask, {"sum": "1", "who": "Ada"})
        await first.at_rest()
        await first.approve("ask", by="bob")
        await first
        same = await orchestrator.fork(first.id, input={"sum": "1", "who": "Eve"})
        other = await orchestrator.fork(first.id, input={"sum": "2", "who": "Ada"})
        await other.at_rest()
        (asked,) = await other.questions()

        assert (await same).output == (await first).output
        assert asked.proposed == {"amount": "2"}


async def test_the_history_says_what_was_proposed_and_what_was_made_of_it() -> None:
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(pay(amount="12.50", note="a\nb"))
        await operation.at_rest()
        await operation.approve("pay", by="bob", form={"amount": Decimal("11.00"), "note": None}, comment="discount")
        await operation
        told = [describe(event) for event in await journal_of(operation)]

    assert "pay: asks for approval, proposes amount: 12.50, note: a b" in told
    assert "pay: bob agreed, with amount: 11.00, note: empty: discount" in told

"""Tools that people have to agree to: the attempt ends, a restart changes nothing, and no answer is paid twice."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai import DeferredToolRequests, Tool
from pydantic_ai.messages import ModelResponse

from agentkit.agents import ApprovalAnswer, ModelAgent, ModelLimits, ModelTool, Task, agent, model_agent
from agentkit.errors import OperationFailed, OutputInvalid
from agentkit.kernel import Allowance, Approval, ApprovalRequested, Stage, Workflow
from agentkit.orchestrator import Operation, Orchestrator
from agentkit.testing import Approve, ModelCall, Says, ScriptedModel, ToolCall, crash_everywhere
from tests.orchestrator.scenes import journal_of, opened

FLOW: Workflow[object] = Workflow("refunds", [Stage("answer", agent="clerk", instruction="Handle the claim")])


class Outside:
    """What happened outside."""

    def __init__(self) -> None:
        self.happened: list[str] = []

    def look(self, invoice: str) -> str:
        """Look an invoice up."""
        self.happened.append(f"look {invoice}")
        return "open"

    def refund(self, invoice: str) -> str:
        """Pay an invoice back."""
        self.happened.append(f"refund {invoice}")
        return f"refunded {invoice}"


def clerk(
    model: ScriptedModel, outside: Outside, *, limits: ModelLimits | None = None, **approval: Any
) -> ModelAgent[Any, str]:
    tool = ModelTool(outside.refund, approval=Approval(by={"finance"}, **approval), effect=True)
    return ModelAgent("clerk", model=model, tools=[outside.look, tool], limits=limits)


async def asked(house: Orchestrator) -> Operation[object]:
    operation = await house.submit(FLOW, {"claim": 7})
    await operation.at_rest()
    return operation


async def test_each_further_question_costs_no_call_that_nobody_made() -> None:
    calls = [ToolCall("refund", invoice=name) for name in "ABCD"]
    model, outside = ScriptedModel([calls, "Done."]), Outside()
    flow: Workflow[object] = Workflow("refunds", [Stage("answer", agent="clerk", budget=Allowance(calls=2))])

    async with opened(clerk(model, outside)) as house:
        operation = await house.submit(flow, None)
        for number in range(1, 5):
            await operation.at_rest()
            await operation.approve("answer", by="bea", roles={"finance"}, name=f"refund-{number}")
        output, costs = (await operation).output, (await operation.costs()).total

    assert (output, len(model.calls), costs.usage.calls, costs.attempts) == ("Done.", 2, 2, 5)


async def test_an_approval_survives_a_restart_and_nothing_is_asked_or_done_twice(tmp_path: Path) -> None:
    model, outside = (
        ScriptedModel([[ToolCall("look", invoice="A"), ToolCall("refund", invoice="A")], "Done."]),
        Outside(),
    )
    store = f"sqlite:///{tmp_path}/runs.db"

    async with Orchestrator([clerk(model, outside)], store=store) as house:
        operation = await asked(house)
        before = [*outside.happened]
    async with Orchestrator([clerk(model, outside)], store=store) as house:
        operation = await house.get(operation.id)
        (question,) = await operation.questions()
        await operation.approve("answer", by="bea", roles=["finance"], name=question.name)
        result = await operation

    assert question.question == 'clerk wants to call refund with {"invoice":"A"}. Agree?'
    assert (before, outside.happened) == (["look A"], ["look A", "refund A"])
    assert (result.output, len(model.calls)) == ("Done.", 2)
    assert "refunded A" in model.calls[1].text


async def test_a_refusal_and_its_reason_reach_the_model_and_nothing_happens() -> None:
    model, outside = ScriptedModel([ToolCall("refund", invoice="A"), "I may not."]), Outside()

    async with opened(clerk(model, outside)) as house:
        operation = await asked(house)
        await operation.refuse("answer", by="bea", roles=["finance"], name="refund-1", comment="not this one")
        result = await operation

    assert (result.output, outside.happened) == ("I may not.", [])
    assert "refused by people. They said: not this one" in model.calls[1].text


async def test_several_calls_are_asked_one_after_the_other_and_each_is_decided_for_itself() -> None:
    calls = [ToolCall("refund", invoice=name) for name in "AB"]
    model, outside = ScriptedModel([calls, ToolCall("refund", invoice="C"), "Done."]), Outside()

    async with opened(clerk(model, outside)) as house:
        operation = await asked(house)
        for name, agrees in (("refund-1", False), ("refund-2", True), ("refund-3", True)):
            decide = operation.approve if agrees else operation.refuse
            await decide("answer", by="bea", roles=["finance"], name=name)
            await operation.at_rest()
        await operation
        questions = [event.name for event in await journal_of(operation) if isinstance(event, ApprovalRequested)]

    assert questions == ["refund-1", "refund-2", "refund-3"]
    assert (outside.happened, len(model.calls)) == (["refund B", "refund C"], 3)


async def test_people_are_asked_by_all_that_the_approval_of_a_tool_says() -> None:
    says: dict[str, Any] = {
        "quorum": 2,
        "deadline": 3600.0,
        "remind": 600.0,
        "escalate": 900.0,
        "escalate_to": ["boss"],
        "on_expiry": "approve",
        "by_requester": True,
    }
    model = ScriptedModel([ToolCall("refund", invoice="A"), "Done."])

    async with opened(clerk(model, Outside(), question="Refund?", **says)) as house:
        operation = await asked(house)
        (request,) = [event for event in await journal_of(operation) if isinstance(event, ApprovalRequested)]

    kept = json.loads(request.approval)
    assert request.question == 'Refund? clerk wants to call refund with {"invoice":"A"}.'
    assert {name: kept[name] for name in ("by", *says)} == {"by": ["finance"], **says}


async def test_a_deadline_decides_where_nobody_does() -> None:
    model, outside = ScriptedModel([ToolCall("refund", invoice="A"), "Not now."]), Outside()

    async with opened(clerk(model, outside, deadline=3600, question="Refund?")) as house:
        operation = await house.submit(FLOW, None)
        result = await operation

    assert (result.output, outside.happened) == ("Not now.", [])


@pytest.mark.parametrize(
    ("limits", "kind", "happened"),
    [
        (ModelLimits(calls=2), "calls", 1),
        (ModelLimits(tokens=25), "tokens", 2),
        (ModelLimits(money="0.015"), "money", 1),
        (ModelLimits(tool_calls=2), "tool calls", 2),
    ],
)
async def test_what_was_used_before_people_agreed_counts_after_it(
    limits: ModelLimits, kind: str, happened: int, tmp_path: Path
) -> None:
    names = [f"{number}" for number in range(9)]
    script = [Says(ToolCall("refund", invoice=name), input_tokens=9, output_tokens=1, cost="0.01") for name in names]
    model, outside = ScriptedModel(script), Outside()
    store = f"sqlite:///{tmp_path}/runs.db"

    async with Orchestrator([clerk(model, outside, limits=limits)], store=store) as house:
        operation = await asked(house)
    for number in range(1, 10):
        async with Orchestrator([clerk(model, outside, limits=limits)], store=store) as house:
            operation = await house.get(operation.id)
            await operation.at_rest()
            if not any(one.is_open for one in await operation.questions()):
                with pytest.raises(OperationFailed, match=f"limits of clerk.*{kind}"):
                    await operation
                break
            await operation.approve("answer", by="bea", roles=["finance"], name=f"refund-{number}")
            await operation.at_rest()

    # Nobody was asked for what could not be done any more.
    assert len(outside.happened) == happened


async def test_a_tool_that_asks_people_itself_is_one_call_however_often_its_stage_is_run() -> None:
    @agent
    async def payer(task: Task[object]) -> str:
        for name in ("one", "two", "three"):
            task.approval(name)
        return "paid"

    model = ScriptedModel([ToolCall("payer", input="x"), "Done."])
    boss: ModelAgent[object, str] = ModelAgent("boss", model=model, tools=[payer], limits=ModelLimits(tool_calls=1))

    async with opened(boss) as house:
        operation = await house.submit(Workflow("flow", [Stage("answer", agent="boss")]), None)
        for _ in range(3):
            await operation.at_rest()
            (question,) = [one for one in await operation.questions() if one.is_open]
            await operation.approve("answer", by="bea", name=question.name)
        assert (await operation).output == "Done."


async def test_a_call_that_is_too_long_to_be_shown_is_not_asked_for_and_not_made() -> None:
    model, outside = ScriptedModel([ToolCall("refund", invoice="A" * 9_000)]), Outside()

    async with opened(clerk(model, outside)) as house:
        operation = await house.submit(FLOW, None)
        with pytest.raises(OperationFailed, match="more than the 4,000 letters that people are shown"):
            await operation

    assert outside.happened == []


async def test_what_people_say_to_one_conversation_is_nothing_to_another_of_the_stage() -> None:
    paid: list[str] = []

    def pay(to: str) -> str:
        """Pay somebody."""
        paid.append(to)
        return f"paid {to}"

    def payer(name: str, to: str) -> ModelAgent[object, str]:
        tools = [ModelTool(pay, approval=Approval())]
        return ModelAgent(name, model=ScriptedModel(2 * [ToolCall("pay", to=to), "Done."]), tools=tools)

    script = [ToolCall("first", input="x"), ToolCall("second", input="x"), ToolCall("first", input="x"), "All done."]
    boss = ModelAgent("boss", model=ScriptedModel(script), tools=[payer("first", "ann"), payer("second", "the thief")])
    names: list[str] = []
    async with opened(boss) as house:
        operation = await house.submit(Workflow("flow", [Stage("answer", agent="boss")]), None)
        for agrees in (True, False, True):
            await operation.at_rest()
            (question,) = [one for one in await operation.questions() if one.is_open]
            names.append(question.name)
            decide = operation.approve if agrees else operation.refuse
            await decide("answer", by="bea", name=question.name)
        await operation

    assert (len(set(names)), paid) == (3, ["ann", "ann"])


async def test_a_tool_may_ask_by_itself_and_the_model_is_not_asked_again() -> None:
    @agent
    async def careful(task: Task[str]) -> str:
        answer = task.approval("sure", by={"finance"})
        return "yes" if answer else "no"

    model = ScriptedModel([ToolCall("careful", input="x"), "Done."])
    worker = ModelAgent("clerk", model=model, tools=[careful])

    async with opened(worker) as house:
        operation = await asked(house)
        await operation.approve("answer", by="bea", roles=["finance"], name="sure")
        result = await operation

    assert (result.output, len(model.calls)) == ("Done.", 2)
    assert '"content": "yes"' in model.calls[1].text


async def test_an_agent_that_another_one_asks_may_ask_people_and_both_go_on_where_they_were() -> None:
    outside = Outside()
    payer_model = ScriptedModel([ToolCall("refund", invoice="A"), "Refunded."])
    payer = ModelAgent(
        "payer", input=str, model=payer_model, tools=[ModelTool(outside.refund, approval=Approval(), effect=True)]
    )
    model = ScriptedModel([ToolCall("payer", input="Refund A"), "Done."])

    async with opened(ModelAgent("clerk", model=model, tools=[payer])) as house:
        operation = await asked(house)
        await operation.approve("answer", by="bea", name="refund-1")
        result = await operation

    assert (result.output, outside.happened) == ("Done.", ["refund A"])
    assert (len(model.calls), len(payer_model.calls)) == (2, 2)


async def test_a_task_that_stands_alone_is_given_its_answers() -> None:
    model, outside = ScriptedModel([ToolCall("refund", invoice="A"), "Done."]), Outside()
    task = Task.standalone("x", approvals={"refund-1": ApprovalAnswer(approved=True)})

    assert await clerk(model, outside).run(task) == "Done."
    assert outside.happened == ["refund A"]


async def test_what_else_is_asked_in_the_same_stage_is_a_conversation_of_its_own() -> None:
    model, outside = ScriptedModel([ToolCall("refund", invoice="A"), "Done.", "Fresh."]), Outside()
    worker = clerk(model, outside)
    task: Task[object] = Task.standalone("x", approvals={"refund-1": True})
    await worker.run(task)

    # Where it waited, and what came of the call.
    assert len(task.done_effects("ask model")) == 2
    assert await worker.run(task.inner('"y"', by="worker")) == "Fresh."
    assert "refund" not in model.calls[-1].text


async def test_tools_of_a_foreign_agent_are_asked_for_too() -> None:
    outside = Outside()
    model = ScriptedModel([ToolCall("refund", invoice="A"), "Done."])
    foreign = PydanticAgent(
        model,
        name="clerk",
        tools=[Tool(outside.refund, requires_approval=True)],
        output_type=[str, DeferredToolRequests],
    )

    async with opened(model_agent(foreign, approval=Approval(by={"finance"}))) as house:
        operation = await asked(house)
        (question,) = await operation.questions()
        await operation.approve("answer", by="bea", roles=["finance"], name=question.name)
        result = await operation

    assert (question.roles, result.output, outside.happened) == (("finance",), "Done.", ["refund A"])


@pytest.mark.parametrize("by", [{"finance"}, {"audit"}])
async def test_only_those_may_agree_who_are_named(by: set[str]) -> None:
    model, outside = ScriptedModel([ToolCall("refund", invoice="A"), "Done."]), Outside()
    worker = ModelAgent("clerk", model=model, tools=[ModelTool(outside.refund, approval=Approval(by=by))])

    async with opened(worker) as house:
        (question,) = await (await asked(house)).questions()

    assert question.roles == tuple(by)


async def test_a_question_shows_the_call_as_it_is_made_and_every_letter_of_it() -> None:
    raw = '{"invoice": "A", "invoice": "B\u202e\u200b\\u0007"}'
    model, outside = ScriptedModel([ToolCall("refund", raw=raw), "Done."]), Outside()

    async with opened(clerk(model, outside)) as house:
        operation = await asked(house)
        (question,) = await operation.questions()
        await operation.approve("answer", by="bea", roles=["finance"], name=question.name)
        await operation

    assert question.question == 'clerk wants to call refund with {"invoice":"B\\u202e\\u200b\\u0007"}. Agree?'
    assert outside.happened == ["refund B\u202e\u200b\x07"]


@pytest.mark.parametrize("names", [("refund", "refund"), ("look", "refund")])
async def test_calls_that_share_an_id_are_refused_so_that_no_vote_stands_for_another_call(names: Sequence[str]) -> None:
    def alike(call: ModelCall) -> object:
        return [ToolCall(name, invoice=letter) for name, letter in zip(names, "AB", strict=True)]

    class OneId(ScriptedModel):
        async def request(self, messages: Any, model_settings: Any, model_request_parameters: Any) -> ModelResponse:
            answer = await super().request(messages, model_settings, model_request_parameters)
            for part in answer.tool_calls:
                part.tool_call_id = "same"
            return answer

    outside = Outside()
    task: Task[Any] = Task.standalone("x", approvals={"refund-1": True, "refund-2": True})

    with pytest.raises(OutputInvalid):
        await clerk(OneId([alike]), outside).run(task)

    assert "refund" not in "".join(outside.happened)


class Bank:
    """Who pays, once under each key, and can be asked what it did."""

    def __init__(self) -> None:
        self.paid: dict[str, str] = {}

    def refund(self, invoice: str, idempotency_key: str) -> str:
        """Pay an invoice back."""
        if idempotency_key in self.paid:
            raise AssertionError("paid twice")
        self.paid[idempotency_key] = invoice
        return f"refunded {invoice}"

    def look(self, key: str) -> str | None:
        """What was done under a key."""
        return f"refunded {self.paid[key]}" if key in self.paid else None


def test_whenever_the_process_dies_the_same_is_done_once_and_the_answer_is_the_same() -> None:
    banks: list[Bank] = []

    def steps(call: ModelCall) -> object:
        refunded = call.text.count('"content": "refunded')
        return ToolCall("refund", invoice="AB"[refunded]) if refunded < 2 else "Both are refunded."

    def agents() -> list[ModelAgent[Any, str]]:
        banks.append(Bank())
        tool = ModelTool(banks[-1].refund, approval=Approval(), effect=True, reconcile=banks[-1].look)
        return [ModelAgent("clerk", model=ScriptedModel([steps]), tools=[tool])]

    people = [Approve("answer", by="bea", name=f"refund-{number}", after=3_600) for number in (1, 2)]
    runs = crash_everywhere(FLOW, agents, people=people)

    assert len(runs) > 20
    assert all(run.output == "Both are refunded." for run in runs)
    assert all(sorted(bank.paid.values()) == ["A", "B"] for bank in banks)

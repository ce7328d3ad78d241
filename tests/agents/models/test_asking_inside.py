"""Calls of tools that ask people themselves: those beside them in the same answer come to their end, and count."""

import asyncio
import threading
from typing import Any

import pytest
from pydantic_ai import FunctionToolset
from pydantic_ai.messages import ModelResponse

from agentkit.agents import Agent, ModelAgent, ModelLimits, ModelTool, Task, agent
from agentkit.agents.notes import Paused
from agentkit.errors import OutputInvalid
from agentkit.kernel import Approval, ApprovalRequested, Asked, Doubtful, Stage, Workflow
from agentkit.orchestrator import Operation
from agentkit.testing import Approve, ModelCall, ScriptedModel, ToolCall, crash_everywhere
from tests.agents.models.test_approvals import Bank
from tests.orchestrator.scenes import journal_of, opened

FLOW: Workflow[object] = Workflow("claims", [Stage("answer", agent="clerk", instruction="Handle it")])


@agent
async def careful(task: Task[str]) -> str:
    """Is careful."""
    return "yes" if task.approval("sure") else "no"


async def agreed(operation: Operation[object]) -> tuple[object, list[str]]:
    """Agree to everything that is asked; the output, and what was asked."""
    while True:
        await operation.at_rest()
        questions = [one for one in await operation.questions() if one.is_open]
        if not questions:
            break
        await operation.approve("answer", by="bea", name=questions[0].name)
    output = (await operation).output
    return output, [event.name for event in await journal_of(operation) if isinstance(event, ApprovalRequested)]


@pytest.mark.blocking
@pytest.mark.parametrize("effect", [True, False])
async def test_what_is_done_in_a_thread_beside_a_call_that_asks_is_done_once_and_leaves_no_doubt(effect: bool) -> None:
    begun, asked, paid = threading.Event(), threading.Event(), list[str]()

    def pay(to: str) -> str:
        """Pay somebody."""
        begun.set()
        assert asked.wait(20)
        paid.append(to)
        return "paid"

    @agent
    async def asker(task: Task[str]) -> str:
        assert await asyncio.to_thread(begun.wait, 20)
        asyncio.get_running_loop().call_later(0.01, asked.set)
        return await careful.run(task)

    model = ScriptedModel([[ToolCall("pay", to="ann"), ToolCall("asker", input="x")], "Done."])

    async with opened(ModelAgent("clerk", model=model, tools=[asker, ModelTool(pay, effect=effect)])) as house:
        assert await agreed(await house.submit(FLOW, None)) == ("Done.", ["sure"])

    assert (paid, len(model.calls)) == (["ann"], 2)
    assert '"content": "paid"' in model.calls[1].text
    assert '"content": "yes"' in model.calls[1].text


async def test_several_agents_that_ask_once_each_are_asked_no_more_often_than_it_takes() -> None:
    paid: list[str] = []

    def pay(to: str) -> str:
        """Pay somebody."""
        paid.append(to)
        return "paid"

    models = {name: ScriptedModel([ToolCall("pay", to=name), f"Paid {name}."]) for name in ("ann", "bob", "cid")}
    tools = [
        ModelAgent(name, input=str, model=model, tools=[ModelTool(pay, approval=Approval())])
        for name, model in models.items()
    ]
    research_model = ScriptedModel(["It is known."])
    research = ModelAgent("research", input=str, model=research_model)
    model = ScriptedModel([[ToolCall(name, input="x") for name in ("research", *models)], "Done."])

    async with opened(ModelAgent("clerk", model=model, tools=[research, *tools])) as house:
        assert await agreed(await house.submit(FLOW, None)) == ("Done.", ["pay-1", "pay-2", "pay-3"])

    assert paid == ["ann", "bob", "cid"]
    assert [len(one.calls) for one in (model, research_model, *models.values())] == [2, 1, 2, 2, 2]


async def test_calls_that_people_agree_to_and_calls_that_ask_themselves_may_stand_in_one_answer() -> None:
    happened: list[str] = []

    def pay(to: str) -> str:
        """Pay somebody."""
        happened.append(to)
        return "paid"

    def note(text: str) -> str:
        """Note it."""
        happened.append(text)
        return "noted"

    calls = [ToolCall("careful", input="x"), ToolCall("pay", to="ann"), ToolCall("note", text="n")]
    model = ScriptedModel([calls, ToolCall("pay", to="bob"), "Done."])
    tools: list[Any] = [ModelTool(careful, approval=Approval()), ModelTool(pay, approval=Approval()), note]
    worker = ModelAgent("clerk", model=model, tools=tools, limits=ModelLimits(tool_calls=4))

    async with opened(worker) as house:
        output, asked = await agreed(await house.submit(FLOW, None))

    assert (output, asked) == ("Done.", ["careful-1", "pay-2", "sure", "pay-3"])
    assert (happened, len(model.calls)) == (["n", "ann", "bob"], 3)


async def test_an_answer_that_came_with_a_call_that_asks_is_none_before_people_have_decided() -> None:
    model = ScriptedModel([[ToolCall("careful", input="x"), ToolCall("final_result", response=5)]])

    async with opened(ModelAgent("clerk", output=int, model=model, tools=[careful])) as house:
        assert await agreed(await house.submit(FLOW, None)) == (5, ["sure"])

    assert len(model.calls) == 1


async def test_a_doubt_counts_before_a_question_of_the_call_beside_it() -> None:
    @agent
    async def asker(task: Task[str]) -> str:
        raise Paused(Asked(name="sure", approval=Approval(), question="Sure?"))

    async def pay(to: str) -> str:
        """Pay somebody."""
        raise ConnectionError("the line dropped")

    calls = [ToolCall("asker", input="x"), ToolCall("pay", to="ann")]
    model = ScriptedModel([ToolCall("pay", to="ann"), calls])
    task: Task[object] = Task.standalone("x")
    worker = ModelAgent("clerk", model=model, tools=[asker, ModelTool(pay, effect=True)])

    with pytest.raises(ConnectionError):
        await worker.run(task)
    with pytest.raises(Paused) as paused:
        await worker.run(task)
    assert isinstance(paused.value.outcome, Doubtful)


class Named(ScriptedModel):
    """A model whose calls have the same ids whenever it is asked."""

    async def request(self, messages: Any, model_settings: Any, model_request_parameters: Any) -> ModelResponse:
        answer = await super().request(messages, model_settings, model_request_parameters)
        for number, part in enumerate(answer.tool_calls):
            part.tool_call_id = f"call-{number}"
        return answer


def test_whenever_the_process_dies_agents_that_ask_beside_each_other_pay_once() -> None:
    banks: list[Bank] = []

    def agents() -> list[Agent[Any, Any]]:
        bank = Bank()
        banks.append(bank)

        def payer(name: str) -> ModelAgent[str, str]:
            def steps(call: ModelCall) -> object:
                return "Refunded." if "refunded" in call.text else ToolCall("refund", invoice=name)

            tool = ModelTool(bank.refund, approval=Approval(), effect=True, reconcile=bank.look)
            return ModelAgent(name, input=str, model=ScriptedModel([steps]), tools=[tool])

        def boss(call: ModelCall) -> object:
            return "Done." if "Refunded." in call.text else [ToolCall(name, input="x") for name in "ab"]

        return [ModelAgent("clerk", model=Named([boss]), tools=[payer(name) for name in "ab"])]

    people = [Approve("answer", by="bea", name=f"refund-{number}", after=3_600) for number in (1, 2)]
    runs = crash_everywhere(FLOW, agents, people=people)

    assert len(runs) > 20
    assert all(run.output == "Done." for run in runs)
    assert all(sorted(bank.paid.values()) == ["a", "b"] for bank in banks)


@pytest.mark.parametrize("stream", [True, False])
async def test_half_a_letter_in_what_a_tool_gives_is_kept_as_what_it_is_not_and_the_conversation_goes_on(
    stream: bool,
) -> None:
    def read() -> str:
        """Read it."""
        return "half \ud800 a letter"

    model = ScriptedModel([[ToolCall("read"), ToolCall("careful", input="x")], "Done."])

    async with opened(ModelAgent("clerk", model=model, tools=[read, careful], stream=stream)) as house:
        assert await agreed(await house.submit(FLOW, None)) == ("Done.", ["sure"])

    assert "half \ufffd a letter" in model.calls[1].text


@pytest.mark.parametrize("stream", [True, False])
async def test_half_a_letter_in_what_a_model_wants_to_call_is_an_answer_that_does_not_fit(stream: bool) -> None:
    model = ScriptedModel([ToolCall("careful", raw='{"input": "\ud800"}')])

    with pytest.raises(OutputInvalid, match="wants to call careful with what is no whole text"):
        await ModelAgent("clerk", model=model, tools=[careful], stream=stream).run(Task.standalone("x"))


@pytest.mark.parametrize("together", [True, False])
async def test_what_a_call_sent_and_attached_before_people_were_asked_leaves_with_the_success_and_once(
    together: bool,
) -> None:
    noted: list[str] = []

    async def note(task: Task[object], text: str) -> str:
        """Note it."""
        noted.append(text)
        task.emit("noted", text)
        await task.attach(f"{text}.txt", b"x")
        return "noted"

    calls = [ToolCall("note", text="n"), ToolCall("careful", input="x")]
    model = ScriptedModel([calls, "Done."] if together else [*calls, "Done."])

    async with opened(ModelAgent("clerk", model=model, tools=[note, careful])) as house:
        operation = await house.submit(FLOW, None)
        assert await agreed(operation) == ("Done.", ["sure"])
        messages = [message.content async for message in operation.messages()]
        assert (messages, len(await operation.artifacts())) == (["n"], 1)

    assert len(model.calls) == (2 if together else 3)


async def test_a_call_that_sends_something_and_then_asks_sends_it_once() -> None:
    @agent
    async def plain(task: Task[str]) -> str:
        return "seen"

    async def sender(task: Task[object], text: str) -> str:
        """Send it."""
        task.approval("first")
        task.emit("sent", text)
        task.approval("second")
        return "sent"

    model = ScriptedModel([[ToolCall("sender", text="n"), ToolCall("plain", input="x")], "Done."])

    async with opened(ModelAgent("clerk", model=model, tools=[sender, plain])) as house:
        operation = await house.submit(FLOW, None)
        assert await agreed(operation) == ("Done.", ["first", "second"])
        assert [message.content async for message in operation.messages()] == ["n"]


async def sender(task: Task[object], text: str) -> str:
    """Send it, and ask whether that was good."""
    task.emit("sent", text)
    task.approval("second")
    return "sent"


async def test_a_call_that_people_agreed_to_and_that_sends_and_asks_itself_sends_it_once() -> None:
    model = ScriptedModel([ToolCall("sender", text="n"), "Done."])

    async with opened(ModelAgent("clerk", model=model, tools=[ModelTool(sender, approval=Approval())])) as house:
        operation = await house.submit(FLOW, None)
        assert await agreed(operation) == ("Done.", ["sender-1", "second"])
        assert [message.content async for message in operation.messages()] == ["n"]


async def test_a_call_of_a_toolset_that_waits_for_people_is_one_call() -> None:
    paid: list[str] = []

    def pay(to: str) -> str:
        """Pay somebody."""
        paid.append(to)
        return "paid"

    tools = [FunctionToolset([pay]).approval_required()]
    model = ScriptedModel([ToolCall("pay", to="ann"), "Done."])
    worker: ModelAgent[object, str] = ModelAgent("clerk", model=model, tools=tools, limits=ModelLimits(tool_calls=1))

    async with opened(worker) as house:
        assert await agreed(await house.submit(FLOW, None)) == ("Done.", ["pay-1"])
    assert paid == ["ann"]


async def test_a_call_that_asked_people_itself_and_is_done_is_not_made_again_for_one_beside_it_that_sends() -> None:
    paid: list[str] = []

    async def pay(task: Task[object], to: str) -> str:
        """Pay, once somebody agreed."""
        task.approval("pay?")
        paid.append(to)
        return "paid"

    model = ScriptedModel([[ToolCall("pay", to="ann"), ToolCall("sender", text="n")], "Done."])
    tools: list[Any] = [pay, ModelTool(sender, approval=Approval())]

    async with opened(ModelAgent("clerk", model=model, tools=tools)) as house:
        assert await agreed(await house.submit(FLOW, None)) == ("Done.", ["sender-1", "pay?", "second"])
    assert paid == ["ann"]


async def test_a_refused_call_beside_one_that_sends_and_asks_is_no_reason_to_send_twice() -> None:
    def pay(to: str) -> str:
        """Pay somebody."""
        return "paid"

    model = ScriptedModel([[ToolCall("pay", to="ann"), ToolCall("sender", text="n")], "Done."])
    tools = [ModelTool(pay, approval=Approval()), ModelTool(sender, approval=Approval())]

    async with opened(ModelAgent("clerk", model=model, tools=tools)) as house:
        operation = await house.submit(FLOW, None)
        await operation.at_rest()
        await operation.refuse("answer", by="bea", name="pay-1")
        assert (await agreed(operation))[0] == "Done."
        assert [message.content async for message in operation.messages()] == ["n"]

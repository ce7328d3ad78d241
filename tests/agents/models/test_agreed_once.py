"""What people agreed to once is made once, whatever of the attempt fails after it."""

import asyncio
from collections.abc import Callable

import pytest
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai import DeferredToolRequests, ModelRetry, Tool
from pydantic_ai.exceptions import ModelRateLimitError

from agentkit.agents import ModelAgent, ModelLimits, ModelTool, model_agent
from agentkit.errors import GiveUp, OperationFailed, TryAgain
from agentkit.kernel import Approval, ApprovalRequested, AttemptFailed, Map, RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Operation
from agentkit.testing import ModelCall, ScriptedModel, ToolCall
from tests.orchestrator.scenes import journal_of, opened

RETRY = RetryPolicy(attempts=3, delay=1)
FLOW: Workflow[object] = Workflow("refunds", [Stage("answer", agent="clerk", instruction="Answer", retry=RETRY)])


async def agreed(operation: Operation[object]) -> object:
    """Agree to everything that is asked but the third; the output."""
    while True:
        await operation.at_rest()
        questions = [one for one in await operation.questions() if one.is_open]
        if not questions:
            return (await operation).output
        name = questions[0].name
        await (operation.refuse if name.endswith("-3") else operation.approve)("answer", by="bea", name=name)


def invalid() -> object:
    return "no JSON"


def limited() -> object:
    raise ModelRateLimitError("model", "slow down")


def broken() -> object:
    raise RuntimeError("the line of the model is broken")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("fails", [invalid, limited, broken])
async def test_a_call_that_was_agreed_to_is_made_once_however_the_answer_after_it_fails(
    fails: Callable[[], object], stream: bool
) -> None:
    happened: list[str] = []

    def refund(invoice: str) -> str:
        """Pay an invoice back."""
        happened.append(invoice)
        return "refunded"

    def steps(call: ModelCall) -> object:
        if "refunded" not in call.text:
            return ToolCall("refund", invoice="A")
        return fails() if len(model.calls) == 2 else {"refunded": "A"}

    model = ScriptedModel([steps])
    tool = ModelTool(refund, approval=Approval())
    worker = ModelAgent("clerk", output=dict, model=model, tools=[tool], limits=ModelLimits(repairs=0), stream=stream)

    async with opened(worker) as house:
        operation = await house.submit(FLOW, None)
        assert await agreed(operation) == {"refunded": "A"}

    assert (happened, len(model.calls)) == (["A"], 3)


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("is_foreign", [True, False])
@pytest.mark.parametrize("order", ["ABC", "BAC"])
async def test_a_call_that_was_agreed_to_is_made_once_though_one_beside_it_fails_before_it_is_done(
    is_async: bool, is_foreign: bool, order: str
) -> None:
    happened: list[str] = []
    loop, failing = asyncio.get_running_loop(), asyncio.Event()

    async def slowly() -> None:
        await failing.wait()
        for _ in range(100):
            await asyncio.sleep(0)

    async def refund(invoice: str) -> str:
        """Pay an invoice back."""
        if invoice == "A":
            await slowly()
        happened.append(invoice)
        if happened == ["B"]:
            failing.set()
            raise ConnectionError("the bank is closed")
        return f"refunded {invoice}"

    def in_a_thread(invoice: str) -> str:
        """Pay an invoice back."""
        return asyncio.run_coroutine_threadsafe(refund(invoice), loop).result(20)

    work = refund if is_async else in_a_thread
    model = ScriptedModel([[ToolCall(work.__name__, invoice=name) for name in order], "Done."])
    ours = ModelAgent("clerk", model=model, tools=[ModelTool(work, approval=Approval())])
    foreign = PydanticAgent(
        model,
        name="clerk",
        tools=[Tool(work, requires_approval=True)],
        output_type=[str, DeferredToolRequests],
    )

    async with opened(model_agent(foreign) if is_foreign else ours) as house:
        operation = await house.submit(FLOW, None)
        assert await agreed(operation) == "Done."
        asked = [event.name for event in await journal_of(operation) if isinstance(event, ApprovalRequested)]

    # Whoever has not begun when another one fails is left to the next attempt.
    assert happened == (["B", "B", "A"] if is_async and order == "BAC" else ["B", "A", "B"])
    assert (len(asked), len(model.calls)) == (3, 2)


@pytest.mark.parametrize(
    ("error", "seconds", "repairs"),
    [(ConnectionError("no mail"), 0.3, 2), (ModelRetry("who is that?"), None, 0)],
)
async def test_a_call_that_fails_is_no_end_of_the_one_beside_it_for_want_of_time_or_of_another_try(
    error: Exception, seconds: float | None, repairs: int
) -> None:
    happened: list[str] = []
    begun, later = asyncio.Event(), asyncio.Event()

    async def refund(invoice: str) -> str:
        """Pay an invoice back."""
        happened.append(invoice)
        asyncio.get_running_loop().call_later(0.6, later.set)
        begun.set()
        await later.wait()
        return "refunded"

    async def mail(to: str) -> str:
        """Write to somebody."""
        await begun.wait()
        if not later.is_set():
            raise error
        return "sent"

    model = ScriptedModel([[ToolCall("refund", invoice="A"), ToolCall("mail", to="B")], "Done."])
    tools = [ModelTool(refund, approval=Approval()), ModelTool(mail, approval=Approval(), seconds=seconds)]
    worker = ModelAgent("clerk", model=model, tools=tools, limits=ModelLimits(repairs=repairs))

    async with opened(worker) as house:
        operation = await house.submit(FLOW, None)
        assert await agreed(operation) == "Done."
        attempts = [event for event in await journal_of(operation) if isinstance(event, AttemptFailed)]

    assert (happened, len(attempts)) == (["A"], 1)


@pytest.mark.parametrize("is_hanging", [True, False])
async def test_the_first_call_that_fails_says_why_the_attempt_did(is_hanging: bool) -> None:
    happened: list[str] = []
    closed, never = asyncio.Event(), asyncio.Event()

    async def refund(invoice: str) -> str:
        """Pay an invoice back."""
        happened.append(invoice)
        if invoice == "B":
            closed.set()
            raise GiveUp("the bank is closed")
        await (never if is_hanging else closed).wait()
        raise TryAgain("the bank is busy")

    model = ScriptedModel([[ToolCall("refund", invoice=name) for name in "AB"], "Done."])
    limits = ModelLimits(seconds=2 if is_hanging else None)
    worker = ModelAgent("clerk", model=model, tools=[ModelTool(refund, approval=Approval())], limits=limits)

    async with opened(worker) as house:
        with pytest.raises(OperationFailed, match="GiveUp: the bank is closed"):
            await agreed(await house.submit(FLOW, None))

    assert happened == ["A", "B"]


@pytest.mark.parametrize("begins", [[], [ToolCall("book", room="C")]])
async def test_calls_that_nobody_agreed_to_are_waited_for_by_none_that_fails(begins: list[object]) -> None:
    ended: list[str] = []
    never = asyncio.Event()

    def book(room: str) -> str:
        """Book a room."""
        return "booked"

    async def refund(invoice: str) -> str:
        """Pay an invoice back."""
        if invoice == "B":
            ended.append(invoice)
            raise TryAgain("the bank is busy")
        await never.wait()
        return "never"

    model = ScriptedModel([*begins, [ToolCall("refund", invoice=name) for name in "AB"], "Done."])
    tools = [ModelTool(book, approval=Approval()), ModelTool(refund)]

    async with opened(ModelAgent("clerk", model=model, tools=tools)) as house:
        with pytest.raises(OperationFailed, match="the bank is busy"):
            await asyncio.wait_for(agreed(await house.submit(FLOW, None)), 60)

    assert ended == ["B", "B", "B"]


@pytest.mark.parametrize("inside", [True, False])
async def test_what_was_answered_is_kept_where_a_tool_or_an_agent_that_is_one_asks_to_be_tried_again(
    inside: bool,
) -> None:
    booked: list[str] = []

    def book(name: str) -> str:
        """Book a room."""
        booked.append(name)
        if not inside and len(booked) == 1:
            raise TryAgain("the hotel is busy")
        return "booked"

    def steps(call: ModelCall) -> object:
        if "booked" not in call.text:
            return ToolCall("book", name="A")
        return limited() if inside and len(model.calls) == 2 else "It is booked."

    model = ScriptedModel([steps])
    agent = ModelAgent("booker", input=str, model=model, tools=[book])
    boss_model = ScriptedModel([ToolCall("booker", input="Book A"), "Done."])

    async with opened(ModelAgent("clerk", model=boss_model, tools=[agent])) as house:
        operation = await house.submit(FLOW, None)
        assert (await operation).output == "Done."

    assert len(boss_model.calls) == 2
    assert (len(model.calls), booked) == ((3, ["A"]) if inside else (2, ["A", "A"]))


async def test_a_fork_with_another_list_asks_the_model_and_people_anew() -> None:
    paid: list[str] = []

    def refund(invoice: str) -> str:
        """Pay an invoice back."""
        paid.append(invoice)
        return "refunded"

    def steps(call: ModelCall) -> object:
        return "Done." if "refunded" in call.text else ToolCall("refund", invoice="A")

    model = ScriptedModel([steps])
    worker = ModelAgent("clerk", model=model, tools=[ModelTool(refund, approval=Approval())])
    stage = Stage("answer", agent="clerk", instruction="Answer", map=Map(path="claims"))

    async def ended(operation: Operation[object]) -> object:
        while True:
            await operation.at_rest()
            questions = [one for one in await operation.questions() if one.is_open]
            if not questions:
                return (await operation).output
            await operation.approve(questions[0].stage, by="bea", name=questions[0].name)

    async with opened(worker) as house:
        operation = await house.submit(Workflow("refunds", [stage]), {"claims": ["a", "b"]})
        assert await ended(operation) == ["Done.", "Done."]
        fork = await house.fork(operation, input={"claims": ["a", "c"]})
        assert await ended(fork) == ["Done.", "Done."]

    assert (len(paid), len(model.calls)) == (4, 8)

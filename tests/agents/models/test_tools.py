"""What a model may call: functions and agents, by their types, with the task and its keys."""

import asyncio
import threading
import time
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import FunctionToolset, ModelRetry
from pydantic_ai.exceptions import ToolFailed
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from agentkit.agents import (
    Agent,
    AgentPersonality,
    ApprovalAnswer,
    Budget,
    ModelAgent,
    ModelLimits,
    ModelTool,
    Task,
    agent,
)
from agentkit.errors import BudgetExhausted, DefinitionError, OutputInvalid, Repetition, UnstorableValue
from agentkit.kernel import Allowance, Approval, Stage, Usage, Workflow
from agentkit.testing import Says, ScriptedModel, ToolCall
from tests.orchestrator.scenes import opened


class Line(BaseModel):
    """A line of an order."""

    item: str
    count: int = 1


def stock(item: str) -> int:
    """How many there are."""
    return {"pens": 7}[item]


def clerk(script: list[object], *tools: Any, **settings: Any) -> tuple[ModelAgent[Any, str], ScriptedModel]:
    model = ScriptedModel(script)
    return ModelAgent("clerk", model=model, tools=tools, **settings), model


async def test_a_plain_function_is_a_tool_and_its_answer_reaches_the_model() -> None:
    worker, model = clerk([ToolCall("stock", item="pens"), "Seven."], stock)

    assert await worker.run(Task.standalone("Pens?")) == "Seven."
    assert model.calls[0].tools == ["stock"]
    assert '"content": 7' in model.calls[1].text


async def test_what_a_model_gives_is_checked_before_the_tool_runs() -> None:
    seen: list[Line] = []

    async def order(line: Line) -> str:
        seen.append(line)
        return "ordered"

    worker, model = clerk(
        [ToolCall("order", line={"item": "pen", "count": "x"}), ToolCall("order", line={"item": "pen"}), "Done."], order
    )

    await worker.run(Task.standalone("Order a pen"))

    assert seen == [Line(item="pen")]
    assert "valid integer" in model.calls[1].text


async def test_a_tool_that_first_takes_a_task_is_given_it_and_the_model_does_not_see_that() -> None:
    keys: list[str] = []

    async def pay(task: Task[object], cents: int, idempotency_key: str) -> str:
        keys.extend([task.stage, task.idempotency_key, idempotency_key])
        return "paid"

    worker, _ = clerk([ToolCall("pay", cents=5), "Done."], pay)
    async with opened(worker) as house:
        operation = await house.submit(Workflow("w", [Stage("pay", agent="clerk", instruction="Pay")]), None)
        await operation

    key = f"agentkit:{operation.id}:pay"
    assert keys[:2] == ["pay", key]
    assert keys[2].startswith(f"{key}:pay:")


async def test_a_model_cannot_fill_what_agentkit_fills() -> None:
    keys: list[str] = []

    def pay(cents: int, idempotency_key: str) -> str:
        keys.append(idempotency_key)
        return "paid"

    worker, _ = clerk([ToolCall("pay", cents=5, idempotency_key="mine"), ToolCall("pay", cents=5), "Done."], pay)
    await worker.run(Task.standalone("Pay"))

    assert len(keys) == len(calls := [key for key in keys if key.startswith("agentkit:standalone:standalone:pay:")])
    assert len(set(calls)) == 1


async def test_an_effect_happens_once_for_the_same_call_of_the_same_stage() -> None:
    done: list[tuple[int, str]] = []

    def pay(cents: int, idempotency_key: str) -> str:
        done.append((cents, idempotency_key))
        return f"receipt {len(done)}"

    worker, model = clerk(
        [ToolCall("pay", cents=5), ToolCall("pay", cents=5), ToolCall("pay", cents=6), "Done."],
        ModelTool(pay, effect=True),
    )
    await worker.run(Task.standalone("Pay"))

    assert [cents for cents, _ in done] == [5, 6]
    assert done[0][1].startswith("agentkit:standalone:standalone:pay:")
    assert model.calls[2].text.count("receipt 1") == 2


@pytest.mark.parametrize("approval", [None, Approval()])
async def test_the_same_effect_twice_in_one_answer_happens_once_and_both_calls_hear_of_it(
    approval: Approval | None,
) -> None:
    done: list[int] = []

    async def pay(cents: int) -> str:
        """Pay."""
        await asyncio.sleep(60)
        done.append(cents)
        return f"receipt {len(done)}"

    twice = [ToolCall("pay", cents=5), ToolCall("pay", cents=5)]
    worker, model = clerk([twice, "Done."], ModelTool(pay, effect=True, approval=approval))
    answers = {"pay-1": True, "pay-2": True}

    assert await worker.run(Task.standalone("Pay", approvals=answers)) == "Done."
    assert (done, model.calls[1].text.count('"receipt 1"')) == ([5], 2)


async def test_an_effect_of_which_nobody_knows_is_looked_for_and_not_repeated() -> None:
    calls: list[str] = []

    async def pay(cents: int) -> str:
        calls.append("pay")
        raise ConnectionError("the line dropped")

    async def look(key: str) -> str | None:
        calls.append("look")
        return "receipt 1"

    worker, model = clerk(
        [ToolCall("pay", cents=5), ToolCall("pay", cents=5), "Done."], ModelTool(pay, effect=True, reconcile=look)
    )
    task: Task[object] = Task.standalone("Pay")

    with pytest.raises(ConnectionError):
        await worker.run(task)
    assert await worker.run(task) == "Done."

    assert calls == ["pay", "look"]
    assert "receipt 1" in model.calls[-1].text


async def test_another_agent_is_a_tool_from_the_same_budget() -> None:
    class Counter(Agent[list[str], int]):
        personality = AgentPersonality(name="counter", role="Counts things")

        async def run(self, task: Task[list[str]]) -> int:
            task.use(Usage(calls=3))
            return len(task.input)

    worker, model = clerk([ToolCall("counter", input=["a", "b"]), "Two."], Counter())
    async with opened(worker) as house:
        operation = await house.submit(Workflow("w", [Stage("count", agent="clerk", instruction="Count")]), None)
        result, costs = await operation, await operation.costs()

    assert (result.output, costs.total.usage.calls) == ("Two.", 5)
    assert '"content": 2' in model.calls[1].text


async def test_a_model_agent_calls_another_one() -> None:
    poet = ModelAgent(AgentPersonality(name="poet", role="Writes"), input=str, model=ScriptedModel(["Roses."]))
    worker, model = clerk([ToolCall("poet", input="roses"), "There."], poet)

    task = Task.standalone("A poem")
    assert await worker.run(task) == "There."

    assert "Roses." in model.calls[1].text
    assert task.budget.spent.calls == 3


async def test_what_an_inner_agent_says_of_its_value_stays_its_own_and_what_it_writes_is_kept() -> None:
    @agent
    async def helper(task: Task[str]) -> str:
        task.confidence(0.1)
        task.emit("asked", task.input)
        task.degrade()
        return "x"

    worker, _ = clerk([ToolCall("helper", input="a"), "Done."], helper)
    task = Task.standalone("x")
    await worker.run(task)

    assert task.notes is not None
    assert (task.notes.confidence, task.notes.messages, task.notes.degraded) == (None, [("asked", "a")], True)


async def test_an_answer_of_an_inner_agent_that_is_not_of_its_type_does_not_reach_the_model() -> None:
    @agent
    async def liar(task: Task[str]) -> int:
        return "many"  # type: ignore[return-value]  # on purpose

    worker, model = clerk([ToolCall("liar", input="a"), "Done."], liar)

    with pytest.raises(ValueError, match="str given where int is declared"):
        await worker.run(Task.standalone("x"))
    assert len(model.calls) == 1


async def test_an_error_of_a_tool_ends_the_attempt_as_itself() -> None:
    def broken() -> str:
        raise KeyError("no such item")

    worker, _ = clerk([ToolCall("broken"), "Done."], broken)

    with pytest.raises(KeyError, match="no such item"):
        await worker.run(Task.standalone("x"))


@pytest.mark.parametrize(
    ("tool", "told"),
    [
        (stock, ("stock", "How many there are.")),
        (ModelTool(stock, name="count", description="Counts."), ("count", "Counts.")),
    ],
)
async def test_a_name_and_a_description_of_their_own_are_what_the_model_is_told(
    tool: Any, told: tuple[str, str]
) -> None:
    seen: list[tuple[str, str | None]] = []

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        seen.extend((one.name, one.description) for one in info.function_tools)
        return ModelResponse(parts=[TextPart("Seven.")])

    worker: ModelAgent[Any, str] = ModelAgent("clerk", model=FunctionModel(answer), tools=[tool], stream=False)
    await worker.run(Task.standalone("Pens?"))

    assert seen == [told]


async def test_an_agent_that_is_a_tool_is_told_what_it_is_there_for() -> None:
    @agent
    async def helper(task: Task[str]) -> str:
        return f"{task.instruction} {task.input}"

    tool = ModelTool(helper, description="Look it up.")
    worker, model = clerk([ToolCall("helper", input="pens"), "Done."], tool)

    await worker.run(Task.standalone("Pens?"))

    assert "Look it up. pens" in model.calls[1].text


async def test_a_toolset_of_pydantic_ai_is_called_and_its_calls_count() -> None:
    worker, model = clerk([ToolCall("stock", item="pens")], FunctionToolset([stock]), limits=ModelLimits(tool_calls=2))

    with pytest.raises(BudgetExhausted, match="tool calls"):
        await worker.run(Task.standalone("Pens?"))

    assert model.calls[0].tools == ["stock"]
    assert model.calls[-1].text.count('"content": 7') == 2


async def test_people_are_asked_for_a_toolset_of_pydantic_ai_too() -> None:
    toolset = FunctionToolset([stock]).approval_required()
    worker, _ = clerk([ToolCall("stock", item="pens"), "Seven."], toolset)

    async with opened(worker) as house:
        operation = await house.submit(Workflow("w", [Stage("ask", agent="clerk", instruction="Pens?")]), None)
        await operation.at_rest()
        (question,) = await operation.questions()
        await operation.approve("ask", by="bea", name=question.name)

        assert (await operation).output == "Seven."
    assert question.question == 'clerk wants to call stock with {"item":"pens"}. Agree?'


async def test_a_slow_tool_is_cut_off_and_the_model_hears_of_it() -> None:
    async def slow() -> str:
        await asyncio.sleep(3600)
        return "late"

    worker, model = clerk([ToolCall("slow"), "Enough."], ModelTool(slow, seconds=5))

    assert await worker.run(Task.standalone("x")) == "Enough."
    assert "timed out" in model.calls[1].text.lower()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("given", ["x" * 1_000, ["x"] * 500, b"x" * 1_000])
async def test_a_giant_result_of_a_tool_is_told_of_and_not_read(given: object, stream: bool) -> None:
    def pour() -> object:
        """Give a lot."""
        return given

    worker, model = clerk([ToolCall("pour"), "Too much."], pour, limits=ModelLimits(characters=900), stream=stream)

    assert await worker.run(Task.standalone("x")) == "Too much."
    assert "characters; at most 900 can be read: ask for less" in model.calls[1].text
    assert "xxxx" not in model.calls[1].text


_ITSELF: list[object] = []
_ITSELF.append(_ITSELF)


@pytest.mark.parametrize("characters", [900, None])
@pytest.mark.parametrize(
    "given", [object(), {"a": object()}, print, _ITSELF], ids=["object", "in-dict", "function", "cycle"]
)
async def test_what_no_model_can_read_names_the_tool_that_gave_it(given: object, characters: int | None) -> None:
    def stock() -> object:
        """Look up."""
        return given

    worker, _ = clerk([ToolCall("stock"), "Seven."], stock, limits=ModelLimits(characters=characters))

    with pytest.raises(UnstorableValue, match=r"tool 'stock' gave what no model can read, of type .*have it return"):
        await worker.run(Task.standalone("x"))


async def test_bytes_of_a_tool_are_read_as_base64() -> None:
    def stock() -> bytes:
        """Look up."""
        return b"\xff\xfe"

    worker, model = clerk([ToolCall("stock"), "Read."], stock)

    assert await worker.run(Task.standalone("x")) == "Read."
    assert "__4=" in model.calls[1].text


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("error", [ModelRetry, ToolFailed])
async def test_a_giant_complaint_of_a_tool_is_cut(error: type[Exception], stream: bool) -> None:
    def pour() -> object:
        """Give a lot."""
        raise error("too " * 500)

    worker, model = clerk([ToolCall("pour"), "Too much."], pour, limits=ModelLimits(characters=900), stream=stream)

    assert await worker.run(Task.standalone("x")) == "Too much."
    assert "too too ... (cut: it had 2,000 characters)" in model.calls[1].text
    assert model.calls[1].text.count("too ") < 230


async def test_too_many_calls_of_tools_exhaust_the_limit() -> None:
    worker, _ = clerk([ToolCall("stock", item="pens")], stock, limits=ModelLimits(tool_calls=2, calls=50))

    with pytest.raises(BudgetExhausted, match="tool calls"):
        await worker.run(Task.standalone("Pens?"))


async def test_tools_of_an_agent_that_is_a_tool_count_for_it_alone() -> None:
    for backup in ([], [ScriptedModel(["x"])]):
        model = ScriptedModel([ToolCall("stock", item="pens"), "Seven."])
        inner = ModelAgent("inner", input=str, model=model, tools=[stock], fallback=backup)
        worker, _ = clerk([ToolCall("inner", input="Pens?"), "Seven."], inner, limits=ModelLimits(tool_calls=1))

        assert await worker.run(Task.standalone("Pens?")) == "Seven."


async def test_the_same_call_over_and_over_is_a_repetition() -> None:
    worker, _ = clerk([ToolCall("stock", item="pens")], stock)

    with pytest.raises(Repetition, match="clerk: stock"):
        await worker.run(Task.standalone("Pens?", budget=Budget(Allowance(repeats=3))))


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ([stock, ModelTool(stock, approval=None)], "two tools of one name: stock"),
        ([lambda item: item], "tool"),
        ([int], "a tool is a function or an agent"),
        ([ModelTool(lambda *args: args, name="many")], "gives parameters by name"),
        ([ModelTool(lambda item: item, name="bare")], "annotate 'item'"),
    ],
)
def test_a_tool_that_cannot_be_called_is_refused_when_the_agent_is_made(tools: list[Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        ModelAgent("clerk", tools=tools)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"approval": "finance"}, "an approval is an Approval, such as .*, not 'finance'"),
        ({"approval": Approval(form={"cost_centre": "text"})}, "has a form, and neither the tool nor the model"),
        ({"seconds": float("nan")}, "seconds must be a finite number"),
        ({"seconds": -1}, "seconds must be more than 0"),
        ({"reconcile": lambda key: None}, "give effect=True as well"),
        ({"effect": "no"}, "effect is True or False"),
    ],
)
def test_a_setting_of_a_tool_that_could_not_hold_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=f"tool 'stock': .*{message}"):
        ModelTool(stock, **wrong)


def test_a_tool_is_not_called_as_answers_are() -> None:
    with pytest.raises(DefinitionError, match="'final_result' is how a model answers"):
        ModelAgent("clerk", output=int, tools=[ModelTool(stock, name="final_result")])


@pytest.mark.parametrize("fallback", ["openai:gpt-5", ScriptedModel(["x"])])
def test_one_model_is_no_list_of_models(fallback: Any) -> None:
    with pytest.raises(DefinitionError, match="fallback is a list of models"):
        ModelAgent("clerk", fallback=fallback)


async def test_what_people_fill_in_is_asked_for_inside_of_the_tool() -> None:
    async def refund(task: Task[object], invoice: str) -> str:
        """Pay back."""
        answer = await task.approval(f"refund {invoice}", form={"cost_centre": "text"})
        return f"booked on {answer.form['cost_centre']}"

    model = ScriptedModel([ToolCall("refund", invoice="A"), "done"])
    approvals = {"refund A": ApprovalAnswer(approved=True, form={"cost_centre": "4711"})}
    await ModelAgent("clerk", model=model, tools=[refund]).run(Task.standalone("x", approvals=approvals))

    assert "booked on 4711" in model.calls[1].text


def test_a_name_that_no_model_could_call_is_refused() -> None:
    with pytest.raises(DefinitionError, match="must begin with a letter"):
        ModelTool(stock, name="no name\n")


async def test_a_tool_that_nobody_declared_is_never_called() -> None:
    worker, _ = clerk([Says(ToolCall("os.system", command="rm"))], stock)

    with pytest.raises(OutputInvalid):
        await worker.run(Task.standalone("x"))


async def test_another_call_of_a_tool_has_another_key_and_a_tool_of_another_agent_is_another_one() -> None:
    keys: list[str] = []
    sent: list[str] = []

    def pay(to: str, idempotency_key: str) -> str:
        """Pay somebody."""
        keys.append(idempotency_key)
        return "paid"

    def sender(kind: str) -> ModelAgent[object, str]:
        def send(text: str) -> str:
            """Send a text."""
            sent.append(f"{kind} {text}")
            return f"{kind} sent"

        model = ScriptedModel([ToolCall("send", text="hello"), "Sent."])
        return ModelAgent(kind, model=model, tools=[ModelTool(send, effect=True)])

    calls = [ToolCall("pay", to="ann"), ToolCall("pay", to="bob"), ToolCall("pay", to="ann")]
    script = [*calls, ToolCall("mail", input="x"), ToolCall("sms", input="x"), "Done."]
    boss = ModelAgent("boss", model=ScriptedModel(script), tools=[pay, sender("mail"), sender("sms")])
    await boss.run(Task.standalone("x"))

    assert (len(keys), len(set(keys))) == (3, 2)
    assert sent == ["mail hello", "sms hello"]


async def test_a_plain_function_that_takes_too_long_is_left_alone() -> None:
    ended = threading.Event()

    def slow() -> str:
        """Take long."""
        ended.wait(20)
        return "late"

    model = ScriptedModel([ToolCall("slow"), "Without."])
    clerk = ModelAgent("clerk", model=model, tools=[ModelTool(slow, seconds=0.05)])
    began = time.monotonic()
    try:
        await clerk.run(Task.standalone("x"))
    finally:
        ended.set()

    assert time.monotonic() - began < 10

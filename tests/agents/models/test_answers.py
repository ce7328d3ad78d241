"""What a model is asked, what it answers, and what becomes of answers that do not fit."""

import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai.exceptions import ContentFilterError, ModelRateLimitError
from pydantic_ai.messages import ModelResponse, TextPart, ThinkingPart, ToolCallPart
from pydantic_ai.models.function import DeltaThinkingPart, DeltaToolCall, FunctionModel

from agentkit.agents import AgentPersonality, ModelAgent, ModelLimits, Task, agent
from agentkit.errors import DefinitionError, GiveUp, OutputInvalid
from agentkit.kernel import AttemptFailed, Fallback, RetryPolicy, Stage, Usage, Workflow
from agentkit.testing import ScriptedModel, ToolCall
from tests.orchestrator.scenes import journal_of, opened


class Invoice(BaseModel):
    """An invoice."""

    number: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """An order."""

    item: str
    count: int


def asked(model: ScriptedModel, place: int = -1) -> list[Any]:
    """The parts of all that the model was told, in one call."""
    return [part for message in json.loads(model.calls[place].text) for part in message["parts"]]


def prompt(model: ScriptedModel) -> Any:
    return asked(model, 0)[0]["content"]


async def test_without_more_said_a_text_is_asked_and_a_text_is_answered() -> None:
    model = ScriptedModel(["Blue."])

    answer = await ModelAgent("clerk", model=model).run(Task.standalone("Which colour?"))

    assert (answer, prompt(model)) == ("Blue.", ["Which colour?"])


async def test_the_answer_is_of_the_declared_type() -> None:
    model = ScriptedModel([{"number": "INV-1", "total": "10.00"}])

    answer = await ModelAgent("clerk", output=Invoice, model=model).run(Task.standalone("Read it"))

    assert answer == Invoice(number="INV-1", total=Decimal("10.00"))


async def test_the_input_is_of_the_declared_type_before_the_model_is_asked() -> None:
    model = ScriptedModel(["Sent."])
    clerk = ModelAgent("clerk", input=Order, model=model)

    async with opened(clerk) as house:
        flow = Workflow("orders", [Stage("send", agent="clerk", instruction="Send it")])
        result = await (await house.submit(flow, {"item": "pen", "count": 2}))
        wrong = await (await house.submit(flow, {"item": "pen", "count": "many"})).at_rest()

    assert (result.output, prompt(model)) == ("Sent.", ["Send it", 'The data, as JSON:\n{"item": "pen", "count": 2}'])
    assert (wrong.status, len(model.calls)) == ("failed", 1)


async def test_a_personality_says_what_the_model_is_told_and_which_model_it_is() -> None:
    model = ScriptedModel(["Yes."])
    who = AgentPersonality(name="clerk", role="Invoices", system_prompt="Be brief.", model_preference="swift-1")
    clerk = ModelAgent(who, models={"swift-1": model})

    await clerk.run(Task.standalone("Paid?"))

    assert model.calls[0].instructions.startswith("Your part: Invoices.\n\nBe brief.\n\nWhat is handed over as data")
    assert (clerk.name, clerk.personality.role) == ("clerk", "Invoices")


async def test_settings_reach_the_model_and_the_providers_own_retries_are_off() -> None:
    model = ScriptedModel(["Yes."])

    await ModelAgent("clerk", model=model, settings={"temperature": 0.2}).run(Task.standalone("Paid?"))

    assert model.calls[0].settings == {"temperature": 0.2, "max_retries": 0}


async def test_an_agent_without_a_model_says_what_to_do() -> None:
    with pytest.raises(DefinitionError, match=r"has no model: give ModelAgent\(model=...\)"):
        await ModelAgent("clerk").run(Task.standalone("Paid?"))


async def test_a_model_nobody_knows_is_told_as_a_definition_that_is_wrong() -> None:
    with pytest.raises(DefinitionError, match="clerk"):
        await ModelAgent("clerk", model="nobody:knows").run(Task.standalone("Paid?"))


async def test_an_answer_that_does_not_fit_is_repaired_by_the_model() -> None:
    model = ScriptedModel([{"number": "INV-1"}, {"number": "INV-1", "total": "10.00"}])

    answer = await ModelAgent("clerk", output=Invoice, model=model).run(Task.standalone("Read it"))

    assert answer.total == Decimal("10.00")
    assert "Field required" in model.calls[1].text


@pytest.mark.parametrize(
    "line",
    [
        pytest.param({"number": 1}, id="of another type"),
        pytest.param("I cannot do that.", id="a text"),
        pytest.param("", id="empty"),
        pytest.param(ToolCall("final_result", raw='{"number": "INV-1", "tot'), id="cut off"),
        pytest.param(ToolCall("final_result", raw="\x00\ufffd not JSON"), id="garbage"),
        pytest.param(ToolCall("pay_everything", amount=1), id="a tool that nobody declared"),
    ],
)
async def test_an_answer_that_never_fits_is_said_to_be_invalid_after_its_repairs(line: object) -> None:
    model = ScriptedModel([line])
    clerk = ModelAgent("clerk", output=Invoice, model=model, limits=ModelLimits(repairs=3))

    with pytest.raises(OutputInvalid, match="clerk"):
        await clerk.run(Task.standalone("Read it"))

    assert len(model.calls) == 4


async def test_a_validator_has_the_model_mend_its_answer() -> None:
    async def is_positive(invoice: Invoice) -> None:
        if invoice.total <= 0:
            raise ValueError("the total has to be above 0")

    def has_a_number(invoice: Invoice) -> None:
        if not invoice.number:
            raise ValueError("the number is missing")

    answers = [{"number": "1", "total": "-5"}, {"number": "", "total": "5"}, {"number": "1", "total": "5"}]
    model = ScriptedModel(answers)
    clerk = ModelAgent("clerk", output=Invoice, model=model, validators=[is_positive, has_a_number])

    assert await clerk.run(Task.standalone("Read it")) == Invoice(number="1", total=Decimal(5))
    assert "the total has to be above 0" in model.calls[1].text
    assert "the number is missing" in model.calls[2].text


async def test_a_refusal_gives_up() -> None:
    with pytest.raises(GiveUp, match="refused to answer"):
        await ModelAgent("clerk", model=ScriptedModel([ContentFilterError("no")])).run(Task.standalone("x"))


async def test_the_models_that_take_over_are_known_by_their_names_and_asked_in_order() -> None:
    busy = ModelRateLimitError("scripted", "busy")
    models = {"first": ScriptedModel([busy]), "second": ScriptedModel(["Two."]), "third": ScriptedModel(["Three."])}
    clerk = ModelAgent("clerk", model="first", fallback=["second", "third"], models=models)

    assert await clerk.run(Task.standalone("x")) == "Two."
    assert [len(model.calls) for model in models.values()] == [1, 1, 0]


async def test_invalid_answers_end_in_the_fallback_and_then_in_the_minimal_answer_with_all_work_counted() -> None:
    model = ScriptedModel(["no JSON at all"])
    flow = Workflow(
        "read",
        [
            Stage(
                "read",
                agent="clerk",
                instruction="Read it",
                retry=RetryPolicy(attempts=2),
                fallback=[Fallback("rules", on=["invalid_output"])],
                minimal={"number": "", "total": "0"},
            )
        ],
    )
    clerk = ModelAgent("clerk", output=Invoice, model=model, limits=ModelLimits(repairs=1))

    @agent
    async def rules(task: Task[object]) -> Invoice:
        raise ValueError("no rule")

    async with opened(clerk, rules) as house:
        operation = await house.submit(flow, None)
        result = await operation
        costs = await operation.costs()
        failures = [event.failure.code for event in await journal_of(operation) if isinstance(event, AttemptFailed)]

    assert result.output == Invoice(number="", total=Decimal(0))
    assert failures == ["output_invalid", "output_invalid", "error", "error"]
    assert (len(model.calls), costs.agents["clerk"].usage.calls) == (4, 4)


async def test_an_oversized_answer_is_refused_streamed_or_not() -> None:
    for stream in (True, False):
        clerk = ModelAgent(
            "clerk", model=ScriptedModel(["word " * 100]), limits=ModelLimits(characters=99), stream=stream
        )
        with pytest.raises(OutputInvalid, match="more than 99 characters"):
            await clerk.run(Task.standalone("x"))


@pytest.mark.parametrize("piece", ["word ", {0: DeltaToolCall(name="final_result", json_args='{"number": "')}])
async def test_an_answer_without_end_is_cut_off_and_counted_as_unknown(piece: Any) -> None:
    told: list[str] = []

    async def endless(messages: object, info: object) -> AsyncIterator[Any]:
        try:
            while True:
                yield piece
        finally:
            told.append("closed")

    model = FunctionModel(stream_function=endless)
    clerk = ModelAgent("clerk", output=Invoice, model=model, limits=ModelLimits(characters=5_000))
    task: Task[Any] = Task.standalone("x")

    with pytest.raises(OutputInvalid, match="more than 5,000 characters"):
        await clerk.run(task)

    assert told == ["closed"]
    assert task.usage == Usage(calls=1, tokens=None, money=None, currency="USD")


LONG = "x" * 100
THOUGHT, CALL = DeltaThinkingPart(content=LONG), DeltaToolCall(name="note", json_args=json.dumps({"text": LONG}))


@pytest.mark.parametrize("pieces", [[THOUGHT], [DeltaThinkingPart(content="x")] * 100, [CALL]])
async def test_thoughts_and_calls_of_tools_count_as_the_answer_while_it_streams(pieces: list[Any]) -> None:
    async def answer(messages: object, info: object) -> AsyncIterator[Any]:
        for piece in pieces:
            yield {0: piece}
        yield "Done."

    await refused(FunctionModel(stream_function=answer), stream=True)


@pytest.mark.parametrize("part", [ThinkingPart(LONG), ToolCallPart("note", {"text": LONG})])
async def test_thoughts_and_calls_of_tools_count_as_the_answer(part: Any) -> None:
    def answer(messages: object, info: object) -> ModelResponse:
        return ModelResponse(parts=[part, TextPart("Done.")])

    await refused(FunctionModel(answer), stream=False)


async def refused(model: FunctionModel, *, stream: bool) -> None:
    noted: list[str] = []

    def note(text: str) -> str:
        """Note it."""
        noted.append(text)
        return "noted"

    limits = ModelLimits(characters=99, calls=1)
    clerk: ModelAgent[Any, str] = ModelAgent("clerk", model=model, tools=[note], limits=limits, stream=stream)
    with pytest.raises(OutputInvalid, match="more than 99 characters"):
        await clerk.run(Task.standalone("x"))
    assert noted == []


async def test_a_provider_whose_library_is_not_there_is_said_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    for module in [name for name in sys.modules if name.startswith("pydantic_ai.providers.openai")]:
        monkeypatch.delitem(sys.modules, module)

    with pytest.raises(DefinitionError, match=r"agent 'clerk': Please install the `openai` package"):
        await ModelAgent("clerk", model="openai:gpt-5").run(Task.standalone("hello"))


def too_short(answer: object) -> None:
    raise ValueError("name the\nwhole address" + 2_000 * "!")


def order(line: Invoice) -> str:
    """Order."""
    return "ordered"


@pytest.mark.parametrize(
    ("script", "settings", "complaint"),
    [
        ([{"number": "INV-1", "total": "secret"}], {"output": Invoice}, r"total: Input should be a valid decimal$"),
        (["Bath"], {"validators": [too_short]}, r"name the whole address!{,480}\.\.\.$"),
        ([ToolCall("order", line={"number": "secret"})], {"tools": [order]}, r"total: Field required$"),
    ],
)
async def test_an_answer_that_never_fits_is_refused_with_the_last_complaint_and_without_the_answer(
    script: list[object], settings: dict[str, Any], complaint: str
) -> None:
    clerk = ModelAgent("clerk", model=ScriptedModel(script), **settings)

    with pytest.raises(OutputInvalid, match=f"; the last complaint was: {complaint}") as refused:
        await clerk.run(Task.standalone("Read it"))

    assert "secret" not in str(refused.value)

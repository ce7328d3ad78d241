"""What tools give: read by the model, and kept where it came of an effect."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast

import pytest
from pydantic import BaseModel, Field
from pydantic_ai import BinaryContent, FunctionToolset, ToolReturn
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from agentkit.agents import ModelAgent, ModelLimits, ModelTool, Task
from agentkit.agents.failures import failed_by
from agentkit.errors import DefinitionError, GiveUp, OperationFailed, TryAgain, UnstorableValue
from agentkit.kernel import Approval, DoubtRaised, RetryPolicy, Stage, Workflow
from agentkit.money import Money
from agentkit.testing import ScriptedModel, ToolCall
from tests.orchestrator.scenes import opened


@dataclass(frozen=True)
class Note:
    """A credit note."""

    amount: Decimal


class Account:
    """Nothing that anybody could write down."""


def refunds() -> dict[str, Decimal]:
    """Pay back."""
    return {"INV-1": Decimal("2.50")}


def notes() -> list[Note]:
    """Pay back."""
    return [Note(Decimal("2.50"))]


def slot() -> tuple[Decimal, date]:
    """Pay back."""
    return Decimal("1.10"), date(2026, 1, 31)


def seal() -> bytes:
    """Pay back."""
    return b"\xff\x00"


def money() -> Money | None:
    """Pay back."""
    return Money("47.40", "EUR")


class Sums(TypedDict):
    """What was paid."""

    sums: list[Money]


def sums() -> Sums:
    """Pay back."""
    return {"sums": [Money("47.40", "EUR")]}


@dataclass(frozen=True)
class Slip:
    """What was paid, and where to."""

    amount: Money
    account: "Iban"


class Iban:
    """The number of an account, which says itself how it is written."""

    def __init__(self, number: str) -> None:
        self.number = number

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls, serialization=core_schema.plain_serializer_function_ser_schema(lambda iban: iban.number)
        )


def slip() -> Slip:
    """Pay back."""
    return Slip(Money("47.40", "EUR"), Iban("DE1"))


def numbers() -> dict[str, Any]:
    """Pay back."""
    return {"numbers": (f"INV-{number}" for number in (1, 2)), "days": reversed([1, 2])}


def frame() -> Any:
    """Pay back."""
    return ToolReturn("paid", metadata={"frame": Account()})


class Receipt(BaseModel):
    """A receipt."""

    number: str = Field(alias="receiptNumber")


def receipt() -> Receipt:
    """Pay back."""
    return Receipt(receiptNumber="7")


def misfit() -> int:
    """Pay back."""
    return cast("int", "paid")


def undeclared():  # type: ignore[no-untyped-def]  # as authors leave it
    """Pay back."""
    return [{"day": date(2026, 1, 31), "rate": float("nan"), "who": "\ud800"}]


_EUR: Final = {"amount": "47.40", "currency": "EUR"}


def told(model: ScriptedModel) -> list[object]:
    """What the model was told that tools gave."""
    parts = [part for message in model.calls[-1].messages for part in message.parts]
    return [part.content for part in parts if part.part_kind == "tool-return"]


@pytest.mark.parametrize(
    ("function", "plain"),
    [
        (refunds, {"INV-1": "2.50"}),
        (notes, [{"amount": "2.50"}]),
        (slot, ["1.10", "2026-01-31"]),
        (seal, "_wA="),
        (receipt, {"receiptNumber": "7"}),
        (money, _EUR),
        (sums, {"sums": [_EUR]}),
        (slip, {"amount": _EUR, "account": "DE1"}),
        (numbers, {"numbers": ["INV-1", "INV-2"], "days": [2, 1]}),
        (lambda: map(str, (1, 2)), ["1", "2"]),
        (frame, {"return_value": "paid", "content": None, "metadata": None, "tools": None, "kind": "tool-return"}),
        (misfit, "paid"),
        (undeclared, [{"day": "2026-01-31", "rate": "NaN", "who": "\ufffd"}]),
    ],
)
@pytest.mark.parametrize("approval", [None, Approval(by={"finance"})])
async def test_what_comes_of_an_effect_is_kept_whatever_it_is_and_the_same_call_is_given_it_again(
    function: Callable[[], object], plain: object, approval: Approval | None
) -> None:
    made: list[str] = []

    def work() -> object:
        made.append(function.__name__)
        return function()

    work.__annotations__ = function.__annotations__
    model = ScriptedModel([ToolCall("work"), ToolCall("work"), "Done."])
    clerk = ModelAgent("clerk", model=model, tools=[ModelTool(work, effect=True, approval=approval)])
    async with opened(clerk) as house:
        operation = await house.submit(Workflow("w", [Stage("s", agent="clerk", instruction="Pay")]), None)
        await operation.at_rest()
        while open_ones := [one for one in await operation.questions() if one.is_open]:
            await operation.approve("s", by="bea", roles={"finance"}, name=open_ones[0].name)
            await operation.at_rest()
        assert (await operation).output == "Done."

    assert made == [function.__name__]
    assert told(model) == [plain, plain]


@pytest.mark.parametrize("function", [refunds, notes, slot, seal, receipt, money, sums, slip, numbers, misfit])
async def test_a_model_reads_the_same_of_a_tool_whether_or_not_it_is_an_effect(function: Callable[[], object]) -> None:
    read: list[str] = []
    for effect in (False, True):
        model = ScriptedModel([ToolCall(function.__name__), "Done."])
        await ModelAgent("clerk", model=model, tools=[ModelTool(function, effect=effect)]).run(Task.standalone("Pay"))
        parts = [part for message in model.calls[-1].messages for part in message.parts]
        read.extend(part.model_response_str() for part in parts if part.part_kind == "tool-return")

    assert read[0] == read[1]


async def test_what_was_found_of_an_effect_is_kept_as_what_came_of_it() -> None:
    async def find(key: str) -> dict[str, Money]:
        return {"INV-1": Money("47.40", "EUR")}

    def breaks() -> dict[str, Money]:
        raise ConnectionResetError

    model = ScriptedModel([ToolCall("breaks"), ToolCall("breaks"), "Done."])
    clerk = ModelAgent("clerk", model=model, tools=[ModelTool(breaks, effect=True, reconcile=find)])
    task = Task.standalone("Pay")

    with pytest.raises(ConnectionResetError):
        await clerk.run(task)
    await clerk.run(task)

    assert told(model) == [{"INV-1": _EUR}]


def by_money() -> Any:
    """Pay back, and give what JSON has no keys for."""
    return {Money("47.40", "EUR"): "INV-1"}


@pytest.mark.parametrize("effect", [False, True])
async def test_keys_that_json_cannot_have_are_what_no_model_can_read(effect: bool) -> None:
    model = ScriptedModel([ToolCall("by_money"), "Done."])
    clerk = ModelAgent("clerk", model=model, tools=[ModelTool(by_money, effect=effect)])

    with pytest.raises(UnstorableValue, match="tool 'by_money' gave what no model can read, of type dict"):
        await clerk.run(Task.standalone("Pay"))


def account() -> Account:
    """Open an account."""
    return Account()


def accounts() -> Iterator[str]:
    """Open accounts."""
    return iter(())


def one_by_one() -> Iterator[str]:
    """Open accounts."""
    yield "1"


@pytest.mark.parametrize(
    ("tool", "message"),
    [
        (ModelTool(account, effect=True), r"tool 'account': what comes of an effect is kept, and Account is no type"),
        (ModelTool(accounts, effect=True), r"tool 'accounts': .*have it return text"),
        (one_by_one, r"tool 'one_by_one': .*yields several; have it return a list"),
    ],
)
def test_a_tool_that_gives_what_nobody_can_read_is_refused_before_anything_happens(tool: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        ModelAgent("clerk", model=ScriptedModel(["Done."]), tools=[tool])


def test_without_an_effect_a_tool_may_declare_whatever_it_likes() -> None:
    ModelAgent("clerk", model=ScriptedModel(["Done."]), tools=[account])


def forgot() -> Any:
    """Forget to await."""
    return asyncio.sleep(0, "paid")


async def forgot_inside() -> Any:
    """Forget to await."""
    return asyncio.sleep(0, "paid")


def stream() -> Any:
    """Give one by one, which the model would find empty."""
    return (one for one in range(3))


def mapped() -> Any:
    """Give one by one, which the model would find empty."""
    return map(str, range(3))


@pytest.mark.parametrize(
    ("tool", "message"),
    [
        (forgot, "tool 'forgot' gave a coroutine; await it"),
        (forgot_inside, "tool 'forgot_inside' gave a coroutine; await it"),
        (stream, "tool 'stream' gave a generator, which can be read only once; have it return a list"),
        (mapped, "tool 'mapped' gave a map, which can be read only once; have it return a list"),
    ],
)
async def test_what_would_only_give_a_value_is_no_value(tool: Any, message: str) -> None:
    clerk = ModelAgent("clerk", model=ScriptedModel([ToolCall(tool.__name__), "Done."]), tools=[tool])

    with pytest.raises(UnstorableValue, match=message):
        await clerk.run(Task.standalone("Pay"))


async def test_what_a_tool_of_pydantic_ai_gives_once_is_read_as_it_was_measured_and_images_stay_images() -> None:
    image = BinaryContent(b"\x89PNG", media_type="image/png")

    def looks() -> Any:
        """Look."""
        return [image, map(str, (1, 2)), Money("47.40", "EUR")]

    model = ScriptedModel([ToolCall("looks"), "Done."])
    await ModelAgent("clerk", model=model, tools=[FunctionToolset([looks])]).run(Task.standalone("Look"))

    assert told(model) == [[image, ["1", "2"], _EUR]]


@pytest.mark.parametrize("breaks", [False, True])
async def test_what_is_for_the_program_alone_is_neither_measured_nor_kept(breaks: bool) -> None:
    def plot() -> Any:
        """Plot."""
        return ToolReturn("3 rows", content=["A plot."], metadata={"frame": Account(), "long": "x" * 100})

    limits = ModelLimits(characters=30)
    busy = [TryAgain("busy")] if breaks else []
    model = ScriptedModel([ToolCall("plot"), *busy, "Done."])
    clerk = ModelAgent("clerk", model=model, tools=[plot], limits=limits)
    stage = Stage("s", agent="clerk", instruction="Plot", retry=RetryPolicy(attempts=2))
    async with opened(clerk) as house:
        operation = await house.submit(Workflow("w", [stage]), None)
        assert (await operation).output == "Done."

    assert told(model) == ["3 rows"]
    assert "A plot." in model.calls[-1].text


PRICES: dict[str, int] = {}


def price(invoice: str) -> int:
    """The price of an invoice."""
    return PRICES[invoice]


class UnsaidError(Exception):
    """Cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError


def toolset() -> FunctionToolset[Any]:
    return FunctionToolset([price])


def agent_of_its_own() -> ModelAgent[Any, str]:
    return ModelAgent("prices", model=ScriptedModel([ToolCall("price", invoice="INV-99")]), tools=[price])


@pytest.mark.parametrize(
    ("tool", "call", "named"),
    [
        (price, ToolCall("price", invoice="INV-99"), "(in tool 'price')"),
        (toolset(), ToolCall("price", invoice="INV-99"), "(in tool 'price')"),
        (agent_of_its_own(), ToolCall("prices", input="INV-99"), "(in tool 'price'; in tool 'prices')"),
    ],
)
async def test_an_error_of_a_tool_names_it_and_is_tried_again_as_what_it_is(
    tool: Any, call: ToolCall, named: str
) -> None:
    clerk = ModelAgent("clerk", model=ScriptedModel([call]), tools=[tool])
    stage = Stage("s", agent="clerk", instruction="Look", retry=RetryPolicy(attempts=2, retry_on=["KeyError"]))
    async with opened(clerk) as house:
        operation = await house.submit(Workflow("w", [stage]), None)
        with pytest.raises(OperationFailed, match=re.escape(f"after 2 attempt(s): KeyError: 'INV-99' {named}")):
            await operation


def test_a_failure_says_what_was_noted_on_its_error() -> None:
    said, unsaid = KeyError("INV-99"), ConnectionResetError()
    for error in (said, unsaid):
        error.add_note("in tool 'price'")
        error.add_note("on Monday")

    assert failed_by(said).failure.message == "'INV-99' (in tool 'price'; on Monday)"
    assert failed_by(unsaid).failure.message == "(in tool 'price'; on Monday)"


async def test_an_error_of_an_effect_leaves_a_doubt_that_names_it_and_the_tool() -> None:
    clerk = ModelAgent(
        "clerk",
        model=ScriptedModel([ToolCall("price", invoice="INV-99")]),
        tools=[ModelTool(price, effect=True)],
    )
    async with opened(clerk) as house:
        operation = await house.submit(Workflow("w", [Stage("s", agent="clerk", instruction="Pay")]), None)
        await operation.at_rest()
        (doubt,) = [event for event in await house.history(operation.id) if isinstance(event, DoubtRaised)]
        await operation.cancel()

    assert doubt.reason == "it may have happened, and its agent failed: KeyError: 'INV-99' (in tool 'price')"


async def test_an_error_that_is_raised_again_is_noted_once_and_one_that_cannot_say_what_it_is_stays_itself() -> None:
    error = GiveUp("closed")

    def broken(how: str) -> str:
        raise error if how == "said" else UnsaidError

    for how, kind in (("said", GiveUp), ("said", GiveUp), ("unsaid", UnsaidError)):
        clerk = ModelAgent("clerk", model=ScriptedModel([ToolCall("broken", how=how)]), tools=[broken])
        with pytest.raises(kind):
            await clerk.run(Task.standalone("x"))

    assert error.__notes__ == ["in tool 'broken'"]

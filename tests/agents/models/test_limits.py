"""What a run may use, where it is counted, and what is done when it is used up."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import Agent, Budget, ModelAgent, ModelLimits, Task, Tier, TierPolicy, TierRule, agent
from agentkit.agents.models.keeping import used_of
from agentkit.agents.models.limits import Used
from agentkit.errors import BudgetExhausted, DefinitionError, OperationFailed, TryAgain
from agentkit.kernel import Allowance, AttemptFailed, Fallback, RetryPolicy, Stage, Usage, Workflow
from agentkit.testing import Says, ScriptedModel, ToolCall
from tests.orchestrator.scenes import journal_of, now, opened


def stock(item: str) -> int:
    """How many there are."""
    return 7


def said(line: object, tokens: int = 10, cost: str | None = "0.01") -> Says:
    return Says(line, input_tokens=tokens - 1, output_tokens=1, cost=cost)


def clerk(*script: object, **settings: Any) -> ModelAgent[Any, str]:
    return ModelAgent("clerk", model=ScriptedModel(script), tools=[stock], **settings)


async def test_tokens_and_the_exact_cost_of_all_calls_are_counted() -> None:
    task: Task[object] = Task.standalone("Pens?")

    await clerk(said(ToolCall("stock", item="pens"), 10, "0.1"), said("Seven.", 20, "0.20")).run(task)

    assert task.usage == Usage(calls=2, tokens=30, money="0.30", currency="USD")


async def test_a_price_nobody_knows_is_unknown_and_not_nothing() -> None:
    task: Task[object] = Task.standalone("Pens?")

    await clerk(said(ToolCall("stock", item="pens")), said("Seven.", cost=None)).run(task)

    assert task.usage == Usage(calls=2, tokens=20, money=None, least_money="0.01", currency="USD")


@pytest.mark.parametrize("own", [True, False])
async def test_where_money_is_limited_an_unknown_price_is_paid_once_and_not_again(*, own: bool) -> None:
    model = ScriptedModel([said(ToolCall("stock", item="pens"), cost=None)], name="unlisted")
    limits = ModelLimits(money="0.50") if own else ModelLimits()
    worker: Agent[Any, str] = ModelAgent("clerk", model=model, tools=[stock], limits=limits)
    budget = None if own else Budget(Allowance(money="0.50", currency="USD"))

    with pytest.raises(
        BudgetExhausted, match=r"money: the unknown price of .* unlisted .* 0\.50 USD left; .*call_money"
    ):
        await worker.run(Task.standalone("Pens?", budget=budget))

    assert len(model.calls) == 1


async def test_what_is_known_of_a_run_is_the_least_that_it_cost() -> None:
    worker = clerk(said(ToolCall("stock", item="pens"), 10, "0.10"), said("Seven.", 20, cost=None))

    async with opened(worker) as house:
        operation = await house.submit(Workflow("w", [Stage("ask", agent="clerk", instruction="Pens?")]), None)
        await operation
        total = (await operation.costs()).total

    assert (total.usage.tokens, total.usage.money) == (30, None)
    assert (total.at_least.tokens, total.at_least.money) == (30, "0.10")


async def test_what_is_said_to_count_for_a_call_of_unknown_price_counts_until_the_money_is_used_up() -> None:
    script = [said(ToolCall("stock", item="pens"), cost=None)]
    worker = clerk(*script, limits=ModelLimits(money="0.50", call_money="0.25"))
    task: Task[object] = Task.standalone("Pens?")

    with pytest.raises(BudgetExhausted, match="money: more needed, 0 USD left"):
        await worker.run(task)

    assert task.budget.counted.money == "0.50"


async def test_an_answer_without_figures_has_used_what_nobody_knows() -> None:
    task: Task[object] = Task.standalone("Pens?")

    await clerk(Says("Seven.", measured=False)).run(task)

    assert task.usage == Usage(calls=1, tokens=None, money=None, currency="USD")


async def test_the_price_of_a_known_model_is_exact() -> None:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.usage import RequestUsage

    from agentkit.agents.models.metering import usage_of

    usage = RequestUsage(input_tokens=1_000, output_tokens=100)
    known = usage_of(ModelResponse(parts=[], usage=usage, model_name="gpt-4o", provider_name="openai"))

    # 2.50 and 10.00 US dollars for a million tokens.
    assert known == Usage(calls=1, tokens=1_100, money="0.0035", currency="USD")


async def test_a_cost_with_more_digits_than_are_kept_is_rounded_at_the_last_one() -> None:
    task: Task[object] = Task.standalone("x")

    await clerk(said("Yes.", cost="0." + "3" * 30)).run(task)

    assert task.usage is not None
    assert task.usage.money == "0." + "3" * 24


async def test_usage_of_a_run_that_failed_is_counted_in_the_operation() -> None:
    worker = clerk(said(ToolCall("stock", item="pens"), 10, "0.10"), ValueError("broken"))
    flow = Workflow("w", [Stage("ask", agent="clerk", instruction="Pens?", required=False)])

    async with opened(worker) as house:
        operation = await house.submit(flow, None)
        await operation
        (failed,) = [event for event in await journal_of(operation) if isinstance(event, AttemptFailed)]

    # Nobody knows what the second call cost; what is known of both counts in the budgets.
    assert failed.usage is not None
    assert failed.counted is not None
    assert (failed.usage.calls, failed.usage.tokens, failed.usage.money) == (2, None, None)
    assert (failed.counted.money, failed.counted.tokens) == ("0.10", 10)


@pytest.mark.parametrize(
    ("limits", "calls", "kind"),
    [
        (ModelLimits(calls=2), 2, "calls"),
        (ModelLimits(tokens=25), 3, "tokens"),
        (ModelLimits(tokens=25, call_tokens=10), 2, "tokens"),
        (ModelLimits(money="0.015"), 2, "money"),
        (ModelLimits(money="0.015", call_money="0.01"), 1, "money"),
        (ModelLimits(tool_calls=1), 2, "tool calls"),
    ],
)
async def test_who_reaches_a_limit_is_not_asked_any_more(limits: ModelLimits, calls: int, kind: str) -> None:
    model = ScriptedModel([said(ToolCall("stock", item="pens"))])

    with pytest.raises(BudgetExhausted) as caught:
        await ModelAgent("clerk", model=model, tools=[stock], limits=limits).run(Task.standalone("Pens?"))

    assert (caught.value.kind, caught.value.budget, len(model.calls)) == (kind, "limits of clerk", calls)


async def test_the_budgets_of_an_operation_hold_and_the_fallback_for_budgets_takes_over() -> None:
    model = ScriptedModel([said(ToolCall("stock", item="pens"), cost="0.60")])
    worker = ModelAgent("clerk", model=model, tools=[stock])

    @agent
    async def rules(task: Task[object]) -> str:
        return "Some."

    flow = Workflow(
        "w",
        [Stage("ask", agent="clerk", instruction="Pens?", fallback=[Fallback("rules", on=["budget"])])],
        budget=Allowance(money="1", currency="USD"),
    )
    async with opened(worker, rules) as house:
        operation = await house.submit(flow, None)
        result, costs = await operation, await operation.costs()

    assert (result.output, len(model.calls), costs.total.usage.money) == ("Some.", 2, "1.20")


async def test_a_budget_in_another_currency_refuses_before_anything_is_spent() -> None:
    model = ScriptedModel(["Yes."])
    budget = Budget(Allowance(money="1", currency="EUR"))

    with pytest.raises(DefinitionError, match="EUR"):
        await ModelAgent("clerk", model=model).run(Task.standalone("x", budget=budget))

    assert model.calls == []


async def test_a_call_that_broke_off_counts_what_was_reserved_for_it() -> None:
    budget = Budget(Allowance(money="1", currency="USD"))
    limits = ModelLimits(call_tokens=100, call_money="0.25")

    with pytest.raises(ConnectionError):
        await clerk(ConnectionError("gone"), limits=limits).run(Task.standalone("x", budget=budget))

    assert (budget.left.money, budget.spent.money, budget.spent.tokens) == (Decimal("0.75"), None, None)


async def test_a_slow_answer_is_cut_off_after_its_seconds() -> None:
    began = now()

    with pytest.raises(TimeoutError, match="clerk"):
        await clerk(lambda call: _slowly(3600), limits=ModelLimits(seconds=30)).run(Task.standalone("x"))

    assert now() - began == pytest.approx(30, abs=0.1)


async def _slowly(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "late"


async def test_a_stages_timeout_ends_a_model_that_never_answers() -> None:
    worker = clerk(lambda call: _slowly(10**6))
    flow = Workflow("w", [Stage("ask", agent="clerk", instruction="x", timeout=60, minimal="none")])

    async with opened(worker) as house:
        result = await (await house.submit(flow, None))

    assert result.output == "none"


@pytest.mark.parametrize(
    "wrong",
    [
        {"calls": -1},
        {"tool_calls": -1},
        {"tokens": "many"},
        {"money": 0.5},
        {"call_tokens": -1},
        {"call_money": "cheap"},
        {"seconds": 0},
        {"characters": 1.5},
        {"repairs": -1},
    ],
)
def test_a_limit_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        ModelLimits(**wrong)


def test_limits_may_be_read_from_the_agent() -> None:
    assert clerk("x", limits=ModelLimits(calls=3)).limits.calls == 3


class Picking:
    """Models of two tiers."""

    def __init__(self) -> None:
        self.small = ScriptedModel(["small"], name="swift-1")
        self.large = ScriptedModel(["large"], name="deep-9")

    def worker(self) -> ModelAgent[Any, str]:
        models = {"swift-1": self.small, "deep-9": self.large}
        return ModelAgent("clerk", model="swift-1", models=models, settings={"temperature": 0.5})


TIERS = [
    Tier("small", model="swift-1"),
    Tier("large", model="deep-9", effort="high", system_prompt="Think.", settings={"max_tokens": 9}),
]


async def test_a_tier_chooses_model_effort_prompt_and_settings() -> None:
    picking = Picking()
    worker = TierPolicy[object](TIERS).agent(picking.worker())

    async with opened(worker) as house:
        flow = Workflow("w", [Stage("ask", agent="clerk", instruction="x", complexity="large")])
        result = await (await house.submit(flow, None))

    call = picking.large.calls[0]
    assert (result.output, result.tiers["ask"].model) == ("large", "deep-9")
    assert dict(call.settings) == {"temperature": 0.5, "max_retries": 0, "max_tokens": 9, "thinking": "high"}
    assert call.instructions.startswith("Think.")


async def test_without_a_tier_it_is_the_agents_own_model() -> None:
    picking = Picking()

    assert await picking.worker().run(Task.standalone("x")) == "small"


async def test_a_tight_budget_lowers_the_tier() -> None:
    picking = Picking()
    policy = TierPolicy[object](TIERS, lower_when=lambda task: task.budget.is_tight)
    budget = Budget(Allowance(calls=10, soft=0.5))
    budget.spend(Usage(calls=6))

    assert await policy.agent(picking.worker()).run(Task.standalone("x", budget=budget)) == "small"


async def test_a_cheap_model_tells_how_hard_a_task_is() -> None:
    picking = Picking()
    judge = ModelAgent("judge", model=ScriptedModel(["large"]))
    worker = TierPolicy[object](TIERS, classifier=judge, default="small").agent(picking.worker())
    task: Task[object] = Task.standalone("x")

    assert await worker.run(task) == "large"
    assert (str(task.tier), task.budget.spent.calls) == ("large: judge says so", 2)


async def test_an_effort_that_no_model_knows_is_refused() -> None:
    tiers = [Tier("only", effort="extreme")]

    with pytest.raises(DefinitionError, match="effort of minimal, low"):
        await TierPolicy[object](tiers).agent(Picking().worker()).run(Task.standalone("x"))


def booking(asked: list[str], **settings: Any) -> ModelAgent[Any, str]:
    """Asks a model of unknown price, whose first call of a tool has to be tried again."""

    def book(item: str) -> str:
        """Book it."""
        asked.append(item)
        if len(asked) == 1:
            raise TryAgain("busy")
        return "booked"

    model = ScriptedModel([said(ToolCall("book", item="pens"), cost=None), said("Done.", cost=None)], name="unlisted")
    return ModelAgent("clerk", model=model, tools=[book], limits=ModelLimits(money="0.50"), **settings)


RETRIED: Workflow[object] = Workflow(
    "w", [Stage("ask", agent="clerk", instruction="Pens?", retry=RetryPolicy(attempts=3))]
)


async def test_an_unknown_price_is_not_forgotten_by_a_retry() -> None:
    asked: list[str] = []

    async with opened(booking(asked)) as house:
        operation = await house.submit(RETRIED, None)
        with pytest.raises(OperationFailed, match="unknown price of another call of unlisted"):
            await operation
    assert len(asked) == 2


async def test_an_unknown_price_of_one_model_does_not_keep_another_from_being_asked() -> None:
    priced = ScriptedModel([said("Done.", cost="0.01")], name="listed")
    first = TierRule(complexity="small", when=lambda task: task.attempt == 1)
    policy = TierPolicy[object]([Tier("small"), Tier("large", model="listed")], rules=[first], default="large")
    asked: list[str] = []

    async with opened(policy.agent(booking(asked, models={"listed": priced}))) as house:
        assert (await (await house.submit(RETRIED, None))).output == "Done."
    assert (len(asked), len(priced.calls)) == (2, 1)


def test_what_an_earlier_version_kept_of_a_run_is_read() -> None:
    used = used_of({"calls": 1, "tokens": 10, "money": "0.10", "currency": "USD", "tool_calls": 2, "is_unpriced": True})

    assert (used.counted, used.tool_calls) == (Usage(calls=1, tokens=10, money="0.10", currency="USD"), 2)
    assert used_of({}) == Used()

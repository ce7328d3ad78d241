"""Which tier a task gets, why, and where that is seen."""

from typing import Any

import pytest

from agentkit.agents import AgentPersonality, FallbackChain, FunctionAgent, Task, Tier, TierPolicy, TierRule, agent
from agentkit.errors import DefinitionError
from agentkit.kernel import AttemptFailed, AttemptSucceeded, Stage, TierUsed, Workflow
from tests.agents.chains import failing, scripted
from tests.orchestrator.scenes import journal_of, opened

TIERS = [Tier("small", model="swift-1"), Tier("middle"), Tier("large", model="deep-9", effort="high")]


def policy(*rules: TierRule, **settings: Any) -> TierPolicy[Any]:
    return TierPolicy(TIERS, rules=rules, **settings)


async def test_what_the_task_says_counts_before_every_rule() -> None:
    choice = await policy(TierRule(complexity="small")).choose("x", complexity="large")

    assert (choice.tier.model, choice.complexity, choice.why) == ("deep-9", "large", "the task says so")


@pytest.mark.parametrize(
    ("rule", "given", "why"),
    [
        (TierRule(complexity="large", size=5), "12345", "its input has 5 characters"),
        (TierRule(complexity="large", size=6), "12345", None),
        (TierRule(complexity="large", size=7), {"a": 1}, "its input has 7 characters"),
        (TierRule(complexity="large", fields=4), {"a": [1, 2], "b": {}}, "its input has 4 fields"),
        (TierRule(complexity="large", fields=5), {"a": [1, 2], "b": {}}, None),
        (TierRule(complexity="large", keywords=["law", "tax"]), "TAX 2025", "it has the word 'tax'"),
        (TierRule(complexity="large", keywords="tax"), "taxi", None),
        (TierRule(complexity="large", size=1, keywords="tax"), "no", None),
        (TierRule(complexity="large", size=1, keywords="x"), "x", "its input has 1 characters and it has the word 'x'"),
        (TierRule(complexity="large", when=lambda task: task.input > 5), 6, "<lambda> says so"),
        (TierRule(complexity="large", when=lambda task: task.input > 5), 5, None),
        (TierRule(complexity="large"), None, "every task is"),
    ],
)
async def test_a_rule_looks_at_the_task(rule: TierRule, given: object, why: str | None) -> None:
    choice = await policy(rule, default="small").choose(given)

    assert (choice.complexity, choice.why) == (("small", "no rule holds") if why is None else ("large", why))


async def test_words_are_looked_for_in_the_instruction_too() -> None:
    task = Task.standalone(1, instruction="Check the contract")

    assert (await policy(TierRule(complexity="middle", keywords="contract")).choose(task)).tier.name == "middle"


async def test_the_first_rule_that_holds_counts() -> None:
    rules = [TierRule(complexity="large", size=100), TierRule(complexity="middle"), TierRule(complexity="small")]

    assert (await policy(*rules).choose("x")).complexity == "middle"


async def test_where_nobody_knows_it_is_the_highest_tier_or_the_default() -> None:
    assert str(await policy().choose("x")) == "large: that is the default"
    assert (await policy(default="middle").choose("x")).tier.name == "middle"


async def test_complexities_may_have_words_of_their_own() -> None:
    tiers = policy(TierRule(complexity="hard", size=3), complexity={"easy": "small", "hard": "middle"}, default="easy")

    assert [(await tiers.choose(given)).tier.name for given in ("x", "xxx")] == ["small", "middle"]


@pytest.mark.parametrize(
    ("line", "tier", "why"),
    [
        ("small", "small", "judge says so"),
        ("huge", "large", "judge said 'huge', which has no tier"),
        (OSError, "large", "judge failed: OSError"),
        ([1], "large", "judge said [1], which has no tier"),
    ],
)
async def test_a_classifier_is_asked_where_no_rule_holds(line: object, tier: str, why: str) -> None:
    judge = scripted("judge", line)
    tiers = policy(TierRule(complexity="middle", keywords="tax"), classifier=judge)

    assert (await tiers.choose("tax")).complexity == "middle"
    assert judge.runs == 0
    choice = await tiers.choose("x")
    assert (choice.tier.name, choice.why) == (tier, why)


async def test_a_classifier_may_be_a_plain_function() -> None:
    def judge(task: Task[str]) -> str:
        return task.input

    assert (await TierPolicy(TIERS, classifier=judge).choose("middle")).tier.name == "middle"


async def test_a_soft_limit_lowers_the_tier_and_says_so() -> None:
    tiers = policy(lower_when=lambda task: task.input == "poor")

    assert (await tiers.choose("rich")).tier.name == "large"
    choice = await tiers.choose("poor")
    assert (choice.tier.name, choice.why) == ("middle", "that is the default, lowered from large")
    assert (await tiers.choose("poor", complexity="small")).why == "the task says so"


def test_lower_goes_down_by_one_and_stays_at_the_lowest() -> None:
    assert [policy().lower(name) for name in ("large", "middle", "small")] == ["middle", "small", "small"]
    with pytest.raises(DefinitionError, match="there is no tier 'huge'; there are small, middle, large"):
        policy().lower("huge")


async def test_an_agent_falls_back_to_the_tier_of_its_personality() -> None:
    seen: list[str] = []

    def told(fallback: str | None) -> FunctionAgent[str, None]:
        async def work(task: Task[str]) -> None:
            seen.append(task.tier.tier.name if task.tier else "none")

        ada: FunctionAgent[str, None] = FunctionAgent(
            work, personality=AgentPersonality(name="ada", fallback_tier=fallback)
        )
        return policy(lower_when=lambda task: task.input == "poor").agent(ada)

    for fallback in (None, "small", "large"):
        await told(fallback).run(Task.standalone("poor"))
    await told("small").run(Task.standalone("rich"))

    assert seen == ["middle", "small", "middle", "large"]
    with pytest.raises(DefinitionError, match="there is no tier 'huge'; there are small, middle, large"):
        told("huge")


def test_a_tier_changes_what_a_model_is_told_and_never_what_it_may_do() -> None:
    own = AgentPersonality(name="clerk", system_prompt="Be kind", model_preference="any", permissions={"network"})

    assert Tier("bare").personality(own) == own
    changed = Tier("x", model="m", system_prompt="Be brief").personality(own)
    assert (changed.model_preference, changed.system_prompt, changed.permissions) == (
        "m",
        "Be brief",
        frozenset({"network"}),
    )


@agent(permissions={"network"}, expertise={"sums"})
async def clerk(task: Task[str]) -> str:
    """Says which model it works with."""
    assert task.tier is not None
    return f"{task.tier.tier.model} {task.tier.tier.effort}"


@agent
def slow_clerk(task: Task[str]) -> str:
    assert task.tier is not None
    return task.tier.tier.name


def test_an_agent_on_tiers_is_the_same_agent_to_everybody_else() -> None:
    tiered = policy().agent(clerk)

    assert (tiered.personality, tiered.__doc__) == (clerk.personality, "Says which model it works with.")
    assert FallbackChain(tiered).run_sync("x").value == "deep-9 high"
    with pytest.raises(DefinitionError, match="isolation='process' it cannot be told a tier"):
        policy().agent(agent(isolation="process")(lambda task: task))


@pytest.mark.parametrize(
    ("complexity", "model", "used"),
    [
        (None, "swift-1 None", TierUsed(name="small", why="every task is", model="swift-1")),
        ("large", "deep-9 high", TierUsed(name="large", why="the task says so", model="deep-9")),
    ],
)
async def test_the_tier_and_why_are_on_the_journal_and_on_the_result(
    complexity: str | None, model: str, used: TierUsed
) -> None:
    tiered = policy(TierRule(complexity="small")).agent(clerk)
    stages = [Stage("one", agent="clerk", complexity=complexity), Stage("other", agent="plain")]
    async with opened(tiered, scripted("plain")) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", stages, result="one"), "x")
        result = await operation
        journal = await journal_of(operation)

    assert result.output == model
    assert result.tiers == {"one": used}
    assert {event.stage: event.tier for event in journal if isinstance(event, AttemptSucceeded)} == {
        "one": used,
        "other": None,
    }


async def test_the_tier_of_a_chain_is_that_of_the_strategy_that_gave_the_value() -> None:
    chain: FallbackChain[Any, Any] = FallbackChain(failing("first"), policy().agent(slow_clerk), name="both")
    async with opened(chain.agent) as orchestrator:
        result = await orchestrator.run(Workflow("flow", [Stage("one", agent="both")]), "x")

    assert (result.output, result.tiers["one"].name, result.is_degraded) == ("large", "large", True)


async def test_a_chain_on_tiers_tells_its_strategies_the_tier() -> None:
    tiered = policy(default="small").agent(FallbackChain(slow_clerk, name="both").agent)
    async with opened(tiered) as orchestrator:
        result = await orchestrator.run(Workflow("flow", [Stage("one", agent="both")]), "x")

    assert (result.output, result.tiers["one"].name) == ("small", "small")


async def test_a_stage_of_unknown_complexity_fails_and_names_those_that_are_known() -> None:
    chain: FallbackChain[Any, Any] = FallbackChain(policy().agent(clerk), minimal="none")
    async with opened(*chain.agents) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", [Stage("one", complexity="odd", **chain.settings)]), "x")
        result = await operation
        journal = await journal_of(operation)

    assert result.output == "none"
    (failed,) = [event for event in journal if isinstance(event, AttemptFailed)]
    assert failed.failure.message == "complexity 'odd' has no tier; known are small, middle, large"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: TierPolicy([]), "a tier policy needs tiers"),
        (lambda: TierPolicy([Tier("a"), Tier("a")]), "two tiers of one name"),
        (lambda: TierPolicy(TIERS, complexity={}), "needs a complexity"),
        (lambda: TierPolicy(TIERS, complexity={"easy": "tiny"}), "'easy' has the tier 'tiny', which does not exist"),
        (lambda: policy(TierRule(complexity="odd")), "complexity 'odd' has no tier"),
        (lambda: policy(default="odd"), "'odd' has no tier; known are small"),
        (lambda: Tier("a b"), "tier: the name 'a b'"),
        (lambda: TierRule(complexity="x", size=-1), "tier rule: size must be a whole number"),
        (lambda: TierRule(complexity="x", fields=True), "tier rule: fields must be a whole number"),
        (lambda: TierRule(complexity="x", when="no"), "tier rule: when must be a function"),  # type: ignore[arg-type]
        (lambda: policy(classifier=7), "a strategy is an agent, a function"),
        (lambda: Stage("s", agent="a", complexity="a b"), "stage 's': complexity: the name 'a b'"),
        (lambda: Stage("s", wait=1, complexity="x"), "stage 's': complexity needs an agent"),
    ],
)
def test_wrong_settings_are_refused_when_it_is_made(make: Any, problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        make()

    assert problem in str(refused.value)

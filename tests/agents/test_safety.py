"""A fallback is never less safe than what it replaces."""

from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import (
    AdaptiveAgent,
    Agent,
    AgentPersonality,
    AgentPool,
    AgentRegistry,
    FallbackChain,
    McpServer,
    ModelAgent,
    ModelTool,
    Strategy,
    Task,
    Tier,
    TierPolicy,
    agent,
    ask_agent,
)
from agentkit.errors import DefinitionError
from agentkit.kernel import Approval, Fallback, Stage, Workflow
from agentkit.orchestrator import Learner
from agentkit.testing import ScriptedModel


@agent(permissions={"network"})
def pay_by_bank(task: Task[str]) -> Decimal:
    return Decimal(1)


@agent(permissions=["network", "payments"])
def pay_by_card(task: Task[str]) -> Decimal:
    return Decimal(1)


@agent
def pay_nothing(task: Task[str]) -> Decimal:
    return Decimal(0)


@agent(isolation="process")
def pay_apart(task: Task[str]) -> Decimal:
    return Decimal(1)


@agent
def pay_something(task: Task[str]):  # type: ignore[no-untyped-def] # undeclared on purpose
    return "whatever"


UNSAFE = [
    (
        pay_by_bank,
        pay_by_card,
        "agent 'pay_by_card' would take over from 'pay_by_bank', which lacks its permissions: payments; choose a"
        " fallback without them, or give them to 'pay_by_bank' too",
    ),
    (pay_apart, pay_nothing, "'pay_apart', which runs in a process of its own, and would not itself; give"),
    (
        pay_nothing,
        pay_something,
        "'pay_nothing', whose values are checked to be Decimal, and declares no type itself; annotate what"
        " 'pay_something' returns",
    ),
]
SAFE = [(pay_by_card, pay_by_bank), (pay_by_bank, pay_nothing), (pay_nothing, pay_apart), (pay_something, pay_nothing)]


def flow(*stages: Stage) -> Workflow[object]:
    return Workflow("flow", stages)


@pytest.mark.parametrize(("first", "other", "problem"), UNSAFE)
def test_a_chain_with_a_less_safe_strategy_is_not_made(
    first: Agent[str, Any], other: Agent[str, Any], problem: str
) -> None:
    with pytest.raises(DefinitionError) as refused:
        FallbackChain(first, Strategy(other), name="pay")

    assert str(refused.value).startswith("chain 'pay': ")
    assert problem in str(refused.value)


@pytest.mark.parametrize(("first", "other", "problem"), UNSAFE)
def test_a_workflow_with_a_less_safe_fallback_is_refused(
    first: Agent[str, Any], other: Agent[str, Any], problem: str
) -> None:
    registry = AgentRegistry([first, other])

    with pytest.raises(DefinitionError) as refused:
        registry.check(flow(Stage("pay", agent=first.name, fallback=[Fallback(other.name)])))

    assert str(refused.value).startswith("stage 'pay': ")
    assert problem in str(refused.value)


@pytest.mark.parametrize(("first", "other"), SAFE)
def test_a_safer_fallback_is_welcome(first: Agent[str, Any], other: Agent[str, Any]) -> None:
    FallbackChain(first, other)
    AgentRegistry([first, other]).check(flow(Stage("pay", agent=first.name, fallback=[other.name])))


def test_every_fallback_is_compared_with_the_stages_own_agent() -> None:
    registry = AgentRegistry([pay_by_bank, pay_nothing, pay_by_card])

    with pytest.raises(DefinitionError, match="'pay_by_card' would take over from 'pay_by_bank'"):
        registry.check(flow(Stage("pay", agent="pay_by_bank", fallback=["pay_nothing", "pay_by_card"])))


def test_the_stages_of_a_workflow_inside_are_checked_too() -> None:
    inner = flow(Stage("pay", agent="pay_by_bank", fallback=["pay_by_card"]))

    with pytest.raises(DefinitionError, match="stage 'all': its workflow: stage 'pay': agent 'pay_by_card'"):
        AgentRegistry([pay_by_bank, pay_by_card]).check(flow(Stage("all", workflow=inner)))


def test_the_minimal_answer_of_a_stage_is_of_its_agents_type() -> None:
    registry = AgentRegistry([pay_nothing])
    registry.check(flow(Stage("pay", agent="pay_nothing", minimal="0.00")))

    with pytest.raises(DefinitionError, match="stage 'pay': its minimal answer is not what agent 'pay_nothing' gives"):
        registry.check(flow(Stage("pay", agent="pay_nothing", minimal=[1])))


def test_a_chain_has_the_permissions_of_its_first_strategy_and_the_expertise_of_all() -> None:
    class First(Agent[str, Decimal]):
        personality = AgentPersonality(name="first", role="Pays", expertise={"tax", "law"}, permissions="network")

        async def run(self, task: Task[str]) -> Decimal:
            return Decimal(1)

    class Second(Agent[str, Decimal]):
        personality = AgentPersonality(name="second", expertise={"law"})

        async def run(self, task: Task[str]) -> Decimal:
            return Decimal(1)

    personality = FallbackChain(First(), Second(), name="both").agent.personality

    assert personality == AgentPersonality(name="both", role="Pays", expertise={"law"}, permissions={"network"})


def test_a_strategy_that_needs_a_process_runs_only_in_an_orchestrator() -> None:
    chain = FallbackChain(pay_apart, minimal=Decimal(0))

    with pytest.raises(DefinitionError, match=r"make a stage of it with Stage\(\.\.\., \*\*chain\.settings\)"):
        chain.run_sync("x")
    with pytest.raises(DefinitionError, match="cannot be part of one agent"):
        _ = chain.agent
    assert chain.settings["agent"] == "pay_apart"


async def test_a_part_of_an_attempt_has_no_process_of_its_own_and_says_so() -> None:
    with pytest.raises(DefinitionError, match="'pay_apart' has isolation='process' and cannot do a part"):
        await ask_agent(pay_apart, Task.standalone("x"), "y")
    with pytest.raises(DefinitionError, match="'pay_apart' has isolation='process' and cannot do a part"):
        ModelAgent("clerk", model=ScriptedModel(["done"]), tools=[pay_apart])


def refund(invoice: str) -> str:
    """Pay an invoice back."""
    return invoice


def clerk(name: str, approval: Approval | None, *, server: bool = False) -> ModelAgent[Any, str]:
    tool: Any = ModelTool(refund, approval=approval)
    if server:
        asks = {} if approval is None else {"refund": approval}
        tool = McpServer("bank", tools=["refund"], command=["bank"], approvals=asks)
    return ModelAgent(name, model=ScriptedModel(["done"]), tools=[tool])


FINANCE = Approval(by={"finance"}, quorum=2)
LAX = [
    (None, "nobody is asked"),
    (Approval(by={"finance"}), "1 is enough, not 2"),
    (Approval(quorum=2), "others may agree"),
    (Approval(by={"finance", "interns"}, quorum=2), "others may agree"),
    (Approval(by={"finance"}, quorum=2, deadline=5, on_expiry="approve"), "silence is a yes"),
    (Approval(by={"finance"}, quorum=2, by_requester=True), "the requester may agree"),
    (Approval(by={"finance"}, quorum=2, escalate=60, escalate_to={"interns"}), "others may agree"),
]


@pytest.mark.parametrize("server", [False, True])
@pytest.mark.parametrize(("approval", "problem"), LAX)
def test_no_fallback_calls_a_tool_with_less_consent(approval: Approval | None, problem: str, *, server: bool) -> None:
    careful, careless = clerk("careful", FINANCE), clerk("careless", approval, server=server)

    with pytest.raises(DefinitionError, match=f"whose tool 'refund' runs only when people agree; .* {problem}"):
        FallbackChain(careful, careless)
    FallbackChain(careless, careful)


def test_what_is_made_of_agents_keeps_what_their_tools_ask_for() -> None:
    careful, careless = clerk("careful", FINANCE), clerk("careless", None)
    made = [FallbackChain(careful, name="chain").agent, TierPolicy([Tier("small")]).agent(careful)]
    made.append(AgentPool("pool", [careful]))

    for agent_of_it in made:
        with pytest.raises(DefinitionError, match="whose tool 'refund'"):
            FallbackChain(agent_of_it, careless)


def test_of_agents_that_do_the_same_work_the_one_that_asks_least_counts() -> None:
    careful, careless = clerk("careful", FINANCE), clerk("careless", None)
    plain = ModelAgent[Any, str]("plain", model=ScriptedModel(["done"]))
    inner = FallbackChain(plain, clerk("second", FINANCE), name="inner").agent
    FallbackChain(careful, inner)

    with pytest.raises(DefinitionError, match="whose tool 'refund'"):
        FallbackChain(careful, FallbackChain(plain, clerk("second", FINANCE), careless, name="inner").agent)


def test_where_no_agent_of_several_asks_least_each_of_them_counts() -> None:
    plain = ModelAgent[Any, str]("plain", model=ScriptedModel(["done"]))
    one_of_finance, three_of_all = Approval(by={"finance"}), Approval(quorum=3)
    inner = FallbackChain(plain, clerk("one", one_of_finance), clerk("three", three_of_all), name="inner").agent

    for asked in (one_of_finance, three_of_all):
        with pytest.raises(DefinitionError, match="whose tool 'refund'"):
            FallbackChain(clerk("boss", asked), inner)
        # Who asks as much as one of them may replace them.
        FallbackChain(inner, clerk("other", asked))
    with pytest.raises(DefinitionError, match="whose tool 'refund'"):
        FallbackChain(inner, clerk("other", Approval(by={"legal"}, quorum=2)))


def test_an_approval_that_asks_the_same_in_other_words_is_the_same() -> None:
    one, other = Approval(by=["f", "g"], question="Pay?"), Approval(by=["g", "f"], remind=60)

    AgentPool("pool", [clerk("one", one), clerk("other", other)])


def test_every_replica_of_a_pool_is_compared_with_all_others() -> None:
    plain = ModelAgent[Any, str]("plain", model=ScriptedModel(["done"]))

    with pytest.raises(DefinitionError, match="whom replica 'careless' asks before it calls 'refund' differs"):
        AgentPool("pool", [plain, clerk("careful", FINANCE), clerk("careless", None)])


def test_no_replica_with_more_tools_than_its_pool_is_added() -> None:
    pool = AgentPool("pool", [ModelAgent[Any, str]("plain", model=ScriptedModel(["done"]))])
    FallbackChain(clerk("careful", FINANCE), pool)

    with pytest.raises(DefinitionError, match="replica 'careless' has tools that the pool lacks: refund"):
        pool.add(clerk("careless", None))
    assert len(pool.metrics().replicas) == 1


def test_all_replicas_of_a_pool_ask_the_same_people() -> None:
    careful, careless = clerk("careful", FINANCE), clerk("careless", None)

    with pytest.raises(DefinitionError, match="whom replica 'careless' asks before it calls 'refund' differs"):
        AgentPool("pool", [careful, careless])
    pool = AgentPool("pool", [careful])
    with pytest.raises(DefinitionError, match="whom replica 'careless' asks before it calls 'refund' differs"):
        pool.add(careless)


def test_an_agent_that_adapts_keeps_what_the_tools_of_its_arms_ask_for() -> None:
    learner = Learner("memory://", arms=["one", "two"])
    adaptive = AdaptiveAgent("adaptive", {"one": clerk("a", FINANCE), "two": clerk("b", FINANCE)}, learner=learner)

    with pytest.raises(DefinitionError, match="whose tool 'refund'"):
        FallbackChain(adaptive, clerk("careless", None))

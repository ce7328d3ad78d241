"""Budgets in workflows: by stage, group, agent, operation and tenant, also after a crash."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from agentkit.agents import Agent, Task, agent
from agentkit.errors import BudgetExhausted, DefinitionError, OperationFailed
from agentkit.kernel import (
    Allowance,
    Approval,
    AttemptFailed,
    AttemptSucceeded,
    Fallback,
    Loop,
    Map,
    RetryPolicy,
    Stage,
    Usage,
    When,
    Workflow,
)
from agentkit.orchestrator import Operation, Orchestrator
from agentkit.stores import MemoryStore
from agentkit.testing.agents import Hang, ScriptedAgent, Sleep
from agentkit.testing.clock import VirtualClock
from tests.engines import process_agents
from tests.orchestrator.scenes import ended, journal_of, scripted

THREE = RetryPolicy(attempts=3, delay=0)


def opened(*agents: Agent[Any, object], store: MemoryStore | None = None, **tenants: Allowance) -> Orchestrator:
    return Orchestrator(agents, store=store or MemoryStore(), clock=VirtualClock(), budgets=tenants)


def using(usage: Usage, then: object = "done") -> Callable[[Task[object]], object]:
    def line(task: Task[object]) -> object:
        task.use(usage)
        return then

    return line


def spender(name: str = "ada", **asked: Any) -> ScriptedAgent:
    """An agent that reserves before its call, takes a second, and settles after it."""

    async def call(task: Task[object]) -> None:
        async with task.budget.reserve(**asked) as hold:
            await asyncio.sleep(1)
            hold.settle(Usage(calls=1, tokens=asked.get("tokens", 0)))

    class Spender(ScriptedAgent):
        async def run(self, task: Task[object]) -> object:
            await call(task)
            return await super().run(task)

    return Spender(name, ["done"])


def one(budget: Allowance | None = None, **settings: Any) -> Workflow[object]:
    return Workflow("one", [Stage("only", agent="ada", **settings)], budget=budget)


async def failure_of(operation: Operation[Any], stage: str = "only") -> list[str]:
    journal = await journal_of(operation)
    return [event.failure.code for event in journal if isinstance(event, AttemptFailed) and event.stage == stage]


async def test_an_attempt_that_says_nothing_is_one_call_and_its_time() -> None:
    async with opened(scripted("ada", Sleep(3, "done"))) as orchestrator:
        operation = await orchestrator.submit(one(Allowance(calls=5)))
        await operation

        assert (await operation.state()).usage == Usage(calls=1, seconds=3.0)


async def test_what_an_agent_says_is_on_the_journal_and_counted_by_stage() -> None:
    said = Usage(calls=2, tokens=50, money="0.10", currency="USD", seconds=7.0)
    flow: Workflow[object] = Workflow("one", [Stage("only", agent="ada", budget=Allowance(calls=5))])
    async with opened(scripted("ada", using(said))) as orchestrator:
        operation = await orchestrator.submit(flow)
        await operation
        state = await operation.state()

    assert state.usage == state.counted == state.counted_by["stage only"] == said


async def test_a_budget_that_is_exhausted_lets_no_stage_start() -> None:
    ada = scripted("ada", "done")
    flow: Workflow[object] = Workflow(
        "flow", [Stage("first", agent="ada"), Stage("second", agent="ada", after=["first"])], budget=Allowance(calls=1)
    )
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(flow)
        error = await ended(operation)

        assert await failure_of(operation, "second") == ["budget_exhausted"]
    assert isinstance(error, OperationFailed)
    assert ada.runs == 1
    assert f"budget 'operation {operation.id}' does not suffice: calls: 1 needed, 0 left" in str(error)


async def test_retries_are_limited_by_the_budget_of_their_stage() -> None:
    ada = scripted("ada", ValueError("no"))
    flow: Workflow[object] = Workflow("one", [Stage("only", agent="ada", retry=THREE, budget=Allowance(calls=2))])
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(flow)
        await ended(operation)

        assert await failure_of(operation) == ["error", "error", "budget_exhausted"]
    assert ada.runs == 2


async def test_the_fallback_for_an_exhausted_budget_takes_over_and_runs() -> None:
    chain = [Fallback("bob", on=["error"]), Fallback("cyd", on=["budget"])]
    ada, bob, cyd = scripted("ada", "no"), scripted("bob", "no"), scripted("cyd", "cheap")
    stages = [Stage("first", agent="ada"), Stage("only", agent="ada", after=["first"], fallback=chain)]
    flow: Workflow[object] = Workflow("flow", stages, budget=Allowance(calls=1))
    async with opened(ada, bob, cyd) as orchestrator:
        result = await (await orchestrator.submit(flow))

    assert (result.output, dict(result.fallbacks), bob.runs) == ("cheap", {"only": "cyd"}, 0)


async def test_a_fallback_that_took_over_cannot_reserve_what_is_not_there() -> None:
    stages = [Stage("first", agent="bob"), Stage("only", agent="bob", after=["first"], fallback=["ada"])]
    flow: Workflow[object] = Workflow("flow", stages, budget=Allowance(calls=1))
    ada = spender(tokens=5)
    async with opened(scripted("bob", "done"), ada) as orchestrator:
        operation = await orchestrator.submit(flow)
        await ended(operation)

        assert await failure_of(operation) == ["budget_exhausted", "budget_exhausted"]
    assert ada.runs == 0


async def test_the_minimal_answer_comes_when_nothing_is_left() -> None:
    async with opened(scripted("ada", BudgetExhausted("mine", kind="calls", asked="1", left="0"))) as orchestrator:
        result = await (await orchestrator.submit(one(minimal={"rows": []})))

    assert (result.output, result.degraded) == ({"rows": []}, ("only",))


async def test_an_exhausted_budget_is_not_tried_again() -> None:
    ada = scripted("ada", BudgetExhausted("mine", kind="calls", asked="1", left="0"))
    async with opened(ada) as orchestrator:
        await ended(await orchestrator.submit(one(retry=THREE)))

    assert ada.runs == 1


async def test_fifty_attempts_at_once_never_overspend_together() -> None:
    ada = spender(tokens=30)
    items = Stage("only", agent="ada", map=Map(on_failure="keep"))
    flow: Workflow[object] = Workflow("items", [items], budget=Allowance(tokens=1_000))
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(flow, list(range(50)))
        await operation
        state = await operation.state()

    assert (ada.runs, state.usage.tokens) == (33, 990)


async def test_fifty_agents_of_one_group_never_overspend_together() -> None:
    agents = [spender(f"agent{number}", tokens=30) for number in range(50)]
    stages = [Stage(f"s{number}", agent=f"agent{number}", group="charts", required=False) for number in range(50)]
    flow: Workflow[object] = Workflow("wide", stages, group_budgets={"charts": Allowance(calls=20, tokens=10_000)})
    async with opened(*agents) as orchestrator:
        operation = await orchestrator.submit(flow)
        await operation
        counted = (await operation.state()).counted_by

    assert (sum(each.runs for each in agents), counted["group charts"].calls) == (20, 20)


async def test_fifty_attempts_of_one_agent_never_overspend_together() -> None:
    ada = spender(tokens=30)
    stages = [Stage(f"s{number}", agent="ada", required=False) for number in range(10)]
    items = [Stage("items", agent="ada", map=Map(on_failure="keep"))]
    flow: Workflow[object] = Workflow("wide", [*stages, *items], agent_budgets={"ada": Allowance(tokens=1_000)})
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(flow, list(range(40)))
        await operation
        counted = (await operation.state()).counted_by

    assert (ada.runs, counted["agent ada"].tokens) == (33, 990)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"group_budgets": {"charts": Allowance(calls=1)}}, "group charts"),
        ({"agent_budgets": {"ada": Allowance(calls=1)}}, "agent ada"),
    ],
    ids=["group", "agent"],
)
async def test_an_exhausted_budget_of_several_stages_is_named(settings: dict[str, Any], told: str) -> None:
    stages = [Stage("first", agent="ada", group="charts"), Stage("only", agent="ada", group="charts", after=["first"])]
    ada = scripted("ada", "done")
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", stages, **settings))
        error = await ended(operation)

        assert await failure_of(operation) == ["budget_exhausted"]
    assert f"budget '{told}' does not suffice: calls: 1 needed, 0 left" in str(error)
    assert ada.runs == 1


async def test_stages_of_no_group_and_other_agents_are_not_limited_by_it() -> None:
    stages = [Stage(name, agent="ada", group="charts", required=False) for name in ("a", "b")]
    others = [Stage(name, agent="bob", after=["charts"]) for name in ("c", "d")]
    limits: dict[str, Any] = {
        "group_budgets": {"charts": Allowance(calls=2)},
        "agent_budgets": {"ada": Allowance(calls=1)},
    }
    ada, bob = scripted("ada", "done"), scripted("bob", "done")
    async with opened(ada, bob) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", [*stages, *others], **limits))
        await operation

    assert (ada.runs, bob.runs) == (1, 2)


async def test_a_fallback_counts_for_itself_and_asks_its_own_budget() -> None:
    chain = [Fallback("bob", on=["budget"]), Fallback("cyd", on=["budget"])]
    stages = [Stage(f"s{number}", agent="ada", fallback=chain) for number in range(4)]
    limits = {"ada": Allowance(calls=1), "bob": Allowance(calls=2)}
    ada, bob, cyd = scripted("ada", "good"), scripted("bob", "fair"), scripted("cyd", "plain")
    async with opened(ada, bob, cyd) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", stages, agent_budgets=limits))
        await operation
        counted = (await operation.state()).counted_by

    assert (ada.runs, bob.runs, cyd.runs) == (1, 2, 1)
    assert {name: usage.calls for name, usage in counted.items()} == {"agent ada": 1, "agent bob": 2}


async def test_turns_of_a_loop_and_a_child_spend_from_the_group() -> None:
    loop = Loop(until=When(path="", equals="good"), most=5)
    child: Workflow[object] = Workflow("child", [Stage("a", agent="bob"), Stage("b", agent="bob", after=["a"])])
    stages = [
        Stage("turns", agent="ada", loop=loop, group="charts"),
        Stage("child", workflow=child, group="charts", after=["turns"]),
        Stage("only", agent="ada", group="charts", after=["child"]),
    ]
    flow: Workflow[object] = Workflow("flow", stages, group_budgets={"charts": Allowance(calls=5)})
    async with opened(scripted("ada", "bad", "bad", "good"), scripted("bob", "done")) as orchestrator:
        operation = await orchestrator.submit(flow)
        error = await ended(operation)
        counted = (await operation.state()).counted_by

    assert "budget 'group charts'" in str(error)
    assert counted["group charts"].calls == 5


async def test_undoing_counts_for_its_agent_and_needs_nothing_left() -> None:
    stages = [Stage("first", agent="ada", undo="back", group="charts"), Stage("only", agent="bob", after=["first"])]
    limits: dict[str, Any] = {
        "group_budgets": {"charts": Allowance(calls=1)},
        "agent_budgets": {"back": Allowance(calls=0)},
    }
    back = scripted("back", "undone")
    async with opened(scripted("ada", "done"), scripted("bob", ValueError("no")), back) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", stages, **limits))
        await ended(operation)
        counted = (await operation.state()).counted_by

    assert back.runs == 1
    assert {name: usage.calls for name, usage in counted.items()} == {"group charts": 2, "agent back": 1}


async def test_the_money_of_a_group_is_that_of_its_tenant() -> None:
    euros = {"charts": Allowance(money=1, currency="EUR")}
    flow: Workflow[object] = Workflow("flow", [Stage("a", agent="ada", group="charts")], group_budgets=euros)
    async with opened(scripted("ada"), acme=Allowance(money=1, currency="USD")) as orchestrator:
        with pytest.raises(DefinitionError, match="cannot count money in EUR"):
            await orchestrator.submit(flow, tenant="acme")


async def test_operations_of_a_tenant_share_its_budget() -> None:
    async with opened(scripted("ada", Sleep(1, "done")), acme=Allowance(calls=3)) as orchestrator:
        mine = [await orchestrator.submit(one(), tenant="acme") for _ in range(5)]
        other = await orchestrator.submit(one(), tenant="other")
        errors = [await ended(operation) for operation in mine]
        await other

        assert [isinstance(error, OperationFailed) for error in errors] == [False] * 3 + [True] * 2
        assert "budget 'tenant acme'" in str(errors[-1])
        assert orchestrator.budgets["acme"].spent == Usage(calls=3, seconds=3.0)


async def test_seconds_end_an_attempt_and_the_fallback_takes_over() -> None:
    cheap = Fallback("bob", on=["budget"])
    flow = Workflow[object]("one", [Stage("only", agent="ada", fallback=[cheap], budget=Allowance(seconds=10))])
    async with opened(scripted("ada", Hang()), scripted("bob", Sleep(5, "cheap"))) as orchestrator:
        operation = await orchestrator.submit(flow)
        result = await operation

        assert await failure_of(operation) == ["budget_exhausted"]
        assert (result.output, (await operation.state()).usage.seconds) == ("cheap", 15.0)


async def test_a_timeout_of_its_own_stays_a_timeout() -> None:
    flow = Workflow[object]("one", [Stage("only", agent="ada", timeout=5, budget=Allowance(seconds=10))])
    async with opened(scripted("ada", Hang())) as orchestrator:
        operation = await orchestrator.submit(flow)
        await ended(operation)

        assert await failure_of(operation) == ["timeout"]
        assert (await operation.state()).usage == Usage(calls=1, seconds=5.0)


async def test_work_that_may_have_happened_stays_in_doubt() -> None:
    flow = Workflow[object]("one", [Stage("only", agent="ada", effect="at_most_once", budget=Allowance(seconds=10))])
    async with opened(scripted("ada", Hang())) as orchestrator:
        operation = await orchestrator.submit(flow)
        await asyncio.sleep(20)

        assert (await operation.state()).stage("only").status == "in_doubt"
        assert (await operation.state()).usage == Usage(calls=1, seconds=10.0)


async def test_what_was_said_before_the_time_was_up_is_counted() -> None:
    ada = scripted("ada", using(Usage(tokens=70), Hang()))
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(one(timeout=5))
        await ended(operation)

        assert (await operation.state()).usage.tokens == 70


async def test_what_a_cancelled_attempt_used_is_counted() -> None:
    async with opened(scripted("ada", using(Usage(tokens=70), Hang()))) as orchestrator:
        operation = await orchestrator.submit(one(Allowance(calls=5)))
        await asyncio.sleep(3)
        await operation.cancel()
        await ended(operation)

        assert (await operation.state()).usage == Usage(calls=1, seconds=3.0, tokens=70)


async def test_what_was_used_before_people_were_asked_is_counted_once() -> None:
    @agent
    async def ada(task: Task[object]) -> str:
        task.use(Usage(tokens=10))
        await task.approval("sure", by={"finance"})
        return "done"

    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(one(Allowance(tokens=100)))
        await operation.at_rest()
        waiting = (await operation.state()).usage.tokens
        await operation.approve("only", by="eve", roles={"finance"}, name="sure")
        await operation

        assert (waiting, (await operation.state()).usage.tokens) == (10, 20)


async def test_unknown_usage_counts_as_reserved_also_after_a_crash() -> None:
    @agent
    async def ada(task: Task[object]) -> str:
        with task.budget.reserve(tokens=60):
            return "done"

    flow: Workflow[object] = Workflow(
        "flow",
        [
            Stage("first", agent="ada"),
            Stage("pause", wait=5, after=["first"]),
            Stage("only", agent="ada", after=["pause"]),
        ],
        budget=Allowance(tokens=100),
    )
    store = MemoryStore()
    first = opened(ada, store=store)
    await first.open()
    operation = await first.submit(flow)
    await asyncio.sleep(1)
    store.abandon()
    await first.close(drain_seconds=0)
    async with opened(ada, store=store.sibling()) as second:
        found = await second.get(operation.id)
        error = await ended(found)

        assert "tokens: 60 needed, 40 left" in str(error)
        assert ((await found.state()).usage.tokens, (await found.state()).counted.tokens) == (None, 60)


async def test_an_attempt_that_died_is_unknown_and_counts_as_a_call() -> None:
    store = MemoryStore()
    first = opened(scripted("ada", Hang()), store=store)
    await first.open()
    operation = await first.submit(one(retry=THREE, budget=Allowance(calls=2)))
    await asyncio.sleep(1)
    store.abandon()
    await first.close(drain_seconds=0)
    ada = scripted("ada", ValueError("no"))
    async with opened(ada, store=store.sibling()) as second:
        found = await second.get(operation.id)
        await ended(found)

        assert await failure_of(found) == ["error", "budget_exhausted"]
        assert (await found.state()).usage.tokens is None
    assert ada.runs == 1


async def test_an_operation_that_rested_is_counted_once() -> None:
    stages = [Stage("a", agent="ada"), Stage("hour", wait=3_600, after=["a"]), Stage("b", agent="ada", after=["hour"])]
    flow: Workflow[object] = Workflow("long", stages, budget=Allowance(calls=5))
    async with opened(scripted("ada", "done"), acme=Allowance(calls=9)) as orchestrator:
        await (await orchestrator.submit(flow, tenant="acme"))

        assert orchestrator.budgets["acme"].spent.calls == 2


async def test_a_tenant_is_told_of_what_was_used_before_a_crash() -> None:
    stages = [Stage("a", agent="ada"), Stage("only", agent="bob", after=["a"])]
    store = MemoryStore()
    first = opened(scripted("ada"), scripted("bob", Hang()), store=store, acme=Allowance(calls=9))
    await first.open()
    operation = await first.submit(Workflow("flow", stages), tenant="acme")
    await asyncio.sleep(1)
    store.abandon()
    await first.close(drain_seconds=0)
    async with opened(scripted("ada"), scripted("bob"), store=store.sibling(), acme=Allowance(calls=9)) as second:
        await (await second.get(operation.id))

        # The one that was lost is a call too.
        assert second.budgets["acme"].counted.calls == 3
        assert second.budgets["acme"].spent.calls is None


async def test_a_child_spends_what_its_parent_may() -> None:
    child: Workflow[object] = Workflow("child", [Stage("a", agent="ada"), Stage("b", agent="ada", after=["a"])])
    flow: Workflow[object] = Workflow(
        "parent",
        [Stage("child", workflow=child), Stage("only", agent="ada", after=["child"])],
        budget=Allowance(calls=2),
    )
    ada = scripted("ada", Sleep(1, "done"))
    async with opened(ada, acme=Allowance(calls=9)) as orchestrator:
        operation = await orchestrator.submit(flow, tenant="acme")
        await ended(operation)

        assert await failure_of(operation) == ["budget_exhausted"]
        assert (await operation.state()).usage == Usage(calls=2, seconds=2.0)
        assert orchestrator.budgets["acme"].spent == Usage(calls=2, seconds=2.0)
    assert ada.runs == 2


async def test_undoing_needs_nothing_left() -> None:
    stages = [
        Stage("first", agent="ada", undo="back"),
        Stage("only", agent="ada", after=["first"]),
    ]
    back = scripted("back", "undone")
    async with opened(scripted("ada", "done"), back) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", stages, budget=Allowance(calls=1)))
        await ended(operation)

        assert (await operation.state()).stage("first").status == "undone"
    assert back.runs == 1


async def test_a_missing_agent_uses_nothing() -> None:
    store = MemoryStore()
    first = opened(scripted("ada", Hang()), store=store)
    await first.open()
    operation = await first.submit(one(Allowance(calls=2)))
    await asyncio.sleep(1)
    store.abandon()
    await first.close(drain_seconds=0)
    async with opened(store=store.sibling()) as second:
        await asyncio.sleep(30)
        state = await (await second.get(operation.id)).state()

    assert (state.stage("only").status, state.counted.calls) == ("unavailable", 1)


async def test_plain_functions_in_threads_share_the_budget() -> None:
    @agent
    def ada(task: Task[int]) -> int:
        with task.budget.reserve(tokens=30) as hold:
            hold.settle(Usage(calls=1, tokens=30))
        return task.input

    items = Stage("only", agent="ada", map=Map(on_failure="keep"))
    flow: Workflow[object] = Workflow("items", [items], budget=Allowance(tokens=1_000))
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(flow, list(range(50)))
        await operation

        assert (await operation.state()).usage.tokens == 990


async def test_a_tight_budget_is_seen_by_the_agent() -> None:
    ada = scripted("ada", lambda task: task.budget.is_tight)
    flow: Workflow[object] = Workflow(
        "flow",
        [
            Stage("first", agent="ada"),
            Stage("second", agent="ada", after=["first"]),
            Stage("x", agent="ada", after=["second"]),
        ],
        budget=Allowance(calls=3, soft=0.6),
    )
    async with opened(ada) as orchestrator:
        result = await (await orchestrator.submit(flow))

    assert [result.values[name] for name in ("first", "second", "x")] == [False, True, True]


async def test_repetition_is_switched_on_by_a_budget() -> None:
    @agent
    async def ada(task: Task[object]) -> None:
        for _ in range(9):
            task.budget.reserve(by="ada", asking="the same").cancel()

    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(one(Allowance(repeats=4)))
        await ended(operation)

        assert await failure_of(operation) == ["repetition"]


@pytest.mark.parametrize("where", ["operation", "stage"])
async def test_a_workflow_in_another_currency_than_its_tenant_is_refused(where: str) -> None:
    euro = Allowance(money=1, currency="EUR")
    flow = one(euro) if where == "operation" else Workflow("one", [Stage("only", agent="ada", budget=euro)])
    async with opened(scripted("ada"), acme=Allowance(money=1, currency="USD")) as orchestrator:
        with pytest.raises(DefinitionError, match="USD and cannot count money in EUR"):
            await orchestrator.submit(flow, tenant="acme")


async def test_use_in_another_currency_fails_the_attempt() -> None:
    ada = scripted("ada", using(Usage(money="1", currency="EUR")))
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(one(Allowance(money=1, currency="USD")))
        await ended(operation)

        assert await failure_of(operation) == ["definition_invalid"]


async def test_stages_without_a_budget_may_say_what_they_used() -> None:
    said = Usage(calls=2, tokens=5)
    async with opened(scripted("ada", using(said))) as orchestrator:
        operation = await orchestrator.submit(one())
        await operation
        journal = await journal_of(operation)

    assert [event.usage for event in journal if isinstance(event, AttemptSucceeded)] == [said]


async def test_nothing_is_kept_of_operations_that_ended() -> None:
    child: Workflow[object] = Workflow("child", [Stage("a", agent="ada")])
    flow: Workflow[object] = Workflow("parent", [Stage("child", workflow=child)], budget=Allowance(calls=5))
    async with opened(scripted("ada")) as orchestrator:
        await (await orchestrator.submit(flow))
        kept = vars(orchestrator)["_budgets"]

        assert (kept._trees, kept._begun, kept._homes) == ({}, {}, {})


async def test_the_budget_of_a_tenant_outlives_closing() -> None:
    orchestrator = opened(scripted("ada"), acme=Allowance(calls=9))
    for _ in range(2):
        async with orchestrator:
            await (await orchestrator.submit(one(), tenant="acme"))

    assert orchestrator.budgets["acme"].spent.calls == 2


@pytest.mark.blocking
@pytest.mark.parametrize("given", ["go", "fail"])
def test_what_a_process_of_its_own_used_is_counted_when_it_ends(given: str) -> None:
    async def work() -> Usage:
        flow: Workflow[object] = Workflow("one", [Stage("only", agent="spend")], budget=Allowance(calls=9))
        async with Orchestrator([process_agents.spend], budgets={"acme": Allowance(calls=9)}) as orchestrator:
            operation = await orchestrator.submit(flow, given, tenant="acme")
            await ended(operation)
            assert (await operation.state()).usage == orchestrator.budgets["acme"].spent
            return (await operation.state()).usage

    usage = asyncio.run(work())
    assert (usage.calls, usage.tokens) == (2, 12)
    assert (usage.seconds or 0) > 0


async def test_nothing_but_a_sum_is_kept_of_operations_that_others_go_on_with() -> None:
    stages = [Stage("a", agent="ada"), Stage("ask", approval=Approval(), after=["a"])]
    flow: Workflow[object] = Workflow("flow", stages, budget=Allowance(calls=5))
    store = MemoryStore()
    here = Orchestrator([scripted("ada")], store=store, clock=VirtualClock(), adopt=False)
    there = Orchestrator([scripted("ada")], store=store.sibling(), clock=VirtualClock(), adopt=False)
    async with here, there:
        operation = await here.submit(flow)
        await operation.at_rest()
        await asyncio.sleep(1)
        kept = vars(here)["_budgets"]

        assert (kept._trees, kept._begun, kept._homes, kept._driven, kept._known) == ({}, {}, {}, {}, {})


async def test_nothing_is_kept_of_children_that_were_stopped() -> None:
    child: Workflow[object] = Workflow("child", [Stage("a", agent="ada")])
    flow: Workflow[object] = Workflow("parent", [Stage("child", workflow=child)], budget=Allowance(calls=5))
    async with opened(scripted("ada", Hang()), acme=Allowance(calls=9)) as orchestrator:
        operation = await orchestrator.submit(flow, tenant="acme")
        await asyncio.sleep(1)
        await operation.cancel()
        await ended(operation)
        await asyncio.sleep(1)
        kept = vars(orchestrator)["_budgets"]

        assert (kept._trees, kept._begun, kept._homes, kept._driven, kept._known) == ({}, {}, {}, {}, {})
        assert (kept._ending, orchestrator.budgets["acme"].spent.calls) == (set(), 1)


async def test_an_agent_that_asks_for_its_budget_when_it_is_over_leaves_nothing_behind() -> None:
    tasks: list[Task[object]] = []
    async with opened(scripted("ada", tasks.append)) as orchestrator:
        await (await orchestrator.submit(one()))
        await asyncio.sleep(1)

        assert tasks[0].budget.spent.calls == 0
        assert vars(orchestrator)["_budgets"]._begun == {}

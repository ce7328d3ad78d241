"""Plans before a run: order, estimates out of earlier runs, people, budgets, and what is missing; nothing runs."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.kernel import Allowance, Approval, BusinessDays, Loop, Map, RetryPolicy, Stage, Usage, When, Workflow
from agentkit.orchestrator import Orchestrator
from agentkit.stores import MemoryStore
from agentkit.testing.agents import ScriptedAgent, Sleep
from agentkit.views import ExecutionPlan
from tests.orchestrator.scenes import ended, opened, scripted

FLOW: Workflow[object] = Workflow(
    "flow",
    [
        Stage("read", agent="ada"),
        Stage("left", agent="bob", after=["read"], group="sides"),
        Stage("right", agent="cyd", after=["read"], group="sides"),
        Stage("join", agent="ada", after=["sides"]),
    ],
)


def sleeper(name: str, *seconds: float) -> ScriptedAgent:
    return ScriptedAgent(name, [Sleep(each, name) for each in seconds])


async def run_often(orchestrator: Orchestrator, flow: Workflow[object], times: int, given: object = None) -> None:
    for _ in range(times):
        await ended(await orchestrator.submit(flow, given))


async def plan_alone(flow: Workflow[object], given: object = None, agents: Sequence[Any] = ()) -> ExecutionPlan:
    async with opened(*agents) as orchestrator:
        return await orchestrator.plan(flow, given)


async def test_a_plan_tells_the_order_and_runs_nothing() -> None:
    ada = scripted("ada")
    async with opened(ada, scripted("bob"), scripted("cyd")) as orchestrator:
        plan = await orchestrator.plan(FLOW)

        assert list(await orchestrator.list()) == []
    assert plan.levels == (("read",), ("left", "right"), ("join",))
    assert plan.groups == {"sides": ("left", "right")}
    assert (plan.can_run, plan.runs, ada.runs) == (True, 0, 0)


async def test_what_never_ran_is_unknown() -> None:
    plan = await plan_alone(FLOW)

    assert (plan.seconds, plan.least_seconds) == (None, 0.0)
    assert plan.unknown == ("read", "left", "right", "join")
    assert (plan.usage.median.calls, plan.usage.median.money) == (None, None)
    assert {stage.basis for stage in plan.stages} == {"unknown"}


async def test_times_are_those_of_earlier_runs() -> None:
    agents = sleeper("ada", 1, 2), sleeper("bob", *range(10, 20)), sleeper("cyd", 3)
    async with opened(*agents) as orchestrator:
        await run_often(orchestrator, FLOW, 10)
        plan = await orchestrator.plan(FLOW)

    left = next(stage.estimate.seconds for stage in plan.stages if stage.name == "left")
    assert left is not None
    assert (left.median, left.p90, left.count) == pytest.approx((14, 18, 10))
    assert plan.seconds is not None
    assert (plan.seconds.median, plan.seconds.p90) == pytest.approx((2 + 14 + 2, 2 + 18 + 2))
    assert plan.critical_path == ("read", "left", "join")
    assert plan.runs == 10


async def test_only_so_many_of_the_newest_runs_count() -> None:
    agents = sleeper("ada", 1), sleeper("bob", 10, 10, 10, 30), sleeper("cyd", 1)
    async with opened(*agents) as orchestrator:
        await run_often(orchestrator, FLOW, 4)
        newest, none = await orchestrator.plan(FLOW, runs=1), await orchestrator.plan(FLOW, runs=0)

    assert newest.seconds is not None
    assert newest.seconds.median == pytest.approx(32)
    assert (none.seconds, none.runs) == (None, 0)


async def test_an_agent_is_known_from_other_workflows_and_a_stage_by_its_own_past_first() -> None:
    other: Workflow[object] = Workflow("other", [Stage("x", agent="ada"), Stage("y", agent="bob", after=["x"])])
    one: Workflow[object] = Workflow("one", [Stage("y", agent="bob"), Stage("new", agent="ada", after=["y"])])
    part: Workflow[object] = Workflow("one", [Stage("y", agent="bob")])
    async with opened(sleeper("ada", 5), sleeper("bob", 7, 9)) as orchestrator:
        await run_often(orchestrator, other, 1)
        await run_often(orchestrator, part, 1)
        plan = await orchestrator.plan(one)

    assert [stage.basis for stage in plan.stages] == ["stage", "agent"]
    assert plan.seconds is not None
    assert plan.seconds.median == pytest.approx(9 + 5)


async def test_the_past_of_another_agent_is_not_that_of_the_stage() -> None:
    async with opened(sleeper("ada", 5), sleeper("bob", 7)) as orchestrator:
        await run_often(orchestrator, Workflow("one", [Stage("work", agent="ada")]), 1)
        plan = await orchestrator.plan(Workflow("one", [Stage("work", agent="bob")]))

    assert (plan.seconds, plan.unknown) == (None, ("work",))


async def test_what_was_taken_over_or_failed_is_no_measure() -> None:
    flow: Workflow[object] = Workflow("two", [Stage("a", agent="ada"), Stage("b", agent="bob", after=["a"])])
    bob = ScriptedAgent("bob", [Sleep(100, ValueError("no")), Sleep(4, "fine")])
    async with opened(sleeper("ada", 6), bob) as orchestrator:
        first = await orchestrator.submit(flow)
        await ended(first)
        await (await orchestrator.resume(first.id))
        plan = await orchestrator.plan(flow)

    counts = [stage.estimate.seconds.count for stage in plan.stages if stage.estimate.seconds is not None]
    assert counts == [1, 1]
    assert plan.seconds is not None
    assert plan.seconds.median == pytest.approx(10)


@pytest.mark.parametrize(
    ("settings", "limits", "seconds"),
    [
        ({}, {}, 10),
        ({}, {"max_parallel": 1}, 40),
        ({}, {"max_parallel": 2}, 20),
        ({"max_parallel": 2}, {}, 20),
        ({"resource": "gpu"}, {"resources": {"gpu": 1}}, 40),
        ({"resource": "gpu"}, {"resources": {"gpu": 3}}, 20),
    ],
)
async def test_bounds_make_it_longer(settings: dict[str, Any], limits: dict[str, Any], seconds: float) -> None:
    resource = settings.get("resource")
    stages = [Stage(name, agent="ada", resource=resource) for name in ("a", "b", "c", "d")]
    flow: Workflow[object] = Workflow("wide", stages, max_parallel=settings.get("max_parallel"))
    async with opened(sleeper("ada", 10), **limits) as orchestrator:
        await run_often(orchestrator, flow, 1)
        plan = await orchestrator.plan(flow)

    assert plan.seconds is not None
    assert plan.seconds.median == pytest.approx(seconds)


async def test_people_count_and_an_approval_that_nobody_ever_gave_is_unknown() -> None:
    approval = Approval(by={"finance"}, quorum=2, deadline=BusinessDays(3), escalate=60, escalate_to={"board"})
    inner: Workflow[object] = Workflow("inner", [Stage("sign", approval=Approval())])
    flow: Workflow[object] = Workflow(
        "people", [Stage("pay", agent="ada", approval=approval), Stage("ship", workflow=inner, after=["pay"])]
    )
    async with opened(sleeper("ada", 5)) as orchestrator:
        plan = await orchestrator.plan(flow)

    assert [(needed.stage, needed.approval.quorum) for needed in plan.approvals] == [("pay", 2), ("ship/sign", 1)]
    assert "pay" in plan.unknown
    told = "pay: 2 of finance, within 3 business days, or it is refused, after 1 min 0 s also board"
    assert told in str(plan)


async def test_how_long_people_took_belongs_to_the_time() -> None:
    flow: Workflow[object] = Workflow("people", [Stage("pay", agent="ada", approval=Approval())])
    async with opened(sleeper("ada", 5)) as orchestrator:
        operation = await orchestrator.submit(flow)
        await asyncio.sleep(100)
        await operation.approve("pay", by="bob")
        await operation
        plan = await orchestrator.plan(flow)

    estimate = plan.stages[0].estimate
    assert estimate.seconds is not None
    assert estimate.people is not None
    assert (estimate.seconds.median, estimate.people.median) == pytest.approx((5, 100), abs=0.5)
    assert plan.seconds is not None
    assert plan.seconds.median == pytest.approx(105, abs=0.5)
    assert plan.unknown == ()


@pytest.mark.parametrize(
    ("settings", "times", "words"),
    [
        ({}, (1, 1), ""),
        ({"map": Map(path="rows")}, (3, 3), "3 items in the input"),
        ({"map": Map("first", path="rows")}, (0, 10_000), "0 to 10,000 items of 'first'"),
        ({"loop": Loop(until=When(path="ok"), most=5)}, (1, 5), "1 to 5 turns"),
        ({"when": When("first")}, (0, 1), "only if a condition on 'first' is met"),
        ({"when": When(path="go")}, (1, 1), ""),
        ({"when": When(path="stop")}, (0, 0), "skipped: its condition on the input is not met"),
        ({"when": When("first"), "map": Map(path="rows")}, (0, 3), "3 items in the input, only if"),
    ],
)
async def test_what_is_not_known_now_is_said_to_be_open(
    settings: dict[str, Any], times: tuple[int, int], words: str
) -> None:
    stages = [Stage("first", agent="ada"), Stage("x", agent="ada", after=["first"], **settings)]
    flow: Workflow[object] = Workflow("open", stages)
    plan = await plan_alone(flow, {"rows": [1, 2, 3], "go": True, "stop": False}, [scripted("ada")])

    assert plan.stages[1].times == times
    assert words in plan.stages[1].why
    assert plan.can_run
    assert ("x" in plan.unknown) is (times != (0, 0))


async def test_waits_are_known_and_signals_are_not() -> None:
    plan = await plan_alone(Workflow("waits", [Stage("pause", wait=60), Stage("paid", signal="paid")]))

    assert [stage.basis for stage in plan.stages] == ["exact", "unknown"]
    assert (plan.least_seconds, plan.unknown) == (60.0, ("paid",))
    assert plan.usage.median == Usage()


async def test_everything_that_is_missing_is_told_at_once() -> None:
    @agent
    async def ada(task: Task[list[int]]) -> None: ...

    flow: Workflow[object] = Workflow(
        "bad",
        [
            Stage("a", agent="ada", expertise=["finance"]),
            Stage("b", agent="nobody", undo="neither", instruction="Read {month}", resource="gpu"),
            Stage("c", agent="ada", map=Map(path="rows")),
        ],
    )
    plan = await plan_alone(flow, {"year": 2025}, [ada])

    assert not plan.can_run
    told = "\n".join(plan.problems)
    for words in (
        "unknown agent 'nobody'",
        "unknown agent 'neither'",
        "unknown resource 'gpu'",
        "asks for {month}",
        "finance",
        "agent 'ada' does not take this input",
        "a map needs a list",
    ):
        assert words in told, words


async def test_an_input_that_cannot_be_written_is_a_problem_too() -> None:
    plan = await plan_alone(FLOW, float("nan"), [scripted("ada"), scripted("bob"), scripted("cyd")])

    assert len(plan.problems) == 1
    assert plan.problems[0].startswith("input: ")


async def test_a_list_that_is_too_long_is_a_problem() -> None:
    flow: Workflow[object] = Workflow("long", [Stage("x", agent="ada", map=Map(path="rows", most=2))])
    plan = await plan_alone(flow, {"rows": [1, 2, 3]}, [scripted("ada")])

    assert plan.problems == ("stage 'x': its map accepts at most 2 items, and the list has 3",)


def spender(name: str, *usages: Usage | None) -> ScriptedAgent:
    def say(usage: Usage | None) -> Any:
        def spend(task: Task[object]) -> object:
            if usage is not None:
                task.use(usage)
            return name

        return Sleep(2, spend)

    return ScriptedAgent(name, [say(usage) for usage in usages])


def usd(calls: int, money: str) -> Usage:
    return Usage(calls=calls, money=money, currency="USD")


@pytest.mark.parametrize(
    ("budget", "verdicts"),
    [
        (Allowance(calls=30, money="0.30", currency="USD"), {"calls": "within", "money": "within"}),
        (Allowance(calls=15, money="0.15", currency="USD"), {"calls": "tight", "money": "tight"}),
        (Allowance(calls=9, money="0.09", currency="USD"), {"calls": "over", "money": "over"}),
        (Allowance(money="9", currency="EUR"), {"money": "unknown"}),
        (Allowance(seconds=3), {"seconds": "within"}),
        (Allowance(seconds=1), {"seconds": "over"}),
    ],
)
@pytest.mark.parametrize("of_stage", [True, False])
async def test_budgets_are_held_against_the_estimate(
    budget: Allowance, verdicts: dict[str, str], *, of_stage: bool
) -> None:
    past: Workflow[object] = Workflow("spend", [Stage("a", agent="ada")])
    flow: Workflow[object] = Workflow(
        "spend", [Stage("a", agent="ada", budget=budget if of_stage else None)], budget=None if of_stage else budget
    )
    async with opened(spender("ada", usd(10, "0.10"), usd(10, "0.10"), usd(20, "0.20"))) as orchestrator:
        await run_often(orchestrator, past, 3)
        plan = await orchestrator.plan(flow)

    assert {check.kind: check.verdict for check in plan.budgets} == verdicts
    assert {check.where for check in plan.budgets} == {"a" if of_stage else ""}
    if not of_stage and budget.calls == 15:
        assert plan.budgets[0].expected == Decimal(10)
        assert "calls: 10, up to 20 of 15: tight" in str(plan)


async def test_budgets_of_groups_and_agents_are_held_against_the_sum_of_their_stages() -> None:
    stages = [
        Stage("a", agent="ada", group="sides"),
        Stage("b", agent="bob", group="sides", fallback=["ada"]),
        Stage("c", agent="ada", after=["sides"]),
    ]
    flow: Workflow[object] = Workflow(
        "spend",
        stages,
        group_budgets={"sides": Allowance(calls=12)},
        agent_budgets={"ada": Allowance(calls=19), "bob": Allowance(calls=5)},
    )
    async with opened(spender("ada", usd(10, "0.10")), spender("bob", usd(2, "0.10"))) as orchestrator:
        await run_often(orchestrator, Workflow("spend", stages), 1)
        plan = await orchestrator.plan(flow)

    assert [(check.where, check.expected, check.verdict) for check in plan.budgets] == [
        ("group sides", Decimal(12), "within"),
        ("agent ada", Decimal(20), "over"),
        ("agent bob", Decimal(2), "within"),
    ]
    assert "group sides: calls: 12 of 12: within" in str(plan)


async def test_the_cost_of_who_never_says_it_is_unknown_and_so_is_the_sum() -> None:
    stages = [Stage("a", agent="ada"), Stage("b", agent="bob", after=["a"])]
    flow: Workflow[object] = Workflow("quiet", stages, budget=Allowance(money=1, currency="USD"))
    async with opened(spender("ada", usd(1, "0.10")), spender("bob", None)) as orchestrator:
        await run_often(orchestrator, Workflow("quiet", stages), 1)
        plan = await orchestrator.plan(flow)

    usages = [stage.estimate.usage for stage in plan.stages]
    assert usages[0] is not None
    assert (usages[0].median.money, usages[1]) == ("0.10", None)
    assert (plan.usage.median.money, plan.budgets[0].verdict) == (None, "unknown")


async def test_an_attempt_that_did_not_say_what_it_used_leaves_it_unknown() -> None:
    flow: Workflow[object] = Workflow("lost", [Stage("a", agent="ada", retry=RetryPolicy(attempts=2, delay=0))])
    ada = ScriptedAgent("ada", [ValueError("no"), lambda task: task.use(usd(1, "0.10"))])
    async with opened(ada) as orchestrator:
        await run_often(orchestrator, flow, 1)
        plan = await orchestrator.plan(flow)

    assert plan.usage.median.money is None


async def test_amounts_in_two_currencies_have_no_middle() -> None:
    flow: Workflow[object] = Workflow("two", [Stage("a", agent="ada")])
    euros = Usage(calls=1, money="9", currency="EUR")
    async with opened(spender("ada", usd(1, "0.10"), euros)) as orchestrator:
        await run_often(orchestrator, flow, 2)
        plan = await orchestrator.plan(flow)

    assert (plan.usage.median.calls, plan.usage.median.money) == (1, None)


async def test_an_approval_that_is_new_is_unknown_though_the_work_is_known() -> None:
    stages = [Stage("pay", agent="ada")]
    asks: Workflow[object] = Workflow("pay", [Stage("pay", agent="ada", approval=Approval())])
    async with opened(sleeper("ada", 5)) as orchestrator:
        await run_often(orchestrator, Workflow("pay", stages), 1)
        plan = await orchestrator.plan(asks)

    assert (plan.unknown, plan.seconds) == (("pay",), None)
    assert plan.least_seconds == pytest.approx(5)


async def test_people_who_are_asked_in_the_middle_of_the_work_are_none_of_it() -> None:
    @agent
    async def ada(task: Task[object]) -> bool:
        await asyncio.sleep(5)
        return task.approval("sure").approved

    flow: Workflow[object] = Workflow("middle", [Stage("pay", agent="ada")])
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(flow)
        await asyncio.sleep(105)
        await operation.approve("pay", by="bob", name="sure")
        await operation
        plan = await orchestrator.plan(flow)

    estimate = plan.stages[0].estimate
    assert estimate.seconds is not None
    assert estimate.people is not None
    # Its work was begun twice: before it asked, and after it had the answer.
    assert (estimate.seconds.median, estimate.people.median) == pytest.approx((10, 100), abs=0.5)


async def test_a_plan_tells_what_is_in_force() -> None:
    flow: Workflow[object] = Workflow("short", [Stage("a", agent="ada"), Stage("b", agent="ada", timeout=5)])
    async with opened(scripted("ada"), max_parallel=3) as orchestrator:
        plan = await orchestrator.plan(flow)

    assert plan.defaults["time limit"] == "none for the whole operation"
    assert plan.defaults["no time limit"] == "a"
    assert plan.defaults["tried once, without a fallback"] == "a, b"
    assert plan.defaults["attempts at once"] == "3"


async def test_a_plan_draws_itself_and_text_of_users_stays_text() -> None:
    flow: Workflow[object] = Workflow("drawn", [Stage("a", agent="ada", instruction="{x}")])
    plan = await plan_alone(flow, {"x": 1}, [scripted("ada")])
    bundle = plan._repr_mimebundle_()

    assert bundle["text/plain"] == str(plan)
    assert str(plan).startswith("plan of drawn: 1 stage; nothing has run")
    assert "<strong>plan of drawn" in bundle["text/html"]
    assert "<th" in bundle["text/html"]


async def test_a_damaged_run_is_no_past(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    async with opened(sleeper("ada", 1), sleeper("bob", 1), sleeper("cyd", 1), store=store) as orchestrator:
        await run_often(orchestrator, FLOW, 2)
        bad = (await orchestrator.list())[0].stream
        read = store.read

        async def read_badly(stream: str, **settings: Any) -> Any:
            journal = await read(stream, **settings)
            return journal[1:] if stream == bad else journal

        monkeypatch.setattr(store, "read", read_badly)
        plan = await orchestrator.plan(FLOW)

    assert plan.runs == 1

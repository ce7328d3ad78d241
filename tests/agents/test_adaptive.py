"""An agent that adapts: which arm works, what is told of it, and what is no outcome."""

import asyncio
from decimal import Decimal
from typing import Any, cast

import pytest

from agentkit.agents import (
    AdaptiveAgent,
    AgentPersonality,
    Budget,
    Choice,
    FallbackChain,
    FunctionAgent,
    Outcome,
    Paused,
    Task,
    Tier,
    agent,
    entry_words,
)
from agentkit.errors import BudgetExhausted, Closed, DefinitionError, InputError, StoreUnavailable
from agentkit.kernel import Allowance, Approval, Asked, AttemptSucceeded, RetryPolicy, Stage, Usage, Workflow
from agentkit.orchestrator import Learner, Operation, Orchestrator
from agentkit.stores import MemoryStore
from tests.agents.chains import failing, scripted, sure
from tests.orchestrator.scenes import ended, journal_of, opened


class Scripted:
    """A chooser that does as it is told, and remembers what it was told."""

    def __init__(
        self, *chosen: str, fails: str = "", error: Exception | None = None, arms: tuple[str, ...] = ("one", "two")
    ) -> None:
        self.arms = arms
        self.chosen = list(chosen)
        self.fails = fails
        self.error = error or RuntimeError()
        self.asked: list[tuple[str, str | None]] = []
        self.told: list[tuple[str, Outcome]] = []
        self.dropped: list[tuple[str, str]] = []

    async def choose(self, *, kind: str = "", key: str | None = None) -> Choice:
        self.asked.append((kind, key))
        if self.fails == "choose":
            raise self.error
        arm = self.chosen.pop(0)
        return Choice(arm=arm, kind=kind, key=key or "", would=arm, why="the script says so")

    async def tell(self, choice: Choice, outcome: Outcome) -> None:
        if self.fails == "tell":
            raise self.error
        if choice.is_kept:
            self.told.append((choice.arm, outcome))

    async def drop(self, choice: Choice, *, why: str) -> None:
        if self.fails == "tell":
            raise self.error
        self.dropped.append((choice.arm, why))


def adaptive(learner: Scripted, one: Any = None, two: Any = None, **settings: Any) -> AdaptiveAgent[Any, Any]:
    arms = {"one": one or scripted("ada"), "two": two or scripted("bob")}
    return AdaptiveAgent("writer", arms, learner=learner, **settings)


async def test_the_arm_that_was_chosen_works_and_its_outcome_is_told() -> None:
    learner = Scripted("two", "one")

    async def slow(task: Task[object]) -> object:
        await asyncio.sleep(3)
        task.use(Usage(money="0.25", currency="USD"))
        return "slow"

    writer = adaptive(learner, one=slow, two=scripted("bob", "bob"))
    given = [await writer.run(Task.standalone("x")), await writer.run(Task.standalone("x"))]

    assert given == ["bob", "slow"]
    assert learner.told == [
        ("two", Outcome(success=True, seconds=0.0)),
        ("one", Outcome(success=True, seconds=3.0, cost=Decimal("0.25"), currency="USD")),
    ]
    assert learner.asked == [("", None), ("", None)]


async def test_what_fails_is_told_and_raised() -> None:
    learner = Scripted("one")
    with pytest.raises(ConnectionError):
        await adaptive(learner, one=failing("ada")).run(Task.standalone("x"))

    assert [(arm, outcome.success) for arm, outcome in learner.told] == [("one", False)]


async def test_a_value_of_another_type_is_a_failure() -> None:
    async def one(task: Task[str]) -> int:
        return cast("int", task.input)

    async def two(task: Task[str]) -> int:
        return 1

    learner = Scripted("one")
    with pytest.raises(InputError):
        await adaptive(learner, one=one, two=two).run(Task.standalone("x"))

    assert [outcome.success for _, outcome in learner.told] == [False]


async def test_a_cancel_and_a_pause_are_no_outcomes() -> None:
    async def wait(task: Task[object]) -> object:
        await asyncio.sleep(100)
        return None

    async def ask(task: Task[object]) -> object:
        raise Paused(Asked(name="sure", approval=Approval()))

    learner = Scripted("one", "two")
    writer = adaptive(learner, one=wait, two=ask)
    working = asyncio.ensure_future(writer.run(Task.standalone(1)))
    await asyncio.sleep(1)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    with pytest.raises(Paused):
        await writer.run(Task.standalone(1))

    assert learner.told == []


async def hangs(task: Task[object]) -> object:
    await asyncio.sleep(100)
    return None


async def hears_nothing(task: Task[object]) -> object:
    """Goes on when it is cancelled, and gives a value that nobody waits for any more."""
    try:
        await asyncio.sleep(100)
    except asyncio.CancelledError:
        return "late"
    return "early"


async def works_in_a_group(task: Task[object]) -> object:
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(100))
    return None


@pytest.mark.parametrize("arm", [hangs, hears_nothing, works_in_a_group])
@pytest.mark.parametrize("limited", [{"timeout": 5}, {"retry": RetryPolicy(attempt_timeout=5)}])
async def test_an_arm_whose_time_is_up_has_failed(arm: Any, limited: dict[str, Any]) -> None:
    learner = Scripted("one")
    writer = adaptive(learner, one=arm, quality=lambda task, value: 1.0)
    async with opened(writer) as orchestrator:
        end = await ended(await orchestrator.submit(Workflow("w", [Stage("write", agent="writer", **limited)]), "x"))

    assert "took longer than 5 s" in str(end)
    assert learner.told == [("one", Outcome(success=False, seconds=5.0))]


@pytest.mark.parametrize("ends", ["cancelled", "closed"])
async def test_an_operation_that_is_cancelled_or_closed_tells_nothing(ends: str) -> None:
    learner = Scripted("one")
    flow = Workflow("w", [Stage("write", agent="writer", timeout=50)])
    async with opened(adaptive(learner, one=hangs)) as orchestrator:
        operation = await orchestrator.submit(flow, "x")
        await asyncio.sleep(1)
        if ends == "cancelled":
            await operation.cancel()
            await ended(operation)

    assert (len(learner.asked), learner.told) == (1, [])


@pytest.mark.parametrize("fails", ["", "tell"])
async def test_a_budget_that_does_not_suffice_for_an_arm_is_no_outcome(fails: str) -> None:
    learner = Scripted("one", fails=fails, error=StoreUnavailable("the disk is full"))

    async def one(task: Task[object]) -> object:
        with task.budget.reserve(calls=2):
            return None

    with pytest.raises(BudgetExhausted):
        await adaptive(learner, one=one).run(Task.standalone(1, budget=Budget(Allowance(calls=1))))

    assert learner.told == []
    assert [arm for arm, why in learner.dropped if "not enough left for it" in why] == ["one"][: not fails]


async def test_an_arm_that_goes_beyond_its_own_limit_has_failed() -> None:
    learner = Scripted("one")

    async def one(task: Task[object]) -> object:
        with task.budget.child("limits of one", Allowance(calls=1)).reserve(calls=2):
            return None

    with pytest.raises(BudgetExhausted):
        await adaptive(learner, one=one).run(Task.standalone(1, budget=Budget(Allowance(calls=9))))

    assert [outcome.success for _, outcome in learner.told] == [False]
    assert not learner.dropped


@pytest.mark.parametrize("kind", ["tax", lambda task: f"{task.input}"])
async def test_the_kind_is_a_text_or_what_a_function_says(kind: Any) -> None:
    learner = Scripted("one")
    await adaptive(learner, kind=kind).run(Task.standalone("tax"))

    assert learner.asked[0][0] == "tax"


@pytest.mark.parametrize(
    ("quality", "judged"),
    [
        (None, 0.4),
        (lambda task, value: 0.7 if (task.input, value) == ("x", "guess") else 0.1, 0.7),
        (lambda task, value: None, None),
        (lambda task, value: 7, None),
        (lambda task, value: 1 / 0, None),
    ],
    ids=["itself", "judged", "unjudged", "senseless", "broken"],
)
async def test_a_value_is_judged_by_a_function_or_by_how_sure_it_is(quality: Any, judged: float | None) -> None:
    learner = Scripted("one")
    given = await adaptive(learner, one=scripted("ada", sure(0.4)), quality=quality).run(Task.standalone("x"))

    assert (given, learner.told[0][1].quality) == ("guess", judged)


@pytest.mark.parametrize("error", [StoreUnavailable("the disk is full"), Closed("the store was closed")])
@pytest.mark.parametrize("fails", ["choose", "tell"])
async def test_work_goes_on_where_the_learner_cannot(fails: str, error: Exception) -> None:
    learner = Scripted("one", fails=fails, error=error)

    assert await adaptive(learner).run(Task.standalone("x")) == "ada"
    assert learner.told == []


def score(task: Any, value: Any) -> Any:
    return {"broken": value, "text": "good", "percent": 90}[task.input]


def sort_of(task: Any) -> Any:
    return {"number": 7}[task.input]


@pytest.mark.parametrize(
    ("settings", "given", "said"),
    [
        ({"quality": score}, "absent", "quality=score failed: KeyError: 'absent'"),
        (
            {"quality": score},
            "text",
            "quality=score failed: InputError: outcome: quality is a share from 0 to 1, not 'g",
        ),
        (
            {"quality": score},
            "percent",
            "quality=score failed: InputError: outcome: quality is a share from 0 to 1, not 9",
        ),
        ({"quality": sort_of}, "number", "quality=sort_of failed: TypeError: sort_of() takes 1 positional"),
        (
            {"kind": sort_of},
            "absent",
            "kind=sort_of failed: KeyError: 'absent'; one works, and nothing is learned of it",
        ),
        ({"kind": sort_of}, "number", "kind=sort_of failed: InputError: the kind of a task is a text, not 7"),
        ({}, "learner", "its learner failed: StoreUnavailable: the disk is full"),
    ],
)
async def test_a_mistake_beside_the_work_is_logged_once_with_whose_it_is(
    caplog: pytest.LogCaptureFixture, settings: Any, given: str, said: str
) -> None:
    error = StoreUnavailable("the disk is full")
    writer = adaptive(Scripted("one", "one", fails="" if settings else "tell", error=error), **settings)
    for _ in range(2):
        assert await writer.run(Task.standalone(given)) == "ada"

    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert line.startswith(f"agent 'writer': {said}")


async def test_why_nobody_judged_a_value_is_kept_with_its_outcome() -> None:
    learner = Learner("memory://", arms=["one", "two"])
    ada = scripted("ada", "draft")
    writer = AdaptiveAgent("writer", {"one": ada, "two": ada}, learner=learner, quality=score)
    await writer.run(Task.standalone("absent"))

    told = [entry_words(entry) async for entry in learner.history()][-1]
    assert told.endswith("which is worth 1.00; it was not judged, since quality=score failed: KeyError: 'absent'")


async def test_tiers_are_arms_that_one_agent_works_on() -> None:
    async def model(task: Task[str]) -> str:
        assert task.tier is not None
        return f"{task.tier.tier.model} {task.tier.why}"

    learner = Scripted("two")
    arms = {"one": Tier("small", model="swift-1"), "two": Tier("large", model="deep-9")}
    writer = AdaptiveAgent("writer", arms, learner=learner, agent=model)

    async with opened(writer) as orchestrator:
        operation = await orchestrator.submit(Workflow("w", [Stage("write", agent="writer")]), "x")
        result = await operation
        (done,) = [each for each in await journal_of(operation) if isinstance(each, AttemptSucceeded)]

    assert result.output == "deep-9 the script says so"
    assert done.tier is not None
    assert (done.tier.name, done.tier.model) == ("large", "deep-9")


async def test_a_retry_chooses_anew_and_a_try_of_a_chain_too() -> None:
    learner = Scripted("one", "two", "one", "two")
    writer = adaptive(learner, one=scripted("ada", ConnectionError("a"), ConnectionError("b")))
    chain: FallbackChain[Any, Any] = FallbackChain(writer, retry=RetryPolicy(attempts=2, delay=0), name="chain")
    flow = Workflow("w", [Stage("write", agent="writer", retry=RetryPolicy(attempts=2, delay=0))])

    async with opened(writer, chain.agent) as orchestrator:
        first = await orchestrator.submit(flow, "x")
        await first
        other = await orchestrator.submit(Workflow("w", [Stage("write", agent="chain")]), "x")
        await other

    assert [key for _, key in learner.asked] == [
        f"{first.id}:write:1",
        f"{first.id}:write:2",
        f"{other.id}:write:1:1",
        f"{other.id}:write:1:2",
    ]


def pays(name: str, amount: int, paid: list[str]) -> Any:
    """Asks people for an amount, and pays it; the first time that it pays, it fails."""

    async def pay(task: Task[object]) -> str:
        await task.approval("pay", by={"finance"}, question=f"pay {amount}?")
        paid.append(f"{name} {amount}")
        if len(paid) == 1:
            raise ConnectionError("the bank did not answer")
        return name

    return pay


async def paused(orchestrator: Orchestrator) -> Operation[Any]:
    """An operation whose arm waits for people, who have been asked for 100."""
    flow = Workflow("w", [Stage("pay", agent="writer", retry=RetryPolicy(attempts=2, delay=0))])
    operation = await orchestrator.submit(flow, "x")
    await operation.at_rest()
    assert [each.question for each in await operation.questions()] == ["pay 100?"]
    return operation


async def test_who_asked_people_goes_on_with_what_they_said_also_after_a_failure() -> None:
    paid: list[str] = []
    async with MemoryStore() as store:
        learner = Learner(store, arms=["one", "two"])
        writer = AdaptiveAgent(
            "writer", {"one": pays("one", 100, paid), "two": pays("two", 9000, paid)}, learner=learner
        )
        async with opened(writer, store=store) as orchestrator:
            operation = await paused(orchestrator)
            await operation.approve("pay", name="pay", by="ada", roles=["finance"])
            result = await operation
            arms = (await learner.state()).kinds[""].arms

    assert (result.output, paid) == ("one", ["one 100", "one 100"])
    assert {name: (arm.outcomes, arm.open) for name, arm in arms.items()} == {"one": (1, 0)}


async def test_no_other_arm_goes_on_where_the_one_that_asked_is_gone() -> None:
    paid: list[str] = []
    async with MemoryStore() as store:
        learner = Learner(store, arms=["one", "two"])
        writer = AdaptiveAgent(
            "writer", {"one": pays("one", 100, paid), "two": pays("two", 9000, paid)}, learner=learner
        )
        async with opened(writer, store=MemoryStore(shared=store)) as orchestrator:
            operation = await paused(orchestrator)
        left = AdaptiveAgent("writer", {"two": pays("two", 9000, paid)}, learner=Learner(store, arms=["two"]))
        async with opened(left, store=MemoryStore(shared=store)) as orchestrator:
            again = await orchestrator.get(operation.id)
            await again.approve("pay", name="pay", by="ada", roles=["finance"])
            error = await ended(again)

    assert "its arm 'one' paused, and is gone since" in str(error)
    assert not paid


async def test_an_attempt_with_a_long_name_has_a_key_of_its_own_too() -> None:
    learner = Scripted("one", "one", "two", "two")
    inner = Workflow("inner", [Stage(2 * name + 90 * "z", agent="writer") for name in "ab"])
    outer = Workflow("outer", [Stage(95 * name, workflow=inner) for name in "ab"])

    async with opened(adaptive(learner)) as orchestrator:
        operation = await orchestrator.submit(outer, "x")
        await operation

    keys = [key or "" for _, key in learner.asked]
    assert len({*keys}) == 4
    assert all(len(key) <= 200 and key.startswith(operation.id) for key in keys)


def typed(task: Task[str]) -> int:
    return 1


@pytest.mark.parametrize(
    ("arms", "settings", "problem"),
    [
        ({}, {}, "it needs arms"),
        ({"one": Tier("small"), "two": Tier("large")}, {}, "agent= says who"),
        ({"one": typed}, {}, "its arms are one, and those of its learner one, two"),
        ({"one": scripted("a"), "two": typed}, {}, "the arm 'two' takes or gives another type than 'one'"),
        (
            {"one": typed, "two": FunctionAgent(typed, personality=AgentPersonality(name="p"), isolation="process")},
            {},
            "has isolation='process'",
        ),
        ({"one": typed, "two": agent(permissions={"bank"})(typed)}, {}, "lacks its permissions: bank"),
    ],
)
def test_arms_that_do_not_fit_are_refused(arms: Any, settings: Any, problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        AdaptiveAgent("writer", arms, learner=Scripted(), **settings)


def test_it_is_as_its_arms_are_together() -> None:
    one = agent(name="a", role="Writer", expertise={"tax", "law"}, permissions={"disk"})(typed)
    two = agent(name="b", expertise={"tax"}, permissions={"disk"})(typed)
    writer = AdaptiveAgent("writer", {"one": one, "two": two}, learner=Scripted())

    assert (writer.name, writer.personality.role, writer.arms) == ("writer", "Writer", ("one", "two"))
    assert (set(writer.personality.expertise), set(writer.personality.permissions)) == ({"tax"}, {"disk"})


async def test_plain_functions_are_arms_and_learn_with_a_real_learner() -> None:
    def good(task: Task[int]) -> int:
        return task.input

    def bad(task: Task[int]) -> int:
        raise ValueError("no")

    async with MemoryStore() as store:
        learner = Learner(store, arms=["bad", "good"], name="numbers")
        worker = AdaptiveAgent("worker", {"bad": bad, "good": good}, learner=learner)
        async with opened(worker, store=store) as orchestrator:
            flow = Workflow("w", [Stage("work", agent="worker", retry=RetryPolicy(attempts=9, delay=0))])
            values = [(await orchestrator.run(flow, n)).output for n in range(30)]
            standing = (await learner.state()).kinds[""]

    assert values == [*range(30)]
    assert standing.leader == "good"
    assert standing.arms["good"].successes == 30
    assert standing.arms["bad"].successes == 0

"""Budgets alone: what is reserved, settled and left, in a tree that tasks and threads share."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from agentkit.agents import AttemptBudget, Budget, Hold, RepetitionGuard, Task
from agentkit.errors import BudgetExhausted, DefinitionError, Repetition, UsageError
from agentkit.kernel import Allowance, Usage

TINY = Allowance(calls=10, tokens=1_000, money="1.00", currency="USD")


async def test_what_is_reserved_is_settled_by_what_was_used() -> None:
    tenant = Budget(TINY, name="tenant acme")
    agent = tenant.child("writer")

    async with agent.reserve(calls=1, tokens=200, money="0.02", seconds=3.0) as hold:
        reserved = tenant.reserved
        hold.settle(Usage(calls=1, tokens=180, money="0.018", currency="USD", seconds=2.5))

    assert reserved == Usage(calls=1, tokens=200, money="0.02", currency="USD", seconds=3.0)
    assert tenant.spent == Usage(calls=1, tokens=180, money="0.018", currency="USD", seconds=2.5)
    assert (tenant.left.tokens, tenant.left.money, tenant.reserved.tokens) == (820, Decimal("0.982"), 0)


@pytest.mark.parametrize("error", [None, ConnectionError(), asyncio.CancelledError()], ids=repr)
def test_what_is_left_without_a_word_counts_as_reserved_and_is_unknown(error: BaseException | None) -> None:
    budget = Budget(TINY)

    def call() -> None:
        with budget.reserve(tokens=200):
            if error is not None:
                raise error

    if error is None:
        call()
    else:
        with pytest.raises(type(error)):
            call()

    assert (budget.spent.calls, budget.spent.tokens, budget.spent.money) == (1, None, "0")
    assert (budget.counted.tokens, budget.left.tokens) == (200, 800)


def test_what_is_cancelled_is_given_back() -> None:
    budget = Budget(TINY)
    with budget.reserve(calls=2, tokens=200) as hold:
        hold.cancel()

    assert (budget.left.calls, budget.left.tokens, budget.reserved.tokens, hold.is_open) == (10, 1_000, 0, False)


def test_a_hold_is_settled_once() -> None:
    hold = Budget(TINY, name="acme").reserve()
    hold.settle(Usage())

    for again in (hold.cancel, lambda: hold.settle(Usage())):
        with pytest.raises(UsageError, match="'acme' was settled or cancelled before"):
            again()


def test_the_reserved_calls_count_at_least() -> None:
    budget = Budget(TINY)
    budget.reserve(calls=2).settle(Usage(tokens=5))
    budget.reserve(calls=2).settle(Usage(calls=3))

    assert budget.spent.calls == 5


def test_another_currency_is_refused_and_what_was_used_is_unknown() -> None:
    budget = Budget(TINY)
    with pytest.raises(DefinitionError, match="cannot count money in EUR"), budget.reserve(money="0.10") as hold:
        hold.settle(Usage(money="0.10", currency="EUR"))

    assert (budget.spent.money, budget.counted.money) == (None, "0.10")


@pytest.mark.parametrize(
    "wrong",
    [{"calls": -1}, {"tokens": -1}, {"seconds": -1.0}, {"money": 0.1}, {"money": "1", "currency": "EUR"}],
    ids=str,
)
def test_an_amount_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    budget = Budget(TINY)

    with pytest.raises(DefinitionError):
        budget.reserve(**wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - on purpose
    assert budget.reserved.calls == 0


def test_spending_without_a_reservation_counts_even_where_nothing_is_left() -> None:
    budget = Budget(Allowance(tokens=10), name="small")
    budget.spend(Usage(tokens=15))

    assert (budget.spent.tokens, budget.left.tokens, budget.is_exhausted) == (15, 0, True)
    with pytest.raises(BudgetExhausted, match="'small'"):
        budget.reserve()


def test_a_part_is_tight_and_exhausted_when_the_whole_is() -> None:
    whole = Budget(Allowance(calls=2, seconds=30.0, soft=0.5))
    part = whole.child("part", Allowance(seconds=60.0))
    seen = [(part.is_tight, part.is_exhausted, part.left_seconds)]
    whole.spend(Usage(calls=1, seconds=10.0))
    seen.append((part.is_tight, part.is_exhausted, part.left_seconds))
    whole.spend(Usage(calls=1))
    seen.append((part.is_tight, part.is_exhausted, part.left_seconds))

    assert seen == [(False, False, 30.0), (True, False, 20.0), (True, True, 20.0)]


def test_without_limits_all_is_counted_and_nothing_refused() -> None:
    budget = Budget()
    budget.reserve(calls=10**9).settle(Usage(calls=10**9, money="5", currency="USD"))

    assert (budget.left_seconds, budget.left, budget.is_tight) == (None, Allowance(), False)
    assert budget.spent.money == "5"


async def test_fifty_tasks_never_overspend_together() -> None:
    tenant = Budget(Allowance(tokens=1_000), name="tenant")

    async def work(number: int) -> int:
        agent, done = tenant.child(f"agent {number}"), 0
        for _ in range(10):
            try:
                async with agent.reserve(tokens=7) as hold:
                    await asyncio.sleep(0)
                    hold.settle(Usage(calls=1, tokens=7))
                    done += 1
            except BudgetExhausted:
                return done
        return done

    done = sum(await asyncio.gather(*map(work, range(50))))

    assert (tenant.spent.tokens, tenant.reserved.tokens) == (7 * done, 0)
    assert 1_000 - 7 < 7 * done <= 1_000


def test_fifty_threads_never_overspend_together() -> None:
    tenant = Budget(Allowance(money="1.00", currency="USD"))
    ready = threading.Barrier(50)

    def work(number: int) -> int:
        agent, done = tenant.child(f"agent {number}"), 0
        ready.wait(10)
        for _ in range(40):
            try:
                hold = agent.reserve(money="0.0007")
            except BudgetExhausted:
                return done
            hold.settle(Usage(calls=1, money="0.0007", currency="USD"))
            done += 1
        return done

    with ThreadPoolExecutor(50) as pool:
        done = sum(pool.map(work, range(50)))

    assert done == 1428
    assert tenant.spent.money == "0.9996"


def test_a_guard_of_the_whole_refuses_repetitions_of_a_part() -> None:
    whole = Budget(Allowance(calls=9, repeats=2))
    part = whole.child("writer")
    part.reserve(asking={"text": "shorter"}).cancel()
    part.reserve(by="critic", asking={"text": "shorter"}).cancel()

    with pytest.raises(Repetition, match="'writer'"):
        part.reserve(asking={"text": "shorter"})
    part.reserve().cancel()
    assert whole.reserved.calls == 0


def test_a_guard_may_be_given_and_what_is_not_reserved_is_no_call() -> None:
    budget = Budget(Allowance(tokens=5), guard=RepetitionGuard(same=2))
    for _ in range(3):
        with pytest.raises(BudgetExhausted):
            budget.reserve(tokens=9, asking="again")

    budget.reserve(asking="again")
    with pytest.raises(Repetition):
        budget.reserve(asking="again")


def test_an_attempt_is_one_call_and_its_time_if_nobody_says_more() -> None:
    stage = Budget(Allowance(calls=2), name="stage")
    attempt = AttemptBudget(name="attempt", parent=stage)
    attempt.begin()
    during = stage.reserved.calls, attempt.was_told

    assert attempt.end(2.5) == (Usage(calls=1, seconds=2.5),) * 2
    assert (during, stage.spent) == ((1, False), Usage(calls=1, seconds=2.5))
    with pytest.raises(UsageError, match="is over"):
        attempt.reserve()


def test_an_attempt_that_only_asks_people_is_no_call_and_gives_its_own_back() -> None:
    stage = Budget(Allowance(calls=1), name="stage")
    for said in ((Usage(), Usage(seconds=2.5)), (Usage(tokens=5), Usage(calls=1, seconds=2.5, tokens=5))):
        attempt = AttemptBudget(name="attempt", parent=stage)
        attempt.begin()
        attempt.spend(said[0])

        assert attempt.end(2.5, waits_for_people=True) == (said[1],) * 2
    assert stage.spent == Usage(calls=1, seconds=5.0, tokens=5)


def test_what_an_agent_says_takes_the_place_of_the_attempt() -> None:
    stage = Budget(Allowance(calls=2), name="stage")
    attempt = AttemptBudget(name="attempt", parent=stage)
    attempt.begin()
    attempt.child("sub").reserve(calls=1, tokens=5).settle(Usage(calls=1, tokens=4))
    attempt.spend(Usage(calls=1, seconds=9.0))

    assert attempt.was_told
    assert attempt.end(2.5)[0] == stage.spent == Usage(calls=2, seconds=9.0, tokens=4)


def test_what_is_open_at_the_end_of_an_attempt_is_unknown_and_counts_once() -> None:
    stage = Budget()
    attempt = AttemptBudget(name="attempt", parent=stage)
    attempt.begin()
    hold = attempt.reserve(calls=2, tokens=50)
    usage, counted = attempt.end(1.0)
    hold.settle(Usage(calls=2, tokens=60))

    assert (usage, counted) == (Usage(calls=2, seconds=1.0, tokens=None), Usage(calls=2, seconds=1.0, tokens=50))
    assert (stage.counted.tokens, stage.reserved.tokens) == (50, 0)


def test_an_attempt_that_did_not_take_place_is_given_back() -> None:
    stage = Budget(Allowance(calls=1))
    attempt = AttemptBudget(name="attempt", parent=stage)
    attempt.begin()
    attempt.cancel()

    assert (stage.left.calls, attempt.refusal()) == (1, None)
    stage.spend(Usage(calls=1))
    refusal = attempt.refusal()
    assert refusal is not None
    assert refusal.budget == "budget"


def test_a_task_alone_has_a_budget_that_counts() -> None:
    task = Task.standalone("text")
    before = task.usage
    task.use(Usage(calls=1, tokens=5))
    task.budget.reserve(tokens=9).settle(Usage(calls=1, tokens=7))

    assert (before, task.usage) == (None, Usage(calls=2, tokens=12))


def test_a_task_alone_may_be_given_a_budget() -> None:
    budget = Budget(Allowance(calls=1))
    task = Task.standalone("text", budget=budget)
    task.use(Usage(calls=1))

    with pytest.raises(BudgetExhausted):
        task.budget.reserve()


def test_what_is_spent_counts_for_all_that_is_beside_it_and_nowhere_twice() -> None:
    operation = Budget(Allowance(calls=9), name="operation")
    group, writer = operation.child("group", Allowance(calls=2)), operation.child("writer", Allowance(tokens=50))
    attempt = Budget(parent=operation, beside=[group, writer])
    attempt.reserve(calls=1, tokens=30).settle(Usage(calls=1, tokens=30))

    assert [(part.spent.calls, part.spent.tokens) for part in (operation, group, writer)] == [(1, 30)] * 3
    with pytest.raises(BudgetExhausted, match="'writer'"):
        attempt.reserve(tokens=30)
    assert [part.reserved.calls for part in (operation, group, writer)] == [0, 0, 0]


def test_guards_of_all_that_is_beside_are_asked_once() -> None:
    operation = Budget(name="operation", guard=RepetitionGuard(same=3))
    group, writer = operation.child("group"), operation.child("writer", Allowance(repeats=4))
    attempt = Budget(parent=operation, beside=[group, writer])
    for _ in range(2):
        attempt.reserve(asking="make it shorter").cancel()

    with pytest.raises(Repetition):
        attempt.reserve(asking="make it shorter")


def test_what_is_beside_is_a_part_of_the_same_budget() -> None:
    operation, other = Budget(name="operation"), Budget(name="other")

    for parent, beside in ((operation, other.child("group")), (operation, other), (None, other)):
        with pytest.raises(UsageError, match="budget 'attempt': all that is beside it must be parts of the same"):
            Budget(name="attempt", parent=parent, beside=[beside])


class Tree(RuleBasedStateMachine):
    """A tenant, two operations with two agents each, and three attempts of the first that share a group and an agent.

    Whatever is done in whatever order, the books of all of them agree, and no reservation goes over a limit.
    """

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        tenant = Budget(Allowance(calls=8, tokens=100, money="3", currency="USD"), name="tenant")
        first, second = tenant.child("first", Allowance(tokens=60)), tenant.child("second")
        self.tree = [tenant, first, second]
        self.tree += [first.child("a", Allowance(calls=3)), first.child("b"), second.child("c"), second.child("d")]
        group, agent = first.child("group", Allowance(calls=4, tokens=50)), first.child("agent", Allowance(tokens=30))
        self.beside = {
            Budget(name="both", parent=first, beside=[group, agent]): [group, agent],
            Budget(Allowance(calls=2), name="grouped", parent=first, beside=[group]): [group],
            Budget(name="agent's", parent=first, beside=[agent]): [agent],
        }
        self.tree += [group, agent, *self.beside]
        self.settled: dict[Budget, tuple[int, int, Decimal]] = {part: (0, 0, Decimal(0)) for part in self.tree}
        self.open: dict[Hold, tuple[Budget, tuple[int, int, Decimal]]] = {}
        self.above = dict.fromkeys(self.tree, 0)

    def up(self, budget: Budget | None) -> list[Budget]:
        return [] if budget is None else [budget, *self.beside.get(budget, []), *self.up(budget.parent)]

    def lacks(self, budget: Budget, asked: tuple[int, int, Decimal]) -> bool:
        """Whether some limit does not suffice, by the model alone, or is used up."""
        allowed = budget.allowance
        limits = [each if each is None else Decimal(each) for each in (allowed.calls, allowed.tokens, allowed.money)]
        mine = [each for holder, each in self.open.values() if budget in self.up(holder)]
        for kind, limit in enumerate(limits):
            settled, wanted = Decimal(self.settled[budget][kind]), Decimal(asked[kind])
            taken = settled + sum(Decimal(each[kind]) for each in mine)
            if limit is not None and (settled >= limit or taken + wanted > limit):
                return True
        return False

    @rule(
        target=holds,
        which=st.integers(0, 11),
        calls=st.integers(0, 3),
        tokens=st.integers(0, 40),
        cents=st.integers(0, 99),
    )
    def reserve(self, which: int, calls: int, tokens: int, cents: int) -> Hold | None:
        budget, asked = self.tree[which], (calls, tokens, Decimal(cents) / 100)
        short = [part.name for part in self.up(budget) if self.lacks(part, asked)]
        if short:
            with pytest.raises(BudgetExhausted, match=f"'{short[0]}'"):
                budget.reserve(calls=calls, tokens=tokens, money=asked[2])
            return None
        hold = budget.reserve(calls=calls, tokens=tokens, money=asked[2])
        self.open[hold] = budget, asked
        return hold

    @rule(hold=consumes(holds), share=st.sampled_from([0.0, 0.5, 1.0, 1.5]), known=st.booleans())
    def settle(self, hold: Hold | None, share: float, known: bool) -> None:
        if hold is None:
            return
        budget, (calls, tokens, money) = self.open.pop(hold)
        used = int(tokens * share)
        hold.settle(Usage(calls=calls, tokens=used if known else None, money=f"{money:f}", currency="USD"))
        for part in self.up(budget):
            before = self.settled[part]
            counted = used if known else tokens
            self.settled[part] = before[0] + calls, before[1] + counted, before[2] + money
            self.above[part] += max(0, counted - tokens)

    @rule(hold=consumes(holds))
    def cancel(self, hold: Hold | None) -> None:
        if hold is not None:
            hold.cancel()
            del self.open[hold]

    @invariant()
    def the_books_agree(self) -> None:
        for budget in self.tree:
            counted, reserved, limit = budget.counted, budget.reserved, budget.allowance
            assert (counted.calls, counted.tokens, Decimal(counted.money or "")) == self.settled[budget]
            mine = [asked for holder, asked in self.open.values() if budget in self.up(holder)]
            assert (reserved.calls, reserved.tokens) == (sum(each[0] for each in mine), sum(each[1] for each in mine))
            assert Decimal(reserved.money or "") == sum(each[2] for each in mine)
            if limit.calls is not None:
                assert (counted.calls or 0) + (reserved.calls or 0) <= limit.calls
            if limit.tokens is not None:
                # Never more than was allowed, but for what was used above its own reservation.
                assert (counted.tokens or 0) + (reserved.tokens or 0) <= limit.tokens + self.above[budget]
            if budget.parent is not None:
                assert (budget.parent.counted.tokens or 0) >= (counted.tokens or 0)


TestTree = Tree.TestCase

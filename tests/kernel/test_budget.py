"""The books of budgets, and how what attempts used is added up by `evolve`."""

import decimal
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import BudgetExhausted, DefinitionError, IllegalEvent, UsageError
from agentkit.kernel import (
    UNKNOWN_USAGE,
    Account,
    Allowance,
    Amounts,
    Approval,
    Asked,
    AttemptCancelled,
    AttemptFailed,
    AttemptSucceeded,
    CancelRequested,
    Doubtful,
    Event,
    Failed,
    OperationAdopted,
    Outcome,
    Stage,
    State,
    Stopped,
    Succeeded,
    Usage,
    Workflow,
    decide,
    evolve,
    open_stage,
    replay,
    undo,
    workflow_as_written,
    workflow_data,
    workflow_from_data,
)
from tests.kernel.scenes import NO, accepted, begun, start_next, started, succeeded

USD = Usage(calls=1, tokens=10, money="0.10", currency="USD")
BUDGETED: Workflow[object] = Workflow(
    "flow", [Stage("one", agent="ada", budget=Allowance(calls=5)), Stage("two", agent="ada")], budget=Allowance(calls=9)
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"calls": -1},
        {"calls": True},
        {"tokens": 1.5},
        {"seconds": float("nan")},
        {"money": 0.1, "currency": "USD"},
        {"money": "1e5", "currency": "USD"},
        {"money": "-1", "currency": "USD"},
        {"money": "٣", "currency": "USD"},
        {"money": Decimal("1E+50"), "currency": "USD"},
        {"money": "1"},
        {"currency": "two words"},
    ],
    ids=str,
)
def test_a_usage_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match=f"usage: {next(iter(wrong))}"):
        Usage(**wrong)


def test_money_is_written_as_digits_whatever_it_was_given_as() -> None:
    given: Any = Decimal("1E+2")

    assert Usage(money=given, currency="USD").money == "100"


@given(st.lists(st.decimals(0, 10**6, places=18), min_size=1, max_size=20))
def test_sums_of_money_are_exact_whatever_the_context_of_the_caller(amounts: list[Decimal]) -> None:
    total = Usage()
    with decimal.localcontext() as context:
        context.prec = 3
        for amount in amounts:
            total += Usage(money=f"{amount:f}", currency="USD")

    with decimal.localcontext() as context:
        context.prec = 60
        assert Decimal(total.money or "") == sum(amounts)


def test_what_is_unknown_of_one_is_unknown_of_both() -> None:
    total = USD + Usage(calls=1, tokens=None)

    assert (total.calls, total.tokens, total.money) == (2, None, "0.10")


def test_what_is_known_of_an_unknown_sum_stays_known() -> None:
    total = UNKNOWN_USAGE + USD + UNKNOWN_USAGE + replace(USD, tokens=None, least_tokens=4)

    assert (total.calls, total.tokens, total.money) == (None, None, None)
    assert total.known == Usage(calls=2, tokens=14, money="0.20", currency="USD")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"least_tokens": 5}, "least_tokens is for what is unknown: give tokens=None"),
        ({"tokens": None, "least_tokens": -1}, "usage: least_tokens must be a whole number"),
        ({"seconds": None, "least_seconds": -1}, "usage: least_seconds must be at least 0"),
        ({"money": None, "least_money": "x", "currency": "USD"}, "least_money must be an exact amount"),
        ({"money": None, "least_money": "1"}, "least_money: 1 of which currency"),
    ],
)
def test_a_least_amount_that_is_none_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        Usage(**wrong)


def test_a_limit_is_kept_and_says_what_is_lacking() -> None:
    account = Account(Allowance(tokens=100), name="writer")
    account.reserve(Amounts(tokens=60))

    with pytest.raises(BudgetExhausted, match=r"'writer' .* tokens: 2,000 needed, 40 left; .* fallback") as raised:
        account.reserve(Amounts(tokens=2_000))

    error = raised.value
    assert (error.budget, error.kind, error.asked, error.left) == ("writer", "tokens", "2,000", "40")
    assert (error.code, error.retryable) == ("budget_exhausted", False)


@pytest.mark.parametrize(
    ("limit", "asked"),
    [
        (Allowance(calls=1), Amounts(calls=2)),
        (Allowance(seconds=1.5), Amounts(seconds=1.6)),
        (Allowance(tokens=1), Amounts(tokens=2)),
        (Allowance(money="1.00", currency="USD"), Amounts(money=Decimal("1.01"))),
    ],
    ids=["calls", "seconds", "tokens", "money"],
)
def test_every_kind_is_limited(limit: Allowance, asked: Amounts) -> None:
    account = Account(limit)
    account.check(Amounts())

    with pytest.raises(BudgetExhausted):
        account.reserve(asked)
    assert account.reserved == Amounts()


def test_a_used_up_limit_gives_nothing_of_any_kind() -> None:
    account = Account(Allowance(tokens=100))
    account.settle(Amounts(), Usage(tokens=100))

    with pytest.raises(BudgetExhausted, match="tokens"):
        account.reserve(Amounts(calls=1))


def test_a_limit_of_nothing_forbids_that_kind_alone() -> None:
    account = Account(Allowance(money=0, currency="USD", calls=5))
    account.reserve(Amounts(calls=1))

    with pytest.raises(BudgetExhausted, match=r"money: 0\.01 USD needed, 0 USD left"):
        account.reserve(Amounts(money=Decimal("0.01")))
    assert not account.is_tight


def test_all_above_must_have_it_or_nobody_gives_it() -> None:
    root = Account(Allowance(calls=1), name="root")
    leaf = Account(Allowance(calls=5), name="leaf", parent=Account(name="middle", parent=root))
    root.reserve(Amounts(calls=1))

    with pytest.raises(BudgetExhausted, match="'root'"):
        leaf.reserve(Amounts(calls=1))
    assert [account.reserved.calls for account in leaf.chain] == [0, 0, 1]


def test_what_is_unknown_counts_as_it_was_reserved() -> None:
    account = Account(Allowance(tokens=100))
    reserved = Amounts(calls=1, tokens=60)
    account.reserve(reserved)
    account.settle(reserved, Usage(calls=1, tokens=None))

    assert (account.spent.tokens, account.counted.tokens, account.left.tokens) == (None, 60, 40)


def test_what_was_settled_as_known_stays_known_beside_what_is_not() -> None:
    account = Account(Allowance(tokens=100))
    account.settle(Amounts(), Usage(calls=1, tokens=5))
    account.reserve(Amounts(calls=1, tokens=7))
    account.settle(Amounts(calls=1, tokens=7), Usage(calls=1, tokens=None, least_tokens=3))
    other = Account()
    for _ in range(2):
        other.catch_up(account.spent, Usage(calls=2, tokens=12))

    assert (account.spent, account.counted.tokens) == (Usage(calls=2, tokens=None, least_tokens=8), 12)
    assert (other.spent, other.counted.tokens) == (account.spent, 12)


def test_more_than_was_reserved_counts_and_leaves_nothing() -> None:
    account = Account(Allowance(tokens=100))
    account.reserve(Amounts(tokens=10))
    account.settle(Amounts(tokens=10), Usage(tokens=150))

    assert (account.counted.tokens, account.left.tokens, account.is_exhausted) == (150, 0, True)


def test_the_soft_share_is_reached_by_what_is_reserved_too() -> None:
    account = Account(Allowance(tokens=100, soft=0.5))
    account.reserve(Amounts(tokens=49))
    loose = account.is_tight
    account.reserve(Amounts(tokens=1))

    assert (loose, account.is_tight, account.is_exhausted) == (False, True, False)


def test_the_first_call_takes_over_what_was_reserved_ahead() -> None:
    root = Account(Allowance(calls=1))
    leaf = Account(parent=root)
    leaf.reserve(Amounts(calls=1))
    leaf.ahead = Amounts(calls=1)
    leaf.reserve(Amounts(calls=1, tokens=5))

    assert (root.reserved, leaf.reserved, leaf.ahead) == (Amounts(1, 0.0, 5), Amounts(1, 0.0, 5), Amounts())


def test_closed_books_count_what_is_open_and_take_nothing_more() -> None:
    root = Account()
    leaf = Account(parent=root)
    leaf.reserve(Amounts(calls=1, tokens=5))
    leaf.close()

    assert (root.counted, root.reserved, root.spent.tokens) == (Amounts(1, 0.0, 5), Amounts(), None)
    with pytest.raises(UsageError, match="is over"):
        leaf.reserve(Amounts(calls=1))


def test_catching_up_raises_to_what_is_known_elsewhere_and_never_lowers() -> None:
    root = Account()
    leaf = Account(parent=root)
    leaf.settle(Amounts(), Usage(calls=5))
    leaf.catch_up(Usage(calls=3, tokens=None), Usage(calls=3, tokens=7))
    leaf.catch_up(Usage(calls=6), Usage(calls=6), alone=True)

    assert (leaf.counted.calls, leaf.counted.tokens, root.counted.calls, root.counted.tokens) == (6, 7, 5, 7)
    assert (root.spent.tokens, leaf.spent.calls) == (None, 6)


def test_currencies_do_not_mix() -> None:
    root = Account(Allowance(money=5, currency="USD"), name="root")
    leaf = Account(parent=root)

    for wrong in (
        lambda: Account(Allowance(money=5, currency="EUR"), parent=root),
        lambda: leaf.reserve(Amounts(money=Decimal(1)), "EUR"),
        lambda: leaf.settle(Amounts(), Usage(money="1", currency="EUR")),
        lambda: leaf.catch_up(Usage(), Usage(money="1", currency="EUR")),
    ):
        with pytest.raises(DefinitionError, match=r"is in USD and cannot count money in EUR"):
            wrong()
    assert root.counted == root.reserved == Amounts()


def test_money_needs_a_currency_from_somebody() -> None:
    account = Account()

    with pytest.raises(DefinitionError, match="of which currency"):
        account.reserve(Amounts(money=Decimal(1)))
    account.reserve(Amounts(money=Decimal(1)), "USD")
    assert account.currency == "USD"


@pytest.mark.parametrize("inner", [{"budget": Allowance(money=1, currency="EUR")}, {"workflow": True}], ids=str)
def test_a_workflow_in_two_currencies_is_refused(inner: dict[str, Any]) -> None:
    child: Workflow[object] = Workflow("child", [Stage("only", agent="ada")], budget=Allowance(money=1, currency="EUR"))
    settings: dict[str, Any] = {"workflow": child} if "workflow" in inner else {"agent": "ada", **inner}

    with pytest.raises(DefinitionError, match="stage 'one': budget is in EUR and that of the workflow in USD"):
        Workflow("flow", [Stage("one", **settings)], budget=Allowance(money=1, currency="USD"))


def grouped(**settings: Any) -> Workflow[object]:
    """Two stages of one group; the first has a fallback, and the second is undone by another agent."""
    stages = [
        Stage("one", agent="ada", group="charts", fallback=["bob"]),
        Stage("two", agent="ada", group="charts", undo="cyd"),
        Stage("rest", agent="ada"),
    ]
    return Workflow("flow", stages, **settings)


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        (
            {"group_budgets": {"chart": Allowance(), "charts": Allowance()}},
            ["workflow: group_budgets names 'chart', which is no group; known are 'charts'"],
        ),
        (
            {"agent_budgets": {"bob": Allowance(), "cyd": Allowance(), "dan": Allowance()}},
            ["workflow: agent_budgets names 'dan', which is the agent of no stage; known are 'ada', 'bob', 'cyd'"],
        ),
        (
            {"group_budgets": {"charts": 5}, "agent_budgets": ["ada"]},
            [
                "workflow: group_budgets: 'charts' must be an Allowance, not 5",
                "workflow: agent_budgets must be a mapping of names to allowances, not ['ada']",
            ],
        ),
        (
            {
                "budget": Allowance(money=1, currency="USD"),
                "group_budgets": {"charts": Allowance(money=1, currency="EUR")},
                "agent_budgets": {"ada": Allowance(money=1, currency="CHF")},
            },
            [
                f"{whose}: budget is in {currency} and that of the workflow in USD;"
                " their money is counted together, so give both in one currency"
                for whose, currency in (("group 'charts'", "EUR"), ("agent 'ada'", "CHF"))
            ],
        ),
    ],
    ids=["group", "agent", "kind", "currency"],
)
def test_a_budget_of_a_group_or_an_agent_fits_to_its_workflow(settings: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(DefinitionError) as raised:
        grouped(**settings)

    assert list(raised.value.problems) == problems


def test_money_deep_inside_is_of_the_same_currency() -> None:
    euros = {"ada": Allowance(money=1, currency="EUR")}
    child: Workflow[object] = Workflow("child", [Stage("only", agent="ada")], agent_budgets=euros)
    middle: Workflow[object] = Workflow("middle", [Stage("inner", workflow=child)])

    with pytest.raises(DefinitionError, match="stage 'one': budget is in EUR and that of the workflow in USD"):
        Workflow("flow", [Stage("one", workflow=middle)], budget=Allowance(money=1, currency="USD"))
    assert middle.currency == "EUR"


def test_budgets_of_groups_and_agents_do_not_change_after_the_check() -> None:
    given = {"charts": Allowance(calls=1)}
    workflow = grouped(group_budgets=given)
    given["other"] = Allowance()

    assert workflow.group_budgets == {"charts": Allowance(calls=1)}
    assert deepcopy(workflow) == workflow


def test_budgets_of_groups_and_agents_survive_the_way_through_data() -> None:
    workflow = grouped(
        group_budgets={"charts": Allowance(calls=1)}, agent_budgets={"bob": Allowance(money="0.50", currency="USD")}
    )
    data = workflow_data(workflow)

    assert data["group_budgets"] == {"charts": {"calls": 1}}
    assert data["agent_budgets"] == {"bob": {"money": "0.50", "currency": "USD"}}
    assert workflow_from_data(data) == workflow_as_written(data) == workflow
    for setting in ("group_budgets", "agent_budgets"):
        assert grouped(**{setting: getattr(workflow, setting)}) not in (workflow, grouped())


def test_wrong_budgets_in_data_are_told_by_their_place() -> None:
    data = workflow_data(grouped())
    wrong = {
        "budget": {"tokens": -1},
        "group_budgets": {"charts": {"calls": -1}},
        "agent_budgets": {"ada": {"cals": 1}},
    }

    with pytest.raises(DefinitionError) as raised:
        workflow_from_data({**data, **wrong})
    first, second, third = raised.value.problems
    assert first.startswith("workflow: budget: tokens must be")
    assert second.startswith("workflow: group_budgets: 'charts': budget: calls must be")
    assert third.startswith("workflow: agent_budgets: 'ada': unknown setting 'cals'")


def test_budgets_survive_the_way_through_data() -> None:
    allowance = Allowance(calls=1, seconds=2, tokens=3, money="4.50", currency="USD", soft=0.5, repeats=3)
    workflow: Workflow[object] = Workflow("flow", [Stage("one", agent="ada", budget=allowance)], budget=allowance)

    assert workflow_from_data(workflow_data(workflow)) == workflow


@pytest.mark.parametrize("wrong", [{"repeats": 1}, {"money": Decimal("1E+90"), "currency": "USD"}], ids=str)
def test_an_allowance_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match=f"budget: {next(iter(wrong))}"):
        Allowance(**wrong)


def running(workflow: Workflow[object] = BUDGETED) -> State:
    return begun(workflow, started("one"))


def test_what_attempts_used_is_summed_and_counted_by_stage() -> None:
    state = running()
    evolve(state, AttemptSucceeded(at=1, stage="one", attempt=1, value="1", usage=USD))
    evolve(state, started("two"))
    unknown = Usage(calls=1, tokens=None)
    counted = Usage(calls=1, tokens=50)
    evolve(state, AttemptFailed(at=2, stage="two", attempt=1, failure=NO, then="fail", usage=unknown, counted=counted))

    assert state.usage == Usage(calls=2, tokens=None, least_tokens=10, money="0.10", currency="USD")
    assert state.counted == Usage(calls=2, tokens=60, money="0.10", currency="USD")
    assert state.counted_by == {"stage one": USD}


def test_items_count_for_their_stage() -> None:
    workflow: Workflow[object] = Workflow(
        "flow",
        [
            Stage("one", agent="ada", map="items", after=["items"], budget=Allowance(calls=5)),
            Stage("items", agent="ada"),
        ],
    )
    state = begun(workflow, started("items"), AttemptSucceeded(at=0, stage="items", attempt=1, value="[1,2]"))
    evolve(state, open_stage(state, 0, 0.0, {}))
    evolve(state, started("one[1]"))
    evolve(state, AttemptSucceeded(at=0, stage="one[1]", attempt=1, value="1", usage=USD))

    assert state.counted_by == {"stage one": USD}


LIMITED = grouped(
    group_budgets={"charts": Allowance(calls=9)},
    agent_budgets={name: Allowance(calls=9) for name in ("ada", "bob", "cyd")},
)


def test_an_attempt_counts_for_its_group_and_for_the_agent_that_worked() -> None:
    state = begun(LIMITED)
    _, command = start_next(state, "one")
    (failed,) = decide(state, command, Failed(failure=NO, usage=USD), 1.0)
    evolve(state, failed)
    for event in (started("one", 2, agent="bob"), replace(succeeded("one", 2), usage=USD)):
        evolve(state, event)
    for event in (started("rest"), replace(succeeded("rest"), usage=USD)):
        evolve(state, event)

    assert state.counted_by == {"group charts": USD + USD, "agent ada": USD + USD, "agent bob": USD}


def test_an_agent_without_a_budget_counts_for_nobody_else() -> None:
    state = begun(grouped(agent_budgets={"bob": Allowance(calls=9)}))
    _, command = start_next(state, "one")
    (failed,) = decide(state, command, Failed(failure=NO, usage=USD), 1.0)
    evolve(state, failed)
    before = dict(state.counted_by)
    for event in (started("one", 2, agent="bob"), replace(succeeded("one", 2), usage=USD)):
        evolve(state, event)

    assert (before, state.counted_by) == ({}, {"agent bob": USD})


def test_an_undoing_counts_for_the_group_of_its_stage_and_for_its_own_agent() -> None:
    done, wanted = replace(succeeded("two"), usage=USD), CancelRequested(at=1)
    state = begun(LIMITED, started("two"), done, wanted)
    evolve(state, undo(state, 1.0))
    start_next(state, "two:undo")
    evolve(state, replace(succeeded("two:undo"), usage=USD))

    assert state.counted_by == {"group charts": USD + USD, "agent ada": USD, "agent cyd": USD}


def test_an_attempt_that_is_lost_counts_for_its_group_and_its_agent() -> None:
    state = begun(LIMITED, started("one"), OperationAdopted(at=1, owner="b", after_death=True))

    assert state.counted_by == {"group charts": Usage(calls=1), "agent ada": Usage(calls=1)}


ENDINGS: list[tuple[Outcome, list[Event]]] = [
    (Succeeded(value="1", usage=USD, counted=USD), []),
    (Failed(failure=NO, usage=USD, counted=USD), []),
    (Asked(name="sure", approval=Approval(), usage=USD, counted=USD), []),
    (Doubtful(reason="lost", usage=USD, counted=USD), []),
    (Stopped(usage=USD, counted=USD), [CancelRequested(at=0)]),
    (Asked(name="sure", approval=Approval(), usage=USD, counted=USD), [CancelRequested(at=0)]),
]


@pytest.mark.parametrize(("outcome", "before"), ENDINGS, ids=range(len(ENDINGS)))
def test_however_an_attempt_ends_what_it_used_is_on_the_journal(outcome: Outcome, before: list[Event]) -> None:
    state = begun(BUDGETED)
    event, command = start_next(state, "one")
    for each in before:
        evolve(state, each)
    decided = decide(state, command, outcome, 1.0)
    journal = [accepted(BUDGETED), event, *before, *decided]

    assert (replay(journal).usage, replay(journal).counted, replay(journal).counted_by) == (
        USD,
        USD,
        {"stage one": USD},
    )


def test_a_success_in_another_currency_fails_and_a_failure_is_unknown() -> None:
    state = begun(BUDGETED)
    state.usage = USD
    _, command = start_next(state, "one")
    euro = Usage(calls=1, money="1", currency="EUR")
    (refused,) = decide(state, command, Succeeded(value="1", usage=euro), 1.0)
    (failed,) = decide(state, command, Failed(failure=NO, usage=euro), 1.0)

    assert isinstance(refused, AttemptFailed)
    assert refused.failure.code == "definition_invalid"
    assert isinstance(failed, AttemptFailed)
    assert (failed.failure, failed.usage, failed.counted) == (NO, UNKNOWN_USAGE, Usage(calls=1))


def test_an_event_in_another_currency_is_illegal_and_changes_nothing() -> None:
    state = running()
    state.usage = USD
    euro = Usage(money="1", currency="EUR")

    with pytest.raises(IllegalEvent, match="USD and EUR"):
        evolve(state, AttemptSucceeded(at=1, stage="one", attempt=1, value="1", usage=euro))
    assert (state.usage, state.stage("one").status) == (USD, "running")


def test_what_a_lost_attempt_used_is_unknown_and_counts_as_a_call() -> None:
    state = running()
    evolve(state, OperationAdopted(at=1, owner="b", after_death=True))

    assert (state.usage, state.counted, state.counted_by) == (
        UNKNOWN_USAGE,
        Usage(calls=1),
        {"stage one": Usage(calls=1)},
    )


def test_without_a_budget_nobody_counts_what_is_lost() -> None:
    state = running(Workflow("flow", [Stage("one", agent="ada")]))
    evolve(state, OperationAdopted(at=1, owner="b", after_death=True))

    assert state.usage == Usage()


def test_an_agent_that_takes_over_from_an_exhausted_budget_is_known_as_such() -> None:
    workflow: Workflow[object] = Workflow("flow", [Stage("one", agent="ada", fallback=["bob"])])
    state = begun(workflow)
    _, command = start_next(state, "one")
    exhausted = Failed(failure=NO.__class__(code="budget_exhausted", type="BudgetExhausted", message=""))
    for event in decide(state, command, exhausted, 1.0):
        evolve(state, event)

    more = state.stage("one").more
    assert more is not None
    assert more.is_spent
    assert AttemptCancelled(at=0, stage="one", attempt=1).usage is None

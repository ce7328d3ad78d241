"""People decide: before a stage's work, in the middle of an agent's, and alone."""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import ApprovalAnswer, Task, agent
from agentkit.errors import (
    InputError,
    JournalCorrupt,
    NotAllowed,
    NotFound,
    OperationFailed,
    TooLate,
)
from agentkit.kernel import (
    Approval,
    ApprovalDecided,
    ApprovalReminded,
    BusinessDays,
    Event,
    Map,
    RetryPolicy,
    Stage,
    VoteCast,
    Workflow,
)
from agentkit.orchestrator import Operation
from agentkit.stores import MemoryStore
from agentkit.testing.faults import Fault, FaultyStore
from tests.orchestrator.scenes import ended, journal_of, now, opened, scripted, words

DAY = 86_400.0


def pay(**approval: Any) -> Workflow[object]:
    """A stage that waits for people before it pays."""
    return Workflow("pay", [Stage("pay", agent="ada", approval=Approval(**approval))])


async def asking(operation: Operation[Any], stage: str = "pay") -> None:
    """Wait until it asks."""
    state = await operation.at_rest()
    assert state.stage(stage).status == "waiting"


def votes(journal: Sequence[object]) -> list[tuple[str, bool]]:
    return [(event.by, event.approve) for event in journal if isinstance(event, VoteCast)]


async def test_the_work_begins_when_enough_people_agreed() -> None:
    ada = scripted("ada", "paid")
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(pay(by={"finance"}, quorum=2))
        await asking(operation)
        await operation.approve("pay", by="bob", roles={"finance"})
        await operation.approve("pay", by="bea", roles=["sales", "finance"], comment="fine")
        result = await operation
        journal = await journal_of(operation)

    assert (result.output, ada.runs, votes(journal)) == ("paid", 1, [("bob", True), ("bea", True)])
    assert words(journal).index("ApprovalDecided pay") < words(journal).index("AttemptStarted pay")
    assert ada.tasks[0].approval_given == ApprovalAnswer(approved=True, by=("bob", "bea"), comments={"bea": "fine"})


async def test_one_who_refuses_is_enough_and_fails_the_stage() -> None:
    ada = scripted("ada", "paid")
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(pay(quorum=2))
        await asking(operation)
        await operation.approve("pay", by="bob")
        await operation.refuse("pay", by="bea", comment="too much")
        with pytest.raises(OperationFailed, match="bea refused: too much"):
            await operation

    assert ada.runs == 0


async def test_a_stage_of_only_an_approval_gives_the_decision_as_its_value() -> None:
    flow: Workflow[object] = Workflow("ask", [Stage("ask", approval=Approval(form={"amount": "decimal"}))])
    async with opened() as orchestrator:
        operation = await orchestrator.submit(flow)
        await asking(operation, "ask")
        await operation.refuse("ask", by="bea", form={"amount": Decimal("1E+2")})
        answer = ApprovalAnswer.parse((await operation).output_json)

    assert answer == ApprovalAnswer(approved=False, by=("bea",), form={"amount": "100"})


async def test_an_agent_asks_in_the_middle_of_its_work_and_is_run_again_with_the_answer() -> None:
    begun: list[int] = []

    @agent
    async def refund(task: Task[object]) -> str:
        begun.append(task.attempt)
        answer = await task.approval("refund", by={"finance"}, question="Refund 10?", form={"until": "date?"})
        return f"{'paid' if answer else 'kept'} until {answer.form.get('until')}"

    async with opened(refund) as orchestrator:
        operation = await orchestrator.submit(Workflow("refund", [Stage("pay", agent="refund")]))
        await asking(operation)
        (asked,) = await operation.questions()
        await operation.approve("pay", name="refund", by="bob", roles="finance", form={"until": date(2026, 1, 31)})
        result = await operation

    assert (asked.name, asked.question, asked.roles, asked.is_open) == ("refund", "Refund 10?", ("finance",), True)
    assert (result.output, begun) == ("paid until 2026-01-31", [1, 2])


@pytest.mark.parametrize("on_loop", [True, False])
async def test_a_refusal_of_an_agents_question_is_an_answer_and_no_failure(on_loop: bool) -> None:
    @agent(name="ada")
    async def waits(task: Task[object]) -> list[bool]:
        return [(await task.approval(name)).approved for name in ("first", "second")]

    @agent(name="ada")
    def blocks(task: Task[object]) -> list[bool]:
        return [task.approval(name).approved for name in ("first", "second")]

    async with opened(waits if on_loop else blocks) as orchestrator:
        operation = await orchestrator.submit(Workflow("two", [Stage("pay", agent="ada")]))
        await asking(operation)
        await operation.refuse("pay", name="first", by="bob")
        await asking(operation)
        await operation.approve("pay", name="second", by="bob")
        result = await operation

    assert result.output == [False, True]


@agent(name="ada")
async def ask_twice(task: Task[object]) -> list[bool]:
    """Asks one thing after another."""
    return [(await task.approval(name)).approved for name in ("first", "second")]


@pytest.mark.parametrize("agrees", [True, False])
async def test_without_a_name_the_first_question_of_a_stage_is_answered_and_no_later_one(agrees: bool) -> None:
    async with opened(ask_twice) as orchestrator:
        operation = await orchestrator.submit(Workflow("two", [Stage("pay", agent="ada")]))
        answer = operation.approve if agrees else operation.refuse
        await asking(operation)
        await answer("pay", by="bob")
        await asking(operation)
        with pytest.raises(NotFound, match=r"'third'; it asks 'second': give name='second'$"):
            await answer("pay", by="bob", name="third")
        with pytest.raises(NotFound, match=r"no question of its own; it asks 'second': give name='second'$"):
            await answer("pay", by="bob", name="")
        # Whoever says it once more has not seen what was asked since.
        with pytest.raises(NotFound, match=r"no question of its own; it asks 'second': give name='second'$"):
            await answer("pay", by="bob")
        await answer("pay", by="bob", name="second")
        result = await operation

    assert result.output == [agrees, agrees]


async def test_a_vote_without_a_name_for_the_stage_itself_never_falls_to_what_its_agent_asks_since() -> None:
    async with opened(ask_twice) as orchestrator:
        operation = await orchestrator.submit(pay())
        await asking(operation)
        await operation.approve("pay", by="bob")
        await asking(operation)
        with pytest.raises(TooLate, match="decided before: approved"):
            await operation.approve("pay", by="bea")

        assert [one.name for one in await operation.questions() if one.is_open] == ["first"]


async def test_who_names_a_stage_whose_items_ask_is_told_which_ones_do() -> None:
    @agent(name="ada")
    async def ask(task: Task[object]) -> bool:
        return (await task.approval("sure")).approved

    async with opened(ask) as orchestrator:
        operation = await orchestrator.submit(Workflow("many", [Stage("pay", agent="ada", map=Map())]), [1, 2])
        await operation.at_rest()
        with pytest.raises(NotFound, match=r"'pay\[0\]' asks 'sure': give name='sure'; 'pay\[1\]' asks 'sure'"):
            await operation.approve("pay", by="bob")
        await operation.approve("pay[1]", by="bob")


@pytest.mark.parametrize("goes_wrong", [False, True])
async def test_agents_may_ask_several_things_at_once(goes_wrong: bool) -> None:
    async def fail() -> None:
        raise ValueError("by the way")

    @agent(name="ada")
    async def ask(task: Task[object]) -> int:
        async def one(name: str) -> bool:
            return (await task.approval(name)).approved

        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one(name)) for name in ("first", "second")]
            if goes_wrong:
                group.create_task(fail())
        return sum(answer.result() for answer in asked)

    async with opened(ask) as orchestrator:
        operation = await orchestrator.submit(Workflow("two", [Stage("pay", agent="ada")]))
        if goes_wrong:
            with pytest.raises(OperationFailed):
                await operation
            return
        for name in ("first", "second"):
            await asking(operation)
            await operation.approve("pay", name=name, by="bob")
        assert (await operation).output == 2


async def test_asking_counts_as_no_try() -> None:
    @agent(name="ada")
    async def ask(task: Task[object]) -> str:
        await task.approval("sure")
        raise ValueError("not yet")

    flow: Workflow[object] = Workflow("f", [Stage("pay", agent="ada", retry=RetryPolicy(attempts=2, delay=1))])
    async with opened(ask) as orchestrator:
        operation = await orchestrator.submit(flow)
        await asking(operation)
        await operation.approve("pay", name="sure", by="bob")
        await ended(operation)
        journal = await journal_of(operation)

    assert words(journal).count("AttemptStarted pay") == 3


@pytest.mark.parametrize(
    ("settings", "vote", "error", "said"),
    [
        ({"by": {"finance"}}, {"by": "bob"}, NotAllowed, "one of these roles may: finance"),
        ({"by": {"finance"}}, {"by": "bob", "roles": {"sales"}}, NotAllowed, "'bob' may not vote"),
        ({}, {"by": "eve"}, NotAllowed, "'eve' asked for this operation"),
        ({}, {"by": ""}, InputError, "a vote needs the name"),
        ({}, {"by": "bob", "name": "refund"}, NotFound, "'refund'; it asks for its approval: give no name"),
        ({}, {"by": "bob", "form": {"amount": "1"}}, InputError, "'amount' is no field of the form"),
        ({"form": {"amount": "decimal"}}, {"by": "bob"}, InputError, "'amount' is missing"),
        ({"form": {"amount": "decimal"}}, {"by": "bob", "form": {"amount": "ten"}}, InputError, "must be decimal"),
        ({"form": {"n": "whole"}}, {"by": "bob", "form": {"n": True}}, InputError, "must be whole, not True"),
        ({"form": {"on": "date"}}, {"by": "bob", "form": {"on": "1.2.2026"}}, InputError, "must be date"),
        ({}, {"by": "bob", "comment": "x" * 10_001}, InputError, "comment has 10,001 letters"),
    ],
)
async def test_a_vote_that_may_not_be_is_a_clear_error_and_changes_nothing(
    settings: dict[str, Any], vote: dict[str, Any], error: type[Exception], said: str
) -> None:
    async with opened(scripted("ada")) as orchestrator:
        operation = await orchestrator.submit(pay(**settings), by="eve")
        await asking(operation)
        before = await orchestrator.history(operation.id)
        for answer in (operation.approve, operation.refuse):
            if answer == operation.refuse and "missing" in said:
                continue
            with pytest.raises(error, match=said) as caught:
                await answer("pay", **vote)
            assert "'pay'" in str(caught.value)

        assert await orchestrator.history(operation.id) == before


async def test_nobody_votes_twice_nor_after_the_decision_nor_where_nothing_is_asked() -> None:
    async with opened(scripted("ada")) as orchestrator:
        operation = await orchestrator.submit(pay(quorum=2))
        await asking(operation)
        await operation.approve("pay", by="bob")
        with pytest.raises(TooLate, match="'bob' has voted before"):
            await operation.refuse("pay", by="bob")
        with pytest.raises(NotFound, match="has no stage 'nowhere'"):
            await operation.approve("nowhere", by="bob")
        await operation.approve("pay", by="bea")
        await operation
        with pytest.raises(TooLate, match="decided before: approved"):
            await operation.approve("pay", by="cyd")


async def test_what_is_asked_of_a_cancelled_operation_is_over() -> None:
    async with opened(scripted("ada")) as orchestrator:
        operation = await orchestrator.submit(pay())
        await asking(operation)
        await operation.cancel("no need")
        await ended(operation)
        with pytest.raises(TooLate, match="the operation is cancelled"):
            await operation.approve("pay", by="bob")

        assert await orchestrator.approvals() == []
        assert [asked.is_open for asked in await operation.questions()] == [False]


async def test_the_requester_may_vote_where_the_approval_says_so() -> None:
    async with opened(scripted("ada", "paid")) as orchestrator:
        operation = await orchestrator.submit(pay(by_requester=True), by="eve")
        await asking(operation)
        await operation.approve("pay", by="eve")

        assert (await operation).output == "paid"


async def test_who_asked_for_an_operation_approves_nothing_in_its_children() -> None:
    flow: Workflow[object] = Workflow("outer", [Stage("inner", workflow=pay())])
    async with opened(scripted("ada", "paid")) as orchestrator:
        operation = await orchestrator.submit(flow, by="eve", tenant="acme")
        await asyncio.sleep(1)
        (asked,) = await orchestrator.approvals()
        child = await orchestrator.get(asked.operation_id)
        with pytest.raises(NotAllowed, match="'eve' asked for this operation"):
            await child.approve("pay", by="eve")
        await child.approve("pay", by="bob")

        assert (await operation).output == "paid"
        assert (asked.requester, (await child.state()).tenant) == ("eve", "acme")


async def test_a_deadline_refuses_by_itself_and_nobody_has_to_ask() -> None:
    async with opened(scripted("ada"), rest_seconds=60.0) as orchestrator:
        began = now()
        operation = await orchestrator.submit(pay(deadline=3_600))
        with pytest.raises(OperationFailed, match="nobody decided in time"):
            await operation

        assert now() - began == pytest.approx(3_600, abs=1)
        with pytest.raises(TooLate, match="decided before: refused by its deadline"):
            await operation.approve("pay", by="bob")


async def test_a_deadline_may_approve() -> None:
    ada = scripted("ada", "paid")
    async with opened(ada) as orchestrator:
        result = await orchestrator.run(pay(deadline=600, on_expiry="approve"))

    assert result.output == "paid"
    assert ada.tasks[0].approval_given == ApprovalAnswer(approved=True, expired=True)


async def test_a_vote_at_the_deadline_comes_too_late() -> None:
    async with opened(scripted("ada"), adopt_seconds=1e6, rest_seconds=1.0) as orchestrator:
        operation = await orchestrator.submit(pay(deadline=600))
        await asking(operation)
        # Nobody looks for what is due here, so the deadline is not on the journal yet.
        await asyncio.sleep(600)
        with pytest.raises(TooLate, match="the deadline has passed"):
            await operation.approve("pay", by="bob")


async def test_a_deadline_in_business_days_counts_no_weekend_and_no_holiday() -> None:
    holidays = ["2024-01-02"]
    async with opened(scripted("ada")) as orchestrator:
        operation = await orchestrator.submit(pay(deadline=BusinessDays(5, holidays=holidays)))
        await asking(operation)
        (asked,) = await operation.questions()

        # 2024 began on a Monday: Tuesday is a holiday, then come Wednesday to Friday, Monday and Tuesday.
        assert asked.deadline is not None
        assert asked.deadline - asked.asked_at == 8 * DAY


async def test_people_are_reminded_and_then_others_may_decide_too() -> None:
    settings = {"by": {"finance"}, "remind": 1_000, "escalate": 2_500, "escalate_to": {"board"}, "deadline": 4_000}
    async with opened(scripted("ada", "paid")) as orchestrator:
        operation = await orchestrator.submit(pay(**settings))
        await asking(operation)
        with pytest.raises(NotAllowed):
            await operation.approve("pay", by="bob", roles={"board"})
        await asyncio.sleep(2_600)
        (asked,) = await operation.questions()
        await operation.approve("pay", by="bob", roles={"board"})
        journal = await journal_of(operation)

    began = asked.asked_at
    reminded = [event.at - began for event in journal if isinstance(event, ApprovalReminded)]
    assert reminded == [pytest.approx(1_000, abs=1), pytest.approx(2_000, abs=2)]
    assert (asked.escalated, asked.roles) == (True, ("finance", "board"))
    assert words(journal).count("ApprovalEscalated pay") == 1


async def test_the_inbox_lists_what_a_role_may_decide_newest_operation_first() -> None:
    async with opened(scripted("ada", *["paid"] * 9)) as orchestrator:
        for roles in ({"finance"}, {"sales"}, set[str]()):
            operation = await orchestrator.submit(pay(by=roles, question="Pay {amount}?"), {"amount": len(roles)})
            await asking(operation)
            await asyncio.sleep(1)
        await orchestrator.submit(Workflow("other", [Stage("other", agent="ada")]))

        everything = await orchestrator.approvals()
        assert [asked.roles for asked in everything] == [(), ("sales",), ("finance",)]
        assert [asked.roles for asked in await orchestrator.approvals(roles={"finance"})] == [(), ("finance",)]
        assert [asked.roles for asked in await orchestrator.approvals(roles="sales", limit=1)] == [()]
        assert everything[0].question == "Pay 0?"


async def test_the_inbox_lists_neither_what_is_decided_nor_what_has_ended() -> None:
    stages = [Stage(name, approval=Approval()) for name in ("one", "two")]
    store = MemoryStore()
    async with opened(store=store) as orchestrator:
        operation = await orchestrator.submit(Workflow("two", stages))
        await asking(operation, "two")
        await operation.approve("one", by="bob")
        await asyncio.sleep(1)
        assert [asked.stage for asked in await orchestrator.approvals()] == ["two"]
        await operation.cancel()
        await ended(operation)

        assert list(await orchestrator.approvals()) == []
        assert list(await store.find(waiting="approval")) == []


async def test_a_damaged_journal_hides_no_other_from_the_inbox(caplog: pytest.LogCaptureFixture) -> None:
    class Damaged(MemoryStore):
        broken = ""

        async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
            if stream == self.broken:
                raise JournalCorrupt(f"stream {stream} is damaged")
            return await super().read(stream, after=after, limit=limit)

    store = Damaged()
    async with opened(scripted("ada"), store=store) as orchestrator:
        kept, damaged = [await orchestrator.submit(pay()) for _ in range(2)]
        await asking(kept)
        await asking(damaged)
        store.broken = damaged.id

        assert [asked.operation_id for asked in await orchestrator.approvals()] == [kept.id]
        assert f"operation {damaged.id} cannot be read" in caplog.text


@pytest.mark.parametrize("adopt", [True, False])
async def test_votes_that_race_from_several_processes_are_counted_once_each(adopt: bool) -> None:
    store, ada = MemoryStore(), scripted("ada", "paid")
    async with opened(ada, store=store) as first, opened(ada, store=store.sibling(), adopt=adopt) as second:
        operation = await first.submit(pay(quorum=3))
        await asking(operation)
        others = [await door.get(operation.id) for door in (first, second)] * 4
        said = await asyncio.gather(
            *(door.approve("pay", by=f"p{n % 4}") for n, door in enumerate(others)), return_exceptions=True
        )
        result = await operation
        journal = await journal_of(operation)

    assert (result.output, ada.runs) == ("paid", 1)
    assert len(votes(journal)) == len(set(votes(journal))) == 3 == said.count(None)
    assert {type(error) for error in said if error is not None} == {TooLate}
    assert sum(isinstance(event, ApprovalDecided) for event in journal) == 1


async def test_a_vote_of_which_nobody_knows_whether_it_was_kept_counts_once() -> None:
    inner = MemoryStore()
    first = opened(scripted("ada", "paid"), store=inner)
    await first.open()
    operation = await first.submit(pay())
    await asking(operation)
    await first.close()
    store = FaultyStore(inner.sibling(), Fault(kind="fail_after", number=1, call="append"))
    async with opened(scripted("ada", "paid"), store=store) as orchestrator:
        operation = await orchestrator.get(operation.id)
        await operation.approve("pay", by="bob")
        with pytest.raises(TooLate, match="decided before"):
            await operation.approve("pay", by="bob")

        assert (await operation).output == "paid"

"""Effects on the journal of an operation: retries, restarts, doubts, fallbacks, continued operations, messages."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from agentkit.agents import Agent, Task, agent
from agentkit.errors import AgentKitError, EffectFailed, OperationFailed, TooLate, TryAgain
from agentkit.kernel import DoubtRaised, EffectCarried, EffectIntended, Map, RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Operation, Result
from agentkit.stores import MemoryStore
from agentkit.testing.agents import Sleep
from tests.orchestrator.scenes import ended, journal_of, now, opened, scripted

QUICK = RetryPolicy(attempts=3, delay=1, jitter=0)


def flow(*, retry: RetryPolicy = QUICK, **settings: Any) -> Workflow[object]:
    return Workflow("pay", [Stage("pay", agent="payer", retry=retry, **settings)])


class Bank:
    """The world outside: it pays once under a key, and its line drops as told."""

    def __init__(self, *drops: str) -> None:
        self.paid: list[str] = []
        self.asked = 0
        self._drops = list(drops)

    def pay(self, key: str) -> str:
        drop = self._drops.pop(0) if self._drops else ""
        if drop == "decline":
            raise EffectFailed("no cover")
        if drop == "before":
            raise ConnectionError("the line dropped")
        self.paid.append(key)
        if drop == "after":
            raise ConnectionError("the line dropped")
        return "receipt"

    def find(self, key: str) -> str | None:
        self.asked += 1
        return "receipt" if key in self.paid else None


def payer(bank: Bank, *, finds: bool = True, then: Callable[[Task[Any]], object] | None = None) -> Agent[Any, Any]:
    @agent(name="payer")
    async def work(task: Task[Any]) -> object:
        key = str(task.input) if task.index is not None else "INV-1"
        result = await task.effect("pay", key=key, reconcile=bank.find if finds else None).run(bank.pay)
        return result if then is None else then(task)

    return work


def output_of(result: Result[Any] | Exception) -> object:
    assert isinstance(result, Result)
    return result.output


def plain_payer(bank: Bank) -> Agent[Any, Any]:
    @agent(name="payer")
    def work(task: Task[Any]) -> object:
        with task.effect("pay", key="INV-1", reconcile=bank.find) as effect:
            if not effect.done:
                effect.confirm(bank.pay(effect.key))
        return effect.result

    return work


@pytest.mark.parametrize("kind", [payer, plain_payer])
@pytest.mark.parametrize(
    ("drops", "asked", "intended"),
    [
        ([], 0, 1),
        (["after"], 1, 1),
        (["before"], 1, 2),
        (["before", "after"], 2, 2),
        (["decline"], 0, 2),
        (["decline", "after"], 1, 2),
    ],
)
async def test_whatever_the_line_does_the_bank_pays_once(
    kind: Callable[[Bank], Agent[Any, Any]], drops: list[str], asked: int, intended: int
) -> None:
    bank = Bank(*drops)
    async with opened(kind(bank)) as orchestrator:
        operation = await orchestrator.submit(flow())
        result = await operation

        assert result.output == "receipt"
        assert bank.paid == [f"agentkit:{operation.id}:pay:pay:INV-1"]
        assert bank.asked == asked
        journal = await journal_of(operation)
        assert sum(isinstance(event, EffectIntended) for event in journal) == intended
        assert [effect.status for effect in await operation.effects()] == ["confirmed"]


async def test_a_later_attempt_does_not_repeat_what_was_confirmed() -> None:
    bank = Bank()

    def moody(task: Task[Any]) -> object:
        if task.attempt < 3:
            raise TryAgain
        return "done"

    async with opened(payer(bank, then=moody)) as orchestrator:
        operation = await orchestrator.submit(flow())

        assert (await operation).output == "done"
        assert len(bank.paid) == 1


@pytest.mark.parametrize(
    ("decision", "paid", "output"), [("done", 1, "by hand"), ("redo", 2, "receipt"), ("abort", 1, None)]
)
async def test_without_a_way_to_look_a_person_decides(decision: Any, paid: int, output: str | None) -> None:
    bank = Bank("after")
    async with opened(payer(bank, finds=False)) as orchestrator:
        operation = await orchestrator.submit(flow())
        await operation.at_rest()
        effect = (await operation.effects())[0]
        await operation.settle("pay", decision, by="ada", value="by hand" if decision == "done" else None)
        result = await ended(operation)

        assert (effect.name, effect.key, effect.status) == ("pay", "INV-1", "unknown")
        assert len(bank.paid) == paid
        assert isinstance(result, OperationFailed) if output is None else output_of(result) == output
        after = (await operation.effects())[0]
        assert (after.status, after.by) == {
            "done": ("confirmed", "ada"),
            "redo": ("confirmed", ""),
            "abort": ("unknown", ""),
        }[decision]


async def test_nobody_takes_over_from_an_agent_whose_effect_is_unknown() -> None:
    bank = Bank("after")
    async with opened(payer(bank, finds=False), scripted("other", "paid in cash")) as orchestrator:
        workflow = flow(retry=RetryPolicy(attempts=1), fallback=["other"], minimal="nothing")
        operation = await orchestrator.submit(workflow)
        state = await operation.at_rest()

        assert state.stage("pay").status == "in_doubt"
        raised = [event for event in await _so_far(operation) if isinstance(event, DoubtRaised)]
        assert [(event.name, event.key) for event in raised] == [("pay", "INV-1")]
        assert "the line dropped" in raised[0].reason
        await operation.settle("pay", "done", value="receipt")
        assert (await operation).output == "receipt"


async def test_a_fallback_takes_over_when_nothing_is_unknown() -> None:
    bank = Bank("decline")
    async with opened(payer(bank), scripted("other", "paid in cash")) as orchestrator:
        operation = await orchestrator.submit(flow(retry=RetryPolicy(attempts=1), fallback=["other"]))

        assert (await operation).output == "paid in cash"
        assert [(effect.status, effect.result) for effect in await operation.effects()] == [("failed", "no cover")]


async def test_a_fallback_knows_what_was_done_before_it() -> None:
    bank = Bank()

    @agent(name="other")
    async def other(task: Task[Any]) -> object:
        return await task.effect("pay", key="INV-1").run(bank.pay)

    def give_up(task: Task[Any]) -> object:
        raise ValueError("after the payment")

    async with opened(payer(bank, then=give_up), other) as orchestrator:
        operation = await orchestrator.submit(flow(retry=RetryPolicy(attempts=1), fallback=["other"]))

        assert (await operation).output == "receipt"
        assert len(bank.paid) == 1


async def test_an_attempt_that_is_over_can_have_no_effects() -> None:
    late: list[Exception] = []
    bank = Bank()

    @agent(name="payer")
    async def slow(task: Task[Any]) -> object:
        if task.attempt == 2:
            await asyncio.sleep(80)
            return "the second"
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(1_000)
        await asyncio.sleep(50)
        try:
            await task.effect("pay", key="INV-1").run(bank.pay)
        except AgentKitError as error:
            late.append(error)
        return None

    async with opened(slow) as orchestrator:
        operation = await orchestrator.submit(flow(retry=RetryPolicy(attempts=2, attempt_timeout=100)))

        assert (await operation).output == "the second"
        assert ([type(error) for error in late], bank.paid) == ([TooLate], [])


@pytest.mark.parametrize("when", ["intended", "confirmed"])
async def test_after_a_restart_the_attempt_goes_on_where_the_world_stands(when: str) -> None:
    store = MemoryStore()
    bank = Bank()

    @agent(name="payer")
    async def stuck(task: Task[Any]) -> object:
        async with task.effect("pay", key="INV-1") as effect:
            effect.confirm(bank.pay(effect.key))
            if when == "intended":
                # The process ends while the bank has answered, and nobody has written it down.
                effect._said = None
                await asyncio.sleep(1_000)
        await asyncio.sleep(1_000)
        return None

    async with opened(stuck, store=store) as first:
        operation = await first.submit(flow())
        await asyncio.sleep(1)
    async with opened(payer(bank), store=store) as second:
        again = await second.get(operation.id)

        assert (await again).output == "receipt"
        assert len(bank.paid) == 1
        assert bank.asked == (when == "intended")


@pytest.mark.parametrize("items", [["INV-1", "INV-2", "INV-3"]])
async def test_every_item_of_a_list_has_its_own_effects(items: list[str]) -> None:
    bank = Bank("", "after", "before")
    workflow = Workflow(
        "pay", [Stage("list", agent="lister"), Stage("pay", agent="payer", map="list", after=["list"], retry=QUICK)]
    )
    async with opened(payer(bank), scripted("lister", items)) as orchestrator:
        operation = await orchestrator.submit(workflow)

        assert (await operation).output == ["receipt"] * 3
        assert sorted(key.rpartition(":")[2] for key in bank.paid) == items
        assert {effect.stage for effect in await operation.effects()} == {"pay[0]", "pay[1]", "pay[2]"}


async def test_a_continued_operation_does_not_repeat_what_was_done() -> None:
    bank = Bank("", "after")
    broken = [True]

    @agent(name="payer")
    async def work(task: Task[Any]) -> object:
        key = str(task.input)
        result = await task.effect("pay", key=key, reconcile=bank.find).run(bank.pay)
        if key == "INV-1" and broken:
            raise ValueError("after the payment")
        return result

    @agent(name="lister")
    async def lister(task: Task[Any]) -> list[str]:
        return ["INV-1", "INV-2"]

    workflow = Workflow("pay", [Stage("list", agent="lister"), Stage("pay", agent="payer", map="list", after=["list"])])
    async with opened(work, lister) as orchestrator:
        operation = await orchestrator.submit(workflow)
        assert isinstance(await ended(operation), OperationFailed)
        broken.clear()
        again = await orchestrator.resume(operation.id)

        assert (await again).output == ["receipt", "receipt"]
        carried = [event for event in await journal_of(again) if isinstance(event, EffectCarried)]
        assert [(event.stage, event.key) for event in carried] == [("pay[0]", "INV-1"), ("pay[1]", "INV-2")]
        assert all(event.under.startswith(f"agentkit:{operation.id}:pay[") for event in carried)
        assert len(bank.paid) == len(set(bank.paid)) == 2
        assert [effect.status for effect in await again.effects()] == ["confirmed", "confirmed"]


async def test_items_with_one_key_have_effects_of_their_own_when_continued() -> None:
    told: list[str] = []
    broken = [True]

    @agent(name="payer")
    async def work(task: Task[Any]) -> object:
        if task.input == "b" and broken:
            await asyncio.sleep(1)
            raise ValueError("not yet")

        def tell(key: str) -> str:
            told.append(task.input)
            return str(task.input)

        return await task.effect("notify", key="monthly").run(tell)

    workflow = Workflow[object]("all", [Stage("n", agent="payer", map=Map(), required=True)])
    async with opened(work) as orchestrator:
        operation = await orchestrator.submit(workflow, ["a", "b"])
        assert isinstance(await ended(operation), OperationFailed)
        broken.clear()
        again = await orchestrator.resume(operation.id)

        assert (await again).output == ["a", "b"]
        fork = await orchestrator.fork(again, at="n")
        assert (await fork).output == ["a", "b"]
    assert told == ["a", "b"]


@pytest.mark.parametrize(("decision", "output", "paid"), [("done", "by hand", 1), ("redo", "receipt", 2)])
async def test_an_item_of_another_list_is_in_doubt_about_what_was_done(decision: Any, output: str, paid: int) -> None:
    bank = Bank()

    @agent(name="payer")
    async def work(task: Task[Any]) -> object:
        return await task.effect("pay", key=task.input[0], reconcile=bank.find).run(bank.pay)

    workflow = Workflow[object]("all", [Stage("n", agent="payer", map=Map())])
    async with opened(work) as orchestrator:
        operation = await orchestrator.submit(workflow, ["a"])
        await operation
        fork = await orchestrator.fork(operation, input=["aa"])
        assert (await fork.at_rest()).stage("n[0]").status == "in_doubt"
        await fork.settle("n[0]", decision, value="by hand" if decision == "done" else None)

        assert (await fork).output == [output]
        other = await orchestrator.fork(operation, input=["b", "c"])
        assert (await other).output == ["receipt", "receipt"]
    assert len(bank.paid) == len(set(bank.paid)) == paid + 2


async def test_an_undoing_has_effects_too() -> None:
    bank, refunds = Bank(), Bank("after")

    @agent(name="refund")
    async def refund(task: Task[Any]) -> object:
        assert task.is_undo
        return await task.effect("refund", key="INV-1", reconcile=refunds.find).run(refunds.pay)

    workflow = Workflow(
        "pay",
        [
            Stage("pay", agent="payer", undo="refund", retry=QUICK),
            Stage("ship", agent="shipper", after=["pay"]),
        ],
    )
    async with opened(payer(bank), refund, scripted("shipper", ValueError("sold out"))) as orchestrator:
        operation = await orchestrator.submit(workflow)
        await ended(operation)

        assert (await operation.state()).stage("pay").status == "undone"
        assert (len(bank.paid), len(refunds.paid)) == (1, 1)


ONCE: Workflow[object] = Workflow("once", [Stage("only", agent="ada", effect="at_most_once", timeout=10)])


@pytest.mark.parametrize(
    ("decision", "output", "calls"), [("done", "by hand", 1), ("redo", "again", 2), ("abort", None, 1)]
)
async def test_work_that_may_happen_once_is_in_doubt_after_its_time(
    decision: Any, output: str | None, calls: int
) -> None:
    ada = scripted("ada", Sleep(100), "again")
    async with opened(ada) as orchestrator:
        began = now()
        operation = await orchestrator.submit(ONCE)
        state = await operation.at_rest()
        assert (state.stage("only").status, now() - began < 20) == ("in_doubt", True)
        await operation.settle("only", decision, value="by hand" if decision == "done" else None)
        result = await ended(operation)

        assert isinstance(result, OperationFailed) if output is None else output_of(result) == output
        assert len(ada.tasks) == calls


@pytest.mark.parametrize("is_item", [False, True])
async def test_work_that_may_happen_once_is_in_doubt_after_a_change_of_hands(is_item: bool) -> None:
    store = MemoryStore()
    stage = Stage("only", agent="ada", effect="at_most_once", map="list" if is_item else None, after=["list"])
    workflow = Workflow("once", [Stage("list", agent="lister"), stage])
    name = "only[0]" if is_item else "only"
    async with opened(scripted("ada", Sleep(100)), scripted("lister", [7]), store=store) as first:
        operation = await first.submit(workflow)
        await asyncio.sleep(1)
    ada = scripted("ada", "again")
    async with opened(ada, scripted("lister"), store=store) as second:
        again = await second.get(operation.id)
        assert (await again.at_rest()).stage(name).status == "in_doubt"
        await again.settle(name, "done", value="by hand")

        assert (await again).output == (["by hand"] if is_item else "by hand")
        assert ada.tasks == []


async def test_work_in_doubt_fails_with_the_operation_that_is_cancelled() -> None:
    async with opened(scripted("ada", Sleep(100))) as orchestrator:
        operation = await orchestrator.submit(ONCE)
        await operation.at_rest()
        await operation.cancel("enough")
        await ended(operation)

        with pytest.raises(TooLate):
            await operation.settle("only", "done")


async def test_messages_leave_once_with_the_success_that_sent_them() -> None:
    @agent(name="ada")
    async def ada(task: Task[Any]) -> str:
        task.emit("tried", task.attempt)
        if task.attempt == 1:
            raise TryAgain
        task.emit("done", {"by": "ada"})
        return "ada"

    workflow = Workflow(
        "two", [Stage("first", agent="ada", retry=QUICK), Stage("second", agent="ada", retry=QUICK, after=["first"])]
    )
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(workflow)
        messages = [message async for message in operation.messages()]

        assert [(message.number, message.stage, message.kind, message.content) for message in messages] == [
            (1, "first", "tried", 2),
            (2, "first", "done", {"by": "ada"}),
            (3, "second", "tried", 2),
            (4, "second", "done", {"by": "ada"}),
        ]
        assert [message async for message in operation.messages(after=3)] == messages[3:]


async def _so_far(operation: Operation[Any]) -> list[Any]:
    state = await operation.state()
    found = []
    async for entry in operation.events():
        found.append(entry.event)
        if entry.number == state.version:
            break
    return found

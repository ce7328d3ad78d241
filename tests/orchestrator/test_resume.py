"""What an operation takes over from the one that it continues: results and all that belongs to them, and no more."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import OperationFailed
from agentkit.kernel import Approval, Loop, Map, ResultCarried, Stage, When, Workflow
from agentkit.orchestrator import Operation, Orchestrator
from tests.orchestrator.scenes import ended, journal_of, opened, scripted

LATE = Stage("late", agent="late", after=["early"])


def late_agent() -> Any:
    return scripted("late", ValueError("not yet"), "done")


async def resumed(orchestrator: Orchestrator, flow: Workflow[object], given: object = None) -> Operation[object]:
    """Run it, see it fail, resume it, and see it complete."""
    first = await orchestrator.submit(flow, given, by="ada", tenant="acme")
    assert isinstance(await ended(first), OperationFailed)
    second = await orchestrator.resume(first.id)
    assert (await second).output == "done"
    return second


async def carried(operation: Operation[object]) -> Sequence[ResultCarried]:
    return [event for event in await journal_of(operation) if isinstance(event, ResultCarried)]


async def test_the_items_of_a_map_are_taken_over_as_the_list_that_they_are() -> None:
    flow: Workflow[object] = Workflow("map", [Stage("early", agent="item", map=Map(path="rows")), LATE])
    item = scripted("item", lambda task: task.input * 10)
    async with opened(item, late_agent()) as orchestrator:
        second = await resumed(orchestrator, flow, {"rows": [1, 2]})

        assert [(event.stage, event.value) for event in await carried(second)] == [("early", "[10,20]")]
    assert item.runs == 2


async def test_a_list_with_a_failed_item_stays_degraded() -> None:
    kept = Map(path="rows", on_failure="keep")
    flow: Workflow[object] = Workflow("map", [Stage("early", agent="item", map=kept), LATE])
    item = scripted("item", 1, ValueError("no"))
    async with opened(item, late_agent()) as orchestrator:
        result = await (await resumed(orchestrator, flow, {"rows": [1, 2]}))

    assert (result.values["early"], result.degraded) == ([1, None], ("early",))


async def test_a_list_with_an_item_of_a_fallback_is_degraded_and_stays_so() -> None:
    flow: Workflow[object] = Workflow("map", [Stage("early", agent="a", fallback=["b"], map=Map(path="rows")), LATE])
    async with opened(scripted("a", ValueError("no"), 1), scripted("b"), late_agent()) as orchestrator:
        result = await (await resumed(orchestrator, flow, {"rows": [1, 2]}))

    assert result.degraded == ("early",)


async def test_a_loop_is_taken_over_with_its_last_turn() -> None:
    loop = Loop(until=When(path="score", at_least=2), most=3)
    flow: Workflow[object] = Workflow("loop", [Stage("early", agent="draft", loop=loop), LATE])
    draft = scripted("draft", {"score": 1}, {"score": 2})
    async with opened(draft, late_agent()) as orchestrator:
        result = await (await resumed(orchestrator, flow))

    assert result.values["early"] == {"score": 2}
    assert draft.runs == 2


async def test_a_fallback_is_taken_over_with_its_agent_and_confidence() -> None:
    @agent
    async def second(task: Task[object]) -> str:
        task.confidence(0.4)
        return "rescued"

    flow: Workflow[object] = Workflow("chain", [Stage("early", agent="first", fallback=["second"]), LATE])
    async with opened(scripted("first", ValueError("no")), second, late_agent()) as orchestrator:
        result = await (await resumed(orchestrator, flow))

    assert dict(result.fallbacks) == {"early": "second"}
    assert (result.degraded, result.confidence) == (("early",), 0.4)


async def test_a_minimal_answer_stays_degraded_and_nobody_gave_it() -> None:
    flow: Workflow[object] = Workflow("minimal", [Stage("early", agent="a", fallback=["b"], minimal=[]), LATE])
    a, b = scripted("a", ValueError("no")), scripted("b", ValueError("no"))
    async with opened(a, b, late_agent()) as orchestrator:
        result = await (await resumed(orchestrator, flow))

    assert (result.values["early"], result.degraded, dict(result.fallbacks)) == ([], ("early",), {})
    assert (a.runs, b.runs) == (1, 1)


async def test_a_skipped_stage_is_skipped_again_and_its_dependents_are_taken_over() -> None:
    stages = [
        Stage("skipped", agent="never", when=When(path="go")),
        Stage("early", agent="early", after=["skipped"]),
        LATE,
    ]
    never, early = scripted("never"), scripted("early")
    async with opened(never, early, late_agent()) as orchestrator:
        second = await resumed(orchestrator, Workflow("skip", stages), {"go": False})

        assert [event.stage for event in await carried(second)] == ["early"]
        assert (await second.state()).stage("skipped").status == "skipped"
    assert (never.runs, early.runs) == (0, 1)


async def test_timers_signals_and_decisions_are_not_waited_for_again() -> None:
    stages = [
        Stage("pause", wait=60),
        Stage("paid", signal="paid"),
        Stage("asked", approval=Approval(by={"finance"})),
        Stage("late", agent="late", after=["pause", "paid", "asked"]),
    ]
    async with opened(late_agent()) as orchestrator:
        first = await orchestrator.submit(Workflow("waits", stages))
        await first.signal("paid", {"amount": "10"})
        await first.approve("asked", by="bob", roles={"finance"})
        assert isinstance(await ended(first), OperationFailed)
        second = await orchestrator.resume(first.id)
        result = await second

        names = {event.stage for event in await carried(second)}
    assert (result.output, names) == ("done", {"pause", "paid", "asked"})
    assert result.values["paid"] == {"amount": "10"}


async def test_a_signal_that_nobody_took_is_not_lost() -> None:
    stages = [Stage("early", agent="early"), LATE, Stage("paid", signal="paid", after=["late"])]
    async with opened(scripted("early"), late_agent()) as orchestrator:
        first = await orchestrator.submit(Workflow("signals", stages))
        await first.signal("paid", "in time", id="s-1")
        assert isinstance(await ended(first), OperationFailed)
        second = await orchestrator.resume(first.id)

        assert (await second).output == "in time"


async def test_what_stages_wrote_to_the_context_is_taken_over_in_order() -> None:
    @agent
    async def early(task: Task[object]) -> None:
        task.context["log"] = [f"item {task.index}"]

    @agent
    async def middle(task: Task[object]) -> None:
        task.context["log"] = ["middle"]

    writes = {"log": "append"}
    stages = [
        Stage("middle", agent="middle", after=["early"], writes=writes),
        Stage("early", agent="early", map=Map(path="rows", parallel=1), writes=writes),
        Stage("late", agent="late", after=["middle"]),
    ]
    async with opened(early, middle, late_agent()) as orchestrator:
        second = await resumed(orchestrator, Workflow("context", stages), {"rows": [1, 2]})
        third = await orchestrator.fork(second, at="late")
        assert (await third).output == "done"

        for operation in (second, third):
            assert (await operation.state()).context["log"].value == ["item 0", "item 1", "middle"]


async def test_undone_work_is_done_again_and_so_is_what_was_made_of_it() -> None:
    stages = [
        Stage("apart", agent="apart"),
        Stage("book", agent="book", undo="unbook", after=["apart"]),
        Stage("label", agent="label", after=["book"]),
        Stage("late", agent="late", after=["label"]),
    ]
    apart, book, unbook = scripted("apart"), scripted("book", "first", "second"), scripted("unbook")
    label = scripted("label", lambda task: f"label of {task.input}")
    async with opened(apart, book, unbook, label, late_agent()) as orchestrator:
        second = await resumed(orchestrator, Workflow("undo", stages))

        assert [event.stage for event in await carried(second)] == ["apart"]
        assert json.loads((await second.state()).stage("label").value or "") == "label of second"
    assert (apart.runs, book.runs, unbook.runs, label.runs) == (1, 2, 1, 2)


async def test_a_list_whose_items_were_undone_is_worked_on_again() -> None:
    stages = [Stage("early", agent="book", undo="unbook", map=Map(path="rows")), LATE]
    book, unbook = scripted("book"), scripted("unbook")
    async with opened(book, unbook, late_agent()) as orchestrator:
        second = await resumed(orchestrator, Workflow("undo", stages), {"rows": [1, 2]})

        assert await carried(second) == []
    assert (book.runs, unbook.runs) == (4, 2)


@pytest.mark.parametrize("listed", [False, True])
async def test_an_effect_that_was_undone_happens_again_and_one_that_stands_does_not(*, listed: bool) -> None:
    paid: list[str] = []

    @agent
    async def pay(task: Task[object]) -> None:
        async with task.effect("pay", key="INV-1") as effect:
            if not effect.done:
                paid.append(task.stage)
                effect.confirm()

    stages = [
        Stage("stands", agent="pay"),
        Stage("pay", agent="pay", undo="repay", map=Map(path="rows") if listed else None, after=["stands"]),
        Stage("late", agent="late", after=["pay"]),
    ]
    flow: Workflow[object] = Workflow("effects", stages)
    late = scripted("late", ValueError("one"), ValueError("two"), "done")
    async with opened(pay, scripted("repay"), late) as orchestrator:
        first = await orchestrator.submit(flow, {"rows": [1]})
        assert isinstance(await ended(first), OperationFailed)
        second = await orchestrator.resume(first.id)
        assert isinstance(await ended(second), OperationFailed)
        assert (await (await orchestrator.resume(second.id))).output == "done"

    assert paid == ["stands", *(["pay[0]" if listed else "pay"] * 3)]


def payer(paid: list[object], *, fails: int = 0) -> Any:
    """Pays its item, once; then fails so many times."""

    @agent
    async def pay(task: Task[int]) -> None:
        async with task.effect("pay", key=str(task.input)) as effect:
            if not effect.done:
                paid.append(task.input)
                effect.confirm()
        nonlocal fails
        fails -= 1
        if fails >= 0:
            raise ValueError("paid, but")

    return pay


async def test_only_what_was_undone_of_a_list_is_done_again_outside() -> None:
    paid: list[object] = []
    stages = [Stage("early", agent="pay", undo="repay", map=Map(path="rows", parallel=1)), LATE]
    repay = scripted("repay", "fine", ValueError("it cannot be undone"))
    async with opened(payer(paid), repay, late_agent()) as orchestrator:
        await resumed(orchestrator, Workflow("half", stages), {"rows": [1, 2]})

    # The newest work is undone first: that of 2 was, and that of 1 was not.
    assert paid == [1, 2, 2]


async def test_an_effect_that_was_taken_over_and_then_undone_happens_again() -> None:
    paid: list[object] = []
    stages = [Stage("early", agent="pay", undo="repay", map=Map(path="rows")), LATE]
    late = scripted("late", ValueError("not yet"), "done")
    async with opened(payer(paid, fails=1), scripted("repay"), late) as orchestrator:
        first = await orchestrator.submit(Workflow("again", stages), {"rows": [1]})
        assert isinstance(await ended(first), OperationFailed)
        second = await orchestrator.resume(first.id)
        assert isinstance(await ended(second), OperationFailed)
        assert paid == [1]
        assert (await (await orchestrator.resume(second.id))).output == "done"

    assert paid == [1, 1]


async def test_a_continued_operation_is_asked_for_by_the_same_and_belongs_to_the_same() -> None:
    async with opened(scripted("early"), late_agent()) as orchestrator:
        second = await resumed(orchestrator, Workflow("who", [Stage("early", agent="early"), LATE]))
        state = await second.state()

    assert (state.requester, state.tenant, state.parent, state.forked_at) == ("ada", "acme", None, None)


async def test_a_continued_child_belongs_to_nobody_since_nobody_waits_for_it() -> None:
    child: Workflow[object] = Workflow("child", [Stage("early", agent="early"), LATE])
    flow: Workflow[object] = Workflow("parent", [Stage("inner", workflow=child)])
    early = scripted("early")
    async with opened(early, late_agent()) as orchestrator:
        first = await orchestrator.submit(flow)
        assert isinstance(await ended(first), OperationFailed)
        second = await orchestrator.resume(f"{first.id}~inner~1")

        assert (await second).output == "done"
        assert (await second.state()).parent is None
    assert early.runs == 1

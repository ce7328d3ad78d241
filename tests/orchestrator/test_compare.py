"""Two operations side by side, as the orchestrator tells it."""

import pytest

from agentkit.agents import Task
from agentkit.errors import NotFound
from agentkit.kernel import RetryPolicy, Stage, Usage, Workflow
from agentkit.testing.agents import Sleep
from tests.orchestrator.scenes import opened, scripted

FLOW: Workflow[object] = Workflow(
    "flow",
    [Stage("read", agent="ada"), Stage("pay", agent="bob", after=["read"], retry=RetryPolicy(attempts=2, delay=0))],
)


async def test_a_fork_is_compared_with_what_it_was_forked_from() -> None:
    bob = scripted(
        "bob", Sleep(2, {"sum": "10", "rows": [1, 2]}), ValueError("no"), Sleep(5, {"sum": "12", "rows": [1]})
    )
    async with opened(scripted("ada", "same"), bob) as orchestrator:
        first = await orchestrator.submit(FLOW)
        await first
        second = await orchestrator.fork(first, at="pay")
        await second
        comparison = await orchestrator.compare(first, second.id)

    read, pay = comparison.stages
    assert comparison.operations == (first.id, second.id)
    assert not comparison.is_same
    assert (read.is_same, read.kept, pay.kept) == (True, (False, True), (False, False))
    assert [(each.path, each.first, each.second) for each in pay.differences] == [
        ("sum", '"10"', '"12"'),
        ("rows.1", "2", None),
    ]
    assert pay.attempts == (1, 2)
    assert pay.seconds == pytest.approx((2, 5))
    assert 'pay.sum: "10" / "12"' in str(comparison)


async def test_the_same_run_twice_is_the_same_whatever_it_took() -> None:
    def spend(task: Task[object]) -> object:
        task.use(Usage(calls=len(ada.tasks)))
        return "same"

    ada = scripted("ada", Sleep(1, spend), Sleep(9, spend))
    async with opened(ada, scripted("bob")) as orchestrator:
        one = await orchestrator.submit(FLOW)
        await one
        two = await orchestrator.submit(FLOW)
        await two
        comparison = await orchestrator.compare(one, two)

    assert comparison.is_same
    assert comparison.seconds == pytest.approx((1, 9))
    assert [usage.calls for usage in comparison.usage] == [1, 2]
    assert str(comparison).startswith(f"{one.id} and {two.id}: the same")


async def test_another_input_is_a_difference_even_if_nothing_comes_of_it() -> None:
    async with opened(scripted("ada"), scripted("bob")) as orchestrator:
        one, two = await orchestrator.submit(FLOW, 1), await orchestrator.submit(FLOW, 2)
        await one
        await two
        comparison = await orchestrator.compare(one, two)

    assert all(stage.is_same for stage in comparison.stages)
    assert not comparison.is_same


async def test_other_definitions_and_inputs_are_told() -> None:
    other: Workflow[object] = Workflow(
        "other", [Stage("read", agent="ada", instruction="slowly"), Stage("more", agent="bob")]
    )
    async with opened(scripted("ada"), scripted("bob")) as orchestrator:
        one, two = await orchestrator.submit(FLOW, {"a": 1}), await orchestrator.submit(other, {"a": 2})
        await one
        await two
        comparison = await orchestrator.compare(one, two)

    assert [(stage.stage, stage.same_definition) for stage in comparison.stages] == [
        ("read", False),
        ("more", False),
        ("pay", False),
    ]
    assert [stage.status for stage in comparison.stages[1:]] == [(None, "completed"), ("completed", None)]
    assert [each.path for each in comparison.input] == ["a"]
    told = str(comparison)
    assert "only in the second" in told
    assert "only in the first" in told
    assert "input.a: 1 / 2" in told


async def test_a_comparison_draws_itself_and_text_of_users_stays_text() -> None:
    async with opened(scripted("ada", "<b>1</b>", "<b>2</b>"), scripted("bob")) as orchestrator:
        one, two = await orchestrator.submit(FLOW), await orchestrator.submit(FLOW)
        await one
        await two
        bundle = (await orchestrator.compare(one, two))._repr_mimebundle_()

    assert "<b>" not in bundle["text/html"]
    assert "&lt;b&gt;1&lt;/b&gt;" in bundle["text/html"]


async def test_what_is_not_there_cannot_be_compared() -> None:
    async with opened(scripted("ada"), scripted("bob")) as orchestrator:
        one = await orchestrator.submit(FLOW)
        with pytest.raises(NotFound, match="nothing"):
            await orchestrator.compare(one, "nothing")

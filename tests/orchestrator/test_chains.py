"""A chain in a workflow: as settings of a stage, with every attempt on the journal, or as one agent."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.agents import FallbackChain, Strategy, Task, agent
from agentkit.errors import ChainFailed, DefinitionError, GiveUp, OperationFailed
from agentkit.kernel import AttemptFailed, AttemptStarted, AttemptSucceeded, RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Result
from agentkit.testing.agents import Sleep
from agentkit.testing.clock import run_virtual
from tests.agents.chains import failing, scripted, sure
from tests.orchestrator.scenes import journal_of, opened, words

LINES = {"ok": "value", "error": OSError, "give up": GiveUp, "unsure": sure(0.2), "slow": Sleep(9, "late")}
rungs = st.tuples(
    st.lists(st.sampled_from(sorted(LINES)), min_size=1, max_size=3),
    st.integers(1, 2),
    st.sampled_from([None, 0.1, 0.9]),
    st.sampled_from([["error"], ["timeout", OSError], ["low_confidence", "timeout"], ["error", "low_confidence"]]),
)


def of(steps: Sequence[Any], minimal: object) -> FallbackChain[Any, Any]:
    """A fresh chain, whose agents have done nothing yet."""
    return FallbackChain(
        *(
            Strategy(
                scripted(f"s{place}", *(LINES[line] for line in script)),
                retry=RetryPolicy(attempts=attempts, delay=3, jitter=0),
                min_confidence=least,
                on=on,
                timeout=5,
            )
            for place, (script, attempts, least, on) in enumerate(steps)
        ),
        minimal=minimal,
        min_confidence=0.5,
        timeout=30,
    )


def runs(chain: FallbackChain[Any, Any]) -> list[int]:
    return [member.runs for member in chain.agents]  # type: ignore[attr-defined] # they are scripted


async def as_stage(chain: FallbackChain[Any, Any]) -> Result[Any]:
    async with opened(*chain.agents) as orchestrator:
        return await orchestrator.run(Workflow("flow", [Stage("only", **chain.settings)]), "x")


async def as_agent(chain: FallbackChain[Any, Any]) -> Result[Any]:
    async with opened(chain.agent) as orchestrator:
        return await orchestrator.run(Workflow("flow", [Stage("only", agent=chain.name)]), "x")


@given(steps=st.lists(rungs, min_size=1, max_size=3), minimal=st.sampled_from([None, "least"]))
def test_alone_as_a_stage_and_as_an_agent_a_chain_gives_the_same(steps: list[Any], minimal: object) -> None:
    alone, staged, single = of(steps, minimal), of(steps, minimal), of(steps, minimal)

    async def play() -> None:
        try:
            result = await alone.run("x")
        except ChainFailed as error:
            failed = len(error.attempts.exceptions)
            for form, chain in ((as_stage, staged), (as_agent, single)):
                with pytest.raises(OperationFailed) as ended:
                    await form(chain)
                assert ended.value.attempts is not None
                assert len(ended.value.attempts.exceptions) == (failed if form is as_stage else 1)
            return
        for form, chain in ((as_stage, staged), (as_agent, single)):
            other = await form(chain)
            assert (other.output, other.is_degraded) == (result.value, result.is_degraded)
            assert other.confidence == result.confidence
            assert runs(chain) == runs(alone)
            assert other.seconds == pytest.approx(result.seconds)

    run_virtual(play())


async def test_as_a_stage_every_attempt_is_on_the_journal() -> None:
    chain: FallbackChain[Any, Any] = FallbackChain(
        scripted("first", OSError, sure(0.2)), scripted("second", 2), min_confidence=0.5, retry=RetryPolicy(attempts=2)
    )
    async with opened(*chain.agents) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", [Stage("only", **chain.settings)]), "x")
        result = await operation
        journal = await journal_of(operation)

    assert words(journal)[1:-1] == [
        "AttemptStarted only",
        "AttemptFailed only",
        "AttemptStarted only",
        "AttemptFailed only",
        "AttemptStarted only",
        "AttemptSucceeded only",
    ]
    assert [event.agent for event in journal if isinstance(event, AttemptStarted)] == ["first", "first", "second"]
    assert [event.value for event in journal if isinstance(event, AttemptFailed)] == [None, '"guess"']
    assert (result.fallbacks, result.degraded) == ({"only": "second"}, ("only",))


async def test_as_an_agent_all_of_it_is_one_attempt_that_says_how_good_it_is() -> None:
    chain: FallbackChain[Any, Any] = FallbackChain(
        failing("first"), scripted("second", sure(0.8, 2, usage=True)), name="both", retry=RetryPolicy(attempts=2)
    )
    async with opened(chain.agent) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", [Stage("only", agent="both")]), "x")
        result = await operation
        journal = await journal_of(operation)

    (succeeded,) = [event for event in journal if isinstance(event, AttemptSucceeded)]
    assert (succeeded.attempt, succeeded.degraded, succeeded.confidence) == (1, True, 0.8)
    assert (succeeded.usage and succeeded.usage.calls, succeeded.effects) == (1, '[["said",2]]')
    assert (result.output, result.degraded, result.confidence) == (2, ("only",), 0.8)


async def test_what_a_failed_strategy_has_used_counts_and_what_it_said_does_not() -> None:
    def spend(task: Task[object]) -> object:
        sure(0.9, usage=True)(task)
        raise OSError("and then it broke")

    chain: FallbackChain[Any, Any] = FallbackChain(
        scripted("first", spend), scripted("second", sure(0.8, 2, usage=True)), name="both"
    )
    async with opened(chain.agent) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", [Stage("only", agent="both")]), "x")
        await operation
        journal = await journal_of(operation)

    (succeeded,) = [event for event in journal if isinstance(event, AttemptSucceeded)]
    assert (succeeded.usage and succeeded.usage.calls, succeeded.effects) == (2, '[["said",2]]')


async def test_a_typed_minimal_answer_comes_back_with_its_type() -> None:
    @agent
    async def share(task: Task[str]) -> Decimal:
        raise OSError

    for form in (as_stage, as_agent):
        result = await form(FallbackChain(share, minimal=Decimal("0.00"), timeout=9))

        assert result.output == Decimal("0.00")
        assert isinstance(result.output, Decimal)
        assert (result.degraded, result.confidence) == (("only",), 0.0)


async def test_a_cancel_stops_a_chain_that_is_an_agent() -> None:
    first, second = scripted("first", Sleep(60, OSError())), scripted("second")
    chain: FallbackChain[Any, Any] = FallbackChain(Strategy(first, timeout=90), second, minimal=0, name="both")
    async with opened(chain.agent) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", [Stage("only", agent="both")]), "x")
        await operation.progress()
        await operation.cancel()
        with pytest.raises(Exception, match="cancelled"):
            await operation

    assert (first.working, second.runs) == (0, 0)


async def test_an_output_of_a_child_is_as_sure_and_as_degraded_as_the_child_says() -> None:
    inner: Workflow[object] = Workflow("inner", [Stage("low", agent="first", fallback=["second"])])
    outer: Workflow[object] = Workflow(
        "outer", [Stage("child", workflow=inner), Stage("end", agent="third", after=["child"])]
    )
    async with opened(failing("first"), scripted("second", sure(0.3)), scripted("third", sure(0.9))) as orchestrator:
        result = await orchestrator.run(outer, "x")

    assert (result.confidence, result.degraded) == (0.3, ("child",))


async def test_who_continues_an_operation_is_as_sure_as_the_first_one_was() -> None:
    stages = [
        Stage("low", agent="first", fallback=["second"]),
        Stage("end", agent="third", after=["low"]),
    ]
    third = scripted("third", OSError, "done")
    async with opened(failing("first"), scripted("second", sure(0.3)), third) as orchestrator:
        operation = await orchestrator.submit(Workflow("flow", stages), "x")
        with pytest.raises(OperationFailed):
            await operation
        result = await (await orchestrator.resume(operation.id))

    assert (result.confidence, result.degraded, result.fallbacks) == (0.3, ("low",), {"low": "second"})


@pytest.mark.parametrize(("rule", "confidence"), [("lowest", 0.5), ("product", 0.4), ("own", 0.8)])
async def test_the_confidence_of_a_result_follows_the_workflows_rule(rule: Any, confidence: float) -> None:
    stages = [Stage("low", agent="first"), Stage("end", agent="second", after=["low"])]
    async with opened(scripted("first", sure(0.5)), scripted("second", sure(0.8))) as orchestrator:
        result = await orchestrator.run(Workflow("flow", stages, confidence=rule), "x")

    assert result.confidence == pytest.approx(confidence)
    assert (result.is_degraded, result.degraded, result.missing) == (False, (), ())


async def test_a_result_without_an_optional_stage_is_degraded() -> None:
    stages = [Stage("extra", agent="first", required=False), Stage("end", agent="second", after=["extra"])]
    async with opened(failing("first"), scripted("second")) as orchestrator:
        result = await orchestrator.run(Workflow("flow", stages), "x")

    assert (result.is_degraded, result.missing, result.degraded) == (True, ("extra",), ())


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: FallbackChain(scripted("a"), minimal=len), "its minimal answer is a function"),
        (lambda: FallbackChain(scripted("a"), scripted("a")), "two agents are called 'a'"),
    ],
)
def test_what_a_definition_cannot_hold_is_refused(make: Any, problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        _ = make().settings


def test_one_agent_may_be_two_strategies() -> None:
    twice = scripted("a", OSError, "second")
    chain: FallbackChain[Any, Any] = FallbackChain(twice, Strategy(twice, on=["error"]))

    async def play() -> Result[Any]:
        return await as_stage(chain)

    assert len(chain.agents) == 1
    assert run_virtual(play()).output == "second"

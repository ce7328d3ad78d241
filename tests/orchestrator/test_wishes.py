"""What is said to an operation is on its journal once, and what is wrong with it harms only who said it."""

from collections.abc import Sequence

import pytest

from agentkit.agents import Task, agent
from agentkit.engines import summary_of
from agentkit.errors import AgentKitError, OperationFailed, StoreUnavailable, UnstorableValue
from agentkit.kernel import (
    Approval,
    CancelRequested,
    Event,
    OperationAccepted,
    SignalReceived,
    Stage,
    State,
    Workflow,
    replay,
)
from agentkit.stores import Lease, MemoryStore, Summary
from agentkit.testing.agents import Sleep
from tests.orchestrator.scenes import ended, opened, scripted, words

PAIR = "\ud83d\ude00"


class _Silent(MemoryStore):
    """Keeps everything, but once, after a chosen event, does not say so."""

    struck: str | None = None

    async def append(
        self,
        stream: str,
        events: Sequence[Event],
        *,
        expected: int,
        lease: Lease | None = None,
        summary: Summary | None = None,
    ) -> None:
        await super().append(stream, events, expected=expected, lease=lease, summary=summary)
        if self.struck in {type(event).__name__ for event in events}:
            type(self).struck = None
            raise StoreUnavailable("nobody knows")


@agent
async def payer(task: Task[object]) -> object:
    async def pay(key: str) -> str:
        return "receipt"

    return await task.effect("pay", key="INV-1").run(pay)


@pytest.mark.parametrize("event", ["EffectIntended", "EffectSettled"])
async def test_an_effect_that_was_written_without_an_answer_is_not_refused_as_its_own_repetition(event: str) -> None:
    store = _Silent()
    type(store).struck = event
    async with opened(payer, store=store) as orchestrator:
        assert (await orchestrator.run(Workflow("w", [Stage("s", agent="payer")]))).output == "receipt"


@pytest.mark.parametrize("is_driven", [True, False])
async def test_a_signal_and_a_vote_that_were_written_without_an_answer_are_kept_once(is_driven: bool) -> None:
    store = _Silent()
    gates = [Stage("go", signal="go"), Stage("again", signal="go"), Stage("ask", approval=Approval(quorum=2))]
    flow = Workflow("w", [*gates, Stage("long", agent="ada")] if is_driven else gates)
    async with opened(scripted("ada", Sleep(1000, "x")), store=store) as orchestrator:
        operation = await orchestrator.submit(flow)
        if not is_driven:
            await operation.at_rest()
        type(store).struck = "SignalReceived"
        await operation.signal("go", 1)
        type(store).struck = "VoteCast"
        await operation.approve("ask", by="ann")
        journal = await orchestrator.history(operation.id)
        assert sum(isinstance(event, SignalReceived) for event in journal) == 1
        assert sum(name.startswith("VoteCast") for name in words(journal)) == 1
        await orchestrator.close(drain_seconds=0)


async def test_what_cannot_be_written_is_refused_to_who_said_it_and_the_operation_goes_on() -> None:
    flow = Workflow("w", [Stage("ask", approval=Approval(by={"f"})), Stage("long", agent="ada")])
    async with opened(scripted("ada", Sleep(1000, "x"))) as orchestrator:
        operation = await orchestrator.submit(flow)
        with pytest.raises(UnstorableValue):
            await operation.approve("ask", by="ann", roles=["f"], comment=PAIR)
        with pytest.raises(UnstorableValue):
            await operation.cancel(5)  # type: ignore[arg-type] # what a user may do
        with pytest.raises(TypeError):
            await operation.approve("ask", by="ann", roles=[["f"]])  # type: ignore[list-item] # what a user may do
        await operation.approve("ask", by="ann", roles=["f"])
        assert (await operation).output is not None


async def test_an_error_whose_message_cannot_be_written_is_a_failure_all_the_same() -> None:
    async with opened(scripted("ada", ValueError(PAIR))) as orchestrator:
        error = await ended(await orchestrator.submit(Workflow("w", [Stage("s", agent="ada")])))
        assert isinstance(error, OperationFailed)
        assert "\U0001f600" in str(error)


async def test_a_child_whose_instruction_lacks_input_fails_its_stage_and_keeps_no_slot() -> None:
    child = Workflow("c", [Stage("one", agent="ada", instruction="do {month}")])
    async with opened(scripted("ada"), max_parallel=1) as orchestrator:
        error = await ended(await orchestrator.submit(Workflow("p", [Stage("kid", workflow=child)])))
        assert "month" in str(error)
        assert len(await orchestrator.list()) == 1
        assert (await orchestrator.run(Workflow("w", [Stage("s", agent="ada")]))).output == "ada"


async def test_a_wish_that_goes_wrong_half_way_harms_only_who_said_it() -> None:
    def half(state: State, at: float) -> list[Event]:
        return [CancelRequested(at=at, reason="half"), SignalReceived(at=at, name="nobody waits for this", value="1")]

    flow: Workflow[object] = Workflow("w", [Stage("long", agent="ada")])
    async with opened(scripted("ada", Sleep(10, "x"))) as orchestrator:
        operation = await orchestrator.submit(flow)
        runtime = orchestrator._runtime
        assert runtime is not None
        with pytest.raises(AgentKitError):
            await runtime.wish(operation.id, half)
        assert (await operation).output == "x"
        assert not any(isinstance(event, CancelRequested) for event in await orchestrator.history(operation.id))


async def test_a_question_that_cannot_be_written_fails_its_attempt() -> None:
    @agent
    async def asker(task: Task[object]) -> object:
        return await task.approval("pay", question=PAIR)

    async with opened(asker, scripted("ada")) as orchestrator:
        flow = Workflow("w", [Stage("ask", agent="asker", required=False), Stage("on", agent="ada", after=["ask"])])
        operation = await orchestrator.submit(flow)
        result = await operation
        state = await operation.state()

    failure = state.stage("ask").failure
    assert failure is not None
    assert failure.code == "value_unstorable"
    assert (result.output, result.missing) == ("ada", ("ask",))


async def test_an_attempt_whose_instruction_cannot_be_filled_fails_its_stage_and_keeps_no_slot() -> None:
    store = MemoryStore()
    stages = [Stage("wrong", agent="ada", instruction="of {month}", required=False), Stage("right", agent="ada")]
    accepted = OperationAccepted(at=0, operation_id="old", workflow=Workflow("w", stages), input="{}")
    async with store:
        # `submit` would refuse it; the journal is as another version, or another program, may have left it.
        await store.append("old", [accepted], expected=0, summary=summary_of(replay([accepted]), 60))
        async with opened(scripted("ada"), store=store.sibling(), max_parallel=1) as orchestrator:
            operation = await orchestrator.get("old")
            result = await operation
            state = await operation.state()
            assert (await orchestrator.run(Workflow("next", [Stage("s", agent="ada")]))).output == "ada"

    failure = state.stage("wrong").failure
    assert failure is not None
    assert (failure.code, result.missing) == ("input_invalid", ("wrong",))
    assert "asks for {month}" in failure.message

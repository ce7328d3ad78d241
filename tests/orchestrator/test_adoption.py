"""Several orchestrators on one store: deaths, adoption, quarantine, resuming, closing."""

import asyncio
import logging

import pytest

from agentkit.errors import Closed, JournalCorrupt, OperationCancelled, OperationFailed, OperationQuarantined
from agentkit.kernel import AgentUnavailable, CancelRequested, Event, OperationAdopted, RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Orchestrator
from agentkit.stores import MemoryStore
from agentkit.testing.agents import Hang, ScriptedAgent, Sleep
from agentkit.testing.faults import Fault, FaultyStore
from tests.orchestrator.scenes import CHAIN, ONE, ended, journal_of, now, opened, scripted, words


async def die(orchestrator: Orchestrator, store: MemoryStore) -> None:
    """What SIGKILL would do, as far as one process can show it: the store is gone, and nothing is written any more."""
    store.abandon()
    await orchestrator.close(drain_seconds=0)


async def test_what_a_dead_process_drove_is_finished_by_another() -> None:
    store = MemoryStore()
    ada = scripted("ada", "one")
    first = opened(ada, scripted("bob", Hang()), store=store)
    await first.open()
    operation = await first.submit(CHAIN)
    await asyncio.sleep(1)
    await die(first, store)
    async with opened(ada, scripted("bob", "two"), store=store.sibling()) as second:
        found = await second.get(operation.id)
        result = await found
        journal = await journal_of(found)

    assert (result.output, ada.runs) == ("two", 1)
    adopted = [event for event in journal if isinstance(event, OperationAdopted)]
    assert [event.after_death for event in adopted] == [True]
    assert words(journal).count("AttemptStarted second") == 1


async def test_a_living_orchestrator_notices_a_death_by_itself() -> None:
    store = MemoryStore()
    async with opened(scripted("ada", "saved"), store=store.sibling()) as second:
        first = opened(scripted("ada", Hang()), store=store)
        await first.open()
        operation = await first.submit(ONE)
        await asyncio.sleep(1)
        await die(first, store)
        began = now()
        result = await (await second.get(operation.id))

        assert now() - began <= 0.3
    assert result.output == "saved"


async def test_many_heirs_take_an_operation_once() -> None:
    store = MemoryStore()
    first = opened(scripted("ada", Hang()), store=store)
    await first.open()
    operations = [await first.submit(ONE) for _ in range(20)]
    await asyncio.sleep(1)
    ada = scripted("ada", Sleep(1, "done"))
    heirs = [opened(ada, store=store.sibling()) for _ in range(3)]
    await die(first, store)
    await asyncio.gather(*(heir.open() for heir in heirs))
    results = [await (await heirs[0].get(operation.id)) for operation in operations]
    await asyncio.gather(*(heir.close() for heir in heirs))

    assert {result.output for result in results} == {"done"}
    assert ada.runs == 20


async def killed(times: int) -> tuple[MemoryStore, list[str], ScriptedAgent]:
    """Three operations: a poisonous one and two that only shared its processes; each death is seen by an heir."""
    store, ada = MemoryStore(), scripted("ada", Hang())
    names: list[str] = []
    for number in range(times):
        store = store.sibling()
        process = opened(ada, store=store)
        await process.open()
        if not number:
            for _ in range(3):
                names.append((await process.submit(ONE)).id)
                await asyncio.sleep(0.01)
        await asyncio.sleep(1)
        await die(process, store)
    return store, names, ada


async def test_what_may_have_killed_its_process_runs_alone() -> None:
    store, names, _ = await killed(2)
    ada = scripted("ada", Sleep(5, "done"))
    async with opened(ada, store=store.sibling()) as orchestrator:
        results = [await (await orchestrator.get(name)) for name in names]

    assert [result.output for result in results] == ["done"] * 3
    assert (ada.runs, ada.most) == (3, 1)


async def test_suspects_that_are_asked_for_at_once_run_alone_too() -> None:
    dead, names, _ = await killed(2)
    store = FaultyStore(dead.sibling(), Fault(kind="delay", number=1, call="append"))
    ada = scripted("ada", Sleep(5, "done"))
    async with opened(ada, store=store, adopt=False) as orchestrator:
        operations = await asyncio.gather(*map(orchestrator.resume, names))
        results = [await operation for operation in operations]

    assert [result.output for result in results] == ["done"] * 3
    assert (ada.runs, ada.most) == (3, 1)


async def test_five_deaths_are_quarantine_and_resume_releases() -> None:
    store, (first, *_), _ = await killed(5)
    ada = scripted("ada", "at last")
    async with opened(ada, store=store.sibling()) as orchestrator:
        operation = await orchestrator.get(first)
        with pytest.raises(OperationQuarantined, match="5 processes died"):
            await operation
        await asyncio.sleep(60)
        line = next(line for line in await orchestrator.list() if line.stream == first)
        assert (line.status, line.parked, ada.runs) == ("quarantined", True, 2)
        result = await (await orchestrator.resume(first))

    assert result.output == "at last"


async def test_the_innocents_are_finished_although_a_neighbour_is_quarantined() -> None:
    store, (first, *others), _ = await killed(5)
    async with opened(scripted("ada", "fine"), store=store.sibling()) as orchestrator:
        results = [await (await orchestrator.get(name)) for name in others]

        assert [result.output for result in results] == ["fine", "fine"]
        assert (await (await orchestrator.get(first)).state()).status == "quarantined"


async def test_a_quarantine_does_not_stop_the_suspects_behind_it() -> None:
    store, names, _ = await killed(4)
    store = store.sibling()
    async with opened(scripted("ada", Sleep(3, "fine")), store=store, max_deaths=9) as orchestrator:
        results = [await (await orchestrator.get(name)) for name in names]

    assert [result.output for result in results] == ["fine"] * 3


async def test_a_quarantined_operation_can_be_cancelled() -> None:
    store, (first, *_), _ = await killed(5)
    async with opened(scripted("ada", "fine"), store=store.sibling()) as orchestrator:
        operation = await orchestrator.get(first)
        assert isinstance(await ended(operation), OperationQuarantined)
        await operation.cancel("no more")

        assert isinstance(await ended(operation), OperationCancelled)


async def test_an_agent_that_is_not_here_parks_its_stage_until_it_is() -> None:
    store, ada = MemoryStore(), scripted("ada")
    flow: Workflow[object] = Workflow(
        "fallback", [Stage("a", agent="ada"), Stage("b", agent="bob", after=["a"], timeout=30)]
    )
    first = opened(ada, scripted("bob", Hang()), store=store)
    await first.open()
    operation = await first.submit(flow)
    await asyncio.sleep(1)
    await die(first, store)
    async with opened(ada, store=store.sibling()) as without:
        await asyncio.sleep(100)
        assert (await without.get(operation.id)).workflow == flow
        state = await (await without.get(operation.id)).state()
        assert state.stage("b").status == "unavailable"
    async with opened(ada, scripted("bob", "found"), store=store.sibling()) as having:
        result = await (await having.get(operation.id))

    assert result.output == "found"
    assert ada.runs == 1


async def test_a_missing_agent_is_looked_for_again_after_as_long_as_the_limits_say() -> None:
    store = MemoryStore()
    first = opened(scripted("ada", Hang()), store=store)
    await first.open()
    operation = await first.submit(ONE)
    await asyncio.sleep(1)
    await die(first, store)
    async with opened(store=store.sibling(), unavailable_seconds=17) as without:
        await asyncio.sleep(60)
        journal = await without.history(operation.id)

    waits = [event.retry_at - event.at for event in journal if isinstance(event, AgentUnavailable)]
    assert waits == [17, 34, 60]


async def test_a_cancel_reaches_the_process_that_drives() -> None:
    store, ada = MemoryStore(), scripted("ada", Hang())
    async with opened(ada, store=store) as driving, opened(store=store.sibling()) as other:
        operation = await driving.submit(ONE)
        await asyncio.sleep(1)
        await other.cancel(operation.id, "from afar")
        error = await ended(operation)

        assert isinstance(error, OperationCancelled)
        assert "from afar" in str(error)
        assert isinstance(await ended(await other.get(operation.id)), OperationCancelled)
    assert ada.working == 0


async def test_a_cancel_from_afar_reaches_what_waits_for_its_turn() -> None:
    store, ada = MemoryStore(), scripted("ada", Hang())
    async with opened(ada, store=store, max_parallel=1) as driving, opened(store=store.sibling()) as other:
        first, second = await driving.submit(ONE), await driving.submit(ONE)
        await asyncio.sleep(1)
        began = now()
        await other.cancel(second.id)

        assert isinstance(await ended(second), OperationCancelled)
        assert now() - began <= 2.001
        await first.cancel()
    assert ada.runs == 1


async def test_a_result_is_read_wherever_one_waits() -> None:
    store = MemoryStore()
    async with (
        opened(scripted("ada", Sleep(5, {"a": 1})), store=store) as driving,
        opened(store=store.sibling()) as other,
    ):
        operation = await driving.submit(ONE)

        assert (await (await other.get(operation.id))).output == {"a": 1}


async def test_a_cancel_outlives_the_process_that_was_stopping() -> None:
    store = MemoryStore()
    first = opened(scripted("ada", Sleep(60, swallow_cancel=True)), store=store)
    await first.open()
    operation = await first.submit(ONE)
    await asyncio.sleep(1)
    await operation.cancel("on its way")
    await asyncio.sleep(1)
    await die(first, store)
    ada = scripted("ada")
    async with opened(ada, store=store.sibling()) as second:
        async with asyncio.timeout(5):
            assert isinstance(await ended(await second.get(operation.id)), OperationCancelled)

    assert ada.runs == 0


async def test_taking_an_operation_from_a_living_process_fences_it() -> None:
    store = MemoryStore()
    old, new = scripted("ada", Sleep(10, "old")), scripted("ada", Sleep(1, "new"))
    async with opened(old, store=store) as first, opened(new, store=store.sibling()) as second:
        operation = await first.submit(ONE)
        await asyncio.sleep(5)
        taken = await second.resume(operation.id, take=True)
        result = await taken
        assert (await operation).output == "new"
        await asyncio.sleep(20)
        journal = await journal_of(taken)

        assert first.active == 0
    assert result.output == "new"
    assert words(journal).count("AttemptSucceeded only") == 1
    assert words(journal)[-1] == "OperationCompleted"


async def test_a_writer_that_was_faster_is_read_and_followed() -> None:
    store, ada = MemoryStore(), scripted("ada", Sleep(1, "x"))
    async with opened(ada, store=store, adopt=False) as orchestrator:
        operation = await orchestrator.submit(ONE)
        await asyncio.sleep(0.5)
        await store.append(operation.id, [CancelRequested(at=now(), reason="faster")], expected=2)
        assert isinstance(await ended(operation), OperationCancelled)
        names = words(await journal_of(operation))

    assert names[2:] == ["CancelRequested", "AttemptSucceeded only", "OperationCancelled"]
    assert ada.runs == 1


async def test_a_cancel_by_who_was_fenced_is_still_a_cancel() -> None:
    store = MemoryStore()
    one, two = (opened(scripted("ada", Hang()), store=kept) for kept in (store, store.sibling()))
    async with one as first, two as second:
        operation = await first.submit(ONE)
        await asyncio.sleep(1)
        _ = await second.resume(operation.id, take=True)
        async with asyncio.timeout(10):
            await first.cancel(operation.id, "both of you")

        assert isinstance(await ended(operation), OperationCancelled)


async def test_a_fenced_driver_gives_its_places_back() -> None:
    store = MemoryStore()
    ada = scripted("ada", Sleep(1, "x"))
    flow: Workflow[object] = Workflow("pair", [Stage("a", agent="ada"), Stage("b", agent="ada", after=["a"])])
    async with opened(ada, store=store, max_parallel=1) as first, opened(ada, store=store.sibling()) as second:
        for _ in range(3):
            operation = await first.submit(flow)
            await asyncio.sleep(0.5)
            _ = await second.resume(operation.id, take=True)
            await operation

        async with asyncio.timeout(10):
            assert (await first.run(ONE)).output == "x"


async def test_resuming_what_failed_does_not_run_completed_stages_again() -> None:
    ada, bob = scripted("ada", {"costly": 1}), scripted("bob", ValueError("no"), ValueError("no"), "fine")
    async with opened(ada, bob) as orchestrator:
        first = await orchestrator.submit(CHAIN)
        assert isinstance(await ended(first), OperationFailed)
        second = await orchestrator.resume(first.id)
        assert isinstance(await ended(second), OperationFailed)
        third = await orchestrator.resume(second.id)
        result = await third

        assert words(await journal_of(third))[:2] == ["OperationAccepted", "ResultCarried first"]
    assert (result.output, dict(result.values)) == ("fine", {"first": {"costly": 1}, "second": "fine"})
    assert (ada.runs, bob.runs) == (1, 3)
    assert len({first.id, second.id, third.id}) == 3


async def test_resuming_twice_is_resuming_once() -> None:
    ada, bob = scripted("ada"), scripted("bob", ValueError("no"), Sleep(5, "fine"))
    async with opened(ada, bob) as orchestrator:
        failed = await orchestrator.submit(CHAIN)
        await ended(failed)
        again = await asyncio.gather(*(orchestrator.resume(failed.id) for _ in range(5)))
        results = await asyncio.gather(*(operation.result() for operation in again))

    assert len({operation.id for operation in again}) == 1
    assert {result.output for result in results} == {"fine"}
    assert bob.runs == 2


async def test_a_cancelled_operation_can_be_resumed() -> None:
    ada, bob = scripted("ada"), scripted("bob", Hang(), "fine")
    async with opened(ada, bob) as orchestrator:
        operation = await orchestrator.submit(CHAIN)
        await asyncio.sleep(1)
        await operation.cancel()
        await ended(operation)
        result = await (await orchestrator.resume(operation.id))

    assert (result.output, ada.runs) == ("fine", 1)


async def test_resuming_what_is_completed_or_running_changes_nothing() -> None:
    ada = scripted("ada", Sleep(1, "done"))
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(ONE)
        running = await orchestrator.resume(operation.id)
        await operation
        done = await orchestrator.resume(operation.id)

        assert (await done).output == "done"
    assert {operation.id, running.id, done.id} == {operation.id}
    assert ada.runs == 1


async def test_closing_lets_short_work_finish() -> None:
    store = MemoryStore()
    async with opened(scripted("ada", Sleep(5, "done")), store=store) as orchestrator:
        operation = await orchestrator.submit(ONE)
        began = now()

    assert now() - began == pytest.approx(5, abs=1e-3)
    async with opened(store=store) as later:
        assert (await (await later.get(operation.id))).output == "done"


@pytest.mark.parametrize(("line", "bound"), [(Hang(), 10), (Sleep(300, swallow_cancel=True), 12)])
async def test_closing_is_bounded_and_hands_the_rest_over(line: object, bound: float) -> None:
    store = MemoryStore()
    async with opened(scripted("ada", line), store=store) as orchestrator:
        operation = await orchestrator.submit(ONE)
        began = now()
    assert now() - began == pytest.approx(bound, abs=0.01)
    async with opened(scripted("ada", "done"), store=store.sibling()) as heir:
        found = await heir.get(operation.id)
        assert (await found).output == "done"
        adopted = [event for event in await journal_of(found) if isinstance(event, OperationAdopted)]

    assert [event.after_death for event in adopted] == [False]


async def test_who_waits_when_the_orchestrator_closes_is_told() -> None:
    orchestrator = opened(scripted("ada", Hang()))
    await orchestrator.open()
    operation = await orchestrator.submit(ONE)
    waiting = asyncio.get_running_loop().create_task(ended(operation))
    await asyncio.sleep(1)
    await orchestrator.close(drain_seconds=0)

    assert isinstance(await waiting, Closed)


async def test_an_error_inside_the_block_does_not_wait_for_the_drain() -> None:
    began = now()

    async def stumble() -> None:
        async with opened(scripted("ada", Hang())) as orchestrator:
            _ = await orchestrator.submit(ONE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stumble()
    assert now() - began <= 0.01


class Damaged(MemoryStore):
    """A store in which some journals cannot be read."""

    damaged: frozenset[str] = frozenset()

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> "list[Event]":
        if stream in self.damaged:
            raise JournalCorrupt(f"stream {stream!r}: row 2 does not verify")
        return list(await super().read(stream, after=after, limit=limit))


async def test_a_journal_that_cannot_be_read_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()
    first = opened(scripted("ada", Hang()), store=store)
    await first.open()
    bad, good = await first.submit(ONE), await first.submit(ONE)
    await die(first, store)
    damaged = Damaged(shared=store)
    damaged.damaged = frozenset([bad.id])
    with caplog.at_level(logging.CRITICAL, logger="agentkit"):
        async with opened(scripted("ada", "fine"), store=damaged) as orchestrator:
            assert (await (await orchestrator.get(good.id))).output == "fine"
            with pytest.raises(JournalCorrupt):
                _ = await orchestrator.get(bad.id)


async def test_without_adoption_only_what_is_asked_for_runs() -> None:
    store = MemoryStore()
    first = opened(scripted("ada", Hang()), store=store)
    await first.open()
    one, two = await first.submit(ONE), await first.submit(ONE)
    await die(first, store)
    ada = scripted("ada", "done")
    async with opened(ada, store=store.sibling(), adopt=False) as orchestrator:
        await asyncio.sleep(60)
        assert ada.runs == 0
        assert (await (await orchestrator.resume(one.id))).output == "done"
        assert [operation.id for operation in await orchestrator.adopt()] == [two.id]


async def test_a_limit_does_not_count_the_time_without_a_process() -> None:
    store = MemoryStore()
    flow: Workflow[object] = Workflow("timed", [Stage("a", agent="ada")], timeout=10)
    first = opened(scripted("ada", Hang()), store=store)
    await first.open()
    operation = await first.submit(flow)
    await asyncio.sleep(5)
    await die(first, store)
    await asyncio.sleep(1_000)
    async with opened(scripted("ada", Sleep(4, "in time")), store=store.sibling()) as second:
        assert (await (await second.get(operation.id))).output == "in time"


async def test_retries_go_on_counting_after_a_death() -> None:
    store = MemoryStore()
    flow: Workflow[object] = Workflow(
        "tries", [Stage("a", agent="ada", retry=RetryPolicy(attempts=3, delay=1, jitter=0))]
    )
    first = opened(scripted("ada", ValueError("one"), Hang()), store=store)
    await first.open()
    operation = await first.submit(flow)
    await asyncio.sleep(5)
    await die(first, store)
    ada = scripted("ada", ValueError("again"))
    async with opened(ada, store=store.sibling()) as second:
        error = await ended(await second.get(operation.id))

    assert isinstance(error, OperationFailed)
    assert [task.attempt for task in ada.tasks] == [2, 3]


async def test_a_suspect_that_waits_for_its_turn_is_told_as_taken_over() -> None:
    store, names, _ = await killed(2)
    async with opened(scripted("ada", Sleep(5, "done")), store=store.sibling(), adopt=False) as orchestrator:
        taken = [operation.id for operation in await orchestrator.adopt()]
        assert (sorted(taken), orchestrator.active) == (sorted(names), 1)
        await asyncio.sleep(60)

        assert [line.status for line in await orchestrator.list()] == ["completed"] * 3


async def test_releasing_claims_once() -> None:
    dead, (first, *_), _ = await killed(5)
    store = FaultyStore(dead.sibling())
    async with opened(scripted("ada", "at last"), store=store, adopt=False) as orchestrator:
        await orchestrator.adopt()
        before = store.calls.count("claim")
        result = await (await orchestrator.resume(first))

    assert (result.output, store.calls.count("claim") - before) == ("at last", 1)

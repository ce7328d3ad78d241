"""Submitting, finding and listing operations; idempotency keys."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import Closed, DefinitionError, InputError, KeyReused, NotFound, UnstorableValue
from agentkit.kernel import Approval, Stage, Workflow
from agentkit.stores import MemoryStore
from agentkit.testing.agents import Sleep
from tests.orchestrator.scenes import CHAIN, ONE, ended, opened, scripted, words


@dataclass(frozen=True)
class Sale:
    title: str
    amount: Decimal


@agent
async def double(task: Task[Sale]) -> Sale:
    return Sale(task.input.title, 2 * task.input.amount)


async def test_a_result_has_the_declared_type() -> None:
    flow = Workflow("double", [Stage("double", agent="double")], returns=Sale)
    async with opened(double) as orchestrator:
        result = await orchestrator.run(flow, Sale("Blue", Decimal("10.10")))

    assert result.output == Sale("Blue", Decimal("20.20"))
    assert result.output_json == '{"title":"Blue","amount":"20.20"}'
    assert result.values["double"] == result.output


async def test_the_output_of_several_last_stages_is_a_mapping() -> None:
    flow: Workflow[object] = Workflow("two", [Stage("a", agent="ada"), Stage("b", agent="bob")])
    async with opened(scripted("ada", 1), scripted("bob", [2])) as orchestrator:
        result = await orchestrator.run(flow)

    assert result.output == {"a": 1, "b": [2]}
    assert result.output_json == '{"a":1,"b":[2]}'


async def test_a_workflow_may_name_the_stage_that_is_its_result() -> None:
    flow: Workflow[object] = Workflow("two", CHAIN.stages, result="first")
    async with opened(scripted("ada", "this"), scripted("bob", "that")) as orchestrator:
        assert (await orchestrator.run(flow)).output == "this"


async def test_the_start_is_on_the_journal_before_submit_returns() -> None:
    store = MemoryStore()
    async with opened(scripted("ada"), store=store) as orchestrator:
        operation = await orchestrator.submit(ONE, {"a": 1})

        assert words(await store.read(operation.id))[0] == "OperationAccepted"


async def test_every_event_is_told_in_order() -> None:
    async with opened(scripted("ada"), scripted("bob")) as orchestrator:
        operation = await orchestrator.submit(CHAIN)
        entries = [entry async for entry in operation.events()]

    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert words([entry.event for entry in entries]) == [
        "OperationAccepted",
        "AttemptStarted first",
        "AttemptSucceeded first",
        "AttemptStarted second",
        "AttemptSucceeded second",
        "OperationCompleted",
    ]


@pytest.mark.parametrize("after", range(7))
async def test_events_can_be_read_on_from_any_number(after: int) -> None:
    async with opened(scripted("ada"), scripted("bob")) as orchestrator:
        operation = await orchestrator.submit(CHAIN)
        await operation
        numbers = [entry.number async for entry in operation.events(after=after)]

    assert numbers == list(range(after + 1, 7))


async def test_the_same_key_is_the_same_operation() -> None:
    ada = scripted("ada")
    async with opened(ada) as orchestrator:
        first = await orchestrator.submit(ONE, {"b": 1, "a": 2}, key="june")
        again = await orchestrator.submit(ONE, {"a": 2, "b": 1}, key="june")
        await again

    assert first.id == again.id
    assert ada.runs == 1


async def test_fifty_callers_with_one_key_start_one_operation() -> None:
    ada = scripted("ada", Sleep(1, "done"))
    async with opened(ada) as orchestrator:
        results = await asyncio.gather(*(orchestrator.run(ONE, 1, key="june") for _ in range(50)))

    assert len({result.operation_id for result in results}) == 1
    assert {result.output for result in results} == {"done"}
    assert ada.runs == 1


async def test_fifty_callers_on_two_orchestrators_start_one_operation() -> None:
    store = MemoryStore()
    ada = scripted("ada", Sleep(1, "done"))
    async with opened(ada, store=store) as one, opened(ada, store=store.sibling()) as two:
        calls = [(one, two)[n % 2].run(ONE, 1, key="june") for n in range(50)]
        results = await asyncio.gather(*calls)

    assert len({result.operation_id for result in results}) == 1
    assert ada.runs == 1


async def test_a_key_outlives_its_orchestrator() -> None:
    store = MemoryStore()
    ada = scripted("ada")
    async with opened(ada, store=store) as one:
        first = await one.run(ONE, 1, key="june")
    async with opened(ada, store=store) as two:
        again = await two.run(ONE, 1, key="june")

    assert (first.operation_id, first.output) == (again.operation_id, again.output)
    assert ada.runs == 1


@pytest.mark.parametrize("other", [(ONE, 2), (CHAIN, 1), (ONE, {"a": 1}), (ONE, True)])
async def test_a_key_with_another_request_is_refused(other: tuple[Workflow[object], object]) -> None:
    async with opened(scripted("ada"), scripted("bob")) as orchestrator:
        first = await orchestrator.submit(ONE, 1, key="june")
        with pytest.raises(KeyReused) as caught:
            _ = await orchestrator.submit(*other, key="june")

    assert caught.value.operation_id == first.id


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_has_a_sensible_length(key: str) -> None:
    async with opened(scripted("ada")) as orchestrator:
        with pytest.raises(InputError, match="1 to 255"):
            _ = await orchestrator.submit(ONE, key=key)


async def test_a_workflow_is_checked_before_anything_happens() -> None:
    flow: Workflow[object] = Workflow(
        "wrong",
        [
            Stage("a", agent="eve"),
            Stage("b", agent="ada", fallback=["mallory"]),
            Stage("c", agent="ada", resource="printer"),
        ],
    )
    store = MemoryStore()
    async with opened(scripted("ada"), store=store) as orchestrator:
        with pytest.raises(DefinitionError) as caught:
            _ = await orchestrator.submit(flow)
        assert await orchestrator.list() == []

    assert [line.split(";")[0] for line in caught.value.problems] == [
        "stage 'a': unknown agent 'eve'",
        "stage 'b': unknown agent 'mallory'",
        "stage 'c': unknown resource 'printer'",
    ]


async def test_placeholders_are_checked_before_anything_happens() -> None:
    flow: Workflow[object] = Workflow("wrong", [Stage("a", agent="ada", instruction="Sales of {month}")])
    async with opened(scripted("ada")) as orchestrator:
        with pytest.raises(DefinitionError, match=r"stage 'a': its instruction asks for \{month\}"):
            _ = await orchestrator.submit(flow, {"year": 2025})


async def test_the_question_of_an_approval_is_checked_as_an_instruction_is() -> None:
    asked = Approval(question="Pay {amount} to {payee}?")
    flow: Workflow[object] = Workflow("wrong", [Stage("pay", agent="ada", instruction="{job}", approval=asked)])
    async with opened(scripted("ada")) as orchestrator:
        with pytest.raises(DefinitionError) as caught:
            _ = await orchestrator.submit(flow, {"amount": 5})
        assert await orchestrator.list() == []

    assert caught.value.problems == (
        "stage 'pay': its instruction asks for {job}, but the input has no 'job'",
        "stage 'pay': its question asks for {payee}, but the input has no 'payee'",
    )


async def test_a_question_is_checked_where_no_instruction_asks_for_anything() -> None:
    flow: Workflow[object] = Workflow("wrong", [Stage("ask", approval=Approval(question="Pay {amount}?"))])
    async with opened() as orchestrator:
        with pytest.raises(DefinitionError, match=r"stage 'ask': its question asks for \{amount\}"):
            _ = await orchestrator.submit(flow, {"sum": 5})


async def test_instructions_are_filled_in_once() -> None:
    ada = scripted("ada")
    stage = Stage("a", agent="ada", instruction="{who}: {{month}} {n} {list}")
    async with opened(ada) as orchestrator:
        await orchestrator.run(Workflow("ask", [stage]), {"who": "{n}", "n": 3, "list": [1, None]})

    assert ada.tasks[0].instruction == "{n}: {month} 3 [1, null]"


@pytest.mark.parametrize("wrong", [float("nan"), {1: "a"}, {"a": (1, 2)}, {"a": {1}}, [b"x"]])
async def test_input_that_would_not_come_back_equal_is_refused(wrong: object) -> None:
    async with opened(scripted("ada")) as orchestrator:
        with pytest.raises(UnstorableValue):
            _ = await orchestrator.submit(ONE, wrong)


async def test_input_has_a_limit() -> None:
    async with opened(scripted("ada"), max_result=100) as orchestrator:
        _ = await orchestrator.submit(ONE, "x" * 98)
        with pytest.raises(InputError, match="101 characters of JSON; at most 100"):
            _ = await orchestrator.submit(ONE, "x" * 99)


async def test_a_workflow_that_changes_later_does_not_reach_its_operations() -> None:
    stages = [Stage("a", agent="ada")]
    given = {"months": [1, 2]}
    flow: Workflow[object] = Workflow("flow", stages)
    ada = scripted("ada")
    async with opened(ada) as orchestrator:
        operation = await orchestrator.submit(flow, given)
        stages.clear()
        given["months"].clear()
        await operation

    assert ada.tasks[0].input == {"months": [1, 2]}


async def test_operations_are_listed_newest_first_and_in_pages() -> None:
    async with opened(scripted("ada"), scripted("bob", ValueError)) as orchestrator:
        for number in range(3):
            await orchestrator.run(ONE, number)
            await asyncio.sleep(1)
        bad = await orchestrator.submit(CHAIN)
        with pytest.raises(Exception, match="second"):
            await bad
        newest, *older = await orchestrator.list()
        page = await orchestrator.list(before=newest, limit=2)
        failed = await orchestrator.list(status=["failed"])
        named = await orchestrator.list(workflow="one")

    assert newest.stream == bad.id
    assert [line.created_at for line in older] == sorted((line.created_at for line in older), reverse=True)
    assert page == older[:2]
    assert failed == [newest]
    assert named == older


async def test_an_operation_is_found_by_its_id() -> None:
    async with opened(scripted("ada")) as orchestrator:
        operation = await orchestrator.submit(ONE)
        found = await orchestrator.get(operation.id)
        result = await found

        assert found.workflow == ONE
        assert result.output == "ada"
        assert len(await orchestrator.history(operation.id)) == 4


async def test_what_is_not_there_is_not_found() -> None:
    async with opened(scripted("ada")) as orchestrator:
        for call in (orchestrator.get, orchestrator.cancel, orchestrator.resume, orchestrator.history):
            with pytest.raises(NotFound, match="nowhere"):
                await call("nowhere")


async def test_an_orchestrator_that_is_not_open_says_so() -> None:
    orchestrator = opened(scripted("ada"))
    with pytest.raises(Closed, match="async with"):
        _ = await orchestrator.submit(ONE)
    async with orchestrator:
        await orchestrator.run(ONE)
    with pytest.raises(Closed):
        await orchestrator.list()


async def test_a_large_fan_out_and_fan_in_runs() -> None:
    legs = [Stage(f"s{n}", agent="ada", group="legs") for n in range(1_000)]
    flow: Workflow[object] = Workflow("wide", [*legs, Stage("end", agent="bob", after=["legs"])])
    ada, bob = scripted("ada", lambda task: int(task.stage[1:])), scripted("bob", lambda task: sum(task.input.values()))
    async with opened(ada, bob) as orchestrator:
        result = await orchestrator.run(flow)

    assert result.output == sum(range(1_000))
    assert ada.runs == 1_000


async def test_the_same_key_of_two_tenants_starts_two_operations() -> None:
    async with opened(scripted("ada")) as orchestrator:
        names = [
            (await orchestrator.submit(ONE, key=key, tenant=tenant)).id
            for key, tenant in (("k", None), ("k", "acme"), ("k", "acme-corp"), ("k", "acme"), ("4:acmek", None))
        ]

    assert names[1] == names[3]
    assert len(set(names)) == 4


async def test_who_asks_and_whose_it_is_are_on_the_journal_and_stay_when_it_is_continued() -> None:
    failing = scripted("ada", ValueError("no"), "done")
    async with opened(failing) as orchestrator:
        operation = await orchestrator.submit(ONE, by="eve", tenant="acme")
        await ended(operation)
        again = await orchestrator.resume(operation.id)
        states = [await operation.state(), await again.state()]
        result = await orchestrator.run(ONE, by="bob", tenant="other")
        states.append(await (await orchestrator.get(result.operation_id)).state())

    assert [(state.requester, state.tenant) for state in states] == [("eve", "acme")] * 2 + [("bob", "other")]


@pytest.mark.parametrize("given", [{"by": ""}, {"by": "x" * 256}, {"tenant": ""}, {"tenant": "x" * 256}])
async def test_a_name_that_is_empty_or_too_long_is_refused(given: dict[str, Any]) -> None:
    async with opened(scripted("ada")) as orchestrator:
        with pytest.raises(InputError, match="must be a text of 1 to 255 characters"):
            await orchestrator.submit(ONE, **given)


async def test_a_tenant_lists_what_is_its_own_and_nothing_else() -> None:
    flow = Workflow("ask", [Stage("ask", agent="ask", approval=Approval())])

    @agent
    async def ask(task: Task[object]) -> None: ...

    async with opened(ask) as orchestrator:
        operations = {tenant: await orchestrator.submit(flow, tenant=tenant) for tenant in ("acme", "acme-corp", None)}
        while len(await orchestrator.approvals()) < 3:  # noqa: ASYNC110 - each is driven by a task of its own
            await asyncio.sleep(0)

        assert [line.stream for line in await orchestrator.list(tenant="acme")] == [operations["acme"].id]
        assert [one.operation_id for one in await orchestrator.approvals(tenant="acme")] == [operations["acme"].id]
        assert await orchestrator.list(tenant="acm%") == []
        assert len(await orchestrator.list()) == 3

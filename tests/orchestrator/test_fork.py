"""Forks: what is kept of the operation before, what runs again, and that the one before stays as it was."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import DefinitionError, InputError, KeyReused, NotFound, OperationFailed
from agentkit.kernel import Approval, Map, ResultCarried, RetryPolicy, Stage, When, Workflow
from agentkit.orchestrator import Operation
from agentkit.testing.agents import Hang, ScriptedAgent
from tests.orchestrator.scenes import journal_of, opened, scripted

FLOW: Workflow[object] = Workflow(
    "flow",
    [
        Stage("read", agent="read"),
        Stage("share", agent="share", after=["read"]),
        Stage("beside", agent="beside"),
        Stage("pay", agent="pay", after=["share", "beside"]),
    ],
)
NAMES = ("read", "share", "beside", "pay")


def crew() -> dict[str, ScriptedAgent]:
    return {name: scripted(name, f"{name} 1", f"{name} 2", f"{name} 3") for name in NAMES}


def runs(agents: dict[str, ScriptedAgent]) -> list[int]:
    return [agents[name].runs for name in NAMES]


async def kept(operation: Operation[Any]) -> set[str]:
    return {event.stage for event in await journal_of(operation) if isinstance(event, ResultCarried)}


async def test_a_fork_keeps_what_does_not_depend_on_its_stage_and_runs_the_rest() -> None:
    agents = crew()
    async with opened(*agents.values()) as orchestrator:
        first = await orchestrator.submit(FLOW)
        assert (await first).output == "pay 1"
        before = await orchestrator.history(first.id)
        fork = await orchestrator.fork(first, at="share")

        assert (await fork).output == "pay 2"
        assert await kept(fork) == {"read", "beside"}
        assert await orchestrator.history(first.id) == before
        state = await fork.state()
    assert runs(agents) == [1, 2, 1, 2]
    assert (state.origin, state.forked_at) == (first.id, "share")


async def test_a_running_operation_can_be_forked_and_runs_on() -> None:
    read, share = scripted("read", "read"), scripted("share", Hang("old"), "new")
    flow: Workflow[object] = Workflow("two", FLOW.stages[:2])
    async with opened(read, share) as orchestrator:
        first = await orchestrator.submit(flow)
        await asyncio.sleep(1)
        fork = await orchestrator.fork(first.id, at="share")

        assert (await fork).output == "new"
        share.release()
        assert (await first).output == "old"
    assert read.runs == 1


async def test_a_fork_under_a_key_begins_once() -> None:
    agents = crew()
    async with opened(*agents.values()) as orchestrator:
        first = await orchestrator.submit(FLOW)
        await first
        forks = [await orchestrator.fork(first, at="pay", key="again") for _ in range(3)]

        assert len({fork.id for fork in forks}) == 1
        with pytest.raises(KeyReused):
            await orchestrator.fork(first, at="share", key="again")
        with pytest.raises(KeyReused):
            await orchestrator.fork(first, at="pay", input=1, key="again")
        other = await orchestrator.fork(forks[0], at="pay", key="another")
        with pytest.raises(KeyReused):
            await orchestrator.fork(other, at="pay", key="again")
        await forks[0]
        await other
        assert (await orchestrator.fork(first, at="pay")).id not in (first.id, forks[0].id, other.id)


async def test_with_another_workflow_only_what_is_defined_in_another_way_runs_again() -> None:
    agents = crew()
    stages = list(FLOW.stages)
    stages[1] = Stage("share", agent="share", after=["read"], instruction="by turnover")
    repaired: Workflow[object] = Workflow("flow", stages)
    async with opened(*agents.values()) as orchestrator:
        first = await orchestrator.submit(FLOW)
        await first
        fork = await orchestrator.fork(first, workflow=repaired)

        assert (await fork).output == "pay 2"
        assert (await fork.state()).workflow == repaired
        assert (await fork.state()).forked_at == ""
    assert runs(agents) == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"timeout": 60}, False),
        ({"retry": RetryPolicy(attempts=3)}, False),
        ({"weight": 5}, False),
        ({"required": False}, False),
        ({"group": "all"}, False),
        ({"fallback": ["pay"]}, True),
        ({"agent": "pay"}, True),
        ({"when": When(present=True)}, True),
        ({"approval": Approval(by={"finance"})}, True),
        ({"after": ["beside"]}, True),
    ],
)
async def test_a_stage_is_another_one_if_it_gives_something_else(change: dict[str, Any], *, again: bool) -> None:
    agents = crew()
    stages = list(FLOW.stages)
    stages[0] = Stage("read", **{"agent": "read", **change})
    async with opened(*agents.values()) as orchestrator:
        first = await orchestrator.submit(FLOW, {})
        await first
        fork = await orchestrator.fork(first, workflow=Workflow("flow", stages), at="pay")

        if change.get("approval"):
            await fork.approve("read", by="bob", roles={"finance"})
        await fork
        assert ("read" not in await kept(fork)) is again


async def test_a_new_stage_runs_and_one_that_is_gone_is_not_missed() -> None:
    agents = crew()
    new: Workflow[object] = Workflow("flow", [FLOW["read"], Stage("pay", agent="pay", after=["read"])])
    async with opened(*agents.values()) as orchestrator:
        first = await orchestrator.submit(FLOW)
        await first

        assert (await (await orchestrator.fork(first, workflow=new))).output == "pay 2"
    assert runs(agents) == [1, 1, 1, 2]


@dataclass(frozen=True)
class Period:
    """What the reader takes from the input."""

    month: str


async def test_another_input_runs_again_who_sees_the_change() -> None:
    seen: list[str] = []

    @agent
    async def read(task: Task[Period]) -> str:
        seen.append(f"read {task.input.month}")
        return task.input.month

    @agent
    async def share(task: Task[str]) -> str:
        seen.append(task.instruction)
        return task.instruction

    flow: Workflow[object] = Workflow(
        "typed",
        [Stage("read", agent="read"), Stage("share", agent="share", after=["read"], instruction="by {rate}")],
    )
    async with opened(read, share) as orchestrator:
        first = await orchestrator.submit(flow, {"month": "2025-11", "rate": "10"})
        await first
        second = await orchestrator.fork(first, input={"month": "2025-11", "rate": "20"})
        assert (await second).output == "by 20"
        await (await orchestrator.fork(first, input={"rate": "10", "month": "2025-12"}))

    assert seen == ["read 2025-11", "by 10", "by 20", "read 2025-12", "by 10"]


@pytest.mark.parametrize(
    ("stage", "again"),
    [
        (Stage("read", agent="read"), True),
        (Stage("read", agent="read", when=When(path="go")), True),
        (Stage("read", agent="read", map=Map(path="rows")), False),
        (Stage("read", agent="read", map=Map(path="changed")), True),
        (Stage("read", wait=1), False),
        (Stage("read", approval=Approval(question="Pay {other}?")), False),
        (Stage("read", approval=Approval(question="Pay {sum}?")), True),
        (Stage("read", workflow=Workflow("inner", [Stage("inner", agent="read")])), True),
    ],
)
async def test_what_a_first_stage_sees_of_the_input(stage: Stage, *, again: bool) -> None:
    given = {"go": True, "rows": [1], "changed": [1], "sum": 1, "other": 2}
    flow: Workflow[object] = Workflow("first", [stage, Stage("pay", agent="pay", after=["read"])])
    async with opened(scripted("read"), scripted("pay")) as orchestrator:
        first = await orchestrator.submit(flow, given)
        if stage.approval:
            await first.approve("read", by="bob")
        await first
        fork = await orchestrator.fork(first, input={**given, "changed": [1.0], "sum": 2}, at="pay")

        begun = [event for event in await orchestrator.history(fork.id) if isinstance(event, ResultCarried)]
        assert bool(begun) is not again


async def test_an_input_that_is_given_again_changes_nothing() -> None:
    agents = crew()
    async with opened(*agents.values()) as orchestrator:
        first = await orchestrator.submit(FLOW, {"a": 1, "b": 2})
        await first
        await (await orchestrator.fork(first, at="pay", input={"b": 2, "a": 1}))
        assert runs(agents) == [1, 1, 1, 2]
        await (await orchestrator.fork(first, at="pay", input=None))

    assert runs(agents) == [2, 2, 2, 3]


async def test_what_made_do_without_a_failed_stage_runs_again_with_it() -> None:
    stages = [
        Stage("weak", agent="weak", required=False),
        Stage("strong", agent="strong"),
        Stage("both", agent="both", after=["weak", "strong"]),
    ]
    weak, strong = scripted("weak", ValueError("no"), "now"), scripted("strong")
    both = scripted("both", lambda task: [*task.missing])
    async with opened(weak, strong, both) as orchestrator:
        first = await orchestrator.submit(Workflow("weak", stages))
        assert (await first).output == ["weak"]
        fork = await orchestrator.fork(first, at="both")

        assert (await fork).output == []
    assert strong.runs == 1


async def test_a_skipped_stage_is_skipped_again_and_its_dependents_are_kept() -> None:
    stages = [
        Stage("skipped", agent="read", when=When(path="go")),
        Stage("share", agent="share", after=["skipped"]),
        Stage("pay", agent="pay", after=["share"]),
    ]
    agents = crew()
    async with opened(*agents.values()) as orchestrator:
        first = await orchestrator.submit(Workflow("skip", stages), {"go": False})
        await first
        fork = await orchestrator.fork(first, at="pay")
        await fork

        assert await kept(fork) == {"share"}
        assert (await fork.state()).stage("skipped").status == "skipped"


async def test_an_effect_is_not_done_again_in_a_fork() -> None:
    paid: list[str] = []

    @agent
    async def pay(task: Task[object]) -> object:
        def transfer(key: str) -> str:
            paid.append(key)
            return "receipt 1"

        return await task.effect("pay", key="INV-1").run(transfer)

    flow: Workflow[object] = Workflow("pay", [Stage("pay", agent="pay")])
    async with opened(pay) as orchestrator:
        first = await orchestrator.submit(flow)
        await first

        assert (await (await orchestrator.fork(first, at="pay"))).output == "receipt 1"
    assert len(paid) == 1


@pytest.mark.parametrize("listed", [False, True])
async def test_what_was_undone_is_not_kept(*, listed: bool) -> None:
    stages = [
        Stage("read", agent="read", undo="unread", map=Map(path="rows") if listed else None),
        Stage("share", agent="share"),
        Stage("pay", agent="pay", after=["read", "share"]),
    ]
    agents = {**crew(), "pay": scripted("pay", ValueError("no"), "paid")}
    async with opened(*agents.values(), scripted("unread")) as orchestrator:
        first = await orchestrator.submit(Workflow("undone", stages), {"rows": [1]})
        with pytest.raises(OperationFailed):
            await first
        fork = await orchestrator.fork(first, at="pay")

        assert (await fork).output == "paid"
        assert await kept(fork) == {"share"}


async def test_a_fork_belongs_to_the_same_tenant_and_is_asked_for_by_whoever_asks() -> None:
    agents = crew()
    async with opened(*agents.values()) as orchestrator:
        first = await orchestrator.submit(FLOW, by="ada", tenant="acme")
        await first
        same = await (await orchestrator.fork(first, at="pay")).state()
        other = await (await orchestrator.fork(first, at="pay", by="bob")).state()
        mine = await orchestrator.submit(FLOW, key="k", tenant="acme")
        await mine

        with pytest.raises(KeyReused):
            await orchestrator.fork(first, at="pay", key="k")
    assert (same.requester, same.tenant) == ("ada", "acme")
    assert (other.requester, other.tenant) == ("bob", "acme")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({}, InputError, "a fork differs in something"),
        ({"at": "nothing"}, NotFound, "workflow 'flow' has no stage 'nothing'.*read, share"),
        ({"workflow": Workflow("other", [Stage("x", agent="nobody")])}, DefinitionError, "unknown agent 'nobody'"),
        (
            {"workflow": Workflow("other", [Stage("x", agent="read", instruction="{month}")])},
            DefinitionError,
            "asks for {month}",
        ),
        ({"at": "pay", "input": "x" * 2_000}, InputError, "at most 1,000"),
        ({"at": "pay", "key": ""}, InputError, "a key must be a text"),
    ],
)
async def test_a_fork_that_makes_no_sense_is_refused(change: Any, error: type[Exception], words: str) -> None:
    async with opened(*crew().values(), max_result=1_000) as orchestrator:
        first = await orchestrator.submit(FLOW)
        await first

        with pytest.raises(error, match=words):
            await orchestrator.fork(first, **change)
        with pytest.raises(NotFound):
            await orchestrator.fork("nothing", at="pay")
        assert len(await orchestrator.list()) == 1


async def test_a_fork_is_continued_with_what_it_kept() -> None:
    agents = {**crew(), "pay": scripted("pay", "pay 1", ValueError("no"), "pay 3")}
    async with opened(*agents.values()) as orchestrator:
        first = await orchestrator.submit(FLOW)
        await first
        fork = await orchestrator.fork(first, at="pay")
        with pytest.raises(OperationFailed):
            await fork
        third = await orchestrator.resume(fork.id)

        assert (await third).output == "pay 3"
        assert (await third.state()).forked_at is None
    assert runs(agents) == [1, 1, 1, 3]

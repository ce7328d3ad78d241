"""The use cases: what a caller may ask, and whose things they see."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, get_args

import pytest
from pydantic import JsonValue

from agentkit import Approval, GiveUp, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.errors import (
    DefinitionError,
    InputError,
    KeyReused,
    NotAllowed,
    NotFound,
    NotReady,
    OperationFailed,
    Overloaded,
    TooLate,
)
from agentkit.orchestrator import Limits
from agentkit.service import Caller, Desk, Scope, Service, ServiceLimits
from agentkit.testing import VirtualClock
from agentkit.wire import (
    Decision,
    ExecuteRequest,
    OperationQuery,
    OperationSort,
    RerunRequest,
    SignalRequest,
    SubmitRequest,
    moment,
)


@agent
async def greet(task: Task[dict[str, str]]) -> str:
    """Says hello."""
    await task.attach("greeting.txt", b"hello")
    return f"Hello {task.input['name']}"


@agent
async def broken(task: Task[Any]) -> str:
    raise GiveUp("there is no ink")


@agent
async def pay(task: Task[Any]) -> Any:
    return dict(task.approval_given.form) if task.approval_given else None


@agent
async def wait(task: Task[Any]) -> Any:
    return task.input


GREET = Workflow("greet", [Stage("greet", agent="greet", instruction="Greet {name}")], description="Says hello")
BROKEN = Workflow("broken", [Stage("print", agent="broken", retry=RetryPolicy(attempts=1))])
PAY = Workflow(
    "pay",
    [Stage("pay", agent="pay", approval=Approval(by={"finance"}, form={"amount": "decimal", "on": "date?"}))],
)
ASK = Workflow("ask", [Stage("ask", signal="answer")])
FLOWS = [GREET, BROKEN, PAY, ASK]
ADA = Caller(name="ada", tenant="acme", scopes={"read", "run", "approve"}, roles={"finance"})
BOB = Caller(name="bob", tenant="acme", scopes={"read", "run", "approve"}, roles={"finance"})
EVE = Caller(name="eve", tenant="acme-corp", scopes={"read", "run", "approve", "admin"})
NAMED: JsonValue = {"name": "Ada"}


@asynccontextmanager
async def service(**more: Any) -> AsyncGenerator[Service, None]:
    async with Orchestrator([greet, broken, pay, wait], limits=more.pop("bounds", None)) as orchestrator:
        yield Service(orchestrator, FLOWS, **more)


async def ended(desk: Desk, operation_id: str) -> str:
    """Follow it to its end; the status."""
    status = ""
    async for page in desk.progress(operation_id, seconds=0):
        status = page.status
    return status


async def test_an_operation_is_started_followed_and_fetched() -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        page = await desk.submit(SubmitRequest(workflow="greet", input=NAMED, metadata={"month": "11"}), key="k")

        assert (page.workflow, page.ended, page.requester, page.tenant) == ("greet", False, "ada", "acme")
        assert await ended(desk, page.id) == "completed"
        types = [line.type async for line in desk.events(page.id)]
        assert types[0] == "operation.accepted"
        assert types[-1] == "operation.completed"
        assert [line.number for line in await desk.history(page.id, after=1)] == list(range(2, len(types) + 1))
        assert (await desk.result(page.id)).output == "Hello Ada"
        (file,) = await desk.files(page.id)
        assert (file.name, file.size, await desk.file(page.id, "greeting.txt")) == ("greeting.txt", 5, b"hello")
        whole = await desk.operation(page.id)
        assert (whole.fraction, whole.stages[0].status, whole.metadata) == (1, "completed", {"month": "11"})


async def test_the_same_key_leads_to_the_same_operation_and_another_input_is_refused() -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        first = await desk.submit(SubmitRequest(workflow="greet", input=NAMED), key="k")
        again = await desk.submit(SubmitRequest(workflow="greet", input=NAMED), key="k")
        other = await open_service.desk(EVE).submit(SubmitRequest(workflow="greet", input=NAMED), key="k")

        assert first.id == again.id != other.id
        with pytest.raises(KeyReused):
            await desk.submit(SubmitRequest(workflow="greet", input={"name": "Bob"}), key="k")


async def test_what_belongs_to_another_tenant_looks_like_what_does_not_exist() -> None:
    async with service() as open_service:
        page = await open_service.desk(ADA).submit(SubmitRequest(workflow="greet", input=NAMED))
        await ended(open_service.desk(ADA), page.id)
        eve = open_service.desk(EVE)

        async def events(operation_id: str) -> object:
            return [line async for line in eve.events(operation_id)]

        async def progress(operation_id: str) -> object:
            return [line async for line in eve.progress(operation_id)]

        calls: list[Callable[[str], Awaitable[object]]]
        calls = [eve.operation, eve.history, eve.result, eve.files, eve.cancel, eve.retry, eve.approvals, events]
        for call in [*calls, progress]:
            words = []
            for operation_id in (page.id, "nowhere"):
                with pytest.raises(NotFound) as raised:
                    await call(operation_id)
                words.append(str(raised.value).replace(operation_id, "ID"))
            assert words[0] == words[1]
        with pytest.raises(NotFound):
            await eve.file(page.id, "greeting.txt")
        with pytest.raises(NotFound):
            await eve.rerun(page.id, RerunRequest(at="greet"))
        with pytest.raises(NotFound):
            await eve.signal(page.id, SignalRequest(name="answer"))
        assert (await eve.operations(OperationQuery())).items == []


NEEDED: dict[str, Scope] = {
    "operations": "read",
    "agents": "read",
    "workflows": "read",
    "approvals": "read",
    "submit": "run",
    "cancel": "run",
    "retry": "run",
    "rerun": "run",
    "signal": "run",
    "decide": "approve",
}


@pytest.mark.parametrize("call", NEEDED)
async def test_who_lacks_the_scope_is_refused(call: str) -> None:
    arguments: dict[str, tuple[Any, ...]] = {
        "operations": (OperationQuery(),),
        "submit": (SubmitRequest(workflow="greet", input=NAMED),),
        "cancel": ("x",),
        "retry": ("x",),
        "rerun": ("x", RerunRequest(at="greet")),
        "signal": ("x", SignalRequest(name="answer")),
        "decide": ("x", Decision(stage="pay", approve=True)),
    }
    every: set[Scope] = {"read", "run", "approve"}
    async with service() as open_service:
        desk = open_service.desk(Caller(name="ada", tenant="acme", scopes=every - {NEEDED[call]}))
        with pytest.raises(NotAllowed, match=f"takes the scope '{NEEDED[call]}'"):
            await getattr(desk, call)(*arguments.get(call, ()))


async def test_pages_follow_each_other_without_gap_or_repetition() -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        made = [(await desk.submit(SubmitRequest(workflow="greet", input=NAMED))).id for _ in range(5)]
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = await desk.operations(OperationQuery(limit=2, cursor=cursor))
            seen += [line.id for line in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break

        assert seen == made[::-1]
        with pytest.raises(InputError, match="cursor is none of ours"):
            await desk.operations(OperationQuery(cursor="WyJhIl0"))
        with pytest.raises(InputError, match="'done' is no status"):
            await desk.operations(OperationQuery(status=("done",)))


@pytest.mark.parametrize("sort", ["newest", "oldest", "changed"])
async def test_a_cursor_belongs_to_the_order_of_its_list(sort: OperationSort) -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        for _ in range(3):
            await ended(desk, (await desk.submit(SubmitRequest(workflow="greet", input=NAMED))).id)
        first = await desk.operations(OperationQuery(sort=sort, limit=1))
        rest = await desk.operations(OperationQuery(sort=sort, cursor=first.next_cursor))

        assert len({line.id for line in [*first.items, *rest.items]}) == 3
        for other in (one for one in get_args(OperationSort) if one != sort):
            with pytest.raises(InputError, match=f"sorted by '{sort}', not by '{other}'"):
                await desk.operations(OperationQuery(sort=other, cursor=first.next_cursor))


async def test_lists_are_narrowed_by_workflow_status_text_and_time() -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        for name in ("greet", "broken"):
            await ended(desk, (await desk.submit(SubmitRequest(workflow=name, input=NAMED))).id)
        failed = await desk.operations(OperationQuery(status=("failed", "cancelled")))
        (line,) = failed.items

        assert line.workflow == "broken"
        assert len((await desk.operations(OperationQuery(workflow="greet"))).items) == 1
        for text in ("ROKE", line.id[-6:], line.id):
            assert (await desk.operations(OperationQuery(text=text))).items == [line]
        assert (await desk.operations(OperationQuery(created_before=line.created_at, workflow="broken"))).items == []
        assert len((await desk.operations(OperationQuery(created_after=line.created_at))).items) == 1


async def test_what_failed_says_why_and_is_retried() -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        page = await desk.submit(SubmitRequest(workflow="broken", input=NAMED))
        assert await ended(desk, page.id) == "failed"
        whole = await desk.operation(page.id)

        assert whole.failure is not None
        assert whole.failure.code == "give_up"
        assert "stage print" in whole.failure.message
        assert "there is no ink" in whole.failure.message
        with pytest.raises(OperationFailed):
            await desk.result(page.id)
        again = await desk.retry(page.id)
        assert again.origin == page.id


async def test_a_result_before_the_end_is_not_ready() -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        page = await desk.submit(SubmitRequest(workflow="ask"))

        with pytest.raises(NotReady, match="has no result yet"):
            await desk.result(page.id)
        await desk.signal(page.id, SignalRequest(name="answer", value={"a": 1}))
        assert await ended(desk, page.id) == "completed"
        assert (await desk.result(page.id)).output == {"a": 1}


async def test_people_decide_with_amounts_and_dates_as_texts() -> None:
    async with service() as open_service:
        ada, bob = open_service.desk(ADA), open_service.desk(BOB)
        page = await ada.submit(SubmitRequest(workflow="pay"))
        while not (asked := await bob.approvals(page.id)):  # noqa: ASYNC110 - another task asks
            await asyncio.sleep(0)
        decision = Decision(stage="pay", approve=True, form={"amount": "12.50", "on": "2026-11-26"}, comment="fine")

        assert [line.operation for line in await bob.approvals()] == [page.id]
        assert asked[0].form == {"amount": "decimal", "on": "date?"}
        with pytest.raises(NotAllowed):
            await ada.decide(page.id, decision)
        with pytest.raises(InputError, match="field 'amount'"):
            await bob.decide(page.id, Decision(stage="pay", approve=True, form={"amount": "12,50"}))
        await bob.decide(page.id, decision)
        assert await ended(ada, page.id) == "completed"
        assert (await ada.result(page.id)).output == {"amount": "12.50", "on": "2026-11-26"}
        with pytest.raises(TooLate):
            await bob.decide(page.id, decision)


async def test_an_operation_is_run_again_with_another_input() -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        page = await desk.submit(SubmitRequest(workflow="greet", input=NAMED))
        await ended(desk, page.id)
        again = await desk.rerun(page.id, RerunRequest(input={"name": "Bob"}, changes_input=True), key="again")
        await ended(desk, again.id)

        assert (await desk.result(again.id)).output == "Hello Bob"
        with pytest.raises(InputError, match="differs in something"):
            await desk.rerun(page.id, RerunRequest())


async def test_nobody_runs_again_what_only_an_admin_may_ask() -> None:
    admin = Caller(name="olga", tenant="acme", scopes={"admin"})
    mine: JsonValue = {"name": "mine", "stages": [{"name": "work", "agent": "wait"}]}
    changed = RerunRequest(input={"name": "Bob"}, changes_input=True)
    async with service() as open_service:
        olga, ada = open_service.desk(admin), open_service.desk(ADA)
        asked = await olga.execute(ExecuteRequest(agent="wait", task="", input=NAMED))
        # An agent called as a workflow that asks people first.
        paid = await olga.execute(ExecuteRequest(agent="pay", task="", input=NAMED))
        defined = await olga.define(mine, SubmitRequest(workflow="mine", input=NAMED))
        for page in (asked, paid, defined):
            await ended(olga, page.id)
            with pytest.raises(NotAllowed, match="as an admin"):
                await ada.rerun(page.id, changed)
            assert await ended(olga, (await olga.rerun(page.id, changed)).id) == "completed"
        with pytest.raises(InputError, match="'pay' is offered here"):
            await olga.define(
                {"name": "pay", "stages": [{"name": "work", "agent": "wait"}]}, SubmitRequest(workflow="pay")
            )
    async with service(direct=("wait",)) as open_service:
        ada = open_service.desk(ADA)
        asked = await ada.execute(ExecuteRequest(agent="wait", task="", input=NAMED))
        await ended(ada, asked.id)
        assert await ended(ada, (await ada.rerun(asked.id, changed)).id) == "completed"
    typed = Workflow("wait", [Stage("wait", agent="wait")], returns=str)
    async with Orchestrator([wait]) as orchestrator:
        ada = Service(orchestrator, [typed]).desk(ADA)
        page = await ada.submit(SubmitRequest(workflow="wait"))
        await ended(ada, page.id)
        assert await ended(ada, (await ada.rerun(page.id, RerunRequest(at="wait"))).id) == "completed"


async def test_an_operation_is_not_run_again_with_an_input_that_lacks_something() -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        page = await desk.submit(SubmitRequest(workflow="greet", input=NAMED))
        await ended(desk, page.id)
        with pytest.raises(InputError, match=r"asks for \{name\}"):
            await desk.rerun(page.id, RerunRequest(input={}, changes_input=True))


async def test_a_workflow_tells_what_it_takes() -> None:
    async with service() as open_service:
        desk = open_service.desk(ADA)
        page = await desk.workflow("greet")

        assert page.input == {"type": "object", "additionalProperties": {"type": "string"}}
        assert (page.description, page.stages) == ("Says hello", 1)
        assert "flowchart LR" in page.diagram
        assert [line.name for line in await desk.workflows()] == ["ask", "broken", "greet", "pay"]
        with pytest.raises(NotFound, match="there are: ask, broken, greet, pay"):
            await desk.workflow("other")
        with pytest.raises(NotFound, match="no workflow 'other'"):
            await desk.submit(SubmitRequest(workflow="other"))
        with pytest.raises(InputError, match="name"):
            await desk.submit(SubmitRequest(workflow="greet", input={}))


async def test_agents_are_told_with_what_they_take_and_give() -> None:
    async with service() as open_service:
        lines = {line.name: line for line in await open_service.desk(ADA).agents()}

        assert lines["greet"].output == {"type": "string"}
        assert lines["wait"].input == {}


async def test_where_too_much_waits_new_work_is_refused() -> None:
    bounds = Limits(max_parallel=1)
    async with service(bounds=bounds, limits=ServiceLimits(max_open_per_tenant=2)) as open_service:
        ada = open_service.desk(ADA)
        for _ in range(2):
            await ada.submit(SubmitRequest(workflow="ask"))
        with pytest.raises(Overloaded, match="2 operations of yours have not ended"):
            await ada.submit(SubmitRequest(workflow="ask"))
        assert (await open_service.desk(EVE).submit(SubmitRequest(workflow="ask"))).tenant == "acme-corp"
    async with service(bounds=bounds, limits=ServiceLimits(max_waiting=1)) as open_service:
        ada = open_service.desk(ADA)
        while open_service.has_room:
            await ada.submit(SubmitRequest(workflow="greet", input=NAMED))
        with pytest.raises(Overloaded, match="wait for room already") as refusal:
            await open_service.desk(EVE).submit(SubmitRequest(workflow="greet", input=NAMED))
        # How much of somebody else's waits is not told.
        assert not any(letter.isdigit() for letter in str(refusal.value))


async def test_p20_a_place_in_line_counts_the_work_of_the_own_tenant_alone() -> None:
    hold = asyncio.Event()

    @agent
    async def held(task: Task[Any]) -> None:
        await hold.wait()

    flow = Workflow("held", [Stage("held", agent="held")])
    async with Orchestrator([held], limits=Limits(max_parallel=1)) as orchestrator:
        open_service = Service(orchestrator, [flow])
        ada, eve, root = [open_service.desk(one) for one in (ADA, EVE, Caller(name="root"))]
        await root.submit(SubmitRequest(workflow="held"))
        others = [await eve.submit(SubmitRequest(workflow="held", priority="high")) for _ in range(5)]
        page = await ada.submit(SubmitRequest(workflow="held", priority="low"))
        places = [page.position, others[-1].position, (await root.operation(page.id)).position]
        place = orchestrator.position(page.id)
        hold.set()

    assert places == [1, 5, 1]
    assert place == 6


async def test_when_it_is_likely_to_be_done_is_said_by_what_is_usual_until_it_has_a_speed_of_its_own() -> None:
    at, hold = 1_000.0, asyncio.Event()

    @agent
    async def held(task: Task[Any]) -> None:
        await hold.wait()

    class Standing(VirtualClock):
        def now(self) -> float:
            return at

    flow = Workflow("held", [Stage("held", agent="held"), Stage("then", signal="go", after=["held"])])
    async with Orchestrator([held], clock=Standing()) as orchestrator:
        desk = Service(orchestrator, [flow]).desk()
        first = await desk.submit(SubmitRequest(workflow="held"))
        assert (await desk.operation(first.id)).estimated_at is None
        await desk.signal(first.id, SignalRequest(name="go"))
        at += 60
        hold.set()
        assert await ended(desk, first.id) == "completed"
        hold.clear()
        at += 40
        second = await desk.submit(SubmitRequest(workflow="held"))
        shown = [second, await desk.operation(second.id), await anext(desk.progress(second.id))]
        assert [(page.estimated_at, page.seconds_left) for page in shown] == [(moment(1_160.0), 60.0)] * 3
        lost = second.model_copy(update={"status": "quarantined", "estimated_at": None})
        assert (await desk._estimated(lost)).estimated_at is None
        starts = Service(orchestrator, [flow]).desk(Caller(name="bot", scopes={"run"}))
        assert (await starts.submit(SubmitRequest(workflow="held"))).estimated_at is None
        hold.set()
        async for page in desk.progress(second.id, seconds=0):
            if page.waiting:
                break

        assert page.estimated_at is None


async def test_who_follows_no_more_leaves_nothing_behind() -> None:
    async with service() as open_service:
        ada, live = open_service.desk(ADA), open_service.orchestrator._open().live
        begun = await ada.submit(SubmitRequest(workflow="ask"))
        pages = ada.progress(begun.id)
        await anext(pages)
        assert live._listeners
        await pages.aclose()

        assert not live._listeners


async def test_who_may_start_and_not_look_has_the_answer_of_what_they_have_started_and_of_nothing_else() -> None:
    async with service() as open_service:
        bot = open_service.desk(Caller(name="bot", tenant="acme", scopes={"run"}))
        page = await bot.submit(SubmitRequest(workflow="greet", input=NAMED))
        other = await open_service.desk(ADA).submit(SubmitRequest(workflow="greet", input=NAMED))
        for one in (page, other):
            assert await ended(open_service.desk(ADA), one.id) == "completed"

        assert (await bot.result_of_own(page.id)).output == "Hello Ada"
        with pytest.raises(NotAllowed):
            await bot.result_of_own(other.id)
        stranger = open_service.desk(Caller(name="bot", tenant="other", scopes={"run"}))
        for unknown in (page.id, "none"):
            with pytest.raises(NotFound, match=f"there is no operation '{unknown}' in this store"):
                await stranger.result_of_own(unknown)


async def test_to_run_again_takes_room_as_a_start_does() -> None:
    async with service(limits=ServiceLimits(max_open_per_tenant=1)) as open_service:
        ada = open_service.desk(ADA)
        failed = await ada.submit(SubmitRequest(workflow="broken"))
        await ended(ada, failed.id)
        waits = await ada.submit(SubmitRequest(workflow="ask"))
        with pytest.raises(Overloaded, match="1 operations of yours"):
            await ada.retry(failed.id)
        with pytest.raises(Overloaded, match="1 operations of yours"):
            await ada.rerun(failed.id, RerunRequest(at="print"))
        assert (await ada.retry(waits.id)).id == waits.id


async def test_health_says_what_was_looked_at() -> None:
    async with service() as open_service:
        health = await open_service.desk(ADA).health()

        assert health.ok
        assert {check.name for check in health.checks} == {"store", "queue", "stalled", "abandoned"}
        assert (health.agents, health.workflows) == (4, 4)


async def test_who_waits_is_told_to_those_who_see_all_tenants_and_to_no_others() -> None:
    async with service(bounds=Limits(max_parallel=1), limits=ServiceLimits(max_waiting=7)) as open_service:
        desk, ada = open_service.desk(), open_service.desk(ADA)
        operation = await ada.submit(SubmitRequest(workflow="ask", priority="high"))
        health, told = await desk.health(), await ada.health()
        await ada.cancel(operation.id)

    assert (told.queue, told.resources) == (None, None)
    assert health.queue is not None
    assert health.resources is not None
    assert (health.queue.most_waiting, health.queue.most_running) == (7, 1)
    assert health.queue.driven + health.queue.waiting == 1
    assert list(health.queue.by_priority) == ["high", "normal", "low"]
    assert health.queue.oldest_seconds is None or health.queue.oldest_seconds >= 0


async def test_two_workflows_of_one_name_are_refused() -> None:
    async with Orchestrator([greet]) as orchestrator:
        with pytest.raises(DefinitionError, match="two workflows are called 'greet'"):
            Service(orchestrator, [GREET, GREET])


def test_an_agent_that_may_be_asked_directly_is_there() -> None:
    with pytest.raises(DefinitionError, match="no agent 'gret' works here; there are: greet"):
        Service(Orchestrator([greet]), direct=["gret"])


def test_a_caller_is_checked() -> None:
    with pytest.raises(DefinitionError, match="no scope 'write'"):
        Caller(name="ada", scopes={"write"})  # type: ignore[arg-type]  # what must be refused
    with pytest.raises(DefinitionError, match="needs a name"):
        Caller(name="")

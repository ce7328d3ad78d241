"""Who does a stage instead of its own agent, as a caller chooses it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import JsonValue

from agentkit import Approval, Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import DefinitionError, InputError, KeyReused, NotAllowed
from agentkit.screens import stage_agents
from agentkit.service import Caller, Desk, Service
from agentkit.wire import AgentLine, PlanRequest, RerunRequest, SubmitRequest, WorkflowPage


@agent
async def draft(task: Task[dict[str, str]]) -> str:
    return f"draft of {task.input['page']}"


@agent
async def print_page(task: Task[dict[str, str]]) -> str:
    return f"print of {task.input['page']}"


@agent
async def sketch(task: Task[dict[str, str]]) -> str:
    return f"sketch of {task.input['page']}"


@agent
async def pay(task: Task[Any]) -> Any:
    return "paid"


@agent
async def count(task: Task[list[int]]) -> int:
    return sum(task.input)


FLOW = Workflow(
    "write",
    [
        Stage("write", agent="draft", fallback=["sketch"]),
        Stage("wait", after=["write"], wait=0),
        Stage("pay", agent="pay", after=["wait"], approval=Approval(by={"finance"})),
    ],
    result="write",
)
FREE = Workflow("free", [Stage("only", agent="draft", fallback=["sketch"])])
ADMIN = Caller(name="olga", tenant="acme", scopes={"admin"})
ADA = Caller(name="ada", tenant="acme", scopes={"read", "run"})
PAGE: JsonValue = {"page": "7"}


@asynccontextmanager
async def service(**more: Any) -> AsyncGenerator[Service, None]:
    async with Orchestrator([draft, sketch, print_page, pay, count]) as orchestrator:
        yield Service(orchestrator, [FLOW, FREE], **more)


async def output(desk: Desk, operation_id: str) -> JsonValue:
    async for _ in desk.events(operation_id):
        pass
    return (await desk.result(operation_id)).output


def asked(**agents: str) -> SubmitRequest:
    return SubmitRequest(workflow="free", input=PAGE, agents=agents)


async def test_the_chosen_agent_works_and_the_journal_says_so() -> None:
    async with service() as opened:
        desk = opened.desk(ADMIN)
        page = await desk.submit(asked(only="print_page"))
        usual = await desk.submit(asked())

        assert await output(desk, page.id) == "print of 7"
        assert await output(desk, usual.id) == "draft of 7"
        (accepted,) = await desk.history(page.id, limit=1)
        definition: Any = accepted.data["workflow"]
        assert definition["stages"] == [{"name": "only", "agent": "print_page", "fallback": ["sketch"]}]


async def test_the_same_key_with_another_agent_is_another_request() -> None:
    async with service() as opened:
        desk = opened.desk(ADMIN)
        first = await desk.submit(asked(only="print_page"), key="once")

        assert (await desk.submit(asked(only="print_page"), key="once")).id == first.id
        for other in (asked(), asked(only="sketch")):
            with pytest.raises(KeyReused):
                await desk.submit(other, key="once")


async def test_what_runs_again_keeps_the_chosen_agent() -> None:
    async with service() as opened:
        desk = opened.desk(ADMIN)
        page = await desk.submit(asked(only="print_page"))
        await output(desk, page.id)
        again = await desk.rerun(page.id, RerunRequest(input={"page": "8"}, changes_input=True))

        assert await output(desk, again.id) == "print of 8"


@pytest.mark.parametrize(
    ("agents", "said"),
    [
        ({"read": "sketch"}, "has no stage 'read'; stages that agents work on are 'pay', 'write'"),
        ({"wait": "sketch"}, "has no agent at stage 'wait'"),
        ({"write": "nobody"}, "stage 'write': unknown agent 'nobody'; known are 'count', 'draft', 'pay', 'print_page'"),
        ({"write": "agentkit.webhook"}, "unknown agent 'agentkit.webhook'"),
    ],
)
async def test_what_there_is_not_is_refused_before_anything_begins(agents: dict[str, str], said: str) -> None:
    async with service() as opened:
        desk = opened.desk(ADMIN)
        with pytest.raises(InputError, match=said):
            await desk.submit(SubmitRequest(workflow="write", input=PAGE, agents=agents))
        with pytest.raises(InputError, match=said):
            await desk.plan("write", PlanRequest(input=PAGE, agents=agents))

        assert await opened.orchestrator.list() == []


async def test_nobody_gets_round_a_question_by_choosing_who_does_another_stage() -> None:
    async with service() as opened:
        ada, olga = opened.desk(ADA), opened.desk(ADMIN)
        with pytest.raises(NotAllowed, match="may not have agent 'pay' do stage 'only', which is for draft or sketch"):
            await ada.submit(asked(only="pay"))
        with pytest.raises(NotAllowed):
            await ada.plan("free", PlanRequest(input=PAGE, agents={"only": "pay"}))
        # A fallback of the stage may do it anyway, and so may what the service lets everybody ask.
        assert await output(ada, (await ada.submit(asked(only="sketch"))).id) == "sketch of 7"
        paid = await olga.submit(asked(only="pay"))
        assert await output(olga, paid.id) == "paid"
        with pytest.raises(NotAllowed):
            await ada.rerun(paid.id, RerunRequest(at="only"))
    async with service(direct=("print_page",)) as opened:
        ada = opened.desk(ADA)
        page = await ada.submit(asked(only="print_page"))
        assert await output(ada, page.id) == "print of 7"
        assert await output(ada, (await ada.rerun(page.id, RerunRequest(at="only"))).id) == "print of 7"


async def test_a_plan_is_that_of_the_chosen_agents() -> None:
    async with service() as opened:
        plan = await opened.desk(ADMIN).plan("write", PlanRequest(input=PAGE, agents={"write": "print_page"}))

    assert plan.stages[0].agents == ["print_page", "sketch"]


async def test_programs_choose_too() -> None:
    async with Orchestrator([draft, sketch, print_page]) as orchestrator:
        operation = await orchestrator.submit(FREE, PAGE, agents={"only": "print_page"})
        assert (await operation).output == "print of 7"
        with pytest.raises(DefinitionError, match="unknown agent 'nobody'"):
            await orchestrator.submit(FREE, PAGE, agents={"only": "nobody"})


async def test_a_page_offers_who_fits_and_may_be_chosen() -> None:
    async with service(direct=("print_page", "count")) as opened:
        ada, olga = opened.desk(ADA), opened.desk(ADMIN)
        seen = {
            desk.caller.name: {
                row.stage: (row.usual, *row.choices)
                for row in stage_agents(await desk.workflow("write"), await desk.agents())
            }
            for desk in (ada, olga)
        }

    # Of `pay` nobody knows what it takes and gives.
    assert seen["ada"] == {
        "write": ("draft", "draft", "print_page", "sketch"),
        "pay": ("pay", "pay", "count", "print_page"),
    }
    assert seen["olga"] == {
        "write": ("draft", "draft", "pay", "print_page", "sketch"),
        "pay": ("pay", "pay", "count", "draft", "print_page", "sketch"),
    }


def test_types_are_the_same_whatever_people_read_of_them() -> None:
    def line(name: str, said: str, kind: str = "string") -> AgentLine:
        shape: JsonValue = {"title": said, "type": "object", "properties": {"title": {"type": kind, "title": said}}}
        return AgentLine(name=name, input=shape, output={}, direct=True)

    flow: JsonValue = {
        "stages": [{"name": "a", "agent": "ada", "fallback": {"agent": "cyd"}}, {"name": "b", "wait": 1}]
    }
    page = WorkflowPage(name="flow", stages=2, definition=flow, diagram="")
    lines = [
        line("ada", "One"),
        line("bob", "Two"),
        line("cyd", "Three", "integer"),
        AgentLine(name="dan", direct=True),
    ]

    assert [row.choices for row in stage_agents(page, lines)] == [("ada", "bob", "dan")]
    assert [row.choices for row in stage_agents(page, lines[1:])] == [("ada", "bob", "cyd", "dan")]
    assert stage_agents(page.model_copy(update={"definition": None}), lines) == ()

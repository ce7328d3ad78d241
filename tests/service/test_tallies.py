"""Figures are of operations that really ran, in two periods, and cost what these hold."""

from datetime import timedelta

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.service import Service
from agentkit.wire import FiguresQuery, SubmitRequest, moment

DAY = 86_400


@agent
def work(task: Task[dict[str, str]]) -> str:
    if task.input.get("fails"):
        raise ValueError("no")
    return "done"


FLOW = Workflow("flow", [Stage("work", agent="work")])


async def test_figures_are_of_the_period_and_of_the_one_before() -> None:
    async with Orchestrator([work]) as orchestrator:
        desk = Service(orchestrator, [FLOW]).desk()
        for given in ({}, {}, {}, {"fails": "yes"}):
            begun = await desk.submit(SubmitRequest(workflow="flow", input=dict(given)))
            _ = [page async for page in desk.progress(begun.id)]
        now = orchestrator.now()
        today = await desk.figures(FiguresQuery())
        tomorrow = await desk.figures(FiguresQuery(since=moment(now + DAY)))
        before = await desk.figures(FiguresQuery(since=moment(orchestrator.now()), before=moment(now - DAY)))

    assert (today.current.accepted, today.current.completed, today.current.failed) == (4, 3, 1)
    assert today.current.success_rate == 0.75
    assert today.current.is_whole
    assert (today.previous.completed, today.previous.mean_seconds) == (0, None)
    assert (tomorrow.current.completed, before.current.completed) == (0, 0)
    assert [(one.name, one.completed, one.failed, one.success_rate) for one in today.agents] == [("work", 3, 1, 0.75)]
    assert today.current.until - today.current.since == timedelta(days=1)

"""Small workflows for the tests of the simulation kit."""

from datetime import timedelta
from typing import Never

from agentkit.agents import Agent, Task, agent
from agentkit.kernel import Approval, Loop, Map, RetryPolicy, Stage, When, Workflow
from agentkit.testing import ScriptedAgent, happened

DAY = 86_400.0


def one(name: str = "only", **settings: object) -> Workflow[object]:
    return Workflow("one", [Stage(name, agent="clerk", **settings)])  # type: ignore[arg-type]  # settings of any kind


def clerk(*script: object) -> ScriptedAgent:
    return ScriptedAgent("clerk", script or ("done",))


ORDER: Workflow[object] = Workflow(
    "order",
    [
        Stage("wait", wait=timedelta(days=30)),
        Stage("pay", agent="clerk", after=["wait"], approval=Approval(by={"finance"}, remind=timedelta(days=1))),
    ],
)

CHILD: Workflow[object] = Workflow(
    "child", [Stage("ask", approval=Approval()), Stage("do", agent="clerk", after=["ask"])]
)

RICH: Workflow[object] = Workflow(
    "rich",
    [
        Stage("read", agent="read", writes={"log": "append"}),
        Stage(
            "each", agent="each", after=["read"], map=Map("read", parallel=2), retry=RetryPolicy(attempts=2, delay=1)
        ),
        Stage("again", agent="again", after=["read"], loop=Loop(until=When(path="turn", at_least=3), most=5)),
        Stage("never", agent="read", after=["read"], when=When("read", present=False)),
        Stage("go", after=["each"], signal="go"),
        Stage("child", after=["go", "again"], workflow=CHILD),
        Stage("once", agent="once", after=["child"], effect="at_most_once", undo="back"),
        Stage("pay", agent="pay", after=["once", "never"], approval=Approval(by={"finance"}), reads=["log"]),
    ],
)


def rich_agents() -> list[Agent[Never, object]]:
    """Fresh agents for `RICH`, with a bank that knows whom it has paid."""
    paid: set[str] = set()

    @agent
    async def read(task: Task[object]) -> list[int]:
        task.context["log"] = task.stage
        return [1, 2, 3, 4]

    @agent
    async def each(task: Task[int]) -> int:
        if task.attempt == 1 and task.index == 2:
            raise ConnectionError("not yet")
        return 10 * task.input

    @agent
    async def again(task: Task[object]) -> dict[str, int]:
        return {"turn": task.index or 0}

    @agent
    async def once(task: Task[object]) -> str:
        happened("once")
        return "once"

    @agent
    async def back(task: Task[object]) -> None:
        happened("back")

    @agent
    async def pay(task: Task[object]) -> str:
        if task.idempotency_key not in paid:
            paid.add(task.idempotency_key)
            happened("transfer", "INV-1")
        task.emit("paid", {"invoice": "INV-1"})
        return f"paid with {task.context['log']}"

    return [read, each, again, once, back, pay, clerk("done")]

"""A process that dies in the middle of the second of four stages, which share the budgets of a group and of an agent.

python -m tests.crash.spender RUNS.DB
"""

import asyncio
import os
import signal
import sys

from agentkit import Agent, Allowance, Orchestrator, Stage, Task, Usage, Workflow

FLOW: Workflow[object] = Workflow(
    "searches",
    [
        Stage(name, agent="search", group="searches", after=after, required=False)
        for name, after in (("one", []), ("two", ["one"]), ("three", ["two"]), ("four", ["three"]))
    ],
    group_budgets={"searches": Allowance(calls=4)},
    agent_budgets={"search": Allowance(calls=100, tokens=1_000)},
)


class Search(Agent[object, str]):
    """Says what it uses, and may end its process before it has said that for the second stage."""

    name = "search"

    def __init__(self, deadly: str = "") -> None:
        self.deadly = deadly

    async def run(self, task: Task[object]) -> str:
        if task.stage == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        task.use(Usage(calls=1, tokens=30))
        return "found"


async def main(database: str) -> None:
    async with Orchestrator([Search("two")], store=f"sqlite:///{database}") as orchestrator:
        await (await orchestrator.submit(FLOW))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

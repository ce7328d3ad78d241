"""Another process that learns: `tell` outcomes as fast as it can, or `work` on an operation until it is killed."""

import asyncio
import sys

from agentkit.agents import AdaptiveAgent, Outcome, Task
from agentkit.orchestrator import Learner, Orchestrator
from tests.orchestrator.lessons import ARMS, FLOW


async def tell(path: str, count: int, name: str) -> None:
    async with Learner(f"sqlite:///{path}", arms=ARMS, name="test") as learner:
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(count):
            choice = await learner.choose(kind="tax", key=f"{name}{number}")
            await learner.tell(choice, Outcome(success=number % 2 == 0))
            print(choice.key, flush=True)


async def work(path: str) -> None:
    async def hang(task: Task[str]) -> str:
        print(task.operation_id, flush=True)
        await asyncio.get_running_loop().create_future()
        return "never"

    learner = Learner(f"sqlite:///{path}", arms=ARMS, name="test")
    agent = AdaptiveAgent("writer", dict.fromkeys(ARMS, hang), learner=learner)
    async with Orchestrator([agent], store=f"sqlite:///{path}") as orchestrator:
        await orchestrator.run(FLOW, "x")


if __name__ == "__main__":
    asyncio.run(work(sys.argv[2]) if sys.argv[1] == "work" else tell(sys.argv[2], int(sys.argv[3]), sys.argv[4]))

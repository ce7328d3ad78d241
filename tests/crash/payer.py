"""A process that pays, mails and signs, on one SQLite file, and may be killed at one chosen call of its store.

    python -m tests.crash.payer RUNS.DB LEDGER [KIND NUMBER]

It submits under a key, decides about what is in doubt as the ledger of the world outside says, and prints the messages
of the operation and the number of calls that its store got.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from agentkit import Agent, Operation, Orchestrator, Stage, Task, Workflow, agent
from agentkit.stores import open_store
from agentkit.testing import Fault, FaultyStore
from tests.crash.flows import write_line

FLOW: Workflow[object] = Workflow(
    "payer",
    [
        Stage("pay", agent="pay"),
        Stage("mail", agent="mail", after=["pay"]),
        Stage("sign", agent="sign", after=["mail"], effect="at_most_once"),
    ],
)


def did(ledger: Path) -> list[str]:
    return ledger.read_text().splitlines() if ledger.exists() else []


def agents(ledger: Path) -> list[Agent[Any, object]]:
    """One looks what became of its effect, one cannot, and one is such an effect as a whole."""

    @agent
    async def pay(task: Task[object]) -> object:
        def find(key: str) -> str | None:
            return "paid" if f"pay {key}" in did(ledger) else None

        task.emit("paid", 1)
        return await task.effect("pay", key="INV-1", reconcile=find).run(lambda key: write(key, "pay", "paid"))

    @agent
    def mail(task: Task[object]) -> object:
        task.emit("mailed", 2)
        return task.effect("mail", key="ada").run_sync(lambda key: write(key, "mail", "mailed"))

    @agent
    async def sign(task: Task[object]) -> object:
        return write(task.idempotency_key, "sign", "signed")

    def write(key: str, what: str, result: str) -> str:
        write_line(ledger, what, key)
        return result

    return [pay, mail, sign]


async def decide(operation: Operation, ledger: Path) -> None:
    """Say what happened, as whoever can look outside."""
    while not (await operation.at_rest()).ended:
        for doubt in await operation.doubts():
            happened = any(line.startswith(f"{doubt.stage} ") for line in did(ledger))
            if happened:
                await operation.settle(doubt.stage, "done", value={"mail": "mailed", "sign": "signed"}[doubt.stage])
            else:
                await operation.settle(doubt.stage, "redo")


async def main(database: str, ledger: Path, *fault: Any) -> None:
    faults = [Fault(kind=fault[0], number=int(fault[1]))] if fault else []
    store = FaultyStore(open_store(f"sqlite:///{database}"), *faults)
    async with Orchestrator(agents(ledger), store=store) as orchestrator:
        operation = await orchestrator.submit(FLOW, key="the one request")
        await decide(operation, ledger)
        output = (await operation).output
        messages = [(message.number, message.stage, message.kind) async for message in operation.messages()]
        effects = [(effect.name, effect.status) for effect in await operation.effects()]
    print(json.dumps({"output": output, "messages": messages, "effects": effects, "calls": len(store.calls)}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))

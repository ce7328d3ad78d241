"""Who lives in a simulated world: agents that do all that agents may do, a bank that loses replies, people."""

import asyncio
import random
from collections import Counter
from contextlib import suppress

from agentkit.agents import Agent, AgentPersonality, Task
from agentkit.errors import AgentKitError
from agentkit.orchestrator import ApprovalRequest, Doubt, Orchestrator
from tests.orchestrator.inventing import SIGNALS

PEOPLE = {"ann": ("finance",), "bea": ("boss", "finance"), "cem": ()}


class Bank:
    """Keeps what was done under which key, and loses some of its replies."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.is_reliable = False
        self.done: Counter[str] = Counter()
        self.keys: dict[tuple[str, str, str], set[str]] = {}

    async def pay(self, key: str) -> str:
        await asyncio.sleep(self.chance.choice([0, 0, 0.5]))
        kind = 1.0 if self.is_reliable else self.chance.random()
        if kind < 0.1:
            raise ConnectionError("not sent")
        self.done[key] += 1
        if kind < 0.25:
            raise ConnectionError("reply lost")
        return f"receipt for {key}"

    async def find(self, key: str) -> str | None:
        await asyncio.sleep(0)
        return f"receipt for {key}" if self.done[key] else None


class Player(Agent[object, object]):
    """An agent that does anything; what it does is left to chance."""

    def __init__(self, name: str, chance: random.Random, bank: Bank) -> None:
        self.personality: AgentPersonality = AgentPersonality(name=name)
        self.chance = chance
        self.bank = bank
        self.hangs = True

    async def run(self, task: Task[object]) -> object:
        chance = self.chance
        if chance.random() < 0.1:
            await asyncio.sleep(0)
        if not task.is_undo:
            self.write(task)
            if chance.random() < 0.1:
                task.emit("said", task.stage)
            if chance.random() < 0.15:
                task.approval("sure", deadline=chance.choice([None, 10.0]), by=chance.choice([(), ("finance",)]))
            if chance.random() < 0.3:
                await self.pay(task)
            task.confidence(chance.choice([0.2, 0.9, 1.0]))
        return await self.work(task)

    def write(self, task: Task[object]) -> None:
        situation = task._command.situation
        for key in situation.writes if situation is not None else ():
            if self.chance.random() < 0.8:
                task.context[key] = [task.stage]

    async def pay(self, task: Task[object]) -> None:
        key = f"INV-{self.chance.randint(1, 2)}"
        effect = task.effect("pay", key=key, reconcile=self.bank.find if self.chance.random() < 0.7 else None)
        self.bank.keys.setdefault((task.operation_id, task.stage, key), set())

        async def do(outside: str) -> str:
            self.bank.keys[task.operation_id, task.stage, key].add(outside)
            return await self.bank.pay(outside)

        await effect.run(do)

    async def work(self, task: Task[object]) -> object:
        chance, kind = self.chance, self.chance.random()
        if kind < 0.15:
            await asyncio.sleep(chance.uniform(0, 2))
            raise chance.choice([ValueError("no"), ConnectionError("no"), SystemExit(1)])
        if kind < 0.23:
            await swallow(chance.uniform(0, 8))
        elif kind < 0.27 and self.hangs and not task.is_undo:
            await asyncio.get_running_loop().create_future()
        elif kind < 0.3:
            return chance.choice([float("nan"), {1: 2}])
        else:
            await asyncio.sleep(chance.uniform(0, 3))
        # What a loop looks at; everything else takes it as it comes.
        return {"turn": task.index or 0, "rows": [1, 2]}


async def swallow(seconds: float) -> None:
    """Sleep on when told to stop."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(left)


async def answer_one(orchestrator: Orchestrator, chance: random.Random, bank: Bank) -> None:
    """Somebody says something: a vote, a decision about a doubt, a signal."""
    kind = chance.random()
    if kind < 0.5:
        asked = await orchestrator.approvals()
        if asked:
            await vote(orchestrator, chance, chance.choice(asked), refuses=0.2)
    elif kind < 0.75:
        doubts = await orchestrator.doubts()
        if doubts:
            await settle(orchestrator, chance, chance.choice(doubts), bank)
    else:
        lines = await orchestrator.list(status=["running"])
        if lines:
            operation = await orchestrator.get(chance.choice(lines).stream)
            await operation.signal(chance.choice(SIGNALS), chance.randrange(9), id=chance.choice(["", "one"]))


async def answer_all(orchestrator: Orchestrator, chance: random.Random, bank: Bank) -> None:
    """Everything that waits for somebody gets its answer."""
    for request in await orchestrator.approvals():
        with suppress(AgentKitError):
            await vote(orchestrator, chance, request, refuses=0.0)
    for doubt in await orchestrator.doubts():
        with suppress(AgentKitError):
            await settle(orchestrator, chance, doubt, bank)
    for line in await orchestrator.list(status=["running"]):
        if "signal" in line.waiting:
            operation = await orchestrator.get(line.stream)
            for signal in SIGNALS:
                with suppress(AgentKitError):
                    await operation.signal(signal)


async def vote(orchestrator: Orchestrator, chance: random.Random, request: ApprovalRequest, *, refuses: float) -> None:
    operation = await orchestrator.get(request.operation_id)
    by = chance.choice(sorted(PEOPLE))
    say = operation.refuse if chance.random() < refuses else operation.approve
    await say(request.stage, by=by, roles=PEOPLE[by], name=request.name)


async def settle(orchestrator: Orchestrator, chance: random.Random, doubt: Doubt, bank: Bank) -> None:
    """An honest person looks what happened, and says so."""
    operation = await orchestrator.get(doubt.operation_id)
    if not doubt.effect:
        await operation.settle(doubt.stage, chance.choice(["done", "redo", "abort"]), by="ann")
        return
    keys = bank.keys.get((doubt.operation_id, doubt.stage, doubt.key), set())
    was_done = any(bank.done[key] for key in keys)
    await operation.settle(doubt.stage, "done" if was_done else "redo", by="ann")

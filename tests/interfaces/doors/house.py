"""One house with all its doors: an orchestrator and its server in a thread, and keys for the people who come."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from agentkit import Approval, GiveUp, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.interfaces.rest import Serving, serve
from agentkit.service import ApiKeys, Caller, Service, Settings
from agentkit.wire import Calls

Answer = TypeVar("Answer")
WAITING = 30
"""How many seconds a test waits for what happens at once."""

HOSTILE = "<img src=x onerror=alert(1)> **b** [red]$x^2$ {{7*7}} `c` :smile:"
"""What somebody may be called who means harm."""


class Order(BaseModel):
    """What the workflows here are given."""

    name: str = Field(description="Who it is for.")
    parcels: int = Field(default=1, ge=1, le=100)


@agent
async def greet(task: Task[Order]) -> str:
    await task.progress(0.5, f"for {task.input.name}")
    await task.attach("greeting.txt", b"hello")
    return f"Hello {task.input.name}, {task.input.parcels} on their way"


@agent
async def pay(task: Task[Order]) -> dict[str, Any]:
    given = task.approval_given
    return {"paid": task.input.name, **(dict(given.form) if given else {})}


@agent
async def late(task: Task[Order]) -> str:
    await asyncio.sleep(3_600)
    return "never"


@agent
async def talk(task: Task[Order]) -> str:
    for number in range(1, 31):
        task.log(f"sentence {number} for {task.input.name}")
    await asyncio.sleep(3_600)
    return "never"


_tried: set[str] = set()


@agent
async def mended(task: Task[Order]) -> str:
    if task.input.name not in _tried:
        _tried.add(task.input.name)
        raise GiveUp(f"there is no ink for {task.input.name}")
    return "printed"


AGENTS = [greet, pay, late, mended, talk]
FLOWS: list[Workflow[Any]] = [
    Workflow("greet", [Stage("greet", agent="greet")], returns=str),
    Workflow(
        "pay",
        [Stage("pay", agent="pay", approval=Approval(by={"finance"}, form={"days": "whole"}))],
    ),
    Workflow("late", [Stage("wait", agent="late")]),
    Workflow("talk", [Stage("speak", agent="talk")]),
    Workflow("mended", [Stage("print", agent="mended", retry=RetryPolicy(attempts=1))]),
]
PEOPLE = {
    "ada": Caller(name="ada", tenant="acme", scopes={"read", "run"}),
    "bob": Caller(name="bob", tenant="acme", scopes={"read", "run", "approve"}, roles={"finance"}),
}


@dataclass(frozen=True)
class House:
    """A house that is open: the address of its server, and the very service behind it."""

    url: str
    keys: Path
    service: Service
    loop: asyncio.AbstractEventLoop

    def key_file(self, person: str) -> Path:
        """The file with the key of a person."""
        return self.keys / f"{person}.key"

    def key(self, person: str) -> str:
        """The key of a person."""
        return self.key_file(person).read_text()

    def desk(self, person: str) -> Calls:
        """Where a person is served in this very process; its calls are to be awaited on the loop of the house."""
        return self.service.desk(PEOPLE[person])

    def do(self, call: Coroutine[Any, Any, Answer]) -> Answer:
        """Have a call done on the loop of the house."""
        return asyncio.run_coroutine_threadsafe(call, self.loop).result(WAITING)


@contextmanager
def open_house(keys: Path) -> Iterator[House]:
    """A house that is open as long as the block lasts; the keys of the people are in that folder."""
    heard: SimpleQueue[Serving] = SimpleQueue()
    within: SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Task[None], Service]] = SimpleQueue()

    async def work() -> None:
        async with Orchestrator(AGENTS) as orchestrator:
            known = ApiKeys(orchestrator.store, now=orchestrator.now)
            for name, who in PEOPLE.items():
                made = await known.create(name, tenant=who.tenant, scopes=who.scopes, roles=who.roles)
                path = keys / f"{name}.key"
                path.touch(0o600)
                path.write_text(made.key)
            service = Service(orchestrator, FLOWS)
            serving = asyncio.create_task(serve(service, settings=Settings(rate=100_000), port=0, announce=heard.put))
            within.put((asyncio.get_running_loop(), serving, service))
            await asyncio.wait([serving])

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    loop, serving, service = within.get(timeout=WAITING)
    try:
        yield House(heard.get(timeout=WAITING).url, keys, service, loop)
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(WAITING)

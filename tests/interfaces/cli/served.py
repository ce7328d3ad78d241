"""Where the same commands are said: at a store of this machine, or at a server in another thread on a free port."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from typer.testing import Result

from agentkit import Approval, GiveUp, Orchestrator, Stage, Task, Workflow, agent
from agentkit.interfaces.rest import Serving, serve
from agentkit.kernel import RetryPolicy
from agentkit.service import ApiKeys, Caller, Service, dump_workflow
from tests.interfaces.cli.conftest import Line


@agent
async def greet(task: Task[Any]) -> str:
    await task.attach("greeting.txt", b"hello")
    return f"Hello {task.input['name']}"


@agent
async def pay(task: Task[Any]) -> Any:
    return dict(task.approval_given.form) if task.approval_given else None


@agent
async def broken(task: Task[Any]) -> str:
    raise GiveUp("there is no ink")


_tried: set[str] = set()


@agent
async def mended(task: Task[Any]) -> str:
    if task.input["page"] not in _tried:
        _tried.add(task.input["page"])
        raise GiveUp("there is no ink")
    return "printed"


@agent
async def echo(task: Task[Any]) -> Any:
    return task.input


@agent
async def slow(task: Task[Any]) -> str:
    await asyncio.sleep(0.8)
    return "done"


@agent
async def rows(task: Task[Any]) -> list[int]:
    return [1, 2]


@agent
async def lost(task: Task[Any]) -> str:
    await asyncio.sleep(3_600)
    return "never"


MODULE = "tests.interfaces.cli.served"
FLOWS: list[Workflow[object]] = [
    Workflow("greet", [Stage("greet", agent="greet")]),
    Workflow("pay", [Stage("pay", agent="pay", approval=Approval(by={"finance"}, form={"days": "whole"}))]),
    Workflow("broken", [Stage("print", agent="broken")]),
    Workflow("either", [Stage("hail", agent="broken", fallback=["greet"])]),
    Workflow("mended", [Stage("print", agent="mended", retry=RetryPolicy(attempts=1))]),
    Workflow("ask", [Stage("wait", signal="go")]),
    Workflow("lost", [Stage("pay", agent="lost", effect="at_most_once", timeout=0.05)]),
    Workflow("sum", [Stage("rows", agent="echo")]),
    Workflow("partly", [Stage("print", agent="broken", required=False), Stage("rows", agent="echo")]),
    Workflow("beside", [Stage("wait", signal="go"), Stage("work", agent="slow")]),
    Workflow("below", [Stage("within", workflow=Workflow("inner", [Stage("wait", signal="go")]))]),
    Workflow(
        "each",
        [
            Stage("list", agent="rows"),
            Stage(
                "rows",
                after=["list"],
                map="list",
                workflow=Workflow(
                    "row",
                    [Stage("ask", agent="echo", approval=Approval(by={"finance"}))],
                ),
            ),
        ],
    ),
]
ADA = Caller(name="ada", tenant="acme", scopes={"read", "run"}, roles={"finance"})
BOB = Caller(name="bob", tenant="acme", scopes={"read", "approve"}, roles={"finance"})
ROOT = Caller(name="root", tenant=None, scopes={"read", "run", "approve", "admin"})


@dataclass(frozen=True)
class Site:
    """A server that runs, and what those who ask it write behind a command."""

    url: str
    ada: tuple[str, ...]
    bob: tuple[str, ...]
    root: tuple[str, ...]


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """A server, as long as the block lasts; the files with keys are in the folder."""
    heard: SimpleQueue[Serving] = SimpleQueue()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def work() -> None:
        async with Orchestrator([greet, pay, broken, mended, echo, rows, slow, lost]) as orchestrator:
            keys = ApiKeys(orchestrator.store, now=orchestrator.now)
            for who in (ADA, BOB, ROOT):
                made = await keys.create(who.name, tenant=who.tenant, scopes=who.scopes, roles=who.roles)
                path = folder / f"{who.name}.key"
                path.write_text(made.key)
                path.chmod(0o600)
            serving = asyncio.create_task(serve(Service(orchestrator, FLOWS), port=0, announce=heard.put))
            running.append((asyncio.get_running_loop(), serving))
            await asyncio.wait([serving])

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    url = heard.get(timeout=30).url
    options = [("--server", url, "--key-file", str(folder / f"{who.name}.key")) for who in (ADA, BOB, ROOT)]
    try:
        yield Site(url, *options)
    finally:
        loop, serving = running[0]
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(30)


@dataclass(frozen=True)
class Place:
    """Where commands are said; those who are there say the same things in both places."""

    cli: Line
    site: Site | None

    def run(self, name: str, *words: str, code: int = 0) -> Result:
        """Run one of the workflows."""
        if self.site is not None:
            return self.cli("run", name, *words, *self.site.ada, code=code)
        flow = next(flow for flow in FLOWS if flow.name == name)
        (self.cli.folder / f"{name}.json").write_text(dump_workflow(flow, "json"))
        return self.cli("run", f"{name}.json", *words, *self.here, code=code)

    def look(self, *words: str, code: int = 0) -> Result:
        """Look at something."""
        return self.cli(*words, *(() if self.site is None else self.site.ada), code=code)

    def go_on(self, *words: str, code: int = 0) -> Result:
        """Have somebody's work go on: here by the agents of this module."""
        return self.cli(*words, *(self.here if self.site is None else self.site.ada), code=code)

    def decide(self, *words: str, code: int = 0) -> Result:
        """Say something that takes a person: bob, who is of finance."""
        who = ("--by", "bob", *self.here) if self.site is None else self.site.bob
        return self.cli(*words, *who, code=code)

    def newest(self) -> str:
        """The operation that began last."""
        return self.look("list", "-n", "1", "--json").stdout.split('"id":"')[1].split('"')[0]

    @property
    def here(self) -> Sequence[str]:
        """What the commands need that run agents here."""
        return ("--agents", MODULE)

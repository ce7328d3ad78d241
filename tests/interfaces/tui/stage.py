"""Where the terminal is tried: a service in this process, or a server in another thread on a free port."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import anyio
import textual.app
import textual.pilot
from pydantic import BaseModel, Field
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import DataTable, Static, TabbedContent

from agentkit import Approval, GiveUp, Map, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.client import Client, ClientSettings
from agentkit.interfaces.rest import Serving, serve
from agentkit.interfaces.tui import Place, TerminalApp
from agentkit.interfaces.tui.run_screen import RunScreen
from agentkit.screens import DoorSettings
from agentkit.service import ApiKeys, Caller, Service

SETTINGS = DoorSettings(refresh_seconds=0.1)
SECONDS = 30.0
"""How long anything is waited for."""


class Bill(BaseModel):
    """What is to be paid."""

    supplier: str = Field(description="Who sent it.")
    amount: Decimal = Field(ge=0)
    due: date
    urgent: bool = False


@agent
async def read(task: Task[Bill]) -> dict[str, Any]:
    task.progress(0.5, "half of it is read")
    await task.attach("bill.txt", b"hello", media_type="text/plain")
    return {"supplier": task.input.supplier, "amount": str(task.input.amount)}


@agent
async def pay(task: Task[Any]) -> Any:
    return dict(task.approval_given.form) if task.approval_given else None


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
async def twin(task: Task[Any]) -> Any:
    return task.input


@agent
async def slow(task: Task[Any]) -> str:
    task.progress(0.25, "a quarter of it")
    await asyncio.sleep(3_600)
    return "never"


AGENTS = [read, pay, mended, echo, twin, slow]
ASKS = Approval(question="Pay it?", by={"finance"}, form={"days": "whole", "why": "text?"})
PROPOSES = Approval(question="Which terms?", form=ASKS.form, proposed={"days": 30, "why": "as agreed"})
FLOWS: list[Workflow[Any]] = [
    Workflow("bills", [Stage("read", agent="read")], description="Reads a bill."),
    Workflow("pay", [Stage("pay", agent="pay", approval=ASKS)]),
    Workflow("propose", [Stage("pay", agent="pay", approval=PROPOSES)]),
    Workflow("mended", [Stage("print", agent="mended", retry=RetryPolicy(attempts=1))]),
    Workflow("slow", [Stage("wait", agent="slow")]),
    Workflow("echo", [Stage("echo", agent="echo")]),
    Workflow("ask", [Stage("wait", signal="go")]),
    Workflow("ask-twice", [Stage("wait", signal="go"), Stage("end", signal="later", after=["wait"])]),
    Workflow("lost", [Stage("send", agent="slow", effect="at_most_once", timeout=0.05)]),
    Workflow("several", [Stage("send", agent="slow", map=Map(path="items"), effect="at_most_once", timeout=0.05)]),
    Workflow("steps", [Stage("first", agent="echo"), Stage("second", agent="echo", after=["first"])]),
]
ADA = Caller(name="ada", tenant="acme", scopes={"read", "run", "approve"}, roles={"finance"})
BOB = Caller(name="bob", tenant="acme", scopes={"read", "run", "approve"}, roles={"finance"})


@dataclass(frozen=True)
class Two:
    """Two people who ask the same service: ada sits in front of the terminal, bob somewhere else."""

    ada: Client
    bob: Client
    is_near: bool

    def app(self, client: Client | None = None) -> TerminalApp:
        """A terminal in front of ada, or of somebody else."""
        place = Place(name="memory://" if self.is_near else "http://here", is_near=self.is_near, is_kept=False)
        return TerminalApp(client or self.ada, place, settings=SETTINGS)


@asynccontextmanager
async def near(flows: list[Workflow[Any]] | None = None) -> AsyncGenerator[Two, None]:
    """A service in this process."""
    async with Orchestrator(AGENTS) as orchestrator:
        service = Service(orchestrator, FLOWS if flows is None else flows, direct=["twin"])
        yield Two(Client(service.desk(ADA)), Client(service.desk(BOB)), is_near=True)


@contextmanager
def served(folder: Path, *, store: str = "memory://", port: int = 0) -> Iterator[str]:
    """A server, as long as the block lasts; its address. The files with the keys are in the folder."""
    heard: SimpleQueue[Serving] = SimpleQueue()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def work() -> None:
        async with Orchestrator(AGENTS, store=store) as orchestrator:
            keys = ApiKeys(orchestrator.store, now=orchestrator.now)
            for who in (ADA, BOB):
                path = anyio.Path(folder / f"{who.name}.key")
                if not await path.exists():
                    made = await keys.create(who.name, tenant=who.tenant, scopes=who.scopes, roles=who.roles)
                    await path.write_text(made.key)
            serving = asyncio.create_task(
                serve(Service(orchestrator, FLOWS, direct=["twin"]), port=port, announce=heard.put)
            )
            running.append((asyncio.get_running_loop(), serving))
            await asyncio.wait([serving])

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    try:
        yield heard.get(timeout=SECONDS).url
    finally:
        loop, serving = running[0]
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(SECONDS)


def client_of(url: str, folder: Path, who: Caller = ADA) -> Client:
    """A client of a server that is not patient."""
    key = folder / f"{who.name}.key"
    return Client.from_settings(ClientSettings(url=url, key_file=key, attempts=1, first_wait=0.01, longest_wait=0.1))


@asynccontextmanager
async def far(url: str, folder: Path) -> AsyncGenerator[Two, None]:
    """Two people who ask a server."""
    async with client_of(url, folder) as ada, client_of(url, folder, BOB) as bob:
        yield Two(ada, bob, is_near=False)


async def _briefly(*_: float) -> None:
    await asyncio.sleep(0.005)


# Textual's pilot waits with each key for the process to be idle, which one with a service in it hardly ever is: here it
# is waited for what is to be seen, and for nothing else.
for _module in (textual.app, textual.pilot):
    setattr(_module, "wait_for_idle", _briefly)  # noqa: B010 - it is a name that was imported there


@asynccontextmanager
async def shown(app: App[Any], *, size: tuple[int, int]) -> AsyncGenerator[Pilot[Any]]:
    """An application on a screen that is none."""
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        yield pilot


async def until(pilot: Pilot[Any], is_so: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    with anyio.move_on_after(SECONDS):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.03)
    raise AssertionError(f"never: {what}; on the screen:\n{screen_text(pilot)}")


async def opened(pilot: Pilot[Any]) -> None:
    """Wait until a run is on the whole screen."""
    await until(pilot, lambda: isinstance(pilot.app.screen, RunScreen) and pilot.app.focused is not None, "is opened")


async def turned(pilot: Pilot[Any], tab: str) -> None:
    """Turn to a tab of a run, once it has any, and once Textual has told itself which one is the first."""
    seen = 0

    def is_turned() -> bool:
        nonlocal seen
        tabs = pilot.app.screen.query_one("#run-tabs", TabbedContent)
        seen = seen + 1 if tabs.display and tabs.active == tab else 0
        tabs.active = tab
        return seen > 2

    await until(pilot, is_turned, f"{tab} is shown")


async def closed(pilot: Pilot[Any]) -> None:
    """Wait until nothing lies over the list, and the list has the keys."""
    await until(pilot, lambda: len(pilot.app.screen_stack) == 1 and pilot.app.focused is not None, "is closed")


async def shows(pilot: Pilot[Any], *words: str) -> None:
    """Wait until these words are on the screen."""
    await until(pilot, lambda: all(word in screen_text(pilot) for word in words), f"shows {words}")


def screen_text(pilot: Pilot[Any]) -> str:
    """What is on the screen, line by line."""
    screen = pilot.app.screen
    width, height = pilot.app.size
    strips = screen._compositor.render_strips(screen.size)
    assert (width, height) == tuple(screen.size)
    return "\n".join(strip.text for strip in strips)


def cells(pilot: Pilot[Any], table: str) -> list[list[str]]:
    """The rows of a table, as texts; none where it is not on the screen."""
    return [
        [str(cell) for cell in found.get_row_at(row)]
        for found in pilot.app.screen.query(table).results(DataTable)
        for row in range(found.row_count)
    ]


def said(pilot: Pilot[Any], name: str) -> str:
    """What a part of the screen says."""
    return str(pilot.app.screen.query_one(name, Static).content)


def row_of(pilot: Pilot[Any], table: str, operation_id: str) -> list[str]:
    """The cells of the row that is about an operation."""
    return next((row for row in cells(pilot, table) if row[-1] == operation_id), [])

"""What the pages are tried on: agents, workflows, and clients of a service near and far."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

import anyio
from pydantic import BaseModel, Field

from agentkit import Approval, GiveUp, Map, Money, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.client import BlockingClient
from agentkit.interfaces.rest import Serving
from agentkit.interfaces.rest import serve as serve_api
from agentkit.service import ApiKeys, Caller, Desk, Service

HOSTILE = (
    "<script>alert(1)</script> **bold** [link](https://evil.example) ![x](https://evil.example/x.png) :heart:"
    " :material/home: :red[red] $x^2$ `code` <b>b</b> www.evil.example -> a@evil.example # h | c"
)
"""What a hostile source may say: everything that Streamlit makes more of than letters."""

ADA = Caller(name="ada", scopes={"read", "run", "approve"}, roles={"finance"})


class Line(BaseModel):
    """A line of a sale."""

    artist: str = Field(description="As in the contract")
    amount: Decimal


class Sales(BaseModel):
    """What a royalty run is given."""

    month: str = Field(description="Which month", examples=["2025-11"], min_length=7)
    copies: int = Field(default=1, ge=1, le=10)
    kind: Literal["pdf", "excel"] = "pdf"
    due: date | None = None
    fee: Money | None = None
    rush: bool = False
    lines: list[Line] = []


@agent
async def read(task: Task[Sales]) -> list[dict[str, Any]]:
    """Reads the sales."""
    await task.progress(0.5, "reading sales.csv")
    return [{"artist": "Ibis", "amount": "12.50"}, {"artist": "Oak", "amount": "40.10"}]


@agent
async def pay(task: Task[list[dict[str, Any]]]) -> dict[str, Any]:
    await task.attach("statement.csv", b"artist,amount\nIbis,12.50\n", media_type="text/csv")
    return {"total": {"amount": "52.60", "currency": "EUR"}, "rows": task.input}


@agent(expertise={"reports"})
async def statement(task: Task[Any]) -> str:
    await task.attach("statement.txt", b"Ibis: 12.50", media_type="text/plain")
    return "written"


@agent
async def broken(task: Task[Any]) -> str:
    raise GiveUp(HOSTILE)


_tried: set[str] = set()


@agent
async def mended(task: Task[Any]) -> str:
    if task.input["page"] not in _tried:
        _tried.add(task.input["page"])
        raise GiveUp("there is no ink")
    return "printed"


@agent
async def lost(task: Task[Any]) -> str:
    await anyio.sleep(3_600)
    return "never"


@agent
async def echo(task: Task[Any]) -> Any:
    return task.input


@agent
async def shout(task: Task[Any]) -> Any:
    return f"{task.input}!"


FLOWS: list[Workflow[object]] = [
    Workflow(
        "royalties",
        [
            Stage("read", agent="read"),
            Stage(
                "pay",
                agent="pay",
                after=["read"],
                approval=Approval(
                    by={"finance"}, by_requester=True, question="Pay it?", form={"amount": "decimal", "why": "text?"}
                ),
            ),
        ],
        description="Pays the artists of a month.",
    ),
    Workflow("broken", [Stage("print", agent="broken", retry=RetryPolicy(attempts=1))], description=HOSTILE),
    Workflow(
        "discounts",
        [
            Stage(
                "grant",
                approval=Approval(
                    by={"finance"},
                    by_requester=True,
                    question="Grant it?",
                    form={"amount": "decimal", "why": "text?"},
                    proposed={"amount": "12.50", "why": "loyal"},
                ),
            )
        ],
    ),
    Workflow("statements", [Stage("write", agent="statement")], description="Writes the statements."),
    Workflow("mended", [Stage("print", agent="mended", retry=RetryPolicy(attempts=1))]),
    Workflow("wait", [Stage("wait", signal="go")]),
    Workflow("chain", [Stage("one", signal="go"), Stage("two", after=["one"], signal="go")]),
    Workflow("lost_items", [Stage("pay", agent="lost", effect="at_most_once", timeout=0.05, map=Map())]),
    Workflow("lost", [Stage("pay", agent="lost", effect="at_most_once", timeout=0.05)]),
    Workflow("echo", [Stage("echo", agent="echo", fallback=["shout"])]),
    Workflow("many", [Stage(f"s{number}", agent="echo") for number in range(80)]),
]
AGENTS = [read, pay, statement, broken, mended, lost, echo, shout]


@contextmanager
def near(store: str = "memory://", caller: Caller = ADA) -> Iterator[BlockingClient]:
    """A client of a service of this process."""

    @asynccontextmanager
    async def opening() -> AsyncGenerator[Desk, None]:
        async with Orchestrator(AGENTS, store=store) as orchestrator:
            yield Service(orchestrator, FLOWS).desk(caller)

    with BlockingClient(opening) as client:
        yield client


@contextmanager
def far(folder: Path) -> Iterator[BlockingClient]:
    """A client of a server in another thread, on a free port."""
    heard: SimpleQueue[Serving] = SimpleQueue()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []
    key_file = folder / "ada.key"

    async def work() -> None:
        async with Orchestrator(AGENTS) as orchestrator:
            keys = ApiKeys(orchestrator.store, now=orchestrator.now)
            made = await keys.create(ADA.name, tenant=None, scopes=ADA.scopes, roles=ADA.roles)
            key_file.write_text(made.key)
            key_file.chmod(0o600)
            serving = asyncio.create_task(serve_api(Service(orchestrator, FLOWS), port=0, announce=heard.put))
            running.append((asyncio.get_running_loop(), serving))
            await asyncio.wait([serving])

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    url = heard.get(timeout=30).url
    try:
        with BlockingClient.at(url, key_file=key_file) as client:
            yield client
    finally:
        loop, serving = running[0]
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(30)

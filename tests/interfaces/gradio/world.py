"""Workflows for tests of the page, and the page in a real server: near, and in front of a server that is far."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal

from anyio import to_thread
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI, Response
from pydantic import BaseModel, Field, JsonValue

from agentkit import Agent, Approval, GiveUp, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.client import Client
from agentkit.interfaces.gradio import mount_gradio
from agentkit.interfaces.rest import create_app
from agentkit.service import Caller, Service, Settings
from tests.client.serving import key_of, listening

HOSTILE = "<img src=x onerror=alert(1)> **bold** [link](http://evil.test) $x$"


class Holder(BaseModel):
    name: str
    share: Annotated[Decimal, Field(gt=0, le=100)]


class Order(BaseModel):
    month: Annotated[str, Field(description=HOSTILE, examples=["2025-11"])]
    kind: Literal["net", "gross"] = "net"
    due: date | None = None
    rows: Annotated[int, Field(ge=1)] = 10
    urgent: bool = False
    holders: list[Holder] = []


@agent
async def read(task: Task[Order]) -> dict[str, Any]:
    for part in range(1, 4):
        await task.progress(part / 4, f"reading part {part} {HOSTILE}")
        await asyncio.sleep(0.2)
    return {"rows": task.input.rows}


@agent
async def share(task: Task[Any]) -> dict[str, Any]:
    await task.attach("statement & co.csv", b"artist,total\nIbis,11.62\n", media_type="text/csv")
    form = task.approval_given.form if task.approval_given else {}
    return {
        "paid": {"amount": "1234.50", "currency": "EUR"},
        "approved": str(form.get("amount", "")),
        "holders": [{"name": HOSTILE, "share": {"amount": "1234.50", "currency": "EUR"}, "rate": 0.8}],
    }


@agent
async def broken(task: Task[Any]) -> str:
    raise GiveUp(f"there is no ink {HOSTILE}")


@agent
async def endless(task: Task[Any]) -> str:
    await task.progress(0.5, "on and on")
    await asyncio.sleep(3_600)
    return ""


QUESTION = f"Pay for {{month}}? {HOSTILE}"
APPROVAL = Approval(by={"finance"}, question=QUESTION, form={"amount": "decimal", "why": "text?"}, by_requester=True)
ROYALTIES = Workflow(
    "royalties",
    [Stage("read", agent="read"), Stage("pay", agent="share", after=["read"], approval=APPROVAL)],
    description=f"Shares the sales of a month. {HOSTILE}",
)
BROKEN = Workflow("broken", [Stage("print", agent="broken", retry=RetryPolicy(attempts=1))])
ENDLESS = Workflow("endless", [Stage("on", agent="endless")])
LOST = Workflow("lost", [Stage("pay", agent="endless", effect="at_most_once", timeout=0.05)])
TOLD = Workflow("told", [Stage("paid", signal="paid-by-bank")])
WIDE = Workflow("wide", [Stage(f"stage{n}", agent="share") for n in range(150)])
AGENTS = [read, share, broken, endless]
WORKFLOWS = [ROYALTIES, BROKEN, ENDLESS, LOST, TOLD, WIDE]
ADA = Caller(name="ada", tenant="acme", roles=("finance",))


@dataclass(frozen=True)
class Offer:
    """What a service offers, and who works there."""

    workflows: Sequence[Workflow[Any]] = tuple(WORKFLOWS)
    agents: Sequence[Agent[Any, Any]] = tuple(AGENTS)


@dataclass
class World:
    """A page in a server, and what is behind it."""

    url: str
    service: Service
    run: Callable[..., Any]

    def operations(self) -> int:
        """How many operations there are."""
        return len(self.run(lambda: Client(self.service.desk(ADA)).operations()).items)

    def begun(self, workflow: str) -> str:
        """Start a run of a workflow beside the page; its id."""
        given: JsonValue = {"month": "2025-11"} if workflow == "royalties" else None
        return str(self.run(lambda: Client(self.service.desk(ADA)).execute(workflow, given, wait=False)).id)

    def ended(self, workflow: str) -> str:
        """A run of a workflow that ended, for it failed or somebody cancelled it; its id."""

        async def end() -> None:
            client = Client(self.service.desk(ADA))
            if workflow == "endless":
                await client.cancel(operation, "the wrong month")
            async for _ in client.progress(operation):
                pass

        operation = self.begun(workflow)
        self.run(end)
        return operation


@asynccontextmanager
async def _near(offer: Offer) -> AsyncGenerator[tuple[Service, Client], None]:
    async with Orchestrator(offer.agents) as orchestrator:
        service = Service(orchestrator, offer.workflows)
        yield service, Client(service.desk(ADA))
        await orchestrator.close(drain_seconds=0)


@asynccontextmanager
async def _far(offer: Offer) -> AsyncGenerator[tuple[Service, Client], None]:
    async with Orchestrator(offer.agents) as orchestrator, AsyncExitStack() as stack:
        service = Service(orchestrator, offer.workflows)
        url = await stack.enter_async_context(listening(create_app(service, settings=Settings(rate=100_000))))
        client = await stack.enter_async_context(Client.at(url, key=await key_of(orchestrator, ADA)))
        yield service, client
        await orchestrator.close(drain_seconds=0)


@contextmanager
def world(
    place: str,
    workflow: str | None = None,
    offer: Offer | None = None,
    theme: Literal["auto", "light", "dark"] = "auto",
) -> Iterator[World]:
    """A page of a service that is near or far; on a loop in a thread of its own."""

    @asynccontextmanager
    async def opening() -> AsyncGenerator[World, None]:
        async with (_near if place == "near" else _far)(offer or Offer()) as (service, client):
            app = FastAPI()
            # Browsers ask each host for one, and the log of their console says where there is none.
            app.get("/favicon.ico")(lambda: Response(status_code=204))
            # Gradio reads files to build a page.
            await to_thread.run_sync(partial(mount_gradio, app, client, workflow, path="/pages", theme=theme))
            async with listening(app) as url:
                yield World(f"{url}/pages", service, portal.call)

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(opening()) as made:
        yield made

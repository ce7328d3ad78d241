"""Services for tests: near, and behind a real server on a free port."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from agentkit import Orchestrator
from agentkit.client import Client, ClientSettings
from agentkit.client.http import HttpCalls
from agentkit.interfaces.rest import create_app
from agentkit.service import ApiKeys, Caller, Service, Settings, Webhooks, WebhookSettings
from agentkit.testing import Served
from agentkit.wire import Calls

# Before a loop runs: to import it would hold that up.
import_module("agentkit.service.outbound")

QUICK = {"first_wait": 0.01, "longest_wait": 1.0}


@asynccontextmanager
async def near(served: Served) -> AsyncGenerator[Sequence[Calls], None]:
    async with Orchestrator(served.agents) as orchestrator:
        service = Service(orchestrator, served.workflows)
        service.webhooks = Webhooks(orchestrator, WebhookSettings(secrets=[served.webhook_secret]))
        yield [service.desk(caller) for caller in served.callers]


@asynccontextmanager
async def far(served: Served) -> AsyncGenerator[Sequence[Calls], None]:
    async with Orchestrator(served.agents) as orchestrator, AsyncExitStack() as stack:
        service = Service(orchestrator, served.workflows)
        chosen = Settings(rate=100_000, webhook_secrets=(SecretStr(served.webhook_secret),))
        url = await stack.enter_async_context(listening(create_app(service, settings=chosen)))
        calls: list[Calls] = []
        for caller in served.callers:
            settings = ClientSettings(url=url, key=await key_of(orchestrator, caller))
            calls.append(await stack.enter_async_context(HttpCalls(settings)))
        yield calls


@asynccontextmanager
async def far_client(served: Served) -> AsyncGenerator[Sequence[Calls], None]:
    async with far(served) as calls:
        yield [Client(one) for one in calls]


async def key_of(orchestrator: Orchestrator, caller: Caller) -> str:
    """A key for a caller."""
    keys = ApiKeys(orchestrator.store, now=orchestrator.now)
    made = await keys.create(caller.name, tenant=caller.tenant, scopes=caller.scopes, roles=caller.roles)
    return made.key


@asynccontextmanager
async def listening(app: FastAPI, port: int = 0) -> AsyncGenerator[str, None]:
    """Serve an application on loopback; its address."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.setblocking(False)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await asyncio.wait_for(serving, 10)

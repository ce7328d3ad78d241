"""What it adds to an operation that somebody watches it: on a page of Streamlit, on one of Gradio, at the terminal.

The nearest and so the dearest case: the door lives in the process in which the operation runs. The turns alternate. An
operation waits for a signal first, so that whoever watches has opened it before its time is taken.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import UTC
from statistics import median
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
from streamlit.testing.v1 import AppTest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.client import BlockingClient, Client
from agentkit.interfaces.gradio.asking import Desks
from agentkit.interfaces.gradio.following import follow
from agentkit.interfaces.streamlit.serving import ENTRY
from agentkit.interfaces.streamlit.sharing import share
from agentkit.interfaces.tui import Place, TerminalApp
from agentkit.screens import DoorSettings
from agentkit.service import Desk, Service

BOUND = 1.05
TURNS = 5
_OPEN_SECONDS = 3.0
"""How long a page or a screen has until it stands, on a busy machine."""
REFRESH_SECONDS = DoorSettings().refresh_seconds


@agent
async def wait(task: Task[object]) -> int:
    for step in range(20):
        await task.progress(step / 20, f"step {step} of 20")
        await asyncio.sleep(0.0125)
    return 1


@agent
async def count(task: Task[object]) -> int:
    return sum(range(200_000))


@agent
async def count_on(task: Task[object]) -> int:
    return sum(range(2_000_000))


def _chain(name: str, by: str, length: int) -> Workflow[object]:
    stages = [Stage(f"s{n}", agent=by, after=[f"s{n - 1}" if n else "go"]) for n in range(length)]
    return Workflow(name, [Stage("go", signal="go"), *stages])


FLOWS = [
    _chain("waits", "wait", 24),
    _chain("computes", "count_on", 250),
    # Over in less than a second, on the loop on which doors draw: the one picture in between is what is measured.
    _chain("hurries", "count", 400),
]

Watching = Callable[[Desk, str], AbstractAsyncContextManager[None]]
"""Somebody who watches an operation of this id, as long as the context is open."""


@asynccontextmanager
async def _nobody(desk: Desk, operation: str) -> AsyncGenerator[None, None]:
    yield


@asynccontextmanager
async def _gradio(desk: Desk, operation: str) -> AsyncGenerator[None, None]:
    request = cast("gr.Request", SimpleNamespace(request=object()))

    async def look() -> None:
        async with aclosing(follow(Desks(Client(desk)), request, operation, UTC)) as pictures:
            async for _ in pictures:
                pass

    looking = asyncio.create_task(look())
    yield
    looking.cancel()
    await asyncio.wait({looking})


@asynccontextmanager
async def _streamlit(desk: Desk, operation: str) -> AsyncGenerator[None, None]:
    @asynccontextmanager
    async def opening() -> AsyncGenerator[Desk, None]:
        yield desk

    with BlockingClient(opening) as client:
        share(client)
        page = AppTest.from_file(str(ENTRY), default_timeout=60)
        page.switch_page("app_pages/run.py")
        page.query_params["op"] = operation
        is_over = Event()

        def look() -> None:
            while not is_over.is_set():
                page.run()
                is_over.wait(REFRESH_SECONDS)

        looking = asyncio.get_running_loop().run_in_executor(None, look)
        yield
        is_over.set()
        await looking


@asynccontextmanager
async def _terminal(desk: Desk, operation: str) -> AsyncGenerator[None, None]:
    app = TerminalApp(Client(desk), Place(name="here", is_near=True))
    async with app.run_test(size=(160, 50)):
        cast("Any", app.screen).opened(operation)
        yield


WATCHERS: dict[str, Watching] = {"gradio": _gradio, "streamlit": _streamlit, "terminal": _terminal}


def watch_doors(turns: int = TURNS) -> bool:
    """Measure, print a line for each door and kind of operation, and say whether all keep within the bound."""
    logging.disable(logging.WARNING)
    return asyncio.run(_measure(turns))


async def _measure(turns: int) -> bool:
    is_kept = True
    for flow in FLOWS:
        took: dict[str, list[float]] = {"alone": [], **{name: [] for name in WATCHERS}}
        for turn in range(turns + 1):
            for name, found in took.items():
                seconds = await _seconds(flow, WATCHERS.get(name, _nobody))
                if turn:  # the first warms up
                    found.append(seconds)
        for name in WATCHERS:
            ratio = min(took[name]) / min(took["alone"])
            is_kept = is_kept and ratio <= BOUND
            alone, watched = median(took["alone"]), median(took[name])
            print(f"{flow.name:9} {name:10} {alone:7.3f} s alone  {watched:7.3f} s watched  {ratio:5.3f} x", end="")
            print(f"  (medians {watched / alone:5.3f}, bound {BOUND})", flush=True)
    return is_kept


async def _seconds(flow: Workflow[object], watching: Watching) -> float:
    async with Orchestrator([wait, count, count_on]) as orchestrator:
        desk = Service(orchestrator, [flow]).desk()
        operation = await orchestrator.submit(flow)
        async with watching(desk, operation.id):
            await asyncio.sleep(_OPEN_SECONDS)
            began = time.perf_counter()
            await operation.signal("go")
            await operation
            return time.perf_counter() - began
    raise AssertionError

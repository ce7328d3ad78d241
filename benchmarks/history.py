"""How long the history of the pages in a browser takes to open: with few operations in the store, and with many.

The page is run as Streamlit runs it, by its own test harness, on a client in the same process. The turns alternate.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from agentkit import Orchestrator
from agentkit.client import BlockingClient
from agentkit.interfaces.streamlit.serving import ENTRY
from agentkit.interfaces.streamlit.sharing import share
from agentkit.kernel import CancelRequested
from agentkit.service import Desk, Service
from agentkit.stores import SqliteStore, Summary

FEW, MANY = 100, 10_000
BOUND = 2.0
TURNS = 10


def open_all(turns: int = TURNS) -> bool:
    """Measure, print what came of it, and say whether the page with many operations keeps within its bound."""
    took: dict[int, list[float]] = {FEW: [], MANY: []}
    logging.disable(logging.WARNING)
    with TemporaryDirectory(dir=Path.cwd()) as folder, ExitStack() as stack:
        # What is installed is looked through for components in each new session of the harness; a server does it once.
        stack.enter_context(patch("streamlit.components.v2.manifest_scanner.scan_component_manifests", list))
        clients = dict[int, BlockingClient]()
        for many in took:
            store = Path(folder) / f"{many}.db"
            asyncio.run(_fill(store, many))
            clients[many] = stack.enter_context(BlockingClient(partial(_desk, store)))
        for turn in range(turns + 1):
            for many, client in clients.items():
                seconds = _open(client)
                if turn:  # the first warms up
                    took[many].append(seconds)
    ratio = min(took[MANY]) / min(took[FEW])
    for many, seconds in took.items():
        print(f"{many:6,} operations  {min(seconds) * 1000:6.0f} ms at best  {median(seconds) * 1000:6.0f} ms median")
    print(f"{ratio:5.2f} x  (bound {BOUND})")
    return ratio <= BOUND


async def _fill(path: Path, many: int) -> None:
    """Keep operations that have ended, as short as they can be."""
    async with SqliteStore(path) as store:
        lines = [
            Summary(
                stream=f"op-{number:06}",
                name="flow",
                status="completed" if number % 7 else "failed",
                ended=True,
                created_at=1.7e9 + number,
                updated_at=1.7e9 + number + 3,
            )
            for number in range(many)
        ]
        said = [CancelRequested(at=1.7e9, reason="")]
        await asyncio.gather(*(store.append(one.stream, said, expected=0, summary=one) for one in lines))


@asynccontextmanager
async def _desk(path: Path) -> AsyncGenerator[Desk, None]:
    async with Orchestrator(store=f"sqlite:///{path}", adopt=False) as orchestrator:
        yield Service(orchestrator).desk()


def _open(client: BlockingClient) -> float:
    """Open the page in a session of its own; how many seconds that took."""
    share(client)
    page = AppTest.from_file(str(ENTRY), default_timeout=60)
    page.switch_page("app_pages/history.py")
    began = time.perf_counter()
    page.run()
    seconds = time.perf_counter() - began
    assert not page.exception, page.exception
    assert len(page.dataframe[0].value) == 50
    return seconds

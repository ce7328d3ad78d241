"""Fifty clients that come and go, and a server that is killed under them: each sees every event once and in order."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.crash.site import Site
from tests.crash.test_server import Server

AGENTS = """
import anyio
from agentkit import Task, agent

@agent
async def step(task: Task[object]) -> str:
    await anyio.sleep(0.1)
    return "done"

@agent
async def hold(task: Task[object]) -> str:
    while not await anyio.Path("gate").exists():
        await anyio.sleep(0.05)
    return "done"
"""
STEPS, HELD = 14, 6
STAGES = [
    {"name": f"s{n}", "agent": "hold" if n == HELD else "step", "after": [f"s{n - 1}"] if n else []}
    for n in range(STEPS)
]
SERVE = ("serve", "walk.json", "--agents", "staff.py", "--port", "0")
CLIENTS = 50
GONE = (httpx2.TransportError, WebSocketException, OSError, TimeoutError)

Line: TypeAlias = dict[str, Any]


@dataclass
class Follower:
    """A client that follows one operation, and is cut off now and then.

    Attributes:
        client: Asks for streams.
        seen: The events, in the order in which they came.
        lives: How often it has come.
    """

    dice: random.Random
    client: httpx2.AsyncClient
    seen: list[Line] = field(default_factory=list)
    lives: int = 0

    @property
    def last(self) -> int:
        return int(self.seen[-1]["number"]) if self.seen else 0

    @property
    def is_done(self) -> bool:
        return bool(self.seen) and self.seen[-1]["type"] == "operation.completed"

    def take(self, line: Line, patience: int) -> bool:
        """Take an event; whether to stay."""
        self.seen.append(line)
        return not self.is_done and len(self.seen) < patience


Visit: TypeAlias = Callable[[Follower, str, dict[str, str], str], Awaitable[None]]
"""Comes once, and goes after a while."""


async def by_stream(follower: Follower, url: str, key: dict[str, str], operation: str) -> None:
    patience = len(follower.seen) + follower.dice.randint(1, 9)
    headers = {**key, "Accept": "text/event-stream"}
    if follower.last:
        headers["Last-Event-ID"] = str(follower.last)
    async with follower.client.stream("GET", f"{url}/v1/operations/{operation}/events", headers=headers) as stream:
        if stream.status_code != 200:
            raise TimeoutError
        number = ""
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                number = value
            elif name == "data" and number:
                event = json.loads(value)
                assert str(event["number"]) == number
                number = ""
                if not follower.take(event, patience):
                    return


async def by_socket(follower: Follower, url: str, key: dict[str, str], operation: str) -> None:
    patience = len(follower.seen) + follower.dice.randint(1, 9)
    channel = f"operation:{operation}"
    address = f"{url.replace('http', 'ws', 1)}/ws/v1/events"
    async with connect(address, additional_headers=key, proxy=None, open_timeout=10, close_timeout=1) as talk:
        await talk.send(json.dumps({"type": "subscribe", "channel": channel, "after": follower.last}))
        async for text in talk:
            message = json.loads(text)
            assert message["type"] in ("authenticated", "subscribed", "event", "server.draining"), message
            if message["type"] == "event" and not follower.take(message["event"], patience):
                if follower.dice.random() < 0.5:
                    # As a cable that is pulled.
                    talk.transport.abort()
                return


@pytest.mark.parametrize("seed", [1])
def test_p14_fifty_clients_see_every_event_once_and_in_order_though_the_server_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("AGENTKIT_RATE", "1000000")
    (tmp_path / "staff.py").write_text(AGENTS)
    (tmp_path / "walk.json").write_text(json.dumps({"name": "walk", "stages": STAGES}))
    folder = Site(tmp_path)
    client = httpx2.AsyncClient(timeout=10, limits=httpx2.Limits(max_connections=None), trust_env=False)
    followers = [Follower(random.Random(seed * 1_000 + number), client) for number in range(CLIENTS)]

    with ExitStack() as stack:
        first = stack.enter_context(folder.running(*SERVE))
        server = Server(first)
        key = {"Authorization": f"Bearer {server.key}"}
        operation = server.post({"workflow": "walk", "input": None}).json()["id"]
        place = [server.url]

        async def follow(follower: Follower, visit: Visit) -> None:
            while not follower.is_done:
                follower.lives += 1
                try:
                    await visit(follower, place[0], key, operation)
                except GONE:
                    await asyncio.sleep(0.1)
                await asyncio.sleep(follower.dice.random() * 0.2)

        async def kill_and_start() -> None:
            # In the middle of a step, while some are far behind.
            while not any(line["stage"] == f"s{HELD}" for one in followers for line in one.seen):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            first.kill()
            folder.open()
            await asyncio.to_thread(first.wait, 10)
            second = await asyncio.to_thread(stack.enter_context, folder.running(*SERVE))
            place[0] = (await asyncio.to_thread(Server, second, server.key)).url

        async def everything() -> None:
            async with client, asyncio.timeout(60), asyncio.TaskGroup() as group:
                group.create_task(kill_and_start())
                for number, follower in enumerate(followers):
                    group.create_task(follow(follower, by_stream if number % 2 else by_socket))

        asyncio.run(everything())
        page = httpx2.get(f"{place[0]}/v1/operations/{operation}/events?limit=1000", headers=key).json()

    history = page["items"]
    assert [line["number"] for line in history] == list(range(1, len(history) + 1))
    # What was cut off went on in the second server.
    assert [line["type"] for line in history].count("operation.adopted") == 1
    for follower in followers:
        assert follower.seen == history
    assert min(follower.lives for follower in followers) > 2

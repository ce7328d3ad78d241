"""Agents that wait for a file, or kill their process: for runs that a test stops, kills and takes over.

The file is named by the environment, so that two processes can wait for different ones.
"""

import asyncio
import os
import signal
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio

from agentkit import Task, agent
from tests.crash.flows import write_line

GATE, LEDGER, CURE = "TEST_GATE", "TEST_LEDGER", "TEST_CURE"


def note(*words: object) -> None:
    write_line(Path(os.environ[LEDGER]), *words)


async def opened() -> None:
    """Wait for the gate; another process opens it, so there is nothing to be woken by."""
    gate = anyio.Path(os.environ[GATE])
    while not await gate.exists():  # noqa: ASYNC110 - see above
        await anyio.sleep(0.005)


@agent
async def quick(task: Task[Any]) -> str:
    """Ends at once."""
    note("quick", os.getpid())
    return "quick"


@agent
async def gated(task: Task[Any]) -> str:
    """Ends when the gate is there."""
    note("gated", os.getpid())
    await opened()
    note("passed", os.getpid())
    return f"gated by {task.input}"


@agent
async def poison(task: Task[Any]) -> str:
    """Kills its process, unless there is a cure; not before those that began with it are well at work."""
    await anyio.sleep(0.05)
    if not await anyio.Path(os.environ[CURE]).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return "cured"


@agent
async def deaf(task: Task[Any]) -> str:
    """Goes on whatever it is told."""
    note("deaf", os.getpid())
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)


@agent
def busy(task: Task[Any]) -> str:
    """Blocks its thread for longer than any test."""
    note("busy", os.getpid())
    threading.Event().wait()
    return "never"

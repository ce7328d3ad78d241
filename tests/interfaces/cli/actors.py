"""Agents for the tests of the command line."""

from typing import Any

import anyio
import anyio.lowlevel

from agentkit import GiveUp, Task, agent

NASTY = "[/] [bold]\x1b[2J\x1b]0;owned\x07\r\n\u202e gone"
"""What a hostile source may say: markup, a cleared screen, a new window title, a line of its own, turned letters."""


@agent
async def echo(task: Task[Any]) -> Any:
    return task.input


@agent
def greet(task: Task[Any]) -> str:
    return f"Hello {task.input['name']}, {task.instruction}"


_printing: list[str] = []


@agent
async def print_page(task: Task[Any]) -> int:
    """How many print at once, this one included, after the others had their chance to begin."""
    _printing.append(task.stage)
    await anyio.lowlevel.checkpoint()
    await anyio.lowlevel.checkpoint()
    count = len(_printing)
    _printing.remove(task.stage)
    return count


@agent
async def broken(task: Task[Any]) -> Any:
    raise GiveUp("there is no ink")


@agent
async def nasty(task: Task[Any]) -> str:
    await task.progress(0.5, NASTY)
    raise GiveUp(NASTY)


@agent
async def chatty(task: Task[Any]) -> str:
    await task.log(f"hello {NASTY}")
    await anyio.sleep(0.5)
    return "said"


@agent
async def slow(task: Task[Any]) -> str:
    await anyio.sleep(30)
    return "slow"


@agent
async def late(task: Task[Any]) -> str:
    await anyio.sleep_forever()
    return "never"


@agent
async def attach(task: Task[Any]) -> str:
    return (await task.attach("report.csv", b"a,b")).name

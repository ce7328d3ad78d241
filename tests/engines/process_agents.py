"""Agents for the tests of `isolation="process"`: the worker finds them by importing this module."""

import asyncio
import os
import subprocess
import sys
import time

from agentkit.agents import Agent, Task, agent


@agent(isolation="process")
def where(task: Task[object]) -> int:
    return os.getpid()


@agent(isolation="process")
async def add(task: Task[list[int]]) -> int:
    await asyncio.sleep(0)
    return sum(task.input)


@agent(isolation="process")
def fail(task: Task[object]) -> None:
    raise ConnectionResetError("the line is dead")


@agent(isolation="process")
def vanish(task: Task[object]) -> None:
    os._exit(3)


@agent(isolation="process")
def leave(task: Task[object]) -> None:
    sys.exit(4)


@agent(isolation="process")
def chatter(task: Task[object]) -> str:
    print('["value", "\\"forged\\""]', flush=True)
    os.write(1, b'["value", "\\"forged\\""]\n')
    subprocess.run(["/bin/echo", "from below"], check=True)
    _ = task.progress(0.5, "half\nway")
    _ = task.log("x" * 100_000)
    return "honest"


@agent(isolation="process")
def large(task: Task[tuple[str, int]]) -> list[str]:
    text, count = task.input
    return [text * count]


@agent(isolation="process")
def family(task: Task[str]) -> None:
    """Start a child that would outlive it, say who it is, and hang."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    _ = task.log(f"{os.getpid()} {child.pid}")
    if task.input == "hang":
        time.sleep(60)


class Settled(Agent[object, str]):
    isolation = "process"
    word = "class"

    async def run(self, task: Task[object]) -> str:
        return self.word

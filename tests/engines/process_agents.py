"""Agents for the tests of `isolation="process"`: the worker finds them by importing this module."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from agentkit.agents import Agent, Task, agent
from agentkit.kernel import Usage


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


@agent(isolation="process")
def visit(task: Task[str]) -> int:
    """Stay in a folder for a moment; how many were there meanwhile, at most."""
    folder = Path(task.input)
    (folder / str(os.getpid())).touch()
    most = 0
    for _ in range(20):
        most = max(most, len(list(folder.iterdir())))
        time.sleep(0.01)
    (folder / str(os.getpid())).unlink()
    return most


class Settled(Agent[object, str]):
    isolation = "process"
    word = "class"

    async def run(self, task: Task[object]) -> str:
        return self.word


@agent(isolation="process")
def pay(task: Task[str]) -> object:
    """Have an effect from here, told to the journal over there."""
    return task.effect("pay", key="INV-1", reconcile=lambda key: task.input or None).run_sync(lambda key: f"paid {key}")


@agent(isolation="process")
async def pay_later(task: Task[str]) -> object:
    """The same in a coroutine."""
    return await task.effect("pay", key="INV-1").run(lambda key: f"paid {key}")


@agent(isolation="process")
def note(task: Task[object]) -> object:
    task.context["log"] = [task.stage]
    task.confidence(0.5)
    task.emit("noted", task.stage)
    return task.context["log"]


@agent(isolation="process")
def spend(task: Task[object]) -> str:
    task.use(Usage(calls=1, tokens=5))
    task.budget.reserve(tokens=9).settle(Usage(calls=1, tokens=7))
    if task.input == "fail":
        raise ConnectionResetError("the line is dead")
    return "done"


@agent(isolation="process")
def give(task: Task[object]) -> object:
    """Gives a file that does not fit into one line."""
    file = task.attach_sync("a.bin", bytes(100_001))
    assert task.fetch_sync(file) == bytes(100_001)
    return file.size


@agent(isolation="process")
def fall_once(task: Task[str]) -> int:
    """The first process says who it is and hangs, so that it can be killed; the next ones give what they are."""
    mark = Path(task.input) / "begun"
    if mark.exists():
        return os.getpid()
    mark.write_text(str(os.getpid()))
    time.sleep(60)
    return -1


@agent(isolation="process")
def fall_paying(task: Task[str]) -> object:
    """Die in the middle of an effect."""
    with task.effect("pay", key="INV-1"):
        os.kill(os.getpid(), 9)
    return None


@agent(isolation="process")
def spend_and_fall(task: Task[str]) -> str:
    """Say what was used, and die, unless another process did so before."""
    task.use(Usage(calls=3, tokens=5))
    mark = Path(task.input) / "begun"
    if mark.exists():
        return "done"
    mark.touch()
    os.kill(os.getpid(), 9)
    return ""


@agent(isolation="process")
def measure(task: Task[str]) -> dict[str, float]:
    """How much time it has, and which attempt it is."""
    return {"left": task.remaining_seconds or -1.0, "attempt": task.attempt}

"""What the killed processes run: six stages whose bodies tell an outside ledger that they begin and end."""

import os
from pathlib import Path
from typing import Any

from agentkit import Agent, RetryPolicy, Stage, Task, TryAgain, Workflow, agent

KEY = "the one request"
SEED = 20
OUTPUT = 20 + 1 + 21 * 2 + 21 * 3

SURE = RetryPolicy(attempts=1)


def write_line(path: Path, *words: object) -> None:
    """Append a line that is on the disk before this returns, whatever happens to the process."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, (" ".join(map(str, words)) + "\n").encode())
        os.fsync(file)
    finally:
        os.close(file)


class Ledger:
    """The agents' view of the ledger."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, task: Task[Any]) -> None:
        write_line(self.path, "began", task.stage, task.attempt, task.idempotency_key)

    def end(self, task: Task[Any]) -> None:
        write_line(self.path, "ended", task.stage, task.attempt, task.idempotency_key)


def diamond() -> Workflow[object]:
    """A source, two arms (one is retried), an optional stage that fails, their join, and a last plain function."""
    return Workflow(
        "diamond",
        [
            Stage("source", agent="source"),
            Stage("left", agent="times", after=["source"], instruction="2"),
            Stage("right", agent="moody", after=["source"], retry=RetryPolicy(attempts=2, delay=0.01, jitter=0)),
            Stage("picture", agent="broken", after=["source"], required=False, retry=SURE),
            Stage("join", agent="join", after=["left", "right", "picture"]),
            Stage("last", agent="plain", after=["join"]),
        ],
    )


def agents(path: Path) -> list[Agent[Any, Any]]:
    """The agents of `diamond`."""
    ledger = Ledger(path)

    @agent
    async def source(task: Task[int]) -> int:
        ledger.begin(task)
        ledger.end(task)
        return task.input + 1

    @agent
    async def times(task: Task[int]) -> int:
        ledger.begin(task)
        ledger.end(task)
        return task.input * int(task.instruction)

    @agent
    async def moody(task: Task[int]) -> int:
        ledger.begin(task)
        if task.attempt == 1:
            raise TryAgain("not yet")
        ledger.end(task)
        return task.input * 3

    @agent
    async def broken(task: Task[int]) -> int:
        ledger.begin(task)
        raise ValueError("there is never a picture")

    @agent
    async def join(task: Task[dict[str, int]]) -> int:
        ledger.begin(task)
        assert task.missing == ("picture",)
        ledger.end(task)
        return sum(task.input.values())

    @agent
    def plain(task: Task[int]) -> int:
        ledger.begin(task)
        ledger.end(task)
        return task.input + SEED + 1

    return [source, times, moody, broken, join, plain]

"""The worker process: reads one attempt from standard input, runs it, and answers on what was standard output.

Rules: the agent's own prints go to standard error; the answer's pipe is out of its reach.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import os
import runpy
import signal
import sys
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from hashlib import sha256
from queue import SimpleQueue
from typing import Any, cast

from agentkit.agents import Agent, AgentRegistry, FunctionAgent, Registration, Task, ended_by, failed_by
from agentkit.errors import (
    AgentKitError,
    InputError,
    JournalCorrupt,
    LeaseLost,
    NotFound,
    StoreUnavailable,
    TooLate,
    UsageError,
)
from agentkit.kernel import ChildRests, EffectTold, Outcome, RunAttempt, Unavailable, Wish

from .carrying import PART, command_from_data, outcome_data
from .local import encoded
from .ports import SystemClock

__all__ = ["main"]


_MESSAGE = 500
_REFUSALS: Mapping[str, type[AgentKitError]] = {
    error.__name__: error for error in (JournalCorrupt, LeaseLost, NotFound, StoreUnavailable, TooLate)
}


class _Pipe:
    """Says things to the parent, one JSON line each, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass")
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._answers: SimpleQueue[tuple[str, str] | None] = SimpleQueue()
        self._clock = SystemClock()

    def say(self, kind: str, content: object) -> None:
        with self._lock:
            self._file.write(json.dumps([kind, content], ensure_ascii=False) + "\n")
            self._file.flush()

    async def record(self, command: RunAttempt, wish: Wish) -> None:
        """Have the parent put it on the journal; nothing else goes on here before it is there."""
        if not isinstance(wish, EffectTold):
            raise UsageError(f"stage {command.stage!r}: an agent with isolation='process' can tell only of its effects")
        with self._asking:
            self.say("effect", asdict(wish))
            refusal = self._answers.get()
        if refusal is not None:
            raise _REFUSALS.get(refusal[0], UsageError)(refusal[1])

    async def keep(self, command: RunAttempt, content: bytes) -> str:
        """Have the parent keep the bytes of a file, sent in parts that fit into a line."""
        with self._asking:
            for start in range(0, len(content), PART):
                self.say("part", b64encode(content[start : start + PART]).decode())
            self.say("keep", None)
            refusal = self._answers.get()
        if refusal is not None:
            raise _REFUSALS.get(refusal[0], UsageError)(refusal[1])
        return sha256(content).hexdigest()

    async def fetch(self, command: RunAttempt, sha256: str) -> bytes:
        """Have the parent read the bytes of a file, which come in parts that fit into a line."""
        content = bytearray()
        with self._asking:
            self.say("fetch", sha256)
            while (answer := self._answers.get()) is not None:
                if answer[0] != "part":
                    raise _REFUSALS.get(answer[0], UsageError)(answer[1])
                content += b64decode(answer[1])
        return bytes(content)

    def listen(self) -> None:
        """Hear the parent's answers, until the end of standard input, which it keeps open as long as it lives."""
        for line in sys.stdin:
            self._answers.put(json.loads(line))
        os.killpg(0, signal.SIGKILL)

    def progress(self, command: RunAttempt, fraction: float, message: str) -> None:
        self.say("progress", [float(fraction), str(message)[:_MESSAGE]])

    def log(self, command: RunAttempt, message: str) -> None:
        self.say("log", str(message)[:_MESSAGE])

    def now(self) -> float:
        return self._clock.now()


def main() -> None:
    """Run one attempt and end."""
    pipe = _Pipe(os.dup(1))
    os.dup2(2, 1)
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=pipe.listen, daemon=True).start()
    outcome: Outcome
    try:
        outcome = _run(request, pipe)
    except BaseException as error:  # noqa: BLE001 - the border: an agent may raise anything, SystemExit too
        outcome = failed_by(error)
    pipe.say("outcome", outcome_data(outcome))
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    # Threads that the agent has left behind must not keep the process.
    os._exit(0)


def _run(request: dict[str, Any], pipe: _Pipe) -> Outcome:
    sys.path[:] = request["path"]
    entry = _find(request["agent"])
    command = command_from_data(request["command"])
    try:
        task: Task[Any] = Task(command, value_type=entry.input_type, reports=pipe, recorder=pipe)
    except InputError as error:
        return failed_by(error)
    agent = entry.agent
    body = cast("Callable[[Task[Any]], object]", agent.function if isinstance(agent, FunctionAgent) else agent.run)
    outcome: Outcome
    try:
        value = body(task)
        if inspect.iscoroutine(value):
            value = asyncio.run(value)
        outcome = encoded(entry, value, request["max_result"], task.notes)
    except BaseException as error:  # noqa: BLE001 - the border: an agent may raise anything, SystemExit too
        outcome = ended_by(error)
    usage = task.usage
    return outcome if usage is None or isinstance(outcome, Unavailable | ChildRests) else replace(outcome, usage=usage)


def _find(reference: dict[str, str]) -> Registration:
    if "path" in reference:
        space = runpy.run_path(reference["path"], run_name="__agentkit_worker__")
        found: Any = space[reference["name"]]
    else:
        found = importlib.import_module(reference["module"])
        for part in reference["name"].split("."):
            found = getattr(found, part)
    agent: object = found() if isinstance(found, type) else found
    if not isinstance(agent, Agent):
        raise TypeError(f"{reference['name']} is not an agent")
    member = cast("Agent[Any, object]", agent)
    return AgentRegistry([member])[member.name]

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
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any, cast

from agentkit.agents import Agent, AgentRegistry, FunctionAgent, Registration, Task, failed_by
from agentkit.errors import InputError
from agentkit.kernel import Failed, Outcome, RunAttempt, Succeeded

from .local import encoded
from .ports import SystemClock

__all__ = ["main"]


_MESSAGE = 500


class _Pipe:
    """Says things to the parent, one JSON line each, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass")
        self._lock = threading.Lock()
        self._clock = SystemClock()

    def say(self, kind: str, content: object) -> None:
        with self._lock:
            self._file.write(json.dumps([kind, content], ensure_ascii=False) + "\n")
            self._file.flush()

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
    threading.Thread(target=_die_with_the_parent, daemon=True).start()
    outcome: Outcome
    try:
        outcome = _run(request, pipe)
    except BaseException as error:  # noqa: BLE001 - the border: an agent may raise anything, SystemExit too
        outcome = failed_by(error)
    if isinstance(outcome, Succeeded):
        pipe.say("value", outcome.value)
    elif isinstance(outcome, Failed):
        pipe.say("failed", asdict(outcome))
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    # Threads that the agent has left behind must not keep the process.
    os._exit(0)


def _die_with_the_parent() -> None:
    """Wait for the end of standard input, which the parent keeps open as long as it lives."""
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


def _run(request: dict[str, Any], pipe: _Pipe) -> Outcome:
    sys.path[:] = request["path"]
    entry = _find(request["agent"])
    content: dict[str, Any] = request["command"]
    content["missing"], content["expertise"] = tuple(content["missing"]), tuple(content["expertise"])
    command = RunAttempt(**content)
    try:
        task: Task[Any] = Task(command, value_type=entry.input_type, reports=pipe)
    except InputError as error:
        return failed_by(error)
    agent = entry.agent
    body = cast("Callable[[Task[Any]], object]", agent.function if isinstance(agent, FunctionAgent) else agent.run)
    value = body(task)
    if inspect.iscoroutine(value):
        value = asyncio.run(value)
    return encoded(entry, value, request["max_result"], task.notes)


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

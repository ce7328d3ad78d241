"""How commands end: exit codes, and errors as one clear message.

Rules: 0 done, 1 failed, 2 wrong usage, 3 not found, 124 out of time, 130 cancelled. An error is a sentence, never a
traceback.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import NoReturn

from rich.text import Text

from agentkit.errors import (
    AgentKitError,
    DefinitionError,
    InputError,
    KeyReused,
    MissingExtra,
    NotFound,
    OperationCancelled,
    OperationTimedOut,
)
from agentkit.orchestrator import Operation

from .screen import errors

__all__ = ["exit_code", "finish", "guarded", "pretty"]

_CODES: tuple[tuple[type[AgentKitError], int], ...] = (
    (NotFound, 3),
    (DefinitionError, 2),
    (InputError, 2),
    (KeyReused, 2),
    (MissingExtra, 2),
    (OperationTimedOut, 124),
    (OperationCancelled, 130),
)


def guarded(work: Callable[[], Awaitable[int]]) -> int:
    """Run a command's work on a loop of its own; whatever goes wrong is told in one message."""

    async def run() -> int:
        return await work()

    try:
        return asyncio.run(run())
    except AgentKitError as error:
        return told(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def told(error: AgentKitError) -> int:
    """Say what went wrong; the exit code for it."""
    lines = error.problems if isinstance(error, DefinitionError) else [str(error)]
    for line in lines:
        errors().print(Text("error: ", "bold red") + Text(line), soft_wrap=True)
    return next((code for kind, code in _CODES if isinstance(error, kind)), 1)


def finish(code: int) -> NoReturn:
    """End the program."""
    raise SystemExit(code)


async def exit_code(operation: Operation, *, as_json: bool, quiet: bool = False) -> int:
    """How an ended operation ends the program; its result goes to standard output."""
    try:
        result = await operation
    except AgentKitError as error:
        return told(error)
    if not as_json and not quiet:
        sys.stdout.write(pretty(result.output_json) + "\n")
        for name in result.missing:
            errors().print(Text(f"note: the optional stage {name!r} failed, so its value is missing", "yellow"))
        for name, agent in result.fallbacks.items():
            errors().print(Text(f"note: stage {name!r} was done by its fallback {agent!r}", "yellow"))
    return 0


def pretty(text: str) -> str:
    """A result for people: a text as it is, everything else as indented JSON."""
    value = json.loads(text)
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)

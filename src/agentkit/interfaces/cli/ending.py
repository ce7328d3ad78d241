"""How commands end: exit codes, and errors as one clear message.

Rules: 0 done, 1 failed, 2 wrong usage, 3 not found, 124 out of time, 130 cancelled, 143 told to leave (SIGTERM). An
error is a sentence, never a traceback.
"""

from __future__ import annotations

import asyncio
import json
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
from agentkit.views import one_line

from .screen import errors, hush

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

_MOST = 4_000
"""Letters of an error that are shown."""


def guarded(work: Callable[[], Awaitable[int]]) -> int:
    """Run a command's work on a loop of its own; whatever goes wrong is told in one message."""

    async def run() -> int:
        return await work()

    try:
        code = asyncio.run(run())
        sys.stdout.flush()
    except AgentKitError as error:
        return told(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        hush(sys.stdout)
        return 0
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _say(f"{place}{error.strerror or error}", 1)
    return code


def told(error: AgentKitError) -> int:
    """Say what went wrong; the exit code for it."""
    lines = error.problems if isinstance(error, DefinitionError) else [str(error)]
    code = next((code for kind, code in _CODES if isinstance(error, kind)), 1)
    for line in lines:
        _say(line, code)
    return code


def _say(line: str, code: int) -> int:
    """One error on one line, whatever it quotes."""
    errors().print(Text("error: ", "bold red") + Text(one_line(line, _MOST)), soft_wrap=True)
    return code


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
            errors().print(Text(f"note: the optional stage {name!r} failed, so its value is missing", "yellow"), soft_wrap=True)
        for name, agent in result.fallbacks.items():
            errors().print(Text(f"note: stage {name!r} was done by its fallback {agent!r}", "yellow"), soft_wrap=True)
    return 0


def pretty(text: str) -> str:
    """A result for people: a text as it is, everything else as indented JSON."""
    value = json.loads(text)
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)

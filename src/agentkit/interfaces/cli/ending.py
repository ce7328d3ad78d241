"""How commands end: exit codes, and errors as one clear message.

Rules: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 left since it waits for somebody, 124 out of time, 130
cancelled, 143 told to leave (SIGTERM). An error is a sentence, never a traceback.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from errno import EADDRINUSE
from typing import NoReturn

from pydantic import ValidationError
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
from agentkit.screens import trouble_of
from agentkit.views import one_line

from .choosing import chosen, chosen_or_usual
from .leaving import leave
from .means import Means
from .screen import errors, hush

__all__ = ["exit_code", "finish", "guarded", "misfit", "pretty", "say_how_to_go_on", "say_notes", "told"]

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
_SYSTEM_REMEDY = "Look at the file, the folder or the address that it names, and at who may use it."


def guarded(
    work: Callable[[], Coroutine[None, None, int]], loop: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> int:
    """Run a command's work on a loop of its own; whatever goes wrong is told in one message."""
    runner = asyncio.Runner(loop_factory=loop)
    code = _run(runner, work)
    # An agent that does not end when it is told to was abandoned, and its journal is closed: to close the loop would be
    # to wait for it.
    if asyncio.all_tasks(runner.get_loop()):
        leave(code)
    runner.close()
    return code


def _run(runner: asyncio.Runner, work: Callable[[], Coroutine[None, None, int]]) -> int:
    try:
        # What is wrong with the settings is said before anything begins.
        chosen()
        code = runner.run(work())
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
        # Only a server takes an address.
        hint = "; another program listens there: name another port with --port" if error.errno == EADDRINUSE else ""
        return _told_of_system(f"{place}{error.strerror or error}{hint}")
    return code


def _told_of_system(line: str) -> int:
    """Say what this machine refused; the exit code for it."""
    if chosen_or_usual().errors != "json":
        return _say(line, 1)
    return _say_json(line, exit_code=1, code="os_error", remedy=_SYSTEM_REMEDY)


def told(error: AgentKitError) -> int:
    """Say what went wrong; the exit code for it."""
    lines = error.problems if isinstance(error, DefinitionError) else [str(error)]
    code = next((code for kind, code in _CODES if isinstance(error, kind)), 1)
    settings = chosen_or_usual()
    if settings.errors == "json":
        return _say_json(
            *lines,
            exit_code=code,
            code=error.code,
            remedy=trouble_of(error).remedy,
            retryable=error.retryable,
            request_id=error.request_id,
        )
    for line in lines:
        _say(line, code)
    if settings.verbosity == "verbose":
        request = f" (request {error.request_id})" if error.request_id else ""
        errors().print(Text(f"{error.code}{request}: {trouble_of(error).remedy}"), soft_wrap=True)
    return code


def _say_json(
    *lines: str, exit_code: int, code: str, remedy: str, retryable: bool = False, request_id: str = ""
) -> int:
    """One error as one line of JSON, for programs."""
    told = {
        "code": code,
        "messages": [one_line(line, _MOST) for line in lines],
        "remedy": remedy,
        "retryable": retryable,
        "request_id": request_id,
        "exit_code": exit_code,
    }
    sys.stderr.write(json.dumps(told) + "\n")
    return exit_code


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
    if not as_json and not quiet:
        say_notes(missing=result.missing, degraded=result.degraded, fallbacks=result.fallbacks)
    return 0


def say_notes(*, missing: Iterable[str], degraded: Iterable[str], fallbacks: Mapping[str, str]) -> None:
    """Say what a result is not, unless nobody wants to hear it.

    Args:
        missing: Optional stages that failed.
        degraded: Stages whose value is less than was asked for.
        fallbacks: Stages whose value a fallback gave, and which agent.
    """
    if chosen().verbosity == "quiet":
        return
    notes = [f"the optional stage {name!r} failed, so its value is missing" for name in missing]
    notes += [f"the value of stage {name!r} is less than was asked for" for name in degraded if name not in fallbacks]
    notes += [f"stage {name!r} was done by its fallback {agent!r}" for name, agent in fallbacks.items()]
    for note in notes:
        errors().print(Text(f"note: {one_line(note, _MOST)}", "yellow"), soft_wrap=True)


def say_how_to_go_on(operation_ids: Sequence[str], means: Means) -> None:
    """Print the command that resumes each of these operations, where their store outlives this process."""
    if means.store.startswith("memory:"):
        return
    for operation_id in operation_ids:
        command = shlex.join(["agentkit", "resume", operation_id, *means.options])
        errors().print(Text(f"go on with: {command}"), soft_wrap=True)


def misfit(error: ValidationError) -> InputError:
    """What is wrong with what was asked, without repeating it."""
    first = error.errors(include_url=False, include_input=False)[0]
    return InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")


def pretty(text: str) -> str:
    """A result for people: a text as it is, everything else as indented JSON."""
    value = json.loads(text)
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)

"""Attempts in a process of their own, which can be killed at any moment.

Rules: parent and worker speak JSON, one line a message, through pipes of their own; nothing is pickled. The worker
finds the agent by the name of its module and makes it anew. Whatever way the attempt ends, the process and everything
it started in its group is gone afterwards. The end of the process ends the attempt, whoever else holds its pipes; what
it used is unknown then, and never nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentkit.agents import FunctionAgent, Recorder, Registration, Reports, failed
from agentkit.errors import AgentKitError, DefinitionError
from agentkit.kernel import EffectTold, Failed, Outcome, RunAttempt, Usage, shortened

from .carrying import PART, command_data, outcome_from_data

__all__ = ["GONE", "agent_reference", "run_in_process"]

GONE = Usage(calls=1, tokens=None, money=None)
"""What was used by work that died with its process: it was called, and the rest is unknown."""

_WORKER = "from agentkit.engines.worker import main; main()"
_LEFT_SECONDS = 1.0
"""For how long what a process has left behind may hold its pipes after its end."""


def agent_reference(entry: Registration) -> dict[str, str]:
    """How a worker process finds the agent.

    Raises:
        DefinitionError: It cannot: the agent is not at the top of an importable module, or was made with settings.
    """
    agent = entry.agent
    if isinstance(agent, FunctionAgent):
        module, name = agent.function.__module__, agent.function.__qualname__
    else:
        module, name = type(agent).__module__, type(agent).__qualname__
        if getattr(agent, "__dict__", None):
            raise DefinitionError(
                f"agent {agent.name!r}: with isolation='process' it is made anew in its process,"
                " so its settings must be attributes of its class, not of the object"
            )
    if "<locals>" in name:
        raise DefinitionError(f"agent {agent.name!r}: with isolation='process' it must stand at the top of a module")
    reference = {"module": module, "name": name}
    if module == "__main__":
        path = getattr(sys.modules["__main__"], "__file__", None)
        if path is None:
            raise DefinitionError(f"agent {agent.name!r}: with isolation='process' it must stand in a file")
        reference["path"] = str(Path(path).resolve())
    return reference


async def run_in_process(
    entry: Registration, command: RunAttempt, reports: Reports, *, recorder: Recorder | None = None, max_result: int
) -> Outcome:
    """Run one attempt in a process of its own."""
    request = {
        "agent": agent_reference(entry),
        "path": sys.path,
        "command": command_data(command),
        "max_result": max_result,
    }
    loop = asyncio.get_running_loop()
    transport, ending = await loop.subprocess_exec(
        # A character of the value is at most four bytes of the line: quotes are escaped again, nothing else is.
        lambda: _Ending(4 * max_result + 65_536, loop),
        sys.executable,
        "-c",
        _WORKER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=None,
        start_new_session=True,
    )
    process = asyncio.subprocess.Process(transport, ending, loop)
    watch = loop.create_task(_let_go(process, transport, ending))
    try:
        outcome = await _converse(process, _line(request), command, reports, recorder)
        return outcome or await _fallen(process, ending)
    finally:
        _kill_group(process.pid)
        watch.cancel()
        # Reaping is short, and must happen even when the attempt was cancelled.
        await asyncio.shield(ending.over.wait())
        transport.close()


class _Ending(asyncio.subprocess.SubprocessStreamProtocol):
    """Tells when the process itself is over: its pipes are not, as long as what it has forked holds them.

    Attributes:
        over: Comes when it has ended.
    """

    def __init__(self, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit, loop)
        self.over: asyncio.Event = asyncio.Event()

    def process_exited(self) -> None:
        """See `asyncio.SubprocessProtocol`."""
        super().process_exited()
        self.over.set()


async def _let_go(process: asyncio.subprocess.Process, transport: asyncio.SubprocessTransport, ending: _Ending) -> None:
    """When the process has ended, end what holds its pipes, so that nobody waits for more to come out of them."""
    await ending.over.wait()
    _kill_group(process.pid)
    # What it wrote is read by then. Who has left its group lives on, and is not waited for.
    await asyncio.sleep(_LEFT_SECONDS)
    if process.stdin is not None:
        process.stdin.transport.abort()
    transport.close()


async def _fallen(process: asyncio.subprocess.Process, ending: _Ending) -> Failed:
    """How a process ended that has said its last word, which was no answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LEFT_SECONDS):
            await ending.over.wait()
    code = process.returncode
    if code is None:
        how = "it goes on, but has closed its pipe"
    else:
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return _lost(f"the worker process ended without an answer ({how})")


async def _converse(
    process: asyncio.subprocess.Process,
    request: bytes,
    command: RunAttempt,
    reports: Reports,
    recorder: Recorder | None,
) -> Outcome | None:
    """Hear what the process says, up to its answer; None if its lines end before, or in the middle of one."""
    if process.stdin is None or process.stdout is None:
        return _lost("the worker process has no pipes")
    # It stays open: its end is how the worker learns that this process is gone.
    process.stdin.write(request)
    file = bytearray()
    while (line := await process.stdout.readline()).endswith(b"\n"):
        kind, content = _message(line)
        match kind:
            case "progress":
                reports.progress(command, content[0], content[1])
            case "log":
                reports.log(command, content)
            case "effect":
                process.stdin.write(_line(await _refusal(command, EffectTold(**content), recorder)))
            case "part":
                file += b64decode(content)
            case "keep":
                kept, file = bytes(file), bytearray()
                process.stdin.write(_line(await _kept(command, kept, recorder)))
            case "fetch":
                # Where it is gone, the end of its lines says how.
                with suppress(ConnectionError):
                    async for answer in _fetched(command, content, recorder):
                        process.stdin.write(_line(answer))
                        await process.stdin.drain()
            case "outcome":
                return outcome_from_data(content)
            case _:
                return _lost(f"the worker process said {shortened(line)}, which is no message")
    return None


def _lost(message: str) -> Failed:
    """The process is gone, and with it what it knew of what it used."""
    return replace(failed("process_lost", message, type_name="ProcessLost"), usage=GONE)


def _message(line: bytes) -> tuple[str, Any]:
    """What kind of message a line is, and its content; the empty kind if it is none."""
    try:
        kind, content = json.loads(line)
    except (ValueError, TypeError):
        return "", None
    return kind, content


async def _refusal(command: RunAttempt, told: EffectTold, recorder: Recorder | None) -> list[str] | None:
    """Put on the journal what the worker tells of an effect; why that was refused, if it was."""
    try:
        if recorder is not None:
            await recorder.record(command, told)
    except AgentKitError as error:
        return [type(error).__name__, str(error)]
    return None


async def _kept(command: RunAttempt, content: bytes, recorder: Recorder | None) -> list[str] | None:
    """Keep the bytes of a file that the worker gives; why that was refused, if it was."""
    try:
        if recorder is not None:
            await recorder.keep(command, content)
    except AgentKitError as error:
        return [type(error).__name__, str(error)]
    return None


async def _fetched(command: RunAttempt, key: str, recorder: Recorder | None) -> AsyncGenerator[list[str] | None, None]:
    """The bytes of a file that the worker asks for, in parts; or why they are refused."""
    try:
        content = b"" if recorder is None else await recorder.fetch(command, key)
    except AgentKitError as error:
        yield [type(error).__name__, str(error)]
        return
    for start in range(0, len(content), PART):
        yield ["part", b64encode(content[start : start + PART]).decode()]
    yield None


def _line(content: object) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return

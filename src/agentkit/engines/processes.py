"""Attempts in a process of their own, which can be killed at any moment.

Rules: parent and worker speak JSON, one line a message, through pipes of their own; nothing is pickled. The worker
finds the agent by the name of its module and makes it anew. Whatever way the attempt ends, the process and everything
it started in its group is gone afterwards.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator
from pathlib import Path

from agentkit.agents import FunctionAgent, Recorder, Registration, Reports, failed
from agentkit.errors import AgentKitError, DefinitionError
from agentkit.kernel import EffectTold, Outcome, RunAttempt

from .carrying import PART, command_data, outcome_from_data

__all__ = ["agent_reference", "run_in_process"]

_WORKER = "from agentkit.engines.worker import main; main()"


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
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _WORKER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # A character of the value is at most four bytes of the line: quotes are escaped again, nothing else is.
        limit=4 * max_result + 65_536,
        start_new_session=True,
    )
    try:
        return await _converse(process, _line(request), command, reports, recorder)
    finally:
        _kill_group(process.pid)
        # Reaping is short, and must happen even when the attempt was cancelled.
        await asyncio.shield(process.wait())


async def _converse(
    process: asyncio.subprocess.Process,
    request: bytes,
    command: RunAttempt,
    reports: Reports,
    recorder: Recorder | None,
) -> Outcome:
    if process.stdin is None or process.stdout is None:
        return failed("process_lost", "the worker process has no pipes")
    # It stays open: its end is how the worker learns that this process is gone.
    process.stdin.write(request)
    file = bytearray()
    while line := await process.stdout.readline():
        kind, content = json.loads(line)
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
                async for answer in _fetched(command, content, recorder):
                    process.stdin.write(_line(answer))
                    await process.stdin.drain()
            case "outcome":
                return outcome_from_data(content)
            case _:
                return failed("process_lost", f"the worker process said {kind!r}, which is unknown")
    code = await process.wait()
    how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return failed("process_lost", f"the worker process ended without an answer ({how})", type_name="ProcessLost")


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

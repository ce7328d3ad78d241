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
from dataclasses import asdict
from pathlib import Path

from agentkit.agents import FunctionAgent, Registration, Reports, failed
from agentkit.errors import DefinitionError
from agentkit.kernel import Failed, Failure, Outcome, RunAttempt, Succeeded

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


async def run_in_process(entry: Registration, command: RunAttempt, reports: Reports, *, max_result: int) -> Outcome:
    """Run one attempt in a process of its own."""
    request = {"agent": agent_reference(entry), "path": sys.path, "command": asdict(command), "max_result": max_result}
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
        return await _converse(process, json.dumps(request).encode() + b"\n", command, reports)
    finally:
        _kill_group(process.pid)
        # Reaping is short, and must happen even when the attempt was cancelled.
        await asyncio.shield(process.wait())


async def _converse(
    process: asyncio.subprocess.Process, request: bytes, command: RunAttempt, reports: Reports
) -> Outcome:
    if process.stdin is None or process.stdout is None:
        return failed("process_lost", "the worker process has no pipes")
    # It stays open: its end is how the worker learns that this process is gone.
    process.stdin.write(request)
    while line := await process.stdout.readline():
        kind, content = json.loads(line)
        match kind:
            case "progress":
                reports.progress(command, content[0], content[1])
            case "log":
                reports.log(command, content)
            case "value":
                return Succeeded(value=content)
            case "failed":
                content["failure"] = Failure(**content["failure"])
                content["kinds"] = tuple(content["kinds"])
                return Failed(**content)
            case _:
                return failed("process_lost", f"the worker process said {kind!r}, which is unknown")
    code = await process.wait()
    how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return failed("process_lost", f"the worker process ended without an answer ({how})", type_name="ProcessLost")


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return

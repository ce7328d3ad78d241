"""`run`, `resume` and `watch`: commands that follow operations until they end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from agentkit.errors import InputError
from agentkit.orchestrator import Operation, Orchestrator
from agentkit.service import load_agents, load_workflow

from .ending import exit_code, finish, guarded
from .finding import find_operation
from .screen import errors, show_json, show_live, show_plain

__all__ = ["resume_operations", "run_workflow", "watch_operation"]


def run_workflow(
    path: Path,
    agents: Sequence[str],
    given: Sequence[str],
    input_file: Path | None,
    *,
    store: str,
    key: str | None,
    as_json: bool,
) -> None:
    """Run a workflow and print its result."""

    async def work() -> int:
        workflow = load_workflow(path)
        value = _input(given, input_file)
        async with Orchestrator(load_agents(agents), store=store, adopt=False) as orchestrator:
            operation = await orchestrator.submit(workflow, value, key=key)
            return await _follow(operation, store, agents, as_json=as_json)

    finish(guarded(work))


def resume_operations(
    operation_id: str | None, agents: Sequence[str], *, store: str, take: bool, as_json: bool
) -> None:
    """Go on with one operation, or with all that nobody runs."""

    async def work() -> int:
        async with Orchestrator(load_agents(agents), store=store, adopt=False) as orchestrator:
            if operation_id is not None:
                found = await find_operation(orchestrator, operation_id)
                operations: Sequence[Operation] = [await orchestrator.resume(found, take=take)]
            else:
                operations = await orchestrator.adopt()
                if not operations:
                    errors().print("nothing to resume: every operation has ended, or is run by somebody")
            code = 0
            for operation in operations:
                code = max(code, await _follow(operation, store, agents, as_json=as_json))
            return code

    finish(guarded(work))


def watch_operation(operation_id: str, *, store: str, as_json: bool) -> None:
    """Watch an operation until it ends; Ctrl-C stops the watching only."""

    async def work() -> int:
        async with Orchestrator(store=store, adopt=False) as orchestrator:
            operation = await orchestrator.get(await find_operation(orchestrator, operation_id))
            await _view(as_json)(operation)
            return await exit_code(operation, as_json=as_json, quiet=True)

    finish(guarded(work))


async def _follow(operation: Operation, store: str, agents: Sequence[str], *, as_json: bool) -> int:
    """Show an operation until it ends; an interrupt cancels it and says how to go on."""
    loop = asyncio.get_running_loop()
    cancelling: list[asyncio.Task[None]] = []

    def interrupt() -> None:
        if cancelling:
            # The second time: whoever presses twice does not want to wait.
            raise SystemExit(130)
        cancelling.append(loop.create_task(operation.cancel("interrupted")))

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        await _view(as_json)(operation)
        for task in cancelling:
            await task
        code = await exit_code(operation, as_json=as_json)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    if code == 130:
        options = "".join(f" --agents {name}" for name in agents)
        errors().print(f"go on with: agentkit resume {operation.id}{options} --store {store}", soft_wrap=True)
    return code


def _view(as_json: bool) -> Callable[[Operation], Awaitable[None]]:
    if as_json:
        return show_json
    return show_live if sys.stderr.isatty() else show_plain


def _input(given: Sequence[str], input_file: Path | None) -> object:
    fields: dict[str, object] = {}
    if input_file is not None:
        try:
            content: object = json.loads(input_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"--input-file {input_file}: cannot be read as JSON: {error}") from error
        if not given:
            return content
        if not isinstance(content, dict):
            raise InputError(f"--input-file {input_file}: holds no object that --input could add to")
        fields = cast("dict[str, object]", content)
    for item in given:
        name, equals, text = item.partition("=")
        if not equals or not name:
            raise InputError(f"--input {item!r}: write NAME=VALUE")
        fields[name] = _value(text)
    return fields


def _value(text: str) -> object:
    """Text as it is; with a `json:` in front, JSON."""
    if text.startswith("json:"):
        with suppress(ValueError):
            return json.loads(text[5:])
        raise InputError(f"--input: {text[5:]!r} is not JSON")
    return text

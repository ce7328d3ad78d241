"""Commands against a server: the same words as against a store, said through a client; here, those that follow a run.

Rules: the key says who asks, so no name is given. Ctrl-C leaves an operation, and never cancels what a server runs.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import NoReturn, cast

from pydantic import JsonValue
from rich.text import Text

from agentkit.client import Client
from agentkit.errors import InputError
from agentkit.wire import OperationPage, RerunRequest

from .afar_following import follow_page
from .asking import ask, found_id
from .fetching import download, write_line, write_result
from .inputs import Request, given_input
from .reaching import Far, refuse
from .running import WAITS, nothing_to_retry
from .screen import errors

__all__ = ["fork_afar", "resume_afar", "retry_afar", "run_afar", "watch_afar"]


def run_afar(
    workflow: str | None, far: Far, request: Request, *, waits: bool, as_json: bool, leaves: bool = False
) -> NoReturn:
    """Run a workflow that a server offers, and print its result, or its id if nobody stays."""

    async def work(client: Client) -> int:
        page = await _started(client, workflow, request)
        if leaves:
            return _left(page, far, as_json=as_json)
        return await _followed(client, page, far, waits=waits, as_json=as_json, folder=request.files)

    ask(far, work)


def _left(page: OperationPage, far: Far, *, as_json: bool) -> int:
    if as_json:
        write_line(page)
    else:
        sys.stdout.write(f"{page.id}\n")
        errors().print(Text(f"watch it with: {far.command('watch', page.id)}"), soft_wrap=True)
    return 0


async def _started(client: Client, workflow: str | None, request: Request) -> OperationPage:
    if workflow is None:
        refuse("--task does not go with a server: it offers workflows, and says itself which agents work")
    given = cast("JsonValue", await given_input(request))
    return await client.execute(
        workflow, given, wait=False, key=request.key, run_timeout=request.timeout, agents=request.agents
    )


def resume_afar(beginning: str | None, far: Far, *, waits: bool, as_json: bool) -> NoReturn:
    """Go on with an operation that did not end well."""
    if beginning is None:
        refuse("name an operation: a server goes on by itself with those whose process died")
    ask(far, lambda client: _retried(client, beginning, far, waits=waits, as_json=as_json))


def retry_afar(beginning: str, far: Far, *, waits: bool, as_json: bool) -> NoReturn:
    """Go on with an operation that did not end well, and with no other."""

    async def work(client: Client) -> int:
        page = await client.operation(await found_id(client, beginning))
        if page.status == "completed" or (not page.ended and page.status != "quarantined"):
            raise InputError(nothing_to_retry(page.id, page.status))
        return await _retried(client, page.id, far, waits=waits, as_json=as_json)

    ask(far, work)


async def _retried(client: Client, beginning: str, far: Far, *, waits: bool, as_json: bool) -> int:
    page = await client.retry(await found_id(client, beginning))
    return await _followed(client, page, far, waits=waits, as_json=as_json)


def fork_afar(beginning: str, far: Far, request: Request, *, at: str | None, waits: bool, as_json: bool) -> NoReturn:
    """Run an operation again from a stage, or with another input, as a new one."""

    async def work(client: Client) -> int:
        found = await found_id(client, beginning)
        changes = bool(request.given) or request.input_file is not None
        given = cast("JsonValue", await given_input(request) if changes else None)
        page = await client.rerun(found, RerunRequest(at=at, input=given, changes_input=changes), key=request.key)
        errors().print(Text(f"{page.id} is a fork of {found}"), soft_wrap=True)
        return await _followed(client, page, far, waits=waits, as_json=as_json)

    ask(far, work)


def watch_afar(beginning: str, far: Far, *, as_json: bool) -> NoReturn:
    """Watch an operation until it ends."""

    async def work(client: Client) -> int:
        operation_id = await found_id(client, beginning)
        await follow_page(client, operation_id, stays=True, as_json=as_json)
        await client.result(operation_id)
        return 0

    ask(far, work)


async def _followed(
    client: Client, page: OperationPage, far: Far, *, waits: bool, as_json: bool, folder: Path | None = None
) -> int:
    """Show an operation until it ends, or until it waits for somebody if nobody is to stay; its exit code."""
    try:
        resting = await follow_page(client, page.id, stays=waits, as_json=as_json)
    except asyncio.CancelledError:
        goes_on = f"it goes on at the server; watch it with: {far.command('watch', page.id)}"
        errors().print(Text(goes_on), soft_wrap=True)
        raise
    if resting is not None:
        for name, kinds in resting.waits.items():
            said = f"{name} waits for {', '.join(kinds)}; see: {far.command('show', name)}"
            errors().print(Text(said), soft_wrap=True)
        return WAITS
    await write_result(client, page.id, quiet=as_json)
    if folder is not None:
        found = await client.files(page.id)
        await download(client, page.id, found, folder)
        errors().print(Text(f"{len(found)} files are in {folder}" if found else "there are no files"), soft_wrap=True)
    return 0

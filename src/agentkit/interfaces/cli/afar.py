"""Commands against a server: the same words as against a store, said through a client.

Rules: the key says who asks, so no name is given. Ctrl-C leaves an operation, and never cancels what a server runs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, cast

from pydantic import JsonValue
from rich.text import Text

from agentkit.client import Client, ClientSettings, ProgressBar, bar_line
from agentkit.errors import InputError, NotFound
from agentkit.views import one_line
from agentkit.wire import ApprovalLine, EventLine, FileLine, OperationLine, OperationPage, OperationQuery

from .deciding import Says, filled
from .ending import finish, guarded, pretty
from .files import make, named
from .inbox import approval_table
from .running import WAITS, Request, read_input
from .screen import errors, output
from .tables import operation_table, width_of

__all__ = [
    "Far",
    "cancel_afar",
    "files_afar",
    "list_afar",
    "list_approvals_afar",
    "resume_afar",
    "run_afar",
    "show_afar",
    "vote_afar",
    "watch_afar",
]

_LOOKED_AT = 1_000
_PER_PAGE = 200
_ANSWERED = ("approval", "doubt", "signal")
"""What somebody has to do something about, unlike time."""


@dataclass(frozen=True, slots=True)
class Far:
    """A server.

    Attributes:
        url: Where it is.
        key_file: The file with the key.
    """

    url: str
    key_file: Path | None


def ask(far: Far, work: Callable[[Client], Coroutine[None, None, int]]) -> NoReturn:
    """Have work done with a client of a server, and end with its exit code."""

    async def run() -> int:
        settings = ClientSettings(url=far.url, key_file=far.key_file)
        async with Client.from_settings(settings) as client:
            return await work(client)

    finish(guarded(run))


# Start and follow


def run_afar(workflow: str, far: Far, request: Request, *, waits: bool, as_json: bool) -> NoReturn:
    """Run a workflow that a server offers, and print its result."""

    async def work(client: Client) -> int:
        if request.by is not None:
            raise InputError("--by: on a server your key says who you are")
        given = cast("JsonValue", read_input(request.given, request.input_file))
        page = await client.execute(workflow, given, wait=False, key=request.key)
        return await _followed(client, page, far, waits=waits, as_json=as_json, folder=request.files)

    ask(far, work)


def resume_afar(beginning: str | None, far: Far, *, waits: bool, as_json: bool) -> NoReturn:
    """Go on with an operation that did not end well."""

    async def work(client: Client) -> int:
        if beginning is None:
            raise InputError("name an operation: a server goes on by itself with those whose process died")
        page = await client.retry(await _found(client, beginning))
        return await _followed(client, page, far, waits=waits, as_json=as_json)

    ask(far, work)


def watch_afar(beginning: str, far: Far, *, as_json: bool) -> NoReturn:
    """Watch an operation until it ends."""

    async def work(client: Client) -> int:
        operation_id = await _found(client, beginning)
        await _shown(client, operation_id, as_json=as_json)
        await client.result(operation_id)
        return 0

    ask(far, work)


async def _followed(
    client: Client, page: OperationPage, far: Far, *, waits: bool, as_json: bool, folder: Path | None = None
) -> int:
    """Show an operation until it ends, or until it waits for somebody if nobody is to stay; its exit code."""
    try:
        if not waits:
            async for picture in client.progress(page.id):
                if set(picture.waiting) & set(_ANSWERED):
                    said = f"{page.id} waits for {', '.join(picture.waiting)}"
                    errors().print(Text(f"{said}; see: agentkit show {page.id} --server {far.url}"), soft_wrap=True)
                    return WAITS
        await _shown(client, page.id, as_json=as_json)
    except asyncio.CancelledError:
        goes_on = f"it goes on at the server; watch it with: agentkit watch {page.id} --server {far.url}"
        errors().print(Text(goes_on), soft_wrap=True)
        raise
    await _write_result(client, page.id, quiet=as_json)
    if folder is not None:
        found = await client.files(page.id)
        await _download(client, page.id, found, folder)
        errors().print(Text(f"{len(found)} files are in {folder}" if found else "there are no files"), soft_wrap=True)
    return 0


async def _shown(client: Client, operation_id: str, *, as_json: bool) -> None:
    if not as_json and sys.stderr.isatty():
        await client.follow(operation_id, show=ProgressBar(sys.stderr, width=width_of(errors())))
        return
    async for line in client.events(operation_id):
        if as_json:
            _write_line(line)
        else:
            errors().print(Text(_words(line)), soft_wrap=True)


async def _write_result(client: Client, operation_id: str, *, quiet: bool = False) -> None:
    result = await client.result(operation_id)
    if not quiet:
        sys.stdout.write(pretty(json.dumps(result.output)) + "\n")


def _write_line(line: EventLine) -> None:
    sys.stdout.write(line.model_dump_json(exclude_none=True) + "\n")
    sys.stdout.flush()


def _words(line: EventLine) -> str:
    where = f" {line.stage}" if line.stage else ""
    return one_line(f"{line.at:%H:%M:%S} {line.type}{where}", 500)


# Look


def list_afar(far: Far, *, workflow: str | None, status: Sequence[str] | None, limit: int, as_json: bool) -> NoReturn:
    """List operations, newest first."""

    async def work(client: Client) -> int:
        lines = await _lines(client, limit, workflow=workflow, status=status)
        if as_json:
            for line in lines:
                sys.stdout.write(line.model_dump_json() + "\n")
            return 0
        console = output()
        for text in operation_table(lines, (), width_of(console)):
            console.print(text, soft_wrap=True)
        if not lines:
            errors().print(Text(f"no such operations at {far.url}"), soft_wrap=True)
        return 0

    ask(far, work)


async def _lines(
    client: Client, limit: int, *, workflow: str | None = None, status: Sequence[str] | None = None
) -> Sequence[OperationLine]:
    found: list[OperationLine] = []
    cursor: str | None = None
    while len(found) < limit:
        most = min(_PER_PAGE, limit - len(found))
        query = OperationQuery(workflow=workflow or None, status=tuple(status or ()), cursor=cursor, limit=most)
        page = await client.operations(query)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


async def _found(client: Client, beginning: str) -> str:
    """The id of the one operation that it names, as `finding.find_operation` finds it in a store."""
    try:
        return (await client.operation(beginning)).id
    except NotFound:
        lines = await _lines(client, _LOOKED_AT)
    found = [line.id for line in lines if beginning and line.id.startswith(beginning)]
    if not found:
        raise NotFound(f"there is no operation {beginning!r} at this server; see: agentkit list")
    if len(found) > 1:
        shown = ", ".join(found[:5])
        raise InputError(f"{beginning!r} is the beginning of {len(found)} operations: {shown}; write more of it")
    return found[0]


def show_afar(beginning: str, far: Far, *, history: bool, as_json: bool) -> NoReturn:
    """Show one operation, as it stands."""

    async def work(client: Client) -> int:
        page = await client.operation(await _found(client, beginning))
        if history or as_json:
            for line in await client.history(page.id, limit=page.events):
                if as_json:
                    _write_line(line)
                else:
                    sys.stdout.write(f"{_words(line)}\n")
            return 0
        console = errors()
        for text in _page(page, width_of(console)):
            console.print(Text(text), soft_wrap=True)
        if page.status == "completed":
            await _write_result(client, page.id)
        return 0

    ask(far, work)


def _page(page: OperationPage, width: int) -> Iterator[str]:
    yield bar_line(page, width=width)
    yield f"  operation {page.id}"
    yield f"  created {page.created_at:%Y-%m-%d %H:%M:%S} UTC" + (
        f" by {one_line(page.requester)}" if page.requester else ""
    )
    for stage in page.stages:
        by = f" by {one_line(stage.agent, 60)}" if stage.agent else ""
        why = f": {one_line(stage.failure, 500)}" if stage.failure else ""
        waits = f", waits for {one_line(stage.waits_for, 200)}" if stage.waits_for else ""
        yield f"  {one_line(stage.name, 60)} is {one_line(stage.status)}{by}{waits}{why}"
    if page.failure is not None:
        yield f"  {one_line(page.failure.message, 500)}"


def cancel_afar(beginning: str, far: Far, *, reason: str) -> NoReturn:
    """Cancel one operation."""

    async def work(client: Client) -> int:
        page = await client.cancel(await _found(client, beginning), reason)
        errors().print(Text(f"{page.id} is {page.status}"), soft_wrap=True)
        return 0

    ask(far, work)


def files_afar(
    beginning: str, far: Far, names: Sequence[str], folder: Path | None, *, everything: bool, as_json: bool
) -> NoReturn:
    """List the files of an operation, or write them into a folder."""

    async def work(client: Client) -> int:
        if everything:
            raise InputError("--all: a server shows only the files that are for people")
        operation_id = await _found(client, beginning)
        found = await client.files(operation_id)
        known = {line.name for line in found}
        for name in names:
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise NotFound(f"operation {operation_id} has no file {name!r}; there are: {listed}")
        chosen = [line for line in found if not names or line.name in names]
        if folder is not None:
            for place in await _download(client, operation_id, chosen, folder):
                output().print(Text(str(place)), soft_wrap=True)
        else:
            for line in chosen:
                _write_file_line(line, as_json=as_json)
        if not chosen:
            errors().print(Text(f"operation {operation_id} has no files"), soft_wrap=True)
        return 0

    ask(far, work)


def _write_file_line(line: FileLine, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(line.model_dump_json() + "\n")
    else:
        about = f"{line.size:,} bytes  {one_line(line.media_type, 100)}  from {one_line(line.stage, 60)}"
        output().print(Text(f"{one_line(line.name, 200)}  {about}"), soft_wrap=True)


async def _download(client: Client, operation_id: str, lines: Sequence[FileLine], folder: Path) -> Sequence[Path]:
    """Write files into a folder that is made for them, each under a name of its own; where they are."""
    if lines:
        make(folder)
    names = named([(line.stage, line.name) for line in lines])
    return [
        await client.download(operation_id, line.name, folder / Path(name).name, stage=line.stage)
        for name, line in zip(names, lines, strict=True)
    ]


# Decide


def list_approvals_afar(far: Far, *, roles: Sequence[str] | None, limit: int, as_json: bool) -> NoReturn:
    """List what waits for people and is for the caller."""

    async def work(client: Client) -> int:
        asked = await client.approvals()
        found = [line for line in asked if not roles or not line.roles or set(roles) & set(line.roles)][:limit]
        if as_json:
            for line in found:
                sys.stdout.write(line.model_dump_json() + "\n")
            return 0
        console = output()
        for text in approval_table(found, width_of(console)):
            console.print(text, soft_wrap=True)
        if not found:
            errors().print(Text(f"nothing waits for you at {far.url}"), soft_wrap=True)
        return 0

    ask(far, work)


def vote_afar(beginning: str, stage: str | None, far: Far, says: Says, *, name: str | None) -> NoReturn:
    """Agree to a question, or refuse it."""

    async def work(client: Client) -> int:
        if says.by is not None or says.roles:
            raise InputError("--by and --role: on a server your key says who you are")
        operation_id = await _found(client, beginning)
        asked = await client.approvals(operation_id)
        one = _meant(
            operation_id, [line for line in asked if stage in (None, line.stage) and name in (None, line.name)]
        )
        if one is None and stage is None:
            raise NotFound(f"operation {operation_id} asks you nothing that is open")
        answer = client.approve if says.approve else client.refuse
        page = await answer(
            operation_id,
            one.stage if one else stage or "",
            name=one.name if one else name or "",
            comment=says.comment,
            form=cast("dict[str, JsonValue]", filled(says.form, one.form if one else {})),
        )
        errors().print(Text(f"{page.id} is {page.status}"), soft_wrap=True)
        return 0

    ask(far, work)


def _meant(operation_id: str, found: Sequence[ApprovalLine]) -> ApprovalLine | None:
    if len(found) > 1:
        shown = ", ".join(" --name ".join(filter(None, (one.stage, one.name))) for one in found[:5])
        raise InputError(f"operation {operation_id} asks {len(found)} questions; name one of: {one_line(shown, 500)}")
    return found[0] if found else None

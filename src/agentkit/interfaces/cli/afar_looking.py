"""`list`, `show` and `files` against a server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rich.text import Text

from agentkit.client import Client
from agentkit.errors import NotFound
from agentkit.views import one_line
from agentkit.wire import FileLine, OperationSort

from .afar_picture import page_lines, words_of
from .asking import ask, found_id, lines_of
from .doubting import doubt_lines
from .fetching import download, write_line, write_result
from .reaching import Far
from .screen import errors, output
from .tables import operation_table, width_of

__all__ = ["files_afar", "list_afar", "show_afar"]


def list_afar(
    far: Far, *, workflow: str | None, status: Sequence[str] | None, sort: OperationSort, limit: int, as_json: bool
) -> NoReturn:
    """List operations, in an order."""

    async def work(client: Client) -> int:
        lines = await lines_of(client, limit, workflow=workflow, status=status, sort=sort)
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


def show_afar(beginning: str, far: Far, *, history: bool, as_json: bool) -> NoReturn:
    """Show one operation, as it stands."""

    async def work(client: Client) -> int:
        page = await client.operation(await found_id(client, beginning))
        if history or as_json:
            for line in await client.history(page.id, limit=page.events):
                if as_json:
                    write_line(line)
                else:
                    sys.stdout.write(f"{words_of(line)}\n")
            return 0
        console = errors()
        asked = list(await client.approvals(page.id)) if "approval" in page.waiting else []
        for text in page_lines(page, asked, far, width_of(console)):
            console.print(text, soft_wrap=True)
        if "doubt" in page.waiting:
            for text in doubt_lines(await client.history(page.id, limit=page.events)):
                console.print(text, soft_wrap=True)
        if page.status == "completed":
            await write_result(client, page.id)
        return 0

    ask(far, work)


def files_afar(beginning: str, far: Far, names: Sequence[str], folder: Path | None, *, as_json: bool) -> NoReturn:
    """List the files of an operation, or write them into a folder."""

    async def work(client: Client) -> int:
        operation_id = await found_id(client, beginning)
        found = await client.files(operation_id)
        known = {line.name for line in found}
        for name in names:
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise NotFound(f"operation {operation_id} has no file {name!r}; there are: {listed}")
        chosen = [line for line in found if not names or line.name in names]
        if folder is not None:
            for place in await download(client, operation_id, chosen, folder):
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

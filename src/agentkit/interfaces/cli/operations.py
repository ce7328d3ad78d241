"""`list`, `show`, `watch`, `cancel` and `files`: the commands that look at operations, here or on a server.

Rules: as in `app.py`, nothing heavy is imported before a command is called. With `--server` nothing here is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from .options import DEFAULT_STORE, AsJson, Context, Everything, KeyFile, OperationId, Server, Store
from .reaching import server_of

__all__ = ["cancel", "files", "list_operations", "show", "watch"]


def files(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    operation: OperationId,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Which files; without, all.")] = None,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Write them into this folder.")
    ] = None,
    everything: Everything = False,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """List the files that the stages of an operation have given, or write them into a folder."""
    if far := server_of(context, server, key_file):
        from .afar_looking import files_afar

        files_afar(operation, far, names or [], output, as_json=as_json)
    from .files import list_files, write_files

    if output is None:
        list_files(operation, names or [], store=store, everything=everything, as_json=as_json)
    else:
        write_files(operation, names or [], output, store=store, everything=everything)


def list_operations(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    *,
    store: Store = DEFAULT_STORE,
    workflow: Annotated[
        str | None, typer.Option("--workflow", "-w", metavar="NAME", help="Only runs of this workflow.")
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="STATUS", help="Only those with this status; may be repeated."),
    ] = None,
    sort: Annotated[
        Literal["newest", "oldest", "changed"],
        typer.Option("--sort", help="Which are first: accepted last, accepted first, or changed last."),
    ] = "newest",
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="How many at most.")] = 20,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """List operations: the newest first, or those that --sort puts first."""
    if far := server_of(context, server, key_file):
        from .afar_looking import list_afar

        list_afar(far, workflow=workflow, status=status, sort=sort, limit=limit, as_json=as_json)
    from .looking import list_them

    list_them(store=store, workflow=workflow, status=status, sort=sort, limit=limit, as_json=as_json)


def show(
    context: Context,
    operation: OperationId,
    store: Store = DEFAULT_STORE,
    history: Annotated[bool, typer.Option("--history", help="Every event, a line each.")] = False,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Show one operation: where it stands, its stages, its attempts, its result."""
    if far := server_of(context, server, key_file):
        from .afar_looking import show_afar

        show_afar(operation, far, history=history, as_json=as_json)
    from .looking import show_one

    show_one(operation, store=store, history=history, as_json=as_json)


def watch(
    context: Context,
    operation: OperationId,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Watch an operation until it ends, whoever runs it."""
    if far := server_of(context, server, key_file):
        from .afar import watch_afar

        watch_afar(operation, far, as_json=as_json)
    from .running import watch_operation

    watch_operation(operation, store=store, as_json=as_json)


def cancel(
    context: Context,
    operation: OperationId,
    store: Store = DEFAULT_STORE,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the cancel.")] = "",
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Cancel an operation, whoever runs it."""
    if far := server_of(context, server, key_file):
        from .afar_deciding import cancel_afar

        cancel_afar(operation, far, reason=reason)
    from .looking import cancel_one

    cancel_one(operation, store=store, reason=reason)

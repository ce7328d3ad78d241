"""The commands of `agentkit keys` and their options: make, list and revoke the keys of a server.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from .grouping import Plain
from .options import DEFAULT_STORE, AsJson, Context, KeyFile, Roles, Server, Store
from .reaching import server_of

__all__ = ["keys"]

keys: typer.Typer = typer.Typer(
    name="keys",
    help="Make, list or revoke the keys of a server.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class KeyScope(StrEnum):
    """What a key may do."""

    read = "read"
    run = "run"
    approve = "approve"
    admin = "admin"


@keys.command(cls=Plain, short_help="Make a key, and show it once.")
def create(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who uses it: the name under which they ask and vote.")],
    *,
    tenant: Annotated[
        str | None, typer.Option("--tenant", metavar="NAME", help="Whose things it shows; without, everybody's.")
    ] = None,
    scope: Annotated[
        list[KeyScope] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="What it may do: read, run, approve or admin; may be repeated; without, read and run.",
        ),
    ] = None,
    role: Roles = None,
    days: Annotated[
        float | None, typer.Option("--days", metavar="N", help="How long it opens anything; without, for ever.")
    ] = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once; kept is only what recognises it.

    Every server on the store takes it within seconds.
    """
    from .key_making import NewcomerKey, create_key
    from .places import Place

    scopes = [one.value for one in scope] if scope else ["read", "run"]
    wanted = NewcomerKey(name=name, tenant=tenant, scopes=scopes, roles=role or [], days=days)
    create_key(wanted, Place(store, server_of(context, server, key_file)), as_json=as_json)


@keys.command("list", cls=Plain, short_help="List the keys.")
def list_keys(
    context: Context,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """List the keys, newest first, without their secrets."""
    from .key_making import show_keys
    from .places import Place

    show_keys(Place(store, server_of(context, server, key_file)), as_json=as_json)


@keys.command(cls=Plain, short_help="Revoke a key.")
def revoke(
    context: Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id: the part between `agk_` and the next `_`.")],
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Have a key open nothing any more; every server on the store knows within seconds."""
    from .key_making import revoke_key
    from .places import Place

    revoke_key(key, Place(store, server_of(context, server, key_file)), as_json=as_json)

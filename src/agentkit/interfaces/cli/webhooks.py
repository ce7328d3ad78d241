"""The commands of `agentkit webhooks` and their options.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from typing import Annotated

import typer

from .grouping import Plain
from .options import DEFAULT_STORE, AsJson, Context, KeyFile, Server, Store
from .reaching import server_of

__all__ = ["webhooks"]

webhooks: typer.Typer = typer.Typer(
    name="webhooks",
    help="See what became of webhooks, or replay one.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@webhooks.command("list", cls=Plain, short_help="List announcements.")
def list_webhooks(
    context: Context,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were never taken.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="How many.")] = 50,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """List announcements of ends, newest first, and how each stands."""
    from .announcing import list_them
    from .places import Place

    list_them(Place(store, server_of(context, server, key_file)), dead=dead, limit=limit, as_json=as_json)


@webhooks.command(cls=Plain, short_help="Send again what was never taken.")
def replay(
    context: Context,
    webhook: Annotated[str, typer.Argument(metavar="WEBHOOK", help="The announcement's id.")],
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Send once more what was never taken; on a store, the server that runs on it does so."""
    from .announcing import replay_one
    from .places import Place

    replay_one(webhook, Place(store, server_of(context, server, key_file)))


@webhooks.command(cls=Plain, short_help="Show what verifies messages.")
def secret(
    context: Context,
    tenant: Annotated[str | None, typer.Option("--tenant", metavar="NAME", help="Whose messages.")] = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what the messages to a tenant are verified with: give it to whoever receives them, and to nobody else."""
    from .announcing import show_secret
    from .places import Place

    show_secret(tenant, Place(store, server_of(context, server, key_file)), as_json=as_json)

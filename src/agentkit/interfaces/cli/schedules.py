"""The commands of `agentkit schedules` and their options.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Literal

import typer

from .grouping import Plain
from .options import DEFAULT_STORE, AsJson, Context, Given, InputFile, KeyFile, Server, Store
from .reaching import server_of

__all__ = ["schedules"]

schedules: typer.Typer = typer.Typer(
    name="schedules",
    help="Have workflows started by cron or at an interval.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The schedule's name.")]
Tenant = Annotated[str | None, typer.Option("--tenant", metavar="NAME", help="Whose it is.")]


class MissedRuns(StrEnum):
    """What becomes of times at which nobody was there."""

    skip = "skip"
    once = "once"
    all = "all"


@schedules.command(cls=Plain, short_help="Add a schedule.")
def add(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    name: Name,
    *,
    workflow: Annotated[str, typer.Option("--workflow", "-w", metavar="NAME", help="Which workflow to start.")],
    cron: Annotated[
        str | None, typer.Option("--cron", metavar="FIELDS", help="When: '0 6 * * 1-5' is at six on workdays.")
    ] = None,
    every: Annotated[int | None, typer.Option("--every", metavar="SECONDS", min=1, help="Or how often.")] = None,
    zone: Annotated[str, typer.Option("--zone", metavar="ZONE", help="The time zone of --cron.")] = "UTC",
    missed: Annotated[
        MissedRuns, typer.Option("--missed", help="Of times at which no server ran: none, one run for all, or each.")
    ] = MissedRuns.once,
    given: Given = None,
    input_file: InputFile = None,
    tenant: Tenant = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who asks for what it starts; on a server, your key.")
    ] = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Have a workflow started by cron or at an interval, by the server that offers it."""
    from .places import Place
    from .scheduling import Asked, add_one

    asked = Asked(workflow=workflow, cron=cron, every=every, zone=zone, missed=missed.value, given=given or [])
    add_one(name, asked, input_file, Place(store, server_of(context, server, key_file)), tenant=tenant, by=by)


@schedules.command("list", cls=Plain, short_help="List schedules.")
def list_schedules(
    context: Context,
    tenant: Tenant = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """List schedules: when they are due next, and why one started nothing."""
    from .places import Place
    from .scheduling import list_them

    list_them(Place(store, server_of(context, server, key_file)), tenant=tenant, as_json=as_json)


def _changing(change: Literal["pause", "resume", "remove"], about: str) -> Callable[..., None]:
    """A command that changes one schedule."""

    def change_it(
        context: Context,
        name: Name,
        tenant: Tenant = None,
        store: Store = DEFAULT_STORE,
        server: Server = None,
        key_file: KeyFile = None,
    ) -> None:
        from .places import Place
        from .scheduling import change_one

        change_one(name, change, Place(store, server_of(context, server, key_file)), tenant=tenant)

    change_it.__doc__ = about
    return change_it


schedules.command("pause", cls=Plain, short_help="Let a schedule start nothing for now.")(
    _changing("pause", "Let a schedule start nothing until it is resumed.")
)
schedules.command("resume", cls=Plain, short_help="Let a schedule go on.")(
    _changing("resume", "Let a paused schedule go on; the times of its pause are left out.")
)
schedules.command("remove", cls=Plain, short_help="Remove a schedule.")(
    _changing("remove", "Remove a schedule; what it has started goes on.")
)

"""The commands of `agentkit learn` and their options: what was learned, why, and how to take it back.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from typing import Annotated

import typer

from .grouping import Plain
from .options import DEFAULT_STORE, AsJson, Context, KeyFile, Server, Store
from .reaching import server_of

__all__ = ["learn"]

learn: typer.Typer = typer.Typer(
    name="learn",
    help="Show what was learned between runs, and why; take it back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The learner's name.")]
Tenant = Annotated[str | None, typer.Option("--tenant", metavar="NAME", help="Whose it is.")]
Kind = Annotated[str, typer.Option("--kind", metavar="NAME", help="Which kind of task; by default the unnamed one.")]
OnlyKind = Annotated[str | None, typer.Option("--kind", metavar="NAME", help="Only this kind of task.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it; on a server, your key.")]
_SOMEBODY = "command line"


@learn.command(cls=Plain, short_help="Show what was learned.")
def show(
    context: Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which learner; without it, all of the store.")
    ] = None,
    kind: OnlyKind = None,
    tenant: Tenant = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Show each arm by kind of task: how often it was used, how well it did, which one leads; and what follows."""
    from .learning import show_learner, show_learners
    from .places import Place

    place = Place(store, server_of(context, server, key_file))
    if name is None:
        show_learners(place, as_json=as_json)
    else:
        show_learner(name, place, tenant=tenant, kind=kind, as_json=as_json)


@learn.command(cls=Plain, short_help="Say why something changed, or was chosen.")
def explain(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    name: Name,
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="Only what belongs to this work: an operation's id.")
    ] = None,
    *,
    kind: OnlyKind = None,
    tenant: Tenant = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Say what changed and why; with KEY, what was chosen for that work, why, and what became of it."""
    from .learning import explain_learner
    from .places import Place

    explain_learner(
        name, Place(store, server_of(context, server, key_file)), tenant=tenant, kind=kind, key=key, as_json=as_json
    )


@learn.command(cls=Plain, short_help="Take back what leads.")
def rollback(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    name: Name,
    *,
    kind: Kind = "",
    to: Annotated[
        str | None, typer.Option("--to", metavar="ARM", help="To which arm; by default what led before.")
    ] = None,
    by: By = _SOMEBODY,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why.")] = "",
    tenant: Tenant = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Take back that an arm leads for a kind of task. What it goes back to is used until you release it."""
    from .learning import roll_back
    from .places import Place

    roll_back(name, Place(store, server_of(context, server, key_file)), tenant=tenant, kind=kind, to=to, by=by, why=why)


@learn.command(cls=Plain, short_help="Let a kind of task learn again.")
def release(
    context: Context,
    name: Name,
    kind: Kind = "",
    by: By = _SOMEBODY,
    tenant: Tenant = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Let a kind of task go on learning that was rolled back."""
    from .learning import release_kind
    from .places import Place

    release_kind(name, Place(store, server_of(context, server, key_file)), tenant=tenant, kind=kind, by=by)


@learn.command("off", cls=Plain, short_help="Switch a learner off.")
def switch_off(
    context: Context,
    name: Name,
    by: By = _SOMEBODY,
    tenant: Tenant = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Switch a learner off, for every process: its first arm is used, and nothing is learned."""
    from .learning import switch
    from .places import Place

    switch(name, Place(store, server_of(context, server, key_file)), tenant=tenant, is_on=False, by=by)


@learn.command("on", cls=Plain, short_help="Switch a learner on again.")
def switch_on(
    context: Context,
    name: Name,
    by: By = _SOMEBODY,
    tenant: Tenant = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Switch a learner on again; it knows what it knew."""
    from .learning import switch
    from .places import Place

    switch(name, Place(store, server_of(context, server, key_file)), tenant=tenant, is_on=True, by=by)

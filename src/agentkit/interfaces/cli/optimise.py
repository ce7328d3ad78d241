"""The commands of `agentkit optimise` and their options: what holds work up, what to change, and back again.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from typing import Annotated

import typer

from .grouping import Plain
from .options import DEFAULT_STORE, AsJson, Context, Store
from .reaching import refuse_server

__all__ = ["optimise"]

optimise: typer.Typer = typer.Typer(
    name="optimise",
    help="Show what holds work up; change limits for it, and back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Newest = Annotated[
    int,
    typer.Option("--operations", "-n", metavar="N", min=1, max=10_000, help="How many of the newest operations count."),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it.")]
NoServer = Annotated[str | None, typer.Option("--server", envvar="AGENTKIT_SERVER", hidden=True)]
_SOMEBODY = "command line"
_WHY = "run it where the store is"
_NEWEST = 200


@optimise.command(cls=Plain, short_help="Show bottlenecks, and what came of the newest change.")
def show(
    context: Context,
    store: Store = DEFAULT_STORE,
    operations: Newest = _NEWEST,
    as_json: AsJson = False,
    server: NoServer = None,
) -> None:
    """Show the bottlenecks of the newest operations with their figures, and what came of the newest change."""
    refuse_server(context, server, _WHY)
    from .optimising import show_work

    show_work(store, operations=operations, as_json=as_json)


@optimise.command(cls=Plain, short_help="Show what would be changed, and what is expected of it.")
def plan(
    context: Context,
    store: Store = DEFAULT_STORE,
    operations: Newest = _NEWEST,
    as_json: AsJson = False,
    server: NoServer = None,
) -> None:
    """Show which limits would be moved, and how the newest operations would have gone with that; nothing changes."""
    refuse_server(context, server, _WHY)
    from .optimising import show_plan

    show_plan(store, operations=operations, as_json=as_json)


@optimise.command(cls=Plain, short_help="Change limits as the plan says.")
def apply(
    context: Context,
    store: Store = DEFAULT_STORE,
    operations: Newest = _NEWEST,
    by: By = _SOMEBODY,
    server: NoServer = None,
) -> None:
    """Keep the plan in the store; processes that run `Optimizer.run` on it move their limits when they look next."""
    refuse_server(context, server, _WHY)
    from .optimising import apply_plan

    apply_plan(store, operations=operations, by=by)


@optimise.command(cls=Plain, short_help="Take the newest change back.")
def undo(context: Context, store: Store = DEFAULT_STORE, by: By = _SOMEBODY, server: NoServer = None) -> None:
    """Take the newest change back that stands; processes put their limits back when they look next."""
    refuse_server(context, server, _WHY)
    from .optimising import undo_change

    undo_change(store, by=by)

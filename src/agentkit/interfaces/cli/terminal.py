"""The command `agentkit tui` and its options.

Rules: as in `app.py`, nothing heavy is imported before the command is called.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import DEFAULT_STORE, Agents, Context, KeyFile, Resources, Roles, Root, Server, Store, Voter
from .reaching import server_of

__all__ = ["ScreenTheme", "tui"]


class ScreenTheme(StrEnum):
    """On what background the terminal is drawn."""

    auto = "auto"
    dark = "dark"
    light = "light"


def tui(  # noqa: PLR0913 - every option is an argument
    context: Context,
    workflows: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[WORKFLOW]...", help="Workflow files to offer; a server offers its own."),
    ] = None,
    *,
    agents: Agents = None,
    resources: Resources = None,
    root: Root = ".",
    store: Store = DEFAULT_STORE,
    by: Voter = None,
    roles: Roles = None,
    server: Server = None,
    key_file: KeyFile = None,
    theme: Annotated[
        ScreenTheme | None, typer.Option("--theme", help="For a dark or a light background.", show_default="auto")
    ] = None,
) -> None:
    """Show operations, runs and approvals on a full screen.

    With --server it looks at a server, and leaving it changes nothing there. Without, it looks at a store of this
    machine, and drives what is started here as long as it is open.
    """
    far = server_of(context, server, key_file)
    from .seating import show_afar, show_here

    if far is not None:
        show_afar(far, workflows or [], theme=theme and theme.value)
    from .means import Means

    means = Means(agents=agents or [], resources=resources or [], store=store, root=root)
    show_here(workflows or [], means, by=by, roles=roles or [], theme=theme and theme.value)

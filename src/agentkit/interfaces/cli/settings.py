"""The commands of `agentkit settings` and their options.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from .grouping import Plain
from .options import AsJson, Context, KeyFile

__all__ = ["settings"]

settings: typer.Typer = typer.Typer(
    name="settings",
    help="Show how the doors behave, and where that is said.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class ShownDoor(StrEnum):
    """Whose settings are shown."""

    cli = "cli"
    tui = "tui"
    streamlit = "streamlit"
    gradio = "gradio"
    notebook = "notebook"
    server = "server"


@settings.callback()
def _begin() -> None:
    """Show how the doors behave, and where that is said."""


@settings.command(cls=Plain, short_help="Show each setting of a door, and where it comes from.")
def show(
    context: Context,
    door: Annotated[
        ShownDoor | None, typer.Argument(metavar="DOOR", help="cli, tui, streamlit, ..., or server; by default cli.")
    ] = None,
    *,
    # The environment names a server for what works on operations; here, whoever means one says so.
    server: Annotated[
        str | None, typer.Option("--server", metavar="URL", help="Show how this server is set, as it says.")
    ] = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Show each setting of a door, its value, and where that comes from. Secrets are masked.

    An option goes over the environment, that over the file, that over the default: AGENTKIT_TUI_THEME and [doors.tui]
    are of one door, AGENTKIT_THEME and [doors] of all. The file is agentkit.toml, or [tool.agentkit] of pyproject.toml.
    """
    from .reaching import refuse, server_of
    from .showing_settings import show_settings

    far = server_of(context, server, key_file)
    if far is not None and door not in (None, ShownDoor.server):
        refuse(f"{door} does not go with a server: it tells its own settings only")
    show_settings((door or ShownDoor.cli).value, far, as_json=as_json)

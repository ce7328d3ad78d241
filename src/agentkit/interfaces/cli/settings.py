"""The commands of `agentkit settings` and their options.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from .grouping import Plain
from .options import AsJson

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
    door: Annotated[ShownDoor, typer.Argument(metavar="DOOR", help="cli, tui, streamlit, ..., or server.")] = (
        ShownDoor.cli
    ),
    *,
    as_json: AsJson = False,
) -> None:
    """Show each setting of a door, its value, and where that comes from. Secrets are masked.

    An option goes over the environment, that over the file, that over the default: AGENTKIT_TUI_THEME and [doors.tui]
    are of one door, AGENTKIT_THEME and [doors] of all. The file is agentkit.toml, or [tool.agentkit] of pyproject.toml.
    """
    from .showing_settings import show_settings

    show_settings(door.value, as_json=as_json)

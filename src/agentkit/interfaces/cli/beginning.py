"""The command `agentkit init`: a small project to begin with.

Rules: as in `app.py`, nothing heavy is imported before the command is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["init"]


def init(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Where to; it is made if it is not there.", show_default="where you are"),
    ] = Path(),
) -> None:
    """Write a small project to begin with: a workflow, its agents, data, a test and a README.

    It runs as it is. Nothing that is there is written over: exit code 2 if one of its files is there already.
    """
    from .founding import found_project

    found_project(folder)

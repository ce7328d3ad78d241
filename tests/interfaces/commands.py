"""The command line, called in this process.

Typer builds all commands anew at each call, which takes longer than what most of them do; here they are built once.
"""

from collections.abc import Mapping
from functools import cache

import typer.testing
from typer.main import get_command
from typer.testing import CliRunner, Result

from agentkit.interfaces.cli.app import app

__all__ = ["call"]

vars(typer.testing)["_get_command"] = cache(get_command)


def call(*words: str, env: Mapping[str, str | None] | None = None) -> Result:
    """Call a command with these words, in this environment besides that of the process."""
    return CliRunner().invoke(app, list(words), env=env)

"""The command line (extra `cli`)."""

import sys
from importlib import import_module
from io import TextIOWrapper

from agentkit.errors import MissingExtra

from .leaving import leave_unless_alone

__all__ = ["main"]


def main() -> None:
    """Run the command line.

    Raises:
        SystemExit: Always; its code says how it went.
    """
    try:
        import_module("typer")
    except ImportError as error:
        raise SystemExit(str(MissingExtra("cli", "typer"))) from error
    from .app import app

    for stream in (sys.stdout, sys.stderr):
        # A letter that the terminal's encoding does not have must not end a run.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SystemExit as end:
        leave_unless_alone(end.code if isinstance(end.code, int) else 1)
        raise

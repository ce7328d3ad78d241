"""The command line (extra `cli`)."""

from importlib import import_module

from agentkit.errors import MissingExtra

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

    app()

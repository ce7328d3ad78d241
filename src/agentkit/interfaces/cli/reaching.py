"""Where a command asks: at a store of this machine, or at a server.

Rules: what is written on the command line goes over the environment. An option that means nothing to a server is
refused, never ignored. As in `app.py`, nothing heavy is imported before it is needed.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import typer

__all__ = ["Far", "refuse", "refuse_server", "server_beside_store", "server_of"]

_ONLY_HERE: Final[Mapping[str, str]] = {
    "agents": "a server has agents of its own",
    "resources": "a server has resources of its own",
    "root": "a server reads files below a folder of its own",
    "store": "a server has a store of its own",
    "take": "a server takes over from the dead by itself, and from nobody else",
    "everything": "a server shows only the files that are for people",
    "by": "on a server your key says who you are",
    "roles": "on a server your key says who you are",
    "workflow_file": "a server runs only the definitions that it offers",
    "schema": "the schema is printed without a server",
    "against": "name a store or a server, not both",
}
"""Options, by parameter, that mean something on this machine only, and why."""
_NAMED: Final = "AGENTKIT_SERVER names one: unset it, or name a store with --store"


@dataclass(frozen=True, slots=True)
class Far:
    """A server.

    Attributes:
        url: Where it is.
        key_file: The file with the key.
    """

    url: str
    key_file: Path | None

    @property
    def options(self) -> list[str]:
        """The same server for another command."""
        key = [] if self.key_file is None else ["--key-file", str(self.key_file)]
        return ["--server", self.url, *key]

    def command(self, *words: str) -> str:
        """Another command to the same server, to be copied."""
        return shlex.join(["agentkit", *words, *self.options])


def server_of(context: typer.Context, server: str | None, key_file: Path | None) -> Far | None:
    """The server that a command is to ask; None if it is to look at a store of this machine.

    Where the environment names a server and the command line a store, it is the store; for a command that knows no
    stores, it is this machine if an option says what is on it.

    Raises:
        SystemExit: An option was given that a server cannot obey, or a key for no server.
    """
    is_written = _is_written(context, "server")
    # Whoever cannot name a store says by any other such option that this machine is meant.
    here = ("store",) if "store" in context.params else tuple(_ONLY_HERE)
    if not is_written and any(_is_written(context, name) for name in here):
        server = None
    if server is None:
        if _is_written(context, "key_file"):
            refuse(f"{_option(context, 'key_file')} is for a server: name it with --server URL")
        return None
    for name, why in _ONLY_HERE.items():
        if _is_written(context, name):
            known = "" if is_written else f"; {_NAMED}"
            refuse(f"{_option(context, name)} does not go with a server: {why}{known}")
    return Far(server, key_file)


def refuse_server(context: typer.Context, server: str | None, why: str) -> None:
    """End a command that knows stores alone where it is meant for a server, rather than show something else.

    Raises:
        SystemExit: A server was named, and no store on the command line.
    """
    if server_of(context, server, None) is not None:
        named = "" if _is_written(context, "server") else f"; {_NAMED}"
        refuse(f"{context.command_path.partition(' ')[2]} does not go with a server: {why}{named}")


def server_beside_store(
    context: typer.Context, store: str, server: str | None, key_file: Path | None
) -> tuple[str | None, Far | None]:
    """The store and the server that a command is to look at, where it may look at both.

    With a server the store is looked at only if it is named.

    Raises:
        SystemExit: A key was given for no server.
    """
    if server is None and _is_written(context, "key_file"):
        refuse(f"{_option(context, 'key_file')} is for a server: name it with --server URL")
    if server is None:
        return store, None
    return (store if _is_written(context, "store") else None), Far(server, key_file)


def refuse(words: str) -> NoReturn:
    """End as wrong usage ends."""
    from agentkit.errors import InputError

    from .ending import finish, told

    finish(told(InputError(words)))


def _is_written(context: typer.Context, name: str) -> bool:
    """Whether a parameter was given on the command line, and not by the environment or by nobody."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _option(context: typer.Context, name: str) -> str:
    """What a parameter is called on the command line."""
    found = (option for one in context.command.params if one.name == name for option in one.opts)
    return max(found, key=len, default=name)

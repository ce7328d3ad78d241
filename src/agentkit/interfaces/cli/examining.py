"""The command `agentkit doctor` and its options.

Rules: as in `app.py`, nothing heavy is imported before the command is called.
"""

from __future__ import annotations

from typing import Annotated

import typer

from .options import DEFAULT_STORE, AsJson, Context, KeyFile, Server, Store
from .reaching import server_beside_store

__all__ = ["doctor"]


def doctor(
    context: Context,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Do not compare all that is kept with its checksums.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look for what usually is wrong, and say what to do. It changes nothing.

    Looked at are this machine, the extras, the settings and the store; with --server the server, and the store only
    if it is named as well.

    Exit codes: 0 all is well, 1 there are problems.
    """
    from .diagnosing import diagnose

    address, far = server_beside_store(context, store, server, key_file)
    diagnose(address, far, verify=not quick, as_json=as_json)

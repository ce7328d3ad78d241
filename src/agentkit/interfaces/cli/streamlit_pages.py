"""The command `agentkit streamlit` and its options.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import DEFAULT_STORE, Agents, Context, KeyFile, Resources, Roles, Root, Server, Store
from .reaching import server_of

__all__ = ["streamlit"]


def streamlit(  # noqa: PLR0913 - every option is an argument
    context: Context,
    workflows: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[WORKFLOW]...", help="Workflow files to offer; a server has its own."),
    ] = None,
    *,
    agents: Agents = None,
    resources: Resources = None,
    root: Root = ".",
    store: Store = DEFAULT_STORE,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who you are: what you start, somebody else approves.")
    ] = "local",
    roles: Roles = None,
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65_535, help="The port; 0 is any.")] = 8501,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Show pages in a browser of this machine, until Ctrl-C or SIGTERM: start, follow, approve, find.

    They are of a store of this machine, or of a server, which runs on when the pages end.
    """
    far = server_of(context, server, key_file)
    from .streamlit_serving import show_pages

    if far is not None:
        if workflows:
            from .reaching import refuse

            refuse("workflow files do not go with a server: it runs only those that it offers")
        show_pages(far, port=port)
    from .means import Means

    means = Means(agents=agents or [], resources=resources or [], store=store, root=root)
    show_pages(means, workflows=workflows or [], by=by, roles=roles or [], port=port)

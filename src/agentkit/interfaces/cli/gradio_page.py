"""The command `agentkit gradio` and its options.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from typing import Annotated

import typer

from .options import DEFAULT_STORE, Agents, Context, KeyFile, Requester, Resources, Roles, Root, Server, Store
from .reaching import refuse, server_of

__all__ = ["gradio"]


def gradio(  # noqa: PLR0913 - every option is an argument
    context: Context,
    workflows: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORKFLOW]...", help="Workflow files; on a server, the name of one workflow, or none."),
    ] = None,
    *,
    agents: Agents = None,
    resources: Resources = None,
    root: Root = ".",
    store: Store = DEFAULT_STORE,
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65_535, help="The port; 0 is any.")] = 7860,
    by: Requester = None,
    roles: Roles = None,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Show a page that starts workflows and follows them, in a browser of this machine, until Ctrl-C or SIGTERM.

    What was started goes on without the page: on a server there; in a store of this machine, when it is
    opened again.
    """
    far = server_of(context, server, key_file)
    named = workflows or []
    if far is not None and len(named) > 1:
        refuse("on a server name one workflow; without a name, the page lets people choose")
    from .gradio_serving import Asker, show_page

    if far is not None:
        show_page(far, named, port=port)
    if not named:
        refuse("name the files of the workflows that the page offers, or a server with --server URL")
    from .means import Means

    means = Means(agents=agents or [], resources=resources or [], store=store, root=root)
    show_page(means, named, port=port, asker=Asker(name=by or "local", roles=tuple(roles or ())))

"""The command `agentkit serve` and its options.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import DEFAULT_STORE, Agents, Resources, Store

__all__ = ["LogForm", "serve"]


class LogForm(StrEnum):
    """How lines of the log are written."""

    json = "json"
    text = "text"
    none = "none"


def serve(  # noqa: PLR0913 - every option is an argument
    workflows: Annotated[
        list[Path] | None,
        typer.Argument(metavar="WORKFLOW", help="Workflow files to offer."),
    ] = None,
    *,
    agents: Agents = None,
    resources: Resources = None,
    store: Store = DEFAULT_STORE,
    host: Annotated[str, typer.Option("--host", metavar="NAME", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", metavar="N", min=0, max=65_535, help="The port; 0 is any.")
    ] = 8000,
    direct: Annotated[
        list[str] | None,
        typer.Option(
            "--direct", metavar="AGENT", help="Let whoever may run things ask this agent directly; `*` is all."
        ),
    ] = None,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Ask nobody for a key, and listen on this machine only.")
    ] = False,
    workers: Annotated[
        int, typer.Option("--workers", "-w", metavar="N", min=1, max=64, help="How many processes serve.")
    ] = 1,
    log: Annotated[
        LogForm | None, typer.Option("--log", help="How requests are logged, to standard error.", show_default="text")
    ] = None,
    otel: Annotated[
        bool, typer.Option("--otel", help="Send spans to OpenTelemetry; see the variables OTEL_*.")
    ] = False,
    worker: Annotated[str | None, typer.Option("--worker", hidden=True)] = None,
) -> None:
    """Serve workflows and agents over HTTP, until Ctrl-C or SIGTERM.

    The first time, a key for an admin is made and printed to standard output, this once. More settings are read from
    the environment: see the page "Serve an API".
    """
    from .means import Means

    means = Means(agents=agents or [], resources=resources or [], store=store)
    given = {"authentication": "none" if no_auth else None, "log_format": log and log.value, "otel": otel or None}
    if workers > 1 and worker is None:
        from .crews import serve_together

        named = [word for name in direct or [] for word in ("--direct", name)]
        options = [*named, *(["--no-auth"] if no_auth else []), *(["--log", log.value] if log else [])]
        options += ["--otel"] if otel else []
        serve_together(workflows or [], means, workers=workers, host=host, port=port, options=options, given=given)
    from .opening import serve_it

    serve_it(workflows or [], means, host=host, port=port, direct=direct or [], given=given, worker=worker)

"""The commands and their options.

Rules: this module imports nothing heavy, so that help comes at once; every command's work is imported when it is
called. A result goes to standard output, everything else to standard error.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app: typer.Typer = typer.Typer(
    name="agentkit",
    help="Run workflows of agents that survive crashes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

Agents = Annotated[
    list[str] | None,
    typer.Option("--agents", "-a", envvar="AGENTKIT_AGENTS", help="Module or file with agents; may be repeated."),
]
Resources = Annotated[
    list[str] | None,
    typer.Option(
        "--resource",
        "-r",
        metavar="NAME=N",
        help="How many attempts may use a limited resource at once; may be repeated.",
    ),
]
Store = Annotated[str, typer.Option("--store", "-s", envvar="AGENTKIT_STORE", help="Where runs are kept.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, one line each, to standard output.")]
OperationId = Annotated[str, typer.Argument(metavar="OPERATION", help="The operation's id, or the beginning of it.")]
WorkflowFile = Annotated[Path, typer.Argument(metavar="WORKFLOW", help="A .yaml, .toml or .json file.")]

DEFAULT_STORE = "sqlite:///agentkit.db"


class DrawFormat(StrEnum):
    """How to draw."""

    text = "text"
    mermaid = "mermaid"
    svg = "svg"


@app.command()
def run(
    workflow: WorkflowFile,
    agents: Agents = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="One input: a text, or json:VALUE; may be repeated."),
    ] = None,
    input_file: Annotated[
        Path | None,
        typer.Option("--input-file", help="A JSON file with the input; --input goes over it."),
    ] = None,
    resources: Resources = None,
    store: Store = DEFAULT_STORE,
    key: Annotated[
        str | None,
        typer.Option("--key", help="Your name for this run; the same key never starts twice."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a workflow and print its result.

    Ctrl-C cancels it, Ctrl-C again or SIGTERM leaves it; either way you are told how to go on.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 124 out of time, 130 cancelled, 143 left by SIGTERM.
    """
    from .means import Means
    from .running import run_workflow

    means = Means(agents=agents or [], resources=resources or [], store=store)
    run_workflow(workflow, means, given or [], input_file, key=key, as_json=as_json)


@app.command()
def resume(
    operation: Annotated[
        str | None,
        typer.Argument(metavar="[OPERATION]", help="Which one; without it, everything that nobody runs."),
    ] = None,
    agents: Agents = None,
    resources: Resources = None,
    store: Store = DEFAULT_STORE,
    take: Annotated[bool, typer.Option("--take", help="Take it even from a living process.")] = False,
    as_json: AsJson = False,
) -> None:
    """Go on with operations whose process died, or that failed or were cancelled."""
    from .means import Means
    from .running import resume_operations

    means = Means(agents=agents or [], resources=resources or [], store=store)
    resume_operations(operation, means, take=take, as_json=as_json)


@app.command("list")
def list_operations(
    store: Store = DEFAULT_STORE,
    workflow: Annotated[str | None, typer.Option("--workflow", "-w", help="Only runs of this one.")] = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", help="Only those that stand so; may be repeated."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List operations, newest first."""
    from .looking import list_them

    list_them(store=store, workflow=workflow, status=status, limit=limit, as_json=as_json)


@app.command()
def show(
    operation: OperationId,
    store: Store = DEFAULT_STORE,
    history: Annotated[bool, typer.Option("--history", help="Every event, a line each.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one operation: where it stands, its stages, its attempts, its result."""
    from .looking import show_one

    show_one(operation, store=store, history=history, as_json=as_json)


@app.command()
def watch(operation: OperationId, store: Store = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """Watch an operation until it ends, whoever runs it."""
    from .running import watch_operation

    watch_operation(operation, store=store, as_json=as_json)


@app.command()
def cancel(
    operation: OperationId,
    store: Store = DEFAULT_STORE,
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
) -> None:
    """Cancel an operation, whoever runs it."""
    from .looking import cancel_one

    cancel_one(operation, store=store, reason=reason)


@app.command()
def draw(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="A workflow file, or an operation's id.")],
    store: Store = DEFAULT_STORE,
    form: Annotated[DrawFormat, typer.Option("--format", "-f", help="How.")] = DrawFormat.text,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Into this file.")] = None,
) -> None:
    """Draw a workflow, or an operation as it stands."""
    from .looking import draw_it

    draw_it(subject, store=store, form=form.value, output=output)


@app.command()
def check(
    workflow: Annotated[
        Path | None,
        typer.Argument(metavar="[WORKFLOW]", help="A .yaml, .toml or .json file."),
    ] = None,
    agents: Agents = None,
    resources: Resources = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of workflow files.")] = False,
) -> None:
    """Check a workflow file, and that its agents and resources exist, without running anything."""
    from .looking import check_file
    from .means import Means

    check_file(workflow, Means(agents=agents or [], resources=resources or []), schema=schema)

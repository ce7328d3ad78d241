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
NoWait = Annotated[
    bool,
    typer.Option("--no-wait", help="Leave it when it waits for people or a signal, with exit code 4."),
]
GoOn = Annotated[
    list[str] | None,
    typer.Option("--agents", "-a", help="Go on with it here, with agents of this module or file; may be repeated."),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who you are.")]
Roles = Annotated[list[str] | None, typer.Option("--role", metavar="ROLE", help="A role you have; may be repeated.")]
Comment = Annotated[str, typer.Option("--comment", help="Why.")]
Form = Annotated[
    list[str] | None,
    typer.Option("--form", metavar="NAME=VALUE", help="A field of the form; may be repeated."),
]
Name = Annotated[str | None, typer.Option("--name", help="Which question, where an agent asks several.")]
StageName = Annotated[
    str | None,
    typer.Argument(metavar="STAGE", help="Which stage; may be left out where only one asks."),
]
OperationId = Annotated[str, typer.Argument(metavar="OPERATION", help="The operation's id, or the beginning of it.")]
WorkflowFile = Annotated[Path, typer.Argument(metavar="WORKFLOW", help="A .yaml, .toml or .json file.")]

DEFAULT_STORE = "sqlite:///agentkit.db"


class Settled(StrEnum):
    """What a person says of work in doubt."""

    done = "done"
    redo = "redo"
    abort = "abort"


class DrawFormat(StrEnum):
    """How to draw."""

    text = "text"
    mermaid = "mermaid"
    svg = "svg"


@app.command()
def run(  # noqa: PLR0913 - every option of a command is an argument
    workflow: WorkflowFile,
    *,
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
    by: Annotated[
        str | None,
        typer.Option("--by", help="Who asks for it; what you start, somebody else approves."),
    ] = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Run a workflow and print its result.

    Ctrl-C cancels it, Ctrl-C again or SIGTERM leaves it; either way you are told how to go on.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 waits for somebody (--no-wait), 124 out of time,
    130 cancelled, 143 left by SIGTERM.
    """
    from .means import Means
    from .running import Request, run_workflow

    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait)
    request = Request(given=given or [], input_file=input_file, key=key, by=by)
    run_workflow(workflow, means, request, as_json=as_json)


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
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Go on with operations whose process died, or that failed or were cancelled."""
    from .means import Means
    from .running import resume_operations

    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait)
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
def approvals(
    store: Store = DEFAULT_STORE,
    role: Annotated[
        list[str] | None,
        typer.Option("--role", metavar="ROLE", help="Only what this role may decide; may be repeated."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List what waits for people to approve it."""
    from .deciding import list_approvals

    list_approvals(store=store, roles=role, limit=limit, as_json=as_json)


@app.command()
def approve(  # noqa: PLR0913 - every option of a command is an argument
    operation: OperationId,
    stage: StageName = None,
    *,
    by: By,
    role: Roles = None,
    comment: Comment = "",
    form: Form = None,
    name: Name = None,
    agents: GoOn = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Agree to what an operation asks."""
    from .deciding import Voter, vote
    from .means import Means

    voter = Voter(by=by, roles=role or [], comment=comment, form=form or [], approve=True)
    vote(operation, stage, Means(agents=agents or [], store=store), voter, name=name)


@app.command()
def refuse(  # noqa: PLR0913 - every option of a command is an argument
    operation: OperationId,
    stage: StageName = None,
    *,
    by: By,
    role: Roles = None,
    comment: Comment = "",
    form: Form = None,
    name: Name = None,
    agents: GoOn = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Refuse what an operation asks; one who refuses is enough."""
    from .deciding import Voter, vote
    from .means import Means

    voter = Voter(by=by, roles=role or [], comment=comment, form=form or [], approve=False)
    vote(operation, stage, Means(agents=agents or [], store=store), voter, name=name)


@app.command("signal")
def send_signal(
    operation: OperationId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which signal.")],
    value: Annotated[str, typer.Option("--value", metavar="JSON", help="What comes with it.")] = "null",
    identity: Annotated[
        str, typer.Option("--id", help="Your name for this very signal; the same one is taken once.")
    ] = "",
    agents: GoOn = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Send a signal to an operation that waits for it, or will."""
    from .deciding import send
    from .means import Means

    send(operation, name, Means(agents=agents or [], store=store), value=value, identity=identity)


@app.command()
def settle(
    operation: OperationId,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="Which stage is in doubt.")],
    decision: Annotated[Settled, typer.Argument(help="It was done, do it again, or give it up.")],
    *,
    by: By,
    value: Annotated[str | None, typer.Option("--value", metavar="JSON", help="With done: what the work gave.")] = None,
    comment: Comment = "",
    agents: GoOn = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Say what happened to work that is in doubt."""
    from .deciding import settle_one
    from .means import Means

    means = Means(agents=agents or [], store=store)
    settle_one(operation, stage, decision.value, means, by=by, value=value, comment=comment)


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

"""The commands and their options.

Rules: this module imports nothing heavy, so that help comes at once; every command's work is imported when it is
called. A result goes to standard output, everything else to standard error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .audit import audit
from .backup import backups
from .keys import keys
from .offering import serve
from .operations import cancel, files, list_operations, show, watch
from .options import (
    DEFAULT_STORE,
    Agents,
    AsJson,
    By,
    Comment,
    DrawFormat,
    FilesFolder,
    Given,
    GoOn,
    InputFile,
    Key,
    KeyFile,
    NoWait,
    OperationId,
    Requester,
    Resources,
    Root,
    Server,
    Settled,
    Store,
    WorkflowFile,
)
from .people import approvals, approve, refuse
from .schedules import schedules
from .webhooks import webhooks

__all__ = ["app"]

app: typer.Typer = typer.Typer(
    name="agentkit",
    help="Run workflows of agents that survive crashes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"max_content_width": 100},
    rich_markup_mode=None,
)

app.add_typer(audit, name="audit")
app.add_typer(keys, name="keys")
app.add_typer(backups)
app.add_typer(schedules, name="schedules")
app.add_typer(webhooks, name="webhooks")


@app.command()
def run(  # noqa: PLR0913 - every option of a command is an argument
    workflow: WorkflowFile,
    *,
    agents: Agents = None,
    given: Given = None,
    input_file: InputFile = None,
    resources: Resources = None,
    root: Root = ".",
    store: Store = DEFAULT_STORE,
    key: Key = None,
    by: Requester = None,
    files: FilesFolder = None,
    no_wait: NoWait = False,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Run a workflow and print its result; with --server, WORKFLOW is the name of one that is offered there.

    Ctrl-C cancels it, Ctrl-C again or SIGTERM leaves it; either way you are told how to go on.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 waits for somebody (--no-wait), 124 out of time,
    130 cancelled, 143 left by SIGTERM.
    """
    from .means import Means
    from .running import Request, run_workflow

    request = Request(given=given or [], input_file=input_file, key=key, by=by, files=files)
    if server is not None:
        from .afar import Far, run_afar

        run_afar(str(workflow), Far(server, key_file), request, waits=not no_wait, as_json=as_json)
    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait, root=root)
    run_workflow(workflow, means, request, as_json=as_json)


@app.command(short_help="Go on with operations that stand still.")
def resume(  # noqa: PLR0913 - every option of a command is an argument
    operation: Annotated[
        str | None,
        typer.Argument(metavar="OPERATION", help="Which one; without it, everything that nobody runs."),
    ] = None,
    agents: Agents = None,
    resources: Resources = None,
    root: Root = ".",
    store: Store = DEFAULT_STORE,
    *,
    take: Annotated[bool, typer.Option("--take", help="Take it even from a living process.")] = False,
    no_wait: NoWait = False,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Go on with operations whose process died, or that failed or were cancelled."""
    if server is not None:
        from .afar import Far, resume_afar

        resume_afar(operation, Far(server, key_file), waits=not no_wait, as_json=as_json)
    from .means import Means
    from .running import resume_operations

    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait, root=root)
    resume_operations(operation, means, take=take, as_json=as_json)


app.command(short_help="List the files of an operation, or write them down.")(files)
app.command("list")(list_operations)
app.command(short_help="Show one operation, as it stands.")(show)
app.command(short_help="Watch an operation until it ends.")(watch)
app.command()(cancel)
app.command()(approvals)
app.command()(approve)
app.command(short_help="Refuse what an operation asks.")(refuse)


@app.command("signal", short_help="Send a signal to an operation.")
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


@app.command(short_help="Draw a workflow or an operation.")
def draw(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="A workflow file, or an operation's id.")],
    store: Store = DEFAULT_STORE,
    form: Annotated[DrawFormat, typer.Option("--format", "-f", help="As what.")] = DrawFormat.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it into this file.")
    ] = None,
) -> None:
    """Draw a workflow, or an operation as it stands."""
    from .looking import draw_it

    draw_it(subject, store=store, form=form.value, output=output)


@app.command(short_help="Check a workflow file, run nothing.")
def check(
    workflow: Annotated[
        list[Path] | None,
        typer.Argument(metavar="WORKFLOW", help="A .yaml, .toml or .json file, or several."),
    ] = None,
    agents: Agents = None,
    resources: Resources = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of workflow files.")] = False,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="STORE", help="Say which runs in flight there can be finished here."),
    ] = None,
) -> None:
    """Check workflow files, and that their agents and resources exist, without running anything.

    With --against: before a release, every run in flight, and what is missing here to finish it; exit code 1 if one
    cannot be finished.
    """
    from .means import Means

    if against is not None:
        from .planning import check_against

        check_against(workflow or [], Means(agents=agents or [], resources=resources or [], store=against))
    from .looking import check_files

    check_files(workflow or [], Means(agents=agents or [], resources=resources or []), schema=schema)


@app.command(short_help="Show what a run would do, and take.")
def plan(
    workflow: WorkflowFile,
    agents: Agents = None,
    given: Given = None,
    input_file: InputFile = None,
    resources: Resources = None,
    store: Store = DEFAULT_STORE,
    runs: Annotated[
        int, typer.Option("--runs", metavar="N", min=0, max=1_000, help="How many earlier runs to learn from.")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what a workflow would do and what that is likely to take; nothing runs.

    Exit code 1 if something is missing.
    """
    from .means import Means
    from .planning import plan_file
    from .running import Request

    means = Means(agents=agents or [], resources=resources or [], store=store)
    request = Request(given=given or [], input_file=input_file, key=None, by=None)
    plan_file(workflow, means, request, runs=runs, as_json=as_json)


@app.command(short_help="Run again from a stage.")
def fork(  # noqa: PLR0913 - every option of a command is an argument
    operation: OperationId,
    *,
    at: Annotated[str | None, typer.Option("--at", metavar="STAGE", help="Run this stage again, and the rest.")] = None,
    workflow: Annotated[Path | None, typer.Option("--workflow", "-w", help="By another definition.")] = None,
    agents: Agents = None,
    given: Given = None,
    input_file: InputFile = None,
    resources: Resources = None,
    store: Store = DEFAULT_STORE,
    key: Key = None,
    by: Requester = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Run again from a stage, with another input or another definition; what need not run again is kept."""
    from .means import Means
    from .planning import Other, fork_one
    from .running import Request

    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait)
    request = Request(given=given or [], input_file=input_file, key=key, by=by)
    fork_one(operation, means, Other(at=at, workflow=workflow, request=request), as_json=as_json)


@app.command(short_help="Compare two operations.")
def compare(
    first: OperationId,
    second: Annotated[str, typer.Argument(metavar="OTHER", help="Another one.")],
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Compare two operations: values, status, attempts, time and usage."""
    from .planning import compare_two

    compare_two(first, second, store=store, as_json=as_json)


app.command("serve", short_help="Serve workflows over HTTP.")(serve)

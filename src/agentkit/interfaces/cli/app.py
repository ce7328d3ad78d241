"""The commands and their options.

Rules: this module imports nothing heavy, so that help comes at once; every command's work is imported when it is
called. A result goes to standard output, everything else to standard error.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .audit import audit
from .backup import backups
from .options import (
    DEFAULT_STORE,
    Agents,
    AsJson,
    By,
    Comment,
    Form,
    Given,
    GoOn,
    InputFile,
    Key,
    Name,
    NoWait,
    OperationId,
    Requester,
    Resources,
    Roles,
    StageName,
    Store,
    WorkflowFile,
)
from .schedules import schedules

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
app.add_typer(backups)
app.add_typer(schedules, name="schedules")


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
    given: Given = None,
    input_file: InputFile = None,
    resources: Resources = None,
    store: Store = DEFAULT_STORE,
    key: Key = None,
    by: Requester = None,
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


@app.command(short_help="Go on with operations that stand still.")
def resume(
    operation: Annotated[
        str | None,
        typer.Argument(metavar="OPERATION", help="Which one; without it, everything that nobody runs."),
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


@app.command(short_help="List the files of an operation, or write them down.")
def files(
    operation: OperationId,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which files; without, all.")] = None,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Write them into this folder.")
    ] = None,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """List the files that the stages of an operation have given, or write them into a folder."""
    from .files import list_files, write_files

    if output is None:
        list_files(operation, names or [], store=store, as_json=as_json)
    else:
        write_files(operation, names or [], output, store=store)


@app.command("list")
def list_operations(
    store: Store = DEFAULT_STORE,
    workflow: Annotated[
        str | None, typer.Option("--workflow", "-w", metavar="NAME", help="Only runs of this workflow.")
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="STATUS", help="Only those with this status; may be repeated."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List operations, newest first."""
    from .looking import list_them

    list_them(store=store, workflow=workflow, status=status, limit=limit, as_json=as_json)


@app.command(short_help="Show one operation, as it stands.")
def show(
    operation: OperationId,
    store: Store = DEFAULT_STORE,
    history: Annotated[bool, typer.Option("--history", help="Every event, a line each.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one operation: where it stands, its stages, its attempts, its result."""
    from .looking import show_one

    show_one(operation, store=store, history=history, as_json=as_json)


@app.command(short_help="Watch an operation until it ends.")
def watch(operation: OperationId, store: Store = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """Watch an operation until it ends, whoever runs it."""
    from .running import watch_operation

    watch_operation(operation, store=store, as_json=as_json)


@app.command()
def cancel(
    operation: OperationId,
    store: Store = DEFAULT_STORE,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the cancel.")] = "",
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
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="How many.")] = 100,
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


@app.command(short_help="Refuse what an operation asks.")
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

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
from .beginning import init
from .examining import doctor
from .grouping import Grouped, Panel
from .keys import keys
from .offering import serve
from .operations import cancel, files, list_operations, show, watch
from .options import (
    DEFAULT_STORE,
    Agents,
    AsJson,
    Context,
    FilesFolder,
    Given,
    InputFile,
    Key,
    KeyFile,
    NoWait,
    OperationId,
    Requester,
    Resources,
    Root,
    Server,
    Store,
)
from .people import approvals, approve, refuse, settle, signal
from .preparing import check, compare, draw, fork, plan
from .reaching import refuse as refuse_usage
from .reaching import server_of
from .schedules import schedules

__all__ = ["app"]

app: typer.Typer = typer.Typer(
    name="agentkit",
    cls=Grouped,
    help="Run workflows of agents that survive crashes.",
    epilog="agentkit COMMAND --help says more. Begin with: agentkit init my-project",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"agentkit {version('agentkit')}")
        raise typer.Exit


@app.callback()
def _begin(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Run workflows of agents that survive crashes."""


@app.command(rich_help_panel=Panel.RUN, short_help="Run a workflow, or one task, and print its result.")
def run(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    workflow: Annotated[
        str | None,
        typer.Argument(metavar="[WORKFLOW]", help="A .yaml, .toml or .json file; on a server, the name of a workflow."),
    ] = None,
    *,
    agents: Agents = None,
    given: Given = None,
    input_file: InputFile = None,
    task: Annotated[
        str | None, typer.Option("--task", "-t", metavar="TEXT", help="In place of WORKFLOW: what one agent is to do.")
    ] = None,
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="NAME", help="With --task: which agent, where there are several.")
    ] = None,
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
    r"""Run a workflow, or one task without a workflow, and print its result.

    Ctrl-C cancels it, Ctrl-C again or SIGTERM leaves it; either way you are told how to go on. On a server it goes on.

    \b
    Examples:
      agentkit run month.yaml --agents agents.py --input month=2025-11
      agentkit run --task "keep the top 10 by price" --input sales.csv
      agentkit run royalties --server https://agents.acme.test --key-file my.key

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 waits for somebody (--no-wait), 124 out of time,
    130 cancelled, 143 left by SIGTERM.
    """
    far = server_of(context, server, key_file)
    if (workflow is None) == (task is None):
        refuse_usage("name either a workflow, or with --task what one agent is to do")
    if agent is not None and task is None:
        refuse_usage("--agent goes with --task: a workflow says itself which agents work")
    from .inputs import Request

    request = Request(
        given=given or [], input_file=input_file, key=key, by=by, files=files, task=task or "", agent=agent
    )
    if far is not None:
        from .afar import run_afar

        run_afar(workflow, far, request, waits=not no_wait, as_json=as_json)
    from .means import Means
    from .running import run_task, run_workflow

    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait, root=root)
    if workflow is None:
        run_task(means, request, as_json=as_json)
    else:
        run_workflow(Path(workflow), means, request, as_json=as_json)


@app.command(rich_help_panel=Panel.RUN, short_help="Go on with operations that stand still.")
def resume(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    operation: Annotated[
        str | None,
        typer.Argument(metavar="[OPERATION]", help="Which one; without it, everything that nobody runs."),
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
    """Go on with operations whose process died, or that failed or were cancelled.

    On a server name one: it goes on by itself with those whose process died.
    """
    if far := server_of(context, server, key_file):
        from .afar import resume_afar

        resume_afar(operation, far, waits=not no_wait, as_json=as_json)
    from .means import Means
    from .running import resume_operations

    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait, root=root)
    resume_operations(operation, means, take=take, as_json=as_json)


@app.command(rich_help_panel=Panel.RUN, short_help="Try an operation again that did not end well.")
def retry(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    operation: OperationId,
    *,
    agents: Agents = None,
    resources: Resources = None,
    root: Root = ".",
    store: Store = DEFAULT_STORE,
    no_wait: NoWait = False,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Go on with an operation that failed, was cancelled or was set aside; what is done is kept.

    Exit code 2 if there is nothing to try again: it is completed, or runs.
    """
    if far := server_of(context, server, key_file):
        from .afar import retry_afar

        retry_afar(operation, far, waits=not no_wait, as_json=as_json)
    from .means import Means
    from .running import retry_operation

    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait, root=root)
    retry_operation(operation, means, as_json=as_json)


app.command(rich_help_panel=Panel.RUN, short_help="Run an operation again from a stage, or with another input.")(fork)
app.command(rich_help_panel=Panel.RUN, short_help="Have an operation stop, whoever runs it.")(cancel)
app.command("list", rich_help_panel=Panel.LOOK, short_help="List operations, newest first.")(list_operations)
app.command(rich_help_panel=Panel.LOOK, short_help="Show one operation, as it stands.")(show)
app.command(rich_help_panel=Panel.LOOK, short_help="Watch an operation until it ends.")(watch)
app.command(rich_help_panel=Panel.LOOK, short_help="List the files of an operation, or write them down.")(files)
app.command(rich_help_panel=Panel.LOOK, short_help="Compare two operations.")(compare)
app.command(rich_help_panel=Panel.DECIDE, short_help="List what waits for people.")(approvals)
app.command(rich_help_panel=Panel.DECIDE, short_help="Agree to what an operation asks.")(approve)
app.command(rich_help_panel=Panel.DECIDE, short_help="Refuse what an operation asks.")(refuse)
app.command(rich_help_panel=Panel.DECIDE, short_help="Send a signal to an operation.")(signal)
app.command(rich_help_panel=Panel.DECIDE, short_help="Say what happened to work that is in doubt.")(settle)
app.command(rich_help_panel=Panel.PREPARE, short_help="Write a small project to begin with.")(init)
app.command(rich_help_panel=Panel.PREPARE, short_help="Check workflow files; nothing runs.")(check)
app.command(rich_help_panel=Panel.PREPARE, short_help="Show what a run would do, and take.")(plan)
app.command(rich_help_panel=Panel.PREPARE, short_help="Draw a workflow or an operation.")(draw)
app.command("serve", rich_help_panel=Panel.SERVE, short_help="Serve workflows over HTTP.")(serve)
app.add_typer(keys, name="keys", rich_help_panel=Panel.SERVE)
app.add_typer(schedules, name="schedules", rich_help_panel=Panel.SERVE)
app.add_typer(backups, rich_help_panel=Panel.SERVE)
app.add_typer(audit, name="audit", rich_help_panel=Panel.SERVE)
app.command(rich_help_panel=Panel.SERVE, short_help="Look for what usually is wrong, and say what to do.")(doctor)

"""The commands and their options.

Rules: this module imports nothing heavy, so that help comes at once; every command's work is imported when it is
called. A result goes to standard output, everything else to standard error.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from .audit import audit
from .backup import backups
from .beginning import init
from .choosing import begin
from .examining import doctor
from .examples import EXAMPLES
from .gradio_page import gradio
from .grouping import Grouped, Panel, Plain
from .keys import keys
from .learn import learn
from .offering import serve
from .operations import cancel, files, list_operations, show, watch
from .optimise import optimise
from .options import (
    DEFAULT_STORE,
    Agents,
    AnyAgent,
    AsJson,
    ColourChoice,
    Context,
    Detach,
    ErrorsChoice,
    FilesFolder,
    Given,
    InputFile,
    Key,
    KeyFile,
    NoWait,
    OperationId,
    OutputChoice,
    ProgressChoice,
    Requester,
    Resources,
    Root,
    RunTimeout,
    Server,
    Store,
    VerbosityChoice,
)
from .people import approvals, approve, refuse, settle, signal
from .preparing import check, compare, draw, fork, plan
from .reaching import refuse as refuse_usage
from .reaching import server_of
from .schedules import schedules
from .settings import settings
from .streamlit_pages import streamlit
from .terminal import tui
from .webhooks import webhooks

__all__ = ["app"]

_Work = TypeVar("_Work", bound=Callable[..., None])

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
    colour: ColourChoice = None,
    progress: ProgressChoice = None,
    errors: ErrorsChoice = None,
    output: OutputChoice = None,
    verbosity: VerbosityChoice = None,
) -> None:
    """Run workflows of agents that survive crashes."""
    chosen = {"colour": colour, "progress": progress, "errors": errors, "output": output, "verbosity": verbosity}
    begin(chosen)


def _command(name: str, panel: Panel, about: str) -> Callable[[_Work], _Work]:
    """Add a command, with its line in the list and its examples."""
    return app.command(name, cls=Plain, rich_help_panel=panel, short_help=about, epilog=EXAMPLES.get(name))


@_command("run", Panel.RUN, "Run a workflow, or one task, and print its result.")
def run(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    workflow: Annotated[
        str | None,
        typer.Argument(metavar="WORKFLOW", help="A .yaml, .toml or .json file; on a server, the name of a workflow."),
    ] = None,
    *,
    agents: Agents = None,
    given: Given = None,
    input_file: InputFile = None,
    task: Annotated[
        str | None, typer.Option("--task", "-t", metavar="TEXT", help="In place of WORKFLOW: what one agent is to do.")
    ] = None,
    agent: AnyAgent = None,
    resources: Resources = None,
    root: Root = ".",
    store: Store = DEFAULT_STORE,
    key: Key = None,
    by: Requester = None,
    files: FilesFolder = None,
    timeout: RunTimeout = None,
    no_wait: NoWait = False,
    detach: Detach = False,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Run a workflow, or one task without a workflow, and print its result.

    Ctrl-C cancels it, Ctrl-C again or SIGTERM leaves it; either way you are told how to go on. On a server it goes on.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 waits for somebody (--no-wait), 124 out of time,
    130 cancelled, 143 left by SIGTERM.
    """
    far = server_of(context, server, key_file)
    if (workflow is None) == (task is None):
        refuse_usage("name either a workflow, or with --task what one agent is to do")
    if task is not None and agent is not None and (len(agent) > 1 or "=" in agent[0]):
        refuse_usage("with --task, --agent names the one agent that is to do it")
    if detach and (far is None or files is not None):
        refuse_usage("--detach goes with --server and without --files: work of this process needs it, files come last")
    from .inputs import Request, chosen_agents

    request = Request(
        given=given or [],
        input_file=input_file,
        key=key,
        by=by,
        files=files,
        task=task or "",
        agent=agent[0] if agent and task is not None else None,
        agents={} if workflow is None else chosen_agents(agent or []),
        timeout=timeout,
    )
    if far is not None:
        from .afar import run_afar

        run_afar(workflow, far, request, waits=not no_wait, leaves=detach, as_json=as_json)
    from .means import Means
    from .running import run_task, run_workflow

    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait, root=root)
    if workflow is None:
        run_task(means, request, as_json=as_json)
    else:
        run_workflow(Path(workflow), means, request, as_json=as_json)


@_command("resume", Panel.RUN, "Go on with operations that stand still.")
def resume(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
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


@_command("retry", Panel.RUN, "Try an operation again that did not end well.")
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


app.command(
    cls=Plain, rich_help_panel=Panel.RUN, short_help="Run an operation again from a stage, or with another input."
)(fork)
_command("cancel", Panel.RUN, "Have an operation stop, whoever runs it.")(cancel)
_command("list", Panel.LOOK, "List operations, in the order that you want.")(list_operations)
_command("show", Panel.LOOK, "Show one operation, as it stands.")(show)
_command("watch", Panel.LOOK, "Watch an operation until it ends.")(watch)
_command("files", Panel.LOOK, "List the files of an operation, or write them down.")(files)
_command("tui", Panel.LOOK, "Show all of it on a full screen, and start and decide there.")(tui)
_command("compare", Panel.LOOK, "Compare two operations.")(compare)
_command("approvals", Panel.DECIDE, "List what waits for people.")(approvals)
_command("approve", Panel.DECIDE, "Agree to what an operation asks.")(approve)
_command("refuse", Panel.DECIDE, "Refuse what an operation asks.")(refuse)
_command("signal", Panel.DECIDE, "Send a signal to an operation.")(signal)
_command("settle", Panel.DECIDE, "Say what happened to work that is in doubt.")(settle)
_command("init", Panel.PREPARE, "Write a small project to begin with.")(init)
_command("check", Panel.PREPARE, "Check workflow files; nothing runs.")(check)
_command("plan", Panel.PREPARE, "Show what a run would do, and take.")(plan)
_command("draw", Panel.PREPARE, "Draw a workflow or an operation.")(draw)
_command("serve", Panel.SERVE, "Serve workflows over HTTP.")(serve)
_command("gradio", Panel.SERVE, "Show a page that starts workflows and follows them.")(gradio)
_command("streamlit", Panel.SERVE, "Show pages in a browser of this machine.")(streamlit)
app.add_typer(learn, name="learn", rich_help_panel=Panel.LOOK)
app.add_typer(optimise, name="optimise", rich_help_panel=Panel.LOOK)
app.add_typer(keys, name="keys", rich_help_panel=Panel.SERVE)
app.add_typer(schedules, name="schedules", rich_help_panel=Panel.SERVE)
app.add_typer(webhooks, name="webhooks", rich_help_panel=Panel.SERVE)
app.add_typer(settings, name="settings", rich_help_panel=Panel.PREPARE)
app.add_typer(backups, rich_help_panel=Panel.SERVE)
app.add_typer(audit, name="audit", rich_help_panel=Panel.SERVE)
_command("doctor", Panel.SERVE, "Look for what usually is wrong, and say what to do.")(doctor)

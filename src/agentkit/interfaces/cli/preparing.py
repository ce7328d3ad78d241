"""`check`, `plan`, `draw`, `fork` and `compare`: the commands before a run and beside one, here or on a server.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import (
    DEFAULT_STORE,
    Agents,
    AsJson,
    Context,
    DrawFormat,
    Given,
    InputFile,
    Key,
    KeyFile,
    NoWait,
    OperationId,
    Requester,
    Resources,
    Server,
    StageAgents,
    Store,
    WorkflowFile,
)
from .reaching import server_of

__all__ = ["check", "compare", "draw", "fork", "plan"]


def draw(
    context: Context,
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT", help="A workflow file, or an operation's id; on a server, also a workflow's name."
        ),
    ],
    store: Store = DEFAULT_STORE,
    form: Annotated[DrawFormat, typer.Option("--format", "-f", help="As what.")] = DrawFormat.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it into this file.")
    ] = None,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Draw a workflow, or an operation as it stands."""
    far = server_of(context, server, key_file)
    from .looking import draw_it, is_file

    if far is not None and not is_file(subject):
        from .afar_planning import draw_afar

        draw_afar(subject, far, form=form.value, output=output)
    draw_it(subject, store=store, form=form.value, output=output)


def check(
    context: Context,
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
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Check workflow files, and that their agents and resources exist, without running anything.

    With --against: before a release, every run in flight, and what is missing here to finish it; exit code 1 if one
    cannot be finished. With --server: whether the agents of the server can do it.
    """
    if far := server_of(context, server, key_file):
        from .afar_planning import check_afar

        check_afar(workflow or [], far)
    from .means import Means

    if against is not None:
        from .planning import check_against

        check_against(workflow or [], Means(agents=agents or [], resources=resources or [], store=against))
    from .looking import check_files

    check_files(workflow or [], Means(agents=agents or [], resources=resources or []), schema=schema)


def plan(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    workflow: WorkflowFile,
    *,
    agents: Agents = None,
    given: Given = None,
    input_file: InputFile = None,
    resources: Resources = None,
    store: Store = DEFAULT_STORE,
    runs: Annotated[
        int, typer.Option("--runs", metavar="N", min=0, max=1_000, help="How many earlier runs to learn from.")
    ] = 20,
    agent: StageAgents = None,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what a workflow would do and what that is likely to take; nothing runs.

    Exit code 1 if something is missing.
    """
    far = server_of(context, server, key_file)
    from .inputs import Request, chosen_agents

    request = Request(given=given or [], input_file=input_file, agents=chosen_agents(agent or []))
    if far is not None:
        from .afar_planning import plan_afar

        plan_afar(workflow, far, request, runs=runs, as_json=as_json)
    from .means import Means
    from .planning import plan_file

    means = Means(agents=agents or [], resources=resources or [], store=store)
    plan_file(Path(workflow), means, request, runs=runs, as_json=as_json)


def fork(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    operation: OperationId,
    *,
    at: Annotated[str | None, typer.Option("--at", metavar="STAGE", help="Run this stage again, and the rest.")] = None,
    workflow_file: Annotated[
        Path | None, typer.Option("--workflow", "-w", metavar="FILE", help="By another definition.")
    ] = None,
    agents: Agents = None,
    given: Given = None,
    input_file: InputFile = None,
    resources: Resources = None,
    store: Store = DEFAULT_STORE,
    key: Key = None,
    by: Requester = None,
    no_wait: NoWait = False,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Run again from a stage, with another input or another definition; what need not run again is kept."""
    far = server_of(context, server, key_file)
    from .inputs import Request

    request = Request(given=given or [], input_file=input_file, key=key, by=by)
    if far is not None:
        from .afar import fork_afar

        fork_afar(operation, far, request, at=at, waits=not no_wait, as_json=as_json)
    from .means import Means
    from .planning import Other, fork_one

    means = Means(agents=agents or [], resources=resources or [], store=store, waits=not no_wait)
    fork_one(operation, means, Other(at=at, workflow=workflow_file, request=request), as_json=as_json)


def compare(
    context: Context,
    first: OperationId,
    second: Annotated[str, typer.Argument(metavar="OTHER", help="Another one.")],
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Compare two operations: values, status, attempts, time and usage."""
    if far := server_of(context, server, key_file):
        from .afar_planning import compare_afar

        compare_afar(first, second, far, as_json=as_json)
    from .planning import compare_two

    compare_two(first, second, store=store, as_json=as_json)

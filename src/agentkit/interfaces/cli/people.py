"""`approvals`, `approve`, `refuse`, `signal` and `settle`: the commands of people who decide, here or on a server.

Rules: as in `app.py`, nothing heavy is imported before a command is called. On a server the key says who decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from .options import (
    DEFAULT_STORE,
    AsJson,
    Comment,
    Context,
    Form,
    GoOn,
    KeyFile,
    Name,
    OperationId,
    Roles,
    Server,
    Settled,
    StageName,
    Store,
    Voter,
)
from .reaching import server_of

__all__ = ["approvals", "approve", "refuse", "settle", "signal"]


def approvals(
    context: Context,
    store: Store = DEFAULT_STORE,
    role: Annotated[
        list[str] | None,
        typer.Option("--role", metavar="ROLE", help="Only what this role may decide; may be repeated."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="How many.")] = 100,
    server: Server = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """List what waits for people to approve it."""
    if far := server_of(context, server, key_file):
        from .afar_deciding import list_approvals_afar

        list_approvals_afar(far, roles=role, limit=limit, as_json=as_json)
    from .deciding import list_approvals

    list_approvals(store=store, roles=role, limit=limit, as_json=as_json)


def _voting(*, approves: bool, about: str) -> Callable[..., None]:
    """A command that answers a question one way."""

    def vote_on(  # noqa: PLR0913 - every option of a command is an argument
        context: Context,
        operation: OperationId,
        stage: StageName = None,
        *,
        by: Voter = None,
        roles: Roles = None,
        comment: Comment = "",
        form: Form = None,
        name: Name = None,
        agents: GoOn = None,
        store: Store = DEFAULT_STORE,
        server: Server = None,
        key_file: KeyFile = None,
    ) -> None:
        from .deciding import Says, vote
        from .means import Means

        says = Says(by=by, roles=roles or [], comment=comment, form=form or [], approve=approves)
        if far := server_of(context, server, key_file):
            from .afar_deciding import vote_afar

            vote_afar(operation, stage, far, says, name=name)
        vote(operation, stage, Means(agents=agents or [], store=store), says, name=name)

    vote_on.__doc__ = about
    return vote_on


approve: Callable[..., None] = _voting(approves=True, about="Agree to what an operation asks.")
refuse: Callable[..., None] = _voting(approves=False, about="Refuse what an operation asks; one who refuses is enough.")


def signal(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    operation: OperationId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which signal.")],
    *,
    value: Annotated[
        str, typer.Option("--value", metavar="JSON", help="What comes with it, such as 3 or '\"paid\"'.")
    ] = "null",
    identity: Annotated[
        str, typer.Option("--id", metavar="TEXT", help="Your name for this very signal; the same one is taken once.")
    ] = "",
    agents: GoOn = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Send a signal to an operation that waits for it, or will."""
    if far := server_of(context, server, key_file):
        from .afar_deciding import signal_afar

        signal_afar(operation, name, far, value=value, identity=identity)
    from .deciding import send
    from .means import Means

    send(operation, name, Means(agents=agents or [], store=store), value=value, identity=identity)


def settle(  # noqa: PLR0913 - every option of a command is an argument
    context: Context,
    operation: OperationId,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="Which stage is in doubt.")],
    decision: Annotated[
        Settled, typer.Argument(metavar="DECISION", help="done: it happened; redo: do it again; abort: give it up.")
    ],
    *,
    by: Voter = None,
    value: Annotated[str | None, typer.Option("--value", metavar="JSON", help="With done: what the work gave.")] = None,
    comment: Comment = "",
    agents: GoOn = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Say what happened to work that is in doubt, after you have looked."""
    if far := server_of(context, server, key_file):
        from .afar_deciding import settle_afar

        settle_afar(operation, stage, decision.value, far, value=value, comment=comment)
    from .deciding import settle_one
    from .means import Means

    means = Means(agents=agents or [], store=store)
    settle_one(operation, stage, decision.value, means, by=by, value=value, comment=comment)

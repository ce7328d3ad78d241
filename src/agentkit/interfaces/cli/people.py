"""`approvals`, `approve` and `refuse`: the commands of people who decide, here or on a server.

Rules: as in `app.py`, nothing heavy is imported before a command is called. On a server the key says who decides.
"""

from __future__ import annotations

from typing import Annotated

import typer

from .options import (
    DEFAULT_STORE,
    AsJson,
    Comment,
    Form,
    GoOn,
    KeyFile,
    Name,
    OperationId,
    Roles,
    Server,
    StageName,
    Store,
    Voter,
)

__all__ = ["approvals", "approve", "refuse"]


def approvals(
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
    if server is not None:
        from .afar import Far, list_approvals_afar

        list_approvals_afar(Far(server, key_file), roles=role, limit=limit, as_json=as_json)
    from .deciding import list_approvals

    list_approvals(store=store, roles=role, limit=limit, as_json=as_json)


def approve(  # noqa: PLR0913 - every option of a command is an argument
    operation: OperationId,
    stage: StageName = None,
    *,
    by: Voter = None,
    role: Roles = None,
    comment: Comment = "",
    form: Form = None,
    name: Name = None,
    agents: GoOn = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Agree to what an operation asks."""
    from .deciding import Says, vote
    from .means import Means

    says = Says(by=by, roles=role or [], comment=comment, form=form or [], approve=True)
    if server is not None:
        from .afar import Far, vote_afar

        vote_afar(operation, stage, Far(server, key_file), says, name=name)
    vote(operation, stage, Means(agents=agents or [], store=store), says, name=name)


def refuse(  # noqa: PLR0913 - every option of a command is an argument
    operation: OperationId,
    stage: StageName = None,
    *,
    by: Voter = None,
    role: Roles = None,
    comment: Comment = "",
    form: Form = None,
    name: Name = None,
    agents: GoOn = None,
    store: Store = DEFAULT_STORE,
    server: Server = None,
    key_file: KeyFile = None,
) -> None:
    """Refuse what an operation asks; one who refuses is enough."""
    from .deciding import Says, vote
    from .means import Means

    says = Says(by=by, roles=role or [], comment=comment, form=form or [], approve=False)
    if server is not None:
        from .afar import Far, vote_afar

        vote_afar(operation, stage, Far(server, key_file), says, name=name)
    vote(operation, stage, Means(agents=agents or [], store=store), says, name=name)

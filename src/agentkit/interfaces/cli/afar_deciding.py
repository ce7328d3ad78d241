"""`approvals`, `approve`, `refuse`, `signal`, `settle` and `cancel` against a server: the key says who says it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn, cast

from pydantic import JsonValue
from rich.text import Text

from agentkit.client import Client
from agentkit.errors import InputError, NotFound
from agentkit.views import one_line
from agentkit.wire import ApprovalLine, OperationPage, Settlement, SignalRequest

from .asking import ask, found_id
from .deciding import Decided, Says, filled, read_json
from .inbox import approval_table
from .reaching import Far
from .screen import errors, output
from .tables import width_of

__all__ = ["cancel_afar", "list_approvals_afar", "settle_afar", "signal_afar", "vote_afar"]


def list_approvals_afar(far: Far, *, roles: Sequence[str] | None, limit: int, as_json: bool) -> NoReturn:
    """List what waits for people and is for the caller."""

    async def work(client: Client) -> int:
        asked = await client.approvals()
        found = [line for line in asked if not roles or not line.roles or set(roles) & set(line.roles)][:limit]
        if as_json:
            for line in found:
                sys.stdout.write(line.model_dump_json() + "\n")
            return 0
        console = output()
        for text in approval_table(found, width_of(console)):
            console.print(text, soft_wrap=True)
        if not found:
            errors().print(Text(f"nothing waits for you at {far.url}"), soft_wrap=True)
        return 0

    ask(far, work)


def vote_afar(beginning: str, stage: str | None, far: Far, says: Says, *, name: str | None) -> NoReturn:
    """Agree to a question, or refuse it."""

    async def work(client: Client) -> int:
        operation_id = await found_id(client, beginning)
        asked = await client.approvals(operation_id)
        one = _meant(
            operation_id, [line for line in asked if stage in (None, line.stage) and name in (None, line.name)]
        )
        if one is None and stage is None:
            raise NotFound(f"operation {operation_id} asks you nothing that is open")
        answer = client.approve if says.approve else client.refuse
        page = await answer(
            operation_id,
            one.stage if one else stage or "",
            name=one.name if one else name or "",
            comment=says.comment,
            form=cast("dict[str, JsonValue]", filled(says.form, one.form if one else {})),
        )
        _tell(page)
        return 0

    ask(far, work)


def _meant(operation_id: str, found: Sequence[ApprovalLine]) -> ApprovalLine | None:
    if len(found) > 1:
        shown = ", ".join(" --name ".join(filter(None, (one.stage, one.name))) for one in found[:5])
        raise InputError(f"operation {operation_id} asks {len(found)} questions; name one of: {one_line(shown, 500)}")
    return found[0] if found else None


def cancel_afar(beginning: str, far: Far, *, reason: str) -> NoReturn:
    """Cancel one operation."""

    async def work(client: Client) -> int:
        page = await client.cancel(await found_id(client, beginning), reason)
        _tell(page)
        return 0

    ask(far, work)


def signal_afar(beginning: str, name: str, far: Far, *, value: str, identity: str) -> NoReturn:
    """Send a signal."""

    async def work(client: Client) -> int:
        told = SignalRequest(name=name, value=read_json("--value", value), id=identity or None)
        _tell(await client.signal(await found_id(client, beginning), told))
        return 0

    ask(far, work)


def settle_afar(
    beginning: str, stage: str, decision: Decided, far: Far, *, value: str | None, comment: str
) -> NoReturn:
    """Decide about work in doubt."""

    async def work(client: Client) -> int:
        given = None if value is None else read_json("--value", value)
        settlement = Settlement(stage=stage, decision=decision, value=given, comment=comment)
        _tell(await client.settle(await found_id(client, beginning), settlement))
        return 0

    ask(far, work)


def _tell(page: OperationPage) -> None:
    waits = f", and waits for {', '.join(page.waiting)}" if page.waiting and not page.ended else ""
    errors().print(Text(f"{page.id} is {page.status}{waits}"), soft_wrap=True)

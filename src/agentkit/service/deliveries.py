"""What became of announcements: lists of them, and what was never taken is sent once more.

Rules: an announcement is an operation; one that was replayed is shown as the newest that continues it, and no other.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, cast

from agentkit.errors import JournalCorrupt, NotFound
from agentkit.kernel import OperationAccepted, OperationStatus
from agentkit.orchestrator import Orchestrator
from agentkit.stores import Summary

from .callbacks import WEBHOOK, Wanted, own_tenant
from .callers import Caller

__all__ = ["Deliveries", "Delivery", "announcements", "wanted_by"]

_PAGE: Final = 200
_AGAIN: Final = ("failed", "cancelled")
_ENDS: Final = {"completed": "delivered", "failed": "dead", "cancelled": "cancelled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One announcement, as it stands.

    Attributes:
        id: Its own operation.
        operation: The operation whose end it announces.
        url: Where to.
        status: `waiting` for that end, `delivering`, `delivered`, `dead`: it was never taken, or `cancelled`.
        created_at: When it was asked for, in seconds since 1970; when it was replayed, for one that was.
        updated_at: When it last changed, in seconds since 1970.
    """

    id: str
    operation: str
    url: str
    status: str
    created_at: float
    updated_at: float


class Deliveries:
    """The announcements of a store.

    Args:
        orchestrator: Who has the store open.
    """

    def __init__(self, orchestrator: Orchestrator) -> None:
        self._orchestrator = orchestrator

    async def listed(
        self, caller: Caller, *, dead: bool = False, before: tuple[float, str] | None = None, limit: int = 50
    ) -> Sequence[Delivery]:
        """The newest announcements of a caller's operations, one of each operation, the newest first.

        Args:
            caller: Whose; one without a tenant sees those of all.
            dead: Only those that were never taken.
            before: Only those behind this one: its `created_at` and `id`.
            limit: How many at most.

        Raises:
            NotAllowed: The caller may not look.
            StoreError: The store failed.
        """
        caller.check("read")
        tenant = None if caller.tenant is None else own_tenant(caller.tenant)
        status: Sequence[OperationStatus] | None = ("failed",) if dead else None
        found: list[Delivery] = []
        lines = announcements(self._orchestrator, status=status, tenant=tenant, before=before, page=min(limit, _PAGE))
        async with aclosing(lines):
            async for line in lines:
                if await self._is_replayed(line):
                    continue
                try:
                    found.append(await self._delivery(line))
                except JournalCorrupt:
                    # Its damage is no trouble of the others.
                    continue
                if len(found) >= limit:
                    break
        return found

    async def one(self, caller: Caller, delivery_id: str) -> Delivery:
        """One announcement of a caller's operations.

        Raises:
            NotAllowed: The caller may not look.
            NotFound: They have no such announcement.
            StoreError: The store failed.
        """
        caller.check("read")
        return await self._delivery(await self._own(caller, delivery_id))

    async def replay(self, caller: Caller, delivery_id: str) -> str:
        """Announce once more what was never taken; the operation that does it. Any other is left as it is.

        Raises:
            NotAllowed: The caller may not run anything.
            NotFound: They have no such announcement.
            StoreError: The store failed.
        """
        caller.check("run")
        line = await self._own(caller, delivery_id)
        return (
            (await self._orchestrator.resume(line.stream)).id if line.status in ("failed", "cancelled") else line.stream
        )

    async def _own(self, caller: Caller, delivery_id: str) -> Summary:
        line = await self._orchestrator.store.get(delivery_id)
        if (
            line is None
            or line.name != WEBHOOK
            or (caller.tenant is not None and line.tenant != own_tenant(caller.tenant))
        ):
            raise NotFound(f"there is no webhook {delivery_id!r}")
        return line

    async def _is_replayed(self, line: Summary) -> bool:
        return line.status in _AGAIN and await self._orchestrator.successor(line.stream) is not None

    async def _delivery(self, line: Summary) -> Delivery:
        wanted = await wanted_by(self._orchestrator, line.stream)
        return Delivery(
            id=line.stream,
            operation=wanted["operation"],
            url=wanted["url"],
            status="waiting" if line.waiting == "signal" else _ENDS.get(line.status, "delivering"),
            created_at=line.created_at,
            updated_at=line.updated_at,
        )


async def announcements(
    orchestrator: Orchestrator,
    *,
    status: Sequence[OperationStatus] | None = None,
    waiting: str | None = None,
    tenant: str | None = None,
    before: tuple[float, str] | None = None,
    page: int = _PAGE,
) -> AsyncGenerator[Summary, None]:
    """The announcements of all, or of those for one tenant, the newest first.

    Raises:
        Closed: The orchestrator is not open.
        StoreError: The store failed.
    """
    while True:
        found = await orchestrator.list(
            workflow=WEBHOOK, status=status, waiting=waiting, tenant=tenant, before=before, limit=page
        )
        for line in found:
            yield line
        if len(found) < page:
            return
        before = (found[-1].created_at, found[-1].stream)


async def wanted_by(orchestrator: Orchestrator, delivery_id: str) -> Wanted:
    """What an announcement was asked for.

    Raises:
        JournalCorrupt: Its journal is damaged.
        StoreError: The store failed.
    """
    first = (await orchestrator.history(delivery_id, limit=1))[0]
    assert isinstance(first, OperationAccepted)
    return cast("Wanted", json.loads(first.input))

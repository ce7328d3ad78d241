"""The audit log of a server: who asked it for what, and what was answered, in an audit trail of its store.

Rules: what is recorded is a name, an id and a status, never a body or a secret. To record costs a request an append to
a list; a thread writes what waits, once a second. Every process writes a trail of its own from its start to its end,
so that processes on one store never wait for each other, and none reads what others wrote.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from agentkit.agents import ContextKey
from agentkit.errors import AgentKitError
from agentkit.money import AuditTrail
from agentkit.orchestrator import ContextStore, JournalSink
from agentkit.stores import Store

from .logs import Redactor

__all__ = ["ApiAction", "ApiAudit", "audit_trails"]

_log = logging.getLogger("agentkit.audit")
_TRAILS = ContextKey("trails", dict[str, float], merge="deep_merge")
_FLUSH_SECONDS = 1.0
_MOST = 100_000
"""So many actions may wait for a store that does not answer; beyond that the trail says how many it lacks."""
_MOST_LETTERS = 300
_SECRETS = Redactor()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAction:
    """One request that changed something, or was refused for lack of rights.

    Attributes:
        at: When, in seconds since 1970.
        actor: Who asked; empty if nobody knows.
        tenant: Whose things they see; None is everybody's.
        action: The `operation_id` of the route.
        target: The ids that were named in the path, by name.
        status: What was answered; 0 if nothing was.
        result: The id of what came of it.
        request: The id of the request.
        address: Where it came from.
        times: How often the same was refused at about this time.
    """

    at: float
    actor: str
    tenant: str | None
    action: str
    target: Mapping[str, str]
    status: int
    result: str
    request: str
    address: str
    times: int = 1

    @property
    def is_refused(self) -> bool:
        """Whether it was refused for lack of rights."""
        return self.status in (401, 403)


class ApiAudit:
    """Keeps the audit log of one process.

    Args:
        store: Where it is kept, an open store.
        now: What time it is, in seconds since 1970.
    """

    def __init__(self, store: Store, *, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._waiting: list[ApiAction] = []
        self._refused: dict[tuple[object, ...], int] = {}
        self._lost = 0
        self._name = ""
        self._trail: AuditTrail | None = None
        self._is_behind = False
        """Whether the trail has entries that the store did not take."""
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to write what is recorded, once a second."""
        self._writer = asyncio.get_running_loop().create_task(self._keep_writing())

    def record(self, action: ApiAction) -> None:
        """Record a request. The same refused again and again within a second is one entry, which counts."""
        if len(self._waiting) >= _MOST:
            self._lost += 1
            return
        if action.is_refused:
            same = (action.actor, action.tenant, action.action, action.address, action.status, *action.target.items())
            place = self._refused.setdefault(same, len(self._waiting))
            if place < len(self._waiting):
                known = self._waiting[place]
                self._waiting[place] = replace(known, times=known.times + 1)
                return
        self._waiting.append(action)

    async def flush(self) -> None:
        """Write all that waits. What the store does not take now waits on, and the log says so."""
        async with self._writing:
            if not (self._waiting or self._lost or self._is_behind):
                return
            try:
                if self._trail is None:
                    self._trail = await self._begin()
                if self._is_behind:
                    # What was composed comes first, and nothing is composed until it is kept: so memory is bounded.
                    await asyncio.to_thread(self._trail.flush)
                actions, self._waiting, self._refused = self._waiting, [], {}
                lost, self._lost = self._lost, 0
                self._is_behind = True
                await asyncio.to_thread(_compose, self._trail, actions, lost, self._now())
            except AgentKitError:
                _log.exception("the audit log cannot be written now; it is tried again")
            else:
                self._is_behind = False

    async def close(self) -> None:
        """Write all that waits, and let go of the trail."""
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        await self.flush()
        if self._waiting:
            _log.error("the last %d actions are missing in the audit log", len(self._waiting))
        trail, self._trail = self._trail, None
        if trail is not None:
            try:
                await asyncio.to_thread(trail.close)
            except AgentKitError:
                _log.exception("the end of the audit log is lost: the store did not take it")

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            # Whoever ends this does not interrupt a write.
            await asyncio.shield(self.flush())

    async def _begin(self) -> AuditTrail:
        """A trail of this process, told to whoever looks for trails before its first entry."""
        began = self._now()
        # Kept, since the index may have it although the store said that it failed.
        name = self._name = self._name or f"api-{_moment(began):%Y%m%dT%H%M%SZ}-{os.urandom(4).hex()}"
        await (await _index(self._store)).update({_TRAILS: {name: began}}, by="audit")
        loop = asyncio.get_running_loop()
        return await asyncio.to_thread(
            lambda: AuditTrail(JournalSink(self._store, name, loop=loop), buffered=_MOST + 1)
        )


def _compose(trail: AuditTrail, actions: Sequence[ApiAction], lost: int, now: float) -> None:
    for each in actions:
        _append(trail, each)
    if lost:
        counted = {"missing": str(lost)}
        trail.append(actor="agentkit", operation="audit_gap", inputs={}, outputs=counted, at=_moment(now))
    trail.flush()


def _append(trail: AuditTrail, each: ApiAction) -> None:
    inputs: dict[str, object] = {
        "target": {name: _plain(value) for name, value in each.target.items()},
        "request": each.request,
        "address": _plain(each.address),
    }
    if each.tenant is not None:
        inputs["tenant"] = _plain(each.tenant)
    if each.times > 1:
        inputs["times"] = str(each.times)
    outputs = {"status": str(each.status)} | ({"id": _plain(each.result)} if each.result else {})
    refusal = {"code": "unauthenticated" if each.status == 401 else "not_allowed", "message": f"status {each.status}"}
    trail.append(
        actor=_plain(each.actor) or "(unknown)",
        operation=each.action,
        inputs=inputs,
        outputs=None if each.is_refused else outputs,
        refusal=refusal if each.is_refused else None,
        at=_moment(each.at),
    )


async def audit_trails(store: Store) -> Mapping[str, datetime]:
    """The trails of the audit log of a store, by when they began, the oldest first.

    Raises:
        StoreError: The store failed.
    """
    found = (await (await _index(store)).read()).get(_TRAILS, dict[str, float]())
    return {name: _moment(began) for name, began in sorted(found.items(), key=lambda item: (item[1], item[0]))}


async def _index(store: Store) -> ContextStore:
    index = ContextStore(store, keys=[_TRAILS], name="agentkit.audit")
    await index.open()
    return index


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _plain(text: str) -> str:
    """A text that can be written as it is, is not long, and is no secret that somebody sent in its place."""
    return _SECRETS.clean(text[:_MOST_LETTERS]).encode(errors="backslashreplace").decode()

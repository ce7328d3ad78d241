"""Webhooks: the end of an operation is announced to an address that its caller named.

Rules: an announcement is itself an operation, of a workflow of agentkit's own: so it is kept before its caller is
answered, it survives every restart, it is tried again over a day, and what was never taken is a failed operation that
may be retried. It waits for a signal that tells of the end; whoever runs `Webhooks.run`, in any process, sends it.
Messages are signed as Standard Webhooks 1.0 says. At least once, in no promised order.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Final, Protocol, cast

from agentkit.agents import Agent, AgentPersonality, Task
from agentkit.errors import (
    DefinitionError,
    GiveUp,
    JournalCorrupt,
    MissingExtra,
    NotFound,
    OperationError,
    StoreError,
    TooLate,
)
from agentkit.kernel import OperationAccepted, RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Orchestrator
from agentkit.stores import Summary

from .callbacks import Wanted, check_url, own_tenant, secret_bytes, secret_of
from .callers import Caller
from .reading import Reader

__all__ = ["WEBHOOK", "Delivery", "Poster", "WebhookSettings", "Webhooks"]

WEBHOOK: Final = "agentkit.webhook"
"""What the workflow and the agent are called that announce; its operations belong to tenants of their own."""

_SIGNAL = "ended"
_GONE = 410
_MOST_SECRETS = 2
_PAGE = 200

# Eleven waits: half a minute at first, then six hours. Shortened by chance as far as may be they are still a day.
_DAY = RetryPolicy(attempts=12, delay=30, factor=3, max_delay=6 * 3_600, jitter=0.2, attempt_timeout=60)
_FLOW: Workflow[object] = Workflow(
    WEBHOOK,
    [Stage("ended", signal=_SIGNAL), Stage("deliver", agent=WEBHOOK, after=["ended"], retry=_DAY)],
    description="Announces the end of an operation.",
)


class Poster(Protocol):
    """Posts to an address that somebody else named."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post, and return the status of the answer.

        Raises:
            AddressNotAllowed: The address may not be reached.
            ConnectionError: No answer came.
            TimeoutError: None came in time.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """How ends are announced.

    Attributes:
        secrets: What the secrets of all tenants are made of, each at least 24 bytes as base64; `whsec_` may stand
            before it. The first one signs; with a second, the old one while it is replaced, messages have both
            signatures.
        hosts: Hosts that may be called although they are not public, as they stand in URLs.
        sweep_seconds: How often to look for ends that no process announced, since the one that should have died.

    Raises:
        DefinitionError: There is no secret, more than two, or one is not valid; or the time is not above 0.

    Example:
        >>> WebhookSettings(secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]).sweep_seconds
        60.0
    """

    secrets: Sequence[str]
    hosts: Collection[str] = ()
    sweep_seconds: float = 60.0

    def __post_init__(self) -> None:
        if isinstance(self.secrets, str) or not 1 <= len(self.secrets) <= _MOST_SECRETS:
            raise DefinitionError("webhooks need a list of one secret, or of two while the first replaces the second")
        for secret in self.secrets:
            secret_bytes(secret)
        if not self.sweep_seconds > 0:
            raise DefinitionError("webhooks: sweep_seconds must be above 0")

    def __repr__(self) -> str:
        return f"WebhookSettings(secrets=<{len(self.secrets)}>, hosts={self.hosts!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One announcement, as it stands.

    Attributes:
        id: Its own operation.
        operation: The operation whose end it announces.
        url: Where to.
        status: `waiting` for that end, `delivering`, `delivered`, `dead`: it was never taken, or `cancelled`.
        updated_at: When that last changed, in seconds since 1970.
    """

    id: str
    operation: str
    url: str
    status: str
    updated_at: float


class Webhooks:
    """Announces ends, as long as `run` runs somewhere.

    Args:
        orchestrator: Who runs operations; the agent that announces is registered with it.
        settings: Secrets, and where messages may go.
        poster: Who posts; by default over public addresses only.

    Raises:
        DefinitionError: The orchestrator has an agent of this name already.
        MissingExtra: What signs or posts is not installed.
    """

    def __init__(self, orchestrator: Orchestrator, settings: WebhookSettings, *, poster: Poster | None = None) -> None:
        try:
            import_module("standardwebhooks")
        except ImportError as error:
            raise MissingExtra("webhooks", "standardwebhooks") from error
        if poster is None:
            from .outbound import GuardedPoster

            poster = GuardedPoster(settings.hosts)
        self._orchestrator = orchestrator
        self._settings = settings
        self._news: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._watched: set[str] = set()
        orchestrator.register(_Messenger(self, poster))

    def check(self, url: str) -> None:
        """Make sure that ends can be announced there, as far as the URL tells.

        Raises:
            InputError: They cannot.
        """
        check_url(url, self._settings.hosts)

    def secret(self, tenant: str | None) -> str:
        """What one tenant verifies messages with: `whsec_` and base64. Nobody can make another tenant's of it."""
        return secret_of(self._settings.secrets[0], tenant)

    async def expect(self, operation_id: str, url: str, *, tenant: str | None) -> str:
        """Have the end of an operation announced; when this returns, it is kept. The announcement's own operation.

        Raises:
            InputError: The URL cannot be called.
            KeyReused: The end of this operation is announced to another address.
            StoreError: The store failed; the same call leads to the one true outcome.
        """
        self.check(url)
        given: Wanted = {"operation": operation_id, "url": url, "tenant": tenant}
        submitted = await self._orchestrator.submit(
            _FLOW, given, key=f"webhook:{operation_id}", by="agentkit", tenant=own_tenant(tenant)
        )
        self._news.put_nowait((submitted.id, operation_id))
        return submitted.id

    async def run(self) -> None:
        """Tell announcements of the ends they wait for, until it is cancelled; while the store is away it tries again.

        Raises:
            Closed: The orchestrator is not open.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweep_again_and_again())
            while True:
                delivery, operation = await self._news.get()
                if delivery not in self._watched:
                    self._watched.add(delivery)
                    group.create_task(self._announce(delivery, operation))

    async def _announce(self, delivery: str, operation: str) -> None:
        """Wait for an end, then tell of it."""
        try:
            with suppress(OperationError):
                await (await self._orchestrator.get(operation)).result()
            # One in quarantine has raised too, and has not ended.
            if await self._has_ended(operation):
                await self._tell(delivery)
        except (StoreError, NotFound):
            # The next sweep finds it again, if it is still there.
            return
        finally:
            self._watched.discard(delivery)

    async def _tell(self, delivery: str) -> None:
        with suppress(TooLate):
            await (await self._orchestrator.get(delivery)).signal(_SIGNAL, id=_SIGNAL)

    async def _sweep_again_and_again(self) -> None:
        while True:
            with suppress(StoreError):
                await self.sweep()
            await asyncio.sleep(self._settings.sweep_seconds)

    async def sweep(self) -> None:
        """Look for ends that nobody announced, and announce them.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        async for line in self._lines(waiting="signal"):
            try:
                operation = (await self._wanted(line.stream))["operation"]
            except JournalCorrupt:
                # Its damage is no trouble of the others.
                continue
            if await self._has_ended(operation):
                self._news.put_nowait((line.stream, operation))

    async def _has_ended(self, operation: str) -> bool:
        line = await self._orchestrator.store.get(operation)
        return line is not None and line.ended

    async def _lines(self, *, waiting: str | None = None, tenant: str | None = None) -> AsyncGenerator[Summary, None]:
        """The announcements of all, or of one tenant, the newest first."""
        last: Summary | None = None
        while True:
            found = await self._orchestrator.list(
                workflow=WEBHOOK, waiting=waiting, tenant=tenant, before=last, limit=_PAGE
            )
            for line in found:
                yield line
            if len(found) < _PAGE:
                return
            last = found[-1]

    async def _wanted(self, delivery: str) -> Wanted:
        """What an announcement was asked for."""
        first = (await self._orchestrator.history(delivery, limit=1))[0]
        assert isinstance(first, OperationAccepted)
        return cast("Wanted", json.loads(first.input))

    # What became of them

    async def deliveries(self, caller: Caller, *, dead: bool = False, limit: int = 50) -> Sequence[Delivery]:
        """The newest announcements of a caller's operations, one of each operation, the newest first.

        Args:
            caller: Whose; one without a tenant sees those of all.
            dead: Only those that were never taken.
            limit: How many at most.

        Raises:
            NotAllowed: The caller may not look.
            StoreError: The store failed.
        """
        caller.check("read")
        tenant = None if caller.tenant is None else own_tenant(caller.tenant)
        newest: dict[str, Delivery] = {}
        async with aclosing(self._lines(tenant=tenant)) as lines:
            async for line in lines:
                one = await self._delivery(line)
                # One that was replayed is an older line of the same operation.
                newest.setdefault(one.operation, one)
                if sum(not dead or each.status == "dead" for each in newest.values()) >= limit:
                    break
        return [each for each in newest.values() if not dead or each.status == "dead"]

    async def replay(self, caller: Caller, delivery_id: str) -> str:
        """Announce once more what was never taken; the operation that does it.

        Raises:
            NotAllowed: The caller may not run anything.
            NotFound: They have no such announcement.
            StoreError: The store failed.
        """
        caller.check("run")
        line = await self._orchestrator.store.get(delivery_id)
        if (
            line is None
            or line.name != WEBHOOK
            or (caller.tenant is not None and line.tenant != own_tenant(caller.tenant))
        ):
            raise NotFound(f"there is no webhook {delivery_id!r}")
        return (await self._orchestrator.resume(delivery_id)).id

    async def _delivery(self, line: Summary) -> Delivery:
        wanted = await self._wanted(line.stream)
        ends = {"completed": "delivered", "failed": "dead", "cancelled": "cancelled"}
        status = ends.get(line.status, "delivering")
        return Delivery(
            id=line.stream,
            operation=wanted["operation"],
            url=wanted["url"],
            status="waiting" if line.waiting == "signal" else status,
            updated_at=line.updated_at,
        )

    # What is sent

    async def message(self, operation_id: str) -> bytes:
        """What is said of an operation that has ended.

        Raises:
            NotFound: There is none of that id.
            StoreError: The store failed, or the journal is damaged.
        """
        page = await Reader(self._orchestrator).page(operation_id)
        failure = page.failure
        data = {
            "id": page.id,
            "workflow": page.workflow,
            "status": page.status,
            "created_at": page.created_at.isoformat(),
            "seconds": round(page.seconds, 3),
            "metadata": page.metadata,
            "failure": None if failure is None else failure.model_dump(mode="json"),
        }
        said = {"type": f"operation.{page.status}", "timestamp": page.updated_at.isoformat(), "data": data}
        return json.dumps(said, separators=(",", ":")).encode()

    def headers(self, operation_id: str, tenant: str | None, body: bytes) -> Mapping[str, str]:
        """The headers of a message: an id that stays over retries, the time now, and a signature for each secret."""
        from standardwebhooks import Webhook

        identity = "msg_" + hashlib.sha256(operation_id.encode()).hexdigest()[:26]
        at = datetime.fromtimestamp(int(self._orchestrator.now()), UTC)
        signatures = [
            Webhook(secret_of(secret, tenant)).sign(identity, at, body.decode()) for secret in self._settings.secrets
        ]
        return {
            "content-type": "application/json",
            "user-agent": "agentkit",
            "webhook-id": identity,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


class _Messenger(Agent[object, int]):
    """Delivers one announcement."""

    personality = AgentPersonality(name=WEBHOOK, role="Announces the ends of operations")

    def __init__(self, webhooks: Webhooks, poster: Poster) -> None:
        self._webhooks = webhooks
        self._poster = poster

    async def run(self, task: Task[object]) -> int:
        """Post it; the status of the answer."""
        wanted = cast("Wanted", task.operation_input)
        body = await self._webhooks.message(wanted["operation"])
        headers = self._webhooks.headers(wanted["operation"], wanted["tenant"], body)
        status = await self._poster.post(wanted["url"], headers, body)
        if status == _GONE:
            raise GiveUp("the receiver says that it is gone (410)")
        if not 200 <= status < 300:
            raise ConnectionError(f"the receiver answered with status {status}")
        return status

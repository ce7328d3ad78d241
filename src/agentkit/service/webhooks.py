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
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Final, Protocol, cast

from agentkit.agents import Agent, AgentPersonality, Task
from agentkit.errors import (
    AgentKitError,
    DefinitionError,
    GiveUp,
    JournalCorrupt,
    MissingExtra,
    NotFound,
    OperationError,
    StoreError,
    TooLate,
)
from agentkit.kernel import RetryPolicy, Stage, Workflow
from agentkit.orchestrator import Orchestrator

from .callbacks import WEBHOOK, Wanted, check_url, own_tenant, secret_bytes, secret_of
from .callers import Caller
from .deliveries import Deliveries, Delivery, announcements, wanted_by
from .progressing import tell_progress
from .reading import Reader
from .translate import ended_message

__all__ = ["Poster", "WebhookSettings", "Webhooks"]

_SIGNAL: Final = "ended"
_GONE: Final = 410
_MOST_SECRETS: Final = 2

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
        progress_seconds: How long it is at least between two messages of an operation on its way.

    Raises:
        DefinitionError: There is no secret, more than two, or one is not valid; or a time is not above 0.

    Example:
        >>> WebhookSettings(secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]).sweep_seconds
        60.0
    """

    secrets: Sequence[str]
    hosts: Collection[str] = ()
    sweep_seconds: float = 60.0
    progress_seconds: float = 5.0

    def __post_init__(self) -> None:
        if isinstance(self.secrets, str) or not 1 <= len(self.secrets) <= _MOST_SECRETS:
            raise DefinitionError("webhooks need a list of one secret, or of two while the first replaces the second")
        for secret in self.secrets:
            secret_bytes(secret)
        if not (self.sweep_seconds > 0 and self.progress_seconds > 0):
            raise DefinitionError("webhooks: sweep_seconds and progress_seconds must be above 0")

    def __repr__(self) -> str:
        return f"WebhookSettings(secrets=<{len(self.secrets)}>, hosts={self.hosts!r})"


@dataclass(frozen=True, slots=True)
class _Expected:
    """An end that is to be announced; with what is wanted, if it is to be told of on its way, too."""

    delivery: str
    operation: str
    on_the_way: Wanted | None = None


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
        self._poster = poster
        self._news: asyncio.Queue[_Expected] = asyncio.Queue()
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
        return self.secrets(tenant)[0]

    def secrets(self, tenant: str | None) -> Sequence[str]:
        """All that messages to one tenant are signed with: while a secret is replaced, the old one behind the new."""
        return [secret_of(secret, tenant) for secret in self._settings.secrets]

    async def expect(self, operation_id: str, url: str, *, tenant: str | None, progress: bool = False) -> str:
        """Have the end of an operation announced; when this returns, it is kept. The announcement's own operation.

        Args:
            operation_id: Which operation.
            url: Where to.
            tenant: Whose it is.
            progress: Whether to tell of it on its way, too: by this process, as long as it runs, and each message once.

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
        self._news.put_nowait(_Expected(submitted.id, operation_id, given if progress else None))
        return submitted.id

    async def run(self) -> None:
        """Tell announcements of the ends they wait for, until it is cancelled; while the store is away it tries again.

        Raises:
            Closed: The orchestrator is not open.
        """
        # A queue belongs to the loop on which somebody waited for it, and this may be another one.
        told, self._news = self._news, asyncio.Queue()
        while not told.empty():
            self._news.put_nowait(told.get_nowait())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweep_again_and_again())
            while True:
                expected = await self._news.get()
                if expected.delivery not in self._watched:
                    self._watched.add(expected.delivery)
                    wanted = expected.on_the_way
                    telling = None if wanted is None else group.create_task(self._tell_on_the_way(wanted))
                    group.create_task(self._announce(expected.delivery, expected.operation, telling))

    async def _announce(self, delivery: str, operation: str, telling: asyncio.Task[None] | None) -> None:
        """Wait for an end, then tell of it."""
        try:
            with suppress(OperationError):
                await (await self._orchestrator.get(operation)).result()
            if telling is not None:
                # Nothing is on its way any more when the end is told.
                telling.cancel()
                await asyncio.wait([telling])
            # One in quarantine has raised too, and has not ended.
            if await self._has_ended(operation):
                await self._tell(delivery, operation)
        except (StoreError, NotFound):
            # The next sweep finds it again, if it is still there.
            return
        finally:
            self._watched.discard(delivery)
            if telling is not None:
                telling.cancel()

    async def _tell_on_the_way(self, wanted: Wanted) -> None:
        async def send(message: str, body: bytes) -> None:
            headers = self.headers(message, wanted["tenant"], body)
            with suppress(AgentKitError, OSError):
                await self._poster.post(wanted["url"], headers, body)

        seconds = self._settings.progress_seconds
        await tell_progress(self._orchestrator, wanted["operation"], send, seconds=seconds)

    async def _tell(self, delivery: str, operation: str) -> None:
        # The message goes along: whoever delivers it may do so while the orchestrator opens, or closes.
        message = json.loads(await self.message(operation))
        with suppress(TooLate):
            await (await self._orchestrator.get(delivery)).signal(_SIGNAL, message, id=_SIGNAL)

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
        async for line in announcements(self._orchestrator, waiting="signal"):
            if line.stream in self._watched:
                # Whoever waits for its end here tells of it.
                continue
            try:
                operation = (await wanted_by(self._orchestrator, line.stream))["operation"]
            except JournalCorrupt:
                # Its damage is no trouble of the others.
                continue
            if await self._has_ended(operation):
                self._news.put_nowait(_Expected(line.stream, operation))

    async def _has_ended(self, operation: str) -> bool:
        line = await self._orchestrator.store.get(operation)
        return line is not None and line.ended

    async def deliveries(self, caller: Caller, *, dead: bool = False, limit: int = 50) -> Sequence[Delivery]:
        """See `Deliveries.listed`."""
        return await Deliveries(self._orchestrator).listed(caller, dead=dead, limit=limit)

    async def replay(self, caller: Caller, delivery_id: str) -> str:
        """See `Deliveries.replay`."""
        return await Deliveries(self._orchestrator).replay(caller, delivery_id)

    # What is sent

    async def message(self, operation_id: str) -> bytes:
        """What is said of an operation that has ended.

        Raises:
            NotFound: There is none of that id.
            StoreError: The store failed, or the journal is damaged.
        """
        page = await Reader(self._orchestrator).page(operation_id)
        return ended_message(page).model_dump_json().encode()

    def headers(self, message: str, tenant: str | None, body: bytes) -> Mapping[str, str]:
        """The headers of a message: an id that stays over retries, the time now, and a signature for each secret.

        Args:
            message: What tells it from others: for an end, the operation's id.
            tenant: Who gets it.
            body: What it says.
        """
        from standardwebhooks import Webhook

        identity = "msg_" + hashlib.sha256(message.encode()).hexdigest()[:26]
        at = datetime.fromtimestamp(int(self._orchestrator.now()), UTC)
        signatures = [Webhook(secret).sign(identity, at, body.decode()) for secret in self.secrets(tenant)]
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
        body = json.dumps(task.input, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self._webhooks.headers(wanted["operation"], wanted["tenant"], body)
        status = await self._poster.post(wanted["url"], headers, body)
        if status == _GONE:
            raise GiveUp("the receiver says that it is gone (410)")
        if not 200 <= status < 300:
            raise ConnectionError(f"the receiver answered with status {status}")
        return status

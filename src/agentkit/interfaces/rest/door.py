"""What all requests to one application share: the service, its settings, keys, limits and figures.

Rules: nothing here is a global, so two applications in one process never notice each other. Whoever opened the
orchestrator closes it: the application does so only if it found it closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import anyio
from fastapi import FastAPI, Request
from starlette.routing import Route

from agentkit.errors import StoreError, TooManyRequests
from agentkit.orchestrator import Orchestrator
from agentkit.service import (
    LOCAL,
    ApiAudit,
    ApiKeys,
    EndedSessions,
    Monitor,
    Service,
    Settings,
    Watcher,
    take_up_chores,
)
from agentkit.wire import OperationQuery

from .browsing import BrowserSessions
from .feeds import Feeds, told, written
from .figures import Figures
from .limiting import Limiter
from .tokens import Tokens

if TYPE_CHECKING:
    from agentkit.service import Telemetry

__all__ = ["Door", "door_of", "found_door"]

_REFRESH_SECONDS = 1.0
_LOOK_SECONDS = 1.0


class Door:
    """What all requests to one application share.

    Args:
        service: What is served.
        settings: How.
        routes: Everything that is answered.
        telemetry: Who is told how long everything takes, besides the figures.

    Attributes:
        audit: Who records what requests changed, while the door is open and if that is wished for.
        draining: Set when the server is told to end: streams say so and end, and no request is taken.

    Raises:
        DefinitionError: The settings contradict each other.
        MissingExtra: What one of them needs is not installed.
    """

    def __init__(
        self, service: Service, settings: Settings, routes: Sequence[Route] = (), telemetry: Telemetry | None = None
    ) -> None:
        self.service: Service = service
        self.routes: Sequence[Route] = routes
        self.settings: Settings = settings
        self.tokens: Tokens | None = Tokens(settings) if settings.jwt_algorithms else None
        self.sessions: BrowserSessions = BrowserSessions(settings)
        self.limiter: Limiter = Limiter(settings.rate, settings.rate_seconds)
        self.figures: Figures = Figures(service)
        self.telemetry: Telemetry | None = telemetry
        watchers: list[Watcher] = [self.figures.workings]
        self._monitor = Monitor(watchers if telemetry is None else [*watchers, telemetry])
        self._is_measured = False
        self.orchestrator.observe(self._monitor)
        # Whoever listens was let in before.
        events = service.desk(LOCAL).events
        self.feeds: Feeds = Feeds(lambda name, after: events(name, after=after), written)
        self.socket_feeds: Feeds = Feeds(lambda name, after: events(name, after=after), told)
        self.draining: anyio.Event = anyio.Event()
        self._told_at: float | None = None
        service.pepper = settings.pepper.get_secret_value() or service.pepper
        service.settings = settings
        take_up_chores(service, settings)
        self.audit: ApiAudit | None = None
        self._ended: EndedSessions | None = None
        self._talks = 0
        self._silence = anyio.Event()
        self._streams: dict[str, int] = {}
        self._looking = anyio.Lock()
        self._looked: tuple[float, bool] | None = None

    @property
    def orchestrator(self) -> Orchestrator:
        """Who runs operations."""
        return self.service.orchestrator

    @property
    def keys(self) -> ApiKeys:
        """The keys of the service's store.

        Raises:
            Closed: The orchestrator is not open.
        """
        return self.service.keys

    @property
    def ended_sessions(self) -> EndedSessions:
        """The sessions that were ended, by the service's store.

        Raises:
            Closed: The orchestrator is not open.
        """
        if self._ended is None:
            self._ended = EndedSessions(self.orchestrator.store, now=self.orchestrator.now)
        return self._ended

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None, None]:
        """Serve for a while, and do what the settings say besides."""
        # A new one, since an application may be started again, on another loop.
        self.draining, self._told_at = anyio.Event(), None
        async with AsyncExitStack() as ending:
            is_own = not self.orchestrator.is_open
            if is_own:
                # Whatever comes between; a second end changes nothing.
                ending.push_async_callback(self.orchestrator.close)
                await self.orchestrator.open()
            # Asked once, so that the time is counted from here.
            _ = self.service.uptime_seconds
            # The end of the work is measured, too.
            await ending.enter_async_context(self.measured())
            ending.push_async_callback(self._let_go, closes=is_own)
            await ending.enter_async_context(self._recorded())
            await ending.enter_async_context(self.service.chores.going())
            ending.callback(self.begin_draining)
            yield

    async def store_answers(self) -> bool:
        """Whether the store does; it is asked once in a second, however many want to know."""
        async with self._looking:
            now = anyio.current_time()
            if self._looked is None or now - self._looked[0] >= _LOOK_SECONDS:
                try:
                    await self.service.desk(LOCAL).operations(OperationQuery(limit=1))
                except StoreError:
                    self._looked = now, False
                else:
                    self._looked = now, True
            return self._looked[1]

    async def _let_go(self, *, closes: bool) -> None:
        """Forget what was read of the store, and close it if that is ours to do."""
        self._ended = self._looked = None
        self.service.forget()
        if closes:
            await self.orchestrator.close(drain_seconds=self.drain_left())

    @asynccontextmanager
    async def _recorded(self) -> AsyncGenerator[None, None]:
        """Have what requests and chores change recorded, if that is wished for."""
        if not self.settings.audit_log:
            yield
            return
        audit = ApiAudit(self.orchestrator.store, now=self.orchestrator.now)
        audit.open()
        self.audit = self.service.audit = audit
        try:
            yield
        finally:
            self.audit = self.service.audit = None
            await audit.close()

    @asynccontextmanager
    async def measured(self) -> AsyncGenerator[None, None]:
        """Have figures and spans say what happens, for as long as the orchestrator is open; once, where blocks nest."""
        if self._is_measured:
            yield
            return
        self._is_measured = True
        self._monitor.open(self.orchestrator.store)
        telling = asyncio.get_running_loop().create_task(self._keep_telling()) if self.figures.is_shared else None
        try:
            yield
        finally:
            self._is_measured = False
            if telling is not None:
                telling.cancel()
            await self._monitor.close()
            if self.telemetry is not None:
                await self.telemetry.close()

    async def _keep_telling(self) -> None:
        """Have other processes know how it is here, as long as it is open."""
        while self.orchestrator.is_open:
            self.figures.refresh()
            await asyncio.sleep(_REFRESH_SECONDS)

    def begin_draining(self) -> None:
        """Take no work any more, and tell streams that they end."""
        if self._told_at is None:
            self._told_at = anyio.current_time()
        self.draining.set()
        # Webhooks go on, since work may end until the last moment.
        self.service.chores.end("schedules")

    def drain_left(self) -> float:
        """How many seconds running work may still go on."""
        seconds = self.settings.drain_seconds
        return seconds if self._told_at is None else max(0.0, seconds - (anyio.current_time() - self._told_at))

    def check_streams(self, identity: str) -> None:
        """Make sure that a caller may open one stream more.

        Raises:
            TooManyRequests: They have too many.
        """
        most = self.settings.streams_per_caller
        if self._streams.get(identity, 0) >= most:
            raise TooManyRequests(f"{most} streams or sockets of yours are open: close one first", retry_after=5)

    @contextmanager
    def streaming(self, identity: str) -> Generator[None, None, None]:
        """Count an open stream of a caller.

        Raises:
            TooManyRequests: They have too many: others were opened since that was looked at.
        """
        self.check_streams(identity)
        self._streams[identity] = self._streams.get(identity, 0) + 1
        try:
            yield
        finally:
            left = self._streams[identity] - 1
            if left:
                self._streams[identity] = left
            else:
                del self._streams[identity]

    @contextmanager
    def talking(self) -> Generator[None, None, None]:
        """Count an open socket."""
        self._talks += 1
        try:
            yield
        finally:
            self._talks -= 1
            if not self._talks:
                self._silence.set()

    async def silence(self, seconds: float) -> None:
        """Wait until no socket is open, but not longer than this."""
        if self._talks:
            self._silence = anyio.Event()
            with anyio.move_on_after(seconds):
                await self._silence.wait()


def found_door(app: FastAPI) -> Door:
    """The door of an application that `create_app` made."""
    door: object = app.state.door
    assert isinstance(door, Door)
    return door


def door_of(request: Request) -> Door:
    """The door that a request came to."""
    app: object = request.app
    assert isinstance(app, FastAPI)
    return found_door(app)

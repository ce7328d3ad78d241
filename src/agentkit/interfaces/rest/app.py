"""The application: routes, what is around them, and its life.

Rules: whoever adds routes writes a module with a `router` and adds it to `ROUTERS`; what all requests share lies in the
`Door`. The application may stand alone or be mounted in another one, whose lifespan then enters `opened`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agentkit.orchestrator import Orchestrator
from agentkit.service import Service, Settings

from . import (
    counting,
    files,
    keys,
    learning,
    offers,
    older,
    operations,
    people,
    schedules,
    sessions,
    sockets,
    watching,
    webhooks,
)
from .door import Door, found_door
from .entering import Entered
from .problems import install_problems
from .schema import install_schema
from .shell import Shell

if TYPE_CHECKING:
    from agentkit.service import Telemetry

__all__ = ["ROUTERS", "create_app", "opened"]

ROUTERS: Final[tuple[APIRouter, ...]] = (
    operations.router,
    people.router,
    files.router,
    offers.router,
    learning.router,
    schedules.router,
    webhooks.router,
    keys.router,
    older.router,
    watching.router,
    counting.router,
    sessions.router,
    sockets.router,
)
"""Everything that is answered, in the order in which it is looked for."""

_EXPOSED = (
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)
_TAKEN = ("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "X-API-Key")


def create_app(
    served: Service | Orchestrator, *, settings: Settings | None = None, telemetry: Telemetry | None = None
) -> FastAPI:
    """An application that serves a service over HTTP.

    It opens the orchestrator when it starts and closes it when it ends, unless somebody has opened it before. As long
    as it is open, ends are announced, schedules started and backups taken, as its settings say. An application that
    is mounted in another one is not started by it: enter `opened` in the lifespan of that one.

    Args:
        served: What is served; of an orchestrator, its agents.
        settings: How; without, everything that can be closed is.
        telemetry: Who is told of requests, operations and attempts as spans; without, one is made if the settings say
            so.

    Raises:
        DefinitionError: The settings contradict each other.
        MissingExtra: What one of them needs is not installed.

    Example:
        >>> app = create_app(Orchestrator())
        >>> sorted(app.openapi()["paths"])[:2]
        ['/api/reports/generate', '/api/system/status']
    """
    service = served if isinstance(served, Service) else Service(served)
    chosen = settings or Settings()
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, Route)]
    if telemetry is None and chosen.otel:
        from agentkit.service import Telemetry

        telemetry = Telemetry.over_http()
    door = Door(service, chosen, routes, telemetry)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None, None]:
        async with door.opened():
            yield

    app = FastAPI(
        title="agentkit",
        version=service.version,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # What it would tell by itself has what stands behind `?`, and messages of errors: `telemetry` tells less.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.door = door
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    install_problems(app)
    install_schema(app)
    _add_document(app, is_public=chosen.public_schema)
    app.add_middleware(Shell, door=door)
    if chosen.cors_origins:
        # Never with credentials: what a browser sends by itself opens nothing here.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(chosen.cors_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=_TAKEN,
            expose_headers=_EXPOSED,
            allow_credentials=False,
        )
    return app


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncGenerator[None, None]:
    """Keep an application open that is mounted in another one; for the lifespan of that one.

    Args:
        app: What `create_app` gave.

    Raises:
        StoreError: The store cannot be opened.

    Example:
        >>> app = create_app(Orchestrator())
        >>> @asynccontextmanager
        ... async def lifespan(_shop: FastAPI) -> AsyncGenerator[None, None]:
        ...     async with opened(app):
        ...         yield
        >>> shop = FastAPI(lifespan=lifespan)
        >>> shop.mount("/flows", app)
    """
    async with found_door(app).opened():
        yield


def _add_document(app: FastAPI, *, is_public: bool) -> None:
    def document(request: Request) -> Response:
        found = app.openapi()
        root = request.scope.get("root_path", "")
        return JSONResponse({**found, "servers": [{"url": root}]} if root else found)

    if is_public:
        app.add_api_route("/openapi.json", document, include_in_schema=False)
        return

    async def guarded(request: Request, _desk: Entered) -> Response:
        return document(request)

    # Nested functions of a module with postponed annotations: FastAPI finds the names among the module's own.
    app.add_api_route("/openapi.json", guarded, include_in_schema=False)

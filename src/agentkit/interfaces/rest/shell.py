"""What is around every request and socket: its id, the host it is for, its time, and the last net under it.

Rules: plain ASGI, so that nothing is buffered and a client that goes is noticed. What falls through is logged with its
traceback and answered without one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

from sse_starlette.sse import SendTimeoutError
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from agentkit.service import ApiAction
from agentkit.views import read_traceparent

from .connections import cut
from .door import Door
from .origins import host_name
from .passage import LOG, Passage, request_id
from .problems import internal_problem, problem_response, refusal

if TYPE_CHECKING:
    from agentkit.service import RequestSpan

__all__ = ["Shell"]

_REQUESTS = logging.getLogger("agentkit.rest.requests")
_SAFE = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
_LOOKS = ("GET", "HEAD", "OPTIONS")
_REFUSED = (401, 403)
_ALIVE = ("/livez", "/readyz")
_SAID = ("websocket.send", "websocket.close")
_Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
_BEGINNINGS = ("http.response.start", "websocket.http.response.start", "websocket.accept")


class Shell:
    """Middleware around one application.

    Args:
        app: What is inside.
        door: What all requests share.
    """

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        # The first of a name counts.
        given: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        passage = Passage(request_id=request_id(given.get(b"x-request-id", b"").decode("latin-1")))
        passage.enter(scope)
        span = self._begin(scope, given, passage)
        clock = asyncio.get_running_loop().time
        began, status, seconds = clock(), 0, 0.0
        said: _Headers = ()

        async def answer(message: Message) -> None:
            nonlocal status, seconds, said
            if message["type"] == "websocket.close" and not status:
                # The router knows no route: the same as for a request.
                await refusal(scope, 404, "there is nothing here")(scope, receive, answer)
                return
            if message["type"] in _BEGINNINGS:
                own = [(name.lower().encode(), text.encode("latin-1")) for name, text in passage.headers.items()]
                said = [*message.get("headers", ()), (b"x-request-id", passage.request_id.encode()), *_SAFE, *own]
                message["headers"] = said
                # To the beginning of the answer: a stream may last for hours.
                status, seconds = message.get("status", 101), clock() - began
            try:
                await send(message)
            except OSError as error:
                if message["type"] in _SAID:
                    raise
                # Whoever knocked has gone before the door was opened.
                raise ClientDisconnect from error

        host = given.get(b"host", b"").decode("latin-1")
        inside = self._refusal(scope, host) or self._app
        try:
            await inside(scope, receive, answer)
        except (ClientDisconnect, WebSocketDisconnect):
            LOG.info("its sender went", extra={"fields": passage.fields})
        except SendTimeoutError:
            LOG.info("its sender reads nothing", extra={"fields": passage.fields})
            cut(scope)
            # Until the server has noticed: only then a stream without its end is no mistake of ours.
            await asyncio.sleep(0)
        except Exception as error:
            passage.log_error(error)
            if status:
                raise
            await internal_problem(scope)(scope, receive, answer)
        finally:
            self._count(scope, passage, status, seconds)
            self._record(scope, passage, status, said)
            if span is not None:
                span.end(route=_route(scope), status=status)

    def _begin(self, scope: Scope, given: Mapping[bytes, bytes], passage: Passage) -> RequestSpan | None:
        """Say where in a trace the request is, and begin its span."""
        above = passage.trace = read_traceparent(given.get(b"traceparent", b"").decode("latin-1"))
        if self._door.telemetry is None or scope["path"].endswith(_ALIVE):
            return None
        span = self._door.telemetry.begin(
            # A WebSocket begins as a GET.
            method=scope.get("method", "GET"),
            scheme=scope.get("scheme", "http"),
            path=scope["path"],
            above=above,
        )
        passage.trace = span.place
        return span

    def _refusal(self, scope: Scope, host: str) -> Response | None:
        if not _is_trusted(host, self._door.settings.trusted_hosts):
            return refusal(scope, 421, "this server does not answer under that name: see the setting trusted_hosts")
        if self._door.draining.is_set() and not scope["path"].endswith(_ALIVE):
            detail = "this server is about to end: ask again, another one may answer"
            return problem_response(scope, "closed", 503, detail, retryable=True, headers={"Retry-After": "1"})
        return None

    def _count(self, scope: Scope, passage: Passage, status: int, seconds: float) -> None:
        path = _route(scope)
        # A method is whatever was sent; only those of a route are counted by name.
        method = scope.get("method", "SOCKET") if path else "other"
        self._door.figures.count(method=method, route=path or "other", status=status, seconds=seconds)
        if _REQUESTS.isEnabledFor(logging.INFO):
            told = {"method": method, "route": path, "status": status, "ms": round(1000 * seconds, 3)}
            fields = {**passage.fields, **told, "caller": passage.caller}
            extra = {"fields": fields, "said": ("method", "route", "status")}
            _REQUESTS.info("%s %s %d", method, path or "(no route)", status, extra=extra)

    def _record(self, scope: Scope, passage: Passage, status: int, said: _Headers) -> None:
        """Record what changed something, may have changed something, or was refused for lack of rights."""
        audit, route = self._door.audit, scope.get("route")
        action = getattr(route, "operation_id", None) or getattr(route, "name", None)
        is_refused = status in _REFUSED
        if audit is None or action is None or not (is_refused or scope.get("method", "GET") not in _LOOKS):
            return
        if 400 <= status < 500 and not is_refused:
            return
        given: Mapping[str, object] = scope.get("path_params") or {}
        client: Sequence[object] = scope.get("client") or ("",)
        place = next((text.decode("latin-1") for name, text in said if name == b"location"), "")
        audit.record(
            ApiAction(
                at=self._door.orchestrator.now(),
                actor=passage.caller,
                tenant=passage.tenant,
                action=action,
                target={name: str(value) for name, value in given.items()},
                status=status,
                result=unquote(place.rpartition("/")[2]),
                request=passage.request_id,
                address=str(client[0]),
            )
        )


def _route(scope: Scope) -> str:
    """The path of the route that a request was for, with names in place of ids; empty if there is none."""
    route: object = scope.get("route")
    return str(getattr(route, "path", "")) if isinstance(route, BaseRoute) else ""


def _is_trusted(host: str, trusted: Sequence[str]) -> bool:
    name = host_name(host)
    names = [one.lower() for one in trusted]
    return any(one in ("*", name) or (one.startswith("*.") and name.endswith(one[1:])) for one in names)

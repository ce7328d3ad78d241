"""The routes of sessions: a browser shows a key once, and then a cookie that no page can read.

Rules: only a key begins a session, so none outlives its own end by itself; the cookie goes to this server only, from
its own pages only, below the path where this application is mounted, and over https only if it came that way.
"""

from __future__ import annotations

from math import ceil

from fastapi import APIRouter, Request
from starlette.responses import Response

from agentkit.errors import NotAllowed
from agentkit.service import Desk, is_api_key
from agentkit.wire import SessionPage, moment

from .answers import answer, place
from .browsing import COOKIES, Session
from .door import Door, door_of
from .entering import Entered
from .origins import check_origin
from .passage import Proof, passage_of
from .schema import shows

__all__ = ["router"]

router: APIRouter = APIRouter(prefix="/v1/session", tags=["sessions"])
_COOKIE = {"Set-Cookie": "The session, for the browser."}


@router.get("", operation_id="show_session", responses=shows(SessionPage, "Who asks."))
async def show(request: Request, desk: Entered) -> Response:
    """Who asks, and the token for what changes something."""
    door, proof = door_of(request), _proof(request)
    session = door.sessions.read(proof.cookie, now=door.orchestrator.now()) if proof.is_by_cookie else None
    return answer(request, _page(door, desk, session), "session")


@router.post(
    "",
    operation_id="begin_session",
    status_code=201,
    responses=shows(SessionPage, "It has begun.", status=201, headers=_COOKIE),
)
async def begin(request: Request, desk: Entered) -> Response:
    """Begin a session with a key, which is sent in a header as always.

    Raises:
        NotAllowed: It was no key, or another site's page asks.
    """
    door, proof = door_of(request), _proof(request)
    _check_key(door, proof)
    check_origin(request.headers, door.settings, by_itself=True)
    session, cookie = door.sessions.begin(proof.credential, now=door.orchestrator.now())
    response = answer(request, _page(door, desk, session), "session", status=201)
    is_secure = request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
    path = _path(request)
    response.set_cookie(
        COOKIES[2] if not is_secure else COOKIES[0] if path == "/" else COOKIES[1],
        cookie,
        max_age=ceil(door.settings.session_seconds),
        path=path,
        secure=is_secure,
        httponly=True,
        samesite="strict",
    )
    return response


@router.delete("", operation_id="end_session", status_code=204, responses={204: {"description": "It has ended."}})
async def end(request: Request, _desk: Entered) -> Response:
    """End the session of the cookie, in every process of this server."""
    door, proof = door_of(request), _proof(request)
    if proof.is_by_cookie:
        session = door.sessions.read(proof.cookie, now=door.orchestrator.now())
        await door.ended_sessions.add(session.id, until=session.until)
    response = Response(status_code=204)
    for name in COOKIES:
        path = "/" if name == COOKIES[0] else _path(request)
        response.delete_cookie(name, path=path, secure=name.startswith("__"), httponly=True, samesite="strict")
    return response


def _path(request: Request) -> str:
    """Below which path the cookie is sent: so two applications of one host have sessions of their own."""
    return place(request, "") or "/"


def _check_key(door: Door, proof: Proof) -> None:
    if door.settings.authentication == "none" or not is_api_key(proof.credential):
        raise NotAllowed("a session begins with an API key: send `Authorization: Bearer KEY`")


def _proof(request: Request) -> Proof:
    proof = passage_of(request.scope).proof
    assert proof is not None
    return proof


def _page(door: Door, desk: Desk, session: Session | None) -> SessionPage:
    caller = desk.caller
    return SessionPage(
        caller=caller.name,
        tenant=caller.tenant,
        scopes=sorted(caller.scopes),
        roles=sorted(caller.roles),
        expires_at=None if session is None else moment(session.until),
        csrf_token=None if session is None else door.sessions.token(session),
    )

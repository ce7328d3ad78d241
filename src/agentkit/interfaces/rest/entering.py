"""Who asks: a key or a token, as `Authorization: Bearer` or `X-API-Key`, or the session of a browser.

Rules: whoever is not known gets nothing, and is counted by address; whoever is known is counted by who they are, in
every answer. Without authentication only this machine is answered. Where the browser proves by itself who asks, what
changes something has to come from a page that may ask.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Final, TypeAlias

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.openapi.models import SecurityBase as SecurityBaseModel
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from agentkit.errors import AgentKitError, NotAllowed, TooManyRequests, Unauthenticated
from agentkit.service import LOCAL, Caller, Desk, is_api_key, is_loopback

from .browsing import COOKIES
from .door import Door, door_of
from .limiting import Standing
from .origins import check_origin
from .passage import Passage, Proof, passage_of

__all__ = ["Entered", "Overseer", "admit", "admit_again", "caller_of", "enter", "proof_of", "until_unknown"]

_HARMLESS = ("GET", "HEAD", "OPTIONS")


class _Entrance(SecurityBase):
    """Lets in whoever gives a key or a token, or comes with a session.

    It is one dependency, and none of FastAPI's three on top of it: two took a sixth of the time of a short request. The
    document says the other ways, a header and a cookie, in `schema`.
    """

    scheme_name: str = "bearer"
    model: SecurityBaseModel = HTTPBearer(bearerFormat="agk_<id>_<secret>, or a JWT", description="A key or a token.")

    async def __call__(self, request: Request) -> Desk:
        """The desk that serves whoever asks.

        Raises:
            Unauthenticated: Nobody knows who asks.
            NotAllowed: It is a page of a browser that asks, and it may not.
            TooManyRequests: They ask too often.
            Closed: The service is not open.
        """
        door, proof = door_of(request), proof_of(request)
        desk = await admit(door, passage_of(request.scope), proof)
        if request.method not in _HARMLESS:
            _check_page(request, door, proof)
        return desk


enter: Final = _Entrance()
"""Lets in whoever gives a key or a token, or comes with a session."""


def proof_of(asks: HTTPConnection) -> Proof:
    """What somebody shows in headers and cookies."""
    kind, _, bearer = asks.headers.get("authorization", "").partition(" ")
    credential = asks.headers.get("x-api-key") or (bearer.strip() if kind.lower() == "bearer" else "")
    cookie = next((found for name in COOKIES if (found := asks.cookies.get(name))), "")
    return Proof(address=asks.client.host if asks.client else "", credential=credential, cookie=cookie)


async def admit(door: Door, passage: Passage, proof: Proof) -> Desk:
    """The desk that serves whoever shows this; it is counted as one request.

    Raises:
        Unauthenticated: It opens nothing.
        TooManyRequests: They ask too often.
        Closed: The service is not open.
    """
    try:
        caller = await caller_of(door, proof)
    except Unauthenticated:
        _check(await door.limiter.hit(f"address {proof.address}"), passage)
        raise
    passage.caller, passage.tenant = caller.name, caller.tenant
    passage.identity = f"caller {caller.tenant!r} {caller.name!r}"
    passage.proof = proof
    _check(await door.limiter.hit(passage.identity), passage)
    return door.service.desk(caller, trace="" if passage.trace is None else passage.trace.text)


async def admit_again(door: Door, passage: Passage) -> None:
    """Make sure that what somebody has shown still opens something; it is not counted.

    Raises:
        AgentKitError: It does not, or nobody can say: whoever comes back is let in again then.
    """
    assert passage.proof is not None
    await caller_of(door, passage.proof)


async def until_unknown(door: Door, passage: Passage) -> AgentKitError:
    """Wait until what somebody has shown opens nothing any more; why."""
    while True:
        await asyncio.sleep(door.settings.recheck_seconds)
        try:
            await admit_again(door, passage)
        except AgentKitError as error:
            return error


def _check(standing: Standing, passage: Passage) -> None:
    passage.headers.update(standing.headers)
    if not standing.allowed:
        raise TooManyRequests("you ask more often than is allowed: wait a little", retry_after=standing.seconds)


def _check_page(request: Request, door: Door, proof: Proof) -> None:
    """Refuse pages that have no business here, where the browser proves by itself who asks.

    Raises:
        NotAllowed: It is such a page.
    """
    settings = door.settings
    if settings.authentication == "none":
        check_origin(request.headers, settings, by_itself=True)
    elif proof.is_by_cookie:
        check_origin(request.headers, settings, by_itself=True, required=True)
        session = door.sessions.read(proof.cookie, now=door.orchestrator.now())
        door.sessions.check_token(session, request.headers.get("x-csrf-token", ""))


async def caller_of(door: Door, proof: Proof) -> Caller:
    """Who shows this; it is not counted.

    Raises:
        Unauthenticated: It opens nothing.
        StoreError: The store failed.
    """
    if door.settings.authentication == "none":
        if not is_loopback(proof.address):
            raise Unauthenticated("this server answers its own machine only, since it asks nobody for a key")
        return LOCAL
    credential = proof.credential
    if not credential and proof.cookie:
        return await door.sessions.caller(
            proof.cookie, keys=door.keys, ended=door.ended_sessions, now=door.orchestrator.now
        )
    if not credential:
        raise Unauthenticated("say who you are: send `Authorization: Bearer KEY` or `X-API-Key: KEY`")
    if is_api_key(credential) or door.tokens is None:
        return await door.keys.caller(credential)
    return await door.tokens.caller(credential)


Entered: TypeAlias = Annotated[Desk, Depends(enter)]
"""The desk of whoever asks."""


async def _oversee(desk: Entered) -> Desk:
    desk.caller.check("read")
    if desk.caller.tenant is not None:
        raise NotAllowed(f"{desk.caller.name} may not see this: it is about all tenants together")
    return desk


Overseer: TypeAlias = Annotated[Desk, Depends(_oversee)]
"""The desk of somebody who sees everybody's things."""

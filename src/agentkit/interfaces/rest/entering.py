"""Who asks: a key or a token, as `Authorization: Bearer` or `X-API-Key`.

Rules: whoever is not known gets nothing, and is counted by address; whoever is known is counted by who they are, in
every answer. Without authentication only this machine is answered.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from agentkit.errors import NotAllowed, TooManyRequests, Unauthenticated
from agentkit.service import LOCAL, Caller, Desk, is_api_key, is_loopback

from .door import Door, door_of
from .limiting import Standing
from .passage import passage_of

__all__ = ["Entered", "Overseer", "enter"]

_bearer = HTTPBearer(
    auto_error=False, scheme_name="bearer", bearerFormat="agk_<id>_<secret>, or a JWT", description="A key or a token."
)
_header = APIKeyHeader(auto_error=False, scheme_name="apiKey", name="X-API-Key", description="A key.")


async def enter(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    header: Annotated[str | None, Security(_header)],
) -> Desk:
    """The desk that serves whoever asks.

    Raises:
        Unauthenticated: Nobody knows who asks.
        TooManyRequests: They ask too often.
        Closed: The service is not open.
    """
    door, passage = door_of(request), passage_of(request.scope)
    address = request.client.host if request.client else ""
    try:
        caller = await _caller(door, header or (bearer.credentials if bearer else ""), address)
    except Unauthenticated:
        _check(await door.limiter.hit(f"address {address}"), request)
        raise
    passage.caller, passage.tenant = caller.name, caller.tenant
    passage.identity = f"caller {caller.tenant!r} {caller.name!r}"
    _check(await door.limiter.hit(passage.identity), request)
    return door.service.desk(caller, trace="" if passage.trace is None else passage.trace.text)


def _check(standing: Standing, request: Request) -> None:
    passage_of(request.scope).headers.update(standing.headers)
    if not standing.allowed:
        raise TooManyRequests("you ask more often than is allowed: wait a little", retry_after=standing.seconds)


async def _caller(door: Door, credential: str, address: str) -> Caller:
    if door.settings.authentication == "none":
        if not is_loopback(address):
            raise Unauthenticated("this server answers its own machine only, since it asks nobody for a key")
        return LOCAL
    if not credential:
        raise Unauthenticated("say who you are: send `Authorization: Bearer KEY` or `X-API-Key: KEY`")
    if is_api_key(credential) or door.tokens is None:
        return await door.keys.caller(credential)
    return await door.tokens.caller(credential)


Entered: TypeAlias = Annotated[Desk, Depends(enter)]
"""The desk of whoever asks."""


def _oversee(desk: Entered) -> Desk:
    desk.caller.check("read")
    if desk.caller.tenant is not None:
        raise NotAllowed(f"{desk.caller.name} may not see this: it is about all tenants together")
    return desk


Overseer: TypeAlias = Annotated[Desk, Depends(_oversee)]
"""The desk of somebody who sees everybody's things."""

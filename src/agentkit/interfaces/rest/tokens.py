"""Bearer tokens of somebody else: JSON Web Tokens.

Rules: the algorithms are fixed by the settings, never by the token; issuer, audience, subject and times are required; a
token belongs to the tenant that it names. Published keys are fetched at most twice a minute, however many tokens name
one that is not there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any, Final, cast

import anyio.to_thread
import jwt
from jwt.algorithms import get_default_algorithms

from agentkit.errors import DefinitionError, StoreUnavailable, Unauthenticated
from agentkit.service import SCOPES, Caller, Settings

__all__ = ["Tokens"]

_REQUIRED: Final = ["exp", "iat", "sub", "aud", "iss"]
_REFRESH_SECONDS = 30.0
_KEPT_SECONDS = 300.0
_LEEWAY_SECONDS = 10
_MOST_LETTERS = 8_192
_ALGORITHMS = {*get_default_algorithms()} - {"none"}
_SYMMETRIC = ("HS256", "HS384", "HS512")


class Tokens:
    """Knows whose a token is.

    Args:
        settings: What a token has to be.

    Raises:
        DefinitionError: The settings contradict each other, or leave a door open.
    """

    def __init__(self, settings: Settings) -> None:
        key, algorithms = settings.jwt_key.get_secret_value(), settings.jwt_algorithms
        problems: list[str] = []
        if not settings.jwt_issuer or not settings.jwt_audience:
            problems.append("setting jwt_algorithms: tokens need jwt_issuer and jwt_audience too")
        if bool(key) == bool(settings.jwks_url):
            problems.append("setting jwt_algorithms: tokens need one of jwt_key and jwks_url")
        for algorithm in algorithms:
            if algorithm not in _ALGORITHMS:
                problems.append(f"setting jwt_algorithms: {algorithm!r} is none that is known")
            elif algorithm in _SYMMETRIC and settings.jwks_url:
                problems.append(f"setting jwt_algorithms: {algorithm} has no public keys; leave out jwks_url")
            elif algorithm in _SYMMETRIC and len(key.encode()) < 32:
                problems.append(f"setting jwt_key: {algorithm} needs at least 32 bytes of chance")
        if problems:
            raise DefinitionError(*problems)
        self._settings = settings
        self._key = key
        self._client = jwt.PyJWKClient(settings.jwks_url, timeout=5) if settings.jwks_url else None
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._door = asyncio.Lock()

    async def caller(self, token: str) -> Caller:
        """Who gives this token.

        Raises:
            Unauthenticated: It opens nothing here.
            StoreUnavailable: The keys of its issuer cannot be fetched.
        """
        settings = self._settings
        try:
            if len(token) > _MOST_LETTERS:
                raise Unauthenticated("this token is too long")
            key = self._key if self._client is None else (await self._published(token)).key
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(settings.jwt_algorithms),
                audience=settings.jwt_audience,
                issuer=settings.jwt_issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            # A key of another kind than the token's algorithm takes is a TypeError, say.
            raise Unauthenticated(f"this token opens nothing here: {type(error).__name__}") from error
        return self._caller(claims)

    def _caller(self, claims: Mapping[str, object]) -> Caller:
        settings = self._settings
        tenant: str | None = None
        if settings.jwt_tenant_claim:
            said = claims.get(settings.jwt_tenant_claim)
            if not isinstance(said, str) or not 1 <= len(said) <= 255:
                raise Unauthenticated(f"this token has no claim {settings.jwt_tenant_claim!r}: whose things to show?")
            tenant = said
        words = claims.get("scope", "")
        given = words.split() if isinstance(words, str) else _texts(words)
        try:
            return Caller(
                name=str(claims["sub"]),
                tenant=tenant,
                scopes=[scope for scope in SCOPES if scope in given],
                roles=_texts(claims.get(settings.jwt_roles_claim)),
            )
        except DefinitionError as error:
            raise Unauthenticated("this token names nobody") from error

    async def _published(self, token: str) -> jwt.PyJWK:
        """The key of the issuer that a token names.

        Raises:
            Unauthenticated: There is none.
            StoreUnavailable: They cannot be fetched.
        """
        kid = str(jwt.get_unverified_header(token).get("kid", ""))
        async with self._door:
            age = asyncio.get_running_loop().time() - self._fetched_at
            if age > _KEPT_SECONDS or (kid not in self._keys and age > _REFRESH_SECONDS):
                await self._fetch()
        if kid not in self._keys:
            raise Unauthenticated("this token names a key that its issuer does not publish")
        return self._keys[kid]

    async def _fetch(self) -> None:
        assert self._client is not None
        # Before, so that an issuer that is down is not asked by every request.
        self._fetched_at = asyncio.get_running_loop().time()
        try:
            found = await anyio.to_thread.run_sync(self._client.get_jwk_set, True)
        except (jwt.PyJWTError, OSError, ValueError, HTTPException) as error:
            # Nobody answers, breaks off, or what is answered is no JSON.
            if not self._keys:
                raise StoreUnavailable("the keys of the tokens' issuer cannot be fetched") from error
            return
        self._keys = {key.key_id: key for key in found.keys if key.key_id}


def _texts(value: object) -> Sequence[str]:
    if not isinstance(value, list):
        return []
    return [item for item in cast("list[object]", value) if isinstance(item, str)]

"""Sessions of browsers: a signed cookie in place of a key.

Rules: the cookie says which session it is, of which key and until when, and is signed; the key itself is not in it. It
opens nothing any more once its time is over, it was ended, or its key opens nothing. What changes something takes a
token besides, which pages of other servers cannot read.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Final, cast

from itsdangerous import BadData, Signer, URLSafeSerializer

from agentkit.errors import DefinitionError, NotAllowed, Unauthenticated
from agentkit.service import ApiKeys, Caller, EndedSessions, Settings, key_id_of

__all__ = ["COOKIES", "BrowserSessions", "Session"]

COOKIES: Final = ("__Host-agentkit_session", "__Secure-agentkit_session", "agentkit_session")
"""What the cookie is called: over https, where no other host can set it; so too, but below a prefix, which browsers
do not allow with the first name; and elsewhere."""

_LEAST_LETTERS = 32
_MOST_LETTERS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The session of a browser.

    Attributes:
        id: Its name.
        key_id: Whose key began it.
        until: When it ends, in seconds since 1970.
    """

    id: str
    key_id: str
    until: float


class BrowserSessions:
    """Begins, reads and ends sessions.

    Args:
        settings: The secret, and how long a session lasts.

    Raises:
        DefinitionError: The secret is too short to be one.
    """

    def __init__(self, settings: Settings) -> None:
        secret = settings.session_secret.get_secret_value()
        if secret and len(secret) < _LEAST_LETTERS:
            raise DefinitionError(f"setting session_secret: it needs at least {_LEAST_LETTERS} letters of chance")
        key = secret or os.urandom(32).hex()
        how = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._seconds = settings.session_seconds
        self._writer = URLSafeSerializer(key, salt="agentkit.session", signer_kwargs=how)
        self._tokens = Signer(key, salt="agentkit.csrf", key_derivation="hmac", digest_method=hashlib.sha256)

    def begin(self, key: str, *, now: float) -> tuple[Session, str]:
        """A new session for somebody who has shown this key, and its cookie.

        Raises:
            Unauthenticated: It is no key.
        """
        session = Session(id=os.urandom(16).hex(), key_id=key_id_of(key), until=now + self._seconds)
        return session, self._writer.dumps([session.id, session.key_id, session.until])

    def read(self, cookie: str, *, now: float) -> Session:
        """The session that a cookie tells of.

        Raises:
            Unauthenticated: It was not signed here, or its time is over.
        """
        try:
            found: object = self._writer.loads(cookie[: _MOST_LETTERS + 1])
        except BadData as error:
            raise _over() from error
        match found:
            case [str() as name, str() as key_id, float() | int() as until] if isfinite(until) and now < until:
                return Session(id=name, key_id=key_id, until=cast("float", until))
            case _:
                raise _over()

    async def caller(self, cookie: str, *, keys: ApiKeys, ended: EndedSessions, now: Callable[[], float]) -> Caller:
        """Whose session it is.

        Raises:
            Unauthenticated: It is none, its time is over, it was ended, or its key opens nothing any more.
            StoreError: The store failed.
        """
        session = self.read(cookie, now=now())
        if await ended.has(session.id):
            raise _over()
        return await keys.holder(session.key_id)

    def token(self, session: Session) -> str:
        """What a request of this session says besides, where it changes something."""
        return self._tokens.get_signature(session.id).decode("ascii")

    def check_token(self, session: Session, given: str) -> None:
        """Make sure that a page of this server asks.

        Raises:
            NotAllowed: The token is missing or wrong.
        """
        if not hmac.compare_digest(self.token(session).encode(), given.encode("utf-8", "replace")):
            raise NotAllowed(
                "with a cookie, what changes something takes the token of GET /v1/session as `X-CSRF-Token`"
            )


def _over() -> Unauthenticated:
    return Unauthenticated("this session is over: begin a new one with a key, by POST /v1/session")

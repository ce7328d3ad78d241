"""API keys: made, shown once, recognised, revoked.

Rules: a key is `agk_<id>_<secret><checksum>`: the id may be shown, the secret has 190 bits of chance and is kept
nowhere, the checksum tells a slip of the pen without asking the store. Kept is an HMAC-SHA256 of the secret under a
pepper that is no part of the store; a slow hash would add nothing to so much chance. All keys lie in a shared context
of the store, so every process sees a new or revoked key within `FRESH_SECONDS`. Whoever gives a wrong key learns
nothing, not even by the time it takes.
"""

from __future__ import annotations

import hmac
import os
import zlib
from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeAlias

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from agentkit.agents import ContextKey
from agentkit.errors import DefinitionError, JournalCorrupt, MergeConflict, NotFound, TooLate, Unauthenticated
from agentkit.orchestrator import ContextStore
from agentkit.stores import Store
from agentkit.wire import KeyLine, NewKey, moment

from .callers import Caller, Scope

__all__ = ["FRESH_SECONDS", "ApiKeys", "is_api_key", "key_id_of"]

FRESH_SECONDS: Final = 10.0
"""How old what a process knows of the keys may be: a revoked key opens nothing after that."""

_NEW_SECONDS = 0.2
_PREFIX = "agk"
_ID_LETTERS = 12
_SECRET_LETTERS = 32
_SUM_LETTERS = 6
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NOBODY = "0" * 64
"""What the hash of a wrong key is compared with where there is no key of its id."""


class _Record(TypedDict):
    """A key as it is kept."""

    hash: str
    name: str
    tenant: str | None
    scopes: list[Scope]
    roles: list[str]
    created_at: float
    expires_at: float | None
    revoked_at: float | None


_RECORDS: TypeAlias = dict[str, _Record]
_records: TypeAdapter[_RECORDS] = TypeAdapter(_RECORDS)
_KEYS = ContextKey("keys", dict[str, object], merge="deep_merge")


class ApiKeys:
    """The keys of a store.

    Args:
        store: Where they are kept.
        now: What time it is, in seconds since 1970.
        pepper: What secrets are hashed with besides; the same in every process, and kept elsewhere than the store.

    Example:
        >>> import asyncio
        >>> from agentkit.engines import SystemClock
        >>> from agentkit.stores import open_store
        >>> async def main() -> None:
        ...     keys = ApiKeys(open_store("memory://"), now=SystemClock().now)
        ...     made = await keys.create("ada", tenant="acme", scopes={"read"})
        ...     caller = await keys.caller(made.key)
        ...     print(caller.name, caller.tenant, caller.may("run"))
        >>> asyncio.run(main())
        ada acme False
    """

    def __init__(self, store: Store, *, now: Callable[[], float], pepper: str = "") -> None:
        self._context = ContextStore(store, keys=[_KEYS], name="agentkit.keys")
        self._now = now
        self._pepper = f"agentkit.keys:{pepper}".encode()
        self._known: _RECORDS = {}
        self._callers: dict[str, Caller] = {}
        self._read_at: float | None = None
        self._version: int | None = None

    async def create(
        self,
        name: str,
        *,
        tenant: str | None = None,
        scopes: Collection[Scope] = ("read", "run"),
        roles: Collection[str] = (),
        seconds: float | None = None,
        under: str | None = None,
    ) -> NewKey:
        """Make a key.

        Args:
            name: Who uses it: what stands in the journal as who asked or voted.
            tenant: Whose things it shows; None shows everybody's.
            scopes: What it may do.
            roles: The roles it has where a stage asks for approval.
            seconds: How long it opens anything; None is for ever.
            under: The name of this request: under the same name no second key is made.

        Raises:
            DefinitionError: The name, a scope or the time is not valid.
            TooLate: One was made under this name already, and shown then.
            StoreError: The store failed.
        """
        caller = Caller(name=name, tenant=tenant, scopes=scopes, roles=roles)
        records, version = await self._refresh()
        if under is None:
            return await self._create(caller, seconds)
        key_id = self._named_id(under)
        if key_id in records:
            raise TooLate(
                f"a key was made under this idempotency key already: its id is {key_id}, and it was shown then; if it"
                f" did not arrive, revoke it and make another one"
            )
        try:
            return await self._create(caller, seconds, key_id=key_id, expected_version=version)
        except MergeConflict:
            # Another key was made meanwhile, or this very one.
            return await self.create(name, tenant=tenant, scopes=scopes, roles=roles, seconds=seconds, under=under)

    def _named_id(self, under: str) -> str:
        digest = hmac.digest(self._pepper, f"under:{under}".encode(errors="surrogatepass"), "sha256")
        return _letters(int.from_bytes(digest), _ID_LETTERS)

    async def create_first(self) -> NewKey | None:
        """Make an admin's key if there is none that opens anything; None if there is one.

        Raises:
            StoreError: The store failed.
        """
        records, version = await self._refresh()
        if any("admin" in record["scopes"] and self._is_active(record) for record in records.values()):
            return None
        try:
            return await self._create(Caller(name="admin", scopes={"admin"}), None, expected_version=version)
        except MergeConflict:
            # Another process was first.
            return await self.create_first()

    async def listed(self, *, tenant: str | None = None) -> Sequence[KeyLine]:
        """All keys, or those of one tenant, newest first, the revoked and the expired too.

        Raises:
            StoreError: The store failed.
        """
        everything, _ = await self._refresh()
        records = {name: one for name, one in everything.items() if tenant in (None, one["tenant"])}
        found = sorted(records.items(), key=lambda item: (-item[1]["created_at"], item[0]))
        return [self._line(key_id, record) for key_id, record in found]

    async def revoke(self, key_id: str, *, tenant: str | None = None) -> KeyLine:
        """Have a key open nothing any more; every process knows within `FRESH_SECONDS`.

        Args:
            key_id: Which one.
            tenant: Whose it has to be; None takes any.

        Raises:
            NotFound: There is no key of that id, or it is another tenant's.
            StoreError: The store failed.
        """
        records, _ = await self._refresh()
        record = records.get(key_id)
        if record is None or tenant not in (None, record["tenant"]):
            raise NotFound(f"there is no key {key_id!r:.50}: `agentkit keys list` names them")
        if record["revoked_at"] is None:
            await self._context.update({_KEYS: {key_id: {"revoked_at": self._now()}}}, by="keys")
            records, _ = await self._refresh()
        return self._line(key_id, records[key_id])

    async def caller(self, key: str) -> Caller:
        """Who gives this key.

        Raises:
            Unauthenticated: It opens nothing: it is none of ours, wrong, expired or revoked. Which, nobody is told.
            StoreError: The store failed.
        """
        key_id, secret = _parts(key)
        record = await self._found(key_id)
        right = hmac.compare_digest(self._hash(key_id, secret), _NOBODY if record is None else record["hash"])
        return self._holder(key_id, record if right else None)

    async def holder(self, key_id: str) -> Caller:
        """Whose key this is, for those who have seen the whole key before.

        Raises:
            Unauthenticated: It opens nothing any more.
            StoreError: The store failed.
        """
        return self._holder(key_id, await self._found(key_id))

    async def _found(self, key_id: str) -> _Record | None:
        # One that is not known may be new; who guesses keys makes nobody read more often than this.
        fresh = FRESH_SECONDS if key_id in self._known else _NEW_SECONDS
        if self._read_at is None or self._now() - self._read_at >= fresh:
            await self._refresh()
        return self._known.get(key_id)

    def _holder(self, key_id: str, record: _Record | None) -> Caller:
        if record is None or not self._is_active(record):
            raise Unauthenticated("this key opens nothing: ask for a new one, made by `agentkit keys create`")
        caller = self._callers.get(key_id)
        if caller is None:
            caller = self._callers[key_id] = Caller(
                name=record["name"], tenant=record["tenant"], scopes=record["scopes"], roles=record["roles"]
            )
        return caller

    async def _create(
        self,
        caller: Caller,
        seconds: float | None,
        *,
        key_id: str | None = None,
        expected_version: int | None = None,
    ) -> NewKey:
        if seconds is not None and not 0 < seconds < float("inf"):
            raise DefinitionError(f"a key is valid for some seconds, or for ever, not for {seconds!r}")
        now = self._now()
        key_id, secret = key_id or _chance(_ID_LETTERS), _chance(_SECRET_LETTERS)
        record: _Record = {
            "hash": self._hash(key_id, secret),
            "name": caller.name,
            "tenant": caller.tenant,
            "scopes": sorted(caller.scopes),
            "roles": sorted(caller.roles),
            "created_at": now,
            "expires_at": None if seconds is None else now + seconds,
            "revoked_at": None,
        }
        await self._context.update({_KEYS: {key_id: dict(record)}}, by="keys", expected_version=expected_version)
        await self._refresh()
        whole = f"{_PREFIX}_{key_id}_{secret}{_checksum(key_id, secret)}"
        return NewKey(**self._line(key_id, record).model_dump(), key=whole)

    async def _refresh(self) -> tuple[_RECORDS, int]:
        """Read what is new; the keys, and the version of all of them."""
        await self._context.open()
        # The time before the reading: what is written meanwhile must not look as if it had been seen.
        at = self._now()
        view = await self._context.read()
        if view.version == self._version:
            self._read_at = at
            return self._known, view.version
        try:
            records = _records.validate_python(view.get(_KEYS, dict[str, object]()))
        except ValidationError as error:
            raise JournalCorrupt("the keys of this store are not as agentkit writes them") from error
        self._known, self._read_at, self._version = records, at, view.version
        self._callers.clear()
        return records, view.version

    def _hash(self, key_id: str, secret: str) -> str:
        return hmac.digest(self._pepper, f"{key_id}:{secret}".encode(), "sha256").hex()

    def _is_active(self, record: _Record) -> bool:
        expires = record["expires_at"]
        return record["revoked_at"] is None and (expires is None or self._now() < expires)

    def _line(self, key_id: str, record: _Record) -> KeyLine:
        expires, revoked = record["expires_at"], record["revoked_at"]
        return KeyLine(
            id=key_id,
            name=record["name"],
            tenant=record["tenant"],
            scopes=list(record["scopes"]),
            roles=record["roles"],
            created_at=moment(record["created_at"]),
            expires_at=None if expires is None else moment(expires),
            revoked_at=None if revoked is None else moment(revoked),
            active=self._is_active(record),
        )


def is_api_key(text: str) -> bool:
    """Whether a text looks like an API key and not like a token of somebody else."""
    return text.startswith(f"{_PREFIX}_")


def key_id_of(key: str) -> str:
    """The id of a key: the part that may be shown.

    Raises:
        Unauthenticated: It has not the form of a key.
    """
    return _parts(key)[0]


def _parts(key: str) -> tuple[str, str]:
    """The id and the secret of a key.

    Raises:
        Unauthenticated: It has not the form of a key, or a letter of it was lost or changed.
    """
    prefix, _, rest = key.partition("_")
    key_id, _, tail = rest.partition("_")
    secret, checksum = tail[:_SECRET_LETTERS], tail[_SECRET_LETTERS:]
    if prefix != _PREFIX or len(key) > 100 or not key.isascii() or checksum != _checksum(key_id, secret):
        raise Unauthenticated("this is no key of agentkit: it was shortened, or a letter of it is wrong")
    return key_id, secret


def _chance(letters: int) -> str:
    # Twice the bytes that are needed, so that the remainder favours no letter.
    return _letters(int.from_bytes(os.urandom(2 * letters)), letters)


def _checksum(key_id: str, secret: str) -> str:
    return _letters(zlib.crc32(f"{key_id}_{secret}".encode()), _SUM_LETTERS)


def _letters(number: int, letters: int) -> str:
    found: list[str] = []
    for _ in range(letters):
        number, digit = divmod(number, len(_DIGITS))
        found.append(_DIGITS[digit])
    return "".join(reversed(found))

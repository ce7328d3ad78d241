"""API keys: made, shown once, recognised, revoked.

Rules: a key is `agk_<id>_<secret><checksum>`: the id may be shown, the secret has 190 bits of chance and is kept
nowhere, the checksum tells a slip of the pen without asking the store. Kept is an HMAC-SHA256 of the secret under a
pepper that is no part of the store; a slow hash would add nothing to so much chance. Keys are records of the store,
each by itself, so every process sees a new or revoked key within `FRESH_SECONDS`; one that has opened nothing for long
is forgotten when another one is made. Whoever gives a wrong key learns nothing, not even by the time it takes.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from agentkit.errors import DefinitionError, JournalCorrupt, NotFound, TooLate, Unauthenticated
from agentkit.orchestrator import RecordBook, Records
from agentkit.stores import Store
from agentkit.wire import KeyLine, NewKey, moment

from .callers import Caller, Scope

__all__ = ["FRESH_SECONDS", "ApiKeys", "is_api_key", "key_id_of"]

FRESH_SECONDS: Final = 10.0
"""How old what a process knows of the keys may be: a revoked key opens nothing after that."""

_NEW_SECONDS = 0.2
_KEPT_SECONDS = 90 * 86_400.0
"""How long a key that opens nothing any more is still listed."""
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


_record: TypeAdapter[_Record] = TypeAdapter(_Record)


class _Known(NamedTuple):
    """A key, and who gives it."""

    record: _Record
    caller: Caller


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
        self._book = RecordBook(store, "agentkit.keys", _read, now=now, together="keys")
        self._now = now
        self._pepper = f"agentkit.keys:{pepper}".encode()
        self._known: Records[_Known] = {}
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

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
            DefinitionError: The name, a scope or the time is not valid, or a key of this name and tenant still opens
                something: by their names people are told apart, for one where nobody approves what they asked for.
            TooLate: One was made under this name already, and shown then.
            StoreError: The store failed.
        """
        caller = Caller(name=name, tenant=tenant, scopes=scopes, roles=roles)
        key_id = _chance(_ID_LETTERS) if under is None else self._named_id(under)
        new, record = self._made(key_id, caller, seconds)

        def decide(known: Records[_Known]) -> Mapping[str, object]:
            if under is not None and key_id in known:
                raise TooLate(
                    f"a key was made under this idempotency key already: its id is {key_id}, and it was shown then; if"
                    f" it did not arrive, revoke it and make another one"
                )
            if (there := self._living(known, name, tenant)) is not None:
                raise DefinitionError(
                    f"{name!r} has the key {there} already, and two keys of one name would be one person to everybody:"
                    " take another name, or revoke that key first"
                )
            return {**self._over(known), key_id: record}

        await self._change(decide)
        return new

    def _named_id(self, under: str) -> str:
        digest = hmac.digest(self._pepper, f"under:{under}".encode(errors="surrogatepass"), "sha256")
        return _letters(int.from_bytes(digest), _ID_LETTERS)

    async def create_first(self) -> NewKey | None:
        """Make an admin's key if there is none that opens anything; None if there is one.

        Raises:
            StoreError: The store failed.
        """
        key_id = _chance(_ID_LETTERS)
        await self._refresh()
        is_free = self._living(self._known, "admin", None) is None
        name = "admin" if is_free else f"admin-{key_id}"
        new, record = self._made(key_id, Caller(name=name, scopes={"admin"}), None)

        def decide(known: Records[_Known]) -> Mapping[str, object]:
            is_there = any("admin" in one.record["scopes"] and self._is_active(one.record) for one in known.values())
            return {} if is_there else {key_id: record}

        return new if key_id in await self._change(decide) else None

    async def listed(self, *, tenant: str | None = None) -> Sequence[KeyLine]:
        """All keys, or those of one tenant, newest first, also those that were revoked or have expired not long ago.

        Raises:
            StoreError: The store failed.
        """
        await self._refresh()
        records = {key_id: one.record for key_id, one in self._known.items() if tenant in (None, one.record["tenant"])}
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

        def decide(known: Records[_Known]) -> Mapping[str, object]:
            record = known[key_id].record if key_id in known else None
            if record is None or tenant not in (None, record["tenant"]):
                raise NotFound(f"there is no key {key_id!r:.50}: `agentkit keys list` names them")
            return {} if record["revoked_at"] is not None else {key_id: {**record, "revoked_at": self._now()}}

        return self._line(key_id, (await self._change(decide))[key_id].record)

    async def caller(self, key: str) -> Caller:
        """Who gives this key.

        Raises:
            Unauthenticated: It opens nothing: it is none of ours, wrong, expired or revoked. Which, nobody is told.
            StoreError: The store failed.
        """
        key_id, secret = _parts(key)
        known = await self._found(key_id)
        right = hmac.compare_digest(self._hash(key_id, secret), _NOBODY if known is None else known.record["hash"])
        return self._holder(known if right else None)

    async def holder(self, key_id: str) -> Caller:
        """Whose key this is, for those who have seen the whole key before.

        Raises:
            Unauthenticated: It opens nothing any more.
            StoreError: The store failed.
        """
        return self._holder(await self._found(key_id))

    async def stands_for(self, key_id: str, name: str, tenant: str | None) -> bool:
        """Whether a key, or another one of its tenant that has this name, still opens anything.

        Args:
            key_id: Which key; it may have been forgotten.
            name: Whose it is, or was.
            tenant: The tenant that it has, or had.

        Raises:
            StoreError: The store failed.
        """
        found = await self._found(key_id)
        if found is not None and self._is_active(found.record):
            return True
        # What is kept of the key goes over what somebody remembers of it.
        whose = tenant if found is None else found.record["tenant"]
        return self._living(self._known, name, whose) is not None

    def _living(self, known: Records[_Known], name: str, tenant: str | None) -> str | None:
        """The id of the key of this name and tenant that opens something; None if there is none."""
        for key_id, (record, _) in known.items():
            if (record["name"], record["tenant"]) == (name, tenant) and self._is_active(record):
                return key_id
        return None

    async def _found(self, key_id: str) -> _Known | None:
        asked = self._now()
        if not self._is_fresh(key_id, asked):
            async with self._reading:
                # Of all who ask at once the first one reads; the others take what it has read.
                if not self._is_fresh(key_id, asked):
                    await self._refresh()
        return self._known.get(key_id)

    def _is_fresh(self, key_id: str, at: float) -> bool:
        """Whether what is known is new enough for who asked for this key then."""
        # One that is not known may be new; who guesses keys makes nobody read more often than this.
        seconds = FRESH_SECONDS if key_id in self._known else _NEW_SECONDS
        return self._read_at is not None and at - self._read_at < seconds

    def _holder(self, known: _Known | None) -> Caller:
        if known is None or not self._is_active(known.record):
            raise Unauthenticated("this key opens nothing: ask for a new one, made by `agentkit keys create`")
        return known.caller

    def _made(self, key_id: str, caller: Caller, seconds: float | None) -> tuple[NewKey, _Record]:
        """A new key: as it is shown, and as it is kept."""
        if seconds is not None and not 0 < seconds < float("inf"):
            raise DefinitionError(f"a key is valid for some seconds, or for ever, not for {seconds!r}")
        now, secret = self._now(), _chance(_SECRET_LETTERS)
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
        whole = f"{_PREFIX}_{key_id}_{secret}{_checksum(key_id, secret)}"
        return NewKey(**self._line(key_id, record).model_dump(), key=whole), record

    def _over(self, known: Records[_Known]) -> Mapping[str, None]:
        """Those that have opened nothing for so long that they are to be forgotten."""
        limit = self._now() - _KEPT_SECONDS
        return {key_id: None for key_id, (record, _) in known.items() if _ended_at(record) <= limit}

    async def _change(self, decide: Callable[[Records[_Known]], Mapping[str, object]]) -> Records[_Known]:
        at = self._now()
        self._known = await self._book.change(decide, by="keys")
        self._read_at = at
        return self._known

    async def _refresh(self) -> None:
        """Read what is new."""
        # The time before the reading: what is written meanwhile must not look as if it had been seen.
        at = self._now()
        self._known = await self._book.look()
        self._read_at = at

    def _hash(self, key_id: str, secret: str) -> str:
        return hmac.digest(self._pepper, f"{key_id}:{secret}".encode(), "sha256").hex()

    def _is_active(self, record: _Record) -> bool:
        # Whatever the time: the clock of who revoked it may be ahead of this one.
        return record["revoked_at"] is None and self._now() < _ended_at(record)

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


def _read(key_id: str, kept: object) -> _Known:
    try:
        record = _record.validate_python(kept)
        caller = Caller(
            name=record["name"],
            tenant=record["tenant"],
            scopes=record["scopes"],
            roles=record["roles"],
            key_id=key_id,
            key_tenant=record["tenant"],
        )
    except (ValidationError, DefinitionError) as error:
        raise JournalCorrupt(f"key {key_id!r:.50} of this store is not as agentkit writes it") from error
    return _Known(record, caller)


def _ended_at(record: _Record) -> float:
    """From when on a key opens nothing."""
    ends = [at for at in (record["expires_at"], record["revoked_at"]) if at is not None]
    return min(ends, default=float("inf"))


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

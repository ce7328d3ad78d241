"""What several agents, operations or processes share: `ContextStore`.

Rules: a context belongs to one tenant; its keys are declared, with their types and how they are merged; a reading is of
one version, and an update is wholly written or not at all. Versions are counted from 1 without a gap. Everything is on
the journal: nothing else is kept, here or elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar, cast, overload

from agentkit.agents import ContextKey, ContextView
from agentkit.engines import Clock, SystemClock
from agentkit.errors import Closed, DefinitionError, InputError, Undeclared, UnstorableValue
from agentkit.kernel import ContextUpdated, SharedContext, SharedEntry
from agentkit.stores import Store, open_store
from agentkit.views import (
    ContextChange,
    ContextHistory,
    ContextVersion,
    check_context_version,
    context_changes,
    context_version,
    shared_history,
)

from .stream import ContextStream, stream_name
from .writer import ContextWriter, Update

__all__ = ["ContextStore"]

T = TypeVar("T")
Default = TypeVar("Default")
_AnyKey: TypeAlias = ContextKey[Any]
"""A key of whatever type: what a value must be is known to the key itself."""


class ContextStore:
    """A context that agents, operations and processes share, with all its versions.

    Args:
        store: Where it is kept: an address, such as `sqlite:///runs.db`, or a store. A store that is given is opened if
            need be, and left open: whoever made it closes it.
        keys: What can be kept: keys, or their names, which then hold any plain JSON data.
        name: What the context is called; whoever gives the same name, tenant and store shares it.
        tenant: Whose it is. Nobody else's context is ever seen, whatever it is called.
        keep_versions: How many versions stay readable, the newest included; without a word, all of them.
        clock: What time it is.

    Raises:
        DefinitionError: A key or setting is not valid.

    Example:
        >>> import asyncio
        >>> from decimal import Decimal
        >>> RATES = ContextKey("rates", dict[str, Decimal], merge="deep_merge")
        >>> async def main() -> None:
        ...     async with ContextStore("memory://", keys=[RATES], tenant="acme") as shared:
        ...         await shared.update({RATES: {"USD": Decimal("1.10")}}, by="pricing")
        ...         await shared.update({RATES: {"CHF": Decimal("0.95")}}, by="treasury")
        ...         print(await shared.get(RATES), [version.by for version in await shared.blame("rates")])
        >>> asyncio.run(main())
        {'USD': Decimal('1.10'), 'CHF': Decimal('0.95')} ['pricing', 'treasury']
    """

    def __init__(
        self,
        store: Store | str,
        *,
        keys: Iterable[_AnyKey | str],
        name: str = "shared",
        tenant: str | None = None,
        keep_versions: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._keys = _declared(keys)
        for what, text in (("name", name), ("tenant", tenant)):
            if text is not None and (not isinstance(cast("object", text), str) or not text):
                raise DefinitionError(f"the {what} of a context is a text that is not empty, not {text!r}")
        if keep_versions is not None:
            _check_count("keep_versions", keep_versions)
        self._name = f"context {name!r}" if tenant is None else f"context {name!r} of {tenant!r}"
        self._store = open_store(store) if isinstance(store, str) else store
        self._is_own = isinstance(store, str)
        self._keep = keep_versions
        self._is_open = False
        self._stream = ContextStream(self._store, stream_name(tenant, name))
        self._writer = ContextWriter(
            self._stream, self._keys, clock=clock or SystemClock(), name=self._name, keep_versions=keep_versions
        )

    def __repr__(self) -> str:
        return f"<{self._name}: {', '.join(self._keys)}>"

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Open it, and its store; a second call changes nothing.

        Raises:
            StoreError: The store cannot be opened, or is damaged.
        """
        if not self._is_open:
            await self._store.open()
            await self._stream.begin()
            self._is_open = True

    async def close(self) -> None:
        """Wait until all is written, and close the store if it was opened by its address."""
        self._is_open = False
        await self._writer.close()
        if self._is_own:
            await self._store.close()

    async def read(self, at: int | None = None) -> ContextView:
        """What it holds, at one version; without one, now. Nothing can be written through it.

        Raises:
            Expired: That version is not kept any more.
            NotFound: There is no such version yet.
            StoreError: The store failed.
        """
        context = await self._now()
        if at is not None and at != context.version:
            self._check_version(at, context)
            context = await self._stream.at(at)
        return self._view(f"{self._name}, read only", context, self._keys, {})

    @overload
    async def get(self, key: ContextKey[T]) -> T | None: ...
    @overload
    async def get(self, key: ContextKey[T], default: Default) -> T | Default: ...
    @overload
    async def get(self, key: str, default: object = None) -> object: ...
    async def get(self, key: _AnyKey | str, default: object = None) -> object:
        """The newest value of a key, of its declared type; the default if nobody has written it.

        Raises:
            Undeclared: There is no such key.
            InputError: The value is not of that type.
            StoreError: The store failed.
        """
        return (await self.read()).get(key, default)

    @overload
    async def update(
        self, values: Mapping[str | _AnyKey, object], *, by: str, expected_version: int | None = None
    ) -> int: ...
    @overload
    async def update(self, values: Mapping[str, object], *, by: str, expected_version: int | None = None) -> int: ...
    async def update(
        self,
        values: Mapping[str | _AnyKey, object] | Mapping[str, object],
        *,
        by: str,
        expected_version: int | None = None,
    ) -> int:
        """Write some keys, all at once, each merged with what is there in its own way.

        If the caller is cancelled meanwhile it may have happened. After `StoreUnavailable` too; whoever gave an
        `expected_version` may ask again, since nothing is written twice under it.

        Args:
            values: What to write, by key or by its name.
            by: Who writes it, for `blame`.
            expected_version: Only if nobody has written anything since this version.

        Returns:
            The version that it made.

        Raises:
            Undeclared: There is no such key.
            InputError: A value is not of its key's type, or there is none.
            UnstorableValue: A value would not come back equal.
            MergeConflict: A value cannot be merged with what is there, or somebody has written since the version that
                was expected, or that is seen of a key with the merge `conflict`.
            StoreError: The store failed.
        """
        self._check_open()
        return await self._writer.write(Update(self._texts(values), by=_author(by), expected=expected_version))

    @asynccontextmanager
    async def view(
        self, agent: str, *, reads: Iterable[str] = (), writes: Iterable[str] = ()
    ) -> AsyncGenerator[ContextView, None]:
        """What one agent may see and change: one version, and its writes on top, which are committed at the end.

        If the block raises, nothing is written.

        Args:
            agent: Whose view it is; its writes are by it.
            reads: The names of the keys that it may read.
            writes: The names of the keys that it may write.

        Raises:
            Undeclared: There is no such key; in the block, the key was not declared.
            MergeConflict: At the end: a value cannot be merged with what is there by now, or a key with the merge
                `conflict` has changed since.
            StoreError: The store failed.
        """
        readable, writable = ({name: self._key(name) for name in names} for names in (reads, writes))
        context = await self._now()
        view = self._view(f"{self._name}, view of {agent!r}", context, readable, writable)
        yield view
        if view.written:
            texts = {name: json.dumps(value, separators=(",", ":")) for name, value in view.written.items()}
            self._check_open()
            await self._writer.write(Update(texts, by=_author(agent), seen=view.version))

    async def versions(self, *, after: int = 0) -> Sequence[ContextVersion]:
        """The updates that are kept, oldest first.

        Args:
            after: Only those after this version.

        Raises:
            StoreError: The store failed.
        """
        history = await self._history(after)
        return [version for version in history.versions if version.number > after]

    async def diff(self, first: int, second: int) -> Mapping[str, ContextChange]:
        """What differs between two versions, by key, as plain JSON data.

        Raises:
            Expired: One of them is not kept any more.
            NotFound: One of them does not exist yet.
            StoreError: The store failed.
        """
        context = await self._now()
        values: list[dict[str, object]] = []
        for version in (first, second):
            self._check_version(version, context)
            past = await self._stream.at(version)
            values.append({name: entry.value for name, entry in past.entries.items()})
        return context_changes(*values)

    async def blame(self, key: ContextKey[T] | str) -> Sequence[ContextVersion]:
        """The updates that wrote to a key and are kept, oldest first; the last of them is why it is as it is.

        Raises:
            Undeclared: There is no such key.
            NotFound: None of those that are kept wrote to it.
            StoreError: The store failed.
        """
        name = self._key(key).name
        return (await self._history(0)).blame(name)

    async def watch(self, *, after: int | None = None) -> AsyncGenerator[ContextVersion, None]:
        """Every update, as it happens, in this process or in others, for ever.

        A reader pulls: one that is slow, stops or raises costs nobody anything, and misses nothing.

        Args:
            after: The last version that the reader knows; without a word, the newest one when the first update is
                asked for.

        Raises:
            Expired: That version is not kept any more.
            NotFound: There is no such version yet.
            Closed: The store was closed meanwhile.
            StoreError: The store failed.
        """
        context = await self._now()
        if after is not None and after != context.version:
            self._check_version(after, context)
            context = await self._stream.at(after)
        number, version = context.number, context.version
        async with aclosing(self._store.watch(self._stream.name, after=number)) as batches:
            async for batch in batches:
                for event in batch:
                    if isinstance(event, ContextUpdated):
                        version += 1
                        yield context_version(event, version)

    async def compact(self, *, keep: int) -> None:
        """Let go of old versions: from now on they cannot be read, by anybody.

        The journal is only ever appended to, so the rows stay where they are; what becomes shorter is the way to read.

        Args:
            keep: How many versions stay readable, the newest included.

        Raises:
            DefinitionError: That is no number of versions.
            StoreError: The store failed.
        """
        _check_count("keep", keep)
        context = await self._now()
        await self._writer.compact(max(0, context.version - keep + 1))

    async def _now(self) -> SharedContext:
        self._check_open()
        return await self._stream.catch_up()

    async def _history(self, after: int) -> ContextHistory:
        oldest = max(after, self._oldest(await self._now()))
        number, events = await self._stream.since(oldest)
        history = shared_history(events, after=number, name=self._name)
        history.versions = [version for version in history.versions if version.number >= oldest]
        return history

    def _view(
        self,
        where: str,
        context: SharedContext,
        reads: Mapping[str, ContextKey],
        writes: Mapping[str, ContextKey],
    ) -> ContextView:
        texts = _Texts({name: context.entries[name] for name in reads if name in context.entries})
        return ContextView(where, texts, version=context.version, reads=reads, writes=writes, written={})

    def _texts(self, values: Mapping[str | _AnyKey, object] | Mapping[str, object]) -> dict[str, str]:
        texts: dict[str, str] = {}
        for given, value in values.items():
            key = self._key(given)
            try:
                texts[key.name] = key.values.encode(value)
            except (InputError, UnstorableValue) as error:
                raise type(error)(f"{self._name}, key {key.name!r}: {error}") from error
        if not texts:
            raise InputError(f"{self._name}: an update writes at least one key")
        return texts

    def _key(self, given: ContextKey[T] | str) -> ContextKey:
        name = given if isinstance(given, str) else given.name
        key = self._keys.get(name)
        if key is None:
            raise Undeclared(f"{self._name} has no key {name!r}; it has {', '.join(map(repr, self._keys))}")
        return key

    def _oldest(self, context: SharedContext) -> int:
        return context.oldest if self._keep is None else max(context.oldest, context.version - self._keep + 1)

    def _check_version(self, version: int, context: SharedContext) -> None:
        check_context_version(self._name, version, oldest=self._oldest(context), newest=context.version)

    def _check_open(self) -> None:
        if not self._is_open:
            raise Closed(f"{self._name} is not open: use `async with`, or call `open` first")


class _Texts(Mapping[str, str]):
    """The values of some keys at one version, as JSON, written when they are asked for."""

    __slots__ = ("_entries",)

    def __init__(self, entries: dict[str, SharedEntry]) -> None:
        self._entries = entries

    def __getitem__(self, name: str) -> str:
        return json.dumps(self._entries[name].value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries


def _declared(keys: Iterable[_AnyKey | str]) -> dict[str, ContextKey]:
    declared: dict[str, ContextKey] = {}
    for key in keys:
        made = ContextKey(key) if isinstance(key, str) else key
        if made.name in declared:
            raise DefinitionError(f"key {made.name!r} is declared twice")
        declared[made.name] = made
    if not declared:
        raise DefinitionError("a context has at least one key")
    return declared


def _author(by: str) -> str:
    if not isinstance(cast("object", by), str) or not by:
        raise InputError(f"whoever writes gives a name, not {by!r}")
    return by


def _check_count(what: str, count: int) -> None:
    if isinstance(count, bool) or not isinstance(cast("object", count), int) or count < 1:
        raise DefinitionError(f"{what} is a number of versions, at least 1, not {count!r}")

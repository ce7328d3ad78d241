"""Changes of limits, and the levers of running processes, as a store keeps them: `ChangeBook`, `known_levers`.

Rules: a change is one event, with all its steps, before any lever moves; so after a crash it is there as a whole or not
at all. How a lever is to stand follows from the changes that stand, whoever made them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypedDict, cast

from agentkit.errors import UsageError
from agentkit.orchestrator.context.records import RecordBook, Records
from agentkit.stores import Store
from agentkit.views import Outlook

from .changes import Change, Step, change_of, data_of
from .levers import KnownLever, Lever

__all__ = ["AUTOMATIC", "ChangeBook", "known_levers"]

AUTOMATIC: Final = "automatic"
_CHANGES: Final = "agentkit.optimiser.changes"
_LEVERS: Final = "agentkit.optimiser.levers"
_KEPT: Final = 100


class _KeptLever(TypedDict):
    value: int
    least: int
    most: int


class ChangeBook:
    """The changes of one store.

    Args:
        store: Where they are kept.
        now: What time it is, in seconds since 1970.
    """

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self._now = now
        self._book = RecordBook(store, _CHANGES, lambda _, kept: change_of(kept), now=now)
        self._levers = RecordBook(store, _LEVERS, _lever_of, now=now)

    async def changes(self) -> Sequence[Change]:
        """All that are kept, oldest first."""
        return _ordered(await self._book.look())

    async def wanted(self) -> Mapping[str, int]:
        """How levers are to stand by the changes that stand; a lever that no change names is not there."""
        standing = [change for change in await self.changes() if change.undone_at is None]
        return {step.lever: step.after for change in standing for step in change.steps}

    async def add(self, steps: Sequence[Step], *, by: str, before: Outlook, expected: Outlook | None = None) -> Change:
        """Keep a change; what is automatic goes into the automatic change that is the newest, if it is."""
        made: list[Change] = []

        def decide(known: Records[Change]) -> Mapping[str, object]:
            changes = _ordered(known)
            newest = changes[-1] if changes else None
            change = Change(
                number=1 if newest is None else newest.number + 1,
                at=self._now(),
                by=by,
                steps=tuple(steps),
                before=before,
                expected=expected,
            )
            if by == AUTOMATIC and newest is not None and newest.by == AUTOMATIC and newest.undone_at is None:
                change = _merged(newest, steps)
            made[:] = [change]
            forgotten = [old for old in changes[:-_KEPT] if old.undone_at is not None]
            return {_key(change): data_of(change), **{_key(old): None for old in forgotten}}

        await self._book.change(decide, by=by)
        return made[0]

    async def undo(self, *, by: str) -> Change:
        """Mark the newest change that stands as undone.

        Raises:
            UsageError: None stands.
        """
        undone: list[Change] = []

        def decide(known: Records[Change]) -> Mapping[str, object]:
            standing = [change for change in _ordered(known) if change.undone_at is None]
            if not standing:
                raise UsageError("there is no change to undo: none was made, or all are undone")
            undone[:] = [replace(standing[-1], undone_at=self._now(), undone_by=by)]
            return {_key(undone[0]): data_of(undone[0])}

        await self._book.change(decide, by=by)
        return undone[0]

    async def tell(self, levers: Iterable[Lever]) -> None:
        """Keep how the levers of this process stand, for those who plan elsewhere; it is written if it has changed."""

        def decide(known: Records[KnownLever]) -> Mapping[str, object]:
            return {name: kept for name, kept in stands.items() if known.get(name) != _lever_of(name, kept)}

        stands = {one.name: {"value": one.value, "least": one.least, "most": one.most} for one in levers}
        await self._levers.change(decide, by=AUTOMATIC)

    async def levers(self) -> Sequence[KnownLever]:
        """The levers that processes have told of, as they stood."""
        return list((await self._levers.look()).values())


async def known_levers(store: Store, now: Callable[[], float]) -> Sequence[KnownLever]:
    """The levers that an optimiser of a running process has told of, to plan for it from elsewhere.

    Args:
        store: Where that process keeps its operations.
        now: What time it is, in seconds since 1970.

    Raises:
        StoreError: The store failed.
    """
    return await ChangeBook(store, now).levers()


def _ordered(known: Records[Change]) -> list[Change]:
    return sorted(known.values(), key=lambda change: change.number)


def _key(change: Change) -> str:
    return str(change.number)


def _lever_of(name: str, kept: object) -> KnownLever:
    data = cast("_KeptLever", kept)
    return KnownLever(name=name, value=data["value"], least=data["least"], most=data["most"])


def _merged(newest: Change, steps: Sequence[Step]) -> Change:
    merged = {step.lever: step for step in newest.steps}
    for step in steps:
        first = merged.get(step.lever, step)
        merged[step.lever] = replace(first, after=step.after)
    return replace(newest, steps=tuple(merged.values()))

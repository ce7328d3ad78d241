"""Changes of limits, and the levers of running processes, as a store keeps them: `ChangeBook`, `known_levers`.

Rules: a change is one event, with all its steps, before any lever moves; so after a crash it is there as a whole or not
at all. How a lever is to stand follows from the changes that stand, whoever made them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypedDict, cast

from agentkit.errors import UsageError
from agentkit.orchestrator.context.records import RecordBook, Records
from agentkit.stores import Store
from agentkit.views import Outlook

from .changes import Change, Step, change_of, data_of
from .levers import KnownLever, Lever

__all__ = ["AUTOMATIC", "ChangeBook", "Standing", "known_levers"]

AUTOMATIC: Final = "automatic"
_CHANGES: Final = "agentkit.optimiser.changes"
_LEVERS: Final = "agentkit.optimiser.levers"
_KEPT: Final = 100


class Standing(NamedTuple):
    """How a lever is to stand by the changes that stand, and how it stood before the first of them."""

    value: int
    before: int


class _KeptLever(TypedDict):
    name: str
    at: float
    value: int
    least: int
    most: int


class _Told(NamedTuple):
    at: float
    lever: KnownLever


class ChangeBook:
    """The changes of one store.

    Args:
        store: Where they are kept.
        now: What time it is, in seconds since 1970.
    """

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self._now = now
        self._book = RecordBook(store, _CHANGES, lambda _, kept: change_of(kept), now=now)
        self._levers = RecordBook(store, _LEVERS, _told_of, now=now)
        self._told: Mapping[str, str] = {}

    async def changes(self) -> Sequence[Change]:
        """All that are kept, oldest first."""
        return _ordered(await self._book.look())

    async def standing(self) -> Mapping[str, Standing]:
        """How levers are to stand by the changes that stand; a lever that no change names is not there."""
        return _standing(await self.changes())

    async def add(
        self,
        steps: Sequence[Step],
        *,
        by: str,
        seen: Mapping[str, Standing],
        before: Outlook,
        expected: Outlook | None = None,
    ) -> Change:
        """Keep a change; what is automatic goes into the automatic change that is the newest, if it is.

        Raises:
            UsageError: A lever does not stand as it was seen to any more: somebody else was first.
        """
        made: list[Change] = []

        def decide(known: Records[Change]) -> Mapping[str, object]:
            changes = _ordered(known)
            stands = _standing(changes)
            for step in steps:
                if stands.get(step.lever) != seen.get(step.lever):
                    raise UsageError(f"{step.lever} was moved by somebody else meanwhile: plan again")
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

    async def tell(self, levers: Sequence[tuple[Lever, int]]) -> None:
        """Keep how the levers of this process stand, for those who plan elsewhere; it is written if it has changed.

        Processes of other settings keep their own beside it, so that none writes over another's again and again.

        Args:
            levers: Each with how it stands where no change does.
        """
        keys = [(lever, f"{lever.name} {own} {lever.least} {lever.most}") for lever, own in levers]

        def decide(known: Records[_Told]) -> Mapping[str, object]:
            # What this process told last; at its beginning, what anybody did.
            last = self._told or {told.lever.name: key for key, told in _by_time(known)}
            told: dict[str, object] = {}
            for lever, key in keys:
                is_last = last.get(lever.name) == key
                if key not in known or known[key].lever.value != lever.value or not is_last:
                    told[key] = _KeptLever(
                        name=lever.name, at=self._now(), value=lever.value, least=lever.least, most=lever.most
                    )
            # Settings of long ago.
            forgotten = [key for key, _ in _by_time(known)[:-_KEPT] if key not in told] if told else []
            return told | dict.fromkeys(forgotten)

        await self._levers.change(decide, by=AUTOMATIC)
        self._told = {lever.name: key for lever, key in keys}

    async def levers(self) -> Sequence[KnownLever]:
        """The levers that processes have told of, each as it stood where somebody told of it last."""
        return list({told.lever.name: told.lever for _, told in _by_time(await self._levers.look())}.values())


async def known_levers(store: Store) -> Sequence[KnownLever]:
    """The levers that an optimiser of a running process has told of, to plan for it from elsewhere.

    Args:
        store: Where that process keeps its operations.

    Raises:
        StoreError: The store failed.
    """
    # Who only reads needs no time.
    return await ChangeBook(store, lambda: 0.0).levers()


def _ordered(known: Records[Change]) -> list[Change]:
    return sorted(known.values(), key=lambda change: change.number)


def _key(change: Change) -> str:
    return str(change.number)


def _standing(changes: Iterable[Change]) -> Mapping[str, Standing]:
    found: dict[str, Standing] = {}
    for step in (step for change in changes if change.undone_at is None for step in change.steps):
        first = found.get(step.lever)
        found[step.lever] = Standing(step.after, step.before if first is None else first.before)
    return found


def _told_of(_: str, kept: object) -> _Told:
    data = cast("_KeptLever", kept)
    lever = KnownLever(name=data["name"], value=data["value"], least=data["least"], most=data["most"])
    return _Told(data["at"], lever)


def _by_time(known: Records[_Told]) -> list[tuple[str, _Told]]:
    return sorted(known.items(), key=lambda item: item[1].at)


def _merged(newest: Change, steps: Sequence[Step]) -> Change:
    merged = {step.lever: step for step in newest.steps}
    for step in steps:
        first = merged.get(step.lever, step)
        merged[step.lever] = replace(first, after=step.after)
    return replace(newest, steps=tuple(merged.values()))

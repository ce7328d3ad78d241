"""Schedules: what is to be started when, kept in the store.

Rules: each schedule is a record of the store by itself, and how far it has come is another one beside it: a tick writes
a mark and nothing else. Every process sees them. A change is decided on the newest state, so that two who change
something do not undo each other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, NamedTuple

import anyio
from pydantic import TypeAdapter, ValidationError

from agentkit.errors import DefinitionError, InputError, JournalCorrupt, NotFound
from agentkit.orchestrator import RecordBook, Records
from agentkit.stores import Store

from .callers import Caller
from .schedule import Schedule, read_schedule, schedule_data
from .timing import zone_of

__all__ = ["Schedules"]

MOST_SCHEDULES: Final = 500
"""How many one tenant may have: all of them are read together."""
_MOST_INPUT: Final = 10_000
"""Letters of an input as JSON: a snapshot holds all of them."""
_MOST_PROBLEM: Final = 500


class _Mark(NamedTuple):
    """How far a schedule has come.

    Attributes:
        of: When the schedule was made: another one of its name begins anew.
        done_until: As in `Schedule`.
        problem: As in `Schedule`.
    """

    of: float
    done_until: float
    problem: str


class _Joint(NamedTuple):
    """A schedule as it stands, and what it was made of."""

    kept: Schedule
    mark: _Mark | None
    schedule: Schedule


_mark: TypeAdapter[_Mark] = TypeAdapter(_Mark)


class Schedules:
    """The schedules of a store; `Scheduler` starts what they say.

    Args:
        store: Where they are kept.
        now: What time it is, in seconds since 1970.

    Example:
        >>> import asyncio
        >>> from agentkit.service import LOCAL
        >>> from agentkit.stores import open_store
        >>> async def main() -> None:
        ...     schedules = Schedules(open_store("memory://"), now=lambda: 1_764_000_000.0)
        ...     await schedules.add(LOCAL, Schedule(name="nightly", workflow="royalties", every=86_400))
        ...     await schedules.pause(LOCAL, "nightly")
        ...     print([(one.name, one.is_paused) for one in await schedules.listed(LOCAL)])
        >>> asyncio.run(main())
        [('nightly', True)]
    """

    def __init__(self, store: Store, *, now: Callable[[], float]) -> None:
        self._book = RecordBook(store, "agentkit.schedules", read_schedule, now=now, together="schedules")
        self._marks = RecordBook(store, "agentkit.schedules.marks", _read_mark, now=now)
        self._joints: dict[str, _Joint] = {}
        self._now = now
        self._zones: set[str] = {"UTC"}
        self._changed = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Wait, but not beyond the moment at which somebody of this process changes something."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        # Afterwards, so that what is changed while nobody waits is not slept through.
        self._changed.clear()

    async def add(self, caller: Caller, schedule: Schedule) -> Schedule:
        """Keep a new schedule, for the caller's tenant and in the caller's name; it counts from now on.

        Raises:
            NotAllowed: The caller is no admin.
            InputError: There is one of this name, there are too many, or its input is too large.
            DefinitionError: There is no such time zone, or the times never come.
            MissingExtra: It is by cron, and cronsim is not installed.
            StoreError: The store failed.
        """
        caller.check("admin")
        now = self._now()
        if len(json.dumps(schedule.input)) > _MOST_INPUT:
            raise InputError(f"schedule {schedule.name!r}: its input has at most {_MOST_INPUT:,} letters as JSON")
        await anyio.to_thread.run_sync(zone_of, schedule.zone)
        schedule.next_after(now)
        new = replace(_given(schedule, caller), tenant=caller.tenant, created_at=now, done_until=now)

        def added(found: Records[Schedule]) -> Mapping[str, object]:
            if new.place in found:
                raise InputError(f"there is a schedule {new.name!r} already; remove it first")
            if sum(each.tenant == new.tenant for each in found.values()) >= MOST_SCHEDULES:
                raise InputError(f"there are {MOST_SCHEDULES} schedules already: remove one first")
            return {new.place: schedule_data(new)}

        await self._book.change(added, by="schedules")
        self._changed.set()
        await self._tidy()
        return new

    async def one(self, caller: Caller, name: str) -> Schedule:
        """One schedule of the caller's tenant, or of nobody's if they have none.

        Raises:
            NotAllowed: The caller may not look.
            NotFound: There is none of that name.
            StoreError: The store failed.
        """
        caller.check("read")
        found = {one.name: one for one in await self.listed(caller) if one.tenant == caller.tenant}
        if name not in found:
            raise _missing(name, found)
        return found[name]

    async def listed(self, caller: Caller) -> Sequence[Schedule]:
        """The schedules of the caller's tenant, or of all, by name.

        Raises:
            NotAllowed: The caller may not look.
            StoreError: The store failed.
        """
        caller.check("read")
        return [one for _, one in sorted((await self._all()).items()) if caller.tenant in (None, one.tenant)]

    async def pause(self, caller: Caller, name: str) -> Schedule:
        """Have it start nothing until it is resumed.

        Raises:
            NotAllowed: The caller is no admin.
            NotFound: There is none of that name.
            StoreError: The store failed.
        """
        caller.check("admin")
        return await self._alter(caller, name, lambda one: replace(one, is_paused=True))

    async def resume(self, caller: Caller, name: str) -> Schedule:
        """Have it go on; the times of its pause are left out. One that is orphaned is the caller's from now on.

        Raises:
            NotAllowed: The caller is no admin.
            NotFound: There is none of that name.
            StoreError: The store failed.
        """
        caller.check("admin")
        now = self._now()

        def resumed(one: Schedule) -> Schedule:
            if not one.is_paused:
                return one
            gone_on = replace(one, is_paused=False, done_until=now)
            if not one.is_orphaned:
                return gone_on
            return _given(gone_on, caller)

        return await self._alter(caller, name, resumed)

    async def orphan(self, schedule: Schedule, problem: str) -> bool:
        """Pause a schedule whose maker's key opens nothing any more; whether this has done it.

        Raises:
            StoreError: The store failed.
        """
        did, version = False, (schedule.key_id, schedule.created_at)

        def orphaned(found: Records[Schedule]) -> Mapping[str, object]:
            nonlocal did
            one = found.get(schedule.place)
            did = one is not None and not one.is_paused and (one.key_id, one.created_at) == version
            if one is None or not did:
                return {}
            paused = replace(one, is_paused=True, is_orphaned=True, problem=problem[:_MOST_PROBLEM])
            return {schedule.place: schedule_data(paused)}

        await self._book.change(orphaned, by="schedules")
        return did

    async def remove(self, caller: Caller, name: str) -> Schedule:
        """Forget it; what it has started goes on.

        Raises:
            NotAllowed: The caller is no admin.
            NotFound: There is none of that name.
            StoreError: The store failed.
        """
        caller.check("admin")
        removed = await self._alter(caller, name, lambda _: None)
        await self._tidy()
        return removed

    async def note(self, schedule: Schedule, *, done_until: float, problem: str = "") -> None:
        """Keep how far a schedule has come, unless it was removed or has come further.

        Raises:
            StoreError: The store failed.
        """
        there = (await self._book.look()).get(schedule.place)
        if there is None or there.created_at != schedule.created_at:
            return

        def noted(found: Records[_Mark]) -> Mapping[str, object]:
            before = found.get(schedule.place)
            done = schedule.done_until if before is None or before.of != schedule.created_at else before.done_until
            mark = _Mark(schedule.created_at, max(done, done_until), problem[:_MOST_PROBLEM])
            return {} if mark == before else {schedule.place: list(mark)}

        await self._marks.change(noted, by="schedules")

    async def _tidy(self) -> None:
        """Forget how far those have come that are there no more, also where somebody noted it after they went."""
        # First the marks: a schedule is there before its mark, so what has none afterwards was removed.
        marks = dict(await self._marks.look())
        there = await self._book.look()
        over = {place: mark for place, mark in marks.items() if place not in there}
        if over:
            await self._marks.change(
                lambda found: {place: None for place, mark in over.items() if found.get(place) == mark}, by="schedules"
            )

    async def _alter(self, caller: Caller, name: str, change: Callable[[Schedule], Schedule | None]) -> Schedule:
        place = name if caller.tenant is None else f"{name}@{caller.tenant}"
        altered: list[Schedule] = []

        def change_one(found: Records[Schedule]) -> Mapping[str, object]:
            one = found.get(place)
            if one is None:
                raise _missing(name, [each.name for each in found.values() if each.tenant == caller.tenant])
            new = change(one)
            if one.is_broken and new is not None:
                raise InputError(f"schedule {name!r} can only be removed: {one.problem}")
            altered[:] = [new or one]
            if new == one:
                return {}
            return {place: None if new is None else schedule_data(new)}

        await self._book.change(change_one, by="schedules")
        self._changed.set()
        return (await self._all()).get(place, altered[0])

    async def _all(self) -> Mapping[str, Schedule]:
        """All schedules, as they stand."""
        kept, marks = await self._book.look(), await self._marks.look()
        before = self._joints
        self._joints = {place: _joint(one, marks.get(place), before.get(place)) for place, one in kept.items()}
        found = {place: joint.schedule for place, joint in self._joints.items()}
        unknown = await self._unknown({one.zone for one in found.values()} - self._zones)
        broken = {place: one for place, one in found.items() if one.zone in unknown}
        return found | {place: replace(one, is_broken=True, problem=unknown[one.zone]) for place, one in broken.items()}

    async def _unknown(self, zones: Iterable[str]) -> Mapping[str, str]:
        """Those of these time zones that are not there, and what is said of each; the others are known from now on."""
        found: dict[str, str] = {}
        for zone in zones:
            try:
                await anyio.to_thread.run_sync(zone_of, zone)
            except DefinitionError as error:
                found[zone] = str(error)
            else:
                self._zones.add(zone)
        return found


def _given(schedule: Schedule, caller: Caller) -> Schedule:
    """A schedule that is the caller's from now on."""
    return replace(
        schedule,
        by=caller.name,
        key_id=caller.key_id,
        key_tenant=caller.key_tenant,
        is_orphaned=False,
        is_broken=False,
        problem="",
    )


def _joint(kept: Schedule, mark: _Mark | None, before: _Joint | None) -> _Joint:
    """A schedule and its mark as one; the same as before, if both are."""
    if before is not None and before.kept is kept and before.mark is mark:
        return before
    if mark is None or mark.of != kept.created_at:
        return _Joint(kept, mark, kept)
    done = max(kept.done_until, mark.done_until)
    problem = kept.problem if kept.is_orphaned else mark.problem
    return _Joint(kept, mark, replace(kept, done_until=done, problem=problem))


def _read_mark(place: str, kept: object) -> _Mark:
    try:
        return _mark.validate_python(kept)
    except ValidationError as error:
        raise JournalCorrupt(f"how far schedule {place!r:.100} has come is not as agentkit writes it") from error


def _missing(name: str, known: Iterable[str]) -> NotFound:
    # Of the tenant alone: the names of others are theirs.
    return NotFound(f"there is no schedule {name!r}; there are: {', '.join(sorted(known)) or 'none'}"[:500])

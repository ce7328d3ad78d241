"""One schedule: what is to be started when, and how it is kept.

Rules: what is wrong with a schedule is said when it is made. What is kept is read whatever this process lacks, cron or
a time zone, and times are worked out only where they are asked for; a record that cannot be read stands as one that
says so and starts nothing, so that it holds up none of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast, get_args

from pydantic import JsonValue, TypeAdapter, ValidationError

from agentkit.errors import DefinitionError, JournalCorrupt, MissingExtra
from agentkit.kernel import name_problems

from .timing import Timing

__all__ = ["Missed", "Schedule", "read_schedule", "schedule_data"]

Missed: TypeAlias = Literal["skip", "once", "all"]
"""What becomes of times at which nobody was there: nothing, one run for all of them, or a run for each."""

_MOST_MISSED: Final = 1_000
_SELDOM: Final = 366 * 86_400
_MOST_SAID: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is to be started when.

    Attributes:
        name: Its name, among those of its tenant.
        workflow: Which workflow; the service that runs it has to offer it.
        input: What it is given.
        cron: When, as five fields of cron.
        every: Or every so many seconds, from `created_at` on.
        zone: The time zone whose clock cron looks at.
        missed: What becomes of times at which nobody was there.
        most_missed: With `"all"`, how many of them at most; the newest are taken.
        tenant: Whose operations it starts.
        by: Who made it: what stands in the journal as who asks.
        created_at: When, in seconds since 1970.
        done_until: All times until then have been started, or are to be left out.
        is_paused: Whether it starts nothing for now.
        problem: Why it started nothing the last time.
        key_id: The id of the API key of who made it; empty if they came without one.
        key_tenant: The tenant of that key.
        is_orphaned: Whether it is paused since that key opens nothing any more; then it is of whoever resumes it.
        is_broken: Whether it cannot be read here, as `problem` says; it starts nothing.

    Raises:
        DefinitionError: The name, a number or the expression of cron is not valid.
    """

    name: str
    workflow: str
    input: JsonValue = None
    cron: str | None = None
    every: int | None = None
    zone: str = "UTC"
    missed: Missed = "once"
    most_missed: int = 100
    tenant: str | None = None
    by: str = "schedule"
    created_at: float = 0
    done_until: float = 0
    is_paused: bool = False
    problem: str = ""
    key_id: str = ""
    key_tenant: str | None = None
    is_orphaned: bool = False
    is_broken: bool = False

    def __post_init__(self) -> None:
        problems = [*name_problems("schedule", self.name), *name_problems("schedule: workflow", self.workflow)]
        if self.missed not in get_args(Missed):
            problems.append(f"schedule: missed is one of {', '.join(get_args(Missed))}, not {self.missed!r}")
        if not 1 <= self.most_missed <= _MOST_MISSED:
            problems.append(f"schedule: most_missed is from 1 to {_MOST_MISSED}, not {self.most_missed!r}")
        if problems:
            raise DefinitionError(*problems)
        # Whether there is such a zone is looked at where it is kept: that reads a file, and nobody can wait here.
        with suppress(MissingExtra):
            # Where there is no cron others may have it, and what is kept has to be read.
            Timing(cron=self.cron, every=self.every)

    def next_after(self, at: float) -> int:
        """The first time after this one at which it is due, in seconds since 1970.

        Raises:
            DefinitionError: It cannot be read here, or the time never comes.
            MissingExtra: It is by cron, and cronsim is not installed.
        """
        if self.is_broken:
            raise DefinitionError(self.problem)
        return self._timing.next(at)

    def due(self, now: float, *, grace: float) -> Sequence[int]:
        """The times for which something is to be started now, the oldest first.

        Args:
            now: What time it is.
            grace: How late it may be without having been missed, in seconds.

        Raises:
            DefinitionError: There is no such time zone.
            MissingExtra: It is by cron, and cronsim is not installed.
        """
        if self.is_paused or self.is_broken:
            return ()
        since = max(self.done_until, now - grace) if self.missed == "skip" else self.done_until
        return self._timing.between(since, now, most=1 if self.missed == "once" else self.most_missed)

    @property
    def place(self) -> str:
        """What it is kept under."""
        return self.name if self.tenant is None else f"{self.name}@{self.tenant}"

    @property
    def _timing(self) -> Timing:
        return Timing(cron=self.cron, every=self.every, zone=self.zone, since=self.created_at)


_schedule: TypeAdapter[Schedule] = TypeAdapter(Schedule)


def schedule_data(schedule: Schedule) -> object:
    """A schedule as it is kept."""
    return _schedule.dump_python(schedule, mode="json")


def read_schedule(place: str, kept: object) -> Schedule:
    """The schedule that was kept under its place; one that is broken, if it is not as agentkit writes it.

    Raises:
        JournalCorrupt: Not even its name can be one.
    """
    try:
        return _schedule.validate_python(kept)
    except ValidationError as error:
        # Without what was kept there: it may be anything.
        first = error.errors(include_url=False, include_input=False)[0]
        said = ": ".join([*map(str, first["loc"]), first["msg"]])[:_MOST_SAID]
    name, _, tenant = place.partition("@")
    workflow = cast("Mapping[str, object]", kept).get("workflow") if isinstance(kept, Mapping) else None
    try:
        # When it would be due is of no matter, since it never is.
        return Schedule(
            name=name,
            workflow=workflow if isinstance(workflow, str) and not any(name_problems("", workflow)) else name,
            every=_SELDOM,
            tenant=tenant or None,
            is_broken=True,
            problem=f"its record cannot be read: {said}",
        )
    except DefinitionError as error:
        raise JournalCorrupt(f"schedule {place!r:.100} of this store is not as agentkit writes it") from error

"""When something is due: by cron in a time zone (extra `schedules`), or at an interval.

Rules, for cron, as cron itself has them since Debian's: where the clock is put forward, what falls into the gap is due
at its end. Where it is put back, a fixed time is due the first time that the clock shows it, and what is due every so
many minutes or every hour goes on in real time. An interval counts real seconds from the moment at which it was made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agentkit.errors import DefinitionError, MissingExtra

if TYPE_CHECKING:
    from cronsim import CronSim

__all__ = ["Timing", "zone_of"]

with suppress(ImportError):
    # With this module, and not when the first schedule is looked at: that is on an event loop, and would hold it up.
    import_module("cronsim")

_LONGEST: Final = 366 * 86_400
_FIELDS: Final = 5


@cache
def zone_of(name: str) -> tzinfo:
    """A time zone by its name. The first time a file is read for it, so ask for it in a thread then.

    Raises:
        DefinitionError: There is none of that name.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DefinitionError(f"there is no time zone {name!r}; write one such as Europe/Berlin") from error


class Timing:
    """The times at which something is due.

    Args:
        cron: Five fields: minute, hour, day of the month, month, day of the week.
        every: Or an interval in seconds.
        zone: The time zone whose clock cron looks at.
        since: The moment from which an interval counts, in seconds since 1970.

    Raises:
        DefinitionError: Both or none are given, or one is not valid, or never comes; or there is no such zone.
        MissingExtra: cronsim is not installed.

    Example:
        >>> Timing(every=3_600, since=1_000).next(5_000)
        8200
    """

    def __init__(
        self, *, cron: str | None = None, every: int | None = None, zone: str = "UTC", since: float = 0
    ) -> None:
        if (cron is None) == (every is None):
            raise DefinitionError("a schedule is by cron, such as '0 6 * * 1-5', or every so many seconds: say one")
        if every is not None and not 1 <= every <= _LONGEST:
            raise DefinitionError(f"an interval is from 1 second to a year, not {every!r}")
        self._zone = zone_of(zone)
        self._cron = cron
        self._every = every
        # Whole seconds: a time of day that is written into a key must come back equal.
        self._since = math.floor(since)
        if cron is not None:
            if len(cron.split()) != _FIELDS:
                raise DefinitionError(f"cron {cron!r}: it has five fields, such as '0 6 * * 1-5'")
            self._simulated(since)

    def next(self, after: float) -> int:
        """The first time after this one, in seconds since 1970.

        Raises:
            DefinitionError: It never comes.
        """
        if self._every is not None:
            passed = math.floor((after - self._since) / self._every)
            return self._since + (max(0, passed) + 1) * self._every
        return int(next(self._simulated(after)).timestamp())

    def between(self, after: float, until: float, *, most: int) -> Sequence[int]:
        """The newest times after one moment and until another, at most so many, the oldest first.

        Raises:
            DefinitionError: The expression is not valid.
        """
        found: list[int] = []
        if self._every is not None:
            at = self._since + math.floor((until - self._since) / self._every) * self._every
            while at > max(after, self._since) and len(found) < most:
                found.append(at)
                at -= self._every
            return found[::-1]
        # Backwards from the next second on, so that a year that was missed costs no more than what is asked for.
        for moment in self._simulated(math.floor(until) + 1, backwards=True):
            at = int(moment.timestamp())
            if at <= after or len(found) == most:
                break
            if at <= until:
                found.append(at)
        return found[::-1]

    def _simulated(self, at: float, *, backwards: bool = False) -> CronSim:
        try:
            from cronsim import CronSim, CronSimError
        except ImportError as error:
            raise MissingExtra("schedules", "cronsim") from error
        start = datetime.fromtimestamp(math.floor(at), self._zone)
        try:
            return CronSim(str(self._cron), start, reverse=backwards)
        except CronSimError as error:
            raise DefinitionError(f"cron {self._cron!r}: {error}; write it like '0 6 * * 1-5'") from error

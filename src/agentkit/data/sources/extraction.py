"""Many sources, read at the same time, each with a report.

Rules: a source that fails is a failure, or, where it is optional, a part of the report; never an empty table. No secret
leaves: whatever is told of a source goes through `Access.hide`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event, Lock

import anyio
import anyio.to_thread

from agentkit.data.issues import Quarantined
from agentkit.data.progress import Progress
from agentkit.data.tables.table import Table
from agentkit.errors import AgentKitError, DefinitionError, SourceError, SourceFailed, SourceMalformed

from .delimited import CsvSource
from .ports import Extracted, Source, SourceReport
from .reading import Reading
from .settings import Access, SourceLimits

__all__ = ["Extraction", "extract", "read_blocks", "read_source"]

_AT_ONCE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What came of reading sources.

    Attributes:
        tables: The table of each source that could be read, by its name, in the order of the sources.
        reports: What reading each source came to, by its name.
        quarantine: All rows that could not be read.
    """

    tables: dict[str, Table]
    reports: dict[str, SourceReport]
    quarantine: tuple[Quarantined, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the optional sources that failed: if there are any, this is a partial result."""
        return tuple(name for name, report in self.reports.items() if report.error is not None)


async def extract(
    sources: Sequence[Source],
    *,
    access: Access | None = None,
    limits: SourceLimits | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] | None = None,
) -> Extraction:
    """Read sources, all at the same time, in worker threads.

    As soon as one fails that is not optional, the others are stopped. Cancelling stops them too.

    Args:
        sources: What to read; each has a name of its own.
        access: What they may reach: nothing unless said.
        limits: How much each may bring, and how long it may take.
        progress: Is told how far each is; called in worker threads, one at a time.
        clock: Seconds that only grow; the event loop's unless given.

    Raises:
        DefinitionError: Two sources have the same name, or one asks for a secret that was not given.
        MissingExtra: A source needs a library that is not installed.
        SourceError: A source that is not optional cannot be read.

    Example:
        >>> import asyncio
        >>> from agentkit.data import RecordsSource
        >>> done = asyncio.run(extract([RecordsSource(name="rates", records=[{"currency": "EUR", "rate": "1.09"}])]))
        >>> done.tables["rates"], done.reports["rates"].rows
        (<table 1 x currency: text, rate: text>, 1)
    """
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DefinitionError(f"several sources are called {', '.join(twice)}; give each a name of its own")
    stop, room = Event(), anyio.CapacityLimiter(_AT_ONCE)
    told = _one_at_a_time(progress) if progress else None
    time = clock or asyncio.get_running_loop().time
    done: dict[str, tuple[Extracted | None, SourceReport]] = {}
    failed: list[AgentKitError] = []

    async def read(source: Source) -> None:
        reading = Reading(source.name, access=access, limits=limits, clock=time, progress=told, stop=stop)
        try:
            done[source.name] = await anyio.to_thread.run_sync(_outcome, source, reading, limiter=room)
        except AgentKitError as error:
            failed.append(error)
            stop.set()

    async with anyio.create_task_group() as group:
        group.start_soon(_stop_when_cancelled, stop, waiting := anyio.Event())
        async with anyio.create_task_group() as readers:
            for source in sources:
                readers.start_soon(read, source)
        waiting.set()
    if failed:
        raise failed[0]
    given = {name: extracted for name in names if (extracted := done[name][0]) is not None}
    return Extraction(
        tables={name: extracted.table for name, extracted in given.items()},
        reports={name: done[name][1] for name in names},
        quarantine=tuple(row for extracted in given.values() for row in extracted.quarantine),
    )


def read_source(
    source: Source,
    *,
    access: Access | None = None,
    limits: SourceLimits | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] | None = None,
) -> tuple[Table, SourceReport]:
    """Read one source, in this thread. Without a clock its time is not limited; the silence of servers is.

    Raises:
        DefinitionError: It asks for a secret that was not given.
        MissingExtra: It needs a library that is not installed.
        SourceError: It cannot be read, be it optional or not.

    Example:
        >>> from agentkit.data import RecordsSource
        >>> table, report = read_source(RecordsSource(name="rates", records=[{"currency": "EUR", "rate": "1.09"}]))
        >>> table, report.format
        (<table 1 x currency: text, rate: text>, 'records')
    """
    reading = Reading(source.name, access=access, limits=limits, clock=clock, progress=progress)
    extracted = _read(source, reading)
    return extracted.table, _report(source, reading, extracted)


def read_blocks(
    source: CsvSource,
    rows: int,
    *,
    access: Access | None = None,
    limits: SourceLimits | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] | None = None,
) -> Iterator[Extracted]:
    """Read a CSV file so many rows at a time, for files that do not fit into memory.

    Raises:
        SourceError: It cannot be read: what came before is right, and not all.
    """
    reading = Reading(source.name, access=access, limits=limits, clock=clock, progress=progress)
    try:
        yield from source.blocks(reading, rows)
    except SourceError as error:
        raise _named(error, reading) from error


def _outcome(source: Source, reading: Reading) -> tuple[Extracted | None, SourceReport]:
    try:
        extracted = _read(source, reading)
    except SourceError as error:
        if not source.optional:
            raise
        return None, _report(source, reading, None, error)
    return extracted, _report(source, reading, extracted)


def _read(source: Source, reading: Reading) -> Extracted:
    """Read it, and let nothing out but what is named, ours, and without secrets."""
    failure: AgentKitError
    cause: BaseException | None
    try:
        extracted = source.read(reading)
        _check(extracted, reading)
        return extracted
    except SourceError as error:
        failure, cause = _named(error, reading), error.__cause__
    except AgentKitError:  # a setting is wrong, or a library is missing: no matter of this source's content
        raise
    except Exception as error:  # noqa: BLE001 - a named border: sources of users may raise anything
        failure, cause = _named(SourceFailed(f"{type(error).__name__}: {error}"), reading), error
    # Outside of the handlers, so that an error that shows a secret does not come along as a context.
    raise failure from None if _shows_secret(cause, reading.access) else cause


def _shows_secret(error: BaseException | None, access: Access) -> bool:
    """Whether an error, or what led to it, says something secret."""
    while error is not None:
        if access.hide(repr(error)) != repr(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _check(extracted: Extracted, reading: Reading) -> None:
    if not len(extracted.table) and extracted.quarantine:
        first = extracted.quarantine[0].issues[0]
        raise SourceMalformed(
            f"none of its {len(extracted.quarantine):,} rows can be read; row {first.row}: {first.message}"
        )
    if len(extracted.table) > reading.limits.max_rows:
        reading.count_rows(len(extracted.table))


def _named(error: SourceError, reading: Reading) -> SourceError:
    return type(error)(reading.access.hide(f"source {reading.name!r}: {error}"))


def _report(
    source: Source, reading: Reading, extracted: Extracted | None, error: SourceError | None = None
) -> SourceReport:
    hide = reading.access.hide
    return SourceReport(
        name=source.name,
        kind=source.kind,
        optional=source.optional,
        rows=len(extracted.table) if extracted else 0,
        quarantined=len(extracted.quarantine) if extracted else 0,
        bytes=reading.bytes,
        pages=reading.pages,
        format=extracted.format if extracted else "",
        encoding=extracted.encoding if extracted else None,
        delimiter=extracted.delimiter if extracted else None,
        seconds=reading.seconds,
        notes=tuple(hide(note) for note in reading.notes),
        error=hide(str(error)) if error else None,
        error_code=error.code if error else None,
    )


async def _stop_when_cancelled(stop: Event, done: anyio.Event) -> None:
    """Worker threads do not notice that a task was cancelled: tell them."""
    try:
        await done.wait()
    except BaseException:
        stop.set()
        raise


def _one_at_a_time(progress: Progress) -> Progress:
    lock = Lock()

    def tell(done: int, total: int | None, what: str) -> None:
        with lock:
            progress(done, total, what)

    return tell

"""`ProcessingAgent`: cleans a table and works on it, and keeps apart what nobody can know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from anyio import to_thread

from agentkit.agents import Agent, AgentPersonality
from agentkit.data import (
    Cleaned,
    CleaningStatistics,
    Convert,
    Declared,
    EngineName,
    Join,
    Operation,
    OperationStatistics,
    Processed,
    Quality,
    Quarantined,
    Schema,
    Table,
    clean,
    measure_quality,
    process,
)
from agentkit.money import AuditTrail, FinancialProcessor, MemorySink, PrecisionConfig

from .choosing import choose
from .extraction import personality_of
from .handing import AnyTask, Handed, fetch, find_tables, hand_on, issues_table, quarantine_table
from .parameters import Parameters, fill, parameters_of

__all__ = ["ProcessedTable", "ProcessingAgent", "ProcessingSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingSettings(Declared):
    """What is done with a table.

    Attributes:
        table: Which of the tables that were handed on; None where there is one only.
        name: What the result is called.
        schema: How its cells are read; None leaves them as they are.
        operations: What is done, in order. None takes the words of the stage's instruction, if it has some.
        key: The columns of which each row should have other values, for the quality.
        engine: Who computes.
        audit: Whether each conversion and sharing is written to an audit trail, attached as `NAME.audit.jsonl`.
        currency: The currency of the trail's processor.
    """

    table: str | None = None
    name: str = "table"
    schema: Schema | None = None
    operations: tuple[Operation, ...] | None = None
    key: tuple[str, ...] = ()
    engine: Literal["auto"] | EngineName = "auto"
    audit: bool = False
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessedTable(Handed):
    """What came of a table.

    Attributes:
        rows_in: How many rows came in.
        rows_out: How many there are in the end.
        kept_apart: How many rows are in quarantine.
        cleaning: What became of the rows and cells, where a schema was given.
        operations: What each operation did, in order.
        measured: How good the data is, where a schema was given.
        understood: What was understood of the instruction, each phrase with its operation.
    """

    rows_in: int
    rows_out: int
    kept_apart: int
    cleaning: CleaningStatistics | None = None
    operations: tuple[OperationStatistics, ...] = ()
    measured: Quality | None = None
    understood: tuple[str, ...] = ()


class ProcessingAgent(Agent[object, ProcessedTable]):
    """Cleans a table by a schema and carries out operations on it.

    Args:
        settings: What is done.
        name: What stages call it by.

    Example:
        >>> from agentkit import Orchestrator, Stage, Workflow
        >>> from agentkit.data import Derive, RecordsSource
        >>> from agentkit.readymade import ExtractionAgent, ExtractionSettings
        >>> sales = RecordsSource(name="sales", records=[{"sold": 3}])
        >>> agents = [
        ...     ExtractionAgent(ExtractionSettings(sources=(sales,))),
        ...     ProcessingAgent(ProcessingSettings(operations=(Derive(name="double", expression="sold * 2"),))),
        ... ]
        >>> stages = [Stage("read", agent="extraction"), Stage("work", agent="processing", after=["read"])]
        >>> done = Orchestrator(agents).run_sync(Workflow("double", stages, returns=ProcessedTable), {}).output
        >>> done.rows_out, [column.name for column in done.tables["table"].columns]
        (1, ['sold', 'double'])
    """

    personality: AgentPersonality = AgentPersonality(
        name="processing",
        role="Data processing",
        expertise={"processing", "cleaning", "bookkeeping", "exchange rates", "royalties"},
    )

    def __init__(self, settings: ProcessingSettings, *, name: str = "processing") -> None:
        self.settings: ProcessingSettings = settings
        self.personality = personality_of(type(self).personality, name)

    async def run(self, task: AnyTask) -> ProcessedTable:
        """Clean and work on the table.

        Raises:
            InputError: No table was handed on, or several and none is named.
            TableError: An operation does not fit the table.
            MoneyError: Settings of amounts are not valid, or a group mixes currencies.
        """
        parameters = parameters_of(task)
        settings = fill(self.settings, parameters)
        refs = find_tables(task)
        chosen = choose(settings.table, refs)
        needed = {chosen, *_named(settings)} & refs.keys()
        tables = {name: await fetch(task, refs[name]) for name in sorted(needed)}
        work = _Work(task, settings, parameters, tables, chosen)
        done = await to_thread.run_sync(work.carry_out)
        return await self._handed(task, settings, work, done)

    async def _handed(
        self, task: AnyTask, settings: ProcessingSettings, work: _Work, done: Processed
    ) -> ProcessedTable:
        cleaned = work.cleaned
        apart: tuple[Quarantined, ...] = (*(cleaned.quarantine if cleaned else ()), *done.quarantine)
        kept_apart, issues = quarantine_table(apart), issues_table(done.issues)
        if work.sink is not None and work.sink.size:
            await task.attach(
                f"{settings.name}.audit.jsonl", b"".join(work.sink.read()), media_type="application/jsonl"
            )
        quality = None
        if cleaned is not None and settings.schema is not None:
            quality = measure_quality(cleaned, settings.schema, key=settings.key, output=len(done.table))
        understood = done.understood
        return ProcessedTable(
            tables={settings.name: await hand_on(task, settings.name, done.table)},
            quarantine=await hand_on(task, "quarantine", kept_apart) if len(kept_apart) else None,
            issues=await hand_on(task, "issues", issues) if len(issues) else None,
            quality=None if quality is None else _least(quality),
            rows_in=len(work.table),
            rows_out=len(done.table),
            kept_apart=len(apart),
            cleaning=None if cleaned is None else cleaned.statistics,
            operations=done.statistics,
            measured=quality,
            understood=()
            if understood is None
            else tuple(f"{each.text} -> {each.operation.kind}" for each in understood.phrases),
        )


class _Work:
    """The part that computes, in a thread of its own."""

    def __init__(
        self,
        task: AnyTask,
        settings: ProcessingSettings,
        parameters: Parameters,
        tables: Mapping[str, Table],
        chosen: str,
    ) -> None:
        self._task = task
        self._settings = settings
        self._parameters = parameters
        self._tables = tables
        self.table: Table = tables[chosen]
        self.cleaned: Cleaned | None = None
        self.sink: MemorySink | None = MemorySink() if settings.audit else None

    def carry_out(self) -> Processed:
        settings, table = self._settings, self.table
        if settings.engine != "auto":
            table = table.on(settings.engine)
        if settings.schema is not None:
            self.cleaned = clean(table, settings.schema, progress=partial(self._tell, 0.0))
            table = self.cleaned.table
        operations = settings.operations
        given = operations if operations is not None else self._task.instruction or ()
        processor = None
        if self.sink is not None:
            trail = AuditTrail(self.sink, clock=_Clock(self._task), buffered=10_000)
            actor = f"{self._task.operation_id}/{self._task.stage}"
            processor = FinancialProcessor(PrecisionConfig(), currency=settings.currency, audit=trail, actor=actor)
            with trail:
                return self._process(table, given, processor)
        return self._process(table, given, processor)

    def _process(
        self, table: Table, given: tuple[Operation, ...] | str, processor: FinancialProcessor | None
    ) -> Processed:
        return process(
            table,
            given,
            inputs=self._tables,
            processor=processor,
            parameters=self._parameters,
            progress=partial(self._tell, 0.5),
        )

    def _tell(self, begin: float, done: int, total: int | None, what: str) -> None:
        part = done / total if total else 0.0
        self._task.progress(begin + 0.45 * part, f"{what}: {done:,} of {total or 0:,} rows")


class _Clock:
    """The time of the task, as a trail asks for it."""

    def __init__(self, task: AnyTask) -> None:
        self._task = task

    def now(self) -> float:
        return self._task.now


def _named(settings: ProcessingSettings) -> Iterator[str]:
    """The tables that operations need beside the one that is worked on."""
    for operation in settings.operations or ():
        if isinstance(operation, Join):
            yield operation.input
        elif isinstance(operation, Convert) and isinstance(operation.rates, str):
            yield operation.rates


def _least(quality: Quality) -> str | None:
    ratios = [quality.completeness, quality.validity, quality.uniqueness, quality.retention]
    known = [ratio for ratio in ratios if ratio is not None]
    return f"{min(known):f}" if known else None

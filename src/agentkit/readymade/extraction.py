"""`ExtractionAgent`: reads sources, all at once, and hands on a table of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentkit.agents import Agent, AgentPersonality
from agentkit.data import (
    Access,
    AnySource,
    Declared,
    Extraction,
    SourceLimits,
    SourceReport,
    Table,
    consolidate,
    extract,
)
from agentkit.errors import DefinitionError

from .handing import AnyTask, Handed, hand_on, quarantine_table
from .parameters import fill, parameters_of

__all__ = ["Consolidation", "ExtractedTables", "ExtractionAgent", "ExtractionSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidation(Declared):
    """Puts the tables of several sources below each other.

    Attributes:
        name: What the one table is called.
        sources: Which sources; empty for all.
        columns: For each source, the names that its columns get.
    """

    name: str
    sources: tuple[str, ...] = ()
    columns: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionSettings(Declared):
    """What is read.

    Attributes:
        sources: The sources; in their texts, `{name}` is a parameter of the operation.
        limits: How much each may bring, and how long it may take.
        consolidate: Which of them become one table.

    Raises:
        DefinitionError: There are no sources, or two have one name.
    """

    sources: tuple[AnySource, ...]
    limits: SourceLimits | None = None
    consolidate: Consolidation | None = None

    def __post_init__(self) -> None:
        names = [source.name for source in self.sources]
        if not names or len(set(names)) != len(names):
            raise DefinitionError(
                f"sources: name at least one, each by a name of its own, not {', '.join(names) or 'none'}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedTables(Handed):
    """What was read.

    Attributes:
        reports: What reading each source came to, by its name.
        missing: Optional sources that failed: if there are any, this is a partial result.
    """

    reports: Mapping[str, SourceReport]
    missing: tuple[str, ...] = ()


class ExtractionAgent(Agent[object, ExtractedTables]):
    """Reads sources: files, databases, addresses, pages, records, all at the same time.

    Args:
        settings: What is read.
        access: What sources may reach: nothing unless said.
        name: What stages call it by.

    Example:
        >>> import asyncio
        >>> from agentkit import Task
        >>> from agentkit.data import RecordsSource
        >>> settings = ExtractionSettings(sources=(RecordsSource(name="sales", records=[{"artist": "Ibis"}]),))
        >>> done = asyncio.run(ExtractionAgent(settings).run(Task.standalone({})))
        >>> done.tables["sales"].rows, done.reports["sales"].kind
        (1, 'records')
    """

    personality: AgentPersonality = AgentPersonality(
        name="extraction", role="Data extraction", expertise={"extraction", "csv", "json", "excel", "sql", "http"}
    )

    def __init__(self, settings: ExtractionSettings, *, access: Access | None = None, name: str = "extraction") -> None:
        self.settings: ExtractionSettings = settings
        self.access: Access = access or Access()
        self.personality = personality_of(type(self).personality, name)

    async def run(self, task: AnyTask) -> ExtractedTables:
        """Read all sources.

        Raises:
            SourceError: A source that is not optional cannot be read.
            InputError: The settings name a parameter that the operation was not given.
        """
        settings = fill(self.settings, parameters_of(task))
        sources = settings.sources
        told: dict[str, int] = {}

        def tell(done: int, total: int | None, what: str) -> None:
            told[what] = done
            rows = sum(told.values())
            # How much there is in all is known at the end: half of the way is when half of the sources have come.
            task.progress(min(0.9, 0.9 * len(told) / (len(sources) + 1)), f"{rows:,} rows of {len(told)} sources")

        found = await extract(sources, access=self.access, limits=settings.limits, progress=tell)
        tables = _consolidated(found, settings.consolidate)
        handed = {name: await hand_on(task, name, table) for name, table in tables.items()}
        kept_apart = quarantine_table(found.quarantine)
        return ExtractedTables(
            tables=handed,
            quarantine=await hand_on(task, "quarantine", kept_apart) if len(kept_apart) else None,
            reports=found.reports,
            missing=found.missing,
        )


def personality_of(general: AgentPersonality, name: str) -> AgentPersonality:
    """The same personality under another name."""
    return AgentPersonality(name=name, role=general.role, expertise=general.expertise)


def _consolidated(found: Extraction, wanted: Consolidation | None) -> Mapping[str, Table]:
    if wanted is None:
        return found.tables
    names: Sequence[str] = wanted.sources or tuple(found.tables)
    chosen = {name: found.tables[name] for name in names if name in found.tables}
    if not chosen:
        raise DefinitionError(f"consolidate names none of the sources that could be read: {', '.join(found.tables)}")
    others = {name: table for name, table in found.tables.items() if name not in chosen}
    return {**others, wanted.name: consolidate(chosen, wanted.columns)}

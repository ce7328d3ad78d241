"""`InsightsAgent`: says what a table tells, each statement with its figures and the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anyio import to_thread

from agentkit.agents import Agent, AgentPersonality
from agentkit.data import Declared, Insights, InsightsConfig, Origin, find_insights
from agentkit.errors import DefinitionError
from agentkit.kernel import count_problems

from .choosing import choose
from .extraction import personality_of
from .handing import AnyTask, Handed, fetch, find_tables
from .parameters import fill, parameters_of
from .writing import Writer, Written, write_text

__all__ = ["FoundInsights", "InsightLine", "InsightsAgent", "InsightsSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightsSettings(Declared):
    """What is looked at.

    Attributes:
        config: The columns, and how closely they are looked at.
        table: Which of the tables that were handed on; None where there is one only.
    """

    config: InsightsConfig
    table: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightLine:
    """One thing that a table tells.

    Attributes:
        kind: What it is about.
        text: The sentence.
        figures: Every number and name in it as it is shown, by what it is.
        rows: How many rows are behind it.
        sample: The first of these rows.
    """

    kind: str
    text: str
    figures: Mapping[str, str]
    rows: int
    sample: tuple[Origin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundInsights(Handed):
    """What was found out.

    Attributes:
        lines: The statements, the most general first.
        left_out: How many rows could not be looked at.
        written_by: The agent whose text comes first among the statements, paragraph by paragraph; empty if there are
            only the sentences of `lines`.
        not_written: Why there are only these although there is a writer; empty if there is none, or its text stands.
    """

    lines: tuple[InsightLine, ...]
    left_out: int = 0
    written_by: str = ""
    not_written: str = ""


class InsightsAgent(Agent[object, FoundInsights]):
    """Finds totals, shares, growth, the highest and lowest, trend, seasonality and anomalies.

    Args:
        settings: What is looked at.
        name: What stages call it by.
        writer: An agent, such as a `ModelAgent`, that writes a text about what was found. A text with a number that is
            none of the figures is refused; then, and if the writer fails, the sentences of `lines` stand alone, and
            the value is degraded.
        repairs: How often a refused text goes back to the writer, with what is wrong with it.

    Raises:
        DefinitionError: `repairs` is no whole number from 0 to 10.
    """

    personality: AgentPersonality = AgentPersonality(
        name="insights", role="Data insights", expertise={"insights", "statistics"}
    )

    def __init__(
        self, settings: InsightsSettings, *, name: str = "insights", writer: Writer | None = None, repairs: int = 2
    ) -> None:
        problems = [*count_problems("insights agent: repairs", repairs, least=0, most=10)]
        if problems:
            raise DefinitionError(*problems)
        self.settings: InsightsSettings = settings
        self.writer: Writer | None = writer
        self.repairs: int = repairs
        self.personality = personality_of(type(self).personality, name)

    async def run(self, task: AnyTask) -> FoundInsights:
        """Look at the table.

        Raises:
            InputError: No table was handed on, or several and none is named.
            ColumnMissing: There is no column of a name.
            ColumnMismatch: A column holds nothing that can be looked at so.
        """
        settings = fill(self.settings, parameters_of(task))
        refs = find_tables(task)
        table = await fetch(task, refs[choose(settings.table, refs)])

        def tell(done: int, total: int | None, what: str) -> None:
            task.progress(0.9 * done / total if total else 0.0, f"{what}: {done:,} of {total or 0:,}")

        found: Insights = await to_thread.run_sync(lambda: find_insights(table, settings.config, progress=tell))
        lines = tuple(
            InsightLine(
                kind=statement.kind,
                text=statement.text,
                figures={name: figure.shown for name, figure in statement.figures.items()},
                rows=statement.rows.count,
                sample=statement.rows.sample,
            )
            for statement in found.statements
        )
        written = await self._written(task, found) if lines else Written()
        return FoundInsights(
            statements=(*_paragraphs(written.text), *(line.text for line in lines)),
            lines=lines,
            left_out=len(found.issues),
            written_by=self.writer.name if self.writer is not None and written.text else "",
            not_written=written.why_not,
        )

    async def _written(self, task: AnyTask, found: Insights) -> Written:
        if self.writer is None:
            return Written()
        written = await write_text(task, self.writer, found, repairs=self.repairs)
        if written.why_not:
            task.degrade()
        return written


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (" ".join(part.split()) for part in text.split("\n\n"))))

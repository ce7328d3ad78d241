"""The agents of the royalty run: one for each stage of `royalties.yaml`, and one to fall back on.

Each says what it takes and gives by its types; the work itself is in the plain modules beside this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio import to_thread
from pydantic import TypeAdapter

from agentkit import Agent, AgentPersonality, GiveUp, Task, TryAgain, agent
from agentkit.money import Money

from .auditing import audited
from .cleaning import Cleaner
from .model import Cleaned, Contracts, Options, Rates, Row, Sale, Statement, Summary
from .reading import read_contracts, read_rates, read_sales
from .sharing import convert, share_out
from .writing import chart, file_names, keep_only, quarantine_table, statement_table, summary_table, write

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What `clean` is given: a field for each stage that it waits for."""

    sales: tuple[Row, ...]
    rates: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What `convert` is given."""

    clean: Cleaned
    rates: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Earnings:
    """What `share` is given."""

    convert: tuple[Sale, ...]
    contracts: Contracts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What `summary` is given. The charts are optional: when their stage fails, they are not there."""

    clean: Cleaned
    share: tuple[Statement, ...]
    statements: str
    charts: str | None = None


class ExtractSales(Agent[Options, tuple[Row, ...]]):
    """Reads the sales, out of a file or a database."""

    personality = AgentPersonality(name="extract_sales", role="Sales extraction", expertise={"csv", "sql"})

    async def run(self, task: Task[Options]) -> tuple[Row, ...]:
        await task.progress(0.1, task.instruction)
        return await to_thread.run_sync(read_sales, task.input.source)


class RatesService(Agent[Options, Rates]):
    """Stands for a service on the network: it is not ready when it is asked for the first time."""

    personality = AgentPersonality(name="rates_service", role="Exchange rates", expertise={"exchange rates"})

    async def run(self, task: Task[Options]) -> Rates:
        if task.attempt == 1:
            raise TryAgain("the rates service is still waking up")
        return await to_thread.run_sync(read_rates, task.input)


@agent(name="contracts")
def find_contracts(task: Task[Options]) -> Contracts | None:
    """Reads the artists' contracts, if there are any."""
    return read_contracts(task.input.contracts) if task.input.contracts else None


@agent(expertise={"bookkeeping"})
def clean(task: Task[Sources]) -> Cleaned:
    """Mends what can be mended, and puts the rest in quarantine."""
    cleaner = Cleaner(Options.of(task), task.input.rates)
    for row in tracked(task, task.input.sales):
        cleaner.take(row)
    return cleaner.result()


@agent(name="convert", expertise={"exchange rates"})
def convert_sales(task: Task[Priced]) -> tuple[Sale, ...]:
    """Converts every sale at its month's rate."""
    rates = task.input.rates.table()
    with audited(Options.of(task), actor(task)) as processor:
        return tuple(convert(sale, rates, processor) for sale in tracked(task, task.input.clean.sales))


@agent(expertise={"royalties"})
def share_by_contract(task: Task[Earnings]) -> tuple[Statement, ...]:
    """Shares by the artists' contracts."""
    if task.input.contracts is None:
        raise GiveUp("no contracts were given")
    return shared(task, task.input.contracts)


@agent(expertise={"royalties"})
def share_by_standard(task: Task[Earnings]) -> tuple[Statement, ...]:
    """Shares by the label's standard terms, the same for everybody."""
    return shared(task, {})


@agent(name="statements")
def write_statements(task: Task[tuple[Statement, ...]]) -> str:
    """Writes a statement for every artist; returns their folder."""
    folder = Options.of(task).folder / "statements"
    names = file_names(statement.artist for statement in task.input)
    for statement in tracked(task, task.input):
        write(folder / names[statement.artist], statement_table(statement))
    keep_only(folder, set(names.values()))
    return folder.as_posix()


@agent(name="charts")
def draw_charts(task: Task[tuple[Statement, ...]]) -> str:
    """Draws the artists with the highest totals; returns the picture's path."""
    options = Options.of(task)
    path = options.folder / "top-artists.svg"
    write(path, chart(task.input, f"Top artists {options.period}, {options.currency}"))
    return path.as_posix()


@agent(name="summary", expertise={"bookkeeping"})
def summarise(task: Task[Results]) -> Summary:
    """Adds everything up, and writes down what was paid and what was put in quarantine."""
    options, given = Options.of(task), task.input
    currency = options.currency
    summary = Summary(
        period=options.period,
        currency=options.currency,
        artists=len(given.share),
        sales=sum(len(statement.lines) for statement in given.share),
        total=Money.sum((statement.total for statement in given.share), currency),
        artist_share=Money.sum((statement.artist_share for statement in given.share), currency),
        label_share=Money.sum((statement.label_share for statement in given.share), currency),
        rows=given.clean.rows,
        outside=given.clean.outside,
        quarantined=given.clean.quarantined,
        mended=given.clean.mended,
        statements=given.statements,
        chart=given.charts,
    )
    write(options.folder / "summary.csv", summary_table(summary, given.share))
    write(options.folder / "quarantine.csv", quarantine_table(given.clean.quarantine))
    write(options.folder / "summary.json", TypeAdapter(Summary).dump_json(summary, indent=2).decode() + "\n")
    return summary


def shared(task: Task[Earnings], contracts: Contracts) -> tuple[Statement, ...]:
    """A statement for every artist; each share is in the audit trail."""
    options = Options.of(task)
    with audited(options, actor(task)) as processor:
        return tuple(share_out(task.input.convert, contracts, options, processor))


def actor(task: Task[Any]) -> str:
    """Who calculates: this stage of this operation."""
    return f"{task.operation_id}/{task.stage}"


def tracked(task: Task[Any], items: Sequence[Item]) -> Iterator[Item]:
    """The items, one by one, telling those who watch how far it is."""
    for number, item in enumerate(items, start=1):
        yield item
        # In a worker thread there is nothing to await.
        _ = task.progress(number / len(items), f"{number:,} of {len(items):,}")

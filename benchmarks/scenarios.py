"""Every scenario as data: what is measured, at which sizes, and which bounds agentkit has to keep.

A scenario's name is the name of the function that a subject offers for it. A cost is the measured microseconds (or
bytes) per item, so sizes compare directly; a bound compares agentkit's cost with a ceiling, with a sum of other
costs, or with peers.
"""

from dataclasses import dataclass
from typing import Literal

AGENTKIT = "agentkit"
BASELINE = "baseline"
PEERS = ("langgraph", "burr", "agno", "pydantic-graph", "dbos")
DURABLE_PEERS = ("dbos", "langgraph", "burr")
MONEY_PEER = "py-moneyed"

KB = 1024
Metric = Literal["time", "memory", "stored", "rss"]
"""`memory` is what Python allocates; `rss` what the whole process has, with what libraries in other languages keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost per item of one subject in one scenario; without scenario or size, those of the row that is judged."""

    subject: str
    scenario: str = ""
    size: int | None = None
    share: float = 1.0
    """Factor between the other scenario's item and this one's, such as 3 stages in an operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost:
    """Agentkit's cost is at most so many times the sum of the costs `of`."""

    times: float
    of: tuple[Cost, ...]
    metric: Metric = "time"
    sizes: tuple[int, ...] = ()
    """The sizes it is judged at; all if empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """Agentkit's cost is at most so many bytes per item."""

    limit: float
    metric: Metric
    sizes: tuple[int, ...] = ()
    """The sizes it is judged at; all if empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """Agentkit's cost is below that of each of these peers, in this scenario or in another one."""

    peers: tuple[str, ...] = PEERS
    metric: Metric = "time"
    scenario: str = ""
    asked: bool = True
    """False: shown for information, no promise."""


Bound = AtMost | Ceiling | Below


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row of the table, measured at several sizes.

    `repeats` is how often a fresh process does the work (the fastest counts), `warm` the size of the untimed run before
    that (0: none). A scenario with `lines` gets the path of a file of JSON lines: those that agentkit stored, once it
    offers them.
    """

    name: str
    title: str
    item: str
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    bounds: tuple[Bound, ...] = ()
    stages_per_item: int = 1
    repeats: int = 5
    warm: int = 20
    lines: bool = False


def _baseline(times: float, scenario: str = "") -> AtMost:
    return AtMost(times=times, of=(Cost(subject=BASELINE, scenario=scenario),))


def _moneyed(times: float) -> AtMost:
    return AtMost(times=times, of=(Cost(subject=MONEY_PEER),))


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="chain",
        title="chain of no-op stages in memory",
        item="stage",
        sizes=(100, 1000, 5000),
        quick=(100, 1000),
        bounds=(
            _baseline(4),
            Below(),
            Below(scenario="chain_plain", asked=False),
            AtMost(times=1.2, of=(Cost(subject=AGENTKIT, size=100),), sizes=(5000,)),
        ),
    ),
    Scenario(
        name="chain_plain",
        title="the same chain of plain functions, run without a loop (peers' fastest form; for information)",
        item="stage",
        sizes=(100, 1000, 5000),
        quick=(100, 1000),
    ),
    Scenario(
        name="fan",
        title="fan-out and fan-in in memory",
        item="stage",
        sizes=(100, 1000, 5000),
        quick=(100, 1000),
        bounds=(_baseline(6), Below()),
    ),
    Scenario(
        name="layered",
        title="ten layers, each stage with two dependencies",
        item="stage",
        sizes=(1000,),
        quick=(1000,),
        bounds=(AtMost(times=1.5, of=(Cost(subject=AGENTKIT, scenario="chain", size=1000),)),),
    ),
    Scenario(
        name="operations",
        title="operations of three stages, all at once, in memory",
        item="operation",
        sizes=(100, 1000, 10_000),
        quick=(100, 1000),
        bounds=(Below(), Ceiling(limit=6 * KB, metric="memory", sizes=(1000, 10_000))),
        stages_per_item=3,
        repeats=3,
    ),
    Scenario(
        name="durable_one",
        title="operations of three stages on SQLite, one after another",
        item="operation",
        sizes=(200,),
        quick=(50,),
        bounds=(_baseline(4), Ceiling(limit=3 * KB, metric="stored"), Below(peers=DURABLE_PEERS)),
        stages_per_item=3,
        repeats=2,
        warm=5,
    ),
    Scenario(
        name="durable_many",
        title="operations of three stages on SQLite, 100 at once",
        item="operation",
        sizes=(100,),
        quick=(100,),
        bounds=(
            AtMost(times=1.5, of=(Cost(subject=AGENTKIT, scenario="operations", size=100), Cost(subject=BASELINE))),
            Below(peers=DURABLE_PEERS),
        ),
        stages_per_item=3,
        repeats=3,
        warm=5,
        lines=True,
    ),
    Scenario(
        name="resume",
        title="resume of an operation with so many events",
        item="event",
        sizes=(10_000,),
        quick=(10_000,),
        bounds=(_baseline(3),),
        warm=100,
        lines=True,
    ),
    Scenario(
        name="mapped",
        title="one stage that works on every item of a list",
        item="item",
        sizes=(1000,),
        quick=(1000,),
        bounds=(AtMost(times=1, of=(Cost(subject=AGENTKIT, scenario="fan", size=1000),)),),
    ),
    Scenario(
        name="append",
        title="appends of one event to one stream on SQLite, one after another",
        item="append",
        sizes=(500,),
        quick=(200,),
        repeats=3,
    ),
    Scenario(
        name="context",
        title="updates of a shared context on SQLite, one after another",
        item="update",
        sizes=(500,),
        quick=(200,),
        bounds=(AtMost(times=2, of=(Cost(subject=AGENTKIT, scenario="append", size=500),)),),
        repeats=3,
    ),
    Scenario(
        name="strategy",
        title="an agent called by hand: its task made, its body run, its value checked",
        item="call",
        sizes=(10_000,),
        quick=(10_000,),
        warm=100,
    ),
    Scenario(
        name="fallback",
        title="a fallback chain whose first strategy succeeds at once",
        item="call",
        sizes=(10_000,),
        quick=(10_000,),
        bounds=(AtMost(times=3, of=(Cost(subject=AGENTKIT, scenario="strategy", size=10_000),)),),
        warm=100,
    ),
    Scenario(
        name="waiting",
        title="operations that wait for approval, on SQLite",
        item="operation",
        sizes=(1000, 10_000),
        quick=(1000,),
        bounds=(Ceiling(limit=3 * KB, metric="memory", sizes=(10_000,)),),
        repeats=1,
        warm=5,
    ),
    Scenario(
        name="waking",
        title="operations that waited for approval and go on, on SQLite",
        item="operation",
        sizes=(1000, 10_000),
        quick=(1000,),
        bounds=(AtMost(times=1.5, of=(Cost(subject=AGENTKIT, size=1000),), sizes=(10_000,)),),
        repeats=1,
        warm=5,
    ),
    Scenario(
        name="feed",
        title="events to one live reader",
        item="event",
        sizes=(10_000,),
        quick=(10_000,),
        bounds=(_baseline(3),),
        warm=100,
    ),
    Scenario(
        name="agent",
        title="making an agent",
        item="agent",
        sizes=(10_000,),
        quick=(10_000,),
        bounds=(_baseline(3), Below(peers=("agno",), metric="memory")),
        warm=100,
    ),
    Scenario(
        name="money_parse",
        title="amounts in the form of a locale, read strictly (baseline: Babel, which reads the number only)",
        item="amount",
        sizes=(10_000,),
        quick=(2_000,),
        bounds=(_baseline(0.35),),
        warm=100,
    ),
    Scenario(
        name="money_add",
        title="adding two amounts of one currency",
        item="addition",
        sizes=(100_000,),
        quick=(20_000,),
        bounds=(_moneyed(0.60),),
        warm=1000,
    ),
    Scenario(
        name="money_new",
        title="making an amount of its text",
        item="amount",
        sizes=(100_000,),
        quick=(20_000,),
        bounds=(_moneyed(2.5),),
        warm=1000,
    ),
    Scenario(
        name="money_percent",
        title="12.5 % of an amount, rounded to cents",
        item="amount",
        sizes=(100_000,),
        quick=(20_000,),
        bounds=(_moneyed(0.45),),
        warm=1000,
    ),
    Scenario(
        name="money_sum",
        title="the sum of a million amounts, against that of plain decimals",
        item="amount",
        sizes=(1_000_000,),
        quick=(100_000,),
        bounds=(_baseline(2.5),),
        repeats=3,
        warm=1000,
    ),
    Scenario(
        name="money_column",
        title="12.5 % of each amount of a column, against a loop of plain decimals",
        item="row",
        sizes=(1_000_000,),
        quick=(100_000,),
        bounds=(_baseline(0.05),),
        repeats=3,
        warm=1000,
    ),
    Scenario(
        name="money_polars",
        title="the same, of a column that polars keeps",
        item="row",
        sizes=(1_000_000,),
        quick=(100_000,),
        bounds=(_baseline(0.05),),
        repeats=3,
        warm=1000,
    ),
    Scenario(
        name="clean_polars",
        title="a CSV file with messy money, cleaned and deduped in polars (baseline: csv.reader, regex, Decimal, set)",
        item="row",
        sizes=(1_000_000,),
        quick=(100_000,),
        bounds=(
            _baseline(0.25),
            AtMost(times=0.70, of=(Cost(subject=BASELINE, scenario="clean_python"),), metric="rss"),
            Ceiling(limit=600, metric="rss", sizes=(1_000_000,)),
        ),
        repeats=1,
        warm=1000,
    ),
    Scenario(
        name="clean_python",
        title="the same in plain Python (baseline: csv.DictReader, regex, Decimal, set)",
        item="row",
        sizes=(1_000_000,),
        quick=(100_000,),
        bounds=(_baseline(1.3),),
        repeats=1,
        warm=1000,
    ),
    Scenario(
        name="data_dedupe",
        title="taking out rows whose key was there before",
        item="row",
        sizes=(100_000, 1_000_000),
        quick=(10_000, 100_000),
        bounds=(AtMost(times=1.4, of=(Cost(subject=AGENTKIT, size=100_000),), sizes=(1_000_000,)),),
        repeats=3,
        warm=1000,
    ),
    Scenario(
        name="data_share",
        title="amounts shared among three parties, without an audit trail (baseline: products of decimals)",
        item="row",
        sizes=(100_000,),
        quick=(10_000,),
        repeats=3,
        warm=1000,
    ),
    Scenario(
        name="data_convert",
        title="amounts converted at their days' rates, without an audit trail (baseline: a dict, decimals)",
        item="row",
        sizes=(100_000,),
        quick=(10_000,),
        repeats=3,
        warm=1000,
    ),
    Scenario(
        name="data_sources",
        title="four files and an API at the same time, rows of each (baseline: the slowest of them alone)",
        item="row",
        sizes=(100_000,),
        quick=(10_000,),
        bounds=(_baseline(1.2),),
        repeats=1,
        warm=0,
    ),
    Scenario(
        name="audit",
        title="entries of an audit trail in a file, written 1,000 at once (baseline: json.dumps with sorted keys)",
        item="entry",
        sizes=(20_000,),
        quick=(20_000,),
        bounds=(_baseline(2),),
        warm=100,
    ),
    Scenario(
        name="report_excel",
        title="a workbook of 6 columns, read back and compared (against openpyxl in write-only mode)",
        item="row",
        sizes=(100_000,),
        quick=(10_000,),
        bounds=(AtMost(times=0.65, of=(Cost(subject="openpyxl"),)),),
        repeats=3,
        warm=100,
    ),
    Scenario(
        name="report_pdf",
        title="a tagged PDF with a table of 6 columns and a chart, read back and compared (against fpdf2)",
        item="row",
        sizes=(1_000, 20_000),
        quick=(1_000,),
        bounds=(
            AtMost(times=0.25, of=(Cost(subject="fpdf2"),), sizes=(1_000,)),
            AtMost(times=1.25, of=(Cost(subject=AGENTKIT, size=1_000),), sizes=(20_000,)),
        ),
        repeats=3,
        warm=10,
    ),
    Scenario(
        name="http_submit",
        title="starting an operation over HTTP, on SQLite (baseline: a FastAPI route that commits a row), one client",
        item="request",
        sizes=(300,),
        quick=(200,),
        bounds=(_baseline(3),),
        repeats=2,
        warm=0,
    ),
    Scenario(
        name="http_submit_many",
        title="the same, 16 clients at once",
        item="request",
        sizes=(1000,),
        quick=(500,),
        bounds=(_baseline(3),),
        repeats=2,
        warm=0,
    ),
    Scenario(
        name="http_status",
        title="looking at an operation over HTTP (baseline: a FastAPI route that answers as much JSON), one client",
        item="request",
        sizes=(2000,),
        quick=(1000,),
        bounds=(_baseline(1.5),),
        repeats=2,
        warm=0,
    ),
    Scenario(
        name="http_status_many",
        title="the same, 16 clients at once",
        item="request",
        sizes=(3000,),
        quick=(1500,),
        bounds=(_baseline(1.5),),
        repeats=2,
        warm=0,
    ),
    Scenario(
        name="http_open",
        title="looking at an operation that has not ended, whose journal is read for that; 16 clients at once",
        item="request",
        sizes=(3000,),
        quick=(1500,),
        bounds=(_baseline(1.5, "http_status_many"),),
        repeats=2,
        warm=0,
    ),
    Scenario(
        name="http_fan",
        title="events of one operation to 100 streams (baseline: a broadcast to 100 websockets of FastAPI)",
        item="event and stream",
        sizes=(200,),
        quick=(100,),
        bounds=(_baseline(2),),
        repeats=2,
        warm=0,
    ),
    Scenario(
        name="imports",
        title="importing what a first script needs",
        item="import",
        sizes=(5,),
        quick=(2,),
        bounds=(_baseline(1.2),),
        repeats=1,
        warm=0,
    ),
)

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
INSTALL_LIMIT = (10, 12_000_000)
"""Distributions and bytes that a core install has at most; `python -m benchmarks install` measures them."""

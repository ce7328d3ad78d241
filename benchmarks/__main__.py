"""`python -m benchmarks`: `run` measures, `report` prints the last results; what else there is stands alone."""

import argparse
import json
import os
import platform
import sqlite3
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .measure import Row, measure, subjects
from .report import document, short
from .scenarios import AGENTKIT, BASELINE, BY_NAME, SCENARIOS
from .soak import soak
from .watching import watch_all
from .weigh import weigh_all

RESULTS = Path(__file__).parent / "results.json"


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {time.strftime('%Y-%m-%d')}"
    )


def _tell(row: Row) -> None:
    """Print one row on stderr as soon as it is measured."""
    label = f"{row.scenario:13} {row.size:>6,}  {row.subject:15}"
    if row.cannot:
        print(f"{label} - {row.cannot}", file=sys.stderr, flush=True)
        return
    ratio = "" if row.ratio is None else f"{row.ratio:8.2f} x"
    peak = "" if row.peak_bytes_per_item is None else f"  peak {row.peak_bytes_per_item:,.0f} B each"
    stored = "" if row.stored_bytes_per_stage is None else f"  stored {row.stored_bytes_per_stage:,.0f} B a stage"
    figures = f"{short(row.us_min):>9} min {short(row.us_median):>9} median µs per {row.item}"
    print(
        f"{label} {figures} {ratio}  {row.items:,} items{peak}  RSS {row.peak_rss / 1e6:.0f} MB{stored}",
        file=sys.stderr,
        flush=True,
    )


def _write(machine: str, rows: list[Row]) -> None:
    """Write a JSON document in which every row is one line."""
    lines = ",\n".join(json.dumps(asdict(row)) for row in rows)
    RESULTS.write_text(f'{{"machine": {json.dumps(machine)}, "rows": [\n{lines}\n]}}\n', encoding="utf-8")


def _chosen(given: str | None, known: list[str], parser: argparse.ArgumentParser) -> list[str]:
    names = given.split(",") if given else known
    if unknown := [name for name in names if name not in known]:
        parser.error(f"unknown or not installed: {', '.join(unknown)}; there are {', '.join(known)}")
    return names


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Measure what the options choose."""
    known = subjects()
    names = _chosen(options.subjects, list(known), parser)
    if BASELINE not in names:
        names = [BASELINE, *names]  # every ratio is against it
    names.sort(key=list(known).index)
    rows: list[Row] = []
    machine = _machine()
    for scenario in (BY_NAME[name] for name in _chosen(options.only, list(BY_NAME), parser)):
        for size in options.sizes or (scenario.quick if options.quick else scenario.sizes):
            rounds = 1 if options.quick else options.rounds
            chosen = [known[name] for name in names]
            rows += measure(scenario, size, chosen, rounds=rounds, trace=not options.no_memory, tell=_tell)
            _write(machine, rows)
    print(document(rows, machine))


def report() -> None:
    """Print the report of the last results."""
    kept: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    print(document([Row(**row) for row in kept["rows"]], kept["machine"]))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Speed and memory beside bare Python and peers."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("run", help="measure, write results.json, print the Markdown report")
    measuring.add_argument("--only", help=f"scenarios, separated by commas: {', '.join(one.name for one in SCENARIOS)}")
    measuring.add_argument("--subjects", help=f"{AGENTKIT}, {BASELINE} and peers, separated by commas; all by default")
    measuring.add_argument("--quick", action="store_true", help="one round, the smaller sizes")
    measuring.add_argument("--sizes", type=int, nargs="+", help="other sizes than those of the scenario")
    measuring.add_argument("--rounds", type=int, default=3, help="fresh processes per figure (default 3)")
    measuring.add_argument("--no-memory", action="store_true", help="leave out the passes under tracemalloc")
    commands.add_parser("report", help="print the report of the last results again")
    commands.add_parser(
        "install", help="count distributions and bytes of a core install and of the peers' environments"
    )
    commands.add_parser("watch", help="what a live picture in a notebook adds to an operation; fails if over its bound")
    commands.add_parser("doors", help="what somebody who watches adds to an operation; fails if over a bound")
    commands.add_parser("history", help="opens the history of the pages, with few operations and with many")
    commands.add_parser(
        "balancing", help="strategies of pools, adaptive limits and pacing, simulated; fails over a bound"
    )
    commands.add_parser("learning", help="what learning misses beside choosing evenly; fails if over its bound")
    commands.add_parser("models", help="what an agent adds to a bare one of pydantic-ai; fails if over its bound")
    soaking = commands.add_parser("soak", help="200 operations at once with 100 streams; fails if a bound is missed")
    soaking.add_argument("--seconds", type=float, default=300, help="how long (default 300)")
    options = parser.parse_args()
    if options.command == "run":
        run(options, parser)
    elif options.command == "report":
        report()
    elif options.command == "watch":
        sys.exit(not watch_all())
    elif options.command == "doors":
        from .doors import watch_doors  # which needs Gradio, Streamlit and Textual

        sys.exit(not watch_doors())
    elif options.command == "balancing":
        from .balancing import balance_all

        sys.exit(not balance_all())
    elif options.command == "history":
        from .history import open_all  # which needs Streamlit

        sys.exit(not open_all())
    elif options.command == "learning":
        from .learning import learn_all

        sys.exit(not learn_all())
    elif options.command == "models":
        from .models import ask_all  # which needs pydantic-ai

        sys.exit(not ask_all())
    elif options.command == "soak":
        sys.exit(not soak(options.seconds))
    else:
        print(weigh_all())


if __name__ == "__main__":
    main()

"""The toolkit: every measurement in a fresh process, the subjects taking turns.

A round runs one subject after another (A B C A B C ...), so that a slow moment of the machine meets all of them. What
else the machine does can only add time, so the fastest turn is the best estimate of what the code costs, and a ratio
is that of fastest to fastest; the median over the rounds is told beside it and shows how quiet the machine was. Memory
is measured in one more process under `tracemalloc`, never while time is taken.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import peers
from .sample import ROOT, scratch
from .scenarios import AGENTKIT, BASELINE, Scenario

TIMEOUT = 90.0
"""Seconds until a measurement is given up, and not tried again."""

SLOW = 10.0
"""Seconds of work after which a subject takes no further turn at this size, and no pass under `tracemalloc`."""

_NETWORK = ("LANGSMITH_", "LANGCHAIN_", "OTEL_", "AGNO_", "DBOS_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Something that is measured: a module, and the Python it runs under."""

    name: str
    module: str
    python: Path


@dataclass(slots=True, kw_only=True)
class Row:
    """All that was measured of one subject in one scenario at one size."""

    scenario: str
    size: int
    subject: str
    item: str
    items: int = 0
    us_min: float = 0.0
    us_median: float = 0.0
    ratio: float | None = None
    """This subject's fastest time per item by the baseline's fastest."""
    ratio_median: float | None = None
    """Median over the rounds of this subject's time per item by the baseline's in the same round."""
    peak_bytes_per_item: float | None = None
    peak_rss: int = 0
    stored_bytes_per_stage: float | None = None
    rounds: list[float] = field(default_factory=list)
    """Microseconds per item, one figure per round; each is the fastest repeat of a fresh process."""
    cannot: str = ""

    def slow(self) -> bool:
        """Say whether one turn already took so long that it has to do."""
        return any(per_item * self.items > SLOW * 1e6 for per_item in self.rounds)


def subjects() -> dict[str, Subject]:
    """Return every subject that can be measured here: agentkit, its variants, the baseline, the installed peers."""
    own = Path(sys.executable)
    variants = sorted(Path(__file__).parent.glob("agentkit_*.py"))
    found = [
        Subject(name=BASELINE, module="benchmarks.baseline", python=own),
        Subject(name=AGENTKIT, module="benchmarks.subject", python=own),
        *[Subject(name=file.stem, module=f"benchmarks.{file.stem}", python=own) for file in variants],
    ]
    for peer in peers.REQUIREMENTS:
        if (python := peers.python_of(peer)) is not None:
            found.append(Subject(name=peer, module=peers.module_of(peer), python=python))
    return {subject.name: subject for subject in found}


def _environment() -> dict[str, str]:
    """Leave out what would switch on tracing or change a peer's settings, and fix the hash seed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_NETWORK)}
    kept.pop("PYTHONPATH", None)
    return kept | {"PYTHONHASHSEED": "0", "AGNO_TELEMETRY": "false", "LANGSMITH_TRACING": "false"}


def fresh(subject: Subject, scenario: str, size: int, directory: Path, *options: str) -> dict[str, Any]:
    """Run one measurement in a fresh process; whatever goes wrong is told in the answer's `cannot`."""
    out = directory / "answer.json"
    out.unlink(missing_ok=True)
    arguments = ["benchmarks.child", subject.module, scenario, str(size), str(out), *options]
    command = [str(subject.python), "-m", *arguments]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return {"cannot": f"over {TIMEOUT:.0f} s"}
    if done.returncode or not out.exists():
        last = (done.stderr.strip() or "no answer").splitlines()[-1]
        print("\n".join(done.stderr.splitlines()[-6:]), file=sys.stderr)
        return {"cannot": f"failed: {last}"}
    answer: dict[str, Any] = json.loads(out.read_text())
    return answer


def _lines(known: Mapping[str, Subject], scenario: Scenario, size: int, directory: Path) -> list[str]:
    """Write the lines of a scenario that wants them: agentkit's own, else made-up ones."""
    if not scenario.lines:
        return []
    path = directory / f"{scenario.name}-{size}.jsonl"
    for name in (AGENTKIT, BASELINE):
        answer = fresh(known[name], "lines", size, directory, "--lines", str(path), "--of", scenario.name)
        if "cannot" not in answer:
            break
    return ["--lines", str(path)]


def measure(
    scenario: Scenario,
    size: int,
    chosen: Iterable[Subject],
    *,
    rounds: int,
    trace: bool = True,
    tell: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """Measure one scenario at one size with all chosen subjects, by turns, and tell each row as it is complete."""
    chosen = list(chosen)
    rows = {one.name: Row(scenario=scenario.name, size=size, subject=one.name, item=scenario.item) for one in chosen}
    with scratch() as directory:
        given = _lines(subjects(), scenario, size, directory)
        options = [*given, "--warm", str(scenario.warm), "--repeats", str(scenario.repeats)]
        for _ in range(rounds):
            for subject in chosen:
                row = rows[subject.name]
                if not row.cannot and not row.slow():
                    _add(row, fresh(subject, scenario.name, size, directory, *options), scenario)
        for subject in chosen:
            row = rows[subject.name]
            if trace and scenario.warm and not row.cannot and not row.slow():
                answer = fresh(subject, scenario.name, size, directory, *given, "--warm", str(scenario.warm), "--trace")
                if "cannot" not in answer:
                    row.peak_bytes_per_item = answer["peak"] / answer["items"]
    for row in rows.values():
        _conclude(row, rows.get(BASELINE))
        tell(row)
    return list(rows.values())


def _add(row: Row, answer: dict[str, Any], scenario: Scenario) -> None:
    """Add one round to a row."""
    if "cannot" in answer:
        row.cannot = answer["cannot"]
        return
    row.items = answer["items"]
    row.rounds.append(answer["seconds"] / answer["items"] * 1e6)
    row.peak_rss = max(row.peak_rss, answer["rss"])
    if answer["stored"]:
        row.stored_bytes_per_stage = answer["stored"] / (answer["items"] * scenario.stages_per_item)


def _conclude(row: Row, baseline: Row | None) -> None:
    """Compute the figures of a row from its rounds."""
    if not row.rounds:
        return
    row.us_min = min(row.rounds)
    row.us_median = statistics.median(row.rounds)
    if baseline is not None and baseline.rounds:
        row.ratio = row.us_min / min(baseline.rounds)
        row.ratio_median = statistics.median(own / bare for own, bare in zip(row.rounds, baseline.rounds, strict=False))

"""`kill -9` at random moments of the royalty run, then `agentkit resume`: the same bytes, and nothing done twice."""

import random
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentkit.errors import AuditBroken
from agentkit.money import AuditTrail, JsonLinesSink
from tests.crash.processes import ROOT, in_parallel
from tests.crash.site import Site, ended, operation_id, repeated

AGENTS = ("--agents", "examples.royalties_in_python.agents")

EVENTS = 24
"""About as many lines as an undisturbed run tells."""


def begin(site: Site) -> subprocess.Popen[str]:
    workflow = str(ROOT / "examples" / "royalties_in_python" / "royalties.yaml")
    return site.start("run", workflow, *AGENTS, "--input", "period=2024", "--input", "out=out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """What a run gives that nobody kills."""

    result: str
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    site = Site(tmp_path_factory.mktemp("undisturbed"))
    result = ended(begin(site))
    assert "61.74" in result
    assert len(files_of(site)) == 10
    return Undisturbed(result=result, files=files_of(site))


def files_of(site: Site) -> dict[str, bytes]:
    """Every file, but for the audit trail: what was calculated twice is in it twice."""
    return {name: content for name, content in site.files().items() if "audit.jsonl" not in name}


def wrong_with_trail(site: Site) -> list[str]:
    """What does not verify, or is missing: each sale is converted and shared at least once."""
    with AuditTrail(JsonLinesSink(site.folder / "out" / "2024" / "audit.jsonl")) as trail:
        try:
            size = trail.verify().size
        except AuditBroken as broken:
            return [str(broken)]
    return [] if size >= 54 else [f"the trail has {size} entries"]


def kill_at(site: Site, lines: int, wait: float) -> None:
    """Start the run, and kill it a little after it has told so many events."""
    process = begin(site)
    assert process.stderr is not None
    for _ in range(lines):
        if not process.stderr.readline():
            break
    timer = threading.Timer(wait, process.kill)
    timer.start()
    process.communicate(timeout=60)
    timer.cancel()


def go_on(site: Site) -> str:
    """Finish what is there, whatever it is, as its user would; return the result that is printed."""
    journal = site.journal()
    if not journal:
        return ended(begin(site))
    resumed = site.call("resume", *AGENTS)
    # Who was killed after the end and before telling it has a completed operation, whose result is shown for ever.
    return resumed or site.call("show", operation_id(journal))


def kill_and_go_on(folder: Path, undisturbed: Undisturbed, number: int) -> list[str]:
    dice = random.Random(number)
    site = Site(folder / str(number))
    site.folder.mkdir()
    lines, wait = dice.randrange(EVENTS), dice.choice([0.0, dice.uniform(0.0, 0.03), dice.uniform(0.0, 0.3)])
    kill_at(site, lines, wait)
    result = go_on(site)
    problems = repeated(site.journal())
    if result != undisturbed.result:
        problems.append(f"the result is {result!r}")
    if files_of(site) != undisturbed.files:
        problems.append(f"the files are {sorted(site.files())}")
    problems += wrong_with_trail(site)
    return [f"kill {number}, after {lines} lines and {wait:.3f} s: {problem}" for problem in problems]


def test_a_killed_run_is_resumed_to_the_same_bytes(undisturbed: Undisturbed, tmp_path: Path) -> None:
    assert in_parallel(lambda number: kill_and_go_on(tmp_path, undisturbed, number), range(12)) == []


@pytest.mark.long
def test_a_hundred_killed_runs_are_resumed_to_the_same_bytes(undisturbed: Undisturbed, tmp_path: Path) -> None:
    assert in_parallel(lambda number: kill_and_go_on(tmp_path, undisturbed, number), range(100, 200)) == []

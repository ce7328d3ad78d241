"""Two orchestrators on one store: one dies, and the other goes on by itself."""

import subprocess
import time
from pathlib import Path

from agentkit.kernel import OperationAdopted
from tests.crash.processes import completed
from tests.crash.site import Site, ended, repeated

SOON_SECONDS = 10.0
"""Far more than it takes, so that a loaded machine does not fail the test."""


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_living_orchestrator_takes_over_at_once_and_unasked(tmp_path: Path) -> None:
    site = Site(tmp_path)
    first = site.orchestrator("submit")
    assert hear(first) == "begun"
    second = site.orchestrator("stand-by")
    assert hear(second) == "open"
    died = time.monotonic()
    first.kill()
    assert hear(second) == "begun"
    taken = time.monotonic() - died
    site.open()

    assert "done" in ended(second)
    assert taken < SOON_SECONDS
    print(f"taken over after {taken:.3f} s")
    assert repeated(site.journal()) == []
    assert [event.after_death for event in site.journal() if isinstance(event, OperationAdopted)] == [True]
    assert completed(site.journal()) == {"quick", "gated"}
    ended(first, -9)

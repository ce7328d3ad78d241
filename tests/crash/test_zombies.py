"""A process that sleeps through the loss of its operation: it may compute, but never commit."""

import signal
from pathlib import Path

from agentkit.kernel import OperationAdopted, Stage
from tests.crash.site import Site, ended, operation_id, repeated, until, wait_for

FLOW = (
    Stage("quick", agent="quick"),
    Stage("gated", agent="gated", after=["quick"]),
    Stage("last", agent="quick", after=["gated"]),
)
AGENTS = ("--agents", "tests.crash.gated")


def test_a_zombie_wakes_up_while_its_heir_works_and_commits_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path)
    zombie = site.start("run", site.write(*FLOW), *AGENTS, gate="zombie")
    wait_for(zombie, "gated: attempt 1 by gated started")
    zombie.send_signal(signal.SIGSTOP)
    heir = site.start("resume", operation_id(site.journal()), "--take", *AGENTS, gate="heir")
    wait_for(heir, "from now on")
    site.open("zombie")
    zombie.send_signal(signal.SIGCONT)
    until(lambda: f"passed {zombie.pid}" in site.ledger())
    meanwhile = site.journal()
    site.open("heir")

    assert isinstance(meanwhile[-1], OperationAdopted)
    assert ended(heir) == ended(zombie) == "quick\n"
    assert repeated(site.journal()) == []
    assert site.ledger().count(f"gated {zombie.pid}") == site.ledger().count(f"gated {heir.pid}") == 1


def test_a_zombie_that_wakes_up_after_the_end_changes_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.open("heir")
    zombie = site.start("run", site.write(*FLOW), *AGENTS, gate="zombie")
    wait_for(zombie, "gated: attempt 1 by gated started")
    zombie.send_signal(signal.SIGSTOP)
    heir = site.start("resume", operation_id(site.journal()), "--take", *AGENTS, gate="heir")
    assert ended(heir) == "quick\n"
    journal = site.journal()
    site.open("zombie")
    zombie.send_signal(signal.SIGCONT)

    assert ended(zombie) == "quick\n"
    assert site.journal() == journal


def test_a_living_process_is_not_robbed_without_being_told_to(tmp_path: Path) -> None:
    site = Site(tmp_path)
    owner = site.start("run", site.write(*FLOW), *AGENTS)
    wait_for(owner, "gated: attempt 1 by gated started")
    other = site.start("resume", operation_id(site.journal()), *AGENTS)
    wait_for(other, "gated: attempt 1 by gated started")
    site.open()

    assert ended(other) == ended(owner) == "quick\n"
    assert not any(isinstance(event, OperationAdopted) for event in site.journal())

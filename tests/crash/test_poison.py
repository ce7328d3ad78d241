"""An operation that kills every process which runs it: it is set aside, and takes no other with it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agentkit.kernel import (
    Event,
    OperationAccepted,
    OperationAdopted,
    OperationCompleted,
    OperationQuarantined,
    OperationReleased,
)
from tests.crash.site import Site, ended, operation_id, repeated, wait_for

AGENTS = ("--agents", "tests.crash.gated")
KILLED = -9


def name_of(journal: Sequence[Event]) -> str:
    assert isinstance(journal[0], OperationAccepted)
    return journal[0].workflow.name


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Where a poisonous operation and three innocent ones have shared their processes, until none died any more."""
    site = Site(tmp_path)
    ended(site.orchestrator("crowd"), KILLED)
    ended(site.start("resume", *AGENTS), KILLED)
    # From now on the innocent ones end as soon as they are let.
    site.open()
    for _ in range(3):
        ended(site.start("resume", *AGENTS), KILLED)
    out = ended(site.start("resume", *AGENTS), 1)
    assert "cured" not in out
    return site


def test_a_poisonous_operation_is_set_aside_after_five_deaths(site: Site) -> None:
    (poison,) = (journal for journal in site.journals() if name_of(journal) == "poison")

    assert isinstance(poison[-1], OperationQuarantined)
    assert poison[-1].deaths == 5


def test_the_innocent_ones_in_its_processes_are_completed(site: Site) -> None:
    innocent = [journal for journal in site.journals() if name_of(journal) == "gated"]

    assert [type(journal[-1]) for journal in innocent] == [OperationCompleted] * 3
    assert [problem for journal in innocent for problem in repeated(journal)] == []
    # They died with it while nobody knew better: twice, and never again once both were suspects.
    assert max(sum(isinstance(event, OperationAdopted) for event in journal) for journal in innocent) <= 3


def test_what_was_set_aside_waits_for_a_person_who_resumes_it(site: Site) -> None:
    (poison,) = (journal for journal in site.journals() if name_of(journal) == "poison")
    nothing = site.start("resume", *AGENTS)
    wait_for(nothing, "nothing to resume")
    ended(nothing)
    (site.folder / "cure").touch()

    assert site.call("resume", operation_id(poison), *AGENTS) == "cured\n"
    (poison,) = (journal for journal in site.journals() if name_of(journal) == "poison")
    assert sum(isinstance(event, OperationReleased) for event in poison) == 1
    assert isinstance(poison[-1], OperationCompleted)

"""Signals to `agentkit run`: SIGTERM leaves the operation for whoever comes next, Ctrl-C cancels it."""

import signal
from pathlib import Path

import pytest

from agentkit.kernel import AttemptStarted, OperationAdopted, OperationCancelled, Stage
from tests.crash.site import Site, ended, operation_id, repeated, until, wait_for

AGENTS = ("--agents", "tests.crash.gated")
FLOW = (Stage("quick", agent="quick"), Stage("gated", agent="gated", after=["quick"]))


def test_sigterm_releases_the_operation_and_says_how_to_go_on(tmp_path: Path) -> None:
    site = Site(tmp_path)
    process = site.start("run", site.write(*FLOW), *AGENTS)
    wait_for(process, "gated: attempt 1 by gated started")
    process.send_signal(signal.SIGTERM)
    hint = wait_for(process, "go on with: ")
    assert ended(process, 143) == ""
    site.open()

    assert site.call(*hint.removeprefix("go on with: agentkit ").split()) == "gated by quick\n"
    # It was handed over, so nobody counts a death.
    assert [event.after_death for event in site.journal() if isinstance(event, OperationAdopted)] == [False]
    assert repeated(site.journal()) == []


def test_ctrl_c_cancels_the_operation_and_a_resume_carries_its_results_on(tmp_path: Path) -> None:
    site = Site(tmp_path)
    process = site.start("run", site.write(*FLOW), *AGENTS)
    wait_for(process, "gated: attempt 1 by gated started")
    process.send_signal(signal.SIGINT)
    hint = wait_for(process, "go on with: ")
    assert ended(process, 130) == ""
    assert isinstance(site.journal()[-1], OperationCancelled)
    site.open()

    assert site.call(*hint.removeprefix("go on with: agentkit ").split()) == "gated by quick\n"
    assert [event.stage for event in site.journal() if isinstance(event, AttemptStarted)] == ["gated"]


@pytest.mark.parametrize("agent", ["deaf", "busy"])
def test_a_second_ctrl_c_does_not_wait_for_an_agent_that_does_not_stop(agent: str, tmp_path: Path) -> None:
    site = Site(tmp_path)
    process = site.start("run", site.write(Stage("work", agent=agent)), *AGENTS)
    until(lambda: f"{agent} {process.pid}" in site.ledger())
    process.send_signal(signal.SIGINT)
    wait_for(process, "cancel requested: interrupted")
    process.send_signal(signal.SIGINT)

    assert ended(process, 130) == ""


@pytest.mark.parametrize("agent", ["deaf", "busy"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_process_ends_whatever_its_agents_do(agent: str, number: signal.Signals, code: int, tmp_path: Path) -> None:
    site = Site(tmp_path)
    process = site.start("run", site.write(Stage("work", agent=agent)), *AGENTS)
    until(lambda: f"{agent} {process.pid}" in site.ledger())
    process.send_signal(number)
    wait_for(process, "go on with: ")

    assert ended(process, code) == ""


def test_ctrl_c_ends_a_watch_and_nothing_else(tmp_path: Path) -> None:
    site = Site(tmp_path)
    process = site.start("run", site.write(*FLOW), *AGENTS)
    wait_for(process, "gated: attempt 1 by gated started")
    watch = site.start("watch", operation_id(site.journal()))
    wait_for(watch, "gated: attempt 1 by gated started")
    watch.send_signal(signal.SIGINT)
    ended(watch, 130)
    site.open()

    assert ended(process) == "gated by quick\n"

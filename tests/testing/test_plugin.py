"""The pytest plugin, as somebody has it who installed agentkit and pytest and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.blocking
TEST = """
from agentkit import Stage, Workflow
from agentkit.testing import Fault, ScriptedAgent, Sleep, assert_exactly_once

FLOW = Workflow("flow", [Stage("one", agent="clerk"), Stage("two", agent="clerk", after=["one"])])

def test_good(simulation):
    assert_exactly_once(simulation.crash_everywhere(FLOW, [ScriptedAgent("clerk", ["done"])]), "two")

def test_bad(simulation, simulation_seed):
    assert simulation.seed == simulation_seed
    assert simulation(FLOW, [ScriptedAgent("clerk", ["done"])]).seed % 3 != 2

def test_without():
    pass
"""


def run(directory: Path, *arguments: str, test: str = TEST) -> subprocess.CompletedProcess[str]:
    (directory / "test_flow.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=120, check=False)


def test_without_options_every_test_runs_once_under_the_first_seed(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_a_test_of_a_simulation_runs_under_as_many_seeds_as_asked_for_and_says_the_one_that_fails(
    tmp_path: Path,
) -> None:
    done = run(tmp_path, "--agentkit-seeds", "4")

    assert "1 failed, 8 passed" in done.stdout
    assert "test_bad[seed2]" in done.stdout
    assert "seed 2: repeat it with --agentkit-seed 2" in done.stdout


def test_a_seed_can_be_chosen(tmp_path: Path) -> None:
    done = run(tmp_path, "--agentkit-seed", "5", "--agentkit-seeds", "9")

    assert "1 failed, 2 passed" in done.stdout
    assert "seed 5: repeat it with" in done.stdout


def test_who_chooses_seeds_by_hand_has_them(tmp_path: Path) -> None:
    test = """
import pytest

@pytest.mark.parametrize("simulation_seed, more", [(7, 0), (8, 0)])
def test_by_hand(simulation, simulation_seed, more):
    assert simulation.seed == simulation_seed in (7, 8)
"""
    assert "2 passed" in run(tmp_path, "--agentkit-seeds", "5", test=test).stdout


def test_a_run_without_simulations_loads_nothing_of_agentkit(tmp_path: Path) -> None:
    test = """
import json, sys

def test_nothing(capsys):
    loaded = sorted(name for name in sys.modules if name.startswith("agentkit"))
    with capsys.disabled():
        print("LOADED" + json.dumps(loaded))
"""
    done = run(tmp_path, test=test)
    loaded = json.loads(
        next(line for line in done.stdout.splitlines() if "LOADED" in line).partition("LOADED")[2].rstrip(".")
    )

    assert loaded == ["agentkit", "agentkit.faces", "agentkit.testing", "agentkit.testing.plugin"]

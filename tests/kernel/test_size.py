"""Large workflows: built without recursion, up to the stated limits."""

import subprocess
import sys

import pytest

from agentkit.errors import DefinitionError
from agentkit.kernel import Stage, Workflow

BUILD = """
import sys
from agentkit.errors import DefinitionError
from agentkit.kernel import Stage, Workflow, workflow_data, workflow_from_data
sys.setrecursionlimit(120)

def chain(count, **first):
    yield Stage("s0", agent="ada", **first)
    yield from (Stage(f"s{n}", agent="ada", after=[f"s{n - 1}"]) for n in range(1, count))

deep = Workflow("deep", list(chain(5_000)))
assert workflow_from_data(workflow_data(deep)) == deep
crowd = [Stage(f"s{n}", agent="ada", group="all") for n in range(9_999)]
wide = Workflow("wide", [*crowd, Stage("end", agent="ada", after="all")])
assert len(wide.graph.dependencies[-1]) == 9_999
try:
    Workflow("ring", list(chain(5_000, after=["s4999"])))
except DefinitionError as error:
    (line,) = error.problems
    assert line.count(" -> ") == 5_000
else:
    raise AssertionError("a ring was built")
"""


def test_ten_thousand_stages_and_a_chain_of_five_thousand_need_no_recursion() -> None:
    done = subprocess.run([sys.executable, "-c", BUILD], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr


def test_more_than_a_hundred_thousand_stages_are_refused() -> None:
    stage = Stage("a", agent="ada")
    with pytest.raises(DefinitionError) as caught:
        Workflow("flow", [stage] * 100_001)

    assert caught.value.problems[0] == "the workflow has 100001 stages; at most 100000 are allowed"


def test_more_than_a_million_dependencies_are_refused() -> None:
    crowd = [Stage(f"a{n}", agent="ada", group="crowd") for n in range(1_001)]
    with pytest.raises(DefinitionError) as caught:
        Workflow("flow", [*crowd, *(Stage(f"b{n}", agent="ada", after="crowd") for n in range(1_001))])

    assert caught.value.problems == ("stage 'b999': with it the workflow has more than 1000000 dependencies",)


def test_an_instruction_has_its_limit() -> None:
    Stage("a", agent="ada", instruction="x" * 65_536)
    with pytest.raises(DefinitionError, match="the instruction has 65537 characters; at most 65536 are allowed"):
        Stage("a", agent="ada", instruction="x" * 65_537)

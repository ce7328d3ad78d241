"""Agents out of modules that the caller allows, and out of no others."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentkit.errors import DefinitionError
from agentkit.service import load_agents

SOURCE = """
from agentkit import Agent, Task, agent

class Clerk(Agent[object, str]):
    async def run(self, task: Task[object]) -> str:
        return "yes"

@agent
def porter(task: Task[object]) -> str:
    return "no"

everybody = [porter, Clerk()]
number = 5
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "staff_of_a_test.py").write_text(SOURCE)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield "staff_of_a_test"
    sys.modules.pop("staff_of_a_test", None)


def test_a_module_gives_every_agent_at_its_top(module: str) -> None:
    assert {agent.name for agent in load_agents([module])} == {"clerk", "porter"}


def test_a_name_gives_one_agent_or_one_list(module: str) -> None:
    assert [agent.name for agent in load_agents([f"{module}:porter"])] == ["porter"]
    assert [agent.name for agent in load_agents([f"{module}:everybody"])] == ["porter", "clerk"]


def test_a_file_is_as_good_as_a_module(module: str, tmp_path: Path) -> None:
    assert len(load_agents([str(tmp_path / f"{module}.py")])) == 2


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("no_such_module_here", "cannot be imported"),
        ("nowhere/at_all.py", "there is no such file"),
        ("{module}:nobody", "has no 'nobody'"),
        ("{module}:number", "5 is not an agent"),
        ("json", "there is no agent at the top"),
    ],
)
def test_what_cannot_be_had_is_said(module: str, reference: str, says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        load_agents([reference.format(module=module)])

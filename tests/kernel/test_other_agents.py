"""A workflow with other agents for some of its stages."""

from typing import Any

import pytest

from agentkit.errors import DefinitionError
from agentkit.kernel import Allowance, Approval, Fallback, Stage, Workflow, workflow_data

FLOW: Workflow[str] = Workflow(
    "flow",
    [
        Stage("read", agent="ada", fallback=[Fallback("bob")], instruction="Read {page}", timeout=5),
        Stage("ask", after=["read"], approval=Approval()),
        Stage("write", agent="ada", after=["ask"], undo="bob"),
        Stage("send", agent="cyd", after=["write"]),
    ],
    agent_budgets={"ada": Allowance(calls=3), "cyd": Allowance(calls=1)},
    timeout=60,
    returns=str,
)


def test_only_the_agents_of_those_stages_are_others() -> None:
    changed = FLOW.with_agents({"read": "zoe"})
    data: Any = workflow_data(changed)
    data["stages"][0]["agent"] = "ada"

    assert changed["read"].agents == ("zoe", "bob")
    assert data == workflow_data(FLOW)
    assert changed.returns is str
    assert changed != FLOW


def test_a_fallback_that_is_chosen_does_not_take_over_from_itself() -> None:
    assert FLOW.with_agents({"read": "bob"})["read"].agents == ("bob",)


def test_the_usual_agents_are_the_same_workflow() -> None:
    assert FLOW.with_agents({}) is FLOW
    assert FLOW.with_agents({"read": "ada", "send": "cyd"}) == FLOW


def test_the_budget_of_an_agent_that_works_no_more_is_gone() -> None:
    assert FLOW.with_agents({"send": "zoe"}).agent_budgets.keys() == {"ada"}
    assert FLOW.with_agents({"send": "ada", "read": "zoe", "write": "zoe"}).agent_budgets.keys() == {"ada"}


@pytest.mark.parametrize(
    ("agents", "problem"),
    [
        (
            {"out": "zoe"},
            "workflow 'flow' has no stage 'out'; stages that agents work on are 'read', 'send', 'write'",
        ),
        ({"ask": "zoe"}, "workflow 'flow' has no agent at stage 'ask'; stages that agents work on are"),
        ({"read": ""}, "stage 'read': agent: a name must be a text that is not empty"),
        ({"read": "1"}, "stage 'read': agent: the name '1' must begin with a letter"),
    ],
)
def test_what_cannot_be_is_refused(agents: dict[str, str], problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        FLOW.with_agents(agents)

    assert caught.value.problems[0].startswith(problem)

"""Plain mistakes in what a `ModelAgent` is made with: named where they are made, with what to do."""

from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import NativeOutput, PromptedOutput, TextOutput, ToolOutput

from agentkit.agents import Budget, ModelAgent, ModelLimits, ModelTool, Task
from agentkit.errors import DefinitionError
from agentkit.kernel import Allowance
from agentkit.testing import Says, ScriptedModel


class Verdict(BaseModel):
    """A verdict."""

    fair: bool


class Plain:
    """Nothing that a model could give."""


def look(invoice: str) -> str:
    """Look it up."""
    return invoice


def task_second(invoice: str, task: Task[str]) -> str:
    """Look it up."""
    return invoice


def task_perhaps(task: Task[str] | None, invoice: str) -> str:
    """Look it up."""
    return invoice


def takes_plain(plain: Plain) -> str:
    """Look it up."""
    return "x"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"output": "Verdict"}, "output is a type, not its name: give the class itself in place of 'Verdict'"),
        ({"output": Verdict(fair=True)}, "output: .* is no type of values: .*; give a pydantic class"),
        ({"output": ToolOutput(Verdict)}, r"output is a type, not ToolOutput.*give the class itself; .* A \| B"),
        ({"output": NativeOutput(Verdict)}, "output is a type, not NativeOutput.*give the class itself"),
        ({"output": PromptedOutput(Verdict)}, "output is a type, not PromptedOutput.*give the class itself"),
        ({"output": TextOutput(look)}, "output is a type, not TextOutput.*give the class itself"),
        ({"output": [Verdict, str]}, r"output is a type, not .*for a union write A \| B"),
        ({"fallback": {"one", "two"}}, "fallback is a list of models, in the order in which they are asked, not a set"),
        ({"output": Plain}, "output: Plain is no type of values: .*; give a pydantic class"),
        ({"input": "Verdict"}, "input is a type, not its name"),
        ({"limits": 5}, r"limits is a ModelLimits, such as ModelLimits\(calls=5\), not 5"),
        ({"limits": 0}, "limits is a ModelLimits"),
        ({"validators": look}, r"validators is a list of functions, such as \[look\]"),
        ({"validators": ["look"]}, "a validator is a function of the answer, not 'look'"),
        ({"tools": look}, r"tools is a list of tools, such as \[look\]"),
        ({"model": 5}, "model is a model, or the name of one such as 'openai:gpt-5', not 5"),
        ({"fallback": [5]}, "fallback is a model, or the name of one"),
        ({"models": {"small": 5}}, r"models\['small'\] is a model, or the name of one"),
        ({"models": ["small"]}, "models is a dict"),
        ({"settings": ["temperature"]}, "settings is a dict"),
    ],
)
def test_a_mistake_in_a_setting_names_the_agent_the_setting_and_what_to_give(
    wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(DefinitionError, match=f"^agent 'clerk': {message}"):
        ModelAgent("clerk", **{"model": ScriptedModel(["Done."]), **wrong})


def test_several_mistakes_are_named_at_once() -> None:
    wrong: Any = 5
    with pytest.raises(DefinitionError) as refused:
        ModelAgent("clerk", model=wrong, limits=wrong, validators=wrong)

    assert len(refused.value.problems) == 3


def test_who_it_is_is_a_name_or_a_personality() -> None:
    wrong: Any = 5
    with pytest.raises(DefinitionError, match="its name or an AgentPersonality first, not 5"):
        ModelAgent(wrong)


@pytest.mark.parametrize(
    ("tool", "message"),
    [
        (task_second, "tool 'task_second': 'task' is a task, which no model gives: make it the first parameter"),
        (ModelTool(task_perhaps, name="perhaps"), r"tool 'perhaps': 'task' is a task, .* as Task\[...\] alone"),
        (takes_plain, "tool 'takes_plain': a model cannot be told what it takes: .*Plain"),
    ],
)
def test_a_mistake_in_what_a_tool_takes_names_the_tool(tool: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        ModelAgent("clerk", model=ScriptedModel(["Done."]), tools=[tool])


@pytest.mark.parametrize("script", [[], "Done."])
def test_a_script_has_lines(script: Any) -> None:
    with pytest.raises(
        DefinitionError, match=r"the script of model 'small' is a list of what it says, such as \['Done.'\]"
    ):
        ScriptedModel(script, name="small")


async def test_a_name_of_a_model_that_nobody_knows_is_refused_with_those_that_are_known() -> None:
    clerk = ModelAgent("clerk", model="smal-1", models={"small-1": ScriptedModel(["Done."])})

    with pytest.raises(DefinitionError, match="agent 'clerk': Unknown model: smal-1; models= knows 'small-1'"):
        await clerk.run(Task.standalone("Paid?"))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (ModelLimits(), "budget 'desk' is in EUR and cannot count money in USD"),
        (ModelLimits(money="1"), "budget 'desk' is in EUR and cannot count money in USD"),
    ],
)
async def test_a_budget_in_another_currency_is_named_and_not_the_limits_of_the_agent(
    limits: ModelLimits, message: str
) -> None:
    model = ScriptedModel([Says("Done.", cost="0.10")])
    budget = Budget(Allowance(money="1", currency="EUR"), name="desk")

    with pytest.raises(DefinitionError, match=message):
        await ModelAgent("clerk", model=model, limits=limits).run(Task.standalone("Paid?", budget=budget))
    assert model.calls == []

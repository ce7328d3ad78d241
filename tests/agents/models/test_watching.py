"""What is seen of a model while it works, and what is gone on with after it broke off."""

from typing import Any

import pytest
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai.exceptions import ModelRateLimitError

from agentkit.agents import AgentPersonality, ModelAgent, ModelLimits, Task, agent, model_agent
from agentkit.errors import BudgetExhausted, DefinitionError
from agentkit.kernel import RetryPolicy, Stage, Usage, Workflow
from agentkit.testing import ModelCall, Says, ScriptedModel, ToolCall
from tests.orchestrator.scenes import opened


class Lines:
    """Who watches a task."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def progress(self, command: object, fraction: float, message: str) -> None:
        """Not looked at."""

    def log(self, command: object, message: str) -> None:
        self.said.append(message)

    def now(self) -> float:
        return 0.0


def watched(value: object) -> tuple[Task[Any], Lines]:
    lines = Lines()
    task: Task[Any] = Task.standalone(value)
    task._reports = lines
    return task, lines


def stock(item: str) -> int:
    """How many there are."""
    return 7


async def test_text_and_calls_of_tools_are_told_while_they_come() -> None:
    task, lines = watched("Pens?")
    script = [ToolCall("stock", item="pens"), "There are seven.\n\nAsk again\ntomorrow."]

    await ModelAgent("clerk", model=ScriptedModel(script), tools=[stock]).run(task)

    assert lines.said == [
        'calls stock({"item":"pens"})',
        "hears from stock: 7",
        "There are seven.",
        "Ask again",
        "tomorrow.",
    ]


async def test_long_text_is_told_in_lines_and_none_of_it_is_lost() -> None:
    task, lines = watched("x")
    text = " ".join(f"word{number}" for number in range(200))

    await ModelAgent("clerk", model=ScriptedModel([text])).run(task)

    assert " ".join(lines.said) == text
    assert 5 < len(lines.said) < 20
    assert max(map(len, lines.said)) <= 160


async def test_text_without_a_space_is_told_in_lines_too() -> None:
    task, lines = watched("x")

    await ModelAgent("clerk", model=ScriptedModel(["x" * 500])).run(task)

    assert "".join(lines.said) == "x" * 500


async def test_who_does_not_stream_tells_nothing() -> None:
    task, lines = watched("x")

    await ModelAgent("clerk", model=ScriptedModel(["a b c"]), stream=False).run(task)

    assert lines.said == []


async def test_what_was_paid_before_a_model_was_busy_is_not_paid_again() -> None:
    calls: list[str] = []

    def count(item: str) -> int:
        """Count."""
        calls.append(item)
        return 7

    def steps(call: ModelCall) -> object:
        if len(call.messages) == 1:
            return ToolCall("count", item="pens")
        return ModelRateLimitError("scripted", "busy", retry_after=5) if len(model.calls) == 2 else "Seven."

    model = ScriptedModel([steps])
    flow = Workflow("w", [Stage("ask", agent="clerk", instruction="Pens?", retry=RetryPolicy(attempts=2))])

    async with opened(ModelAgent("clerk", model=model, tools=[count])) as house:
        result = await (await house.submit(flow, None))

    assert (result.output, calls, len(model.calls)) == ("Seven.", ["pens"], 3)


async def test_what_never_got_an_answer_begins_anew() -> None:
    model = ScriptedModel([ModelRateLimitError("scripted", "busy"), "Seven."])
    flow = Workflow("w", [Stage("ask", agent="clerk", instruction="Pens?", retry=RetryPolicy(attempts=2))])

    async with opened(ModelAgent("clerk", model=model)) as house:
        operation = await house.submit(flow, None)
        result = await operation
        effects = await operation.effects()

    assert (result.output, effects) == ("Seven.", ())


def foreign(*script: object, **settings: Any) -> PydanticAgent[Any, Any]:
    return PydanticAgent(ScriptedModel(script), name="poet", **settings)


async def test_a_foreign_agent_is_an_agent_in_one_line_and_its_calls_are_counted() -> None:
    poet = model_agent(foreign(Says("Roses", input_tokens=9, output_tokens=1, cost="0.5")))
    flow = Workflow("w", [Stage("write", agent="poet", instruction="A poem")])

    async with opened(poet) as house:
        operation = await house.submit(flow, {"about": "roses"})
        result, costs = await operation, await operation.costs()

    assert (result.output, costs.total.usage.tokens, costs.total.usage.money) == ("Roses", 10, "0.5")


async def test_a_foreign_agent_keeps_its_instructions_and_output() -> None:
    model = ScriptedModel([[1, 2]])
    counter = model_agent(PydanticAgent(model, output_type=list[int], instructions="Count."), name="counter")

    assert await counter.run(Task.standalone("x")) == [1, 2]
    assert model.calls[0].instructions == "Count."


async def test_tools_of_a_foreign_agent_are_given_what_deps_makes_of_the_task() -> None:
    from pydantic_ai import RunContext

    seen: list[object] = []
    poet = foreign(ToolCall("note"), "Done", deps_type=str)

    @poet.tool
    def note(ctx: RunContext[str]) -> str:
        """Note it."""
        seen.append(ctx.deps)
        return "noted"

    await model_agent(poet, deps=lambda task: f"for {task.stage}").run(Task.standalone("x"))
    await model_agent(poet).run(Task.standalone("x"))

    assert seen[0] == "for standalone"
    assert len(seen) == 1


async def test_a_foreign_agent_has_limits() -> None:
    def note() -> str:
        """Note it."""
        return "noted"

    model = ScriptedModel([ToolCall("note")])
    poet = PydanticAgent(model, name="poet", tools=[note])

    with pytest.raises(BudgetExhausted, match="limits of poet"):
        await model_agent(poet, limits=ModelLimits(calls=2)).run(Task.standalone("x"))
    assert len(model.calls) == 2


async def test_a_foreign_agent_may_be_somebody_and_take_something() -> None:
    who = AgentPersonality(name="bard", role="Sings", expertise={"songs"})
    bard = model_agent(foreign("La"), personality=who, input=int, stream=False)
    task, lines = watched(3)

    assert await bard.run(task) == "La"
    assert (bard.name, bard.personality.role, lines.said) == ("bard", "Sings", [])


async def test_what_a_foreign_agent_is_given_is_checked_before_it_is_asked() -> None:
    model = ScriptedModel(["La"])
    bard = model_agent(PydanticAgent(model, name="bard"), input=int)
    flow = Workflow("w", [Stage("sing", agent="bard", instruction="So many songs")])

    async with opened(bard) as house:
        right = await (await house.submit(flow, 3))
        wrong = await (await house.submit(flow, "many")).at_rest()

    assert (right.output, wrong.status, len(model.calls)) == ("La", "failed", 1)


def test_a_foreign_agent_without_a_name_is_refused() -> None:
    with pytest.raises(DefinitionError, match="has no name"):
        model_agent(PydanticAgent(ScriptedModel(["x"])))


async def test_any_async_function_is_an_agent_in_one_line() -> None:
    @agent
    async def echo(task: Task[str]) -> str:
        return task.input

    assert await echo.run(Task.standalone("x")) == "x"


def test_without_the_library_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from agentkit.errors import MissingExtra

    for name in [name for name in sys.modules if name.startswith("agentkit.agents.models.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    monkeypatch.delattr("agentkit.agents.models.running", raising=False)

    with pytest.raises(MissingExtra, match=r"pip install 'agentkit\[llm\]'"):
        ModelAgent("clerk")


async def test_usage_is_told_even_of_a_task_that_fails() -> None:
    task: Task[object] = Task.standalone("x")
    worker = ModelAgent(
        "clerk", model=ScriptedModel([Says(ToolCall("stock", item="x"), output_tokens=4), KeyError()]), tools=[stock]
    )

    with pytest.raises(KeyError):
        await worker.run(task)

    assert task.usage == Usage(calls=2, tokens=None, least_tokens=4, money=None, currency="USD")

"""Insights that a model puts into words: with the figures of the data, or not at all."""

import json
from typing import Any

import pytest

from agentkit.agents import Agent, ModelAgent, Task, agent
from agentkit.data import InsightsConfig, RecordsSource
from agentkit.errors import DefinitionError, OperationFailed
from agentkit.kernel import Stage, Workflow
from agentkit.orchestrator import Orchestrator, Result
from agentkit.readymade import (
    ExtractionAgent,
    ExtractionSettings,
    FoundInsights,
    InsightsAgent,
    InsightsSettings,
)
from agentkit.testing import ModelCall, ScriptedModel

ROWS = [{"artist": "Ibis", "sold": 3}, {"artist": "Crake", "sold": 4}]
READ = ExtractionAgent(ExtractionSettings(sources=(RecordsSource(name="sales", records=ROWS),)))
SETTINGS = InsightsSettings(config=InsightsConfig(value="sold", by=("artist",)))
GOOD = "Crake sold 4, which is most of the 7."
WRONG = "Crake sold 5 of 7."


async def written(writer: Agent[Any, str] | None, **settings: Any) -> Result[FoundInsights]:
    insights = InsightsAgent(SETTINGS, writer=writer, **settings)
    stages = [Stage("read", agent="extraction"), Stage("insights", agent="insights", after=["read"])]
    async with Orchestrator([READ, insights]) as orchestrator:
        return await orchestrator.run(Workflow("flow", stages, returns=FoundInsights))


def asked(call: ModelCall) -> dict[str, Any]:
    request: Any = call.messages[0]
    found: dict[str, Any] = json.loads(request.parts[0].content[1].partition("\n")[2])
    return found


async def test_a_text_with_figures_of_the_data_stands_before_the_statements() -> None:
    model = ScriptedModel([GOOD])

    found = (await written(ModelAgent("writer", model=model))).output

    assert (found.text, found.statements[0]) == (GOOD, GOOD)
    assert [one["text"] for one in asked(model.calls[0])["statements"]] == list(found.statements[1:])


async def test_a_number_that_nobody_computed_is_refused_and_told_to_the_writer() -> None:
    model = ScriptedModel([WRONG, GOOD])

    found = (await written(ModelAgent("writer", model=model))).output

    assert found.text == GOOD
    assert asked(model.calls[1])["earlier"] == WRONG
    assert asked(model.calls[1])["wrong"] == "no figure of the insights is '5'"


async def test_who_goes_on_inventing_is_left_out_and_the_value_is_degraded() -> None:
    model = ScriptedModel([WRONG])

    result = await written(ModelAgent("writer", model=model), tries=2)

    assert (result.output.text, len(model.calls)) == ("", 2)
    assert len(result.output.statements) == len(result.output.lines)
    assert result.degraded == ("insights",)


async def test_a_plain_function_may_write_and_none_writes_nothing() -> None:
    @agent
    def writer(task: Task[Any]) -> str:
        return GOOD

    assert (await written(writer)).output.text == GOOD
    assert (await written(None)).output.text == ""


async def test_what_is_no_text_is_refused() -> None:
    @agent
    async def writer(task: Task[Any]) -> Any:
        return 7

    with pytest.raises(OperationFailed, match="int given where str is declared"):
        await written(writer)


def test_a_writer_that_is_never_asked_is_refused() -> None:
    with pytest.raises(DefinitionError, match="at least once"):
        InsightsAgent(SETTINGS, tries=0)

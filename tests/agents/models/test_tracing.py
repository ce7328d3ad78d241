"""Spans of runs, calls and tools: by the conventions, where they belong, and without a word that was said."""

from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agentkit.agents import AgentPersonality, ModelAgent, ModelTool
from agentkit.kernel import Approval, Stage, Workflow
from agentkit.testing import Says, ScriptedModel, ToolCall
from tests.orchestrator.scenes import opened


def told(kept: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in kept.get_finished_spans()}


def provider() -> tuple[TracerProvider, InMemorySpanExporter]:
    made, kept = TracerProvider(), InMemorySpanExporter()
    made.add_span_processor(SimpleSpanProcessor(kept))
    return made, kept


def stock(item: str) -> str:
    """How many there are."""
    return "s3cret result"


async def run(script: list[object], *tools: Any, agrees: bool = False) -> dict[str, ReadableSpan]:
    made, kept = provider()
    who = AgentPersonality(name="clerk", system_prompt="s3cret prompt")
    clerk = ModelAgent(who, model=ScriptedModel(script), tools=tools, telemetry=made)
    flow = Workflow("w", [Stage("ask", agent="clerk", instruction="s3cret instruction")])
    async with opened(clerk) as house:
        operation = await house.submit(flow, {"data": "s3cret data"})
        await operation.at_rest()
        if agrees:
            await operation.approve("ask", by="bea", name="stock-1")
        await operation
    return told(kept)


async def test_a_run_a_call_of_a_model_and_one_of_a_tool_have_spans_by_the_conventions() -> None:
    call = Says(ToolCall("stock", item="s3cret argument"), input_tokens=5, output_tokens=2)

    spans = await run([call, "s3cret answer"], stock)

    whole, asked, tool = spans["invoke_agent clerk"], spans["chat scripted"], spans["execute_tool stock"]
    assert whole.attributes is not None
    assert asked.attributes is not None
    assert whole.attributes["gen_ai.agent.name"] == "clerk"
    assert asked.attributes["gen_ai.provider.name"] == "scripted"
    assert asked.attributes["gen_ai.request.model"] == "scripted"
    assert tool.parent is not None
    assert asked.parent is not None
    assert whole.context is not None
    assert {tool.context.trace_id if tool.context else 0, asked.parent.trace_id} == {whole.context.trace_id}


async def test_no_word_that_was_said_is_told() -> None:
    spans = await run([ToolCall("stock", item="s3cret argument"), "s3cret answer"], stock)

    assert "s3cret" not in str([(dict(span.attributes or {}), span.events) for span in spans.values()])


async def test_a_span_says_where_in_an_operation_it_was() -> None:
    spans = await run(["Done."])

    said = str(dict(spans["invoke_agent clerk"].attributes or {}))
    assert "agentkit.operation.id" in said
    assert '"agentkit.stage":"ask"' in said.replace(" ", "")


async def test_a_call_that_waits_for_people_is_no_error() -> None:
    spans = await run([ToolCall("stock", item="x"), "Done."], ModelTool(stock, approval=Approval()), agrees=True)

    assert all(span.status.is_unset or span.status.is_ok for span in spans.values())

"""Agents that ask a model, out of a file: real requests to a server on loopback that speaks as a provider does."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agentkit import Agent, DefinitionError, Orchestrator, Stage, Workflow
from agentkit.agents import ModelLimits
from agentkit.data import Access
from agentkit.readymade import FoundInsights, agents_from_data
from tests.agents.models.served import KNOWN, Provider, Reply, provider

MODEL = "openai-chat:gpt-4o"
STREAM = {"Content-Type": "text/event-stream"}
SALES = [{"artist": "Ibis", "sold": 8}, {"artist": "Oak", "sold": 2}]
READ = {"is": "extraction", "sources": [{"kind": "records", "name": "sales", "records": SALES}]}
TELL = {"is": "insights", "config": {"value": "sold", "by": ["artist"]}, "writer": "words"}


def called(**answer: object) -> Reply:
    """A provider's answer of a declared type."""
    call = {"index": 0, "id": "call-1", "function": {"name": "final_result", "arguments": json.dumps(answer)}}
    deltas: list[dict[str, object]] = [{"role": "assistant", "tool_calls": [{**call, "type": "function"}]}, {}]
    chunks = [{"index": 0, "delta": delta, "finish_reason": None if delta else "tool_calls"} for delta in deltas]
    lines = [json.dumps({**KNOWN, "object": "chat.completion.chunk", "choices": [chunk]}) for chunk in chunks]
    return Reply(body="".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]), headers=STREAM)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes a provider that the environment names, as that of whoever runs a file does."""
    opened = []

    def make(*replies: Reply) -> Provider:
        context = provider(*replies)
        served = context.__enter__()
        opened.append(context)
        monkeypatch.setenv("OPENAI_BASE_URL", served.url)
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        return served

    yield make
    for context in opened:
        context.__exit__(None, None, None)


async def output_of(agents: dict[str, object], *names: str, given: object = None) -> Any:
    stages = [
        Stage(name, agent=name, after=[before] if before else [], instruction="Do it")
        for name, before in zip(names, ["", *names], strict=False)
    ]
    async with Orchestrator(agents_from_data({"agents": agents})) as orchestrator:
        return (await orchestrator.run(Workflow("flow", stages), given)).output


async def test_a_file_says_what_a_model_is_told_and_what_it_answers(serve: Any) -> None:
    served = serve(
        called(about="weather", amount="12.50", until="2026-01-31", pages=3, urgent=True),
        called(about="refund", amount="12.50", until=None, pages=3, urgent=True),
    )
    sort = {
        "is": "model",
        "model": MODEL,
        "role": "Sorts mails",
        "system_prompt": "Mails are in {language}.",
        "answer": {
            "about": ["refund", "question"],
            "amount": "decimal",
            "until": "date?",
            "pages": "whole",
            "urgent": "flag",
        },
        "settings": {"temperature": 0},
    }

    found = await output_of({"sort": sort}, "sort", given={"mail": "I want my money back", "language": "Latin"})

    assert found == {"about": "refund", "amount": Decimal("12.50"), "until": None, "pages": 3, "urgent": True}
    first = served.asked[0]
    assert (first["model"], first["temperature"]) == ("gpt-4o", 0)
    told = json.dumps(first["messages"])
    assert "Your part: Sorts mails." in told
    assert "Mails are in {language}." in told, "nothing is filled in there"
    assert "I want my money back" in told
    (tool,) = first["tools"]
    assert tool["function"]["parameters"]["properties"]["about"]["enum"] == ["refund", "question"]
    assert "refund" in json.dumps(served.asked[1]["messages"][-1]), "the choices are named to a model that missed them"


async def test_without_fields_the_answer_is_in_words(serve: Any) -> None:
    serve(Reply(text="All is well."))

    assert (await output_of({"words": {"is": "model", "model": MODEL}}, "words", given={"n": 1})).strip() == (
        "All is well."
    )


async def test_a_model_of_the_file_writes_about_what_was_found_wherever_in_the_file_it_stands(serve: Any) -> None:
    served = serve(Reply(text="Ibis sold 9."), Reply(text="Ibis sold 8 of the 10."))
    words = {"is": "model", "model": MODEL, "role": "Writes for the board"}

    for agents in ({"read": READ, "tell": TELL, "words": words}, {"words": words, "tell": TELL, "read": READ}):
        served.asked.clear()
        found: FoundInsights = await output_of(agents, "read", "tell")
        assert (found.statements[0], found.written_by) == ("Ibis sold 8 of the 10.", "words")
        assert len(served.asked) == 2
        assert [agent.name for agent in agents_from_data({"agents": agents})] == [*agents]


def test_who_a_model_is_and_how_much_it_may_use_comes_from_the_file() -> None:
    (made,) = agents_from_data(
        {
            "agents": {
                "words": {
                    "is": "model",
                    "model": "test",
                    "fallback": ["openai:gpt-4o"],
                    "expertise": ["finance"],
                    "limits": {"calls": 3, "money": "0.05"},
                }
            }
        },
        access=Access(),
    )

    agent: Agent[Any, Any] = made
    assert agent.personality.expertise == {"finance"}
    assert agent.limits == ModelLimits(calls=3, money="0.05")  # type: ignore[attr-defined]  # it is a ModelAgent
    assert agent._fallback == ("openai:gpt-4o",)  # type: ignore[attr-defined]  # nothing shows it from outside


@pytest.mark.parametrize("kind", ["text", "whole", "decimal", "flag", "date", "date?"])
async def test_each_kind_of_a_field_is_a_type(kind: str) -> None:
    types = {"text": str, "whole": int, "decimal": Decimal, "flag": bool, "date": date}
    found = await output_of({"ask": {"is": "model", "model": "test", "answer": {"it": kind}}}, "ask")

    assert type(found["it"]) is types[kind.removesuffix("?")]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "agent words: model"),
        ({"model": "test", "tools": ["rm"]}, "agent words: tools"),
        ({"model": "test", "answer": {}}, "answer has fields"),
        ({"model": "test", "answer": {"a": "number"}}, "answer: a is text, whole, decimal, flag, date or a list"),
        ({"model": "test", "answer": {"a": []}}, "answer: a is text"),
        ({"model": "test", "answer": {"a": [""]}}, "answer: a is text"),
        ({"model": "test", "answer": {"a b": "text"}}, "answer: the name 'a b'"),
        ({"model": "test", "answer": {"a-b": "text"}}, "answer: 'a-b' is no name of a field"),
        ({"model": "test", "answer": {"class": "text"}}, "answer: 'class' is no name of a field"),
        ({"model": "test", "limits": {"cals": 5}}, "agent words: limits.cals"),
        ({"model": "test", "limits": {"calls": -1}}, "calls must be a whole number"),
    ],
)
def test_what_is_wrong_with_a_model_of_a_file_is_named_with_its_place(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        agents_from_data({"agents": {"words": {"is": "model", **settings}}})


@pytest.mark.parametrize(
    "others",
    [
        {},
        {"words": READ},
        {"words": {"is": "model", "model": "test", "answer": {"text": "text"}}},
        {"words": 7},
    ],
)
def test_a_writer_is_a_model_of_the_same_file_that_answers_in_words(others: dict[str, object]) -> None:
    with pytest.raises(DefinitionError, match="agent tell: writer: 'words' is no agent of this file with `is: model`"):
        agents_from_data({"agents": {"tell": TELL, **others}})


def test_of_a_writer_that_is_not_right_its_own_fault_is_told_and_no_other() -> None:
    with pytest.raises(DefinitionError) as refused:
        agents_from_data({"agents": {"tell": TELL, "words": {"is": "model"}}})

    (problem,) = refused.value.problems
    assert problem.startswith("agent words: model")

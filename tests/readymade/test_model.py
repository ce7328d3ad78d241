"""Agents that ask a model, out of a file: real requests to a server on loopback that speaks as a provider does."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest

from agentkit import DefinitionError, Orchestrator, Stage, Workflow
from agentkit.agents import ModelAgent, ModelLimits
from agentkit.data import Access
from agentkit.readymade import FoundInsights, agents_from_data
from tests.agents.models.served import KNOWN, Provider, Reply, provider

MODEL = "openai-chat:gpt-4o"
STREAM = {"Content-Type": "text/event-stream"}
SALES = [{"artist": "Ibis", "sold": 8}, {"artist": "Oak", "sold": 2}]
READ = {"is": "extraction", "sources": [{"kind": "records", "name": "sales", "records": SALES}]}
TELL = {"is": "insights", "config": {"value": "sold", "by": ["artist"]}, "writer": "words"}


def called(answer: str) -> Reply:
    """A provider's answer of a declared type, letter by letter."""
    call = {"index": 0, "id": "call-1", "function": {"name": "final_result", "arguments": answer}}
    deltas: list[dict[str, object]] = [{"role": "assistant", "tool_calls": [{**call, "type": "function"}]}, {}]
    chunks = [{"index": 0, "delta": delta, "finish_reason": None if delta else "tool_calls"} for delta in deltas]
    lines = [json.dumps({**KNOWN, "object": "chat.completion.chunk", "choices": [chunk]}) for chunk in chunks]
    return Reply(body="".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]), headers=STREAM)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes a provider that the environment names, as that of whoever runs a file does."""
    with ExitStack() as stack:

        def make(*replies: Reply) -> Provider:
            served = stack.enter_context(provider(*replies))
            monkeypatch.setenv("OPENAI_BASE_URL", served.url)
            monkeypatch.setenv("OPENAI_API_KEY", "none")
            return served

        yield make


async def output_of(agents: dict[str, object], *names: str, given: object = None) -> Any:
    stages = [
        Stage(name, agent=name, after=[before] if before else [], instruction="Do it")
        for name, before in zip(names, ["", *names], strict=False)
    ]
    async with Orchestrator(agents_from_data({"agents": agents})) as orchestrator:
        return (await orchestrator.run(Workflow("flow", stages), given)).output


async def test_a_file_says_what_a_model_is_told_and_what_it_answers(serve: Any) -> None:
    served = serve(
        called('{"about": "weather", "amount": "12.50", "until": "2026-01-31", "pages": 3, "urgent": true}'),
        called('{"about": "refund", "amount": "12.50", "until": null, "pages": 3, "urgent": true}'),
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
        "temperature": 0,
        "max_tokens": 500,
    }

    found = await output_of({"sort": sort}, "sort", given={"mail": "I want my money back", "language": "Latin"})

    assert found == {"about": "refund", "amount": Decimal("12.50"), "until": None, "pages": 3, "urgent": True}
    first = served.asked[0]
    assert (first["model"], first["temperature"], first["max_completion_tokens"]) == ("gpt-4o", 0, 500)
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


async def test_where_the_model_does_not_answer_the_fallback_of_the_file_does(serve: Any) -> None:
    served = serve(Reply(status=500), Reply(text="All is well."))
    words = {"is": "model", "model": MODEL, "fallback": [f"{MODEL}-mini"]}

    assert (await output_of({"words": words}, "words", given={"n": 1})).strip() == "All is well."
    assert [one["model"] for one in served.asked] == ["gpt-4o", "gpt-4o-mini"]


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
                    "expertise": ["finance"],
                    "limits": {"calls": 3, "money": "0.05"},
                }
            }
        },
        access=Access(),
    )

    agent = cast("ModelAgent[object, object]", made)
    assert agent.personality.expertise == {"finance"}
    assert agent.limits == ModelLimits(calls=3, money="0.05")


@pytest.mark.parametrize("kind", ["text", "whole", "decimal", "flag", "date", "date?"])
async def test_each_kind_of_a_field_is_a_type(kind: str) -> None:
    types = {"text": str, "whole": int, "decimal": Decimal, "flag": bool, "date": date}
    found = await output_of({"ask": {"is": "model", "model": "test", "answer": {"it": kind}}}, "ask")

    assert type(found["it"]) is types[kind.removesuffix("?")]


@pytest.mark.parametrize(
    ("kind", "wrong", "right", "found"),
    [
        ("decimal", "1234567890123456.78", '"1234567890123456.78"', Decimal("1234567890123456.78")),
        ("decimal", '"12,50"', '"12.50"', Decimal("12.50")),
        ("decimal", '"NaN"', '"-0.10"', Decimal("-0.10")),
        ("decimal", "true", "12345678901234567890", Decimal("12345678901234567890")),
        ("decimal?", "12.5", "null", None),
        ("whole", "true", "1", 1),
        ("whole", '"1"', "10", 10),
        ("flag", '"n"', "false", False),
        ("date", "0", '"2026-01-31"', date(2026, 1, 31)),
        ("date", '"31.1.2026"', '"2026-01-31"', date(2026, 1, 31)),
        ("date", '"2026-02-30"', '"2026-02-28"', date(2026, 2, 28)),
        ("text", "7", '"7"', "7"),
    ],
)
async def test_what_is_not_of_its_kind_to_the_last_digit_is_asked_for_again(
    kind: str, wrong: str, right: str, found: object, serve: Any
) -> None:
    served = serve(called(f'{{"it": {wrong}}}'), called(f'{{"it": {right}}}'))

    answer = await output_of({"ask": {"is": "model", "model": MODEL, "answer": {"it": kind}}}, "ask")

    assert (answer, type(answer["it"]), len(served.asked)) == ({"it": found}, type(found), 2)


async def test_fields_may_have_any_name_that_is_one() -> None:
    answer = {"from": "text", "due-date": "date", "items": "whole", "None": "flag"}

    assert [*await output_of({"ask": {"is": "model", "model": "test", "answer": answer}}, "ask")] == [*answer]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model": None}, "agent words: model"),
        (
            {"model": "gpt-5"},
            "agent words: model: 'gpt-5' names no provider, or no model of it; write a model with its",
        ),
        ({"model": "openai:"}, "agent words: model: 'openai:' names no provider, or no model of it"),
        ({"model": "opnai:gpt-5"}, "agent words: model: 'opnai:gpt-5': no provider 'opnai' is known"),
        ({"model": "mistral:x"}, r"agent words: model: 'mistral:x': .*pip install"),
        ({"fallback": ["gpt-5"]}, "agent words: fallback: 'gpt-5' names no provider"),
        ({"fallback": "openai:gpt-5"}, "agent words: fallback is a list of models"),
        ({"fallback": [7]}, "agent words: fallback is a list of models"),
        ({"tools": ["rm"]}, "agent words: tools"),
        ({"settings": {"extra_headers": {"Authorization": "key"}}}, "agent words: settings"),
        ({"thinking": "hard"}, "agent words: thinking"),
        ({"answer": {}}, "agent words: answer has fields, such as"),
        ({"answer": "text"}, "agent words: answer has fields, such as"),
        ({"answer": {"a": "number"}}, "agent words: answer: a is text, whole, decimal, flag, date or a list"),
        ({"answer": {"a": []}}, "agent words: answer: a is text"),
        ({"answer": {"a": [""]}}, "agent words: answer: a is one of some texts, not ''"),
        ({"answer": {"a": [True]}}, "agent words: answer: a is one of some texts, not True; .* in quotes"),
        ({"answer": {True: "text"}}, "agent words: answer: the name of a field is a text, not True; .* in quotes"),
        ({"answer": {"a b": "text"}}, "agent words: answer: the name 'a b'"),
        ({"answer": {"a.b": "text"}}, "agent words: answer: 'a.b' has a dot"),
        ({"limits": {"cals": 5}}, "agent words: limits.cals"),
        ({"limits": {"calls": -1}}, "agent words: limits: budget: calls must be a whole number"),
        ({"limits": {"calls": True}}, "agent words: limits: calls is a number, not True"),
    ],
)
def test_what_is_wrong_with_a_model_of_a_file_is_named_with_its_place(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        agents_from_data({"agents": {"words": {"is": "model", "model": "test", **settings}}})


def test_each_thing_that_is_wrong_has_a_line() -> None:
    answer = {"a": "number", "b": 7, "c": "text"}
    with pytest.raises(DefinitionError) as refused:
        agents_from_data({"agents": {"words": {"is": "model", "model": "test", "answer": answer}}})

    assert [problem[:25] for problem in refused.value.problems] == [
        "agent words: answer: a is",
        "agent words: answer: b is",
    ]


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

"""Real HTTP: answers, streams, limits of rate, errors and broken lines, against a server on loopback."""

import asyncio
from typing import Any

import pytest
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from agentkit.agents import ModelAgent, Task
from agentkit.errors import AgentKitError, GiveUp, TryAgain
from agentkit.kernel import RetryPolicy, Stage, Usage, Workflow
from agentkit.orchestrator import Orchestrator
from agentkit.testing import ScriptedModel
from tests.agents.models.served import Provider, Reply, provider

# The wall's clock and real sockets: every loop is a plain one, and the client of a model is made within it.
pytestmark = pytest.mark.blocking


def model(served: Provider) -> OpenAIChatModel:
    return OpenAIChatModel("gpt-4o", provider=OpenAIProvider(base_url=served.url, api_key="none"))


def ask(served: Provider, **settings: Any) -> tuple[str, Task[object]]:
    task: Task[object] = Task.standalone("How many?")

    clerk: ModelAgent[Any, str] = ModelAgent("clerk", model=model(served), **settings)
    return asyncio.run(_run(clerk, task)), task


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_comes_with_its_usage_and_its_exact_cost(stream: bool) -> None:
    with provider(Reply(text="There are seven")) as served:
        answer, task = ask(served, stream=stream)

    assert answer.strip() == "There are seven"
    assert served.asked[0].get("stream", False) is stream
    assert task.usage == Usage(calls=1, tokens=1_100, money="0.0035", currency="USD")


def test_an_answer_without_usage_has_used_what_nobody_knows() -> None:
    with provider(Reply(text="Seven", usage=None)) as served:
        _, task = ask(served, stream=False)

    assert task.usage == Usage(calls=1, tokens=None, money=None, currency="USD")


@pytest.mark.parametrize(
    ("reply", "error", "after"),
    [
        (Reply(status=429, headers={"Retry-After": "7"}), TryAgain, 7),
        (Reply(status=429), TryAgain, None),
        (Reply(status=503, headers={"Retry-After": "3"}), TryAgain, 3),
        (Reply(status=500), TryAgain, None),
        (Reply(status=401), GiveUp, None),
        (Reply(status=404), GiveUp, None),
        (Reply(status=400), GiveUp, None),
        (Reply(status=429, body='{"error": {"code": "insufficient_quota", "message": "pay"}}'), GiveUp, None),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_what_a_provider_refuses_is_tried_again_or_given_up(
    reply: Reply, error: type[AgentKitError], after: float | None, stream: bool
) -> None:
    with provider(reply) as served, pytest.raises(error) as caught:
        ask(served, stream=stream)

    assert getattr(caught.value, "after", None) == after
    assert "secret words" not in str(caught.value)
    assert len(served.asked) == 1


@pytest.mark.parametrize(
    ("status", "usage"),
    [
        (429, Usage(calls=1, currency="USD")),
        (500, Usage(calls=1, tokens=None, money=None, currency="USD")),
    ],
)
def test_a_refused_call_costs_nothing_and_a_broken_one_what_nobody_knows(status: int, usage: Usage) -> None:
    task: Task[object] = Task.standalone("x")

    with provider(Reply(status=status)) as served, pytest.raises(TryAgain):
        asyncio.run(_run(ModelAgent("clerk", model=model(served)), task))

    assert task.usage == usage


async def _run(agent: ModelAgent[Any, str], task: Task[object]) -> str:
    return await agent.run(task)


@pytest.mark.parametrize(
    ("reply", "stream"),
    [
        (Reply(text="There are", cut=True), True),
        *(
            (Reply(body=body), stream)
            for body in ("this is no JSON", '{"choices": []}', "")
            for stream in (True, False)
        ),
    ],
)
def test_malformed_answers_are_failures_and_nothing_else(reply: Reply, stream: bool) -> None:
    with provider(reply) as served, pytest.raises(AgentKitError):
        ask(served, stream=stream)


def test_nobody_there_is_tried_again() -> None:
    with provider(Reply(text="x")) as served:
        pass

    with pytest.raises(TryAgain, match="Connection"):
        ask(served)


def test_the_next_model_answers_where_the_first_is_overloaded_and_the_answer_is_degraded() -> None:
    backup = ScriptedModel(["Seven."])
    with provider(Reply(status=503)) as served:
        answer, task = ask(served, fallback=[backup])

    assert answer == "Seven."
    assert task.notes is not None
    assert task.notes.degraded
    assert task.budget.spent.calls == 2


def test_where_all_models_are_busy_the_shortest_wait_counts() -> None:
    with (
        provider(Reply(status=429, headers={"Retry-After": "9"})) as one,
        provider(Reply(status=429, headers={"Retry-After": "4"})) as other,
        pytest.raises(TryAgain) as caught,
    ):
        ask(one, fallback=[model(other)])

    assert caught.value.after == 4


def test_a_stage_waits_as_long_as_the_provider_asks_and_then_gets_its_answer() -> None:
    flow = Workflow(
        "w", [Stage("ask", agent="clerk", instruction="How many?", retry=RetryPolicy(attempts=2, delay=60))]
    )

    with provider(Reply(status=429, headers={"retry-after-ms": "50"}), Reply(text="Seven")) as served:
        house = Orchestrator([ModelAgent("clerk", model=model(served))])
        result = house.run_sync(flow, None)

    assert (str(result.output).strip(), len(served.asked)) == ("Seven", 2)


def test_one_agent_serves_several_loops_one_after_the_other() -> None:
    with provider(Reply(text="Seven")) as served:
        clerk = ModelAgent("clerk", model=model(served))
        answers = [asyncio.run(_run(clerk, Task.standalone("x"))).strip() for _ in range(3)]

    assert answers == ["Seven"] * 3

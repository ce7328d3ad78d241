"""What type checkers know of agents that ask models. Never executed: mypy and pyright read it, strict."""

from decimal import Decimal
from typing import Any, assert_type

from pydantic_ai import Agent as PydanticAgent

from agentkit import ModelAgent, ModelTool, Task, model_agent


def stock(item: str) -> int:
    return 7


bare = ModelAgent("bare", model="openai:gpt-5")
giving = ModelAgent("giving", output=Decimal)
taking = ModelAgent("taking", input=dict[str, int], output=list[str], tools=[stock, ModelTool(stock, name="n"), bare])

assert_type(bare, ModelAgent[Any, str])
assert_type(giving, ModelAgent[Any, Decimal])
assert_type(taking, ModelAgent[dict[str, int], list[str]])


async def use(counts: Task[dict[str, int]], text: Task[str]) -> None:
    assert_type(await bare.run(text), str)
    assert_type(await giving.run(counts), Decimal)
    assert_type(await taking.run(counts), list[str])
    await taking.run(text)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    poet = model_agent(PydanticAgent("openai:gpt-5", output_type=int))
    assert_type(await poet.run(text), int)

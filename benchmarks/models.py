"""What an agent of ours adds to a bare one of pydantic-ai: `python -m benchmarks models`.

Both ask the same scripted model, which takes no time by itself. One run, ratios of the time of the processor, threads
included, so that whatever else the machine does is not counted; the fastest of several rounds each, in turns.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from pydantic_ai import Agent

from agentkit.agents import ModelAgent, ModelLimits, Task
from agentkit.testing import ScriptedModel, ToolCall

__all__ = ["ask_all"]

CALLS = 100
ROUNDS = 7
BOUND = 1.3
TEXT = "There are seven pens, and two of them are blue."


def stock(item: str) -> int:
    """How many there are."""
    return 7


def scripted(*, tool: bool) -> ScriptedModel:
    """A model that answers, every second time after a call of a tool."""
    return ScriptedModel([lambda call: _line(call.messages, tool=tool)])


def _line(messages: object, *, tool: bool) -> object:
    return ToolCall("stock", item="pens") if tool and len(messages) == 1 else TEXT  # type: ignore[arg-type]


def bare(*, stream: bool, tool: bool) -> Callable[[], Awaitable[object]]:
    """A bare agent; streamed, its events are read as ours are."""
    agent = Agent(scripted(tool=tool), name="clerk", tools=[stock] if tool else [])

    async def listen(context: object, events: object) -> None:
        async for _ in events:  # type: ignore[attr-defined]
            pass

    return lambda: agent.run("How many pens?", event_stream_handler=listen if stream else None)


def ours(*, stream: bool, tool: bool) -> Callable[[], Awaitable[object]]:
    """The same as an agent of ours, with limits, budgets and a task."""
    limits = ModelLimits(tokens=10**9, money="1000000", call_money="0.0001")
    agent = ModelAgent("clerk", model=scripted(tool=tool), tools=[stock] if tool else [], stream=stream, limits=limits)
    return lambda: agent.run(Task.standalone("How many pens?"))


async def _seconds(ask: Callable[[], Awaitable[object]]) -> float:
    began = time.process_time()
    for _ in range(CALLS):
        await ask()
    return (time.process_time() - began) / CALLS


async def _measure(*, stream: bool, tool: bool) -> tuple[float, float]:
    sides = bare(stream=stream, tool=tool), ours(stream=stream, tool=tool)
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for side, ask in enumerate(sides):
            found[side].append(await _seconds(ask))
    return min(found[0]), min(found[1])


def ask_all() -> bool:
    """Measure and print; whether every ratio is within its bound."""
    good = True
    for name, stream, tool in (
        ("an answer", False, False),
        ("an answer, streamed", True, False),
        ("a tool and an answer", False, True),
        ("a tool and an answer, streamed", True, True),
    ):
        one, other = asyncio.run(_measure(stream=stream, tool=tool))
        good = good and other <= BOUND * one
        print(f"{name:32} bare {one * 1e6:7.0f} µs   ours {other * 1e6:7.0f} µs   {other / one:5.2f} x (bound {BOUND})")
    return good

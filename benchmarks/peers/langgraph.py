"""LangGraph 1.2: a `StateGraph` compiled once, `ainvoke`d.

* chain: one node per stage with static edges, async nodes, no checkpointer; `chain_plain`: plain nodes with `invoke`,
  about a quarter faster, because a step with one task then runs in the caller's thread.
* fan: `Send` to one node per item and a node that joins, which beats a static edge to each of n nodes by a tenth to a
  third.
* durable: `durability="sync"`, which writes the checkpoint of a step before the next step starts. The default,
  `"async"`, promises less and is no faster here; `"exit"` writes once per run and is no comparison. One after
  another: `SqliteSaver` with `invoke`; at once: `AsyncSqliteSaver` with `ainvoke`. Both set WAL and leave SQLite's
  `synchronous=FULL`.
* tracing is off unless LANGSMITH variables are set; the harness removes them.
"""

import asyncio
import operator
from collections.abc import Callable
from time import perf_counter
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from benchmarks.sample import Sample, import_seconds, scratch, size_of

CANNOT = {
    "agent": "its agents are compiled graphs around a chat model, no objects of their own",
}


class Count(TypedDict):
    n: int


class Total(TypedDict):
    n: Annotated[int, operator.add]


async def step(state: Count) -> Count:
    return {"n": state["n"] + 1}


def plain(state: Count) -> Count:
    return {"n": state["n"] + 1}


def _chain(size: int, node: Callable[[Count], Any]) -> StateGraph[Count]:
    graph = StateGraph(Count)
    for number in range(size):
        graph.add_node(f"s{number}", node)
    graph.add_edge(START, "s0")
    for number in range(size - 1):
        graph.add_edge(f"s{number}", f"s{number + 1}")
    graph.add_edge(f"s{size - 1}", END)
    return graph


def chain(size: int) -> Sample:
    graph = _chain(size, step).compile()

    async def main() -> float:
        start = perf_counter()
        state = await graph.ainvoke({"n": 0}, {"recursion_limit": size + 10})
        seconds = perf_counter() - start
        assert state["n"] == size
        return seconds

    return Sample(size, asyncio.run(main()))


def chain_plain(size: int) -> Sample:
    graph = _chain(size, plain).compile()
    start = perf_counter()
    state = graph.invoke({"n": 0}, {"recursion_limit": size + 10})
    seconds = perf_counter() - start
    assert state["n"] == size
    return Sample(size, seconds)


def fan(size: int) -> Sample:
    async def one(_: Total) -> Total:
        return {"n": 1}

    async def join(_: Total) -> dict[str, int]:
        return {}

    def spread(_: Total) -> list[Send]:
        return [Send("one", {"n": 0}) for _ in range(size)]

    builder = StateGraph(Total)
    builder.add_node("one", one)
    builder.add_node("join", join)
    builder.add_conditional_edges(START, spread, ["one"])
    builder.add_edge("one", "join")
    graph = builder.compile()

    async def main() -> float:
        start = perf_counter()
        state = await graph.ainvoke({"n": 0})
        seconds = perf_counter() - start
        assert state["n"] == size
        return seconds

    return Sample(size, asyncio.run(main()))


def operations(size: int) -> Sample:
    graph = _chain(3, step).compile()

    async def main() -> float:
        start = perf_counter()
        states = await asyncio.gather(*[graph.ainvoke({"n": 0}) for _ in range(size)])
        seconds = perf_counter() - start
        assert [state["n"] for state in states] == [3] * size
        return seconds

    return Sample(size, asyncio.run(main()))


def _thread(number: int) -> dict[str, Any]:
    return {"configurable": {"thread_id": f"run-{number}"}}


def durable_one(size: int) -> Sample:
    with scratch() as directory:
        with SqliteSaver.from_conn_string(str(directory / "langgraph.db")) as saver:
            graph = _chain(3, plain).compile(checkpointer=saver)
            saver.setup()
            start = perf_counter()
            for number in range(size):
                assert graph.invoke({"n": 0}, _thread(number), durability="sync")["n"] == 3
            seconds = perf_counter() - start
            assert graph.get_state(_thread(size - 1)).values == {"n": 3}
        return Sample(size, seconds, size_of(directory))


def durable_many(size: int, lines: object) -> Sample:
    del lines

    async def main(path: str) -> float:
        async with AsyncSqliteSaver.from_conn_string(path) as saver:
            graph = _chain(3, step).compile(checkpointer=saver)
            await saver.setup()
            start = perf_counter()
            runs = [graph.ainvoke({"n": 0}, _thread(number), durability="sync") for number in range(size)]
            states = await asyncio.gather(*runs)
            seconds = perf_counter() - start
            assert [state["n"] for state in states] == [3] * size
            assert (await graph.aget_state(_thread(0))).values == {"n": 3}
        return seconds

    with scratch() as directory:
        return Sample(size, asyncio.run(main(str(directory / "langgraph.db"))), size_of(directory))


def imports(size: int) -> Sample:
    return import_seconds("from langgraph.graph import START, END, StateGraph", size)

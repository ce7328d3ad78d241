"""pydantic-graph 2.68: a `Graph` built once by `GraphBuilder`, `run` per run, no instrumentation.

* chain: one step per stage, joined by plain edges; steps are always async.
* fan: one step over a `map` edge, and a join that adds up.
* durable: the 2.x line has no persistence (that of 1.x is gone; Pydantic AI delegates to engines such as DBOS).
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter
from typing import Any

from pydantic_graph import Graph, GraphBuilder, StepContext, reduce_sum

from benchmarks.sample import Sample, import_seconds

CANNOT = {
    "chain_plain": "its steps are always async functions",
    "durable_one": "it has no persistence since 2.0",
    "durable_many": "it has no persistence since 2.0",
    "agent": "it has no agents, only graphs",
}


@dataclass
class Count:
    n: int = 0


async def step(ctx: StepContext[Count, Any, int]) -> int:
    ctx.state.n += 1
    return ctx.inputs + 1


def _chain(size: int) -> Graph[Count, None, int, int]:
    builder = GraphBuilder(name="chain", state_type=Count, input_type=int, output_type=int, auto_instrument=False)
    steps = [builder.step(step, node_id=f"s{number}") for number in range(size)]
    builder.add(
        builder.edge_from(builder.start_node).to(steps[0]),
        *[builder.edge_from(one).to(other) for one, other in pairwise(steps)],
        builder.edge_from(steps[-1]).to(builder.end_node),
    )
    return builder.build()


def chain(size: int) -> Sample:
    graph = _chain(size)

    async def main() -> float:
        count = Count()
        start = perf_counter()
        result = await graph.run(state=count, inputs=0)
        seconds = perf_counter() - start
        assert result == count.n == size
        return seconds

    return Sample(size, asyncio.run(main()))


def fan(size: int) -> Sample:
    builder = GraphBuilder(name="fan", input_type=int, output_type=int, auto_instrument=False)

    async def spread(ctx: StepContext[Any, Any, int]) -> Iterable[int]:
        return range(ctx.inputs)

    async def one(_: StepContext[Any, Any, int]) -> int:
        return 1

    first, each = builder.step(spread), builder.step(one)
    join = builder.join(reduce_sum, initial=0)
    builder.add(
        builder.edge_from(builder.start_node).to(first),
        builder.edge_from(first).map().to(each),
        builder.edge_from(each).to(join),
        builder.edge_from(join).to(builder.end_node),
    )
    graph = builder.build()

    async def main() -> float:
        start = perf_counter()
        result = await graph.run(inputs=size)
        seconds = perf_counter() - start
        assert result == size
        return seconds

    return Sample(size, asyncio.run(main()))


def operations(size: int) -> Sample:
    graph = _chain(3)

    async def main() -> float:
        start = perf_counter()
        results = await asyncio.gather(*[graph.run(state=Count(), inputs=0) for _ in range(size)])
        seconds = perf_counter() - start
        assert results == [3] * size
        return seconds

    return Sample(size, asyncio.run(main()))


def imports(size: int) -> Sample:
    return import_seconds("from pydantic_graph import GraphBuilder, StepContext", size)

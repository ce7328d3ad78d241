"""Burr 0.42: an `Application` per run over a graph that is built once, no tracker, no hooks.

* chain: one action per stage with plain transitions, async actions with `arun`; `chain_plain`: plain actions with
  `run`. One action that loops on a condition is slower, 62 instead of 32 microseconds.
* fan: `MapStates`, its documented way: every item is an application of its own, gathered. Its module needs the
  `tracking` extra to be imported; nothing is tracked.
* operations: `abuild` and `arun` per run, as an application holds the state of one run.
* durable: one row per step, committed before the next step. One after another: `SQLitePersister` with `run`; at once:
  `AsyncSQLitePersister` with `arun`, where one connection serves all runs, so commits that meet are shared. Journal
  mode DELETE and `synchronous=FULL`, as it leaves them.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from itertools import pairwise
from time import perf_counter
from typing import Any

from burr.core import Application, ApplicationBuilder, ApplicationContext, State, action
from burr.core.graph import Graph, GraphBuilder
from burr.core.parallelism import MapStates
from burr.core.persistence import SQLitePersister
from burr.integrations.persisters.b_aiosqlite import AsyncSQLitePersister

from benchmarks.sample import Sample, import_seconds, scratch, size_of

CANNOT = {
    "agent": "it has no agents, only actions",
}


@action(reads=["n"], writes=["n"])
async def step(state: State) -> State:
    return state.update(n=state["n"] + 1)


@action(reads=["n"], writes=["n"])
def plain(state: State) -> State:
    return state.update(n=state["n"] + 1)


class Spread(MapStates):
    """Run one action over as many states as the state says, and add up."""

    def is_async(self) -> bool:
        return True

    def action(self, state: State, inputs: dict[str, Any]) -> Callable[..., Any]:
        return step

    def states(self, state: State, context: ApplicationContext, inputs: dict[str, Any]) -> Generator[State, None, None]:
        for _ in range(state["size"]):
            yield state.update(n=0)

    async def reduce(self, state: State, states: AsyncGenerator[State, None]) -> State:
        total = 0
        async for one in states:
            total += one["n"]
        return state.update(n=total)

    @property
    def reads(self) -> list[str]:
        return ["size"]

    @property
    def writes(self) -> list[str]:
        return ["n"]


def _chain(size: int, node: Any) -> Graph:
    names = [f"s{number}" for number in range(size)]
    builder = GraphBuilder().with_actions(**dict.fromkeys(names, node))
    return builder.with_transitions(*pairwise(names)).build()


def _application(graph: Graph) -> ApplicationBuilder[Any]:
    return ApplicationBuilder().with_graph(graph).with_state(n=0).with_entrypoint("s0")


def chain(size: int) -> Sample:
    application: Application[Any] = _application(_chain(size, step)).build()

    async def main() -> float:
        start = perf_counter()
        _, _, state = await application.arun(halt_after=[f"s{size - 1}"])
        seconds = perf_counter() - start
        assert state["n"] == size
        return seconds

    return Sample(size, asyncio.run(main()))


def chain_plain(size: int) -> Sample:
    application: Application[Any] = _application(_chain(size, plain)).build()
    start = perf_counter()
    _, _, state = application.run(halt_after=[f"s{size - 1}"])
    seconds = perf_counter() - start
    assert state["n"] == size
    return Sample(size, seconds)


def fan(size: int) -> Sample:
    builder = ApplicationBuilder().with_actions(spread=Spread()).with_state(size=size).with_entrypoint("spread")
    application: Application[Any] = builder.build()

    async def main() -> float:
        start = perf_counter()
        _, _, state = await application.arun(halt_after=["spread"])
        seconds = perf_counter() - start
        assert state["n"] == size
        return seconds

    return Sample(size, asyncio.run(main()))


def operations(size: int) -> Sample:
    graph = _chain(3, step)

    async def run() -> int:
        application = await _application(graph).abuild()
        _, _, state = await application.arun(halt_after=["s2"])
        return int(state["n"])

    async def main() -> float:
        start = perf_counter()
        results = await asyncio.gather(*[run() for _ in range(size)])
        seconds = perf_counter() - start
        assert results == [3] * size
        return seconds

    return Sample(size, asyncio.run(main()))


def durable_one(size: int) -> Sample:
    with scratch() as directory:
        graph = _chain(3, plain)
        with SQLitePersister.from_values(str(directory / "burr.db")) as persister:
            persister.initialize()
            start = perf_counter()
            for number in range(size):
                builder = _application(graph).with_identifiers(app_id=f"run-{number}")
                _, _, state = builder.with_state_persister(persister).build().run(halt_after=["s2"])
                assert state["n"] == 3
            seconds = perf_counter() - start
            assert persister.connection.execute("SELECT count(*) FROM burr_state").fetchone() == (3 * size,)
        return Sample(size, seconds, size_of(directory))


def durable_many(size: int, lines: object) -> Sample:
    del lines
    graph = _chain(3, step)

    async def main(path: str) -> float:
        async with await AsyncSQLitePersister.from_values(path) as persister:
            await persister.initialize()

            async def run(number: int) -> int:
                builder = _application(graph).with_identifiers(app_id=f"run-{number}")
                application = await builder.with_state_persister(persister).abuild()
                _, _, state = await application.arun(halt_after=["s2"])
                return int(state["n"])

            start = perf_counter()
            results = await asyncio.gather(*[run(number) for number in range(size)])
            seconds = perf_counter() - start
            assert results == [3] * size
            assert len(await persister.list_app_ids(None)) == size
        return seconds

    with scratch() as directory:
        return Sample(size, asyncio.run(main(str(directory / "burr.db"))), size_of(directory))


def imports(size: int) -> Sample:
    return import_seconds("from burr.core import ApplicationBuilder, State, action", size)

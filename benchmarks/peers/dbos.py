"""DBOS 3.4 with its SQLite system database: a workflow of three steps.

* Every step's result is committed before the next step; journal mode DELETE and `synchronous=FULL`, as it leaves
  them.
* durable_one: plain workflow and steps, called one after another (the async form is a fifth slower).
* durable_many: async workflows, gathered; a start per run, in threads or on the loop, is no faster. SQLite takes one
  writer.
* Admin server, tracing and Conductor are off, as by default; launching is not timed.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from dbos import DBOS

from benchmarks.sample import Sample, import_seconds, scratch, size_of

CANNOT = dict.fromkeys(
    ("chain", "chain_plain", "fan", "operations"),
    "it has no memory store: every step is written to its system database",
) | {"agent": "it has no agents, only workflows"}


@DBOS.step()
def plain_step(number: int) -> int:
    return number + 1


@DBOS.workflow()
def plain_run() -> int:
    return plain_step(plain_step(plain_step(0)))


@DBOS.step()
async def step(number: int) -> int:
    return number + 1


@DBOS.workflow()
async def run() -> int:
    return await step(await step(await step(0)))


@contextmanager
def _launched(directory: Path) -> Iterator[None]:
    DBOS(config={"name": "bench", "system_database_url": f"sqlite:///{directory / 'dbos.db'}", "log_level": "ERROR"})
    DBOS.launch()
    try:
        yield
    finally:
        DBOS.destroy()


def durable_one(size: int) -> Sample:
    with scratch() as directory:
        with _launched(directory):
            plain_run()
            start = perf_counter()
            for _ in range(size):
                assert plain_run() == 3
            seconds = perf_counter() - start
            assert len(DBOS.list_workflows(status="SUCCESS")) == size + 1
        return Sample(size, seconds, size_of(directory))


def durable_many(size: int, lines: object) -> Sample:
    del lines

    async def main() -> float:
        await run()
        start = perf_counter()
        results = await asyncio.gather(*[run() for _ in range(size)])
        seconds = perf_counter() - start
        assert results == [3] * size
        assert len(await DBOS.list_workflows_async(status="SUCCESS")) == size + 1
        return seconds

    with scratch() as directory:
        with _launched(directory):
            seconds = asyncio.run(main())
        return Sample(size, seconds, size_of(directory))


def imports(size: int) -> Sample:
    return import_seconds("from dbos import DBOS", size)

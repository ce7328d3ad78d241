"""Agno 3.1: a `Workflow` of function steps with `telemetry=False` and no database.

* chain: one `Step` per stage with an async function, `arun`; `chain_plain`: plain functions with `run`.
* fan: one `Parallel` of n steps; it gathers and joins the results itself.
* operations: one workflow, `arun` n times at once, each with its own session.
* agent: `Agent` with a name, a role and instructions, no model; the object is lazy about everything else.
"""

import asyncio
import logging
from time import perf_counter
from typing import Any

from agno.agent import Agent
from agno.workflow import Parallel, Step, StepInput, StepOutput, Workflow

from benchmarks.sample import Sample, import_seconds

CANNOT = dict.fromkeys(
    ("durable_one", "durable_many"),
    "its database keeps the run when the run ends: nothing is durable between the stages",
)

logging.getLogger("agno").setLevel(logging.ERROR)


class Count:
    __slots__ = ("n",)

    def __init__(self) -> None:
        self.n = 0

    async def step(self, step_input: StepInput) -> StepOutput:
        self.n += 1
        return StepOutput(content="done")

    def plain(self, step_input: StepInput) -> StepOutput:
        self.n += 1
        return StepOutput(content="done")


def _steps(size: int, executor: Any) -> list[Step]:
    return [Step(name=f"s{number}", executor=executor) for number in range(size)]


def _workflow(steps: list[Any]) -> Workflow:
    return Workflow(name="bench", steps=steps, telemetry=False)


def chain(size: int) -> Sample:
    count = Count()
    workflow = _workflow(_steps(size, count.step))

    async def main() -> float:
        start = perf_counter()
        result = await workflow.arun(input="go")
        seconds = perf_counter() - start
        assert count.n == len(result.step_results) == size
        return seconds

    return Sample(size, asyncio.run(main()))


def chain_plain(size: int) -> Sample:
    count = Count()
    workflow = _workflow(_steps(size, count.plain))
    start = perf_counter()
    result = workflow.run(input="go")
    seconds = perf_counter() - start
    assert count.n == len(result.step_results) == size
    return Sample(size, seconds)


def fan(size: int) -> Sample:
    count = Count()
    workflow = _workflow([Parallel(*_steps(size, count.step), name="all")])

    async def main() -> float:
        start = perf_counter()
        result = await workflow.arun(input="go")
        seconds = perf_counter() - start
        assert count.n == len(result.step_results[0].steps) == size
        return seconds

    return Sample(size, asyncio.run(main()))


def operations(size: int) -> Sample:
    count = Count()
    workflow = _workflow(_steps(3, count.step))

    async def main() -> float:
        start = perf_counter()
        runs = [workflow.arun(input="go", session_id=f"run-{number}") for number in range(size)]
        results = await asyncio.gather(*runs)
        seconds = perf_counter() - start
        assert count.n == 3 * size
        assert all(len(result.step_results) == 3 for result in results)
        return seconds

    return Sample(size, asyncio.run(main()))


def agent(size: int) -> Sample:
    names = [f"agent-{number}" for number in range(size)]
    start = perf_counter()
    made = [Agent(name=name, role="worker", instructions="Work.", telemetry=False) for name in names]
    seconds = perf_counter() - start
    assert made[-1].name == f"agent-{size - 1}"
    return Sample(size, seconds)


def imports(size: int) -> Sample:
    return import_seconds("from agno.agent import Agent; from agno.workflow import Step, Workflow", size)

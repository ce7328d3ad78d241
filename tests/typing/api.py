"""What type checkers know of the front door. Never executed: mypy and pyright read it, strict.

An expected error is marked for both; where one of them stops finding it, it says so itself.
"""

from decimal import Decimal
from typing import assert_type

from agentkit import AdaptiveAgent, Agent, Learner, Operation, Orchestrator, Result, Stage, Task, Tier, Workflow, agent
from agentkit.agents import FunctionAgent


class Extractor(Agent[dict[str, str], list[Decimal]]):
    async def run(self, task: Task[dict[str, str]]) -> list[Decimal]:
        assert_type(task.input, dict[str, str])
        assert_type(task.output("before", int), int)
        await task.progress(0.5, "half way")
        _ = task.log("not awaited")
        return [Decimal(1)]


@agent
async def swift(task: Task[int]) -> Decimal:
    return Decimal(task.input)


@agent
def slow(task: Task[str]) -> list[str]:
    return [task.input]


@agent(name="named", expertise={"law"})
async def named(task: Task[int]) -> str:
    return str(task.input)


@agent(isolation="process")
def apart(task: Task[int]) -> str:
    return str(task.input)


assert_type(swift, FunctionAgent[int, Decimal])
assert_type(slow, FunctionAgent[str, list[str]])
assert_type(named, FunctionAgent[int, str])
assert_type(apart, FunctionAgent[int, str])

typed = Workflow("typed", [Stage("only", agent="swift")], returns=Decimal)
plain: Workflow[object] = Workflow("plain", [Stage("only", agent="swift")])
assert_type(typed, Workflow[Decimal])
assert_type(Workflow("bare", [Stage("only", agent="swift")]), Workflow[object])


async def use() -> None:
    async with Orchestrator([Extractor(), swift, slow, named, apart]) as orchestrator:
        assert_type(orchestrator, Orchestrator)
        operation = await orchestrator.submit(typed, {"month": "june"}, key="june")
        _ = assert_type(operation, Operation[Decimal])
        result = await operation
        assert_type(result, Result[Decimal])
        assert_type(result.output, Decimal)
        assert_type((await orchestrator.run(plain)).output, object)
        assert_type((await (await orchestrator.get("id"))).output, object)
        async for entry in operation.events(after=3):
            assert_type(entry.number, int)
    assert_type(orchestrator.run_sync(typed).output, Decimal)
    assert_type(await swift.run(Task.standalone(3)), Decimal)
    wider: Workflow[object] = typed
    general: Operation[object] = operation
    print(wider, general)


async def count(task: Task[str]) -> int:
    return len(task.input)


def guess(task: Task[str]) -> int:
    return 3


def adapt(learner: Learner) -> None:
    assert_type(AdaptiveAgent("a", {"one": count, "two": count}, learner=learner), AdaptiveAgent[str, int])
    assert_type(AdaptiveAgent("a", {"one": guess, "two": guess}, learner=learner), AdaptiveAgent[str, int])
    assert_type(AdaptiveAgent("a", {"one": Tier("one")}, learner=learner, agent=count), AdaptiveAgent[str, int])
    assert_type(AdaptiveAgent("a", {"one": agent(count)}, learner=learner), AdaptiveAgent[str, int])


def wrong(orchestrator: Orchestrator) -> None:
    Stage("a", "swift")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Stage("a", agent=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Workflow("w", ["a"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Orchestrator([print])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Orchestrator([Extractor])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    agent(isolation="thread")(lambda task: None)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownLambdaType]
    orchestrator.run_sync(Stage("a", agent="b"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    text: str = orchestrator.run_sync(typed).output  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(text)

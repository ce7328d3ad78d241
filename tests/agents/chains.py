"""What the tests of chains are played on."""

from collections.abc import Callable
from typing import Any

from agentkit.agents import ChainResult, Task
from agentkit.kernel import Usage
from agentkit.testing.agents import ScriptedAgent


def scripted(name: str, *script: object) -> Any:
    """An agent of any type that does what its script says, or gives its own name."""
    return ScriptedAgent(name, script or (name,))


def failing(name: str, error: BaseException | None = None) -> Any:
    return ScriptedAgent(name, [error or ConnectionError("no line")])


def sure(confidence: float, value: object = "guess", *, usage: bool = False) -> Callable[[Task[object]], object]:
    """A line of a script: a value that is so sure."""

    def line(task: Task[object]) -> object:
        task.confidence(confidence)
        if usage:
            task.use(Usage(calls=1))
            task.emit("said", value)
        return value

    return line


def told(result: ChainResult[Any]) -> list[str]:
    return [f"{item.strategy}: {item.code or 'ok'}" for item in result.attempts]

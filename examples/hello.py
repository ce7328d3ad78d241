"""The smallest workflow: two agents, one after the other. Run it with `python examples/hello.py`."""

from agentkit import Orchestrator, Stage, Task, Workflow, agent


@agent
def greet(task: Task[str]) -> str:
    return f"Hello, {task.input}!"


@agent
def repeat(task: Task[str]) -> str:
    return " ".join([task.input] * 2)


hello = Workflow(
    "hello",
    stages=[Stage("greet", agent="greet"), Stage("repeat", agent="repeat", after=["greet"])],
    returns=str,
)

if __name__ == "__main__":
    print(Orchestrator([greet, repeat]).run_sync(hello, "world").output)

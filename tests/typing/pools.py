"""Pools know what they take and give, and refuse replicas that do other work."""

from typing import assert_type

from agentkit import Task, agent
from agentkit.agents import AgentPool, PowerOfTwo, Replica
from agentkit.client import RemoteReplica
from agentkit.engines import ProcessWorker


@agent
async def near(task: Task[str]) -> int:
    return len(task.input)


@agent
async def other(task: Task[str]) -> str:
    return task.input


same = AgentPool("same", [near, near], strategy=PowerOfTwo())
assert_type(same, AgentPool[str, int])
limited = AgentPool("limited", [Replica(near, most=3)])
assert_type(limited, AgentPool[str, int])
apart = AgentPool("apart", [ProcessWorker(near)])
assert_type(apart, AgentPool[str, int])


def mixed(remote: RemoteReplica[int]) -> AgentPool[str, int]:
    return AgentPool("mixed", [near, Replica(near, most=3), Replica(remote.run, name="eu", check=remote.check)])


def wrong() -> AgentPool[str, int]:
    return AgentPool("wrong", [other])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType, reportReturnType]


async def work(task: Task[str]) -> None:
    assert_type(await same.run(task), int)

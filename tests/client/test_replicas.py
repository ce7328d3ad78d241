"""Replicas far away: workflows of servers that a pool of agents uses."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agentkit import GiveUp, Orchestrator, Stage, Task, Workflow, agent
from agentkit.agents import AgentPool, Ejection, Replica, RoundRobin
from agentkit.client import Client, RemoteReplica
from agentkit.errors import InputError, NotFound, OperationCancelled, OperationFailed, ServerUnavailable
from agentkit.service import Caller, Desk, Service
from agentkit.testing import run_virtual
from agentkit.wire import OperationLine, SignalRequest

FLOWS: list[Workflow[object]] = [
    Workflow("double", [Stage("double", agent="double")]),
    Workflow("broken", [Stage("broken", agent="broken")]),
    Workflow("echo", [Stage("echo", agent="echo")]),
    Workflow("ask", [Stage("ask", signal="answer")]),
]


@agent
async def double(task: Task[list[int]]) -> list[int]:
    return [2 * number for number in task.input]


@agent
async def broken(task: Task[Any]) -> str:
    raise GiveUp("there is no ink")


@agent
async def echo(task: Task[Any]) -> object:
    return task.input


class Gone:
    """Calls of a service whose line is cut after so many."""

    def __init__(self, calls: Desk, after: int = 0) -> None:
        self._calls = calls
        self.left = after

    def __getattr__(self, name: str) -> Any:
        if name in ("submit", "workflow"):
            self.left -= 1
            if self.left < 0:
                raise ServerUnavailable("the line is cut")
        return getattr(self._calls, name)


@asynccontextmanager
async def desk() -> AsyncGenerator[Desk, None]:
    async with Orchestrator([double, broken, echo]) as orchestrator:
        yield Service(orchestrator, FLOWS).desk(Caller(name="ada"))


def pool_of(*remotes: RemoteReplica[Any], **settings: Any) -> AgentPool[Any, Any]:
    replicas: list[Any] = [one.run for one in remotes]
    replicas = [
        Replica(run, name=f"r{number}", check=one.check)
        for number, (run, one) in enumerate(zip(replicas, remotes, strict=True))
    ]
    return AgentPool("pool", replicas, strategy=RoundRobin(), **settings)


async def test_a_task_is_worked_on_by_a_server() -> None:
    async with desk() as calls:
        pool = pool_of(RemoteReplica(Client(calls), "double"))

        assert await pool.run(Task.standalone([1, 2])) == [2, 4]
        assert await pool.run(Task.standalone([1, 2])) == [2, 4]
        assert len((await Client(calls).operations()).items) == 2


async def test_the_value_of_a_server_is_read_as_the_type_of_the_pool() -> None:
    @agent
    async def near(task: Task[list[int]]) -> tuple[int, ...]:
        raise ConnectionError("gone")

    async with desk() as calls:
        remote = RemoteReplica[tuple[int, ...]](Client(calls), "double")
        pool: AgentPool[list[int], tuple[int, ...]] = AgentPool("pool", [near, Replica(remote.run, name="far")])

        assert await pool.run(Task.standalone([1, 2])) == (2, 4)


async def test_an_attempt_that_is_run_again_finds_its_operation_there() -> None:
    flow = Workflow("flow", [Stage("work", agent="pool")], returns=list[int])
    async with desk() as calls:
        pool = pool_of(RemoteReplica(Client(calls), "double"))
        async with Orchestrator([pool]) as orchestrator:
            here = await orchestrator.run(flow, [3])
        assert here.output == [6]

        class Again:
            input, is_standalone, attempt_key = [3], False, f"{here.operation_id}:work:1:1"

            def is_released(self, cancelled: BaseException) -> bool:
                return False

        assert await RemoteReplica(Client(calls), "double").run(Again()) == [6]
        assert len((await Client(calls).operations()).items) == 1


async def test_a_server_that_is_gone_loses_no_task() -> None:
    async with desk() as calls:
        gone: Any = Gone(calls)
        pool = pool_of(RemoteReplica(Client(gone), "double"), RemoteReplica(Client(calls), "double"))

        assert await pool.run(Task.standalone([1])) == [2]

    first, second = pool.metrics().replicas
    assert (first.lost, second.succeeded) == (1, 1)
    assert first.problem == "ServerUnavailable: the line is cut"


async def test_a_server_that_is_gone_is_out_and_comes_back_by_its_check() -> None:
    async with desk() as calls:
        gone: Any = Gone(calls)
        pool = pool_of(
            RemoteReplica(Client(gone), "double"), RemoteReplica(Client(calls), "double"), ejection=Ejection(after=1)
        )
        assert [one.status for one in (await pool.check()).replicas] == ["ejected", "ready"]
        gone.left = 100
        assert [one.status for one in (await pool.check()).replicas] == ["ready", "ready"]


async def test_a_server_that_does_not_offer_the_workflow_is_not_well() -> None:
    async with desk() as calls:
        with pytest.raises(NotFound):
            await RemoteReplica(Client(calls), "unheard").check()


async def test_work_that_failed_there_has_failed_and_is_not_tried_elsewhere() -> None:
    async with desk() as calls:
        pool = pool_of(*(RemoteReplica(Client(calls), "broken") for _ in range(2)))

        with pytest.raises(OperationFailed, match="there is no ink"):
            await pool.run(Task.standalone(None))

    assert sorted(one.started for one in pool.metrics().replicas) == [0, 1]


async def test_a_cancel_here_cancels_there() -> None:
    async with desk() as calls:
        client = Client(calls)
        work = asyncio.create_task(pool_of(RemoteReplica(client, "ask")).run(Task.standalone(None)))
        while not (await client.operations()).items:  # noqa: ASYNC110 - another task asks
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)

        work.cancel()
        await asyncio.wait([work])

        (there,) = (await client.operations()).items
        assert (await client.wait(there.id)).status == "cancelled"
        assert work.cancelled()


FAR: Workflow[object] = Workflow("far", [Stage("work", agent="pool")])


async def asked_there(client: Client, count: int = 1) -> OperationLine:
    """The newest operation there, once there are so many, and its stage waits for its signal."""
    while True:
        lines = (await client.operations()).items
        if len(lines) == count and (await client.operation(lines[0].id)).stages[0].status == "waiting":
            return lines[0]
        await asyncio.sleep(0)


async def test_what_a_closing_program_lets_go_of_goes_on_there_and_is_found_again(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/near.db"
    async with desk() as calls:
        client = Client(calls)
        # With a limit, too, which runs the work in a task of its own.
        pool = pool_of(RemoteReplica(client, "ask"), timeout=3600)
        async with Orchestrator([pool], store=store) as near:
            operation = await near.submit(FAR, None)
            there = await asked_there(client)
        assert (await client.operation(there.id)).status == "running"

        async with Orchestrator([pool], store=store) as near:
            await client.signal(there.id, SignalRequest(name="answer", value=42))
            assert (await (await near.get(operation.id))).output == 42
        assert len((await client.operations()).items) == 1


async def test_what_was_cancelled_there_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/near.db"
    async with desk() as calls:
        client = Client(calls)
        pool = pool_of(RemoteReplica(client, "ask"))
        async with Orchestrator([pool], store=store) as near:
            operation = await near.submit(FAR, None)
            there = await asked_there(client)
            await near.close(drain_seconds=0)
        await client.cancel(there.id)

        async with Orchestrator([pool], store=store) as near:
            again = await asked_there(client, count=2)
            await client.signal(again.id, SignalRequest(name="answer", value=42))
            assert (await (await near.get(operation.id))).output == 42


async def test_a_stage_that_is_cancelled_is_cancelled_there() -> None:
    async with desk() as calls:
        client = Client(calls)
        async with Orchestrator([pool_of(RemoteReplica(client, "ask"))]) as near:
            operation = await near.submit(FAR, None)
            there = await asked_there(client)
            await operation.cancel("enough")
            with pytest.raises(OperationCancelled):
                await operation
        assert (await client.wait(there.id)).status == "cancelled"


async def test_a_cancel_while_the_server_is_asked_leaves_no_work_there() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Client):
        async def submit(self, *args: Any, **settings: Any) -> Any:
            page = await super().submit(*args, **settings)
            begun.set()
            await go_on.wait()
            return page

    async with desk() as calls:
        work = asyncio.create_task(pool_of(RemoteReplica[Any](Slow(calls), "ask")).run(Task.standalone(None)))
        await begun.wait()
        work.cancel()
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.wait([work])

        (there,) = (await Client(calls).operations()).items
        assert (work.cancelled(), (await Client(calls).wait(there.id)).status) == (True, "cancelled")


@pytest.mark.parametrize("cut", ["wait", "result"])
async def test_a_line_that_is_cut_leaves_no_work_there_that_nobody_waits_for(cut: str) -> None:
    class Cut(Client):
        async def wait(self, *args: Any, **settings: Any) -> Any:
            if cut == "wait":
                raise ServerUnavailable("the line is cut")

        async def result(self, operation_id: str) -> Any:
            raise ServerUnavailable("the line is cut")

    async with desk() as calls:
        pool = pool_of(RemoteReplica[Any](Cut(calls), "ask"))
        with pytest.raises(ServerUnavailable):
            await pool.run(Task.standalone(None))

        (there,) = (await Client(calls).operations()).items
        assert (await Client(calls).wait(there.id)).status == "cancelled"


async def test_a_cancel_does_not_wait_for_a_server_that_hangs() -> None:
    async with desk() as calls:

        class Hanging(Client):
            async def cancel(self, operation_id: str, reason: str = "") -> Any:
                await asyncio.Event().wait()

        remote = RemoteReplica[Any](Hanging(calls), "ask", cancel_seconds=0.01)
        work = asyncio.create_task(pool_of(remote).run(Task.standalone(None)))
        while not (await Client(calls).operations()).items:  # noqa: ASYNC110 - another task asks
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        work.cancel()

        async with asyncio.timeout(30):
            await asyncio.wait([work])
        assert work.cancelled()


def test_a_server_that_hangs_is_told_of_a_cancel_for_as_long_as_is_said() -> None:
    class Hanging:
        async def execute(self, workflow: str, given: object, **settings: object) -> Any:
            return SimpleNamespace(id="there")

        async def wait(self, operation_id: str) -> None:
            await asyncio.Event().wait()

        async def cancel(self, operation_id: str, reason: str) -> None:
            await asyncio.Event().wait()

    async def cancelled() -> float:
        hanging: Any = Hanging()
        remote = RemoteReplica[Any](hanging, "ask", cancel_seconds=90)
        work = asyncio.create_task(remote.run(Task.standalone(None)))
        await asyncio.sleep(1)
        work.cancel()
        began = asyncio.get_running_loop().time()
        await asyncio.wait([work])
        return asyncio.get_running_loop().time() - began

    assert run_virtual(cancelled()) == 90


@dataclass
class Order:
    count: int


async def test_an_input_that_is_no_json_never_leaves() -> None:
    async with desk() as calls:
        remote = RemoteReplica[Any](Client(calls), "double")
        with pytest.raises(InputError, match="its input is no JSON"):
            await remote.run(Task.standalone(object()))


async def test_what_is_no_plain_json_yet_is_sent_as_what_it_holds() -> None:
    async with desk() as calls:
        assert await RemoteReplica(Client(calls), "echo").run(Task.standalone(Order(3))) == {"count": 3}

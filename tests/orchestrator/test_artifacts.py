"""Files that stages give: kept in the store, listed by the operation, carried over when it is run again."""

import threading
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from agentkit import GiveUp, OperationFailed, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.errors import InputError, JournalCorrupt, NotFound, UsageError
from agentkit.kernel import Artifact
from agentkit.stores import MemoryStore, SqliteStore, Store

CONTENT = b"artist,total\nIbis,0.99\n"


@agent
async def report(task: Task[Any]) -> str:
    file = await task.attach("report.csv", CONTENT)
    return file.sha256


@agent
def report_in_a_thread(task: Task[Any]) -> str:
    assert threading.current_thread() is not threading.main_thread()
    return task.attach_sync("report.csv", CONTENT, media_type="text/plain").sha256


@agent
async def broken(task: Task[Any]) -> str:
    await task.attach("report.csv", CONTENT)
    raise GiveUp("there is no ink")


@agent
async def nothing(task: Task[Any]) -> None:
    if task.operation_input == "fail":
        raise GiveUp("not yet")


AGENTS = [report, report_in_a_thread, broken, nothing]
ONE = Workflow("one", [Stage("write", agent="report")], returns=str)


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    memory = MemoryStore()
    return memory.sibling if request.param == "memory" else lambda: SqliteStore(tmp_path / "runs.db")


async def test_a_file_is_there_with_the_success_of_its_stage(make: Callable[[], Store]) -> None:
    async with Orchestrator(AGENTS, store=make()) as orchestrator:
        operation = await orchestrator.submit(ONE)
        result = await operation
        (line,) = await operation.artifacts()

        assert (line.stage, line.artifact.name, line.artifact.media_type) == ("write", "report.csv", "text/csv")
        assert (line.artifact.size, line.artifact.sha256) == (len(CONTENT), sha256(CONTENT).hexdigest())
        assert result.output == line.artifact.sha256
        assert await operation.artifact("report.csv") == CONTENT


async def test_another_process_reads_what_one_has_kept(make: Callable[[], Store]) -> None:
    async with Orchestrator(AGENTS, store=make()) as orchestrator:
        await (operation := await orchestrator.submit(ONE))
    async with Orchestrator(store=make()) as other:
        assert await (await other.get(operation.id)).artifact("report.csv", stage="write") == CONTENT


async def test_a_plain_function_gives_files_from_its_thread() -> None:
    async with Orchestrator(AGENTS) as orchestrator:
        operation = await orchestrator.submit(Workflow("t", [Stage("write", agent="report_in_a_thread")]))
        await operation

        assert [line.artifact.media_type for line in await operation.artifacts()] == ["text/plain"]
        assert await operation.artifact("report.csv") == CONTENT


async def test_a_later_stage_reads_what_an_earlier_one_attached() -> None:
    @agent
    async def write(task: Task[Any]) -> Artifact:
        return await task.attach("report.csv", CONTENT)

    @agent
    def read(task: Task[Artifact]) -> int:
        return len(task.fetch_sync(task.input))

    @agent
    async def miss(task: Task[Artifact]) -> int:
        return len(await task.fetch(replace(task.input, sha256="0" * 64)))

    first = Stage("write", agent="write")
    async with Orchestrator([write, read, miss]) as orchestrator:
        flow = Workflow("t", [first, Stage("read", agent="read", after=["write"])], returns=int)
        assert (await orchestrator.run(flow)).output == len(CONTENT)
        flow = Workflow("t", [first, Stage("miss", agent="miss", after=["write"])], returns=int)
        with pytest.raises(OperationFailed, match="no artifact is kept"):
            await orchestrator.run(flow)


async def test_a_task_that_stands_alone_reads_its_own_files() -> None:
    task = Task.standalone(None)
    file = await task.attach("a.csv", b"a,b")

    assert await task.fetch(file) == b"a,b"
    with pytest.raises(NotFound, match="was not attached to this task"):
        await Task.standalone(None).fetch(file)


async def test_an_attempt_that_fails_gives_no_file() -> None:
    flow = Workflow("t", [Stage("write", agent="broken", fallback=["nothing"], retry=RetryPolicy(attempts=1))])
    async with Orchestrator(AGENTS) as orchestrator:
        operation = await orchestrator.submit(flow)
        await operation

        assert await operation.artifacts() == ()


async def test_a_file_that_is_not_there_is_named_with_those_that_are() -> None:
    async with Orchestrator(AGENTS) as orchestrator:
        operation = await orchestrator.submit(ONE)
        await operation

        with pytest.raises(NotFound, match=r"no file 'report.pdf'; there are: report.csv"):
            await operation.artifact("report.pdf")
        with pytest.raises(NotFound):
            await operation.artifact("report.csv", stage="other")


async def test_files_of_stages_that_keep_their_result_are_taken_over() -> None:
    flow = Workflow("t", [Stage("write", agent="report"), Stage("end", agent="nothing", after=["write"])])
    async with Orchestrator(AGENTS) as orchestrator:
        first = await orchestrator.submit(flow, "fine")
        await first
        again = await orchestrator.fork(first.id, at="end")
        await again

        assert [line.stage for line in await again.artifacts()] == ["write"]
        assert await again.artifact("report.csv") == CONTENT


async def test_a_file_that_was_damaged_on_the_disk_is_refused(tmp_path: Path) -> None:
    import sqlite3

    async with Orchestrator(AGENTS, store=SqliteStore(tmp_path / "runs.db")) as orchestrator:
        operation = await orchestrator.submit(ONE)
        await operation
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        connection.execute("update artifact set content = ? where sha256 = ?", (b"x", sha256(CONTENT).hexdigest()))
    connection.close()

    async with Orchestrator(AGENTS, store=SqliteStore(tmp_path / "runs.db")) as orchestrator:
        with pytest.raises(JournalCorrupt, match="does not match its name"):
            await (await orchestrator.get(operation.id)).artifact("report.csv")


@pytest.mark.parametrize("name", ["", "a/b", "..", "a\\b", "a\nb", ".", " a", "a ", "x" * 201, "a\u202eb", "a:b"])
async def test_a_name_that_is_no_plain_file_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="plain file name"):
        await Task.standalone(None).attach(name, b"")


@pytest.mark.parametrize("name", ["résumé.pdf", "report (1).csv", ".hidden", "日本語.txt", "a..b"])
async def test_names_that_people_give_are_kept(name: str) -> None:
    assert (await Task.standalone(None).attach(name, b"")).name == name


async def test_what_is_no_media_type_or_no_bytes_is_refused() -> None:
    with pytest.raises(InputError, match="no media type"):
        await Task.standalone(None).attach("a", b"", media_type="text")
    with pytest.raises(InputError, match="is bytes, not str"):
        await Task.standalone(None).attach("a", "text")  # type: ignore[arg-type]  # what must be refused


async def test_a_coroutine_is_told_to_await() -> None:
    with pytest.raises(UsageError, match="awaits"):
        Task.standalone(None).attach_sync("a", b"")

"""An audit trail in a stream of the store that its operations are in."""

import asyncio
import sqlite3
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.engines import SystemClock
from agentkit.errors import AuditBroken, AuditError, Closed, DefinitionError
from agentkit.kernel import CancelRequested
from agentkit.money import AuditTrail, FinancialProcessor
from agentkit.orchestrator import JournalSink
from agentkit.stores import MemoryStore, SqliteStore
from agentkit.testing import Fault, FaultyStore, check_audit_sink, check_audit_trail
from agentkit.testing.faults import FaultKind
from tests.money.audit.trails import fill, lines

pytestmark = pytest.mark.blocking


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def test_it_keeps_what_every_sink_promises(address: str) -> None:
    check_audit_sink(lambda: JournalSink(address, "one"))


def test_it_keeps_a_trail_that_many_threads_write_to(address: str) -> None:
    check_audit_trail(lambda: JournalSink(address, "one"))


def test_a_store_that_is_given_is_opened_and_closed_with_it() -> None:
    memory = MemoryStore()

    check_audit_sink(lambda: JournalSink(memory.sibling(), "one"))


def test_trails_of_one_store_do_not_touch_each_other(address: str) -> None:
    with AuditTrail(JournalSink(address, "a")) as one, AuditTrail(JournalSink(address, 'a"]')) as other:
        fill(one, 3)
        fill(other, 5)
        assert (one.verify().size, other.verify().size) == (3, 5)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 250])
def test_its_size_is_found_whatever_it_is(address: str, size: int) -> None:
    if size:
        sink = JournalSink(address, "one")
        sink.append(lines()[:size], expected=0)
        sink.close()
    sink = JournalSink(address, "one")
    assert (sink.size, [*sink.read()]) == (size, [*lines()[:size]])
    sink.close()


def test_of_two_writers_the_second_one_is_refused_and_nothing_is_lost(address: str) -> None:
    first, second = AuditTrail(JournalSink(address, "one")), AuditTrail(JournalSink(address, "one"))
    fill(first, 2)
    with pytest.raises(AuditError, match="another writer"):
        fill(second, 1)
    assert first.verify().size == 2
    first.close()
    with pytest.raises(AuditError):
        second.close()


async def test_it_lies_beside_the_operation_that_it_tells_of_and_no_list_shows_it(address: str) -> None:
    @agent
    def share(task: Task[str]) -> str:
        with AuditTrail(JournalSink(address, task.operation_id), clock=SystemClock()) as trail:
            processor = FinancialProcessor(currency="EUR", audit=trail, actor="share")
            return str(processor.calculate_revenue_share(Decimal(task.input), Decimal(10))["creator_share"])

    async with Orchestrator([share], store=address) as orchestrator:
        operation = await orchestrator.submit(Workflow("share", [Stage("share", agent="share")]), "1000.00")
        assert (await operation).output == "100.00 EUR"
        assert [line.stream for line in await orchestrator.list()] == [operation.id]
        assert await orchestrator.stalled() == []
        sink = await asyncio.to_thread(JournalSink, address, operation.id)
        trail = await asyncio.to_thread(AuditTrail, sink)
        assert (await asyncio.to_thread(trail.verify)).size == 1
        await asyncio.to_thread(trail.close)


async def test_it_can_be_called_where_a_loop_runs(address: str) -> None:
    with AuditTrail(JournalSink(address, "one")) as trail:
        fill(trail, 3)
        assert trail.verify().size == 3


def test_what_is_changed_in_the_store_is_found(address: str, tmp_path: Path) -> None:
    with AuditTrail(JournalSink(address, "one")) as trail:
        fill(trail, 5)
    change(tmp_path, lambda text: text.replace("2.00", "9.00"))
    with pytest.raises((AuditError, AuditBroken)), AuditTrail(JournalSink(address, "one")) as trail:
        trail.verify()


def change(folder: Path, how: Any) -> None:
    """Write to the table of events as somebody with the file can."""
    connection = sqlite3.connect(folder / "runs.db")
    connection.create_function("changed", 1, how)
    tables = connection.execute("select name, sql from sqlite_master where type = 'table'").fetchall()
    (name,) = [name for name, sql in tables if name == "event"]
    columns = [row[1] for row in connection.execute(f"pragma table_info({name})")]
    body = next(each for each in columns if each in ("data", "line", "body", "event"))
    connection.execute(f"update {name} set {body} = changed({body})")
    connection.commit()
    connection.close()


def test_something_else_in_its_stream_is_no_entry() -> None:
    memory = MemoryStore()

    async def disturb() -> None:
        async with memory.sibling() as store:
            await store.append('audit["one"]', [CancelRequested(at=0.0)], expected=1)

    with AuditTrail(JournalSink(memory.sibling(), "one")) as trail:
        fill(trail, 1)
    asyncio.run(disturb())
    with pytest.raises(AuditBroken) as caught:
        AuditTrail(JournalSink(memory.sibling(), "one"))
    assert caught.value.number == 2


@pytest.mark.parametrize("kind", ["fail_before", "fail_after"])
def test_a_store_that_fails_is_an_error_of_the_trail_and_its_entries_are_written_once(kind: FaultKind) -> None:
    memory = MemoryStore()
    store = FaultyStore(memory.sibling(), Fault(kind=kind, number=2, call="append"))
    with AuditTrail(JournalSink(store, "one"), buffered=1) as trail:
        fill(trail, 2)
        with pytest.raises(AuditError, match="trail 'one' cannot be used"):
            fill(trail, 2)
        fill(trail, 2)
        assert trail.verify().size == 6
        assert store.struck


def test_a_write_of_which_nobody_knows_does_not_hide_another_writer() -> None:
    memory = MemoryStore()
    store = FaultyStore(memory.sibling(), Fault(kind="fail_before", number=1, call="append"))
    sink, other = JournalSink(store, "one"), JournalSink(memory.sibling(), "one")
    with pytest.raises(AuditError, match="cannot be used"):
        sink.append(lines()[:2], expected=0)
    other.append(lines(3)[2:3], expected=0)
    with pytest.raises(AuditError, match="another writer"):
        sink.append(lines()[:2], expected=0)
    sink.close()
    other.close()


def test_it_ends_its_thread_when_it_is_closed(address: str) -> None:
    before = {*threading.enumerate()}
    sink = JournalSink(address, "one")
    sink.close()
    sink.close()

    assert {*threading.enumerate()} <= before
    for call in (lambda: sink.size, lambda: [*sink.read()], sink.sync):
        with pytest.raises(Closed):
            call()


def test_what_is_no_store_or_no_name_is_refused_and_leaves_no_thread(tmp_path: Path) -> None:
    before = {*threading.enumerate()}
    (tmp_path / "text").write_text("this is no database, and long enough to be read as one" * 20)
    with pytest.raises(DefinitionError):
        JournalSink("nothing://", "one")
    with pytest.raises(DefinitionError):
        JournalSink("memory://", "")
    with pytest.raises(AuditError):
        JournalSink(SqliteStore(tmp_path / "text"), "one")

    assert {*threading.enumerate()} <= before

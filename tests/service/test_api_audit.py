"""The audit log of a server: what is in it, and what becomes of it when the store fails."""

import asyncio
from typing import Any

import pytest

from agentkit.engines import SystemClock
from agentkit.money import AuditEntry
from agentkit.orchestrator import JournalSink
from agentkit.service import ApiAction, ApiAudit, api_audit, audit_trails
from agentkit.stores import MemoryStore, Store
from agentkit.testing import Fault, FaultyStore
from agentkit.testing.faults import FaultKind


def action(number: int, **more: Any) -> ApiAction:
    """A request that started something."""
    known = {"actor": "ada", "tenant": "acme", "action": "start_operation", "target": {}, "status": 202, "result": "op"}
    return ApiAction(at=1.0 + number, request=f"r{number}", address="127.0.0.1", **{**known, **more})


async def entries(store: Store) -> list[dict[str, Any]]:
    """All entries of all trails, as they were written."""
    loop = asyncio.get_running_loop()

    def read() -> list[dict[str, Any]]:
        return [
            AuditEntry(line).to_dict()  # type: ignore[misc] # its keys are known to this test
            for name in names
            for line in JournalSink(store, name, loop=loop).read()
        ]

    names = await audit_trails(store)
    return await asyncio.to_thread(read)


def audit(store: Store) -> ApiAudit:
    return ApiAudit(store, now=SystemClock().now)


async def test_each_process_writes_a_trail_of_its_own_and_none_before_it_has_something_to_say() -> None:
    async with MemoryStore() as store:
        one, other, idle = audit(store), audit(store), audit(store)
        one.record(action(1))
        other.record(action(2, actor="bob"))
        for each in (one, other, idle):
            await each.close()

        assert len(await audit_trails(store)) == 2
        assert {entry["actor"] for entry in await entries(store)} == {"ada", "bob"}


async def test_an_entry_says_who_did_what_to_what_and_what_came_of_it() -> None:
    async with MemoryStore() as store:
        kept = audit(store)
        kept.record(action(1, action="cancel_operation", target={"operation_id": "x\ud800"}, status=200, result=""))
        kept.record(action(2, actor="", tenant=None, status=401, result=""))
        await kept.close()
        done, refused = await entries(store)

    assert (done["actor"], done["operation"], done["outputs"]) == ("ada", "cancel_operation", {"status": "200"})
    assert done["inputs"] == {
        "address": "127.0.0.1",
        "request": "r1",
        "target": {"operation_id": "x\\ud800"},
        "tenant": "acme",
    }
    assert (refused["actor"], refused["refusal"]) == ("(unknown)", {"code": "unauthenticated", "message": "status 401"})


async def test_the_same_refused_again_and_again_is_one_entry_that_counts() -> None:
    async with MemoryStore() as store:
        kept = audit(store)
        for number in range(1_000):
            kept.record(action(number, actor="", status=401, action="list_operations"))
            kept.record(action(number, actor="eve", status=403, target={"operation_id": str(number % 2)}))
        await kept.close()
        counts = sorted(entry["inputs"]["times"] for entry in await entries(store))

    assert counts == ["1000", "500", "500"]


@pytest.mark.parametrize("kind", ["fail_before", "fail_after"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_what_the_store_does_not_take_waits_and_is_there_once(kind: FaultKind, number: int) -> None:
    async with FaultyStore(MemoryStore(), Fault(kind=kind, number=number, call="append")) as store:
        kept = audit(store)
        for each in range(3):
            kept.record(action(each))
            await kept.flush()
        await kept.close()

        assert [entry["inputs"]["request"] for entry in await entries(store)] == ["r0", "r1", "r2"]
        assert len(store.struck) == 1


async def test_what_waits_is_written_although_nothing_new_is_recorded() -> None:
    async with FaultyStore(MemoryStore(), Fault(kind="fail_before", number=2, call="append")) as store:
        kept = audit(store)
        kept.record(action(1))
        await kept.flush()
        assert await entries(store) == []
        await kept.flush()
        assert len(await entries(store)) == 1


async def test_what_does_not_fit_in_memory_is_counted_in_the_trail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_audit, "_MOST", 3)
    async with MemoryStore() as store:
        kept = audit(store)
        for number in range(5):
            kept.record(action(number))
        await kept.close()
        found = await entries(store)

    assert (len(found), found[-1]["operation"], found[-1]["outputs"]) == (4, "audit_gap", {"missing": "2"})


async def test_it_is_written_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_audit, "_FLUSH_SECONDS", 0.001)
    async with MemoryStore() as store:
        kept = audit(store)
        kept.open()
        kept.record(action(1))
        async with asyncio.timeout(10):
            while not await entries(store):  # noqa: ASYNC110 - a store is looked at, which tells nobody
                await asyncio.sleep(0.001)
        await kept.close()

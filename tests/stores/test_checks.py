"""The checks notice broken promises, and faults strike where they are told to."""

import asyncio
from collections.abc import Sequence

import pytest

from agentkit.errors import StoreUnavailable
from agentkit.kernel import CancelRequested, Event
from agentkit.stores import Lease, MemoryStore, Summary
from agentkit.testing import Fault, FaultyStore, check_journal, check_leases

NOTE = CancelRequested(at=1.0)


class Forgetful(MemoryStore):
    """It loses the last event of long appends."""

    async def append(
        self,
        stream: str,
        events: Sequence[Event],
        *,
        expected: int,
        lease: Lease | None = None,
        summary: Summary | None = None,
    ) -> None:
        kept = events[:-1] if len(events) > 400 else events
        await super().append(stream, kept, expected=expected, lease=lease, summary=summary)


class Unfenced(MemoryStore):
    """It does not look at leases."""

    async def append(
        self,
        stream: str,
        events: Sequence[Event],
        *,
        expected: int,
        lease: Lease | None = None,
        summary: Summary | None = None,
    ) -> None:
        await super().append(stream, events, expected=expected, lease=None if expected else lease, summary=summary)


async def test_a_lost_event_is_noticed() -> None:
    shared = MemoryStore()

    with pytest.raises(AssertionError, match="of an append everything is kept"):
        await check_journal(lambda: Forgetful(shared=shared))


async def test_a_missing_fence_is_noticed() -> None:
    shared = MemoryStore()

    with pytest.raises(AssertionError, match="refused with"):
        await check_leases(lambda: Unfenced(shared=shared))


async def test_a_store_without_faults_keeps_every_promise() -> None:
    shared = MemoryStore()
    await check_journal(lambda: FaultyStore(shared.sibling()))
    await check_leases(lambda: FaultyStore(shared.sibling()))


@pytest.mark.parametrize(("kind", "kept"), [("fail_before", 0), ("fail_after", 1)])
async def test_a_call_fails_before_or_after_it_is_done(kind: str, kept: int) -> None:
    fault = Fault(kind="fail_after" if kept else "fail_before", number=2, call="append")
    async with FaultyStore(MemoryStore(), fault) as store:
        await store.append("first", [NOTE], expected=0)
        with pytest.raises(StoreUnavailable, match="on purpose"):
            await store.append("second", [NOTE], expected=0)

        assert len(await store.read("second")) == kept
        assert store.struck == [fault]
        assert store.calls == ["open", "append", "append", "read"]


async def test_a_call_hangs_until_it_is_thawed() -> None:
    async with FaultyStore(MemoryStore(), Fault(kind="hang", number=2)) as store:
        hanging = asyncio.ensure_future(store.append("flow", [NOTE], expected=0))
        await asyncio.wait([hanging], timeout=0.01)
        assert not hanging.done()
        store.thaw()
        await hanging

        assert len(await store.read("flow")) == 1


async def test_a_call_is_delayed() -> None:
    async with FaultyStore(MemoryStore(), Fault(kind="delay", number=1, call="append")) as store:
        slow = asyncio.ensure_future(store.append("flow", [NOTE], expected=0))
        await asyncio.sleep(0)
        assert len(await store.read("flow")) == 0
        await slow
        assert len(await store.read("flow")) == 1

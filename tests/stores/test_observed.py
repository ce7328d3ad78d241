"""A store that is observed keeps the promises of every store, and tells what was appended."""

from collections.abc import Sequence
from typing import cast

import pytest

from agentkit.errors import JournalConflict
from agentkit.kernel import CancelRequested, Event
from agentkit.stores import MemoryStore, ObservedStore
from agentkit.testing import check_journal, check_leases


class Ear:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Sequence[Event], int]] = []

    def appended(self, stream: str, events: Sequence[Event], *, after: int) -> None:
        self.heard.append((stream, events, after))


class Broken:
    def appended(self, stream: str, events: Sequence[Event], *, after: int) -> None:
        raise RuntimeError("this observer is broken")


async def test_it_is_a_journal_and_keeps_leases() -> None:
    shared = MemoryStore()
    await check_journal(lambda: ObservedStore(shared.sibling(), []))
    other = MemoryStore()
    await check_leases(
        lambda: ObservedStore(other.sibling(), []), lambda store: MemoryStore.abandon(cast("MemoryStore", store.inner))
    )


async def test_who_observes_is_told_what_was_kept_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    ear = Ear()
    event = CancelRequested(at=1.0)
    async with ObservedStore(MemoryStore(), [Broken(), ear]) as store:
        await store.append("flow", [event], expected=0)
        with pytest.raises(JournalConflict):
            await store.append("flow", [event], expected=0)
        await store.append("flow", [event, event], expected=1)

    assert ear.heard == [("flow", [event], 0), ("flow", [event, event], 1)]
    assert "could not be told to Broken" in caplog.text

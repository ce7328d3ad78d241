"""Wishes that wait for a driver's turn: kept together, refused one by one, and never half."""

import asyncio
from collections.abc import Sequence

import pytest

from agentkit.engines.asked import AskedWishes
from agentkit.errors import IllegalEvent, UnstorableValue
from agentkit.kernel import (
    CancelRequested,
    Event,
    OperationAccepted,
    OperationCompleted,
    SignalReceived,
    Stage,
    State,
    Workflow,
    replay,
)


def waiting() -> State:
    flow: Workflow[object] = Workflow("w", [Stage("go", signal="go")])
    return replay([OperationAccepted(at=0, operation_id="w-1", workflow=flow, input="null")])


def signal(state: State, at: float) -> Sequence[Event]:
    return [SignalReceived(at=at, name="go", value="1")]


def half(state: State, at: float) -> Sequence[Event]:
    return [CancelRequested(at=at, reason="half"), OperationCompleted(at=at), CancelRequested(at=at, reason="more")]


def unwritable(state: State, at: float) -> Sequence[Event]:
    return [CancelRequested(at=at, reason="\ud83d\ude00")]


async def test_a_wish_that_goes_wrong_half_way_is_refused_and_says_that_the_state_is_not_whole() -> None:
    asked, told, wrong, events = AskedWishes(), _future(), _future(), list[Event]()
    asked.add(signal, told)
    asked.add(half, wrong)

    assert not asked.take(waiting(), 1.0, events)
    assert isinstance(wrong.exception(), IllegalEvent)
    assert not told.done()


async def test_after_that_the_others_happen_on_the_state_as_the_journal_says_it() -> None:
    asked, told, wrong, events = AskedWishes(), _future(), _future(), list[Event]()
    asked.add(signal, told)
    asked.add(half, wrong)
    asked.take(waiting(), 1.0, [])
    assert wrong.exception() is not None
    asked.put_back()

    state = waiting()
    assert asked.take(state, 2.0, events)
    assert [type(event) for event in events] == [SignalReceived]
    assert state.stop is None
    asked.keep()
    assert told.result() is True


async def test_a_wish_that_cannot_be_written_changes_nothing() -> None:
    asked, told, wrong, events = AskedWishes(), _future(), _future(), list[Event]()
    asked.add(unwritable, wrong)
    asked.add(signal, told)
    state = waiting()

    assert asked.take(state, 1.0, events)
    with pytest.raises(UnstorableValue):
        wrong.result()
    assert [type(event) for event in events] == [SignalReceived]
    assert (state.stop, state.version) == (None, 2)


async def test_who_asked_a_driver_that_ends_is_told_that_nothing_was_kept() -> None:
    asked, told = AskedWishes(), _future()
    asked.add(signal, told)
    asked.close()

    assert told.result() is False
    assert not asked


def _future() -> asyncio.Future[bool]:
    return asyncio.get_running_loop().create_future()

"""Slots: never more than there are, and nobody waits for ever."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.engines import Slots
from agentkit.errors import DefinitionError, NotFound

RESOURCES = {"printer": 1, "scanner": 2}


class Client:
    """Wants so many slots of one resource, and works as a driver does: it looks, takes, waits."""

    def __init__(self, slots: Slots, resource: str | None, wanted: int) -> None:
        self.slots, self.resource, self.wanted = slots, resource, wanted
        self.held = 0
        self.poked = False

    def poke(self) -> None:
        self.poked = True

    def turn(self) -> None:
        self.poked = False
        free = self.slots.free(self.resource, self.poke)
        if free < self.wanted:
            self.slots.wait(self.resource, self.poke)
        for _ in range(min(free, self.wanted)):
            assert self.slots.take(self.resource)
            self.held += 1
            self.wanted -= 1
        self.slots.leave(self.poke)

    def give(self) -> None:
        self.held -= 1
        self.slots.give(self.resource)


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from([None, "printer", "scanner"]), st.integers(1, 6)), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_bounds_hold_and_everybody_is_served(
    capacity: int, wishes: list[tuple[str | None, int]], chance: Random
) -> None:
    slots = Slots(capacity, RESOURCES)
    clients = [Client(slots, resource, wanted) for resource, wanted in wishes]
    for client in clients:
        client.turn()
    for _ in range(500):
        held = sum(client.held for client in clients)
        assert held <= capacity
        for resource, most in RESOURCES.items():
            assert sum(client.held for client in clients if client.resource == resource) <= most
        moves = [client.turn for client in clients if client.poked] or [c.give for c in clients if c.held]
        if not moves:
            break
        chance.choice(moves)()

    assert [client.wanted for client in clients] == [0] * len(clients)


def test_a_small_wish_is_not_starved_by_a_large_one() -> None:
    slots = Slots(2)
    large, small = Client(slots, None, 100), Client(slots, None, 1)
    large.turn()
    small.turn()
    for _ in range(3):
        for _ in range(large.held):
            large.give()
        for client in (large, small):
            if client.poked:
                client.turn()

    assert small.wanted == 0


def test_who_is_gone_is_not_waited_for() -> None:
    slots = Slots(1)
    holder, gone, last = Client(slots, None, 1), Client(slots, None, 1), Client(slots, None, 1)
    for client in (holder, gone, last):
        client.turn()
    holder.give()
    assert gone.poked
    slots.forget(gone.poke)
    slots.pass_on()

    assert last.poked
    last.turn()
    assert last.held == 1


@pytest.mark.parametrize(("capacity", "resources"), [(0, {}), (True, {}), (1, {"printer": 0}), (1, {"printer": False})])
def test_counts_are_checked(capacity: int, resources: dict[str, int]) -> None:
    with pytest.raises(DefinitionError, match="whole number from 1 on"):
        Slots(capacity, resources)


def test_what_is_free_is_spare_although_somebody_waits_for_a_resource() -> None:
    slots, told = Slots(2, RESOURCES), list[str]()
    slots.spare = lambda: told.append("spare")
    for resource in ("printer", None):
        assert slots.take(resource)
    waiting = Client(slots, "printer", 1)
    waiting.turn()
    slots.give(None)
    assert (told, waiting.poked) == (["spare"], False)
    assert slots.take(None)
    slots.give("printer")

    # The one that is free now is kept for who waited; once that one is gone it is spare.
    assert (told, waiting.poked) == (["spare"], True)
    slots.leave(waiting.poke)
    assert told == ["spare", "spare"]


def test_more_slots_are_told_to_who_waits_and_fewer_wait_until_some_are_given_back() -> None:
    told: list[str] = []
    slots = Slots(1, {"printer": 1})
    assert slots.take("printer")
    slots.wait("printer", lambda: told.append("next"))
    slots.resize("printer", 2)
    assert told == []
    slots.resize(None, 2)
    assert told == ["next"]
    assert (slots.total, slots.capacity, slots.used) == (2, {"printer": 2}, 1)

    assert slots.take(None)
    slots.resize(None, 1)
    assert (slots.free(None), slots.used) == (0, 2)
    slots.give(None)
    assert (slots.free(None), slots.used) == (0, 1)
    slots.give("printer")
    assert slots.free(None) == 1


def test_slots_that_cannot_be_are_refused() -> None:
    slots = Slots(1)
    with pytest.raises(NotFound, match="no resource 'printer'"):
        slots.resize("printer", 2)
    for wrong in (0, True):
        with pytest.raises(DefinitionError, match="whole number from 1 on"):
            slots.resize(None, wrong)

"""Seeded simulations of the whole: safety at every moment, and an end for everything once the faults stop."""

import pytest

from tests.orchestrator.simulation import simulate


@pytest.mark.parametrize("block", range(30))
def test_whatever_happens_the_promises_hold(block: int) -> None:
    assert sum(simulate(seed) for seed in range(10 * block, 10 * block + 10)) > 10


@pytest.mark.long
@pytest.mark.parametrize("block", range(50))
def test_whatever_happens_the_promises_hold_for_long(block: int) -> None:
    for seed in range(1_000 + 100 * block, 1_100 + 100 * block):
        simulate(seed)


def test_a_seed_is_a_whole_world() -> None:
    assert simulate(7) == simulate(7)

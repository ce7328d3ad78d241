"""Seeded simulations of the whole: safety at every moment, and an end for everything once the faults stop."""

import pytest

from tests.orchestrator.simulation import simulate

pytestmark = pytest.mark.blocking


@pytest.mark.parametrize("block", range(50))
def test_whatever_happens_the_promises_hold(block: int) -> None:
    assert sum(simulate(seed) for seed in range(20 * block, 20 * block + 20)) > 10


@pytest.mark.long
@pytest.mark.parametrize("block", range(100))
def test_whatever_happens_the_promises_hold_for_long(block: int) -> None:
    for seed in range(1_000 + 200 * block, 1_200 + 200 * block):
        simulate(seed)


@pytest.mark.parametrize("seed", [6, 7])
def test_a_seed_is_a_whole_world(seed: int) -> None:
    assert simulate(seed) == simulate(seed)

"""A limit goes down where attempts take longer the more of them run, and nowhere else, whatever chance brings."""

import random
from collections.abc import Callable, Iterator

import pytest

from agentkit.orchestrator.optimising.gradient import Gradient
from agentkit.views import Job


class Downstream:
    """Attempts of a stage, window by window, as chance and the limit have them take."""

    def __init__(self, seconds: Callable[[random.Random], float], seed: int) -> None:
        self.seconds = seconds
        self.chance = random.Random(seed)
        self.gradient = Gradient()
        self.now = 0.0
        self.places = 10_000

    def window(self, limit: int, *, most: int, waited: float = 60.0, stage: str = "read", count: int = 0) -> int:
        """What the limit is after as many attempts as it takes to judge it."""
        slower = max(1.0, limit / self.places)
        jobs = list(self.jobs(count or max(40, 3 * limit), slower, waited, stage))
        self.now += 30
        return self.gradient.judge(jobs, limit, now=self.now, least=1, most=most)

    def jobs(self, count: int, slower: float, waited: float, stage: str) -> Iterator[Job]:
        for _ in range(count):
            start = self.now + 1
            yield Job(
                operation_id="op",
                workflow="flow",
                stage=stage,
                step=stage,
                attempt=1,
                agent="clerk",
                resource=None,
                ready_at=start - waited,
                started_at=start,
                ended_at=start + slower * self.seconds(self.chance),
                end="completed",
                pause=0.0,
                needs=(),
                follows=None,
            )


def course(work: Downstream, limit: int, windows: int, *, most: int = 64) -> list[int]:
    stood = list[int]()
    for _ in range(windows):
        limit = work.window(limit, most=most)
        stood.append(limit)
    return stood


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "seconds",
    [lambda chance: 1.0, lambda chance: chance.uniform(1, 10), lambda chance: chance.expovariate(0.2)],
    ids=["even", "one to ten seconds", "now and then long"],
)
def test_stationary_work_never_costs_half_of_the_limit_and_grows_to_its_bound(
    seconds: Callable[[random.Random], float], seed: int
) -> None:
    stood = course(Downstream(seconds, seed), 32, 100)

    assert min(stood) > 16
    assert sum(stood[20:]) / 80 > 48


@pytest.mark.parametrize("seed", range(8))
def test_a_downstream_that_has_too_much_gets_less_and_all_again_once_it_takes_it(seed: int) -> None:
    work = Downstream(lambda chance: chance.uniform(1, 3), seed)
    assert course(work, 64, 20)[-1] >= 51
    work.places = 8
    too_much = course(work, 64, 60)
    work.places = 10_000
    well = course(work, too_much[-1], 40)

    assert sum(too_much[30:]) / 30 < 20
    assert min(too_much) >= 2
    assert well[-1] >= 51


def test_a_limit_that_was_too_high_from_the_first_is_found_out() -> None:
    work = Downstream(lambda chance: chance.uniform(1, 3), 1)
    work.places = 8

    assert sum(course(work, 64, 60)[30:]) / 30 < 20


@pytest.mark.parametrize("seed", range(8))
def test_work_that_takes_longer_by_itself_lowers_nothing_for_long(seed: int) -> None:
    longer = [1.0]
    work = Downstream(lambda chance: longer[0] * chance.uniform(1, 2), seed)
    course(work, 32, 20)
    longer[0] = 6.0
    stood = course(work, 64, 40)

    assert min(stood) >= 16
    assert sum(stood[20:]) / 20 > 48


@pytest.mark.parametrize("seed", range(8))
def test_windows_of_large_and_small_work_by_chance_lower_little(seed: int) -> None:
    batch = random.Random(seed)
    work, limit, stood = Downstream(lambda chance: 1.0, seed), 32, list[int]()
    for _ in range(100):
        size = batch.lognormvariate(0, 0.6)
        work.seconds = lambda chance, size=size: size * chance.uniform(1, 2)  # type: ignore[misc]  # bound by default
        stood.append(limit := work.window(limit, most=64))

    assert sorted(stood)[5] >= 16
    assert sum(stood[20:]) / 80 > 40


def test_another_mix_of_stages_is_not_taken_for_slowness() -> None:
    work, limit, stood = Downstream(lambda chance: 1.0, 1), 8, list[int]()
    for number in range(12):
        quick = list(work.jobs(60 - 5 * number, 1.0, 60.0, "quick"))
        jobs = [*quick, *work.jobs(5 + 5 * number, 9.0, 60.0, "long")]
        work.now += 30
        stood.append(limit := work.gradient.judge(jobs, limit, now=work.now, least=1, most=20))

    assert stood[:5] == [10, 12, 15, 18, 20]


def test_a_limit_that_is_not_in_use_is_left_alone_however_long_attempts_take() -> None:
    work = Downstream(lambda chance: chance.uniform(1, 10), 1)
    work.places = 2

    assert {work.window(16, most=64, waited=0.01) for _ in range(50)} == {16}


def test_few_attempts_say_nothing_until_enough_have_come_together() -> None:
    work = Downstream(lambda chance: 1.0, 1)

    assert [work.window(4, most=64, count=10) for _ in range(4)] == [4, 4, 4, 5]


def test_attempts_that_began_under_another_limit_are_not_counted() -> None:
    work = Downstream(lambda chance: 1.0, 1)
    assert work.window(4, most=64) == 5
    work.now -= 30
    old = list(work.jobs(100, 1.0, 60.0, "read"))
    work.now += 30
    new = list(work.jobs(39, 1.0, 60.0, "read"))
    work.now += 30

    assert work.gradient.judge([*old, *new], 5, now=work.now, least=1, most=64) == 5
    assert work.gradient.judge(new[:1], 5, now=work.now, least=1, most=64) == 6


def test_the_bounds_hold_for_what_is_judged() -> None:
    work = Downstream(lambda chance: 1.0, 1)

    assert set(course(work, 9, 30, most=9)) == {7, 8, 9}
    assert work.gradient.judge(list(work.jobs(100, 1.0, 60.0, "read")), 3, now=work.now, least=3, most=3) == 3

"""A limit of concurrency that finds its own value, against simulated servers."""

import asyncio
import random
from contextlib import suppress

import pytest

from agentkit.agents import AdaptiveLimit
from agentkit.errors import DefinitionError, Overloaded


class Server:
    """Answers in 0.05 s up to its knee; above it, what it has to do waits, and slows it down."""

    def __init__(self, knee: int, *, thrash: float = 0.02, seed: int = 1) -> None:
        self.knee, self.thrash, self.in_flight, self.most = knee, thrash, 0, 0
        self.dice = random.Random(seed)
        self.answers = 0

    def seconds(self, in_flight: int) -> float:
        return 0.05 * max(1, in_flight / self.knee) * (1 + self.thrash * max(0, in_flight - self.knee))

    @property
    def best(self) -> float:
        return max(most / self.seconds(most) for most in range(1, 300))

    async def ask(self) -> None:
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            await asyncio.sleep(self.seconds(self.in_flight) * self.dice.uniform(0.5, 1.5))
        finally:
            self.in_flight -= 1
        self.answers += 1


async def load(server: Server, limit: AdaptiveLimit, seconds: float, callers: int = 200) -> float:
    """Answers a second, of so many who ask without a pause."""
    end, before = asyncio.get_running_loop().time() + seconds, server.answers

    async def caller() -> None:
        while asyncio.get_running_loop().time() < end:
            async with limit:
                await server.ask()

    await asyncio.gather(*(caller() for _ in range(callers)))
    return (server.answers - before) / seconds


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("knee", [8, 30])
async def test_it_reaches_nearly_the_throughput_of_the_best_fixed_limit(knee: int, seed: int) -> None:
    server, limit = Server(knee, seed=seed), AdaptiveLimit()
    await load(server, limit, 60)

    assert await load(server, limit, 120) >= 0.9 * server.best


async def test_it_follows_a_server_that_changes() -> None:
    server, limit = Server(40), AdaptiveLimit()
    await load(server, limit, 100)
    before = limit.limit

    server.knee = 10
    await load(server, limit, 100)
    after = limit.limit

    assert before > 25
    assert after < 20
    assert await load(server, limit, 100) >= 0.85 * server.best


async def test_it_looks_again_at_once_when_latency_changes_while_it_rests() -> None:
    server, limit = Server(40), AdaptiveLimit()
    await load(server, limit, 200)
    assert limit.limit > 25

    server.knee = 10
    await load(server, limit, 12)

    assert limit.limit < 20


async def test_it_never_leaves_its_bounds() -> None:
    server, limit = Server(50), AdaptiveLimit(start=3, least=2, most=9)

    await load(server, limit, 60)

    assert (server.most, limit.limit) == (9, 9)
    small = AdaptiveLimit(start=3, least=3, most=50)
    await load(Server(1, thrash=1), small, 60)
    assert small.limit <= 6


async def test_it_does_not_grow_where_nobody_asks_for_more() -> None:
    limit = AdaptiveLimit(start=20)

    await load(Server(50), limit, 60, callers=5)

    assert limit.limit == 20


async def test_a_refusal_lowers_it_at_once_and_another_error_does_not() -> None:
    limit = AdaptiveLimit(start=10)
    with pytest.raises(ValueError, match="bad"):
        async with limit:
            raise ValueError("bad")
    assert limit.limit == 10

    with pytest.raises(Overloaded):
        async with limit:
            raise Overloaded("full", retry_after=1)
    assert (limit.limit, limit.in_flight) == (8, 0)


async def test_however_often_it_is_refused_it_stays_at_its_least() -> None:
    limit = AdaptiveLimit(start=10, least=7)
    for _ in range(20):
        with pytest.raises(Overloaded):
            async with limit:
                raise Overloaded("full", retry_after=1)

    assert limit.limit == 7


async def test_what_a_refusal_is_can_be_said() -> None:
    limit = AdaptiveLimit(start=10, refusals=(KeyError,))

    with pytest.raises(KeyError):
        async with limit:
            raise KeyError

    assert limit.limit == 8


async def test_a_lower_steepness_keeps_latency_lower() -> None:
    found = []
    for steepness in (0.2, 0.9):
        # Latency grows slowly from the first one on: there is no knee, only a price.
        server, limit = Server(1000), AdaptiveLimit(steepness=steepness)
        server.seconds = lambda in_flight: 0.05 * in_flight**0.6  # type: ignore[method-assign] # another server
        await load(server, limit, 60)
        found.append(limit.limit)

    assert found[0] < found[1]


async def test_who_waits_is_served_in_order_and_a_cancel_gives_the_place_back() -> None:
    limit, order = AdaptiveLimit(start=1), []

    async def one(number: int) -> None:
        async with limit:
            await asyncio.sleep(1)
            order.append(number)

    tasks = [asyncio.create_task(one(number)) for number in range(4)]
    await asyncio.sleep(0.5)
    assert (limit.in_flight, limit.waiting) == (1, 3)
    tasks[0].cancel()
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert (order, limit.in_flight, limit.waiting) == ([1, 3], 0, 0)


async def test_a_place_given_to_somebody_who_is_cancelled_in_that_moment_goes_to_the_next() -> None:
    limit, release = AdaptiveLimit(start=1), asyncio.Event()

    async def holder() -> None:
        async with limit:
            await release.wait()
        # The place was handed to the first who waits, who is cancelled before it runs again.
        first.cancel()

    async def waiter() -> str:
        async with limit:
            return "in"

    holding = asyncio.create_task(holder())
    await asyncio.sleep(0)
    first, second = asyncio.create_task(waiter()), asyncio.create_task(waiter())
    await asyncio.sleep(0)
    release.set()

    assert await second == "in"
    await holding
    assert first.cancelled()
    assert limit.in_flight == 0


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"least": 0}, "least"),
        ({"most": 0}, "most"),
        ({"start": 0}, "start"),
        ({"start": 9, "most": 8}, "from least to most"),
        ({"start": 2, "least": 3}, "from least to most"),
        ({"steepness": 0}, "steepness"),
        ({"steepness": 1}, "steepness"),
    ],
)
def test_a_limit_that_is_not_valid_is_refused(settings: dict[str, int], word: str) -> None:
    with pytest.raises(DefinitionError, match=word):
        AdaptiveLimit(**settings)  # type: ignore[arg-type] # wrong on purpose


async def test_a_burst_of_refusals_lowers_the_limit_once() -> None:
    limit = AdaptiveLimit(start=100)

    async def refused() -> None:
        with suppress(Overloaded):
            async with limit:
                await asyncio.sleep(1)
                raise Overloaded("too many", retry_after=1.0)

    await asyncio.gather(*(refused() for _ in range(100)))
    assert limit.limit == 80
    # Who began after it was lowered says something new.
    await refused()
    assert limit.limit == 64


@pytest.mark.parametrize("seconds", range(20, 100, 20))
async def test_answers_that_take_no_time_any_more_open_the_limit(seconds: float) -> None:
    server, limit = Server(10), AdaptiveLimit()
    await load(server, limit, seconds)
    before = limit.limit

    async def answer() -> None:
        async with limit:
            await asyncio.sleep(0)

    await asyncio.gather(*(answer() for _ in range(20_000)))
    assert limit.limit > 2 * before


async def test_refusals_that_take_long_are_heard_however_often_the_limit_is_judged_meanwhile() -> None:
    limit, dice = AdaptiveLimit(start=20, most=500), random.Random(1)
    end = asyncio.get_running_loop().time() + 100

    async def caller() -> None:
        while asyncio.get_running_loop().time() < end:
            with suppress(Overloaded):
                async with limit:
                    if dice.random() < 0.1:
                        await asyncio.sleep(0.5)
                        raise Overloaded("too many", retry_after=1.0)
                    await asyncio.sleep(0.1)

    await asyncio.gather(*(caller() for _ in range(300)))
    assert limit.limit < 20

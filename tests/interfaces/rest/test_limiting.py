"""How often somebody may ask: a window that slides, and nothing kept of who asks no more."""

import asyncio

from agentkit.interfaces.rest.limiting import Limiter, _Window


class Now:
    """The time of day, as the test says."""

    def __init__(self) -> None:
        self.at = 1_764_000_000.0

    def __call__(self) -> float:
        return self.at


async def test_who_asked_as_often_as_is_allowed_waits_until_the_window_has_slid_on() -> None:
    limiter = Limiter(4, 60, now=(now := Now()))
    first = [await limiter.hit("ada") for _ in range(5)]
    other = await limiter.hit("bob")
    now.at += 60
    again = await limiter.hit("ada")
    now.at += 30
    half = [await limiter.hit("ada") for _ in range(3)]
    now.at += 90
    later = await limiter.hit("ada")

    assert [(one.allowed, one.left) for one in first] == [(True, 3), (True, 2), (True, 1), (True, 0), (False, 0)]
    assert (other.allowed, other.left) == (True, 3)
    # All of the window before counts, then half of it, then nothing.
    assert not again.allowed
    assert [one.allowed for one in half] == [True, True, False]
    assert (later.allowed, later.left) == (True, 3)
    assert first[0].headers["RateLimit-Policy"] == '"default";q=4;w=60'
    assert first[0].headers["RateLimit"].startswith('"default";r=3;t=')


async def test_nothing_is_kept_of_who_asks_no_more() -> None:
    limiter = Limiter(4, 60, now=(now := Now()))
    counts = limiter._counts
    for number in range(1_000):
        await limiter.hit(f"address {number}")
    assert len(counts.windows) == 1_000
    now.at += 60
    await limiter.hit("ada")
    assert len(counts.windows) == 1_001, "the window before still counts"
    now.at += 60
    await limiter.hit("ada")

    assert list(counts.windows.values()) == [_Window(1_764_000_120 // 60, count=1, before=1)]


async def test_nobody_begins_anew_because_the_clock_was_put_back() -> None:
    limiter = Limiter(4, 60, now=(now := Now()))
    for _ in range(4):
        await limiter.hit("ada")
    now.at -= 3_600
    again = await limiter.hit("ada")

    assert (again.allowed, again.left) == (False, 0)


async def test_many_at_once_are_counted_exactly() -> None:
    limiter = Limiter(100, 60)
    before = asyncio.all_tasks()
    standings = await asyncio.gather(*(limiter.hit("ada") for _ in range(250)))

    assert sum(one.allowed for one in standings) == 100
    # No task looks through everybody's counts.
    assert asyncio.all_tasks() == before

"""The pace at which agents that share a provider ask it."""

import asyncio
import random
from collections import deque

import pytest

from agentkit.agents import Pace
from agentkit.errors import DefinitionError, TooManyRequests


def now() -> float:
    return asyncio.get_running_loop().time()


async def slots(pace: Pace, count: int) -> list[float]:
    """When so many who ask at once get their slots, in order."""
    began, got = now(), []

    async def one(number: int) -> None:
        await pace.slot()
        got.append((number, round(now() - began, 6)))

    await asyncio.gather(*(one(number) for number in range(count)))
    assert [number for number, _ in got] == [*range(count)]
    return [time for _, time in got]


async def test_slots_lie_evenly_and_are_given_in_order() -> None:
    assert await slots(Pace(60, 30.0, share=1), 4) == [0, 0.5, 1, 1.5]


async def test_a_share_of_the_rate_is_left_for_the_unevenness_of_the_network() -> None:
    assert await slots(Pace(60, share=0.5), 3) == [0, 2, 4]


async def test_a_quiet_time_saves_up_a_burst_and_no_more() -> None:
    pace = Pace(60, share=1, burst=3)
    await slots(pace, 1)
    await asyncio.sleep(100)

    assert await slots(pace, 5) == [0, 0, 0, 1, 2]


@pytest.mark.parametrize(("asked", "held"), [(float("inf"), 3600), (float("nan"), 1), (-5, 1)])
async def test_a_provider_that_names_no_end_holds_nobody_for_ever(asked: float, held: float) -> None:
    pace = Pace(60, share=1)
    await pace.slot()

    pace.refused(asked)

    assert await slots(pace, 2) == [held, held + 1]


async def test_after_a_refusal_nobody_asks_until_the_provider_said() -> None:
    pace = Pace(60, share=1)
    await pace.slot()

    pace.refused(10)

    assert await slots(pace, 3) == [10, 11, 12]
    assert pace.metrics().refused == 1


async def test_a_refusal_holds_back_those_who_wait_already_too() -> None:
    pace = Pace(60, share=1, burst=2)
    waiting = asyncio.create_task(slots(pace, 4))
    await asyncio.sleep(0.5)

    pace.refused(10)

    assert await waiting == [0, 0, 10.5, 11.5]


async def test_a_cancelled_waiter_leaves_the_slot_to_the_next() -> None:
    pace, began = Pace(60, share=1), now()
    await pace.slot()
    first, second = asyncio.create_task(pace.slot()), asyncio.create_task(pace.slot())
    await asyncio.sleep(0.5)
    assert pace.metrics().waiting == 2

    first.cancel()
    await second

    assert now() - began == 1
    assert pace.metrics().given == 2


async def test_nobody_overtakes_who_waits_for_the_slot_of_this_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    pace, order, loop = Pace(60, share=1), list[str](), asyncio.get_running_loop()
    await pace.slot()

    async def one(name: str) -> None:
        await pace.slot()
        order.append(name)

    early = asyncio.create_task(one("early"))
    await asyncio.sleep(0.5)
    late, moment = asyncio.create_task(one("late")), now() + 0.5
    with monkeypatch.context() as patched:
        # A busy loop: the moment has come, and the pace's own timer has not rung yet.
        patched.setattr(loop, "time", lambda: moment)
        await asyncio.sleep(0)
    await asyncio.gather(early, late)

    assert order == ["early", "late"]


async def test_a_slot_given_to_somebody_who_is_cancelled_in_that_moment_is_not_lost() -> None:
    pace, began = Pace(60, share=1), now()
    await pace.slot()
    first = asyncio.create_task(pace.slot())
    second = asyncio.create_task(pace.slot())
    # Scheduled before the pace's own timer of the same moment, and run after it: the slot is given, and not used.
    asyncio.get_running_loop().call_at(began + 1, lambda: asyncio.get_running_loop().call_soon(first.cancel))

    await second

    assert now() - began <= 1
    assert pace.metrics().given == 2


async def test_a_call_is_repeated_when_it_is_refused_and_not_when_it_fails() -> None:
    pace, began = Pace(60, share=1), now()
    answers: deque[object] = deque([TooManyRequests("slow down", retry_after=7), "fine", ValueError("no")])

    async def request() -> object:
        answer = answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await pace.call(request) == "fine"
    assert now() - began == 7
    with pytest.raises(ValueError, match="no"):
        await pace.call(request)
    assert (len(answers), pace.metrics().given, pace.metrics().refused) == (0, 3, 1)


async def test_a_call_gives_up_after_its_attempts_with_what_the_provider_said() -> None:
    pace, asked = Pace(60, share=1), []

    async def request() -> None:
        asked.append(now())
        raise TooManyRequests("never", retry_after=1)

    with pytest.raises(TooManyRequests, match="never"):
        await pace.call(request, attempts=3)
    assert len(asked) == 3


async def test_a_call_can_be_told_what_a_refusal_is() -> None:
    pace, began = Pace(60, share=1), now()
    answers = deque([LookupError("busy"), None])

    async def request() -> None:
        if (answer := answers.popleft()) is not None:
            raise answer

    await pace.call(request, wait_of=lambda error: 3.0 if isinstance(error, LookupError) else None)

    assert now() - began == 3


@pytest.mark.parametrize("seed", range(5))
async def test_a_hundred_agents_use_nearly_all_that_a_provider_allows_and_are_hardly_refused(seed: int) -> None:
    dice, taken, counts = random.Random(seed), deque[float](), {"answered": 0, "refused": 0}
    pace, began = Pace(60), now()

    async def ask() -> None:
        await asyncio.sleep(dice.uniform(0.02, 0.3))
        while taken and taken[0] <= now() - 60:
            taken.popleft()
        if len(taken) >= 60:
            counts["refused"] += 1
            raise TooManyRequests("too many", retry_after=taken[0] + 60 - now())
        taken.append(now())
        counts["answered"] += 1
        await asyncio.sleep(dice.uniform(0.1, 3))

    async def agent() -> None:
        while True:
            await pace.call(ask)

    agents = [asyncio.create_task(agent()) for _ in range(100)]
    await asyncio.sleep(600)
    for one in agents:
        one.cancel()
    await asyncio.gather(*agents, return_exceptions=True)

    assert counts["answered"] >= 0.95 * 600
    assert counts["refused"] < 0.01 * counts["answered"]
    assert now() - began == 600


async def test_what_it_has_done_can_be_read() -> None:
    pace = Pace(120, share=1, name="house")
    await slots(pace, 3)

    metrics = pace.metrics()

    assert (metrics.given, metrics.refused, metrics.waiting, metrics.rate) == (3, 0, 0, 2)
    assert repr(pace) == "<pace 'house': 2 a second>"


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"requests": 0}, "requests"),
        ({"requests": 1, "seconds": 0}, "seconds"),
        ({"requests": 1, "burst": 0}, "burst"),
        ({"requests": 1, "share": 0}, "share"),
        ({"requests": 1, "share": float("nan")}, "share"),
        ({"requests": 1, "name": ""}, "name"),
    ],
)
def test_a_pace_that_is_not_valid_is_refused(settings: dict[str, int], word: str) -> None:
    with pytest.raises(DefinitionError, match=word):
        Pace(**settings)  # type: ignore[arg-type] # wrong on purpose


async def test_a_call_without_attempts_is_refused() -> None:
    async def request() -> None:
        raise AssertionError("never asked")

    with pytest.raises(DefinitionError, match="attempts"):
        await Pace(60).call(request, attempts=0)

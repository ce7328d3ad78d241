"""The virtual loop: time jumps, order stays, and nothing waits in vain."""

import asyncio
import threading
import time

import anyio.to_thread
import pytest

from agentkit.agents.threads import Threads
from agentkit.engines import RandomIds, SystemClock
from agentkit.errors import UsageError
from agentkit.testing import clock
from agentkit.testing.clock import VirtualClock, VirtualLoop, run_virtual


async def test_a_year_passes_at_once() -> None:
    began, real = VirtualClock().now(), time.monotonic()
    await asyncio.sleep(365 * 86_400)

    assert VirtualClock().now() - began == 365 * 86_400
    assert time.monotonic() - real < 60


async def test_timers_fire_in_order_and_on_time() -> None:
    loop, fired = asyncio.get_running_loop(), list[tuple[float, int]]()
    began = loop.time()

    def fire(number: int) -> None:
        fired.append((round(loop.time() - began, 3), number))

    for number, after in enumerate([3.0, 1.0, 2.0, 1.0, 10_000.0]):
        loop.call_later(after, fire, number)
    await asyncio.sleep(19_000)

    assert fired == [(1, 1), (1, 3), (2, 2), (3, 0), (10_000, 4)]


async def test_callbacks_keep_their_order() -> None:
    loop, order = asyncio.get_running_loop(), list[int]()
    for number in range(100):
        loop.call_soon(order.append, number)
    await asyncio.sleep(0)

    assert order == list(range(100))


async def test_time_does_not_jump_while_a_thread_works() -> None:
    loop = asyncio.get_running_loop()
    fired: list[str] = []
    loop.call_later(30, fired.append, "too early")
    began = loop.time()
    await anyio.to_thread.run_sync(time.sleep, 0.05)
    await asyncio.to_thread(time.sleep, 0.05)

    assert fired == []
    assert 0.05 <= loop.time() - began < 20


async def test_time_does_not_jump_while_a_process_works() -> None:
    loop = asyncio.get_running_loop()
    process = await asyncio.create_subprocess_exec("sleep", "0.05")
    began = loop.time()
    async with asyncio.timeout(60):
        await process.wait()

    assert loop.time() - began < 20


async def test_a_limit_holds_for_a_thread_that_does_not_end() -> None:
    gate = threading.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await anyio.to_thread.run_sync(gate.wait, 20, abandon_on_cancel=True)
    gate.set()


def test_waiting_for_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_STILL_SECONDS", 0.05)

    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(UsageError, match="nothing will ever happen again"):
        run_virtual(wait())


def test_polling_for_ever_is_an_error_where_a_limit_is_set() -> None:
    async def poll() -> None:
        while True:  # noqa: ASYNC110 - this is what is tried
            await asyncio.sleep(1)

    runner = asyncio.Runner(loop_factory=lambda: VirtualLoop(limit_seconds=1_000))
    with runner, pytest.raises(UsageError, match="virtual seconds have passed"):
        runner.run(poll())


def test_the_system_clock_never_goes_back_and_ids_are_sorted_by_time() -> None:
    system = SystemClock()
    times = [system.now() for _ in range(1_000)]
    assert times == sorted(times)

    class Steps:
        at = 1.7e9

        def now(self) -> float:
            self.at += 0.002
            return self.at

    ids = RandomIds(Steps())
    names = [ids.operation_id() for _ in range(1_000)]
    assert names == sorted(set(names))


@pytest.mark.parametrize("days", [-400, 400])
def test_p30_a_change_of_the_time_of_day_is_not_seen(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    system, told = SystemClock(), time.time()
    monkeypatch.setattr(time, "time", lambda: told + days * 86_400)

    assert abs(system.now() - told) < 60


def test_a_seed_mixes_the_steps_of_tasks_and_nothing_else() -> None:
    async def scene() -> tuple[list[int], list[int]]:
        loop, calls, steps = asyncio.get_running_loop(), list[int](), list[int]()

        async def step(number: int) -> None:
            steps.append(number)

        tasks = []
        for number in range(8):
            loop.call_soon(calls.append, number)
            tasks.append(loop.create_task(step(number)))
        await asyncio.gather(*tasks)
        return calls, steps

    told = {seed: run_virtual(scene(), seed=seed) for seed in (None, 1, 2)}

    assert all(calls == list(range(8)) for calls, _ in told.values())
    assert told[None][1] == list(range(8)) != told[1][1] != told[2][1]
    assert run_virtual(scene(), seed=1) == told[1]


def test_no_time_passes_while_somebody_has_it_stand_still() -> None:
    async def scene() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        began, answer = loop.time(), loop.create_future()
        threading.Timer(0.05, lambda: loop.call_soon_threadsafe(answer.set_result, None)).start()
        loop.call_later(3_600, answer.cancel)
        with loop.standing_still():
            await answer
        return loop.time() - began

    assert run_virtual(scene()) == 0


def test_with_a_seed_a_thread_at_work_takes_no_time() -> None:
    async def scene() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await Threads(1).run(lambda: time.sleep(0.02))
        return loop.time() - began

    assert run_virtual(scene(), seed=1) == 0

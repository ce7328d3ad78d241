"""Balancing, adaptive limits and pacing: what they reach beside what is simpler, simulated in virtual time with seeds.

Replicas, servers and the provider are simulated; the pool, the limit and the pace are agentkit's own. The same seeds
make the same arrivals and the same work for every row, so only what decides differs.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from agentkit.agents import (
    AdaptiveLimit,
    AgentPool,
    Balancing,
    LeastLoaded,
    MachineLoad,
    Pace,
    PowerOfTwo,
    RandomChoice,
    Replica,
    RoundRobin,
    Task,
    WeightedLoad,
    agent,
)
from agentkit.errors import TooManyRequests
from agentkit.testing import run_virtual

SEEDS = (1, 2, 3)
TASKS = 10_000
REPLICAS, WORKERS, SLOW, SLOWNESS = 10, 4, 2, 2.0
LOAD = 0.53  # of what all replicas together can do: under a random choice the slow ones are busy 95 % of the time
BOUND_TAIL, BOUND_LIMIT, BOUND_USED, BOUND_REFUSED = 0.5, 0.9, 0.95, 0.01
STRATEGIES: dict[str, Callable[[], Balancing]] = {
    "random": RandomChoice,
    "round-robin": RoundRobin,
    "least loaded": LeastLoaded,
    "weighted load": WeightedLoad,
    "power of two": PowerOfTwo,
}


def work_seconds(dice: random.Random) -> float:
    """Skewed: nine tasks of ten are short, the tenth takes ten times as long."""
    return dice.expovariate(1 / 0.05) if dice.random() < 0.9 else dice.expovariate(1 / 0.5)


MEAN_SECONDS = 0.9 * 0.05 + 0.1 * 0.5


def replica(place: int) -> Replica[float, float]:
    """One of the replicas: so many workers with a queue before them; the first ones are slow."""
    slots, slowness, busy = asyncio.Semaphore(WORKERS), SLOWNESS if place < SLOW else 1.0, [0]

    @agent(name=f"replica_{place}")
    async def work(task: Task[float]) -> float:
        async with slots:
            busy[0] += 1
            try:
                await asyncio.sleep(task.input * slowness)
            finally:
                busy[0] -= 1
        return task.input

    async def gauge() -> MachineLoad:
        return MachineLoad(cpu=busy[0] / WORKERS, memory=0.3 + 0.1 * busy[0])

    return Replica(work, gauge=gauge)


async def latencies(strategy: Balancing, seed: int) -> list[float]:
    """How long each task took, from its arrival on."""
    dice, loop = random.Random(seed), asyncio.get_running_loop()
    pool = AgentPool(
        "replicas", [replica(n) for n in range(REPLICAS)], strategy=strategy, chance=random.Random(seed + 1).random
    )
    rate = LOAD * WORKERS * (REPLICAS - SLOW + SLOW / SLOWNESS) / MEAN_SECONDS
    took: list[float] = []

    async def one(seconds: float) -> None:
        began = loop.time()
        await pool.run(Task.standalone(seconds))
        took.append(loop.time() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(TASKS):
            await asyncio.sleep(dice.expovariate(rate))
            group.create_task(one(work_seconds(dice)))
    assert len(took) == TASKS == sum(one.succeeded for one in pool.metrics().replicas)
    return took


def share(values: list[float], part: float) -> float:
    return sorted(values)[int(part * (len(values) - 1))]


def balancers() -> bool:
    """Print a line for each strategy; whether power of two keeps its bound."""
    tails: dict[str, float] = {}
    print(f"{REPLICAS} replicas, {SLOW} of them {SLOWNESS:g} times as slow, load {LOAD:.0%}, {len(SEEDS)} seeds")
    for name, make in STRATEGIES.items():
        took = [one for seed in SEEDS for one in run_virtual(latencies(make(), seed))]
        tails[name] = share(took, 0.99)
        print(
            f"  {name:14} p50 {share(took, 0.5):7.3f} s  p99 {tails[name]:7.3f} s"
            f"  {tails[name] / tails['random']:6.3f} x random"
        )
    ratio = tails["power of two"] / tails["random"]
    print(f"  p99 of power of two: {ratio:.3f} of random (bound {BOUND_TAIL})")
    return ratio <= BOUND_TAIL


@dataclass(frozen=True)
class Server:
    """A server that becomes slower the more it has to do: alone a call takes 0.05 s.

    `knee`: up to here nothing waits; `thrash`: how much each one more above it slows down all.
    """

    name: str
    knee: int
    thrash: float

    def seconds(self, in_flight: int) -> float:
        over = max(0, in_flight - self.knee)
        return 0.05 * max(1.0, in_flight / self.knee) * (1 + self.thrash * over)


SERVERS = (Server("queue", 20, 0.0), Server("thrash", 20, 0.02), Server("small", 6, 0.05), Server("large", 120, 0.005))
HORIZON, WARM = 400.0, 100.0


class Fixed:
    """A limit that somebody chose."""

    def __init__(self, most: int) -> None:
        self._slots = asyncio.Semaphore(most)

    async def __aenter__(self) -> None:
        await self._slots.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._slots.release()


async def throughput(server: Server, limit: AdaptiveLimit | Fixed, seed: int) -> float:
    """Answers a second that 400 callers get who ask without a pause, after a warm-up."""
    dice, loop = random.Random(seed), asyncio.get_running_loop()
    began, in_flight, answers = loop.time(), 0, 0

    async def caller() -> None:
        nonlocal in_flight, answers
        while loop.time() - began < HORIZON:
            async with limit:
                in_flight += 1
                await asyncio.sleep(server.seconds(in_flight) * dice.uniform(0.5, 1.5))
                in_flight -= 1
            answers += loop.time() - began >= WARM

    await asyncio.gather(*(caller() for _ in range(400)))
    return answers / (HORIZON - WARM)


def limits() -> bool:
    """Print a line for each server; whether the adaptive limit keeps its bound on all."""
    kept = True
    print("adaptive concurrency beside the best fixed limit")
    for server in SERVERS:
        fixed = {most: most / server.seconds(most) for most in range(1, 400)}
        best = max(fixed, key=lambda most: fixed[most])
        reached = run_virtual(throughput(server, Fixed(best), 1))
        ratios, found = [], AdaptiveLimit()
        for seed in SEEDS:
            found = AdaptiveLimit()
            ratios.append(run_virtual(throughput(server, found, seed)) / reached)
        ratio = min(ratios)
        kept = kept and ratio >= BOUND_LIMIT
        print(
            f"  {server.name:8} best {best:4} {reached:8.1f}/s  found {found.limit:4}"
            f"  {ratio:6.3f} (bound {BOUND_LIMIT})"
        )
    return kept


class Provider:
    """Sixty requests in any sixty seconds; more are refused, with the time after which there is room."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._taken: deque[float] = deque()
        self.answered = self.refused = 0

    async def ask(self) -> None:
        await asyncio.sleep(self._dice.uniform(0.02, 0.3))  # the way there
        now = asyncio.get_running_loop().time()
        while self._taken and self._taken[0] <= now - 60:
            self._taken.popleft()
        if len(self._taken) >= 60:
            self.refused += 1
            raise TooManyRequests("too many", retry_after=self._taken[0] + 60 - now)
        self._taken.append(now)
        self.answered += 1
        await asyncio.sleep(self._dice.uniform(0.2, 2.0))


async def used(seed: int, *, paced: bool) -> tuple[float, float]:
    """The share of what a provider allows that 100 agents use in half an hour, and the share that it refuses."""
    provider, loop = Provider(random.Random(seed)), asyncio.get_running_loop()
    pace, began, minutes = Pace(60, 60.0), loop.time(), 30

    async def agent_() -> None:
        while loop.time() - began < minutes * 60:
            if paced:
                await pace.call(provider.ask)
                continue
            try:
                await provider.ask()
            except TooManyRequests as error:
                await asyncio.sleep(error.retry_after)

    agents = [loop.create_task(agent_()) for _ in range(100)]
    await asyncio.sleep(minutes * 60)
    answered, refused = provider.answered, provider.refused
    for one in agents:
        one.cancel()
    await asyncio.gather(*agents, return_exceptions=True)
    return answered / (60 * minutes), refused / (answered + refused)


def paces() -> bool:
    """Print what 100 agents reach that share a provider; whether the pace keeps its bounds."""
    print("100 agents share a provider of 60 requests a minute, for 30 minutes")
    kept = True
    for name, paced in (("each for itself", False), ("one pace", True)):
        shares, refusals = zip(*(run_virtual(used(seed, paced=paced)) for seed in SEEDS), strict=True)
        print(f"  {name:16} used {min(shares):6.1%}  refused {max(refusals):6.2%}")
        if paced:
            kept = min(shares) >= BOUND_USED and max(refusals) < BOUND_REFUSED
    print(f"  (bounds: used at least {BOUND_USED:.0%}, refused less than {BOUND_REFUSED:.0%})")
    return kept


def balance_all() -> bool:
    """Measure everything; whether all bounds are kept."""
    kept = [balancers(), limits(), paces()]
    return all(kept)

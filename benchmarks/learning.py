"""What learning gains, and what it costs: `python -m benchmarks learning`.

The regret is what a choice misses of the best arm's mean reward, summed up over 500 outcomes, over 200 seeds, beside
that of choosing evenly. The cost is a choice with its outcome on a real SQLite store, beside two appends of the same
size. One run, ratios.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from agentkit.agents import Bench, LearningState, Outcome, choose_arm, outcome_entries
from agentkit.kernel import ContextUpdated
from agentkit.orchestrator import Learner
from agentkit.stores import open_store

__all__ = ["learn_all", "regret"]

SEEDS = 200
OUTCOMES = 500
BOUND = 0.5
WORLDS = {
    "four arms, far apart": {"": (0.3, 0.5, 0.7, 0.9)},
    "two arms": {"": (0.5, 0.8)},
    "four arms, close": {"": (0.55, 0.6, 0.7, 0.8)},
    "two kinds, opposite": {"tax": (0.2, 0.5, 0.9), "sale": (0.9, 0.5, 0.2)},
}
"""The chance of success of each arm, by kind of task."""


def regret(world: dict[str, tuple[float, ...]], seed: int) -> tuple[float, float]:
    """What learning misses of the best arms in one simulation, and what choosing evenly misses."""
    kinds = list(world)
    arms = tuple(f"arm{n}" for n in range(len(world[kinds[0]])))
    state, dice = LearningState(), Random(seed)
    bench = Bench(name="bench", arms=arms, seed=f"{seed}")
    missed = even = 0.0
    for turn in range(OUTCOMES):
        kind = dice.choice(kinds)
        chances = world[kind]
        choice, entries = choose_arm(state, bench, kind=kind, key=f"{turn}", at=turn)
        for entry in entries:
            state.apply(entry)
        chance = chances[arms.index(choice.arm)]
        outcome = Outcome(success=dice.random() < chance)
        for entry in outcome_entries(state, bench, outcome, arm=choice.arm, kind=kind, key=f"{turn}", at=turn):
            state.apply(entry)
        missed += max(chances) - chance
        even += max(chances) - sum(chances) / len(chances)
    return missed, even


def _ratios() -> Iterator[tuple[str, float]]:
    for name, world in WORLDS.items():
        found = [regret(world, seed) for seed in range(SEEDS)]
        yield name, sum(missed for missed, _ in found) / sum(even for _, even in found)


async def _costs(folder: Path, rounds: int = 1_000) -> tuple[float, float]:
    """Seconds of a choice with its outcome on SQLite, and of two bare appends."""
    store = open_store(f"sqlite:///{folder / 'runs.db'}")
    async with store, Learner(store, arms=["a", "b", "c"]) as learner:
        began = time.perf_counter()
        for turn in range(rounds):
            choice = await learner.choose(kind="tax", key=f"operation:{turn}")
            await learner.tell(choice, Outcome(success=turn % 3 > 0, seconds=1.0))
        learned = (time.perf_counter() - began) / rounds
        event = ContextUpdated(at=0.0, context='{"entries":["' + 200 * "x" + '"]}')
        began = time.perf_counter()
        for turn in range(2 * rounds):
            await store.append("bare", [event], expected=turn)
        return learned, (time.perf_counter() - began) / rounds


def learn_all() -> bool:
    """Measure and print; whether every regret is within its bound."""
    good = True
    for name, ratio in _ratios():
        good = good and ratio <= BOUND
        print(f"{name:24} regret {ratio:.2f} of choosing evenly (bound {BOUND:.2f})", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        learned, bare = asyncio.run(_costs(Path(folder)))
    print(f"a choice and its outcome on SQLite: {1e3 * learned:.2f} ms, {learned / bare:.2f} x two bare appends")
    return good

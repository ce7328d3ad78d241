"""What learning gains, and what it costs: `python -m benchmarks learning`.

The regret is what a choice misses of the best arm's mean reward, summed up over 500 outcomes, over 200 seeds, beside
that of choosing evenly; in one world the best arm becomes the worst half way. The cost is a choice with its outcome on
a real SQLite store, one after the other and 500 at once, beside two appends of the same size. One run, ratios.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from agentkit.agents import Bench, LearningPolicy, LearningState, Outcome, choose_arm, outcome_entries
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
TURNED = "the best becomes the worst"


def regret(
    world: dict[str, tuple[float, ...]], seed: int, *, turns: bool = False, drift: float | None = 10.0
) -> tuple[float, float]:
    """What learning misses of the best arms in one simulation, and what choosing evenly misses."""
    kinds = list(world)
    arms = tuple(f"arm{n}" for n in range(len(world[kinds[0]])))
    state, dice = LearningState(), Random(seed)
    bench = Bench(name="bench", arms=arms, seed=f"{seed}", policy=LearningPolicy(drift=drift))
    missed = even = 0.0
    for turn in range(OUTCOMES):
        kind = dice.choice(kinds)
        chances = world[kind][::-1] if turns and turn >= OUTCOMES // 2 else world[kind]
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
        yield name, _ratio([regret(world, seed) for seed in range(SEEDS)])
    first = next(iter(WORLDS.values()))
    yield TURNED, _ratio([regret(first, seed, turns=True) for seed in range(SEEDS)])
    blind = [regret(first, seed, turns=True, drift=None) for seed in range(SEEDS)]
    yield "the same, drift not looked for", _ratio(blind)


def _ratio(found: Sequence[tuple[float, float]]) -> float:
    return sum(missed for missed, _ in found) / sum(even for _, even in found)


async def _costs(folder: Path, rounds: int = 500) -> tuple[float, float, float]:
    """Seconds of a choice with its outcome on SQLite, one after the other and at once, and of two bare appends."""
    store = open_store(f"sqlite:///{folder / 'runs.db'}")
    event = ContextUpdated(at=0.0, context='{"entries":["' + 200 * "x" + '"]}')
    clock, learned, bare = time.perf_counter, 0.0, 0.0
    async with store, Learner(store, arms=["a", "b", "c"]) as learner:
        # In turns, since the disk is quicker at some times than at others.
        for turn in range(rounds):
            began = clock()
            choice = await learner.choose(kind="tax", key=f"operation:{turn}")
            await learner.tell(choice, Outcome(success=turn % 3 > 0, seconds=1.0))
            between = clock()
            await store.append("bare", [event], expected=2 * turn)
            await store.append("bare", [event], expected=2 * turn + 1)
            learned, bare = learned + between - began, bare + clock() - between
        began = clock()
        choices = await asyncio.gather(*(learner.choose(kind="tax", key=f"at once:{turn}") for turn in range(rounds)))
        await asyncio.gather(*(learner.tell(choice, Outcome(success=True, seconds=1.0)) for choice in choices))
        return learned / rounds, (clock() - began) / rounds, bare / rounds


def learn_all() -> bool:
    """Measure and print; whether every regret is within its bound."""
    good = True
    for name, ratio in _ratios():
        good = good and (ratio <= BOUND or name not in WORLDS)
        print(f"{name:30} regret {ratio:.2f} of choosing evenly (bound {BOUND:.2f})", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        learned, together, bare = asyncio.run(_costs(Path(folder)))
    print(f"a choice and its outcome on SQLite: {1e3 * learned:.2f} ms, {learned / bare:.2f} x two bare appends")
    print(f"500 at once: {1e3 * together:.2f} ms each, {together / bare:.2f} x two bare appends")
    return good

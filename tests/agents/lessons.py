"""Worlds to learn in: each arm has a chance of success, which may change."""

from collections.abc import Callable
from random import Random
from typing import Any

from agentkit.agents import (
    Bench,
    Entry,
    LearningPolicy,
    LearningState,
    Outcome,
    OutcomeTold,
    choose_arm,
    outcome_entries,
)

ARMS = ("first", "second", "third")


def bench_of(*arms: str, name: str = "test", seed: str = "", is_shadow: bool = False, **policy: Any) -> Bench:
    return Bench(name=name, arms=arms or ARMS, policy=LearningPolicy(**policy), seed=seed, is_shadow=is_shadow)


class World:
    """A learner's state, and a world that answers by chance."""

    def __init__(self, bench: Bench, chance: Callable[[str, str, int], float], *, seed: int = 0) -> None:
        self.bench = bench
        self.chance = chance
        self.state = LearningState()
        self.entries: list[Entry] = []
        self.used: list[str] = []
        self.missed = 0.0
        self.even = 0.0
        self.turn = 0
        self.dice = Random(seed)

    def run(self, turns: int, kind: str = "") -> "World":
        for _ in range(turns):
            self.turn += 1
            key = f"{self.turn}"
            choice, entries = choose_arm(self.state, self.bench, kind=kind, key=key, at=self.turn)
            self.take(*entries)
            chances = {arm: self.chance(kind, arm, self.turn) for arm in self.bench.arms}
            self.used.append(choice.arm)
            self.missed += max(chances.values()) - chances[choice.arm]
            self.even += max(chances.values()) - sum(chances.values()) / len(chances)
            outcome = Outcome(success=self.dice.random() < chances[choice.arm])
            self.take(*self.entries_of(outcome, choice.arm, kind, key))
        return self

    def entries_of(self, outcome: Outcome, arm: str, kind: str, key: str) -> list[Entry]:
        return [*outcome_entries(self.state, self.bench, outcome, arm=arm, kind=kind, key=key, at=self.turn)]

    def tell(self, arm: str, *outcomes: bool, kind: str = "") -> None:
        """What became of an arm, whoever chose it."""
        for success in outcomes:
            self.turn += 1
            self.take(*self.entries_of(Outcome(success=success), arm, kind, f"told {self.turn}"))

    def take(self, *entries: Entry) -> None:
        for entry in entries:
            self.state.apply(entry)
            self.entries.append(entry)

    def found(self, kind: type[Entry]) -> list[Any]:
        return [entry for entry in self.entries if isinstance(entry, kind)]


def steady(**chances: float) -> Callable[[str, str, int], float]:
    return lambda kind, arm, turn: chances[arm]


def told(n: int, arm: str = "first", *, kind: str = "", reward: float = 1.0, **more: Any) -> OutcomeTold:
    return OutcomeTold(at=float(n), key=f"{n}", kind=kind, arm=arm, reward=reward, **more)

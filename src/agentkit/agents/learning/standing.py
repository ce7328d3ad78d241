"""How one kind of task stands, and each arm for it: `KindStanding`, `ArmStanding`.

Rules: an arm has two books: of all outcomes, which are shown, and of those that still count, which decide. A change of
an arm is looked for with cumulative sums, after Page (1954): Continuous inspection schemes, Biometrika 41: what its
rewards miss, or exceed, of their mean by more than a tolerance, adds up.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast

from .entries import OutcomeTold, RolledBack

__all__ = ["ArmStanding", "Drift", "KindStanding"]

_TOLERANCE: Final = 0.1
"""How much a mean may move without being a change."""
_WARM: Final = 10
"""Before so many outcomes a mean says too little to tell a change from."""
_PLAIN: Final = (
    "restarted",
    "outcomes",
    "successes",
    "reward",
    "judged",
    "quality",
    "timed",
    "seconds",
    "known",
    "gained",
    "open",
    "dropped",
    "rests",
)


class Drift(NamedTuple):
    """How far an arm has moved in one direction.

    Attributes:
        score: The cumulative sum.
        outcomes: How many outcomes it has been above nothing.
        reward: The sum of their rewards.
    """

    score: float = 0.0
    outcomes: int = 0
    reward: float = 0.0

    def moved(self, by: float, reward: float) -> Drift:
        """The same after one more outcome."""
        score = self.score + by
        return Drift(score, self.outcomes + 1, self.reward + reward) if score > 0 else Drift()


class ArmStanding:
    """How one arm does for one kind of task.

    Attributes:
        outcomes: How many outcomes were told.
        successes: How many of them were successes.
        reward: The sum of their rewards.
        judged: How many had a quality.
        quality: The sum of these.
        timed: How many were measured.
        seconds: The sum of these.
        costs: What they cost, by currency, written as decimals.
        known: How many outcomes still count.
        restarted: How many outcomes came before those.
        gained: The sum of the rewards of these.
        open: How many choices nobody has told of yet.
        dropped: How many had no outcome that says anything of it.
        rests: Until how many outcomes of its kind it is set aside.
        fall: How far its rewards have fallen below their mean.
        rise: How far they have risen above it.
    """

    __slots__ = (*_PLAIN, "costs", "fall", "rise")

    def __init__(self) -> None:
        self.outcomes: int = 0
        self.successes: int = 0
        self.reward: float = 0.0
        self.judged: int = 0
        self.quality: float = 0.0
        self.timed: int = 0
        self.seconds: float = 0.0
        self.costs: dict[str, str] = {}
        self.known: int = 0
        self.restarted: int = 0
        self.gained: float = 0.0
        self.open: int = 0
        self.dropped: int = 0
        self.rests: int = 0
        self.fall: Drift = Drift()
        self.rise: Drift = Drift()

    @property
    def mean(self) -> float:
        """The mean reward of the outcomes that still count; 0 if there are none."""
        return self.gained / self.known if self.known else 0.0

    def take(self, told: OutcomeTold) -> None:
        """Take an outcome in."""
        self.outcomes += 1
        self.successes += told.success
        self.reward += told.reward
        if told.quality is not None:
            self.judged += 1
            self.quality += told.quality
        if told.seconds is not None:
            self.timed += 1
            self.seconds += told.seconds
        if told.cost is not None:
            self.costs[told.currency] = str(Decimal(self.costs.get(told.currency, "0")) + Decimal(told.cost))
        if self.known >= _WARM:
            off = self.mean - told.reward
            self.fall = self.fall.moved(off - _TOLERANCE, told.reward)
            self.rise = self.rise.moved(-off - _TOLERANCE, told.reward)
        self.known += 1
        self.gained += told.reward

    def correct(self, before: OutcomeTold, now: OutcomeTold) -> None:
        """Have an outcome be shown as it is judged now."""
        self.reward += now.reward - before.reward
        self.judged += before.quality is None
        self.quality += (now.quality or 0.0) - (before.quality or 0.0)

    def restart(self, outcomes: int = 0, reward: float = 0.0) -> None:
        """Let only the last outcomes count."""
        self.known, self.gained, self.restarted = outcomes, reward, self.outcomes - outcomes
        self.fall = self.rise = Drift()

    def to_data(self) -> dict[str, object]:
        """All of it, as plain JSON data."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {**plain, "costs": dict(self.costs), "fall": list(self.fall), "rise": list(self.rise)}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> ArmStanding:
        """What was written."""
        known = cast("Mapping[str, Any]", data)
        arm = cls()
        for name in _PLAIN:
            setattr(arm, name, known[name])
        arm.costs, arm.fall, arm.rise = dict(known["costs"]), Drift(*known["fall"]), Drift(*known["rise"])
        return arm


class KindStanding:
    """How a kind of task stands.

    Attributes:
        arms: Its arms, as far as anything is known of them.
        outcomes: How many outcomes were told.
        leader: What leads; empty is the arm that is used without learning.
        before: What led before, if the leader may still be rolled back to it.
        since: How many outcomes the leader has had since it leads.
        led: How many it had had before.
        gained: The sum of their rewards.
        held: What a person rolled back to: nothing else is used until it is released.
    """

    __slots__ = ("arms", "before", "gained", "held", "leader", "led", "outcomes", "since")

    def __init__(self) -> None:
        self.arms: dict[str, ArmStanding] = {}
        self.outcomes: int = 0
        self.leader: str = ""
        self.before: str = ""
        self.since: int = 0
        self.led: int = 0
        self.gained: float = 0.0
        self.held: str = ""

    def arm(self, name: str) -> ArmStanding:
        """How an arm stands, to be changed."""
        return self.arms.setdefault(name, ArmStanding())

    def look(self, name: str) -> ArmStanding:
        """How an arm stands; nothing is known of a new one."""
        return self.arms.get(name) or ArmStanding()

    def take(self, told: OutcomeTold) -> None:
        """Take an outcome in."""
        self.outcomes += 1
        self.arm(told.arm).take(told)
        if told.arm == self.leader:
            self.since += 1
            self.gained += told.reward

    def correct(self, before: OutcomeTold, now: OutcomeTold, *, number: int) -> None:
        """Have an outcome of an arm, the one of this number, count as it is judged now."""
        arm, more = self.arm(now.arm), now.reward - before.reward
        arm.correct(before, now)
        if number > arm.restarted:
            # What a drift has left of it may have been summed up before it was judged.
            arm.gained = min(max(arm.gained + more, 0.0), arm.known)
        if now.arm == self.leader and number > self.led:
            self.gained += more

    def lead(self, arm: str, *, before: str) -> None:
        """Have an arm lead."""
        self.leader, self.before, self.since, self.gained = arm, before, 0, 0.0
        self.led = self.look(arm).outcomes

    def roll_back(self, back: RolledBack) -> None:
        """Take back that an arm leads."""
        self.lead(back.to, before="")
        if back.until:
            self.arm(back.arm).rests = back.until
            self.arm(back.arm).restart()
        else:
            self.held = back.to

    def to_data(self) -> dict[str, object]:
        """All of it, as plain JSON data."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "arms"}
        return {**plain, "arms": {name: arm.to_data() for name, arm in self.arms.items()}}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> KindStanding:
        """What was written."""
        known = cast("Mapping[str, Any]", data)
        kind = cls()
        for name in cls.__slots__:
            if name != "arms":
                setattr(kind, name, known[name])
        kind.arms = {name: ArmStanding.from_data(arm) for name, arm in known["arms"].items()}
        return kind

    def copy(self) -> KindStanding:
        """Another one that is equal and can be changed by itself."""
        return KindStanding.from_data(self.to_data())

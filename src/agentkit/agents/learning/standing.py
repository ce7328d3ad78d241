"""How one kind of task stands, and each arm for it: `KindStanding`, `ArmStanding`.

Rules: an arm has two books: of all outcomes, which are shown, and of those that still count, which decide. A change of
an arm is looked for with cumulative sums, after Page (1954): Continuous inspection schemes, Biometrika 41: what its
rewards miss, or exceed, of their mean by more than a tolerance, adds up. Rewards as they are told are compared with
those as they were told, and what is judged later with what was judged later: neither is a change of the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast

from .entries import OutcomeTold, RolledBack

__all__ = ["ArmStanding", "Course", "Drift", "KindStanding"]

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
    """How far rewards have moved in one direction.

    Attributes:
        score: The cumulative sum.
        outcomes: For how many outcomes it has been above nothing.
        reward: The sum of their rewards, as they were compared.
        judged: What was added to that by those who judged them later.
    """

    score: float = 0.0
    outcomes: int = 0
    reward: float = 0.0
    judged: float = 0.0

    def moved(self, by: float, reward: float) -> Drift:
        """The same after one more outcome."""
        score = self.score + by
        return Drift(score, self.outcomes + 1, self.reward + reward, self.judged) if score > 0 else Drift()


class Course:
    """Rewards in their order, and how far they have moved.

    Attributes:
        count: How many there are.
        reward: Their sum.
        fall: How far they have fallen below their mean.
        rise: How far they have risen above it.
    """

    __slots__ = ("count", "fall", "reward", "rise")

    def __init__(self) -> None:
        self.count: int = 0
        self.reward: float = 0.0
        self.fall: Drift = Drift()
        self.rise: Drift = Drift()

    def take(self, reward: float) -> None:
        """Take the next one in."""
        if self.count >= _WARM:
            off = self.reward / self.count - reward
            self.fall = self.fall.moved(off - _TOLERANCE, reward)
            self.rise = self.rise.moved(-off - _TOLERANCE, reward)
        self.count += 1
        self.reward += reward

    def correct(self, more: float, *, back: int) -> None:
        """Remember that an outcome is worth more, or less, than was compared: the last one, or so many before it."""
        if back < self.fall.outcomes:
            self.fall = self.fall._replace(judged=self.fall.judged + more)
        if back < self.rise.outcomes:
            self.rise = self.rise._replace(judged=self.rise.judged + more)

    def to_data(self) -> list[object]:
        """All of it, as plain JSON data."""
        return [self.count, self.reward, list(self.fall), list(self.rise)]

    @classmethod
    def from_data(cls, data: Sequence[object]) -> Course:
        """What was written."""
        known = cast("Sequence[Any]", data)
        course = cls()
        course.count, course.reward = known[0], known[1]
        course.fall, course.rise = Drift(*known[2]), Drift(*known[3])
        return course


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
        told: The rewards of these as they were told.
        late: The rewards of those of them that were judged later, as they were judged.
    """

    __slots__ = (*_PLAIN, "costs", "late", "told")

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
        self.told: Course = Course()
        self.late: Course = Course()

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
        self.told.take(told.reward)
        self.known += 1
        self.gained += told.reward

    def correct(self, before: OutcomeTold, now: OutcomeTold, *, number: int, again: bool) -> None:
        """Have an outcome, the one of this number, count as it is judged now."""
        more = now.reward - before.reward
        self.reward += more
        self.judged += before.quality is None
        self.quality += (now.quality or 0.0) - (before.quality or 0.0)
        if number <= self.restarted:
            return
        self.gained = min(max(self.gained + more, 0.0), self.known)
        self.told.correct(more, back=self.outcomes - number)
        if not again:
            self.late.take(now.reward)

    def restart(self, outcomes: int = 0, reward: float = 0.0, *, is_late: bool = False) -> None:
        """Let only the last outcomes count; of what was judged later, nobody knows which of all outcomes these are."""
        self.known, self.gained = outcomes, reward
        self.restarted = self.outcomes if is_late else self.outcomes - outcomes
        self.told, self.late = Course(), Course()

    def to_data(self) -> dict[str, object]:
        """All of it, as plain JSON data."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {**plain, "costs": dict(self.costs), "told": self.told.to_data(), "late": self.late.to_data()}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> ArmStanding:
        """What was written."""
        known = cast("Mapping[str, Any]", data)
        arm = cls()
        for name in _PLAIN:
            setattr(arm, name, known[name])
        arm.costs = dict(known["costs"])
        arm.told, arm.late = Course.from_data(known["told"]), Course.from_data(known["late"])
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

    def correct(self, before: OutcomeTold, now: OutcomeTold, *, number: int, again: bool) -> None:
        """Have an outcome of an arm, the one of this number, count as it is judged now.

        Args:
            before: How it counted.
            now: How it counts.
            number: Which one of its arm it is.
            again: Whether it was judged before.
        """
        self.arm(now.arm).correct(before, now, number=number, again=again)
        if now.arm == self.leader and number > self.led:
            self.gained += now.reward - before.reward

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

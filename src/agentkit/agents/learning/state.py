"""Where learning stands: `LearningState`, folded from the entries of its stream.

Rules: the fold has no policy; entries say what was decided. It is as large as there are kinds, arms and open choices,
however many outcomes there were: what was told long ago, and choices that nobody told of, are forgotten in the end.
The same entries give the same state, from their beginning or from what was written of it in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple, cast

from agentkit.errors import FormatTooNew, JournalCorrupt

from .entries import (
    ArmChosen,
    ChoiceDropped,
    DriftFound,
    Entry,
    LeaderChanged,
    LearningChange,
    OutcomeJudged,
    OutcomeTold,
    Released,
    RolledBack,
    Switched,
    entry_data,
    entry_of,
)
from .standing import KindStanding

__all__ = ["LearningState", "Told"]

_VERSION: Final = 1
"""Of what is written of a state; what is changed in it changes this."""
_MOST_OPEN: Final = 10_000
_MOST_TOLD: Final = 1_000
_MOST_CHANGES: Final = 200
_LONG: Final = 100
"""An arm that nobody had in so many choices is gone; until then an older and a newer program may both be there."""


class Told(NamedTuple):
    """An outcome as it counts, which one of its arm it was, from 1, and whether somebody judged it later."""

    outcome: OutcomeTold
    number: int
    is_judged: bool = False


class LearningState:
    """What is known of a learner's arms.

    Attributes:
        kinds: The kinds of task, each with its arms.
        open: What was chosen and not told of yet: the kind and the arm, by key.
        told: What was told lately, by key; of each the outcome as it counts, and which one of its arm it was.
        changes: What changed, the newest last.
        is_on: Whether learning is on.
        first: The arm that is used without learning, as it was last; empty if nobody has chosen yet.
        arms: All arms of whoever chose last.
        had: At which choice each arm was last one of those of whoever chose.
        chosen: How many choices there were.

    Example:
        >>> told = OutcomeTold(at=1.0, key="a", kind="tax", arm="draft", reward=0.5)
        >>> LearningState.replay([told]).kinds["tax"].arms["draft"].outcomes
        1
    """

    __slots__ = ("arms", "changes", "chosen", "first", "had", "is_on", "kinds", "open", "told")

    def __init__(self) -> None:
        self.kinds: dict[str, KindStanding] = {}
        self.open: dict[str, tuple[str, str]] = {}
        self.told: dict[str, Told] = {}
        self.changes: list[LearningChange] = []
        self.is_on: bool = True
        self.first: str = ""
        self.arms: tuple[str, ...] = ()
        self.had: dict[str, int] = {}
        self.chosen: int = 0

    @classmethod
    def replay(cls, entries: Iterable[Entry]) -> LearningState:
        """Fold entries, in order."""
        state = cls()
        for entry in entries:
            state.apply(entry)
        return state

    def kind(self, name: str) -> KindStanding:
        """How a kind of task stands; a new one if nobody has met it."""
        return self.kinds.get(name) or KindStanding()

    def is_gone(self, arm: str) -> bool:
        """Whether nobody has an arm any more: none of those who chose the last 100 times."""
        return self.chosen - self.had.get(arm, 0) > _LONG

    def copy(self) -> LearningState:
        """Another one that is equal and can be changed by itself."""
        state = LearningState()
        state.kinds = {name: kind.copy() for name, kind in self.kinds.items()}
        state.open, state.told, state.changes = dict(self.open), dict(self.told), list(self.changes)
        state.is_on, state.first = self.is_on, self.first
        state.arms, state.had, state.chosen = self.arms, dict(self.had), self.chosen
        return state

    def apply(self, entry: Entry) -> None:
        """Take the next entry in."""
        if isinstance(entry, ArmChosen):
            self._chosen(entry)
            return
        if isinstance(entry, OutcomeTold):
            self._told(entry)
            return
        if isinstance(entry, OutcomeJudged):
            self._judged(entry)
            return
        if isinstance(entry, ChoiceDropped):
            if self._close(entry.key):
                self._known(entry.kind).arm(entry.arm).dropped += 1
            return
        self.changes.append(entry)
        del self.changes[:-_MOST_CHANGES]
        match entry:
            case Switched():
                self.is_on = entry.is_on
            case LeaderChanged():
                self._known(entry.kind).lead(entry.arm, before=entry.before)
            case RolledBack():
                self._known(entry.kind).roll_back(entry)
            case Released():
                self._known(entry.kind).held = ""
            case DriftFound():
                self._known(entry.kind).arm(entry.arm).restart(entry.outcomes, entry.reward, is_late=entry.is_late)

    def _known(self, kind: str) -> KindStanding:
        return self.kinds.setdefault(kind, KindStanding())

    def _chosen(self, entry: ArmChosen) -> None:
        self.first, self.chosen = entry.first, self.chosen + 1
        self.arms = tuple(entry.arms) or self.arms
        for arm in self.arms:
            self.had[arm] = self.chosen
        if entry.key in self.told or self.open.get(entry.key) == (entry.kind, entry.arm):
            return
        # What was chosen before for this work is not used: its arm is gone, or may not be used.
        self._close(entry.key)
        self.open[entry.key] = entry.kind, entry.arm
        self._known(entry.kind).arm(entry.arm).open += 1
        if len(self.open) > _MOST_OPEN:
            self._close(next(iter(self.open)))

    def _told(self, entry: OutcomeTold) -> None:
        if entry.key in self.told:
            return
        self._close(entry.key)
        kind = self._known(entry.kind)
        kind.take(entry)
        self.told[entry.key] = Told(entry, kind.arm(entry.arm).outcomes)
        if len(self.told) > _MOST_TOLD:
            del self.told[next(iter(self.told))]

    def _judged(self, entry: OutcomeJudged) -> None:
        told = self.told.get(entry.key)
        if told is None:
            return
        outcome = replace(told.outcome, quality=entry.quality, reward=entry.reward)
        self._known(outcome.kind).correct(told.outcome, outcome, number=told.number, again=told.is_judged)
        self.told[entry.key] = Told(outcome, told.number, True)

    def _close(self, key: str) -> bool:
        """Nobody waits for an outcome any more; whether anybody did."""
        found = self.open.pop(key, None)
        if found is not None:
            self.kinds[found[0]].arm(found[1]).open -= 1
        return found is not None

    def to_data(self) -> dict[str, object]:
        """All of it, as plain JSON data."""
        return {
            "v": _VERSION,
            "kinds": {name: kind.to_data() for name, kind in self.kinds.items()},
            "open": {key: list(value) for key, value in self.open.items()},
            "told": [[entry_data(told.outcome), told.number, told.is_judged] for told in self.told.values()],
            "changes": [entry_data(change) for change in self.changes],
            "is_on": self.is_on,
            "first": self.first,
            "arms": list(self.arms),
            "had": dict(self.had),
            "chosen": self.chosen,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> LearningState:
        """The state that was written.

        Raises:
            JournalCorrupt: It is none.
            FormatTooNew: A newer agentkit wrote it.
        """
        known = cast("Mapping[str, Any]", data)
        if known.get("v", 0) > _VERSION:
            raise FormatTooNew("a newer agentkit wrote this state of a learner: upgrade this one")
        try:
            state = cls()
            state.kinds = {name: KindStanding.from_data(kind) for name, kind in known["kinds"].items()}
            state.open = {key: (kind, arm) for key, (kind, arm) in known["open"].items()}
            told = [Told(cast("OutcomeTold", entry_of(outcome)), *more) for outcome, *more in known["told"]]
            state.told = {each.outcome.key: each for each in told}
            state.changes = [cast("LearningChange", entry_of(change)) for change in known["changes"]]
            state.is_on, state.first = known["is_on"], known["first"]
            state.arms, state.had, state.chosen = tuple(known["arms"]), dict(known["had"]), known["chosen"]
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise JournalCorrupt(f"this is no state of a learner: {type(error).__name__}: {error}") from error
        return state

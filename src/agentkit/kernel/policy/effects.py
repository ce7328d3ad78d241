"""What attempts do to the world outside: what is known of it, and the wishes by which they tell it.

Rules: an effect is intended on the journal before it happens, and settled after. One that is confirmed is never
intended again; one that is intended and not settled is unknown, and only whoever looked outside may say what became of
it. An effect keeps the name under which the world outside knows it, over retries, restarts and continued operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentkit.errors import NotFound, TooLate, UsageError
from agentkit.kernel.commands import KnownEffect
from agentkit.kernel.events.effects import EffectCarried, EffectIntended, EffectSettled
from agentkit.kernel.events.operation import Event
from agentkit.kernel.state.moves import effects_known, effects_place
from agentkit.kernel.state.standing import UNTOUCHED
from agentkit.kernel.state.state import State

__all__ = ["EffectTold", "EffectWord", "carried_effects", "outside_key"]

EffectWord: TypeAlias = Literal["intended", "again", "confirmed", "failed"]
"""What is told of an effect: it is about to happen; it did not happen before, and now is about to; it happened; it did
not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectTold:
    """What an attempt tells of one of its effects: a `Wish`, and plain data, so that it can come from anywhere.

    Attributes:
        stage: The stage or step of the attempt.
        attempt: The attempt.
        name: What it does, such as `pay`.
        key: What it does it to.
        word: What is told.
        content: For `intended` and `again`, what it says about it; for the others what came of it; as JSON.
    """

    stage: str
    attempt: int
    name: str
    key: str
    word: EffectWord
    content: str = "null"

    def __call__(self, state: State, at: float) -> Sequence[Event]:
        """The events that say so.

        Raises:
            NotFound: There is no such stage.
            TooLate: The attempt is over.
            UsageError: The effect is not at the point where this can be said of it.
        """
        number = state.number(self.stage)
        if number < 0:
            raise NotFound(f"operation {state.operation_id} has no stage {self.stage!r}")
        stage = state.touched.get(number, UNTOUCHED)
        if stage.status != "running" or stage.attempt != self.attempt or state.status == "quarantined":
            raise TooLate(f"attempt {self.attempt} of stage {self.stage!r} is over: it can have no effects any more")
        known = effects_known(state, number).get((self.name, self.key))
        self._check("failed" if known is None else known.outcome, is_strange=known is not None and known.is_strange)
        intended = EffectIntended(
            at=at, stage=self.stage, attempt=self.attempt, name=self.name, key=self.key, data=self.content
        )
        match self.word:
            case "intended":
                return [intended]
            case "again":
                return [self._settled(at, "failed", "null"), intended]
            case "confirmed" | "failed":
                return [self._settled(at, self.word, self.content)]

    def _check(self, outcome: Literal["intended", "confirmed", "failed"], *, is_strange: bool) -> None:
        effect = f"stage {self.stage!r}: effect {self.name!r} of {self.key!r}"
        if is_strange:
            raise UsageError(
                f"{effect} was done for an item of another list; a person has to say whether it is the same"
            )
        if outcome == "confirmed":
            raise UsageError(f"{effect} was done, and is never done twice; its result is there")
        if self.word == "intended" and outcome == "intended":
            raise UsageError(f"{effect} is open: nobody knows yet what became of it; wait for its end before you begin")
        if self.word != "intended" and outcome != "intended":
            raise UsageError(f"{effect} is not open; say what you intend first")

    def _settled(self, at: float, outcome: Literal["confirmed", "failed"], result: str) -> EffectSettled:
        return EffectSettled(at=at, stage=self.stage, name=self.name, key=self.key, outcome=outcome, result=result)


def outside_key(idempotency_key: str, name: str, key: str, known: KnownEffect | None) -> str:
    """The name under which the world outside knows an effect: that of its first attempt, for ever.

    Example:
        >>> outside_key("agentkit:run-7:pay", "transfer", "INV-1", None)
        'agentkit:run-7:pay:transfer:INV-1'
    """
    return known.under if known is not None and known.under else f"{idempotency_key}:{name}:{key}"


def carried_effects(state: State, at: float) -> list[EffectCarried]:
    """What an operation that continues this one has to know: all that happened outside, or may have.

    What failed may be done anew, and so may what was undone. What an item did is known to the same item of the same
    list; if the list is another one then, it is in doubt.
    """
    found: dict[tuple[str, str, str, str], KnownEffect] = {
        (*place, *effect): known
        for groups in state.carried.values()
        for place, effects in groups.items()
        for effect, known in effects.items()
    }
    gone = _undone(state)
    for number, stage in state.touched.items():
        if stage.more is not None and stage.more.effects:
            place = effects_place(state, number)
            for effect, known in stage.more.effects.items():
                under = outside_key(f"agentkit:{state.operation_id}:{place[0]}", *effect, known)
                found[(*place, *effect)] = KnownEffect(outcome=known.outcome, result=known.result, under=under)
    return [
        EffectCarried(
            at=at,
            stage=stage,
            name=name,
            key=key,
            outcome=known.outcome,
            result=known.result,
            under=known.under,
            digest=digest,
        )
        for (stage, digest, name, key), known in found.items()
        if known.outcome != "failed" and (stage, digest) not in gone
    ]


def _undone(state: State) -> set[tuple[str, str]]:
    """What is not there any more: all effects in these places.

    An undoing that is over counts too: if the work is done again, it is undone again.
    """
    gone: set[tuple[str, str]] = set()
    for number, stage in state.touched.items():
        step = state.step(number)
        if stage.more is not None and stage.more.parts is not None and stage.more.parts.numbers:
            if all(state.touched.get(part, UNTOUCHED).status == "undone" for part in stage.more.parts.numbers):
                gone.add(effects_place(state, number))
        elif stage.status == ("completed" if step is not None and step.kind == "undo" else "undone"):
            gone.add(effects_place(state, number))
    return gone

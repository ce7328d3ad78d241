"""What happens to effects outside, and to work of which nobody knows whether it was done.

Rules: as in `operation.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentkit.kernel.facts import Usage
from agentkit.kernel.making import quickly_made

__all__ = [
    "Decision",
    "DoubtRaised",
    "DoubtSettled",
    "EffectCarried",
    "EffectIntended",
    "EffectSettled",
]

Decision: TypeAlias = Literal["done", "redo", "abort"]
"""What a person says of work in doubt: it was done, do it again, or give it up."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class EffectIntended:
    """An agent is about to change the outside world: this is on the journal before it does.

    Attributes:
        at: When.
        stage: Which stage.
        attempt: Which attempt.
        name: What it does, such as `pay`.
        key: What it does it to; name and key are one effect of the stage, over all its attempts.
        data: What it says about it, as JSON.
    """

    at: float
    stage: str
    attempt: int
    name: str
    key: str
    data: str = "null"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSettled:
    """It is known what became of an effect.

    Attributes:
        at: When.
        stage: Which stage.
        name: What was done.
        key: What it was done to.
        outcome: `confirmed`, it happened, once; `failed`, it did not, and may be tried again.
        result: What came of it, as JSON.
    """

    at: float
    stage: str
    name: str
    key: str
    outcome: Literal["confirmed", "failed"]
    result: str = "null"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class EffectCarried:
    """What is known of an effect comes from the operation that this one continues: it is not done again.

    Attributes:
        at: When.
        stage: Which stage or step.
        name: What was done.
        key: What it was done to.
        outcome: `confirmed`, or `intended` if nobody knows.
        result: What came of it, as JSON.
        under: The name under which the world outside knows it.
        digest: The list that was worked on, if it was an item's effect.
    """

    at: float
    stage: str
    name: str
    key: str
    outcome: Literal["intended", "confirmed", "failed"]
    result: str = "null"
    under: str = ""
    digest: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtRaised:
    """Nobody knows whether something happened outside; a person decides.

    Attributes:
        at: When.
        stage: Which stage.
        attempt: The attempt that is in doubt.
        reason: Why.
        name: The effect that is in doubt, if it is one.
        key: What it was done to.
        usage: What the attempt used that ends with it, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
    """

    at: float
    stage: str
    attempt: int
    reason: str
    name: str = ""
    key: str = ""
    usage: Usage | None = None
    counted: Usage | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtSettled:
    """A person decided about work in doubt.

    Attributes:
        at: When.
        stage: Which stage.
        decision: What.
        by: Who.
        value: For `done`: the stage's value, or the effect's result, as JSON.
        comment: Why.
    """

    at: float
    stage: str
    decision: Decision
    by: str = ""
    value: str = "null"
    comment: str = ""

"""Who an agent is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["AgentPersonality"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPersonality:
    """Who an agent is: its name, its part, and what it is good at.

    Attributes:
        name: What stages call it by.
        role: Its part, in a few words for people.
        expertise: What it is good at. A stage that asks for an expertise is given to agents that have it, or refused.
        permissions: What it may touch, in your own words, such as `network` or `payments`. Who takes over from it has
            no permission that it lacks.
        system_prompt: What a model-backed agent is told before everything else.
        model_preference: The model that a model-backed agent prefers.
        fallback_tier: The capability tier that a `TierPolicy` gives it where it has to take a lower one.

    Example:
        >>> AgentPersonality(name="extractor", role="Data extraction", expertise={"csv", "sql"}).lacks(["csv", "pdf"])
        ('pdf',)
    """

    name: str
    role: str = ""
    expertise: Iterable[str] = frozenset()
    permissions: Iterable[str] = frozenset()
    system_prompt: str = ""
    model_preference: str | None = None
    fallback_tier: str | None = None

    def __post_init__(self) -> None:
        for setting in ("expertise", "permissions"):
            given: Iterable[str] = getattr(self, setting)
            object.__setattr__(self, setting, frozenset([given] if isinstance(given, str) else given))

    def lacks(self, needed: Iterable[str]) -> tuple[str, ...]:
        """Which of the needed expertise it does not have, in the order given."""
        has = frozenset(self.expertise)
        return tuple(word for word in needed if word not in has)

    def refusal(self, stage: str, needed: Iterable[str]) -> str | None:
        """Why it cannot work on a stage that needs this expertise, in one line; None if it can."""
        lacking = self.lacks(needed)
        if not lacking:
            return None
        has = ", ".join(sorted(self.expertise)) or "none"
        return (
            f"stage {stage!r} needs expertise in {', '.join(lacking)}, which agent {self.name!r} lacks; it has: {has}"
        )

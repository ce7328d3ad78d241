"""Capability tiers: what an agent works with, by how hard its task is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace

from agentkit.errors import DefinitionError
from agentkit.kernel import TierUsed, name_problems

from .personality import AgentPersonality

__all__ = ["Tier", "TierChoice"]


@dataclass(frozen=True, slots=True)
class Tier:
    """What belongs to one tier.

    Attributes:
        name: What it is called.
        model: The model that is used.
        effort: How much a model is to think, in the words of whoever runs it.
        system_prompt: What a model-backed agent is told instead of its own prompt; empty leaves that.
        settings: Whatever else the agent reads.

    Raises:
        DefinitionError: The name is not valid.

    Example:
        >>> Tier("small", model="swift-1").personality(AgentPersonality(name="clerk")).model_preference
        'swift-1'
    """

    name: str
    _: KW_ONLY
    model: str | None = None
    effort: str | None = None
    system_prompt: str = ""
    settings: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)

    def __post_init__(self) -> None:
        problems = [*name_problems("tier", self.name)]
        if problems:
            raise DefinitionError(*problems)

    def personality(self, own: AgentPersonality) -> AgentPersonality:
        """An agent's personality as it is on this tier; what it may do stays the same."""
        return replace(
            own,
            model_preference=self.model or own.model_preference,
            system_prompt=self.system_prompt or own.system_prompt,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChoice:
    """Which tier was chosen, and why.

    Attributes:
        tier: The tier.
        complexity: How hard the task was found to be.
        why: Why, for people.
    """

    tier: Tier
    complexity: str
    why: str

    @property
    def used(self) -> TierUsed:
        """The same as the journal keeps it."""
        return TierUsed(name=self.tier.name, why=self.why, model=self.tier.model or "")

    def __str__(self) -> str:
        return f"{self.tier.name}: {self.why}"

"""What may be set: which models work, on which tiers, within which limits, and where everything is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from agentkit import ModelLimits, Tier
from agentkit.agents import ModelLike

from .scripted import scripted

VARIABLE: Final = "AGENTKIT_SUPPORT_MODEL"
"""Such as `openai:gpt-5-mini`, or `openai:gpt-5-mini,openai:gpt-5` for a small and a large one."""

SMALL: Final = Tier("small", model="small")
LARGE: Final = Tier("large", model="large")
STORE: Final = os.environ.get("AGENTKIT_STORE", "sqlite:///agentkit.db")
"""Where runs, and what was learned in them, are kept; `agentkit` looks there too."""

LIMITS: Final = ModelLimits(calls=6, call_tokens=500, call_money="0.002", characters=4_000, seconds=60)
"""What one agent may use for one mail; money is reserved before each call."""


def models(part: str) -> Mapping[str, ModelLike]:
    """The models of both tiers for a part of the team: scripted ones, unless the variable names real ones."""
    small, _, large = os.environ.get(VARIABLE, "").partition(",")
    if not small:
        return {tier: scripted(part, tier) for tier in ("small", "large")}
    return {"small": small, "large": large or small}

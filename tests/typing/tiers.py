"""A tier policy needs no annotation: it is for tasks of any kind unless a function of it says what it takes."""

from typing import Any, assert_type

from agentkit import Task, Tier, TierPolicy, TierRule


async def judge(task: Task[str]) -> str:
    return "large" if len(task.input) > 100 else "small"


tiers = [Tier("small"), Tier("large")]
plain = TierPolicy(tiers, rules=[TierRule(complexity="large", size=20)], lower_when=lambda task: not task.input)
assert_type(plain, TierPolicy[Any])
assert_type(TierPolicy(tiers, classifier=judge), TierPolicy[str])

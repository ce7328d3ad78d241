"""Any chain of any strategies does what a reference of a few lines says."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.agents import ChainResult, FallbackChain, Strategy
from agentkit.errors import ChainFailed, GiveUp
from agentkit.kernel import TRIGGERS, RetryPolicy
from agentkit.testing.agents import Sleep
from agentkit.testing.clock import run_virtual
from tests.agents.chains import scripted, sure

LINES = {"ok": "value", "error": OSError, "give up": GiveUp, "unsure": sure(0.2), "slow": Sleep(9, "late")}
TRIGGER_OF = {"error": "error", "give up": "error", "unsure": "low_confidence", "slow": "timeout"}

outcomes = st.lists(st.sampled_from(sorted(LINES)), min_size=1, max_size=4)
rungs = st.tuples(outcomes, st.integers(1, 3), st.sets(st.sampled_from(TRIGGERS), min_size=1))
chains = st.lists(rungs, min_size=1, max_size=4)


def expected(steps: list[Any]) -> tuple[str, list[int]]:
    """The reference: who gives the value, `minimal` if nobody does, and how often each strategy runs."""
    runs, level = [0] * len(steps), 0
    while True:
        outcome = ""
        script, attempts, _ = steps[level]
        for outcome in [*script, *[script[-1]] * 3][:attempts]:
            runs[level] += 1
            if outcome not in ("error", "slow"):
                break
        if outcome == "ok":
            return f"s{level}", runs
        later = [n for n in range(level + 1, len(steps)) if TRIGGER_OF[outcome] in steps[n][2]]
        if not later:
            return "minimal", runs
        level = later[0]


@given(steps=chains, minimal=st.sampled_from([None, 0]), cancel_at=st.none() | st.floats(0, 60))
def test_a_chain_does_what_the_reference_says(steps: list[Any], minimal: int | None, cancel_at: float | None) -> None:
    agents = [scripted(f"s{n}", *(LINES[line] for line in script)) for n, (script, _, _) in enumerate(steps)]
    chain: FallbackChain[Any, Any] = FallbackChain(
        *(
            Strategy(member, retry=RetryPolicy(attempts=attempts, delay=2), on=sorted(on), timeout=5)
            for member, (_, attempts, on) in zip(agents, steps, strict=True)
        ),
        minimal=minimal,
        min_confidence=0.5,
    )

    async def play() -> ChainResult[Any] | None:
        running = asyncio.ensure_future(chain.run("x"))
        if cancel_at is not None and not (await asyncio.wait([running], timeout=cancel_at))[0]:
            running.cancel()
            await asyncio.wait([running])
            until_then = [member.runs for member in agents]
            await asyncio.sleep(1_000)
            assert running.cancelled()
            assert [member.runs for member in agents] == until_then
            assert all(member.working == 0 for member in agents)
            return None
        if minimal is None and who == "minimal":
            with pytest.raises(ChainFailed) as failed:
                await running
            assert len(failed.value.attempts.exceptions) == sum(runs)
            return None
        return await running

    who, runs = expected(steps)
    result = run_virtual(play())

    assert all(member.runs <= most for member, most in zip(agents, runs, strict=True))
    if result is not None:
        assert (result.strategy, [member.runs for member in agents]) == (who, runs)
        assert len(result.attempts) == sum(runs)
        assert result.is_degraded is (who != "s0")

"""Waits between attempts: within bounds, spread out, and always the same for the same journal."""

from statistics import fmean, pstdev

from hypothesis import given
from hypothesis import strategies as st

from agentkit.kernel import RetryPolicy, backoff_seconds

policies = st.builds(
    RetryPolicy,
    attempts=st.just(1_000),
    delay=st.floats(0, 1e300),
    factor=st.floats(1, 100) | st.integers(1, 100),
    max_delay=st.floats(0, 1e300),
    jitter=st.floats(0, 1),
)


@given(policy=policies, operation_id=st.text(max_size=4), tries=st.integers(1, 1_000))
def test_a_wait_is_within_its_bounds(policy: RetryPolicy, operation_id: str, tries: int) -> None:
    wait = backoff_seconds(policy, operation_id, "load", tries, tries)

    longest = min(policy.max_delay, policy.delay * min(1e300, float(policy.factor) ** min(tries - 1, 150)))
    assert 0 <= wait <= policy.max_delay
    assert wait >= longest * (1 - policy.jitter) * 0.999
    assert backoff_seconds(policy, operation_id, "load", tries, tries) == wait


def test_without_jitter_the_wait_is_the_formula() -> None:
    policy = RetryPolicy(attempts=9, delay=0.5, factor=3, max_delay=10, jitter=0)

    assert [backoff_seconds(policy, "op", "load", n, n) for n in range(1, 6)] == [0.5, 1.5, 4.5, 10, 10]


def test_the_longest_chain_of_the_steepest_growth_has_a_wait() -> None:
    assert backoff_seconds(RetryPolicy(attempts=1_000, factor=100, jitter=0), "op", "load", 1_000, 1_000) == 60.0
    assert backoff_seconds(RetryPolicy(attempts=1_000, factor=100.0, delay=0), "op", "load", 1_000, 1_000) == 0.0


def test_operations_that_fail_together_come_back_spread_out() -> None:
    policy = RetryPolicy(delay=10.0, jitter=1.0)
    waits = [backoff_seconds(policy, f"op-{n}", "load", 1, 1) for n in range(1_000)]

    assert len(set(waits)) == 1_000
    # A uniform spread from 0 to 10 has a mean of 5 and a deviation of 10 / sqrt(12).
    assert abs(fmean(waits) - 5.0) < 0.4
    assert abs(pstdev(waits) - 2.887) < 0.2


def test_stages_and_attempts_of_one_operation_are_spread_out_too() -> None:
    policy = RetryPolicy(delay=10.0, factor=1.0)

    assert len({backoff_seconds(policy, "op", stage, n, n) for stage in ("a", "b") for n in (1, 2)}) == 4

"""Hypothesis strategies for definitions and for what agents answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from agentkit.kernel import Allowance, Failed, Failure, Outcome, RetryPolicy, Stage, Succeeded, Unavailable, Workflow

AGENTS = ("ada", "bob", "cyd")
RESOURCES = ("printer", "scanner")

seconds = st.sampled_from([0.5, 1.0, 2.0, 5.0, 30.0])
limits = st.none() | seconds
retries = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 3),
    delay=st.sampled_from([0.0, 0.5, 1.0, 4.0]),
    factor=st.sampled_from([1.0, 2.0, 3.0]),
    max_delay=st.sampled_from([0.0, 2.0, 60.0]),
    jitter=st.sampled_from([0.0, 0.5, 1.0]),
    retry_on=st.sampled_from([(), ("ConnectionError",), ("OSError", "ValueError")]),
)
failures = st.builds(
    Failure, code=st.sampled_from(["error", "timeout"]), type=st.just("OSError"), message=st.just("no")
)
outcomes = st.one_of(
    st.builds(
        Failed,
        failure=failures,
        kinds=st.sampled_from([(), ("ConnectionError", "OSError"), ("KeyError", "LookupError")]),
        retryable=st.sampled_from([None, True, False]),
        retry_after=st.sampled_from([None, None, 0.0, 3.0]),
    ),
    st.builds(Unavailable, retry_after=st.sampled_from([1.0, 5.0])),
    st.builds(Succeeded, value=st.just('"early"')),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an agent answers, and after how long."""

    outcome: Outcome
    after: float = 0.0


replies = st.builds(Reply, outcome=outcomes, after=st.sampled_from([0.0, 0.5, 1.0, 3.0]))


@st.composite
def stages(draw: st.DrawFn, number: int, *, timeouts: bool = True) -> Stage:
    """One stage, which may wait for any of the stages and groups with a lower number."""
    # A group g<k> has the stages whose number is k modulo 2 of the first half, so that waiting for it makes no circle.
    earlier = [f"s{n}" for n in range(number)]
    groups = [f"g{number // 4 - 1}"] if number >= 4 else []
    after = draw(st.lists(st.sampled_from([*earlier, *groups]), max_size=3, unique=True)) if earlier else []
    retry = draw(retries)
    return Stage(
        f"s{number}",
        agent=draw(st.sampled_from(AGENTS)),
        after=after,
        group=f"g{number // 4}",
        required=draw(st.sampled_from([True, True, False])),
        timeout=draw(limits) if timeouts else None,
        retry=retry,
        fallback=draw(st.lists(st.sampled_from(AGENTS), max_size=2)),
        weight=draw(st.sampled_from([0.5, 1.0, 3.0])),
        resource=draw(st.none() | st.sampled_from(RESOURCES)),
    )


allowances = st.builds(
    Allowance,
    calls=st.none() | st.integers(0, 9),
    seconds=st.none() | st.sampled_from([0.5, 60.0]),
    tokens=st.none() | st.integers(0, 10**6),
    soft=st.sampled_from([0.5, 0.8]),
) | st.builds(Allowance, money=st.decimals(0, 100, places=2), currency=st.just("USD"))


@st.composite
def workflows(draw: st.DrawFn, *, most: int = 7, timeouts: bool = True) -> Workflow[object]:
    """A workflow that is wired correctly."""
    count = draw(st.integers(1, most))
    made = [draw(stages(number, timeouts=timeouts)) for number in range(count)]
    return Workflow(
        "flow",
        draw(st.permutations(made)),
        timeout=draw(st.none() | st.sampled_from([3.0, 20.0])) if timeouts else None,
        max_parallel=draw(st.none() | st.integers(1, 3)),
    )


@st.composite
def budgeted_workflows(draw: st.DrawFn) -> Workflow[object]:
    """A workflow with budgets of some of its groups and agents."""
    workflow = draw(workflows())
    agents = sorted({agent for stage in workflow.stages for agent in stage.agents})
    return replace(
        workflow,
        group_budgets=draw(st.dictionaries(st.sampled_from(sorted(workflow.graph.groups)), allowances, max_size=2)),
        agent_budgets=draw(st.dictionaries(st.sampled_from(agents), allowances, max_size=2)),
    )


@st.composite
def scripts(draw: st.DrawFn, workflow: Workflow[object]) -> Mapping[str, Sequence[Reply]]:
    """What each stage's attempts answer, in order; whatever is not said succeeds at once."""
    return {stage.name: draw(st.lists(replies, max_size=6)) for stage in workflow.stages}

"""Hypothesis strategies for workflows with everything: conditions, maps, loops, waits, people, undoing, children."""

from typing import Any

from hypothesis import strategies as st

from agentkit.kernel import Approval, Fallback, Loop, Map, RetryPolicy, Stage, When, Workflow
from tests.strategies import AGENTS, limits, retries

MERGES = {"k0": "append", "k1": "union", "k2": "replace"}


@st.composite
def works(draw: st.DrawFn, number: int, *, timeouts: bool) -> dict[str, Any]:
    """What a stage does, and what belongs to that."""
    kind = draw(st.sampled_from(["agent", "agent", "agent", "wait", "signal", "approval", "once"]))
    match kind:
        case "wait":
            return {"wait": draw(st.sampled_from([0.0, 2.0, 100.0]))}
        case "signal":
            return {"signal": draw(st.sampled_from(["go", "paid"])), "timeout": draw(st.none() | st.just(5.0))}
        case "approval":
            return {"approval": draw(approvals)}
        case "once":
            return {"agent": draw(st.sampled_from(AGENTS)), "effect": "at_most_once"}
        case _:
            return draw(agent_works(timeouts=timeouts))


approvals = st.builds(
    Approval,
    quorum=st.integers(1, 2),
    deadline=st.none() | st.sampled_from([3.0, 50.0]),
    remind=st.none() | st.just(2.0),
    on_expiry=st.sampled_from(["refuse", "approve"]),
)


@st.composite
def agent_works(draw: st.DrawFn, *, timeouts: bool) -> dict[str, Any]:
    """An agent's work, perhaps many times."""
    settings: dict[str, Any] = {
        "agent": draw(st.sampled_from(AGENTS)),
        "retry": draw(retries),
        "fallback": draw(
            st.lists(
                st.sampled_from(AGENTS)
                | st.builds(
                    Fallback,
                    st.sampled_from(AGENTS),
                    on=st.sampled_from([("timeout",), ("error", "low_confidence")]),
                    retry=st.none() | st.just(RetryPolicy(attempts=2, delay=0.5)),
                ),
                max_size=2,
            )
        ),
        "timeout": draw(limits) if timeouts else None,
        "undo": draw(st.none() | st.sampled_from(AGENTS)),
        "minimal": draw(st.none() | st.just([])),
        "min_confidence": draw(st.none() | st.just(0.5)),
        "writes": {
            key: MERGES[key] for key in draw(st.lists(st.sampled_from(sorted(MERGES)), max_size=2, unique=True))
        },
    }
    many = draw(st.sampled_from([None, None, "map", "loop"]))
    if many == "map":
        keep = draw(st.booleans())
        settings["map"] = Map(
            path="items",
            parallel=draw(st.none() | st.integers(1, 2)),
            on_failure="keep" if keep else "fail",
            quorum=draw(st.none() | st.integers(0, 3)) if keep else None,
        )
    elif many == "loop":
        until = When(path="turn", at_least=draw(st.integers(1, 4)))
        settings["loop"] = Loop(
            until=until, most=draw(st.integers(1, 3)), otherwise=draw(st.sampled_from(["fail", "keep"]))
        )
    return settings


@st.composite
def rich_stages(draw: st.DrawFn, number: int, *, timeouts: bool = True) -> Stage:
    """One stage, which may wait for any of the stages with a lower number."""
    earlier = [f"s{n}" for n in range(number)]
    after: list[str] = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
    settings = draw(works(number, timeouts=timeouts))
    if draw(st.booleans()) and after:
        settings["when"] = When(after[0], present=draw(st.booleans()))
    if "approval" not in settings and draw(st.integers(0, 5)) == 0:
        settings["approval"] = draw(approvals)
    return Stage(f"s{number}", after=after, required=draw(st.sampled_from([True, True, False])), **settings)


@st.composite
def rich_workflows(draw: st.DrawFn, *, most: int = 5, timeouts: bool = True) -> Workflow[object]:
    """A workflow in which anything may happen."""
    count = draw(st.integers(1, most))
    return Workflow(
        "flow",
        [draw(rich_stages(number, timeouts=timeouts)) for number in range(count)],
        timeout=draw(st.none() | st.just(300.0)) if timeouts else None,
        max_parallel=draw(st.none() | st.integers(1, 3)),
    )

"""Counting what work costs: lines of Python that run, since time would measure the machine."""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from agentkit.kernel import (
    AgentUnavailable,
    AttemptFailed,
    CancelRequested,
    Event,
    OperationAdopted,
    OperationQuarantined,
    OperationReleased,
    Stage,
    Workflow,
)
from tests.kernel.scenes import NO, failed_for_good, started, succeeded

FEW, MANY = 50, 50_000


def chains(count: int) -> Workflow[object]:
    """Many stages side by side, each second one waiting for the one before; `end` waits for the first."""
    return Workflow(
        "flow",
        [Stage("end", agent="ada", after=["s0"])]
        + [Stage(f"s{n}", agent="ada", required=False, after=[f"s{n - 1}"] if n % 2 else []) for n in range(count)],
        timeout=1e6,
    )


def steps(work: Callable[[], object]) -> int:
    """How many lines of Python run, those of the garbage collector's callbacks left out."""
    count = 0

    def trace(_: FrameType, event: str, __: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    gc.disable()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
        gc.enable()
    return count


JOURNEY: list[Event] = [
    started("s0"),
    AttemptFailed(at=1.0, stage="s0", attempt=1, failure=NO, then="retry", retry_at=2.0),
    started("s0", 2),
    AgentUnavailable(at=2.0, stage="s0", attempt=2, agent="ada", retry_at=3.0),
    started("s0", 3),
    succeeded("s0", 3),
    started("s2"),
    failed_for_good("s2"),
    started("s3"),
    OperationAdopted(at=3.0, owner="b", after_death=True),
    OperationQuarantined(at=4.0, deaths=5),
    OperationReleased(at=5.0),
    CancelRequested(at=6.0),
]

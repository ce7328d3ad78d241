"""When a replica is taken out of its pool, and how it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.errors import DefinitionError, Overloaded, ServerUnavailable
from agentkit.kernel import Failed, count_problems, kinds_of, seconds_problems, takes_over, trigger_problems

__all__ = ["LOST", "Ejection"]

LOST: Sequence[str | type[BaseException]] = (
    ConnectionError,
    TimeoutError,
    ServerUnavailable,
    Overloaded,
    "ProcessLost",
)
"""What says of a replica, and not of its task, that something is wrong: connections that failed, time that was up,
servers that do not answer or have too much to do, and processes that ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ejection:
    """When a replica is taken out of its pool, for how long, and how it comes back.

    Attributes:
        on: Which errors say that a replica lost its task, and not that the task failed: classes of errors, their
            names, or triggers as a `Strategy` has them.
        after: After how many tasks that it lost one after the other it is taken out.
        seconds: For how long at first; each time it is twice as long, at most ten times.
        most: Which share of the replicas may be out for lost tasks, 0 to 1. A check that fails always takes out.
        check_seconds: How often `async with pool` looks whether replicas are well, and how long a check may take.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> Ejection(after=5, seconds=60).most
        0.5
    """

    on: Sequence[str | type[BaseException]] = LOST
    after: int = 3
    seconds: float = 30.0
    most: float = 0.5
    check_seconds: float = 10.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "on", kinds_of(self.on))
        problems = [
            *trigger_problems("ejection: on", self.on),
            *count_problems("ejection: after", self.after),
            *seconds_problems("ejection: seconds", self.seconds, optional=False),
            *seconds_problems("ejection: check_seconds", self.check_seconds, optional=False),
        ]
        # A comparison that NaN fails.
        if not 0 <= self.most <= 1:
            problems.append(f"ejection: most must be a share from 0 to 1, not {self.most!r}")
        if problems:
            raise DefinitionError(*problems)

    def is_lost(self, ended: Failed) -> bool:
        """Whether a failure says that the replica lost its task."""
        return takes_over(self.on, ended.failure.code, ended.kinds)

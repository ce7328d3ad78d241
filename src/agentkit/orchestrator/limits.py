"""The bounds that an orchestrator keeps."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from agentkit.engines import REST_SECONDS
from agentkit.errors import DefinitionError

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds that an orchestrator keeps; every one can be set.

    Attributes:
        max_parallel: How many attempts may run at once, over all operations.
        threads: How many plain functions may run at once. With fewer than `max_parallel`, an attempt's time runs while
            it waits for a thread.
        processes: How many attempts with `isolation="process"` may run at once; each is a Python of its own, with some
            30 MB of memory. An attempt's time runs while it waits for its process.
        grace_seconds: How long an attempt may take to end after its time is up, before it is abandoned.
        cancel_seconds: The same after a cancel, or after a required stage has failed.
        drain_seconds: How long `close` lets running operations go on before it releases them.
        max_result: Characters of JSON that an operation's input or a stage's value may have.
        max_deaths: After how many deaths of its process an operation is quarantined.
        adopt_seconds: How often to look for operations whose process died.
        unavailable_seconds: After how long a missing agent is looked for again.
        patience_seconds: How long to try again when the store does not answer.
        rest_seconds: An operation for which nothing is due for longer than this rests: until then it is a row in the
            store and nothing else.

    Raises:
        DefinitionError: A number is out of its range.

    Example:
        >>> Limits(max_parallel=20).grace_seconds
        2.0
    """

    max_parallel: int = 256
    threads: int = 256
    processes: int = 32
    grace_seconds: float = 2.0
    cancel_seconds: float = 2.0
    drain_seconds: float = 10.0
    max_result: int = 8 * 1024 * 1024
    max_deaths: int = 5
    adopt_seconds: float = 0.25
    unavailable_seconds: float = 5.0
    patience_seconds: float = 30.0
    rest_seconds: float = REST_SECONDS

    def __post_init__(self) -> None:
        problems = [problem for field in fields(self) if (problem := _problem(field.name, getattr(self, field.name)))]
        if problems:
            raise DefinitionError(*problems)


def _problem(name: str, value: object) -> str | None:
    if name.endswith("_seconds"):
        fine = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
        return None if fine else f"limits: {name} must be a finite number of seconds from 0 on, not {value!r}"
    fine = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return None if fine else f"limits: {name} must be a whole number from 1 on, not {value!r}"

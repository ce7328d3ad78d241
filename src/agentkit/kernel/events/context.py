"""What happened to a shared context: the events of its stream.

Rules: as in `operation.py`. A shared context has a stream of its own, which belongs to no operation. What was merged is
decided by the writer: the event says how, or holds what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from agentkit.kernel.making import quickly_made

__all__ = ["ContextCompacted", "ContextEvent", "ContextUpdated"]


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ContextUpdated:
    """Some keys of a shared context were written, all of them at once.

    Attributes:
        at: When.
        context: What was written, as a JSON object.
        merges: How keys are merged with what is there, as a JSON object; a key that is not named is replaced.
        by: Who wrote it.
    """

    at: float
    context: str
    merges: str = ""
    by: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ContextCompacted:
    """Everything that a shared context holds, so that nobody needs to read what came before; nothing is changed by it.

    Attributes:
        at: When.
        context: For each key, a list of its value, the version that wrote it last, when and by whom; a JSON object.
        version: The version that this is.
        oldest: The oldest version that can still be read.
    """

    at: float
    context: str
    version: int
    oldest: int = 0


ContextEvent: TypeAlias = ContextUpdated | ContextCompacted

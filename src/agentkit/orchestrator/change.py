"""What is to be different in a fork; apart from forking itself, so that naming it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agentkit.kernel import Workflow

__all__ = ["SAME", "Change"]


class _Same:
    def __repr__(self) -> str:
        return "SAME"


SAME: Final = _Same()
"""In place of an input: the one that the other operation had. An input of None is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different in a fork.

    Attributes:
        at: The stage that runs again, and with it all that depend on it.
        input: Another input.
        workflow: Another definition.
    """

    at: str | None = None
    input: object = SAME
    workflow: Workflow[object] | None = None

"""What can still be done with an operation that stands so."""

from __future__ import annotations

from typing import Final

from agentkit.kernel import OPERATION_ENDS

__all__ = ["can_be_retried", "has_ended"]

_QUARANTINED: Final = "quarantined"


def has_ended(status: str) -> bool:
    """Whether nothing more will happen to an operation by itself."""
    return status in OPERATION_ENDS


def can_be_retried(status: str) -> bool:
    """Whether an operation can be tried again: it did not end well, or was set aside."""
    return status == _QUARANTINED or (has_ended(status) and status != "completed")

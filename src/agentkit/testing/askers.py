"""Who asks in `check_calls`: a way to the service for each of several people."""

from __future__ import annotations

from dataclasses import dataclass

from agentkit.wire import Calls

__all__ = ["People"]


@dataclass(frozen=True, slots=True)
class People:
    """Two of one tenant, one of another, one who sees everybody's things, and an admin of each tenant."""

    ada: Calls
    bob: Calls
    eve: Calls
    root: Calls
    amy: Calls
    zoe: Calls

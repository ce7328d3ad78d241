"""What a pool knows of itself, as values for people, figures and optimisers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["PoolMetrics", "ReplicaMetrics", "ReplicaStatus"]

ReplicaStatus: TypeAlias = Literal["ready", "ejected", "draining"]
"""Whether a replica gets work: `ejected` ones failed too often and come back, `draining` ones finish what they have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaMetrics:
    """One replica: what it does now, and what it has done since it came to the pool.

    Attributes:
        name: Its name in the pool.
        status: Whether it gets work.
        in_flight: How many tasks it works on.
        abandoned: How many of them nobody waits for any more: they were given up, and have not ended.
        most: How many it may work on at once; None is not limited.
        latency: Seconds that a task took lately; None before the first has ended.
        started: How many tasks it was given. It is the sum of the four that follow.
        succeeded: How many it gave a value for.
        failed: How many failed by themselves, as they would have anywhere.
        lost: How many the replica failed: it was gone, or answered too late.
        cancelled: How many were cancelled while it worked on them.
        ejections: How often it was taken out.
        problem: What went wrong with it last; empty if nothing did since it last succeeded.
    """

    name: str
    status: ReplicaStatus
    in_flight: int
    abandoned: int
    most: int | None
    latency: float | None
    started: int
    succeeded: int
    failed: int
    lost: int
    cancelled: int
    ejections: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolMetrics:
    """A pool at one moment.

    Attributes:
        name: The pool's name.
        waiting: How many tasks wait for a replica.
        refused: How many were refused, since too many waited or no replica was there.
        tried_again: How many times a task went to another replica.
        replicas: One for each replica, in their order.
    """

    name: str
    waiting: int
    refused: int
    tried_again: int
    replicas: Sequence[ReplicaMetrics]

    @property
    def in_flight(self) -> int:
        """How many tasks are worked on."""
        return sum(one.in_flight for one in self.replicas)

    @property
    def ready(self) -> int:
        """How many replicas get work."""
        return sum(one.status == "ready" for one in self.replicas)

    @property
    def capacity(self) -> int | None:
        """How many tasks may be worked on at once by those that get work; None if one of them is not limited."""
        limits = [one.most for one in self.replicas if one.status == "ready"]
        return None if None in limits else sum(limit for limit in limits if limit is not None)

    @property
    def saturation(self) -> float | None:
        """The share of the capacity that is in use, from 0 on; None if it is not limited or there is none."""
        return self.in_flight / self.capacity if self.capacity else None

    @property
    def ejections(self) -> int:
        """How often replicas were taken out."""
        return sum(one.ejections for one in self.replicas)

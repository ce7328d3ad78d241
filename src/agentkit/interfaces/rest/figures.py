"""Figures of a server: how many requests, how long they took, how many went wrong; for people and for Prometheus.

Rules: labels come from a closed list (a route's own path, a method, the class of a status), never from a request.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from agentkit.service import Service

from .workings import Workings

__all__ = ["Figures"]

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_KEPT = 1_000
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that has prometheus_client keep what it counts in files of that folder."""

_NOW: Final[Sequence[tuple[str, str, Literal["livesum", "livemax"]]]] = (
    ("agentkit_operations_active", "Operations that are driven here or wait in line.", "livesum"),
    ("agentkit_queue_depth", "Operations that wait for room here.", "livesum"),
    ("agentkit_attempts_abandoned", "Attempts that are over and do not end.", "livesum"),
    ("agentkit_uptime_seconds", "How long the service has been open.", "livemax"),
)
"""What is now: its name, what it is, and what it comes to in several processes."""


class Figures:
    """Counts what goes through a door.

    Args:
        service: What is served, for its own figures.

    Attributes:
        requests: How many were answered.
        errors: How many of them went wrong on our side.
        workings: What counts the work itself.
    """

    def __init__(self, service: Service) -> None:
        self.requests: int = 0
        self.errors: int = 0
        self._newest: deque[float] = deque(maxlen=_KEPT)
        self._registry = CollectorRegistry()
        self._count = Counter(
            "agentkit_http_requests", "Requests, by outcome.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "agentkit_http_request_seconds",
            "How long answers took to begin.",
            ["method", "route"],
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self._of_kind: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._service = service
        self._now = {
            name: Gauge(name, words, registry=self._registry, multiprocess_mode=together)
            for name, words, together in _NOW
        }
        self.workings: Workings = Workings(service, self._registry)

    def count(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests += 1
        self.errors += status >= 500
        self._newest.append(seconds)
        kind = (method, route, status // 100)
        found = self._of_kind.get(kind)
        if found is None:
            labelled = self._count.labels(method, route, f"{status // 100}xx"), self._seconds.labels(method, route)
            found = self._of_kind[kind] = labelled
        found[0].inc()
        found[1].observe(seconds)

    @property
    def error_rate(self) -> float:
        """The share of requests that went wrong on our side."""
        return self.errors / self.requests if self.requests else 0.0

    @property
    def response_ms(self) -> float:
        """How many milliseconds half of the newest answers took at most to begin."""
        return round(1000 * median(self._newest), 3) if self._newest else 0.0

    @property
    def is_shared(self) -> bool:
        """Whether several processes keep figures together, each in files that all of them read."""
        return _SHARED in os.environ

    def refresh(self) -> None:
        """Say how it is now; where figures are shared, so that others may tell it.

        Raises:
            Closed: The service is not open.
        """
        orchestrator = self._service.orchestrator
        self._now["agentkit_operations_active"].set(orchestrator.active)
        self._now["agentkit_queue_depth"].set(orchestrator.waiting)
        self._now["agentkit_attempts_abandoned"].set(orchestrator.abandoned)
        self._now["agentkit_uptime_seconds"].set(self._service.uptime_seconds)

    def exposition(self) -> bytes:
        """Everything, as Prometheus reads it; of all processes, if they share their figures.

        Raises:
            Closed: The service is not open.
        """
        self.refresh()
        if not self.is_shared:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call] # the library has no types there
        return generate_latest(together)

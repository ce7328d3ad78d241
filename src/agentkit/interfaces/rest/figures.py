"""Figures of a server: how many requests, how long they took, how many went wrong; for people and for Prometheus.

Rules: labels come from a closed list (a route's own path, a method, the class of a status), never from a request.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from statistics import median

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agentkit.service import Service

from .workings import Workings

__all__ = ["Figures"]

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_KEPT = 1_000


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
        self._registry.register(_ServiceFigures(service))
        self.workings: Workings = Workings(service, self._registry)

    def count(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests += 1
        self.errors += status >= 500
        self._newest.append(seconds)
        self._count.labels(method, route, f"{status // 100}xx").inc()
        self._seconds.labels(method, route).observe(seconds)

    @property
    def error_rate(self) -> float:
        """The share of requests that went wrong on our side."""
        return self.errors / self.requests if self.requests else 0.0

    @property
    def response_ms(self) -> float:
        """How many milliseconds half of the newest answers took at most to begin."""
        return round(1000 * median(self._newest), 3) if self._newest else 0.0

    def exposition(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class _ServiceFigures(Collector):
    """What the service says of itself, asked when somebody reads."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterator[Metric]:
        """Nothing is asked before somebody reads."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        service = self._service
        orchestrator = service.orchestrator
        for name, words, value in (
            ("agentkit_operations_active", "Operations that are driven here or wait in line.", orchestrator.active),
            ("agentkit_queue_depth", "Operations that wait for room here.", orchestrator.waiting),
            ("agentkit_attempts_abandoned", "Attempts that are over and do not end.", orchestrator.abandoned),
            ("agentkit_uptime_seconds", "How long the service has been open.", service.uptime_seconds),
        ):
            yield GaugeMetricFamily(name, words, value=value)

"""Figures of the work itself for Prometheus: operations and attempts, how many, how long, how they ended.

Rules: labels come from a closed list, the workflows that are offered here and their stages; all others are `other`. So
the number of series is bounded, whatever is run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram

from agentkit.kernel import AttemptStarted, Event, OperationAccepted
from agentkit.service import Service
from agentkit.views import Span, SpanFold

__all__ = ["Workings"]

_OTHER = "other"
_WAITS = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 3_600)
_TIMES = (0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400)


class Workings:
    """Counts what happens to operations in this process; a watcher of a monitor.

    Args:
        service: Whose workflows are named.
        registry: Where the figures are read.
    """

    def __init__(self, service: Service, registry: CollectorRegistry) -> None:
        self._stages: Mapping[str, frozenset[str]] = {
            name: frozenset(stage.name for stage in workflow.stages) for name, workflow in service.workflows.items()
        }
        self._started = Counter(
            "agentkit_operations_started", "Operations that were accepted.", ["workflow"], registry=registry
        )
        self._ended = Counter(
            "agentkit_operations_ended", "Operations that ended.", ["workflow", "status"], registry=registry
        )
        self._operation_seconds = Histogram(
            "agentkit_operation_seconds",
            "How long operations took from their acceptance to their end.",
            ["workflow"],
            registry=registry,
            buckets=_TIMES,
        )
        self._wait_seconds = Histogram(
            "agentkit_queue_wait_seconds",
            "How long operations waited from their acceptance to their first attempt.",
            ["priority"],
            registry=registry,
            buckets=_WAITS,
        )
        self._attempts = Counter(
            "agentkit_attempts_ended", "Attempts that ended.", ["workflow", "stage", "outcome"], registry=registry
        )
        self._attempt_seconds = Histogram(
            "agentkit_attempt_seconds",
            "How long attempts took.",
            ["workflow", "stage"],
            registry=registry,
            buckets=_TIMES,
        )

    def see(self, fold: SpanFold, event: Event, spans: Sequence[Span]) -> None:
        """See `Watcher.see`."""
        stages = self._stages.get(fold.workflow)
        workflow = _OTHER if stages is None else fold.workflow
        if isinstance(event, OperationAccepted):
            self._started.labels(workflow).inc()
        elif isinstance(event, AttemptStarted) and fold.starts == 1 and fold.waited is not None:
            self._wait_seconds.labels(fold.priority).observe(fold.waited)
        for span in spans:
            took = span.ended - span.began
            if not span.stage:
                self._ended.labels(workflow, span.outcome).inc()
                self._operation_seconds.labels(workflow).observe(took)
                continue
            # `pay[3]` and `pay:undo` are of the stage `pay`.
            base = span.stage.partition("[")[0].partition(":")[0]
            stage = base if stages is not None and base in stages else _OTHER
            self._attempts.labels(workflow, stage, span.outcome).inc()
            self._attempt_seconds.labels(workflow, stage).observe(took)

"""Spans of runs, of calls of models and of tools, told to OpenTelemetry by the conventions for generative AI.

Rules: names, figures and times are told, and where in an operation it was; nothing that was asked, answered or given
to a tool. The names of tools are those that a model asks for, also one that it made up.
"""

from __future__ import annotations

from opentelemetry.trace import TracerProvider
from pydantic_ai.capabilities import Instrumentation
from pydantic_ai.models.instrumented import InstrumentationSettings

from agentkit.agents.registration import AnyTask

__all__ = ["place_of", "tracing"]


def tracing(provider: TracerProvider) -> Instrumentation:
    """What tells the spans of a run to a provider."""
    return Instrumentation(
        settings=InstrumentationSettings(
            tracer_provider=provider,
            include_content=False,
            include_binary_content=False,
            include_model_request_parameters=False,
        )
    )


def place_of(task: AnyTask) -> dict[str, str | int]:
    """Where in an operation a run is."""
    return {
        "agentkit.operation.id": task.operation_id,
        "agentkit.stage": task.stage,
        "agentkit.attempt": task.attempt,
    }

"""Spans of requests, operations and attempts, told to OpenTelemetry (extra `otel`).

Rules: names of attributes are those of the semantic conventions where these have one: `http.*` for requests, `gen_ai.*`
for workflows and agents; all others begin with `agentkit.`. What is told is names, ids, codes and times: no input, no
value, no message of an error, no header. Nobody else imports OpenTelemetry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Final, Self

from agentkit.errors import MissingExtra
from agentkit.kernel import Event
from agentkit.views import Span, SpanFold, TraceParent

from .logs import Redactor
from .premises import Premises

try:
    from opentelemetry import trace
    from opentelemetry.context import Context
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Tracer, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import IdGenerator
    from opentelemetry.sdk.trace.sampling import Decision
    from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags
except ImportError as _error:
    raise MissingExtra("otel", _error.name or "opentelemetry") from _error

__all__ = ["RequestSpan", "Telemetry"]

_SECRETS: Final = Redactor()
_MOST_LETTERS: Final = 300
_KNOWN_METHODS: Final = frozenset(
    ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY")
)


class Telemetry:
    """Tells spans to OpenTelemetry; a watcher of what happens to operations.

    An operation's span, and those of its attempts, are told when they have ended, by the process in which they did.
    Their ids are made of their names, so that work that goes on in another process stays in its trace.

    Args:
        provider: Where spans go.

    Raises:
        MissingExtra: OpenTelemetry is not installed; already the import says so.

    Example:
        >>> from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        >>> from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        >>> provider, kept = TracerProvider(), InMemorySpanExporter()
        >>> provider.add_span_processor(SimpleSpanProcessor(kept))
        >>> request = Telemetry(provider).begin(method="GET", scheme="http", path="/v1/operations", above=None)
        >>> request.end(route="/v1/operations", status=200)
        >>> kept.get_finished_spans()[0].name
        'GET /v1/operations'
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._is_own = False
        tracer = provider.get_tracer("agentkit", Premises.version)
        assert isinstance(tracer, Tracer)
        self._tracer = tracer
        # That of this tracer alone: whatever else tells spans to the provider keeps its own.
        self._ids = tracer.id_generator = _Ids(tracer.id_generator)

    @classmethod
    def over_http(cls) -> Self:
        """One that sends spans over HTTP, as the variables `OTEL_...` of the environment say."""
        found = Resource.create()
        if str(found.attributes.get("service.name", "unknown_service")).startswith("unknown_service"):
            found = found.merge(Resource({"service.name": "agentkit"}))
        provider = TracerProvider(resource=found)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        made = cls(provider)
        made._is_own = True
        return made

    def begin(self, *, method: str, scheme: str, path: str, above: TraceParent | None) -> RequestSpan:
        """Begin the span of a request.

        Args:
            method: The method of HTTP.
            scheme: `http` or `https`.
            path: What was asked for, without what is behind `?`.
            above: Where it was sent from, by its header `traceparent`.
        """
        attributes = {
            "http.request.method": method if method in _KNOWN_METHODS else "_OTHER",
            "url.scheme": scheme,
            "url.path": _SECRETS.clean(path[:_MOST_LETTERS]),
        }
        span = self._tracer.start_span(
            method if method in _KNOWN_METHODS else "HTTP",
            context=_below(above),
            kind=SpanKind.SERVER,
            attributes=attributes,
        )
        return RequestSpan(span, attributes["http.request.method"])

    def see(self, fold: SpanFold, event: Event, spans: Sequence[Span]) -> None:
        """See `Watcher.see`."""
        for span in spans:
            self._tell(span)

    async def close(self) -> None:
        """Send what waits, if this was made by `over_http`; otherwise whoever made the provider does."""
        if self._is_own:
            await asyncio.to_thread(self._provider.shutdown)

    def _tell(self, span: Span) -> None:
        name, attributes = _described(span)
        context = _below(span.parent)
        if span.owns_trace and span.parent is not None:
            # As for the operation itself, for which nobody else has decided whether it is kept.
            decided = self._tracer.sampler.should_sample(Context(), int(span.place.trace_id, 16), name)
            context = _below(span.parent, is_sampled=decided.decision is Decision.RECORD_AND_SAMPLE)
        with self._ids.given(span.place):
            told = self._tracer.start_span(
                name,
                context=context,
                kind=SpanKind.INTERNAL,
                attributes=attributes,
                start_time=_nanoseconds(span.began),
            )
        for note in span.notes:
            told.add_event(note.name, timestamp=_nanoseconds(note.at))
        if span.error:
            told.add_event("exception", {"exception.type": span.error}, timestamp=_nanoseconds(span.ended))
            told.set_status(Status(StatusCode.ERROR, span.error))
        told.end(end_time=_nanoseconds(span.ended))


class RequestSpan:
    """The span of a request that is being answered."""

    __slots__ = ("_method", "_span", "place")

    def __init__(self, span: trace.Span, method: str) -> None:
        self._span = span
        self._method = method
        context = span.get_span_context()
        self.place: TraceParent = TraceParent(
            trace_id=f"{context.trace_id:032x}",
            span_id=f"{context.span_id:016x}",
            is_sampled=context.trace_flags.sampled,
        )

    def end(self, *, route: str, status: int) -> None:
        """End it.

        Args:
            route: The path of the route, with names in place of ids; empty if there is none.
            status: What was answered; 0 if nothing was.
        """
        if route:
            self._span.update_name(f"{self._method} {route}")
            self._span.set_attribute("http.route", route)
        if status:
            self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._span.set_attribute("error.type", str(status))
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class _Ids(IdGenerator):
    """Gives the ids that a span has to have; all others as another generator does."""

    def __init__(self, inner: IdGenerator) -> None:
        self._inner = inner
        self._place: TraceParent | None = None

    @contextmanager
    def given(self, place: TraceParent) -> Generator[None, None, None]:
        """Have the span that is begun within a block be this one."""
        self._place = place
        try:
            yield
        finally:
            self._place = None

    def generate_span_id(self) -> int:
        """The id of the next span."""
        return self._inner.generate_span_id() if self._place is None else int(self._place.span_id, 16)

    def generate_trace_id(self) -> int:
        """The id of the next trace."""
        return self._inner.generate_trace_id() if self._place is None else int(self._place.trace_id, 16)


def _below(place: TraceParent | None, *, is_sampled: bool | None = None) -> Context:
    if place is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if (place.is_sampled if is_sampled is None else is_sampled) else 0)
    above = SpanContext(int(place.trace_id, 16), int(place.span_id, 16), is_remote=True, trace_flags=flags)
    return trace.set_span_in_context(NonRecordingSpan(above), Context())


def _described(span: Span) -> tuple[str, dict[str, str | int | float]]:
    """What a span is called, and what is said of it."""
    said: dict[str, str | int | float | None] = {
        "gen_ai.workflow.name": span.workflow,
        "agentkit.operation.id": span.operation_id,
        "agentkit.tenant": span.tenant,
        "agentkit.outcome": span.outcome,
        "error.type": span.error or None,
    }
    if span.stage:
        name = f"invoke_agent {span.agent}"
        said |= {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": span.agent,
            "agentkit.stage": span.stage,
            "agentkit.attempt": span.attempt,
            "agentkit.usage.tokens": None if span.usage is None else span.usage.tokens,
            "agentkit.usage.calls": None if span.usage is None else span.usage.calls,
        }
    else:
        name = f"invoke_workflow {span.workflow}"
        said |= {"gen_ai.operation.name": "invoke_workflow", "agentkit.queue.seconds": span.waited}
    return name, {key: value for key, value in said.items() if value is not None}


def _nanoseconds(at: float) -> int:
    return round(at * 1_000_000) * 1_000

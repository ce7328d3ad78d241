"""Spans as OpenTelemetry gets them."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import SpanKind, StatusCode

import agentkit.service
from agentkit import GiveUp, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.errors import AgentKitError, MissingExtra
from agentkit.service import Monitor, Telemetry
from agentkit.views import read_traceparent

TOLD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@agent
async def double(task: Task[int]) -> int:
    return 2 * task.input


@agent
async def broken(task: Task[Any]) -> Any:
    raise GiveUp("the password is swordfish")


TWICE = Workflow("twice", [Stage("double", agent="double")])
FAILS = Workflow("fails", [Stage("try", agent="broken", retry=RetryPolicy(attempts=1))])
PARENT = Workflow("parent", [Stage("child", workflow=TWICE)])


class Kept:
    """A provider whose spans are kept."""

    def __init__(self, sampler: Sampler | None = None) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(sampler=sampler)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.telemetry = Telemetry(self.provider)

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    async def run(self, workflow: Workflow[object], given: object = 1, trace: str = "") -> None:
        async with Orchestrator([double, broken]) as orchestrator:
            monitor = Monitor([self.telemetry])
            orchestrator.observe(monitor)
            monitor.open(orchestrator.store)
            operation = await orchestrator.submit(workflow, given, trace=trace)
            with suppress(AgentKitError):
                await operation
            await monitor.close()


def ids(span: ReadableSpan) -> tuple[str, str]:
    assert span.context is not None
    return f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}"


async def test_an_operation_and_its_attempts_are_spans_of_the_trace_it_was_told() -> None:
    kept = Kept()
    await kept.run(TWICE, trace=TOLD)
    attempt, operation = kept.named("invoke_agent double"), kept.named("invoke_workflow twice")

    assert ids(attempt)[0] == ids(operation)[0] == TOLD[3:35]
    assert operation.parent is not None
    assert attempt.parent is not None
    assert f"{operation.parent.span_id:016x}" == TOLD[36:52]
    assert f"{attempt.parent.span_id:016x}" == ids(operation)[1]
    assert operation.kind is SpanKind.INTERNAL
    assert (
        dict(attempt.attributes or {}).items()
        >= {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": "double",
            "gen_ai.workflow.name": "twice",
            "agentkit.stage": "double",
            "agentkit.attempt": 1,
        }.items()
    )
    assert (attempt.start_time or 0) < (attempt.end_time or 0)


async def test_p25_a_failure_is_a_status_and_an_event_without_what_was_said() -> None:
    kept = Kept()
    await kept.run(FAILS, {"iban": "DE00"})
    attempt, operation = kept.named("invoke_agent broken"), kept.named("invoke_workflow fails")

    assert attempt.status.status_code is operation.status.status_code is StatusCode.ERROR
    assert [event.name for event in attempt.events] == ["exception"]
    assert (attempt.attributes or {})["error.type"] == attempt.status.description
    for span in kept.spans:
        assert "swordfish" not in span.to_json()
        assert "DE00" not in span.to_json()


async def test_a_child_is_below_the_attempt_that_runs_it_in_one_trace() -> None:
    kept = Kept()
    await kept.run(PARENT)
    child, attempt = (
        kept.named("invoke_workflow twice"),
        next(span for span in kept.spans if (span.attributes or {}).get("agentkit.stage") == "child"),
    )

    assert {ids(span)[0] for span in kept.spans} == {ids(child)[0]}
    assert child.parent is not None
    assert f"{child.parent.span_id:016x}" == ids(attempt)[1]


async def test_what_is_not_sampled_above_is_not_told() -> None:
    kept = Kept()
    await kept.run(TWICE, trace=TOLD[:-1] + "0")

    assert kept.spans == ()


@pytest.mark.parametrize("root", [ALWAYS_OFF, TraceIdRatioBased(0.5)])
async def test_a_trace_is_kept_as_a_whole_or_not_at_all(root: Sampler) -> None:
    for _ in range(4):
        kept = Kept(ParentBased(root))
        await kept.run(TWICE)

        assert len(kept.spans) in ((0, 2) if root is not ALWAYS_OFF else (0,))


def test_a_request_is_a_span_of_the_trace_that_it_came_with() -> None:
    kept = Kept()
    above = read_traceparent(TOLD)
    request = kept.telemetry.begin(method="POST", scheme="http", path="/v1/x/agk_abc_secret123", above=above)
    request.end(route="/v1/x/{id}", status=503)
    (span,) = kept.spans

    assert ids(span) == (TOLD[3:35], request.place.span_id)
    assert (span.name, span.kind, span.status.status_code) == ("POST /v1/x/{id}", SpanKind.SERVER, StatusCode.ERROR)
    assert dict(span.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 503,
        "http.route": "/v1/x/{id}",
        "url.path": "/v1/x/agk_abc_***",
        "url.scheme": "http",
        "error.type": "503",
    }


def test_an_odd_method_is_not_a_name() -> None:
    kept = Kept()
    kept.telemetry.begin(method="STEAL", scheme="http", path="/", above=None).end(route="", status=405)

    assert (kept.spans[0].name, (kept.spans[0].attributes or {})["http.request.method"]) == ("HTTP", "_OTHER")


def test_other_spans_of_the_provider_keep_their_own_ids() -> None:
    kept = Kept()
    with kept.provider.get_tracer("other").start_as_current_span("theirs"):
        kept.telemetry.begin(method="GET", scheme="http", path="/", above=None).end(route="", status=200)

    assert len({ids(span)[0] for span in kept.spans}) == 2


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "agentkit.service.telemetry", raising=False)
    monkeypatch.delattr(agentkit.service, "Telemetry", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(MissingExtra, match=r"agentkit\[otel\]"):
        _ = agentkit.service.Telemetry

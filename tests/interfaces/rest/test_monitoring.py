"""What a server tells those who watch it: its log, its figures, its spans."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from agentkit import Orchestrator
from agentkit.interfaces.rest import create_app
from agentkit.kernel import OperationAccepted
from agentkit.service import LogLines, Redactor, Service, Settings, Telemetry
from tests.interfaces.rest.site import AGENTS, FLOWS, SECRET, Site, site

TOLD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE = TOLD[3:35]


class Log:
    """What is logged, as lines of JSON or of text."""

    def __init__(self, form: Any, *secrets: str) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(LogLines(form, Redactor(secrets)))

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture(params=["json", "text"])
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    kept = Log(request.param, "pepper-of-mine")
    ours = logging.getLogger("agentkit")
    before = ours.level
    ours.addHandler(kept.handler)
    ours.setLevel(logging.INFO)
    yield kept
    ours.removeHandler(kept.handler)
    ours.setLevel(before)


class Watched:
    """A server that tells spans."""

    def __init__(self, store: str = "memory://") -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        service = Service(Orchestrator(AGENTS, store=store), FLOWS)
        self.app = create_app(service, settings=Settings(), telemetry=Telemetry(provider))
        self.client = TestClient(self.app, base_url="http://localhost")

    def named(self, name: str) -> ReadableSpan:
        return next(span for span in self.exporter.get_finished_spans() if span.name == name)


def ids(span: ReadableSpan) -> tuple[str, str, str]:
    """The trace, the span and the one above."""
    assert span.context is not None
    above = f"{span.parent.span_id:016x}" if span.parent else ""
    return f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}", above


def test_a_request_its_operation_and_its_attempts_are_one_trace() -> None:
    watched = Watched()
    with watched.client as client:
        shop = Site(client, watched.app)
        body = {"workflow": "greet", "input": {"name": SECRET}}
        started = client.post("/v1/operations", json=body, headers={**shop.ada, "traceparent": TOLD})
        shop.ended(started.json()["id"])
        client.get("/livez")
    request = watched.named("POST /v1/operations")
    operation = watched.named("invoke_workflow greet")
    attempt = watched.named("invoke_agent greet")

    assert ids(request)[::2] == (TRACE, TOLD[36:52])
    assert ids(operation)[::2] == (TRACE, ids(request)[1])
    assert ids(attempt)[::2] == (TRACE, ids(operation)[1])
    told = "".join(span.to_json() for span in watched.exporter.get_finished_spans())
    assert SECRET not in told
    assert "livez" not in told


@pytest.mark.blocking
def test_work_that_goes_on_in_another_process_stays_in_its_trace(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'runs.db'}"
    first, second = Watched(store), Watched(store)
    with first.client as client:
        shop = Site(client, first.app)
        headers = {**shop.ada, "traceparent": TOLD}
        started = client.post("/v1/operations", json={"workflow": "ask"}, headers=headers).json()["id"]
    with second.client as client:
        answer = {"name": "answer", "value": 1}
        client.post(f"/v1/operations/{started}/signals", json=answer, headers=shop.ada)
        Site(client, second.app, shop.callers).ended(started)

    assert ids(second.named("invoke_workflow ask"))[::2] == (TRACE, ids(first.named("POST /v1/operations"))[1])


def test_without_telemetry_the_trace_is_kept_with_the_operation_all_the_same() -> None:
    with site() as shop:
        body = {"workflow": "greet", "input": {"name": "Ada"}}
        started = shop.client.post("/v1/operations", json=body, headers={**shop.ada, "traceparent": TOLD})
        again = shop.client.post("/v1/operations", json=body, headers={**shop.ada, "traceparent": "nonsense"})
        portal = shop.client.portal
        assert portal is not None
        journals = [portal.call(shop.door.orchestrator.history, one.json()["id"]) for one in (started, again)]

    assert [cast("OperationAccepted", journal[0]).trace for journal in journals] == [TOLD, ""]


def test_figures_say_how_operations_went_with_labels_of_a_closed_list() -> None:
    with site(direct=("slow",)) as shop:
        shop.greeted()
        failed = shop.start("broken")
        shop.ended(failed)
        direct = {"agent_type": "slow"}
        done = shop.client.post("/v2/agents/execute", json=direct, headers=shop.ada)
        shop.ended(done.json()["operation_id"])
        text = shop.client.get("/v2/metrics/prometheus", headers=shop.admin).text

    for line in (
        'agentkit_operations_started_total{workflow="greet"} 1.0',
        'agentkit_operations_ended_total{status="failed",workflow="broken"} 1.0',
        'agentkit_attempts_ended_total{outcome="completed",stage="greet",workflow="greet"} 1.0',
        'agentkit_attempts_ended_total{outcome="completed",stage="other",workflow="other"} 1.0',
        'agentkit_attempt_seconds_count{stage="print",workflow="broken"} 1.0',
        'agentkit_queue_wait_seconds_count{priority="normal"} 3.0',
    ):
        assert line in text, text


def test_every_request_is_one_line_that_says_who_asked_for_what_in_which_trace(log: Log) -> None:
    with site() as shop:
        given = {**shop.ada, "traceparent": TOLD, "X-Request-ID": "mine"}
        shop.client.get("/v1/operations/nothing", headers=given)
    (line,) = [line for line in log.text.splitlines() if "/v1/operations" in line]

    if log.text.startswith("{"):
        told = json.loads(line)
        known = {"request": "mine", "trace": TRACE, "route": "/v1/operations/{operation_id}", "status": 404}
        assert told.items() >= {**known, "method": "GET", "caller": "ada", "level": "info"}.items()
        assert told["ms"] >= 0
    else:
        for word in ("request=mine", f"trace={TRACE}", "caller=ada", "GET /v1/operations/{operation_id} 404"):
            assert word in line


def test_p25_no_secret_is_in_the_log_whatever_goes_wrong(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    with site(pepper="pepper-of-mine") as shop:
        key = shop.ada["Authorization"].removeprefix("Bearer ")

        async def fail(*_: object, **__: object) -> None:
            raise RuntimeError(
                f"postgresql://ada:hunter2@db/runs pepper-of-mine {key} {SECRET} password=hunter2 "
                "Authorization: Bearer hunter2 eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.aHVudGVyMg"
            )

        monkeypatch.setattr(shop.door.limiter, "hit", fail)
        answer = shop.client.get(f"/v1/operations/{key}?token={key}", headers={**shop.ada, "X-Request-ID": key})

    assert answer.status_code == 500
    assert "RuntimeError" in log.text
    for secret in ("hunter2", "pepper-of-mine", SECRET, key.split("_")[2], "aHVudGVyMg"):
        assert secret not in log.text


def test_p25_the_log_cannot_be_forged(log: Log) -> None:
    forged = '\n2026-01-01T00:00:00.000Z INFO agentkit: forged\r\n{"level": "info"}\u2028\x1b[2Jforged'
    with site() as shop:
        evil = shop.caller(f"eve{forged}", tenant="acme", scopes={"read"})
        shop.client.get("/v1/operations", headers=evil)
    logging.getLogger("agentkit").error("said: %s", forged, exc_info=ValueError(forged))

    lines = log.text.split("\n")[:-1]
    beginning = '{"at"' if lines[0].startswith("{") else "2"
    assert [line for line in lines if "forged" in line and "\\n" not in line and not line.startswith("    | ")] == []
    assert all(line.startswith((beginning, "    | ")) for line in lines)
    assert not any(letter in log.text for letter in ("\r", "\u2028", "\x1b"))
    assert not any(line.startswith("2026-01-01") for line in lines)

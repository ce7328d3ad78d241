"""Addresses: paging, retries, authentication."""

import json
import logging
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from agentkit.data import (
    AnySource,
    BasicAuth,
    BearerAuth,
    CursorPaging,
    HeaderAuth,
    HttpSource,
    LinkPaging,
    NumberPaging,
    OffsetPaging,
    QueryAuth,
    SourceLimits,
    read_source,
)
from agentkit.errors import (
    DefinitionError,
    FormatUnknown,
    SourceFailed,
    SourceMalformed,
    SourceNotFound,
    SourceTooLarge,
)
from tests.data.sources.reads import numbers, rows
from tests.data.sources.server import Request, loopback, serving

LINES = [{"artist": "Ibis", "price": 1}, {"artist": "Oak", "price": 2}, {"artist": "Elm", "price": 3}]


def test_an_answer_in_json_becomes_a_table() -> None:
    with serving(lambda request: request.send('{"data": [{"artist": "Ibis", "price": 0.99}]}')) as server:
        table, report = read_source(HttpSource(name="api", url=server.url, records="data"), access=loopback())

    assert rows(table) == [("Ibis", Decimal("0.99"))]
    assert (report.kind, report.format, report.rows, report.pages) == ("http", "json", 1, 1)
    assert report.bytes == 45


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/csv; charset=cp1252", "artist,price\nÖtzi,1\n".encode("cp1252")),
        ("application/x-ndjson", '{"artist":"Ötzi","price":"1"}'),
    ],
)
def test_the_server_says_what_it_sends(kind: str, content: str | bytes) -> None:
    with serving(lambda request: request.send(content, kind=kind)) as server:
        table, _ = read_source(HttpSource(name="api", url=server.url), access=loopback())

    assert rows(table) == [("Ötzi", "1")]


def test_what_nobody_names_is_not_guessed() -> None:
    with (
        serving(lambda request: request.send("[]", kind="application/octet-stream")) as server,
        pytest.raises(FormatUnknown, match="say format="),
    ):
        read_source(HttpSource(name="api", url=server.url), access=loopback())


def test_pages_follow_the_header_link() -> None:
    def answer(request: Request) -> None:
        at = int(request.parameters.get("at", "0"))
        link = f'</lines?at={at + 1}>; rel="next"' if at < 2 else '</lines>; rel="first"'
        request.send(json.dumps(LINES[at : at + 1]), Link=link)

    with serving(answer) as server:
        table, report = read_source(
            HttpSource(name="api", url=f"{server.url}/lines", paging=LinkPaging()), access=loopback()
        )

    assert list(table.column("artist")) == ["Ibis", "Oak", "Elm"]
    assert (numbers(table), report.pages) == ([1, 2, 3], 3)


def test_pages_follow_a_cursor() -> None:
    def answer(request: Request) -> None:
        at = int(request.parameters.get("after", "0"))
        more = str(at + 1) if at < 2 else None
        request.send(json.dumps({"items": LINES[at : at + 1], "meta": {"next": more}}))

    paging = CursorPaging(field="meta.next", parameter="after")
    with serving(answer) as server:
        source = HttpSource(name="api", url=server.url, records="items", parameters={"year": "2024"}, paging=paging)
        table, _ = read_source(source, access=loopback())

    assert len(table) == 3
    assert server.asked == ["/?year=2024", "/?year=2024&after=1", "/?year=2024&after=2"]


def test_pages_follow_an_address_in_the_answer() -> None:
    def answer(request: Request) -> None:
        last = request.where == "/two"
        request.send(json.dumps({"items": LINES[:1], "next": "" if last else f"{server.url}/two"}))

    with serving(answer) as server:
        source = HttpSource(name="api", url=server.url, records="items", paging=CursorPaging(field="next"))
        table, _ = read_source(source, access=loopback())

    assert len(table) == 2


@pytest.mark.parametrize(
    ("paging", "asked"),
    [
        (NumberPaging(), ["/?page=1", "/?page=2", "/?page=3"]),
        (NumberPaging(parameter="p", first=0, size_parameter="n", size=2), ["/?p=0&n=2", "/?p=1&n=2"]),
        (OffsetPaging(size=2), ["/?offset=0&limit=2", "/?offset=2&limit=2"]),
    ],
)
def test_pages_are_counted_until_one_is_not_full(paging: NumberPaging | OffsetPaging, asked: list[str]) -> None:
    pages = iter([LINES[:2], LINES[2:], []])
    with serving(lambda request: request.send(json.dumps(next(pages)))) as server:
        table, _ = read_source(HttpSource(name="api", url=server.url, paging=paging), access=loopback())

    assert len(table) == 3
    assert server.asked == asked


def test_a_server_that_turns_in_a_circle_is_left() -> None:
    with (
        serving(lambda request: request.send('{"items": [], "next": "again"}')) as server,
        pytest.raises(SourceFailed, match="circle"),
    ):
        read_source(
            HttpSource(
                name="api", url=server.url, records="items", paging=CursorPaging(field="next", parameter="cursor")
            ),
            access=loopback(),
        )


def test_there_are_no_more_pages_than_allowed() -> None:
    with (
        serving(lambda request: request.send('[{"a": 1}]')) as server,
        pytest.raises(SourceTooLarge, match="more than 5 pages"),
    ):
        read_source(
            HttpSource(name="api", url=server.url, paging=NumberPaging()),
            access=loopback(),
            limits=SourceLimits(max_pages=5),
        )
    assert len(server.asked) == 5


def test_a_server_is_asked_again_after_as_long_as_it_wants() -> None:
    answers = iter([(429, {"Retry_After": "0"}), (503, {}), (200, {})])

    def answer(request: Request) -> None:
        status, headers = next(answers)
        request.send("[]", status, **headers)

    with serving(answer) as server:
        source = HttpSource(name="api", url=server.url, wait_seconds=0.01)
        _, report = read_source(source, access=loopback())

    assert len(server.asked) == 3
    assert report.notes == ("the server had to be asked again for some answers",)


def test_a_server_that_wants_too_long_is_not_waited_for() -> None:
    headers = {"Date": "Wed, 01 Jan 2025 00:00:00 GMT", "Retry_After": "Wed, 01 Jan 2025 01:00:00 GMT"}
    with (
        serving(lambda request: answered(request, headers)) as server,
        pytest.raises(SourceFailed, match="in 3600 seconds, which is too long"),
    ):
        read_source(HttpSource(name="api", url=server.url), access=loopback())
    assert len(server.asked) == 1


def test_a_server_that_fails_again_and_again_fails_the_source() -> None:
    with (
        serving(lambda request: request.send("no", 502)) as server,
        pytest.raises(SourceFailed, match=r"source 'api': the server answers 502 .*asked 3 times"),
    ):
        read_source(HttpSource(name="api", url=server.url, attempts=3, wait_seconds=0.01), access=loopback())
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "error"), [(404, SourceNotFound), (410, SourceNotFound), (401, SourceFailed), (400, SourceFailed)]
)
def test_what_cannot_get_better_is_not_asked_again(status: int, error: type[Exception]) -> None:
    with serving(lambda request: request.send("", status)) as server, pytest.raises(error, match=str(status)):
        read_source(HttpSource(name="api", url=server.url), access=loopback())
    assert len(server.asked) == 1


SECRET = "s3cr3t-t0k3n"


def test_each_way_of_saying_who_asks_reaches_the_server() -> None:
    found: list[object] = []

    def answer(request: Request) -> None:
        found.append((request.headers.get("Authorization"), request.headers.get("X-Key"), request.parameters))
        request.send("[]")

    with serving(answer) as server:
        for auth in (
            BearerAuth(secret="TOKEN"),
            BasicAuth(user="me", secret="TOKEN"),
            HeaderAuth(header="X-Key", secret="TOKEN"),
            QueryAuth(parameter="key", secret="TOKEN"),
        ):
            read_source(HttpSource(name="api", url=server.url, auth=auth), access=loopback(TOKEN=SECRET))

    assert found == [
        (f"Bearer {SECRET}", None, {}),
        ("Basic bWU6czNjcjN0LXQwazNu", None, {}),
        (None, SECRET, {}),
        (None, None, {"key": SECRET}),
    ]


@pytest.mark.parametrize(
    "auth",
    [BearerAuth(secret="TOKEN"), BasicAuth(user="me", secret="TOKEN"), QueryAuth(parameter="key", secret="TOKEN")],
)
def test_a_secret_is_in_no_report_log_or_error(
    auth: BearerAuth | BasicAuth | QueryAuth, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    access = loopback(TOKEN=SECRET)
    with serving(lambda request: request.send(f'{{"{SECRET}": 1, "{SECRET}": 2}}')) as server:
        source = HttpSource(name="api", url=server.url, auth=auth)
        with pytest.raises(SourceMalformed) as failed:
            read_source(source, access=access)
    with serving(lambda request: request.send("[]")) as server:
        _, report = read_source(HttpSource(name="api", url=server.url, auth=auth), access=access)

    told = [str(failed.value), repr(source), repr(access), repr(report), caplog.text]
    assert "***" in str(failed.value)
    assert not [text for text in told if SECRET in text or "czNjcjN0" in text]
    assert failed.value.__cause__ is None or SECRET not in repr(failed.value.__cause__)


def test_a_secret_that_was_not_given_is_asked_for_by_name() -> None:
    source = HttpSource(name="api", url="http://127.0.0.1:9", auth=BearerAuth(secret="SALES_TOKEN"))

    with pytest.raises(DefinitionError, match="'SALES_TOKEN', and it was not given; there are: OTHER"):
        read_source(source, access=loopback(OTHER="x"))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"url": "ftp://sales.example"}, "no address like"),
        ({"url": "https://me:pw@sales.example"}, "holds a user or a password"),
        ({"url": "https://sales.example", "headers": {"authorization": "Bearer x"}}, "is secret"),
        ({"url": "https://sales.example", "format": "csv", "paging": {"kind": "link"}}, "pages of csv"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        TypeAdapter[object](AnySource).validate_python({"kind": "http", "name": "api", **settings})


def answered(request: Request, headers: dict[str, str]) -> None:
    request.send_response_only(503)
    for name, value in {**headers, "Content-Length": "0"}.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()

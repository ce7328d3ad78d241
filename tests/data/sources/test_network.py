"""Servers that hang, lie, never end, or lead elsewhere."""

import gzip
import json
import socket
import time
from collections.abc import Callable

import pytest

from agentkit.data import Access, BearerAuth, CursorPaging, HttpSource, Reading, SourceLimits, read_source
from agentkit.data.sources.http.fetching import Fetcher, Patience
from agentkit.errors import (
    AddressNotAllowed,
    DefinitionError,
    SourceFailed,
    SourceMalformed,
    SourceNotFound,
    SourceTooLarge,
)
from tests.data.sources.server import Request, loopback, serving


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_rule_35_loopback_is_not_reached_however_it_is_written(host: str) -> None:
    with serving(lambda request: request.send("[]")) as server:
        source = HttpSource(name="api", url=f"http://{host}:{server.server_port}/")
        with pytest.raises((AddressNotAllowed, SourceNotFound)):
            read_source(source)

    assert server.asked == []


def test_the_address_that_was_checked_is_the_one_that_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1"])
    asked: list[object] = []

    def resolve(host: str, port: int, **more: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    reached: list[object] = []

    def connect(address: tuple[str, int], *more: object, **others: object) -> socket.socket:
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(SourceFailed):
        read_source(HttpSource(name="api", url="http://rebind.example/", attempts=1))

    assert (asked, reached) == (["rebind.example"], ["93.184.216.34"])


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/", "http://[::1]/", "file:///etc/passwd", "ftp://x/"]
)
def test_a_redirect_to_a_private_address_is_not_followed(target: str) -> None:
    with (
        serving(lambda request: request.send("", 302, Location=target)) as server,
        pytest.raises(AddressNotAllowed),
    ):
        read_source(HttpSource(name="api", url=server.url, attempts=1), access=loopback())


def test_a_redirect_to_another_server_does_not_carry_the_secret() -> None:
    with (
        serving(lambda request: request.send('[{"a": 1}]')) as other,
        serving(lambda request: request.send("", 307, Location=other.url)) as server,
    ):
        source = HttpSource(name="api", url=server.url, auth=BearerAuth(secret="TOKEN"))
        table, _ = read_source(source, access=loopback(TOKEN="t0k3n"))

    assert len(table) == 1
    assert (server.signed, other.signed) == (["Bearer t0k3n"], [None])


def test_a_redirect_that_never_ends_is_left() -> None:
    with (
        serving(lambda request: request.send("", 302, Location=request.where + "x")) as server,
        pytest.raises(SourceFailed, match="sent on more than 5 times"),
    ):
        read_source(HttpSource(name="api", url=server.url), access=loopback())


def test_the_next_page_is_not_at_another_server() -> None:
    with serving(lambda request: request.send("[]")) as other:
        page = json.dumps({"items": [], "next": other.url})
        with (
            serving(lambda request: request.send(page)) as server,
            pytest.raises(AddressNotAllowed, match="another server"),
        ):
            read_source(
                HttpSource(name="api", url=server.url, records="items", paging=CursorPaging(field="next")),
                access=loopback(),
            )
    assert other.asked == []


def silent(request: Request) -> None:
    request.server.over.wait(20)


def dripping(request: Request) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.end_headers()
    while not request.server.over.wait(0.05):
        request.wfile.write(b" ")


def dripping_headers(request: Request) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not request.server.over.wait(0.05):
        request.wfile.write(b"X-More: 1\r\n")


def endless(request: Request) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.end_headers()
    while not request.server.over.is_set():
        request.wfile.write(b" " * 65_536)


def test_a_server_that_hangs_is_left_after_a_while() -> None:
    with (
        serving(silent) as server,
        pytest.raises(SourceFailed, match=r"said nothing for 0\.3 seconds"),
    ):
        read_source(
            HttpSource(name="api", url=server.url, attempts=1),
            access=loopback(),
            limits=SourceLimits(silent_seconds=0.3),
        )


@pytest.mark.parametrize("answer", [silent, dripping, dripping_headers, endless])
def test_no_server_keeps_anybody_longer_than_the_time_allowed(answer: Callable[[Request], None]) -> None:
    begun = time.monotonic()
    with serving(answer) as server, pytest.raises(SourceFailed, match="longer than"):
        read_source(
            HttpSource(name="api", url=server.url),
            access=loopback(),
            limits=SourceLimits(seconds=0.5, max_bytes=1 << 40),
            clock=time.monotonic,
        )
    assert time.monotonic() - begun < 30


def test_an_answer_that_never_ends_is_cut_at_the_bytes_allowed() -> None:
    with serving(endless) as server, pytest.raises(SourceTooLarge, match="more than 1,000,000 bytes"):
        read_source(HttpSource(name="api", url=server.url), access=loopback(), limits=SourceLimits(max_bytes=1_000_000))


def test_an_answer_that_says_it_is_too_large_is_not_read() -> None:
    with (
        serving(lambda request: request.send("[]", Content_Length="9" * 12)) as server,
        pytest.raises(SourceTooLarge, match="999999999999 bytes"),
    ):
        read_source(HttpSource(name="api", url=server.url), access=loopback())


@pytest.mark.parametrize("attempts", [1, 2])
def test_an_answer_shorter_than_it_says_is_a_failure(attempts: int) -> None:
    def answer(request: Request) -> None:
        request.send('[{"a": 1}]', Content_Length="500")
        request.close_connection = True

    with serving(answer) as server, pytest.raises(SourceFailed, match="broke off"):
        read_source(HttpSource(name="api", url=server.url, attempts=attempts, wait_seconds=0.01), access=loopback())
    assert len(server.asked) == attempts


def test_what_came_of_an_answer_that_broke_off_is_not_counted() -> None:
    lengths = iter(["500", "10"])

    def answer(request: Request) -> None:
        request.send('[{"a": 1}]', Content_Length=next(lengths))
        request.close_connection = True

    with serving(answer) as server:
        _, report = read_source(HttpSource(name="api", url=server.url, wait_seconds=0.01), access=loopback())

    assert (report.rows, report.bytes) == (1, 10)


def test_nothing_leads_from_https_to_http() -> None:
    fetcher = Fetcher("https://sales.example", Reading("api"), auth=None, headers={}, patience=Patience())

    with fetcher, pytest.raises(AddressNotAllowed, match="from https to http"):
        fetcher._client.get("http://sales.example/next")


def test_an_answer_longer_than_it_says_is_no_json() -> None:
    with (
        serving(lambda request: request.send('[{"a": 1}]', Content_Length="5")) as server,
        pytest.raises(SourceMalformed, match="no JSON"),
    ):
        read_source(HttpSource(name="api", url=server.url), access=loopback())


def test_a_packed_answer_is_unpacked() -> None:
    packed = gzip.compress(b'[{"a": 1}]')
    with serving(lambda request: request.send(packed, Content_Encoding="gzip")) as server:
        table, report = read_source(HttpSource(name="api", url=server.url), access=loopback())

    assert (len(table), report.bytes) == (1, 10)


def test_a_small_answer_that_unpacks_to_a_large_one_is_noticed_while_it_does() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    with (
        serving(lambda request: request.send(bomb, Content_Encoding="gzip")) as server,
        pytest.raises(SourceTooLarge, match="more than 1,000,000 bytes"),
    ):
        read_source(HttpSource(name="api", url=server.url), access=loopback(), limits=SourceLimits(max_bytes=1_000_000))


@pytest.mark.parametrize(
    ("packed", "how"),
    [(b"junk", "gzip"), (gzip.compress(b"[1]")[:-9], "gzip"), (b"x", "br")],
    ids=["no gzip", "cut", "no brotli"],
)
def test_an_answer_that_cannot_be_unpacked_is_malformed(packed: bytes, how: str) -> None:
    with (
        serving(lambda request: request.send(packed, Content_Encoding=how)) as server,
        pytest.raises(SourceMalformed, match="packed"),
    ):
        read_source(HttpSource(name="api", url=server.url), access=loopback())


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(SourceFailed, match=r"broke off.*asked 2 times"):
        read_source(
            HttpSource(name="api", url=f"http://127.0.0.1:{port}", attempts=2, wait_seconds=0.01), access=loopback()
        )


def test_a_secret_with_a_line_end_is_refused_before_it_is_sent() -> None:
    with pytest.raises(DefinitionError, match="no header can hold") as failed:
        read_source(
            HttpSource(name="api", url="http://127.0.0.1:9", auth=BearerAuth(secret="TOKEN")),
            access=Access(secrets={"TOKEN": "a\nX-Evil: 1"}),
        )
    assert "X-Evil" not in str(failed.value)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    with serving(lambda request: request.send("[]")) as server:
        read_source(HttpSource(name="api", url=server.url), access=loopback())

    assert server.asked == ["/"]

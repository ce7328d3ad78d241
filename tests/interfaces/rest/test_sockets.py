"""WebSockets: who may, what is told, and what is answered to whatever is said."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from agentkit.interfaces.rest.conversation import Conversation
from agentkit.service.changes import Changes
from agentkit.wire import EventLine, OperationPage
from tests.interfaces.rest.site import Headers, Site, problem, site

EVENTS = "/ws/v1/events"
HERE = {"Origin": "http://localhost"}


def dialled(
    place: Site, path: str, offered: Sequence[str] = (), *, headers: Headers | None = None
) -> WebSocketTestSession:
    """A socket that is about to be opened."""
    return place.client.websocket_connect(f"ws://localhost{path}", list(offered) or None, headers=dict(headers or {}))


@contextmanager
def socket(place: Site, headers: Headers | None = None, path: str = EVENTS) -> Iterator[WebSocketTestSession]:
    """A socket of somebody who is known by their headers."""
    with dialled(place, path, headers=place.ada if headers is None else headers) as talk:
        assert talk.receive_json()["type"] == "authenticated"
        yield talk


def said(talk: WebSocketTestSession, **message: Any) -> dict[str, Any]:
    """Say something; the next thing that is told."""
    talk.send_json(message)
    return dict(talk.receive_json())


def until(talk: WebSocketTestSession, kind: str) -> list[dict[str, Any]]:
    """All that is told until the first of this type, with it."""
    found = [talk.receive_json()]
    while found[-1]["type"] != kind:
        found.append(talk.receive_json())
    return found


def refused(place: Site, status: int, code: str, headers: Headers, path: str = EVENTS) -> dict[str, Any]:
    """The problem that a handshake is answered with."""
    with pytest.raises(WebSocketDenialResponse) as denial, dialled(place, path, headers=headers):
        pass
    return problem(denial.value, status, code)


def closed(talk: WebSocketTestSession, code: int) -> None:
    """Make sure that the socket is closed next, with this code."""
    with pytest.raises(WebSocketDisconnect) as end:
        talk.receive_json()
    assert end.value.code == code


def wrong(message: dict[str, Any], status: int, code: str) -> dict[str, Any]:
    """The problem that a message tells of."""
    assert message["type"] == "error", message
    found = message["problem"]
    assert (found["status"], found["code"], found["type"]) == (status, code, f"urn:agentkit:problem:{code}")
    return dict(found)


# What is told


def test_the_events_of_an_operation_are_those_of_its_history(shop: Site) -> None:
    operation = shop.greeted()
    channel = f"operation:{operation}"
    history = shop.client.get(f"/v1/operations/{operation}/events", headers=shop.ada).json()["items"]

    with socket(shop) as talk:
        assert said(talk, type="subscribe", channel=channel) == {"type": "subscribed", "channel": channel, "after": 0}
        *events, end = until(talk, "ended")
        assert [one["event"] for one in events] == history
        assert [one["number"] for one in events] == [EventLine(**one["event"]).number for one in events] == [1, 2, 3, 4]
        assert {one["channel"] for one in events} == {channel}
        assert end == {"type": "ended", "channel": channel, "after": 4}
        # It may be subscribed to again, behind any number.
        assert said(talk, type="subscribe", channel=channel, after=3)["after"] == 3
        assert [one.get("number") for one in until(talk, "ended")] == [4, None]
        said(talk, type="subscribe", channel=channel, after=4)
        assert [one["type"] for one in until(talk, "ended")] == ["ended"]


def test_the_events_of_an_operation_are_read_once_for_all_sockets_that_are_told_them(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = shop.start("ask")
    feeds, readings = shop.door.socket_feeds, list[int]()
    source = feeds._source

    def counted(name: str, after: int) -> AsyncGenerator[EventLine, None]:
        readings.append(after)
        return source(name, after)

    monkeypatch.setattr(feeds, "_source", counted)
    with ExitStack() as sockets:
        talks = [sockets.enter_context(socket(shop)) for _ in range(3)]
        for talk in talks:
            said(talk, type="subscribe", channel=f"operation:{operation}")
            assert [talk.receive_json()["number"] for _ in range(2)] == [1, 2]
        shop.client.post(f"/v1/operations/{operation}/signals", json={"name": "answer"}, headers=shop.ada)
        ends = [[one.get("number") for one in until(talk, "ended")] for talk in talks]

    assert ends == [[*range(3, 3 + len(ends[0]) - 1), None]] * 3
    assert readings == [2]


def test_several_channels_are_told_at_once_and_one_that_is_unsubscribed_no_more(shop: Site) -> None:
    one, two = shop.start("ask"), shop.start("ask")
    with socket(shop) as talk:
        for operation in (one, two):
            talk.send_json({"type": "subscribe", "channel": f"operation:{operation}"})
        seen = [talk.receive_json() for _ in range(6)]
        assert {(line["channel"], line.get("number")) for line in seen if line["type"] == "event"} == {
            (f"operation:{operation}", number) for operation in (one, two) for number in (1, 2)
        }
        told = said(talk, type="unsubscribe", channel=f"operation:{one}")
        assert told == {"type": "unsubscribed", "channel": f"operation:{one}"}
        for operation in (one, two):
            shop.client.post(f"/v1/operations/{operation}/signals", json={"name": "answer"}, headers=shop.ada)
        assert {line["channel"] for line in until(talk, "ended")} == {f"operation:{two}"}
        # What is not told cannot be told less.
        assert said(talk, type="unsubscribe", channel=f"operation:{two}")["type"] == "unsubscribed"


def test_the_channel_of_all_operations_tells_how_each_stands_that_changes(shop: Site) -> None:
    before = shop.start("ask")
    with socket(shop) as talk:
        assert said(talk, type="subscribe", channel="operations")["type"] == "subscribed"
        operation = shop.start("greet", {"name": "Ada"})
        lines: list[dict[str, Any]] = []
        while not lines or lines[-1]["status"] != "completed":
            message = talk.receive_json()
            assert (message["type"], message["channel"]) == ("operation", "operations")
            lines.append(message["operation"])
        listed = shop.client.get("/v1/operations", headers=shop.ada).json()["items"]

    assert {line["id"] for line in lines} == {operation} != {before}
    assert lines[-1] == next(line for line in listed if line["id"] == operation)
    assert [line["events"] for line in lines] == sorted({line["events"] for line in lines})


def test_p20_nobody_is_told_of_anothers_operations() -> None:
    with site() as place:
        with socket(place, place.eve) as eve, socket(place, place.admin) as admin, socket(place) as ada:
            for talk in (eve, admin, ada):
                assert said(talk, type="subscribe", channel="operations")["type"] == "subscribed"
            theirs = place.start("ask", by=place.ada)
            own = place.start("ask", by=place.eve)
            assert eve.receive_json()["operation"]["id"] == own
            assert ada.receive_json()["operation"]["id"] == theirs
            assert {admin.receive_json()["operation"]["id"] for _ in range(2)} == {theirs, own}
            answers = []
            for name in (theirs, "1" * len(theirs)):
                told = said(eve, type="subscribe", channel=f"operation:{name}")
                wrong(told, 404, "not_found")
                answers.append(str(told).replace(name, "ID"))
            assert len(set(answers)) == 1
            same = [
                refused(place, 404, "not_found", place.eve, f"/ws/progress/{name}")["detail"].replace(name, "ID")
                for name in (theirs, "1" * len(theirs))
            ]
            assert len(set(same)) == 1
        # Nobody listens any more, so nobody is looked up.
        assert place.door.service.changes._task is None


def test_progress_is_told_until_the_end(shop: Site) -> None:
    operation = shop.start("crawl")
    with socket(shop, path=f"/ws/progress/{operation}") as talk:
        pages: list[OperationPage] = []
        while not pages or not pages[-1].ended:
            message = talk.receive_json()
            assert message["type"] == "progress"
            pages.append(OperationPage(**message["operation"]))
        closed(talk, 1000)

    fractions = [page.fraction for page in pages]
    assert fractions == sorted(fractions)
    assert (pages[-1].status, pages[-1].fraction, len(pages) > 2) == ("completed", 1, True)


def test_who_listens_to_progress_has_nothing_to_say(shop: Site) -> None:
    operation = shop.start("ask")
    with socket(shop, path=f"/ws/progress/{operation}") as talk:
        talk.send_json({"type": "subscribe", "channel": "operations"})
        wrong(until(talk, "error")[-1], 422, "message_unknown")
        talk.send_text("nonsense")
        wrong(until(talk, "error")[-1], 400, "bad_request")
        shop.client.delete(f"/v1/operations/{operation}", headers=shop.ada)
        while not until(talk, "progress")[-1]["operation"]["ended"]:
            pass
        closed(talk, 1000)


def test_a_number_that_the_journal_does_not_have_is_expired(shop: Site) -> None:
    operation = shop.greeted()
    with socket(shop) as talk:
        told = said(talk, type="subscribe", channel=f"operation:{operation}", after=5)
        assert told == {"type": "expired", "channel": f"operation:{operation}", "after": 0}
        assert said(talk, type="subscribe", channel=f"operation:{operation}")["type"] == "subscribed"
    response = shop.client.get(
        f"/v1/operations/{operation}/events?after=5", headers={**shop.ada, "Accept": "text/event-stream"}
    )
    problem(response, 410, "expired")


def test_p15_who_does_not_listen_to_changes_is_told_that_some_were_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    with site() as place:
        changes = Changes(place.door.orchestrator, kept=2)
        monkeypatch.setattr(place.door.service, "changes", changes)
        with socket(place) as talk:
            # The client takes nothing for a while.
            taken = Conversation.tell
            taking = threading.Event()

            async def tell(self: Conversation, message: Any) -> None:
                await asyncio.to_thread(taking.wait)
                await taken(self, message)

            monkeypatch.setattr(Conversation, "tell", tell)
            taking.set()
            said(talk, type="subscribe", channel="operations")
            taking.clear()
            started = [place.start("ask") for _ in range(8)]
            time.sleep(0.3)
            listeners = [one for group in changes._listeners.values() for one in group]
            assert max(len(one._heard) for one in listeners) <= 2
            taking.set()
            # One that was on its way, and then the word; without it all of them would come.
            seen = [talk.receive_json()]
            while seen[-1]["type"] != "lagging":
                assert len(seen) < len(started)
                seen.append(talk.receive_json())
            assert {one["operation"]["id"] for one in seen[:-1]} < set(started)


# Who may


@pytest.mark.parametrize("path", [EVENTS, "/ws/progress/x"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer nix"},
        {"X-API-Key": "agk_a_b"},
        {"Cookie": "agentkit_session=nix", "Origin": "http://localhost"},
    ],
)
def test_p19_who_shows_what_opens_nothing_is_refused_at_the_handshake(shop: Site, path: str, headers: Headers) -> None:
    refused(shop, 401, "unauthenticated", headers, path)


@pytest.mark.parametrize("path", [EVENTS, "/ws/progress/x"])
@pytest.mark.parametrize(
    "first",
    [
        '{"type": "subscribe", "channel": "operations"}',
        '{"type": "authenticate", "key": "nix"}',
        '{"type": "authenticate", "key": ""}',
        '{"type": "authenticate"}',
        "nonsense",
        "",
    ],
)
def test_p19_the_first_word_has_to_be_a_key(shop: Site, path: str, first: str) -> None:
    # A key in an address counts for nothing, wherever it stands.
    key = shop.ada["Authorization"].removeprefix("Bearer ")
    with dialled(shop, f"{path}?key={key}&token={key}") as talk:
        talk.send_text(first)
        told = [talk.receive_json()]
        if told[0]["problem"]["code"] != "unauthenticated":
            told.append(talk.receive_json())
        assert key not in str(wrong(told[-1], 401, "unauthenticated"))
        closed(talk, 4401)


def test_p19_who_says_nothing_is_left() -> None:
    with site(authenticate_seconds=0.1) as place, dialled(place, EVENTS) as talk:
        wrong(talk.receive_json(), 401, "unauthenticated")
        closed(talk, 4401)


def test_a_browser_says_its_key_in_its_first_message(shop: Site) -> None:
    key = shop.ada["Authorization"].removeprefix("Bearer ")
    operation = shop.greeted()
    with dialled(shop, EVENTS, headers=HERE) as talk:
        told = said(talk, type="authenticate", key=key)
        assert told == {"type": "authenticated", "caller": "ada"}
        said(talk, type="subscribe", channel=f"operation:{operation}")
        assert len(until(talk, "ended")) == 5
        wrong(said(talk, type="authenticate", key=key), 409, "authenticated_already")
    with dialled(shop, f"/ws/progress/{operation}") as talk:
        said(talk, type="authenticate", key=key)
        assert talk.receive_json()["operation"]["status"] == "completed"
        closed(talk, 1000)
    with dialled(shop, "/ws/progress/nix") as talk:
        wrong(said(talk, type="authenticate", key=key), 404, "not_found")
        closed(talk, 4404)


def test_a_key_of_either_header_opens(shop: Site) -> None:
    key = shop.ada["Authorization"].removeprefix("Bearer ")
    for headers in (shop.ada, {"X-API-Key": key}, {"Authorization": f"bearer {key}"}):
        with socket(shop, headers):
            pass


def test_the_session_of_a_browser_opens_for_its_own_pages_alone() -> None:
    with site(cors_origins=("https://pages.test",)) as place:
        assert place.client.post("/v1/session", headers={**place.ada, **HERE}).status_code == 201
        for origin in ("http://localhost", "https://pages.test"):
            with socket(place, {"Origin": origin}):
                pass
        for origin in ("http://evil.test", "http://localhost:3000", "null", "http://localhost.evil.test"):
            refused(place, 403, "not_allowed", {"Origin": origin})
        # The cookie alone is no proof of which page asks.
        refused(place, 403, "not_allowed", {})


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "http://localhost:3000", "file://", "ws://localhost", ""]
)
def test_p22_a_page_elsewhere_gets_no_socket(shop: Site, origin: str) -> None:
    refused(shop, 403, "not_allowed", {"Origin": origin})
    refused(shop, 403, "not_allowed", {**shop.ada, "Origin": origin})
    with site(authentication="none", address="127.0.0.1") as place:
        refused(place, 403, "not_allowed", {"Origin": origin})


def test_p22_without_keys_only_this_machines_own_pages_get_a_socket() -> None:
    with site(authentication="none", address="127.0.0.1", trusted_hosts=("*",), cors_origins=("*",)) as place:
        for headers in ({}, HERE, {"Host": "127.0.0.1:80", "Origin": "http://127.0.0.1:80"}):
            with socket(place, headers):
                pass
        refused(place, 403, "not_allowed", {"Host": "evil.test", "Origin": "http://evil.test"})
        refused(place, 403, "not_allowed", {"Origin": "http://evil.test"})
    with site(authentication="none", address="10.0.0.7") as place:
        refused(place, 401, "unauthenticated", {})


def test_p19_a_socket_is_closed_when_its_key_is_revoked() -> None:
    with site(recheck_seconds=0.1) as place:
        operation = place.start("ask")
        portal = place.client.portal
        assert portal is not None
        with socket(place) as talk, socket(place, place.bob) as other:
            until_told = said(talk, type="subscribe", channel=f"operation:{operation}")
            assert until_told["type"] == "subscribed"
            portal.call(place.door.keys.revoke, place.ada["Authorization"].split("_")[1])
            wrong(until(talk, "error")[-1], 401, "unauthenticated")
            closed(talk, 4401)
            assert said(other, type="unsubscribe", channel="operations")["type"] == "unsubscribed"


def test_p19_a_socket_is_closed_when_its_session_is_ended() -> None:
    with site(recheck_seconds=0.1) as place:
        page = place.client.post("/v1/session", headers={**place.ada, **HERE}).json()
        with socket(place, HERE) as talk:
            changes = {**HERE, "X-CSRF-Token": page["csrf_token"]}
            assert place.client.delete("/v1/session", headers=changes).status_code == 204
            wrong(talk.receive_json(), 401, "unauthenticated")
            closed(talk, 4401)


def test_who_may_not_look_gets_no_socket(shop: Site) -> None:
    blind = shop.caller("blind", tenant="acme", scopes={"run"})
    refused(shop, 403, "not_allowed", blind)
    refused(shop, 403, "not_allowed", blind, f"/ws/progress/{shop.start('ask')}")


def test_what_is_around_requests_is_around_sockets(shop: Site) -> None:
    refused(shop, 421, "host_unknown", {**shop.ada, "Host": "evil.test"})
    refused(shop, 404, "not_found", shop.ada, "/ws/nix")
    found = refused(shop, 401, "unauthenticated", {"X-API-Key": "nix", "X-Request-ID": "mine"})
    assert found["instance"] == "mine"
    with dialled(shop, EVENTS, headers={**shop.ada, "X-Request-ID": "mine"}) as talk:
        accepted: Any = talk.extra_headers
        headers = {name.decode(): value.decode() for name, value in accepted}
        assert headers["x-request-id"] == "mine"
        assert "ratelimit" in headers
        talk.receive_json()
        assert wrong(said(talk, type="nix"), 422, "message_unknown")["instance"] == "mine"
    assert b'route="/ws/v1/events",status="1xx"' in shop.door.figures.exposition()


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nix"}])
def test_who_has_gone_before_the_answer_is_no_error(
    shop: Site, headers: Headers, caplog: pytest.LogCaptureFixture
) -> None:
    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(_message: Message) -> None:
        raise OSError("gone")

    named = {"host": "localhost", **shop.ada, **headers}
    scope = {
        "type": "websocket",
        "path": EVENTS,
        "raw_path": EVENTS.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
        "extensions": {"websocket.http.response": {}},
    }
    assert shop.client.portal is not None
    shop.client.portal.call(shop.app, scope, receive, send)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_mounted_application_answers_sockets_too() -> None:
    with site() as place:
        shop = FastAPI()
        shop.mount("/flows", place.app)
        # On the loop of the mounted one, whose orchestrator is open.
        client = TestClient(shop, base_url="http://localhost")
        client.portal = place.client.portal
        with client.websocket_connect(f"ws://localhost/flows{EVENTS}", headers=dict(place.ada)) as talk:
            assert talk.receive_json()["type"] == "authenticated"


def test_the_subprotocol_is_chosen_if_it_is_offered(shop: Site) -> None:
    for offered, chosen in ((["agentkit.v1", "x"], "agentkit.v1"), (["x"], None)):
        with dialled(shop, EVENTS, offered, headers=shop.ada) as talk:
            assert talk.accepted_subprotocol == chosen


# What is said


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("", 400, "bad_request"),
        ("nonsense", 400, "bad_request"),
        ('{"type": "subscribe", "type": "subscribe", "channel": "operations"}', 400, "bad_request"),
        ('{"type": "subscribe", "channel": "operations", "after": NaN}', 400, "bad_request"),
        ('{"type": "subscribe", "channel": "\\ud800"}', 400, "bad_request"),
        ("\ud800", 400, "bad_request"),
        ("[" * 101 + "]" * 101, 400, "bad_request"),
        ("[" * 60_000, 400, "bad_request"),
        ("[]", 422, "input_invalid"),
        ("null", 422, "input_invalid"),
        ("{}", 422, "message_unknown"),
        ('{"type": 1}', 422, "message_unknown"),
        ('{"type": "shutdown"}', 422, "message_unknown"),
        ('{"type": "subscribe"}', 422, "input_invalid"),
        ('{"type": "subscribe", "channel": ""}', 422, "input_invalid"),
        ('{"type": "subscribe", "channel": 7}', 422, "input_invalid"),
        ('{"type": "subscribe", "channel": "operations", "more": 1}', 422, "input_invalid"),
        ('{"type": "subscribe", "channel": "operations", "after": 1}', 422, "input_invalid"),
        ('{"type": "subscribe", "channel": "operation:x", "after": -1}', 422, "input_invalid"),
        ('{"type": "subscribe", "channel": "operation:x", "after": "1"}', 422, "input_invalid"),
        ('{"type": "subscribe", "channel": "operation:x", "after": 1e400}', 400, "bad_request"),
        ('{"type": "subscribe", "channel": "operation:x", "after": 1' + "0" * 90 + "}", 422, "input_invalid"),
        ('{"type": "subscribe", "channel": "nix"}', 404, "channel_unknown"),
        ('{"type": "unsubscribe", "channel": "nix"}', 404, "channel_unknown"),
        ('{"type": "subscribe", "channel": "operation:"}', 404, "not_found"),
        ('{"type": "subscribe", "channel": "operation:agentkit.keys"}', 404, "not_found"),
        ('{"type": "subscribe", "channel": "' + "x" * 321 + '"}', 422, "input_invalid"),
    ],
)
def test_what_cannot_be_understood_is_answered_and_the_socket_stays_open(
    shop: Site, text: str, status: int, code: str
) -> None:
    with socket(shop) as talk:
        talk.send_text(text)
        wrong(talk.receive_json(), status, code)
        assert said(talk, type="unsubscribe", channel="operations")["type"] == "unsubscribed"


def test_a_problem_says_where_the_mistake_is_and_repeats_nothing(shop: Site) -> None:
    with socket(shop) as talk:
        found = wrong(said(talk, type="subscribe", channel="operations", after="s3cret"), 422, "input_invalid")
        assert [part["pointer"] for part in found["errors"]] == ["/after"]
        assert found["detail"].startswith("/after: ")
        assert "s3cret" not in str(found)


def test_a_channel_is_told_once(shop: Site) -> None:
    operation = shop.start("ask")
    with socket(shop) as talk:
        said(talk, type="subscribe", channel=f"operation:{operation}")
        until(talk, "event")
        until(talk, "event")
        wrong(said(talk, type="subscribe", channel=f"operation:{operation}"), 409, "subscribed_already")


def test_p21_frames_that_are_no_text_or_too_large_end_the_socket(shop: Site) -> None:
    with socket(shop) as talk:
        talk.send_bytes(b'{"type": "unsubscribe", "channel": "operations"}')
        closed(talk, 1003)
    with socket(shop) as talk:
        talk.send_text("x" * 65_537)
        closed(talk, 1009)


def test_p21_who_says_too_much_is_left() -> None:
    with site(messages_per_second=1) as place:
        with socket(place) as talk:
            for _ in range(10):
                assert said(talk, type="unsubscribe", channel="operations")["type"] == "unsubscribed"
            wrong(said(talk, type="unsubscribe", channel="operations"), 429, "too_many_requests")
            closed(talk, 1008)
        with socket(place):
            pass


def test_p29_channels_and_sockets_are_bounded_and_given_back() -> None:
    with site(channels_per_socket=2, streams_per_caller=2) as place:
        one, two, three = (place.start("ask") for _ in range(3))
        with socket(place) as talk, socket(place):
            talk.send_json({"type": "subscribe", "channel": f"operation:{one}"})
            talk.send_json({"type": "subscribe", "channel": f"operation:{two}"})
            talk.send_json({"type": "subscribe", "channel": f"operation:{three}"})
            wrong(until(talk, "error")[-1], 429, "too_many_requests")
            talk.send_json({"type": "unsubscribe", "channel": f"operation:{one}"})
            until(talk, "unsubscribed")
            talk.send_json({"type": "subscribe", "channel": f"operation:{three}"})
            until(talk, "subscribed")
            # Sockets and streams are counted together.
            refused(place, 429, "too_many_requests", place.ada)
            path, headers = f"/v1/operations/{one}/events", {**place.ada, "Accept": "text/event-stream"}
            problem(place.client.get(path, headers=headers), 429, "too_many_requests")
            with socket(place, place.bob):
                pass
        with socket(place), socket(place):
            pass
        # Who has not said who they are is counted by their address.
        with dialled(place, EVENTS), dialled(place, EVENTS):
            refused(place, 429, "too_many_requests", {})


def test_p21_a_socket_counts_as_a_request() -> None:
    with site(rate=2) as place:
        headers = place.ada
        with socket(place, headers), socket(place, headers):
            refused(place, 429, "too_many_requests", headers)
        for _ in range(2):
            refused(place, 401, "unauthenticated", {"X-API-Key": "nix"})
        refused(place, 429, "too_many_requests", {"X-API-Key": "nix"})
        refused(place, 429, "too_many_requests", {})


def test_p25_a_bug_ends_one_socket_and_says_nothing_of_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with site() as place, socket(place) as talk, socket(place, place.bob) as other:

        def broken(*_: object) -> None:
            raise RuntimeError("s3cret")

        monkeypatch.setattr("agentkit.interfaces.rest.sockets.Channels.unsubscribe", broken)
        told = said(talk, type="unsubscribe", channel="operations")
        assert "s3cret" not in str(wrong(told, 500, "error"))
        closed(talk, 1011)
        assert "s3cret" in caplog.text
        assert said(other, type="subscribe", channel="operations")["type"] == "subscribed"

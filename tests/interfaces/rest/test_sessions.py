"""Sessions of browsers: begun with a key, ended in time, and of no use to other pages."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer
from pydantic import SecretStr
from starlette.testclient import TestClient

from agentkit.errors import DefinitionError
from agentkit.interfaces.rest import create_app
from agentkit.interfaces.rest.browsing import BrowserSessions
from agentkit.orchestrator import Orchestrator
from agentkit.service import Service, Settings
from tests.interfaces.rest.site import AGENTS, FLOWS, Headers, Site, problem, site, told

HERE = {"Origin": "http://localhost"}
COOKIE = "agentkit_session"
STREAM = "text/event-stream"


@pytest.fixture
def own() -> Iterator[Site]:
    """A server for one test."""
    with site() as open_site:
        yield open_site


def begun(place: Site, by: Headers, *, origin: Headers | None = None) -> dict[str, Any]:
    """Begin a session; the client keeps the cookie, as a browser does. What the page is told."""
    response = place.client.post("/v1/session", headers={**by, **(HERE if origin is None else origin)})
    assert response.status_code == 201, response.text
    return dict(response.json())


def test_a_session_opens_what_its_key_opens_and_ends(own: Site) -> None:
    page = begun(own, own.ada)
    assert (page["caller"], page["tenant"], page["scopes"]) == ("ada", "acme", ["approve", "read", "run"])
    assert own.client.get("/v1/operations").status_code == 200
    assert own.client.get("/v1/session").json() == page

    changes = {**HERE, "X-CSRF-Token": page["csrf_token"]}
    started = own.client.post("/v1/operations", json={"workflow": "ask"}, headers=changes)
    assert (started.status_code, started.json()["requester"]) == (202, "ada")
    cookie = own.client.cookies[COOKIE]
    ended = own.client.delete("/v1/session", headers=changes)

    assert (ended.status_code, ended.content, dict(own.client.cookies)) == (204, b"", {})
    # Whoever has kept the cookie has nothing in hand.
    problem(own.client.get("/v1/operations", headers={"Cookie": f"{COOKIE}={cookie}"}), 401, "unauthenticated")


def test_no_page_can_read_the_cookie_and_no_other_server_is_sent_it(own: Site) -> None:
    plain = own.client.post("/v1/session", headers={**own.ada, **HERE}).headers["set-cookie"]
    # A proxy in front speaks https with the browser, and the browser says so.
    own.client.cookies.clear()
    https = {**own.ada, "Origin": "https://localhost"}
    secure = own.client.post("/v1/session", headers=https).headers["set-cookie"]

    assert plain.startswith(f"{COOKIE}=")
    assert secure.startswith(f"__Host-{COOKIE}=")
    for words in (plain, secure):
        assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=28800"} <= set(words.split("; "))
    assert ("Secure" in plain, "Secure" in secure) == (False, True)
    assert own.ada["Authorization"].split("_")[-1] not in plain


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        (HERE, "CSRF"),
        ({"X-CSRF-Token": "TOKEN"}, "origin"),
        ({**HERE, "X-CSRF-Token": ""}, "CSRF"),
        ({**HERE, "X-CSRF-Token": "wrong"}, "CSRF"),
        ({**HERE, "X-CSRF-Token": "OTHER"}, "CSRF"),
        ({"Origin": "http://evil.test", "X-CSRF-Token": "TOKEN"}, "origin"),
        ({"Origin": "http://localhost:8080", "X-CSRF-Token": "TOKEN"}, "origin"),
        ({"Origin": "http://localhost.evil.test", "X-CSRF-Token": "TOKEN"}, "origin"),
        ({"Origin": "null", "X-CSRF-Token": "TOKEN"}, "origin"),
    ],
)
def test_p22_with_a_cookie_only_our_own_pages_change_something(own: Site, headers: Headers, told: str) -> None:
    other = begun(own, own.bob)
    page = begun(own, own.ada)
    operation = own.start("ask", by=own.ada)
    tokens = {"TOKEN": page["csrf_token"], "OTHER": other["csrf_token"]}
    said = {name: tokens.get(value, value) for name, value in headers.items()}

    for method, path in (
        ("POST", f"/v1/operations/{operation}/retry"),
        ("DELETE", f"/v1/operations/{operation}"),
        ("DELETE", "/v1/session"),
    ):
        assert told in problem(own.client.request(method, path, headers=said), 403, "not_allowed")["detail"]
    assert own.client.get("/v1/session").json() == page


def test_p22_a_page_of_an_origin_that_is_named_may_ask() -> None:
    with site(cors_origins=("https://pages.test",)) as place:
        page = begun(place, place.ada)
        said = {"Origin": "https://pages.test", "X-CSRF-Token": page["csrf_token"]}
        answer = place.client.post("/v1/operations", json={"workflow": "ask"}, headers=said)

    assert answer.status_code == 202
    # A browser hides such an answer from the page, and never stores or sends the cookie for it.
    assert "access-control-allow-credentials" not in answer.headers


def test_p22_a_star_names_nobody_where_there_are_cookies() -> None:
    with site(cors_origins=("*",)) as place:
        page = begun(place, place.ada)
        said = {"Origin": "https://pages.test", "X-CSRF-Token": page["csrf_token"]}
        problem(place.client.post("/v1/operations", json={"workflow": "ask"}, headers=said), 403, "not_allowed")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_p22_a_page_elsewhere_changes_nothing_on_a_server_without_keys(headers: Headers) -> None:
    with site(authentication="none", address="127.0.0.1") as place:
        operation = place.start("ask", by={"X": "y"})
        retry = f"/v1/operations/{operation}/retry"
        problem(place.client.post(retry, headers=headers), 403, "not_allowed")
        problem(place.client.delete(f"/v1/operations/{operation}", headers=headers), 403, "not_allowed")
        for own in ({}, HERE, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
            assert place.client.post(retry, headers=own).status_code == 202


def test_p22_a_name_that_leads_to_this_machine_is_none_of_its_own() -> None:
    with site(authentication="none", address="127.0.0.1", trusted_hosts=("*",)) as place:
        rebound = {"Host": "evil.test", "Origin": "http://evil.test"}
        body = {"workflow": "ask"}
        problem(place.client.post("/v1/operations", json=body, headers=rebound), 403, "not_allowed")


def test_a_session_ends_by_itself() -> None:
    with site(session_seconds=0.3) as place:
        begun(place, place.ada)
        assert place.client.get("/v1/session").status_code == 200
        cookie = place.client.cookies.get(COOKIE) or ""
        time.sleep(0.35)
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        problem(place.client.get("/v1/operations", headers=headers), 401, "unauthenticated")


def test_p19_a_session_ends_with_its_key(own: Site) -> None:
    begun(own, own.ada)
    portal = own.client.portal
    assert portal is not None
    key_id = own.ada["Authorization"].split("_")[1]
    portal.call(own.door.keys.revoke, key_id)

    problem(own.client.get("/v1/operations"), 401, "unauthenticated")


def test_p19_a_stream_ends_with_its_session_or_key() -> None:
    with site(recheck_seconds=0.1) as place:
        page = begun(place, place.ada)
        operation = place.start("ask", by=place.ada)
        portal = place.client.portal
        assert portal is not None
        with place.client.stream("GET", f"/v1/operations/{operation}/events", headers={"Accept": STREAM}) as stream:
            events = told(stream.iter_lines())
            first = next(events)
            changes = {**HERE, "X-CSRF-Token": page["csrf_token"]}
            assert place.client.delete("/v1/session", headers=changes).status_code == 204
            last = list(events)[-1]

    assert (first.event, last.event) == ("operation.accepted", "error")
    assert '"code": "unauthenticated"' in last.data


def test_only_a_key_begins_a_session(own: Site) -> None:
    page = begun(own, own.ada)
    changes = {**HERE, "X-CSRF-Token": page["csrf_token"]}

    problem(own.client.post("/v1/session", headers=changes), 403, "not_allowed")
    own.client.cookies.clear()
    problem(own.client.post("/v1/session", headers=HERE), 401, "unauthenticated")
    problem(own.client.post("/v1/session", headers={**own.ada, "Origin": "http://evil.test"}), 403, "not_allowed")
    with site(authentication="none", address="127.0.0.1") as open_place:
        problem(open_place.client.post("/v1/session"), 403, "not_allowed")
        assert open_place.client.get("/v1/session").json()["caller"] == "local"


def test_with_a_key_beside_it_the_cookie_does_not_count(own: Site) -> None:
    begun(own, own.ada)

    shown = own.client.get("/v1/session", headers=own.bob).json()
    assert (shown["caller"], shown["csrf_token"]) == ("bob", None)
    assert own.client.post("/v1/operations", json={"workflow": "ask"}, headers=own.bob).status_code == 202


@pytest.mark.parametrize("secret", ["x" * 40, "agentkit.session", ""])
def test_a_cookie_that_was_not_signed_here_opens_nothing(own: Site, secret: str) -> None:
    key_id = own.ada["Authorization"].split("_")[1]
    payload = ["s1", key_id, 4e9]
    forged = [URLSafeSerializer(secret, salt="agentkit.session").dumps(payload)]
    begun(own, own.ada)
    real = own.client.cookies.get(COOKIE) or ""
    own.client.cookies.clear()
    forged += [real[:-1], real + "x", real.partition(".")[0], "." + real.partition(".")[2], "x", "." * 5_000, "é"]

    for cookie in forged:
        headers = {b"Cookie": f"{COOKIE}={cookie}".encode("latin-1")}
        problem(own.client.get("/v1/operations", headers=headers), 401, "unauthenticated")


def test_what_is_signed_but_no_session_opens_nothing() -> None:
    secret = "s" * 40
    with site(session_secret=secret) as place:
        writer = place.door.sessions._writer
        values: list[object] = [[], {}, "x", 1, ["a", "b"], ["a", "b", "c"], ["a", "b", float("nan")], ["a", 1, 4e9]]
        for value in values:
            headers = {"Cookie": f"{COOKIE}={writer.dumps(value)}"}
            problem(place.client.get("/v1/operations", headers=headers), 401, "unauthenticated")


def test_processes_with_the_same_secret_and_store_know_each_others_sessions(tmp_path: Any) -> None:
    store, settings = f"sqlite:///{tmp_path}/runs.db", Settings(session_secret=SecretStr("s" * 40))

    def app() -> Any:
        return create_app(Service(Orchestrator(AGENTS, store=store), FLOWS), settings=settings)

    with TestClient(app(), base_url="http://localhost") as first, TestClient(app(), base_url="http://localhost") as two:
        one, other = Site(first, first.app), Site(two, two.app)  # type: ignore[arg-type]  # it is the application
        page = begun(one, one.ada)
        kept = {"Cookie": f"{COOKIE}={first.cookies[COOKIE]}"}
        assert two.get("/v1/session", headers=kept).json() == page
        first.delete("/v1/session", headers={**HERE, "X-CSRF-Token": page["csrf_token"]})
        other.door.ended_sessions._read_at = None  # as ten seconds later
        problem(two.get("/v1/session", headers=kept), 401, "unauthenticated")


def test_a_secret_has_to_be_one() -> None:
    with pytest.raises(DefinitionError, match="session_secret"):
        BrowserSessions(Settings(session_secret=SecretStr("short")))
    one, other = BrowserSessions(Settings()), BrowserSessions(Settings())
    # Without one, each process has its own.
    assert one._writer.dumps([1]) != other._writer.dumps([1])

"""Two tenants on one server: whatever one asks, on whichever route, nothing of the other's shows or changes.

One of them makes things that all bear one word; the other one asks for them, in every way that there is.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import WebSocketDenialResponse

from agentkit import Learner
from agentkit.agents import Outcome
from tests.interfaces.rest.every_route import NEEDS, ROUTES, ask
from tests.interfaces.rest.receiver import SECRET, receiving
from tests.interfaces.rest.site import Headers, Site, problem, site

MARK = "zebrafish"
"""What is in all that belongs to the first tenant, their name too; the name of the other one is its beginning."""

PASSING = ("ratelimit", "ratelimit-policy")
LISTS = [
    route
    for route in ROUTES
    if route[0] == "GET" and "{" not in route[1] and NEEDS[route] in ("read", "admin", "a key")
]
OF_A_THING = [route for route in ROUTES if "{" in route[1] and not route[1].startswith("/v1/workflows/{name}")]
BODIES: dict[str, Any] = {
    "approvals": {"stage": "pay", "approve": True, "form": {"amount": "5.00"}},
    "settle": {"stage": "pay", "decision": "redo"},
    "signals": {"name": "answer", "value": 5},
    "rerun": {"at": "pay"},
    "rollback": {"to": f"{MARK}-arm"},
    "release": {},
    "switch": {"on": False},
}
INTERNAL = ("agentkit.keys", "agentkit.schedules")
"""Shared contexts of the service's own, which lie in the same store."""


@dataclass(frozen=True)
class Things:
    """What the first tenant has, by id.

    Attributes:
        operations: Operations: completed, open, waiting for an approval, failed.
        webhook: An announcement.
        key: A key.
        cursor: A place in their list.
        seen: What the other tenant saw before they were made, and what afterwards.
    """

    operations: tuple[str, ...]
    webhook: str
    key: str
    cursor: str
    seen: tuple[dict[str, Any], dict[str, Any]]

    @property
    def words(self) -> set[str]:
        """What may stand in no answer to anybody else."""
        return {MARK, *self.operations, self.webhook, self.key}


@pytest.fixture(scope="module")
def house() -> Iterator[Site]:
    """A server that does all that there is to do."""
    hooks: dict[str, Any] = {"webhook_secrets": (SecretStr(SECRET),), "webhook_hosts": ("127.0.0.1",)}
    modules = {"shop.agents": ["greet"]}
    with site(rate=100_000, direct=("greet",), modules=modules, **hooks) as open_site:
        yield open_site


def learn(house: Site) -> None:
    """Have the first tenant learn something."""
    learner = Learner(house.door.service.orchestrator.store, arms=[f"{MARK}-arm", "draft"], name=MARK, tenant=MARK)

    async def work() -> None:
        for arm, success in (("draft", False), (f"{MARK}-arm", True)):
            for n in range(20):
                await learner.record(arm, Outcome(success=success), key=f"{arm}{n}")
        await learner.rollback(by=MARK, to="draft")

    assert house.client.portal is not None
    house.client.portal.call(work)


def owner(house: Site) -> Headers:
    """Somebody who may do all, of the first tenant."""
    return house.caller(f"{MARK}-owner", tenant=MARK, scopes={"admin"}, roles={"finance"})


def other(house: Site) -> Headers:
    """Somebody who may do all, of another one."""
    return house.caller("other", tenant=MARK[:5], scopes={"admin"}, roles={"finance"})


def lists(house: Site, by: Headers) -> dict[str, Any]:
    """All that they see without naming anything."""
    found = {path: ask(house, method, path, by, "").json() for method, path in LISTS}
    found["/api/system/status"].pop("uptime_seconds")
    # They are of the time until now, and that is later each time.
    figures = found["/v1/figures"]
    del figures["at"], figures["current"]["since"], figures["current"]["until"]
    del figures["previous"]["since"], figures["previous"]["until"]
    return found


def pages(house: Site, by: Headers, things: Things) -> dict[str, Any]:
    """What they see of these things, and all that happened to them."""
    asked = [f"/v1/operations/{one}/events" for one in things.operations]
    asked += [f"/v1/schedules/{MARK}", f"/v1/webhooks/{things.webhook}", "/v1/keys"]
    asked += [f"/v1/learners/{MARK}", f"/v1/learners/{MARK}/changes"]
    return {path: house.client.get(path, headers=by).json() for path in asked}


@pytest.fixture(scope="module")
def things(house: Site) -> Things:
    """One of everything, made by the first tenant; the other one has something, too, and looks before and after."""
    own = other(house)
    house.ended(house.start("greet", {"name": "Olga"}, by=own), by=own)
    before = lists(house, own)
    client, by = house.client, owner(house)
    marked = {"input": {"name": MARK}, "metadata": {MARK: MARK}}
    with receiving() as receiver:
        operations = list[str]()
        for workflow in ("greet", "ask", "pay", "broken"):
            more = {"callback_url": f"{receiver.url}{MARK}"} if workflow == "greet" else {}
            body = {"workflow": workflow, **marked, **more}
            started = client.post("/v1/operations", json=body, headers={**by, "Idempotency-Key": f"{MARK}-{workflow}"})
            assert started.status_code == 202, started.text
            operations.append(started.json()["id"])
        for ended in (operations[0], operations[3]):
            house.ended(ended, by=by)
        receiver.heard()
        while (hooks := client.get("/v1/webhooks", headers=by).json()["items"])[0]["status"] != "delivered":
            pass
    schedule = {"name": MARK, "workflow": "greet", "input": {"name": MARK}, "every": 90 * 86_400}
    assert client.post("/v1/schedules", json=schedule, headers=by).status_code == 201
    learn(house)
    key = client.post("/v1/keys", json={"name": f"{MARK}-key"}, headers={**by, "Idempotency-Key": MARK}).json()
    while not client.get(f"/v1/operations/{operations[2]}/approvals", headers=by).json()["items"]:
        pass
    begun = client.post("/v1/session", headers={**by, "Origin": "http://localhost"})
    client.cookies.clear()
    assert begun.json()["caller"] == f"{MARK}-owner"
    cursor = client.get("/v1/operations?limit=1", headers=by).json()["next_cursor"]
    return Things(tuple(operations), hooks[0]["id"], key["id"], cursor, (before, lists(house, other(house))))


def clean(text: str, things: Things) -> None:
    """Make sure that nothing of the first tenant's is in a text."""
    assert [word for word in things.words if word in text] == []


def bodies(method: str, path: str) -> Any:
    return BODIES.get(path.rpartition("/")[2]) if method == "POST" else None


def test_p20_nothing_that_another_tenant_makes_changes_what_one_sees(house: Site, things: Things) -> None:
    before, after = things.seen

    assert after == before
    clean(json.dumps(after), things)
    assert all(word in json.dumps(pages(house, owner(house), things)) for word in things.words)


@pytest.mark.parametrize(("method", "path"), OF_A_THING)
def test_p20_whatever_is_asked_of_anothers_thing_is_answered_as_if_it_were_not_there(
    house: Site, things: Things, method: str, path: str
) -> None:
    before, asked = pages(house, owner(house), things), bodies(method, path)
    theirs = (things.webhook,) if "webhook_id" in path else (things.key,) if "key_id" in path else things.operations
    # An announcement is an operation itself.
    accept = "text/event-stream" if path.endswith("/events") else "application/json"
    headers = {**other(house), "X-Request-ID": "same", "Accept": accept}
    for thing in {*theirs, things.webhook}:
        absent, unnamed = "1" * len(thing), "x" * len(MARK)
        foreign = ask(house, method, path, headers, thing, name=MARK, body=asked)
        missing = ask(house, method, path, headers, absent, name=unnamed, body=asked)

        assert foreign.status_code == missing.status_code == 404
        said = missing.text.replace(absent, thing).replace(unnamed, MARK)
        assert foreign.text == said
        assert {name: value for name, value in foreign.headers.items() if name not in PASSING} == {
            name: value for name, value in missing.headers.items() if name not in PASSING
        }
    assert pages(house, owner(house), things) == before


def test_p20_nothing_of_ones_own_can_be_laid_beside_anothers(house: Site, things: Things) -> None:
    headers = {**other(house), "X-Request-ID": "same"}
    own = house.start("greet", {"name": "Olga"}, by=other(house))
    theirs = things.operations[0]
    absent = "1" * len(theirs)
    foreign, missing = (
        house.client.get(f"/v1/operations/{own}/comparison/{one}", headers=headers) for one in (theirs, absent)
    )

    problem(foreign, 404, "not_found")
    assert foreign.text.replace(theirs, "ID") == missing.text.replace(absent, "ID")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/schedules/own?tenant=NAME", None),
        ("POST", "/v1/schedules/own/pause?tenant=NAME", None),
        ("POST", "/v1/schedules/own/resume?tenant=NAME", None),
        ("DELETE", "/v1/schedules/own?tenant=NAME", None),
        ("POST", "/v1/schedules", {"name": "own", "workflow": "ask", "every": 86_400, "tenant": "NAME"}),
        ("POST", "/v1/keys", {"name": "own", "tenant": "NAME"}),
        ("GET", "/v1/webhooks/secret?tenant=NAME", None),
        ("GET", "/v1/learners/own?tenant=NAME", None),
        ("GET", "/v1/learners/own/changes?tenant=NAME", None),
        ("POST", "/v1/learners/own/rollback?tenant=NAME", {}),
        ("POST", "/v1/learners/own/release?tenant=NAME", {}),
        ("POST", "/v1/learners/own/switch?tenant=NAME", {"on": False}),
    ],
)
def test_p20_a_tenant_that_there_is_may_be_named_as_little_as_one_that_is_not(
    house: Site, things: Things, method: str, path: str, body: dict[str, Any] | None
) -> None:
    before, headers = pages(house, owner(house), things), {**other(house), "X-Request-ID": "same"}
    foreign, missing = (
        house.client.request(
            method,
            path.replace("NAME", name),
            json=None if body is None else {**body, **({} if "tenant=" in path else {"tenant": name})},
            headers=headers,
        )
        for name in (MARK, "nobody")
    )

    problem(foreign, 403, "not_allowed")
    assert foreign.text == missing.text
    assert pages(house, owner(house), things) == before


def test_p20_a_place_in_anothers_list_shows_nothing_of_it(house: Site, things: Things) -> None:
    for path in ("/v1/operations", "/v2/admin/operations", "/v1/webhooks"):
        page = house.client.get(f"{path}?cursor={things.cursor}&limit=200", headers=other(house))
        assert page.status_code == 200
        clean(page.text, things)


def test_p20_anothers_idempotency_keys_are_free(house: Site, things: Things) -> None:
    headers = other(house)
    body = {"workflow": "greet", "input": {"name": "Olga"}}
    started = house.client.post("/v1/operations", json=body, headers={**headers, "Idempotency-Key": f"{MARK}-greet"})
    key = house.client.post("/v1/keys", json={"name": "olga"}, headers={**headers, "Idempotency-Key": MARK})
    schedule = {"name": MARK, "workflow": "ask", "every": 86_400}
    named = house.client.post("/v1/schedules", json=schedule, headers=headers)
    removed = house.client.delete(f"/v1/schedules/{MARK}", headers=headers)

    assert (started.status_code, key.status_code, named.status_code, removed.status_code) == (202, 201, 201, 200)
    assert started.json()["id"] not in things.operations
    assert house.client.get(f"/v1/schedules/{MARK}", headers=owner(house)).json()["workflow"] == "greet"
    house.client.delete(f"/v1/keys/{key.json()['id']}", headers=headers)


@pytest.mark.parametrize("name", INTERNAL)
def test_p20_what_the_service_keeps_for_itself_is_no_operation_of_anybody(
    house: Site, things: Things, name: str
) -> None:
    for headers in (other(house), house.admin):
        for method, path in OF_A_THING:
            if "{operation_id}" in path:
                found = ask(house, method, path, headers, name, body=bodies(method, path))
                problem(found, 404, "not_found")
                clean(found.text, things)


def test_p20_a_socket_tells_nothing_of_anothers(house: Site, things: Things) -> None:
    headers = other(house)
    with house.client.websocket_connect("ws://localhost/ws/v1/events", headers=headers) as talk:
        assert talk.receive_json()["type"] == "authenticated"
        refused: list[str] = []
        theirs = things.operations[0]
        for one in (theirs, "1" * len(theirs)):
            talk.send_json({"type": "subscribe", "channel": f"operation:{one}"})
            told = talk.receive_json()
            assert told["type"] == "error"
            refused.append(json.dumps({**told, "problem": {**told["problem"], "instance": ""}}).replace(one, "ID"))
        assert refused[0] == refused[1]

        talk.send_json({"type": "subscribe", "channel": "operations"})
        assert talk.receive_json()["type"] == "subscribed"
        house.ended(house.start("greet", {"name": MARK}, by=owner(house)), by=owner(house))
        own = house.start("greet", {"name": "Olga"}, by=headers)
        heard: list[Any] = [talk.receive_json()]
        while heard[-1]["operation"]["status"] != "completed":
            heard.append(talk.receive_json())

    assert {one["operation"]["id"] for one in heard} == {own}
    clean(json.dumps(heard), things)


def test_p20_the_progress_of_anothers_operation_is_refused_as_of_none(house: Site, things: Things) -> None:
    told: list[str] = []
    for one in (things.operations[1], "1" * len(things.operations[1])):
        headers = {**other(house), "X-Request-ID": "same"}
        with (
            pytest.raises(WebSocketDenialResponse) as denial,
            house.client.websocket_connect(f"ws://localhost/ws/progress/{one}", headers=headers),
        ):
            pass
        problem(denial.value, 404, "not_found")
        told.append(denial.value.text.replace(one, "ID"))

    assert told[0] == told[1]

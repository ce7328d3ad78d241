"""The routes of schedules, webhooks and keys: what they answer, and that two tenants are kept apart."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from agentkit.service import Settings
from tests.interfaces.rest.receiver import SECRET, Receiver, receiving
from tests.interfaces.rest.site import Headers, Site, problem, site

SEASON = 90 * 86_400
SETTINGS: dict[str, Any] = {"webhook_secrets": (SecretStr(SECRET),), "webhook_hosts": ("127.0.0.1",)}


@pytest.fixture(scope="module")
def house() -> Iterator[Site]:
    """A server that announces ends."""
    with site(rate=100_000, **SETTINGS) as open_site:
        yield open_site


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as open_receiver:
        yield open_receiver


def amy(house: Site) -> Headers:
    """An admin of the tenant acme."""
    return house.caller("amy", tenant="acme", scopes={"admin"})


def scheduled(house: Site, name: str, by: Headers, **more: Any) -> Any:
    body = {"name": name, "workflow": "greet", "input": {"name": "Ada"}, "every": SEASON, **more}
    return house.client.post("/v1/schedules", json=body, headers=by)


def announced(house: Site, receiver: Receiver) -> tuple[str, str]:
    """An operation that ended, and its announcement, which was taken."""
    before = len(receiver.told)
    body = {"workflow": "greet", "input": {"name": "Ada"}, "callback_url": receiver.url}
    operation_id = house.client.post("/v1/operations", json=body, headers=house.ada).json()["id"]
    receiver.heard(before + 1)
    while True:
        items = house.client.get("/v1/webhooks", headers=house.ada).json()["items"]
        (line,) = [one for one in items if one["operation"] == operation_id]
        if line["status"] == "delivered":
            return operation_id, line["id"]


def test_post_schedules_says_where_it_is_and_is_there_once(house: Site) -> None:
    first, again = scheduled(house, "monthly", amy(house)), scheduled(house, "monthly", amy(house))
    page = first.json()

    assert (first.status_code, first.headers["location"]) == (201, "/v1/schedules/monthly")
    assert (page["tenant"], page["requester"], page["every"]) == ("acme", "amy", SEASON)
    assert (again.status_code, again.json()) == (201, page)
    other = scheduled(house, "monthly", amy(house), every=SEASON + 1)
    assert "already" in problem(other, 422, "input_invalid")["detail"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"every": None}, "say one"),
        ({"cron": "0 6 * * *"}, "say one"),
        ({"every": None, "cron": "99 * * * *"}, "Bad minute"),
        ({"zone": "Mars"}, "no time zone"),
        ({"name": "a b"}, "name"),
        ({"every": 0}, "/every"),
        ({"missed": "some"}, "/missed"),
        ({"tenant": "agentkit.mine"}, "agentkit's own"),
    ],
    ids=str,
)
def test_a_schedule_that_is_none_is_refused(house: Site, wrong: dict[str, Any], said: str) -> None:
    body = {"name": "wrong", "workflow": "greet", "every": SEASON, **wrong}
    response = house.client.post("/v1/schedules", json=body, headers=house.admin)

    assert said in problem(response, 422, "input_invalid")["detail"]
    assert house.client.get("/v1/schedules/wrong", headers=house.admin).status_code == 404


def test_a_schedule_of_a_workflow_that_is_not_offered_is_refused(house: Site) -> None:
    problem(scheduled(house, "nothing", amy(house), workflow="nothing"), 404, "not_found")


def test_get_schedules_and_one_of_them(house: Site) -> None:
    scheduled(house, "listed", amy(house))
    listed = house.client.get("/v1/schedules", headers=house.ada).json()["items"]
    shown = house.client.get("/v1/schedules/listed", headers=house.ada).json()

    assert shown in listed
    assert (shown["workflow"], shown["paused"], shown["problem"]) == ("greet", False, "")


def test_post_pause_and_resume_and_delete_schedule(house: Site) -> None:
    scheduled(house, "short", amy(house))
    path = "/v1/schedules/short"
    paused = house.client.post(f"{path}/pause", headers=amy(house)).json()
    resumed = house.client.post(f"{path}/resume?tenant=acme", headers=house.admin).json()
    gone = house.client.delete(path, headers=amy(house))

    assert (paused["paused"], paused["due_at"]) == (True, None)
    assert not resumed["paused"]
    assert (gone.status_code, gone.json()["name"]) == (200, "short")
    problem(house.client.delete(path, headers=amy(house)), 404, "not_found")


def test_p20_what_is_missing_names_the_schedules_of_one_tenant_only(house: Site) -> None:
    scheduled(house, "hidden", amy(house))
    for by in (house.eve, house.admin):
        assert "hidden" not in house.client.get("/v1/schedules/none", headers=by).json()["detail"]
    assert "hidden" in house.client.get("/v1/schedules/none", headers=house.ada).json()["detail"]


def test_get_webhooks_and_one_of_them(house: Site, receiver: Receiver) -> None:
    operation_id, webhook_id = announced(house, receiver)
    announced(house, receiver)
    first = house.client.get("/v1/webhooks?limit=1", headers=house.ada)
    link = first.headers["link"]
    second = house.client.get(link[1 : link.index(">")], headers=house.ada).json()["items"]
    shown = house.client.get(f"/v1/webhooks/{webhook_id}", headers=house.ada).json()

    assert link.startswith("</v1/webhooks?limit=1&cursor=")
    assert [one["operation"] for one in second] == [operation_id]
    assert (shown["url"], shown["status"]) == (receiver.url, "delivered")
    assert house.client.get("/v1/webhooks?dead=true", headers=house.ada).json()["items"] == []
    problem(house.client.get("/v1/webhooks?cursor=nix", headers=house.ada), 422, "input_invalid")


def test_post_replay_sends_once_more_what_was_never_taken(house: Site, receiver: Receiver) -> None:
    receiver.answers.append(410)
    before = len(receiver.told)
    body = {"workflow": "greet", "input": {"name": "Ada"}, "callback_url": receiver.url}
    operation_id = house.client.post("/v1/operations", json=body, headers=house.ada).json()["id"]
    receiver.heard(before + 1)
    while not (dead := house.client.get("/v1/webhooks?dead=true", headers=house.ada).json()["items"]):
        pass
    path = f"/v1/webhooks/{dead[0]['id']}/replay"
    replayed, again = (house.client.post(path, headers=house.ada) for _ in range(2))
    first, second = receiver.heard(before + 2)[before:]

    assert [one["operation"] for one in dead] == [operation_id]
    assert replayed.status_code == 202
    assert replayed.headers["location"] == f"/v1/webhooks/{replayed.json()['id']}"
    assert again.json()["id"] == replayed.json()["id"]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert house.client.get("/v1/webhooks?dead=true", headers=house.ada).json()["items"] == []


def test_get_webhook_secret_is_for_admins_and_verifies_what_their_tenant_is_sent(
    house: Site, receiver: Receiver
) -> None:
    operation_id, _ = announced(house, receiver)
    page = house.client.get("/v1/webhooks/secret", headers=amy(house))
    root = house.client.get("/v1/webhooks/secret?tenant=acme", headers=house.admin)

    assert receiver.told[-1].verified(page.json()["secret"])["data"]["id"] == operation_id
    assert (root.json(), page.headers["cache-control"]) == (page.json(), "no-store")
    assert house.client.get("/v1/webhooks/secret", headers=house.eve).json()["secret"] != page.json()["secret"]
    problem(house.client.get("/v1/webhooks/secret", headers=house.ada), 403, "not_allowed")


def test_a_server_without_a_secret_says_that_it_announces_nothing(shop: Site) -> None:
    found = problem(shop.client.get("/v1/webhooks/secret", headers=shop.admin), 404, "not_found")

    assert "announces nothing" in found["detail"]
    assert shop.client.get("/v1/webhooks", headers=shop.admin).json()["items"] == []


def test_post_keys_shows_a_key_once_and_delete_takes_it_away(house: Site) -> None:
    body = {"name": "olga", "scopes": ["read"], "roles": ["finance"], "seconds": 3_600}
    headers = {**amy(house), "Idempotency-Key": "olga"}
    made = house.client.post("/v1/keys", json=body, headers=headers)
    again = house.client.post("/v1/keys", json=body, headers=headers)
    olga = {"Authorization": f"Bearer {made.json()['key']}"}
    before = house.client.get("/v1/schedules", headers=olga).status_code
    listed = house.client.get("/v1/keys", headers=amy(house))
    revoked = house.client.delete(f"/v1/keys/{made.json()['id']}", headers=amy(house))

    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    assert made.json()["id"] in problem(again, 409, "too_late")["detail"]
    assert (made.json()["tenant"], made.json()["scopes"], before) == ("acme", ["read"], 200)
    assert made.json()["id"] in [line["id"] for line in listed.json()["items"]]
    assert "key" not in listed.json()["items"][0]
    assert made.json()["key"] not in listed.text
    assert (revoked.status_code, revoked.json()["active"]) == (200, False)
    problem(house.client.get("/v1/schedules", headers=olga), 401, "unauthenticated")


def test_an_admin_of_a_tenant_makes_keys_of_that_tenant_only(house: Site) -> None:
    for tenant in ("acme-corp", "nobody"):
        other = house.client.post("/v1/keys", json={"name": "x", "tenant": tenant}, headers=amy(house))
        problem(other, 403, "not_allowed")
    own = house.client.post("/v1/keys", json={"name": "x", "tenant": "acme"}, headers=amy(house))
    made = house.client.post("/v1/keys", json={"name": "x", "tenant": "acme-corp"}, headers=house.admin)

    assert (own.json()["tenant"], made.json()["tenant"]) == ("acme", "acme-corp")
    assert {line["tenant"] for line in house.client.get("/v1/keys", headers=amy(house)).json()["items"]} == {"acme"}
    assert None in {line["tenant"] for line in house.client.get("/v1/keys", headers=house.admin).json()["items"]}


@pytest.mark.parametrize("wrong", [{"name": ""}, {"scopes": ["all"]}, {"seconds": 0}, {"name": "x", "hash": "y"}])
def test_a_key_that_is_none_is_refused(house: Site, wrong: dict[str, Any]) -> None:
    problem(house.client.post("/v1/keys", json={"name": "x", **wrong}, headers=amy(house)), 422, "input_invalid")


FOREIGN = [
    ("GET", "/v1/schedules/ID"),
    ("POST", "/v1/schedules/ID/pause"),
    ("POST", "/v1/schedules/ID/resume"),
    ("DELETE", "/v1/schedules/ID"),
    ("GET", "/v1/webhooks/ID"),
    ("POST", "/v1/webhooks/ID/replay"),
    ("DELETE", "/v1/keys/ID"),
]


@pytest.mark.parametrize(("method", "path"), FOREIGN)
def test_p20_what_is_anothers_looks_like_what_is_not_there(
    house: Site, receiver: Receiver, method: str, path: str
) -> None:
    if "schedules" in path:
        scheduled(house, "theirs", amy(house))
        theirs, absent = "theirs", "absent"
    elif "webhooks" in path:
        _, theirs = announced(house, receiver)
        absent = "1" * len(theirs)
    else:
        theirs = amy(house)["Authorization"].split("_")[1]
        absent = "1" * len(theirs)
    headers = {**house.eve, "X-Request-ID": "same"}
    foreign, missing = (
        house.client.request(method, path.replace("ID", name), headers=headers) for name in (theirs, absent)
    )

    assert foreign.status_code == missing.status_code == 404
    assert foreign.text.replace(theirs, "ID") == missing.text.replace(absent, "ID")


def test_p20_another_tenant_lists_none_of_it(house: Site, receiver: Receiver) -> None:
    scheduled(house, "unlisted", amy(house))
    announced(house, receiver)
    new = house.caller("new", tenant="new", scopes={"admin"})

    assert house.client.get("/v1/schedules", headers=new).json()["items"] == []
    assert house.client.get("/v1/webhooks", headers=new).json()["items"] == []
    assert [one["name"] for one in house.client.get("/v1/keys", headers=new).json()["items"]] == ["new"]


def test_p19_no_secret_of_the_settings_is_shown() -> None:
    assert SECRET not in repr(Settings(**SETTINGS))

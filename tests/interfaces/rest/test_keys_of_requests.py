"""An `Idempotency-Key` starts nothing twice: at once, after a restart, for each tenant by itself."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from tests.interfaces.rest.site import Headers, Site, listening, problem, served

CALLERS = 50
REPLAYED = "idempotency-replayed"
BODY: dict[str, object] = {"workflow": "greet", "input": {"name": "Ada"}}


def start(url: str, key: str) -> httpx2.Response:
    return httpx2.post(f"{url}/v1/operations", json=BODY, headers={"Idempotency-Key": key}, timeout=20)


def test_p7_fifty_callers_at_once_and_one_after_a_restart_get_the_same_operation(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/runs.db"
    together = threading.Barrier(CALLERS)

    with listening(served(store)) as url, ThreadPoolExecutor(CALLERS) as pool:

        def ask(_number: int) -> httpx2.Response:
            together.wait(20)
            return start(url, "november")

        answers = list(pool.map(ask, range(CALLERS)))
        listed = httpx2.get(f"{url}/v1/operations").json()["items"]
    with listening(served(store)) as url:
        later = start(url, "november")
        other = httpx2.post(
            f"{url}/v1/operations", json={**BODY, "input": None}, headers={"Idempotency-Key": "november"}, timeout=20
        )

    assert {answer.status_code for answer in [*answers, later]} == {202}
    assert {answer.json()["id"] for answer in [*answers, later]} == {line["id"] for line in listed}
    assert len(listed) == 1
    # One of them began it, and the others are told that they did not.
    assert sorted(answer.headers.get(REPLAYED, "") for answer in answers) == ["", *["true"] * (CALLERS - 1)]
    assert later.headers[REPLAYED] == "true"
    assert REPLAYED not in other.headers
    assert other.status_code == 422


def test_p7_every_route_that_starts_something_takes_a_key(shop: Site) -> None:
    asked: dict[str, dict[str, object]] = {
        "/v1/operations": BODY,
        "/v1/agents/execute": {"agent_type": "greet", "data": {"name": "Ada"}},
        "/v2/agents/execute": {"agent_type": "greet", "data": {"name": "Bob"}},
        "/v1/tasks": {"agent_type": "greet", "data": {"name": "Cid"}},
        "/v1/workflows/execute": {"workflow": "greet", "data": {"name": "Ada"}},
        "/api/reports/generate": {"period": "2025-11"},
    }
    for path, body in asked.items():

        def send(caller: Headers, path: str = path, body: dict[str, object] = body) -> httpx2.Headers:
            return shop.client.post(path, json=body, headers={**caller, "Idempotency-Key": path}).headers

        first, second = send(shop.ada), send(shop.ada)
        assert first["location"] == second["location"], path
        assert (first.get(REPLAYED), second.get(REPLAYED)) == (None, "true"), path
    changed = {**asked["/v1/tasks"], "data": {"name": "Eve"}}
    reused = shop.client.post("/v1/tasks", json=changed, headers={**shop.ada, "Idempotency-Key": "/v1/tasks"})
    problem(reused, 422, "key_reused")


def test_p7_a_rerun_says_whether_its_key_began_it_before(shop: Site) -> None:
    path = f"/v1/operations/{shop.greeted()}/rerun"
    body = {"input": {"name": "Bob"}, "changes_input": True}
    answers = [
        shop.client.post(path, json=body, headers={**shop.ada, "Idempotency-Key": "again"}).headers for _ in range(2)
    ]

    assert answers[0]["location"] == answers[1]["location"]
    assert [one.get(REPLAYED) for one in answers] == [None, "true"]


def test_the_document_names_the_header_of_every_start(shop: Site) -> None:
    paths = shop.client.get("/openapi.json", headers=shop.ada).json()["paths"]
    starts = [
        item["post"]["responses"]["202"]["headers"]
        for path, item in paths.items()
        if "202" in item.get("post", {}).get("responses", {}) and not path.startswith("/v1/webhooks")
    ]

    assert len(starts) == 8
    assert all("Idempotency-Replayed" in headers for headers in starts)


def test_who_may_start_and_not_look_has_the_answer_again_when_they_say_it_again(shop: Site) -> None:
    bot = shop.caller("bot", tenant="acme", scopes={"run"})
    headers = {**bot, "Idempotency-Key": "said again"}
    first = shop.client.post(
        "/v1/workflows/execute", json={"workflow": "greet", "data": {"name": "Ada"}}, headers=headers
    )
    shop.ended(first.json()["operation_id"])
    again = shop.client.post(
        "/v1/workflows/execute", json={"workflow": "greet", "data": {"name": "Ada"}}, headers=headers
    )

    assert (again.status_code, again.json()["status"], again.json()["result"]) == (202, "completed", "Hello Ada")
    path = f"/v2/operations/{first.json()['operation_id']}/status"
    problem(shop.client.get(path, headers=bot), 403, "not_allowed")

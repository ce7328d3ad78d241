"""Every route, one by one by name, answers as the table says."""

import json
from xml.etree import ElementTree

import pytest

from tests.interfaces.rest.site import Site, problem

JSON = "application/json"


def test_post_operations_accepts_and_says_where(shop: Site) -> None:
    body = {"workflow": "greet", "input": {"name": "Ada"}, "metadata": {"month": "2025-11"}}
    response = shop.client.post("/v1/operations", json=body, headers=shop.ada)
    page = response.json()

    assert (response.status_code, response.headers["location"]) == (202, f"/v1/operations/{page['id']}")
    assert (page["workflow"], page["tenant"], page["requester"]) == ("greet", "acme", "ada")
    assert page["metadata"] == {"month": "2025-11"}


def test_get_operations_filters_and_pages(shop: Site) -> None:
    started = [shop.greeted() for _ in range(3)]
    first = shop.client.get("/v1/operations?workflow=greet&status=completed&limit=2", headers=shop.ada)
    link = first.headers["link"]
    second = shop.client.get(link[1 : link.index(">")], headers=shop.ada)

    assert link.endswith('; rel="next"')
    assert link.startswith("</v1/operations?workflow=greet&status=completed&limit=2&cursor=")
    assert [line["id"] for line in first.json()["items"]] == started[:0:-1]
    assert second.json()["items"][0]["id"] == started[0]
    assert {line["status"] for line in second.json()["items"]} == {"completed"}
    part = shop.client.get("/v1/operations", params={"text": started[1].upper()}, headers=shop.ada).json()
    assert [line["id"] for line in part["items"]] == started[1:2]


def test_get_operations_sorts(shop: Site) -> None:
    started = [shop.greeted() for _ in range(2)]
    newest = shop.client.get("/v1/operations?workflow=greet&limit=200", headers=shop.ada).json()["items"]
    oldest = shop.client.get("/v1/operations?workflow=greet&sort=oldest&limit=1", headers=shop.ada)
    changed = shop.client.get("/v1/operations?workflow=greet&sort=changed&limit=2", headers=shop.ada)

    assert "sort=oldest&limit=1&cursor=" in oldest.headers["link"]
    assert [line["id"] for line in oldest.json()["items"]] == [newest[-1]["id"]]
    assert [line["id"] for line in changed.json()["items"]] == started[::-1]


@pytest.mark.parametrize(
    "query",
    [
        "owner=eve",
        "limit=0",
        "limit=x",
        "text=",
        "cursor=nix",
        "sort=name",
        "waiting=tea",
        "created_after=2026-01-01T00:00:00",
    ],
)
def test_a_filter_that_is_none_is_refused(shop: Site, query: str) -> None:
    problem(shop.client.get(f"/v1/operations?{query}", headers=shop.ada), 422, "input_invalid")


def test_get_operation_is_told_again_only_if_it_changed(shop: Site) -> None:
    operation_id = shop.start("ask")
    path = f"/v1/operations/{operation_id}"
    first = shop.client.get(path, headers=shop.ada)
    same = shop.client.get(path, headers={**shop.ada, "If-None-Match": f'"x", {first.headers["etag"]}'})
    shop.client.post(f"{path}/signals", json={"name": "answer"}, headers=shop.ada)
    shop.ended(operation_id)
    changed = shop.client.get(path, headers={**shop.ada, "If-None-Match": first.headers["etag"]})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (changed.status_code, changed.json()["status"]) == (200, "completed")


def test_delete_operation_cancels(shop: Site) -> None:
    operation_id = shop.start("ask")
    response = shop.client.delete(f"/v1/operations/{operation_id}?reason=enough", headers=shop.ada)

    assert response.status_code == 200
    assert shop.ended(operation_id)["status"] == "cancelled"


def test_get_events_is_a_page(shop: Site) -> None:
    path = f"/v1/operations/{shop.greeted()}/events"
    first = shop.client.get(f"{path}?limit=2", headers=shop.ada).json()
    rest = shop.client.get(f"{path}?after={first['next_cursor']}", headers=shop.ada).json()

    assert [line["number"] for line in first["items"] + rest["items"]] == [1, 2, 3, 4]
    assert rest["next_cursor"] is None


def test_get_result(shop: Site) -> None:
    response = shop.client.get(f"/v1/operations/{shop.greeted()}/result", headers=shop.ada)

    assert (response.status_code, response.json()["output"]) == (200, "Hello Ada")


def test_a_result_that_is_not_there_yet_is_said_to_be_so(shop: Site) -> None:
    response = shop.client.get(f"/v1/operations/{shop.start('ask')}/result", headers=shop.ada)

    assert problem(response, 409, "not_ready")["retryable"]
    assert response.headers["retry-after"] == "1"


def test_a_result_that_failed_is_a_problem_of_the_operation(shop: Site) -> None:
    operation_id = shop.start("broken")
    shop.ended(operation_id)

    found = problem(shop.client.get(f"/v1/operations/{operation_id}/result", headers=shop.ada), 409, "operation_failed")
    assert "there is no ink" in found["detail"]


def test_get_artifacts_and_one_of_them(shop: Site) -> None:
    path = f"/v1/operations/{shop.greeted()}/artifacts"
    line = shop.client.get(path, headers=shop.ada).json()["items"][0]
    file = shop.client.get(f"{path}/{line['name']}", headers=shop.ada)
    same = shop.client.get(f"{path}/{line['name']}", headers={**shop.ada, "If-None-Match": file.headers["etag"]})

    assert (line["name"], line["stage"], line["size"]) == ("greeting ü.txt", "greet", 5)
    assert (file.content, file.headers["content-type"]) == (b"hello", "text/plain")
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''greeting%20%C3%BC.txt"
    assert "sandbox" in file.headers["content-security-policy"]
    assert (same.status_code, same.content) == (304, b"")
    problem(shop.client.get(f"{path}/../../etc/passwd", headers=shop.ada), 404, "not_found")
    problem(shop.client.get(f"{path}/other", headers=shop.ada), 404, "not_found")


def test_post_retry_goes_on_with_what_failed(shop: Site) -> None:
    operation_id = shop.start("broken")
    shop.ended(operation_id)
    response = shop.client.post(f"/v1/operations/{operation_id}/retry", headers=shop.ada)

    assert (response.status_code, response.json()["origin"]) == (202, operation_id)
    assert response.headers["location"] == f"/v1/operations/{response.json()['id']}"


def test_post_rerun_takes_another_input(shop: Site) -> None:
    operation_id = shop.greeted()
    body = {"input": {"name": "Bob"}, "changes_input": True}
    response = shop.client.post(f"/v1/operations/{operation_id}/rerun", json=body, headers=shop.ada)
    shop.ended(response.json()["id"])
    result = shop.client.get(f"/v1/operations/{response.json()['id']}/result", headers=shop.ada)

    assert (response.status_code, result.json()["output"]) == (202, "Hello Bob")


def test_get_comparison_puts_two_operations_side_by_side(shop: Site) -> None:
    first, second = shop.greeted(), shop.greeted()
    page = shop.client.get(f"/v1/operations/{first}/comparison/{second}", headers=shop.ada).json()

    assert (page["operations"], page["stages"][0]["status"]) == ([first, second], ["completed", "completed"])
    assert page["text"].startswith(f"{first}")
    problem(shop.client.get(f"/v1/operations/{first}/comparison/nothing", headers=shop.ada), 404, "not_found")
    problem(shop.client.get(f"/v1/operations/{first}/comparison/{second}", headers=shop.eve), 404, "not_found")


def test_get_drawing_draws_an_operation_as_it_is_asked_for(shop: Site) -> None:
    path = f"/v1/operations/{shop.greeted()}/drawing"

    assert "✓ greet" in shop.client.get(path, headers=shop.ada).json()["drawing"]
    assert "<svg" in shop.client.get(f"{path}?format=svg", headers=shop.ada).json()["drawing"]
    problem(shop.client.get(f"{path}?format=oil", headers=shop.ada), 422, "input_invalid")


def test_post_plan_says_what_a_workflow_would_do(shop: Site) -> None:
    shop.greeted()
    response = shop.client.post("/v1/workflows/greet/plan", json={"input": {"name": "Ada"}}, headers=shop.ada)

    assert (response.json()["levels"], response.json()["problems"]) == ([["greet"]], [])
    assert "nothing has run" in response.json()["text"]
    problem(shop.client.post("/v1/workflows/no/plan", json={}, headers=shop.ada), 404, "not_found")


def test_approvals_are_listed_and_decided(shop: Site) -> None:
    operation_id = shop.start("pay")
    path = f"/v1/operations/{operation_id}/approvals"
    asked = shop.client.get(path, headers=shop.bob).json()["items"]
    everywhere = shop.client.get("/v1/approvals", headers=shop.bob).json()["items"]
    own = shop.client.post(path, json={"stage": "pay", "approve": True}, headers=shop.ada)
    body = {"stage": "pay", "approve": True, "form": {"amount": "12.50"}}
    decided = shop.client.post(path, json=body, headers=shop.bob)
    shop.ended(operation_id)

    assert [(line["stage"], line["form"]) for line in asked] == [("pay", {"amount": "decimal"})]
    assert operation_id in [line["operation"] for line in everywhere]
    problem(own, 403, "not_allowed")
    assert decided.status_code == 200
    output = shop.client.get(f"/v1/operations/{operation_id}/result", headers=shop.ada).json()["output"]
    assert output == {"amount": "12.50"}


def test_post_settle_refuses_what_is_not_in_doubt(shop: Site) -> None:
    body = {"stage": "ask", "decision": "done"}
    response = shop.client.post(f"/v1/operations/{shop.start('ask')}/settle", json=body, headers=shop.ada)

    assert response.status_code in (404, 409)


@pytest.mark.parametrize(
    ("path", "is_older"), [("/v1/agents/execute", True), ("/v2/agents/execute", False), ("/v1/tasks", True)]
)
def test_one_agent_is_asked_directly(shop: Site, path: str, is_older: bool) -> None:
    body = {"agent_type": "greet", "task": "Say {hello} to %s", "data": {"name": "Bob"}, "timeout": 20}
    response = shop.client.post(path, json=body, headers=shop.ada)
    operation_id = response.json()["operation_id"]
    shop.ended(operation_id)
    status = shop.client.get(f"/v1/tasks/{operation_id}/status", headers=shop.ada)

    assert (response.status_code, response.headers["location"]) == (202, f"/v1/operations/{operation_id}")
    assert (response.headers.get("deprecation") is not None, "sunset" in response.headers) == (is_older, is_older)
    assert (status.json()["result"], status.json()["progress"]) == ("Hello Bob", 100.0)
    assert (status.json()["workflow"], status.json()["agents"]) == ("greet", ["greet"])


def test_an_agent_that_nobody_opened_is_asked_by_admins_only(shop: Site) -> None:
    body = {"agent_type": "pay"}

    problem(shop.client.post("/v2/agents/execute", json=body, headers=shop.ada), 403, "not_allowed")
    assert shop.client.post("/v2/agents/execute", json=body, headers=shop.admin).status_code == 202
    body = {"agent_type": "nobody"}
    problem(shop.client.post("/v2/agents/execute", json=body, headers=shop.admin), 404, "not_found")


def test_get_agents_capabilities(shop: Site) -> None:
    found = shop.client.get("/v1/agents/capabilities", headers=shop.ada).json()["items"]

    assert [line["name"] for line in found] == ["broken", "greet", "pay", "report", "slow"]


def test_post_agents_says_what_is_loaded_and_loads_nothing_else(shop: Site) -> None:
    known, unknown = {"module": "shop.agents"}, {"module": "os"}
    response = shop.client.post("/v1/agents", json=known, headers=shop.admin)

    assert [line["name"] for line in response.json()["agents"]] == ["greet", "pay"]
    assert (
        "--agents"
        in problem(shop.client.post("/v1/agents", json=unknown, headers=shop.admin), 403, "not_allowed")["detail"]
    )
    problem(shop.client.post("/v1/agents", json=known, headers=shop.ada), 403, "not_allowed")


def test_get_workflows_and_one_of_them(shop: Site) -> None:
    names = [line["name"] for line in shop.client.get("/v1/workflows", headers=shop.ada).json()["items"]]
    page = shop.client.get("/v1/workflows/greet", headers=shop.ada).json()

    assert names == ["ask", "broken", "crawl", "greet", "pay", "report"]
    assert (page["definition"]["name"], "greet" in page["diagram"]) == ("greet", True)
    problem(shop.client.get("/v1/workflows/nix", headers=shop.ada), 404, "not_found")


def test_post_workflows_execute_and_its_status(shop: Site) -> None:
    body = {"workflow": "greet", "input_data": {"name": "Ada"}, "priority": "high"}
    response = shop.client.post("/v1/workflows/execute", json=body, headers=shop.ada)
    operation_id = response.json()["operation_id"]
    shop.ended(operation_id)

    assert response.status_code == 202
    for path in (f"/v1/workflows/{operation_id}/status", f"/v2/operations/{operation_id}/status"):
        status = shop.client.get(path, headers=shop.ada)
        assert (status.json()["status"], status.json()["result"]) == ("completed", "Hello Ada")
        assert status.headers["link"] == '</v1/operations>; rel="successor-version"'


def test_an_admin_may_bring_a_definition(shop: Site) -> None:
    definition = {"name": "mine", "stages": [{"name": "one", "agent": "greet"}]}
    body = {"workflow_config": definition, "data": {"name": "Ada"}}
    response = shop.client.post("/v1/workflows/execute", json=body, headers=shop.admin)
    wrong = {"workflow_config": {"name": "mine", "stages": [{"name": "one", "agent": "nobody"}]}}

    assert (response.status_code, response.json()["workflow"]) == (202, "mine")
    problem(shop.client.post("/v1/workflows/execute", json=body, headers=shop.ada), 403, "not_allowed")
    problem(shop.client.post("/v1/workflows/execute", json=wrong, headers=shop.admin), 422, "input_invalid")
    problem(shop.client.post("/v1/workflows/execute", json={}, headers=shop.admin), 422, "input_invalid")


def test_delete_v2_operation_cancels(shop: Site) -> None:
    operation_id = shop.start("ask")

    assert shop.client.delete(f"/v2/operations/{operation_id}", headers=shop.ada).status_code == 200
    assert shop.ended(operation_id)["status"] == "cancelled"
    status = shop.client.get(f"/v2/operations/{operation_id}/status", headers=shop.ada).json()
    assert (status["status"], status["result"]) == ("cancelled", None)


def test_an_error_is_told_in_the_older_words_too(shop: Site) -> None:
    operation_id = shop.start("broken")
    shop.ended(operation_id)
    status = shop.client.get(f"/v1/tasks/{operation_id}/status", headers=shop.ada).json()

    assert (status["status"], "there is no ink" in status["error"]["message"]) == ("failed", True)


def test_post_reports_generate(shop: Site) -> None:
    body = {"period": "2025-11", "formats": ["pdf", "csv"], "charts": False}
    response = shop.client.post("/api/reports/generate", json=body, headers=shop.ada)
    shop.ended(response.json()["operation_id"])
    result = shop.client.get(f"/v1/operations/{response.json()['operation_id']}/result", headers=shop.ada)

    assert (response.status_code, result.json()["output"]) == (202, "2025-11 ['pdf', 'csv']")


def test_get_system_status(shop: Site) -> None:
    shop.start("ask")
    found = shop.client.get("/api/system/status", headers=shop.ada).json()

    assert (found["status"], "greet" in found["agents"], "greet" in found["workflows"]) == ("ok", True, True)
    assert found["open_operations"] >= 1


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/v1/health"])
def test_whether_it_lives_is_told_to_anybody_and_nothing_else(shop: Site, path: str) -> None:
    response = shop.client.get(path)

    assert (response.status_code, list(response.json())) == (200, ["status"])


def test_get_detailed_health(shop: Site) -> None:
    shop.greeted()
    found = shop.client.get("/v2/health/detailed", headers=shop.admin).json()

    assert (found["ok"], found["agents"], found["workflows"]) == (True, 5, 6)
    assert found["error_rate"] == 0.0
    assert found["requests"] > 0


def test_get_prometheus_metrics(shop: Site) -> None:
    shop.greeted()
    response = shop.client.get("/v2/metrics/prometheus", headers=shop.admin)

    assert response.headers["content-type"].startswith("text/plain")
    assert 'agentkit_http_requests_total{method="POST",route="/v1/operations",status="2xx"}' in response.text
    assert "agentkit_queue_depth 0.0" in response.text


def test_get_admin_operations(shop: Site) -> None:
    mine, theirs = shop.start("ask"), shop.start("ask", by=shop.eve)
    all_of_them = shop.client.get("/v2/admin/operations?limit=200", headers=shop.admin).json()["items"]
    of_eve = shop.client.get("/v2/admin/operations", headers=shop.eve).json()["items"]

    assert {mine, theirs} <= {line["id"] for line in all_of_them}
    assert {line["tenant"] for line in of_eve} == {"acme-corp"}
    problem(shop.client.get("/v2/admin/operations", headers=shop.ada), 403, "not_allowed")


def test_a_result_is_xml_for_whoever_asks_for_it(shop: Site) -> None:
    path = f"/v1/operations/{shop.greeted()}/result"
    response = shop.client.get(path, headers={**shop.ada, "Accept": "application/xml"})
    mixed = shop.client.get(path, headers={**shop.ada, "Accept": "application/xml;q=0.5, application/json"})
    tree = ElementTree.fromstring(response.text)

    assert (response.headers["content-type"].split(";")[0], tree.tag) == ("application/xml", "result")
    assert (tree.findtext("output"), tree.find("confidence").attrib) == ("Hello Ada", {"type": "number"})  # type: ignore[union-attr]  # it is there
    assert mixed.headers["content-type"] == JSON


def test_what_xml_cannot_hold_is_refused_and_not_changed(shop: Site) -> None:
    operation_id = shop.start("greet", {"name": "\x00"})
    shop.ended(operation_id)
    headers = {**shop.ada, "Accept": "application/xml"}

    problem(shop.client.get(f"/v1/operations/{operation_id}/result", headers=headers), 406, "not_acceptable")
    plain = shop.client.get(f"/v1/operations/{operation_id}/result", headers=shop.ada)
    assert plain.json()["output"] == "Hello \x00"


def test_a_method_that_is_not_there_says_which_are(shop: Site) -> None:
    response = shop.client.put("/v1/operations/x", headers=shop.ada)

    problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "DELETE, GET"


def test_a_path_that_is_not_there_is_a_problem_too(shop: Site) -> None:
    problem(shop.client.get("/v3/operations"), 404, "not_found")


def test_p7_the_same_key_starts_nothing_twice(shop: Site) -> None:
    body = {"workflow": "greet", "input": {"name": "Ada"}}
    headers = {**shop.ada, "Idempotency-Key": "november"}
    ids = {shop.client.post("/v1/operations", json=body, headers=headers).json()["id"] for _ in range(3)}
    other = shop.client.post("/v1/operations", json={**body, "input": {"name": "Bob"}}, headers=headers)
    foreign = shop.client.post("/v1/operations", json=body, headers={**shop.eve, "Idempotency-Key": "november"})

    assert len(ids) == 1
    problem(other, 422, "key_reused")
    assert foreign.json()["id"] not in ids


def test_the_id_of_a_request_is_the_callers_if_it_is_harmless(shop: Site) -> None:
    own = shop.client.get("/livez", headers={"X-Request-ID": "mine-1"})
    forged = shop.client.get("/livez", headers={"X-Request-ID": "a" * 65})

    assert own.headers["x-request-id"] == "mine-1"
    assert len(forged.headers["x-request-id"]) == 16


def test_p14_events_are_numbered_without_a_gap(shop: Site) -> None:
    operation_id = shop.greeted()
    lines = shop.client.get(f"/v1/operations/{operation_id}/events", headers=shop.ada).json()["items"]

    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["type"] for line in lines if line["type"].startswith("operation.")][-1] == "operation.completed"
    assert json.loads(json.dumps(lines)) == lines

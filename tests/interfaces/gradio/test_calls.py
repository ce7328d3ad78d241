"""The calls of the page for programs, by `gradio_client` against a real server: near and far."""

import base64
import re
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from gradio_client import Client as Caller
from gradio_client.client import Job
from gradio_client.exceptions import AppError

from tests.interfaces.gradio.world import HOSTILE, World, world

pytestmark = [
    # Of gradio and gradio_client, whose newest releases still call what pandas and httpx give up.
    pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning"),
]
CALLS = {
    "/workflows",
    "/start",
    "/operation",
    "/follow",
    "/approvals",
    "/approve",
    "/refuse",
    "/cancel",
    "/retry",
    "/result",
    "/events",
    "/files",
    "/file",
}


@pytest.fixture(scope="module", params=["near", "far"])
def site(request: pytest.FixtureRequest) -> Iterator[World]:
    with world(request.param) as made:
        yield made


@pytest.fixture(scope="module")
def caller(site: World) -> Iterator[Caller]:
    with closing(Caller(site.url, verbose=False)) as made:
        yield made


def started(caller: Caller, workflow: str, given: Any = None, **more: Any) -> str:
    return str(caller.predict(given, workflow=workflow, api_name="/start", **more)["id"])


def outputs(job: Job) -> Iterator[dict[str, Any]]:
    """What a call gives, as it comes. To go through the job itself keeps its lock nearly all of the time."""
    seen = 0
    while True:
        is_done = job.done()
        yield from (found := job.outputs()[seen:])
        seen += len(found)
        if is_done:
            job.result()
            return
        time.sleep(0.02)


def followed(caller: Caller, operation: str) -> list[dict[str, Any]]:
    return list(outputs(caller.submit(operation, api_name="/follow")))


def until(caller: Caller, operation: str, waits: str) -> dict[str, Any]:
    job = caller.submit(operation, api_name="/follow")
    found = next(page for page in outputs(job) if waits in page["waiting"])
    job.cancel()
    return found


def test_only_the_calls_for_programs_have_names(caller: Caller) -> None:
    found = caller.view_api(print_info=False, return_format="dict")
    assert set(found["named_endpoints"]) == CALLS
    assert not found["unnamed_endpoints"]


def test_a_run_is_started_followed_approved_and_gives_its_result_and_its_file(caller: Caller) -> None:
    operation = started(caller, "royalties", {"month": "2025-11"})
    assert until(caller, operation, "approval")["fraction"] == 0.5
    (asked,) = caller.predict(operation, api_name="/approvals")
    assert asked["question"] == f"Pay for 2025-11? {HOSTILE}"
    caller.predict(operation, "pay", {"amount": "12.50"}, "fine", api_name="/approve")
    pages = followed(caller, operation)
    assert (pages[-1]["status"], pages[-1]["fraction"]) == ("completed", 1.0)
    output = caller.predict(operation, api_name="/result")["output"]
    assert output["paid"] == {"amount": "1234.50", "currency": "EUR"}
    assert output["approved"] == "12.50"
    (file,) = caller.predict(operation, api_name="/files")
    content = caller.predict(operation, file["name"], api_name="/file")["base64"]
    assert base64.b64decode(content).startswith(b"artist,total")
    events = caller.predict(operation, api_name="/events")
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))


def test_what_is_refused_fails_and_says_why(caller: Caller) -> None:
    operation = started(caller, "royalties", {"month": "2025-11"})
    until(caller, operation, "approval")
    caller.predict(operation, "pay", comment="the sum is wrong", api_name="/refuse")
    last = followed(caller, operation)[-1]
    assert (last["status"], last["failure"]["code"]) == ("failed", "refused")


def test_an_answer_that_does_not_fit_the_form_is_not_taken(caller: Caller) -> None:
    operation = started(caller, "royalties", {"month": "2025-11"})
    until(caller, operation, "approval")
    with pytest.raises(AppError, match="input_invalid"):
        caller.predict(operation, "pay", {"amount": "much"}, api_name="/approve")
    assert len(caller.predict(operation, api_name="/approvals")) == 1


def test_a_failure_comes_as_it_was_said_and_can_be_tried_again(caller: Caller) -> None:
    operation = started(caller, "broken")
    last = followed(caller, operation)[-1]
    assert last["status"] == "failed"
    assert HOSTILE in last["stages"][0]["failure"]
    again = caller.predict(operation, api_name="/retry")
    assert again["origin"] in (None, operation)
    assert followed(caller, again["id"])[-1]["status"] == "failed"


def test_a_run_is_cancelled(caller: Caller) -> None:
    operation = started(caller, "endless")
    caller.predict(operation, "the wrong month", api_name="/cancel")
    assert followed(caller, operation)[-1]["status"] == "cancelled"


def test_two_watchers_see_the_same_end(caller: Caller) -> None:
    operation = started(caller, "royalties", {"month": "2025-11"})
    first, second = (caller.submit(operation, api_name="/follow") for _ in range(2))
    assert next(page for page in outputs(first) if "approval" in page["waiting"])
    caller.predict(operation, "pay", {"amount": "1"}, api_name="/approve")
    assert list(outputs(first))[-1] == list(outputs(second))[-1]


def test_p15_whoever_leaves_takes_nothing_along(caller: Caller) -> None:
    operation = started(caller, "royalties", {"month": "2025-11"})
    job = caller.submit(operation, api_name="/follow")
    next(outputs(job))
    job.cancel()
    assert until(caller, operation, "approval")["id"] == operation


def test_the_same_key_starts_once(site: World, caller: Caller) -> None:
    before = site.operations()
    first = started(caller, "broken", None, key="november")
    assert started(caller, "broken", None, key="november") == first
    assert site.operations() == before + 1


@pytest.mark.parametrize(
    ("call", "given", "said"),
    [
        ("/operation", ("nobody",), "not_found: "),
        ("/follow", ("nobody",), "not_found: "),
        ("/start", (None, "", "nothing"), "not_found: "),
        ("/start", (None, "", "royalties", "at once"), "input_invalid: priority"),
        ("/result", ("nobody",), "not_found: "),
    ],
)
def test_an_error_is_its_code_and_what_is_wrong(caller: Caller, call: str, given: Any, said: str) -> None:
    with pytest.raises(AppError, match=re.escape(said)):
        caller.predict(*given, api_name=call)


def test_what_is_offered_comes_with_its_input(caller: Caller) -> None:
    found = {one["name"]: one for one in caller.predict(api_name="/workflows")}
    assert set(found) == {"royalties", "broken", "endless", "lost", "told", "wide"}
    assert "month" in found["royalties"]["input"]["properties"]

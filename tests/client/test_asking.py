"""Calls over HTTP: what is sent, what is tried again, and what an answer means."""

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from agentkit import errors
from agentkit.client import Client, ClientSettings
from agentkit.client.http import HttpCalls
from agentkit.client.patience import Patience
from agentkit.client.problems import error_of, retry_seconds
from agentkit.errors import (
    AgentKitError,
    AnswerInvalid,
    Closed,
    DefinitionError,
    InputError,
    KeyReused,
    NotFound,
    OperationFailed,
    Overloaded,
    ServerUnavailable,
    TooManyRequests,
    Unauthenticated,
)
from agentkit.wire import Decision, OperationQuery, SignalRequest, SubmitRequest

SECRET = "agk_abc_verysecret"
PAGE = {
    "id": "op-1",
    "workflow": "greet",
    "status": "running",
    "created_at": "2026-11-26T00:00:00Z",
    "updated_at": "2026-11-26T00:00:00Z",
    "events": 1,
    "ended": False,
    "fraction": 0.5,
    "seconds": 1.0,
}
HELLO = SubmitRequest(workflow="greet", input={"name": "Ada"})


class Server:
    """Answers what a test has laid out, one after the other; the last answer again and again."""

    def __init__(self, *answers: Any, **more: Any) -> None:
        self.requests: list[httpx2.Request] = []
        self.waits: list[float] = []
        self._answers = list(answers)
        settings = ClientSettings(url="http://127.0.0.1:1/base", key=SECRET, **more)
        self.calls = HttpCalls(settings, transport=httpx2.MockTransport(self._answer))
        self.calls.patience = Patience(settings, sleep=self._sleep)

    async def __aenter__(self) -> HttpCalls:
        await self.calls.open()
        return self.calls

    async def __aexit__(self, *_: object) -> None:
        await self.calls.aclose()

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return problem(answer, "closed")
        # A new one, since each is read once.
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def ok(data: object = None) -> httpx2.Response:
    return httpx2.Response(200, json=PAGE if data is None else data)


def problem(status: int, code: str, detail: str = "no", **headers: str) -> httpx2.Response:
    body = {"type": f"urn:agentkit:problem:{code}", "title": code, "status": status, "code": code, "detail": detail}
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, json={**body, "instance": "req-7"}, headers=more)


DEAD = httpx2.ConnectError("agk_abc_verysecret was not taken")
CUT = httpx2.ReadError("gone")


@pytest.mark.parametrize("trouble", [DEAD, CUT, httpx2.ReadTimeout("slow"), 408, 425, 429, 502, 503, 504])
async def test_what_another_try_can_help_is_tried_again(trouble: Any) -> None:
    server = Server(trouble, trouble, ok())
    async with server as calls:
        page = await calls.operation("op-1")

    assert page.id == "op-1"
    assert len(server.requests) == 3
    assert all(0 <= wait <= bound for wait, bound in zip(server.waits, [0.25, 0.5], strict=True))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 500, 501, 505])
async def test_what_no_other_try_can_help_is_said_once(status: int) -> None:
    server = Server(status)
    async with server as calls:
        with pytest.raises(AgentKitError):
            await calls.operation("op-1")

    assert len(server.requests) == 1


async def test_tries_are_bounded_and_end_in_an_error_that_says_it_may_have_happened() -> None:
    server = Server(DEAD, attempts=3)
    async with server as calls:
        with pytest.raises(ServerUnavailable, match="may have happened") as raised:
            await calls.submit(HELLO)

    assert len(server.requests) == 3
    assert raised.value.retryable
    assert SECRET not in str(raised.value)


async def test_p1_one_call_has_one_idempotency_key_over_all_its_tries() -> None:
    server = Server(CUT, 503, CUT, ok())
    async with server as calls:
        await calls.submit(HELLO)
        await calls.submit(HELLO)
        await calls.submit(HELLO, key="mine")

    *first, second, third = [request.headers["idempotency-key"] for request in server.requests]
    assert len(first) == 4
    assert len({*first, second}) == 2
    assert len(set(first)) == 1
    assert third == "mine"


async def test_a_signal_gets_a_name_of_its_own_so_that_it_counts_once() -> None:
    server = Server(CUT, ok())
    async with server as calls:
        await calls.signal("op-1", SignalRequest(name="answer", value=1))
        await calls.signal("op-1", SignalRequest(name="answer", id="mine"))

    first, again, mine = [json.loads(request.content)["id"] for request in server.requests]
    assert first == again != mine == "mine"


@pytest.mark.parametrize(
    ("trouble", "tries"),
    [
        (DEAD, 3),
        (problem(503, "overloaded"), 3),
        (problem(503, "closed"), 3),
        (problem(429, "too_many_requests"), 3),
        (CUT, 1),
        (httpx2.ReadTimeout("slow"), 1),
        (problem(503, "store_unavailable"), 1),
        (httpx2.Response(502, text="bad gateway"), 1),
    ],
)
async def test_a_vote_that_may_have_been_heard_is_not_said_again(trouble: Any, tries: int) -> None:
    server = Server(trouble, attempts=3)
    async with server as calls:
        with pytest.raises(AgentKitError):
            await calls.decide("op-1", Decision(stage="pay", approve=True))

    assert len(server.requests) == tries


async def test_what_a_server_asks_for_is_obeyed_unless_it_is_too_long() -> None:
    patient = Server(problem(503, "overloaded", retry_after="7"), ok())
    async with patient as calls:
        await calls.operation("op-1")
    impatient = Server(problem(429, "too_many_requests", retry_after="3600"), ok())
    async with impatient as calls:
        with pytest.raises(TooManyRequests) as raised:
            await calls.operation("op-1")

    assert patient.waits == [7.0]
    assert impatient.waits == []
    assert raised.value.retry_after == 3600


def test_a_time_of_day_is_counted_from_the_clock_of_the_server() -> None:
    date = {"retry-after": "Thu, 26 Nov 2026 00:00:30 GMT", "date": "Thu, 26 Nov 2026 00:00:10 GMT"}

    assert retry_seconds(date) == 20
    for odd in ("", "soon", "nan", "inf", "Thu, 26 Nov 2026 00:00:30 GMT", "Thu, 99 Nov 2026"):
        assert retry_seconds({"retry-after": odd}) is None
    assert retry_seconds({"retry-after": "-5"}) == 0


async def test_errors_are_of_the_same_classes_far_as_near() -> None:
    cases: list[tuple[httpx2.Response, type[AgentKitError]]] = [
        (problem(404, "not_found"), NotFound),
        (problem(401, "unauthenticated"), Unauthenticated),
        (problem(422, "key_reused"), KeyReused),
        (problem(409, "operation_failed"), OperationFailed),
        (problem(422, "definition_invalid"), DefinitionError),
        (problem(503, "overloaded", retry_after="9"), Overloaded),
        (problem(422, "a_code_of_tomorrow"), InputError),
        (problem(500, "error"), AgentKitError),
        (problem(418, "a_code_of_tomorrow"), AgentKitError),
        (httpx2.Response(404, text="<html>"), AnswerInvalid),
        (httpx2.Response(418, text="<html>"), AnswerInvalid),
    ]
    for answer, kind in cases:
        async with Server(answer, attempts=1) as calls:
            with pytest.raises(AgentKitError) as raised:
                await calls.operation("op-1")
        assert type(raised.value) is kind
    error = raised_by(problem(409, "operation_failed", "stage pay: no ink"))
    assert isinstance(error, OperationFailed)
    assert (str(error), error.stage) == ("stage pay: no ink", None)
    assert (error.operation_id, error.request_id) == ("op-1", "req-7")


def raised_by(answer: httpx2.Response) -> AgentKitError:
    return error_of(answer.status_code, answer.content, answer.headers, operation_id="op-1", key="k")


@pytest.mark.parametrize("name", sorted(set(errors.__all__) - {"AgentKitError"}))
def test_every_error_that_a_server_can_name_is_made_again(name: str) -> None:
    kind: type[AgentKitError] = getattr(errors, name)
    error = raised_by(problem(kind.status, kind.code, "as it was said"))

    assert type(error) is kind
    assert (str(error), error.code, error.request_id) == ("as it was said", kind.code, "req-7")


async def test_what_is_no_agentkit_server_is_told_apart() -> None:
    for answer in (httpx2.Response(200, text="<html>hello"), ok({"id": "op-1"}), ok([]), httpx2.Response(204)):
        async with Server(answer) as calls:
            with pytest.raises(AnswerInvalid, match="is this an agentkit server"):
                await calls.operation("op-1")


async def test_p25_a_key_goes_to_one_place_and_stands_in_no_address_picture_or_message() -> None:
    server = Server(httpx2.Response(307, headers={"location": "http://evil.test/"}))
    async with server as calls:
        with pytest.raises(AnswerInvalid, match="never followed"):
            await calls.operations(OperationQuery(workflow="greet"))
    (request,) = server.requests
    settings = ClientSettings(url="https://agents.test", key=SECRET)

    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert str(request.url) == "http://127.0.0.1:1/base/v1/operations?workflow=greet"
    for shown in (repr(settings), str(settings), repr(HttpCalls(settings)), repr(Client.from_settings(settings))):
        assert SECRET not in shown


async def test_what_json_cannot_say_is_refused_and_not_sent() -> None:
    server = Server(ok())
    async with server as calls:
        for odd in (float("nan"), float("inf"), "\ud800"):
            with pytest.raises(InputError, match="cannot be sent"):
                await calls.submit(SubmitRequest.model_construct(workflow="greet", input=odd))
        with pytest.raises(InputError, match="letters of ASCII"):
            await calls.submit(HELLO, key="zwölf")

    assert server.requests == []


async def test_an_operation_that_stands_as_before_is_not_told_again() -> None:
    tagged = httpx2.Response(200, json=PAGE, headers={"etag": 'W/"1"'})
    end = ok({**PAGE, "status": "completed", "ended": True, "fraction": 1})
    server = Server(tagged, httpx2.Response(304), httpx2.Response(304), end)
    async with server as calls:
        pages = [page async for page in calls.progress("op-1", seconds=0)]

    assert [page.status for page in pages] == ["running", "completed"]
    assert [request.headers.get("if-none-match") for request in server.requests] == [None, *['W/"1"'] * 3]


async def test_a_client_has_to_be_open() -> None:
    calls = HttpCalls(ClientSettings(url="http://127.0.0.1:1"))
    with pytest.raises(Closed, match="async with"):
        await calls.operation("op-1")
    async with calls:
        pass
    with pytest.raises(Closed):
        await calls.operation("op-1")


SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"url": "agents.test"}, "address of a server"),
    ({"url": "ftp://agents.test"}, "address of a server"),
    ({"url": "https://"}, "address of a server"),
    ({"url": "https://agents.test:port"}, "address of a server"),
    ({"url": f"https://ada:{SECRET}@agents.test"}, "no name, password, query"),
    ({"url": f"https://agents.test?key={SECRET}"}, "no name, password, query"),
    ({"url": "http://agents.test", "key": SECRET}, "unencrypted"),
    ({"url": "http://agents.test", "key_file": "key"}, "unencrypted"),
    ({"url": "https://agents.test", "key": SECRET, "key_file": "key"}, "either key or key_file"),
    ({"url": "https://agents.test", "attempts": 0}, "attempts must be"),
    ({"url": "https://agents.test", "timeout": 0}, "timeout must be"),
    ({"url": "https://agents.test", "longest_wait": float("nan")}, "longest_wait must be"),
]


@pytest.mark.parametrize(("given", "message"), SETTINGS)
def test_odd_settings_are_refused_without_repeating_a_secret(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message) as raised:
        ClientSettings(**given)

    assert SECRET not in str(raised.value)


def test_a_key_may_go_to_this_machine_and_to_where_it_is_allowed() -> None:
    for url in ("http://localhost:8000", "http://127.0.0.1", "http://[::1]:80", "https://agents.test"):
        ClientSettings(url=url, key=SECRET)
    ClientSettings(url="http://agents", key=SECRET, plain_http=True)
    ClientSettings(url="http://agents")


FILES = [(None, "cannot be read"), (b"", "is empty"), (b"two\nlines", "several lines"), (b"\xff", "cannot")]


@pytest.mark.parametrize(("content", "message"), FILES)
async def test_a_file_of_a_key_is_read_when_it_opens(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "key"
    settings = ClientSettings(url="https://agents.test", key_file=path)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DefinitionError, match=message):
        await HttpCalls(settings).open()
    path.write_text(f"{SECRET}\n")
    calls = HttpCalls(settings)
    await calls.open()

    assert calls._http is not None
    assert calls._http.headers["authorization"] == f"Bearer {SECRET}"
    await calls.aclose()


def test_without_httpx2_a_client_is_near_and_the_extra_is_named() -> None:
    program = (
        "import sys; sys.modules['httpx2'] = None\n"
        "from agentkit.client import BlockingClient, Client\n"
        "for kind in (Client, BlockingClient):\n"
        "    try: kind.at('https://agents.test')\n"
        "    except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "httpx2 is not installed; run: pip install 'agentkit[client]'\n" * 2


Call = Callable[[HttpCalls], Awaitable[object]]
PATHS: list[tuple[Call, str, object]] = [
    (lambda calls: calls.operation("a/b"), "/base/v1/operations/a%2Fb", None),
    (lambda calls: calls.cancel("..", "why?"), "/base/v1/operations/%2E%2E?reason=why%3F", None),
    (lambda calls: calls.retry("op?x"), "/base/v1/operations/op%3Fx/retry", None),
]


@pytest.mark.parametrize(("call", "path", "answer"), PATHS)
async def test_an_id_leads_nowhere_else(call: Call, path: str, answer: object) -> None:
    server = Server(ok(answer))
    async with server as calls:
        await call(calls)

    assert server.requests[0].url.raw_path.decode() == path

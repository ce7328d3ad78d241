"""Bodies of requests: any bytes are understood in one way or refused, and nothing is changed on the way."""

import json
import math
import socket
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.interfaces.rest.bodies import parse_json
from tests.interfaces.rest.site import Site, listening, problem, served

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**90), 10**90)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_json_comes_back_as_it_was(value: object) -> None:
    text = json.dumps(value).encode(errors="replace")

    assert parse_json(text) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary() | st.text().map(lambda text: text.encode(errors="replace")))
def test_p21_any_bytes_are_json_or_a_value_error(content: bytes) -> None:
    try:
        parse_json(content)
    except ValueError:
        return
    json.loads(content)


WRONG: dict[str, bytes] = {
    "nan": b'{"workflow": "greet", "input": NaN}',
    "infinity": b'{"workflow": "greet", "input": -Infinity}',
    "too large a float": b'{"workflow": "greet", "input": 1e999}',
    "too small a float": b'{"workflow": "greet", "input": 1e-999}',
    "a float that is not exact": b'{"workflow": "greet", "input": 1234567890123456.78}',
    "a number of many digits": b'{"workflow": "greet", "input": ' + b"9" * 101 + b"}",
    "a number of very many digits": b'{"workflow": "greet", "input": ' + b"9" * 10_000 + b"}",
    "a key twice": b'{"workflow": "greet", "workflow": "pay"}',
    "a key twice deep inside": b'{"workflow": "greet", "input": [{"a": 1, "a": 1}]}',
    "half of a pair": b'{"workflow": "greet", "input": "\\ud800"}',
    "half of a pair as a key": b'{"workflow": "greet", "input": {"\\uDFFF": 1}}',
    "no utf-8": b'{"workflow": "\xff"}',
    "utf-16": '{"workflow": "greet"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"workflow": "greet"}',
    "too deep": b'{"workflow": "greet", "input": ' + b"[" * 100 + b"]" * 100 + b"}",
    "far too deep": b"[" * 900_000,
    "quotes without end": b'"' + b'\\"' * 400_000,
    "nothing": b"",
    "half": b'{"workflow": "gre',
    "two": b'{"workflow": "greet"} {}',
    "a comment": b'{"workflow": "greet" /* so */}',
    "single quotes": b"{'workflow': 'greet'}",
}


@pytest.mark.parametrize("name", WRONG)
def test_p21_json_that_two_could_read_differently_is_refused(shop: Site, name: str) -> None:
    headers = {**shop.ada, "Content-Type": "application/json"}
    began = time.monotonic()

    problem(shop.client.post("/v1/operations", content=WRONG[name], headers=headers), 400, "bad_request")
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/workflow"),
        ([], ""),
        (5, ""),
        ({"workflow": 5}, "/workflow"),
        ({"workflow": ""}, "/workflow"),
        ({"workflow": "greet", "owner": "eve"}, "/owner"),
        ({"workflow": "greet", "tenant": "acme"}, "/tenant"),
        ({"workflow": "greet", "priority": "urgent"}, "/priority"),
        ({"workflow": "greet", "metadata": {"a/b~c": 1}}, "/metadata/a~1b~0c"),
        ({"workflow": "greet", "metadata": {str(n): "" for n in range(65)}}, "/metadata"),
    ],
)
def test_what_does_not_fit_is_named_by_its_place(shop: Site, body: Any, pointer: str) -> None:
    found = problem(shop.client.post("/v1/operations", json=body, headers=shop.ada), 422, "input_invalid")

    assert pointer in [part["pointer"] for part in found["errors"]]
    assert all(set(part) == {"pointer", "detail", "type"} for part in found["errors"])


def test_a_decision_is_yes_or_no_and_no_number(shop: Site) -> None:
    path = f"/v1/operations/{shop.start('pay')}/approvals"

    for given_value in (0, 1, "true", None):
        body = {"stage": "pay", "approve": given_value}
        problem(shop.client.post(path, json=body, headers=shop.bob), 422, "input_invalid")


def test_what_is_sent_comes_back_digit_by_digit(shop: Site) -> None:
    sent = '{"n":123456789012345678901234567890,"f":0.1,"e":1e+2,"t":"1234567890123456.78","u":"\\ud83d\\ude00\\u0000"}'
    body = f'{{"workflow": "ask", "input": {sent}}}'
    headers = {**shop.ada, "Content-Type": "application/json"}
    operation_id = shop.client.post("/v1/operations", content=body, headers=headers).json()["id"]
    events = shop.client.get(f"/v1/operations/{operation_id}/events", headers=shop.ada)

    assert events.json()["items"][0]["data"]["input"] == json.loads(sent)


def test_p21_a_large_body_is_refused_whether_it_says_so_or_not(shop: Site) -> None:
    headers = {**shop.ada, "Content-Type": "application/json"}
    large = b'{"workflow": "greet", "input": "' + b"a" * 1_000_000 + b'"}'

    def drop_by_drop() -> Any:
        for start in range(0, len(large), 50_000):
            yield large[start : start + 50_000]

    for content in (large, drop_by_drop()):
        problem(shop.client.post("/v1/operations", content=content, headers=headers), 413, "body_too_large")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "", "application/jsonp"])
def test_p22_only_json_is_a_body_so_that_no_form_of_another_page_is(shop: Site, kind: str) -> None:
    headers = {**shop.ada, "Content-Type": kind}
    response = shop.client.post("/v1/operations", content=b'{"workflow": "greet"}', headers=headers)

    problem(response, 415, "media_type_unknown")


def test_a_compressed_body_is_refused(shop: Site) -> None:
    headers = {**shop.ada, "Content-Type": "application/json", "Content-Encoding": "gzip"}

    problem(shop.client.post("/v1/operations", content=b"x", headers=headers), 415, "media_type_unknown")


def test_p21_a_body_that_does_not_come_is_not_waited_for() -> None:
    with listening(served(body_seconds=0.2)) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(b"POST /v1/operations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
            line.sendall(b"Content-Length: 20\r\n\r\n{")
            answer = line.recv(65_536).decode()

    assert answer.startswith("HTTP/1.1 408")


def test_a_float_is_refused_if_it_would_change_only() -> None:
    for text in ("0.1", "1.50", "1e3", "-0.0", "0e5", "1.7976931348623157e308", "5e-324", "0.30000000000000004"):
        value = parse_json(text.encode())
        assert isinstance(value, float)
        assert math.isclose(value, float(text)) or value == 0
    for text in ("0.10000000000000000001", "1e400", "1e-400", "9007199254740993.0"):
        with pytest.raises(ValueError, match="would not come back"):
            parse_json(text.encode())

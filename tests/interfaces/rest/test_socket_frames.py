"""Sockets of clients that break every rule of the protocol: the server goes on, and its log has no error."""

import json
import logging
import random
import socket
import struct
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.interfaces.rest import conversation, create_app, serving
from agentkit.interfaces.rest.door import Door, found_door
from agentkit.service import Service, Settings
from tests.interfaces.rest.frames import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    chance,
    frame,
    handshake,
    memory,
    opened,
    wire,
)
from tests.interfaces.rest.site import listening, read_events, served

NOTHING = json.dumps({"type": "unsubscribe", "channel": "operations"}).encode()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A real server that asks nobody for a key."""
    with listening(served(rate=10**6, streams_per_caller=10**4)) as address:
        yield address


@pytest.fixture(autouse=True)
def quiet(url: str, caplog: pytest.LogCaptureFixture) -> Generator[None, None, None]:
    """After each test the server answers as before, and nothing went wrong on its side."""
    yield
    with opened(url) as talk:
        talk.send(frame(TEXT, NOTHING))
        talk.told("unsubscribed")
    assert httpx2.get(f"{url}/readyz").status_code == 200
    records = [*caplog.get_records("setup"), *caplog.get_records("call"), *caplog.records]
    assert [record.getMessage() for record in records if record.levelno >= logging.WARNING] == []


WRONG: dict[str, tuple[list[bytes], set[int | None]]] = {
    "no UTF-8": ([frame(TEXT, b"\xff\xfe")], {1007}),
    "half a letter": ([frame(TEXT, b"\xc3")], {1007}),
    "a surrogate": ([frame(TEXT, b"\xed\xa0\x80")], {1007}),
    "no UTF-8 in a later part": ([frame(TEXT, b"{", fin=False), frame(0, b"\xff")], {1007}),
    "no mask": ([frame(TEXT, NOTHING, masked=False)], {1002}),
    "reserved opcode": ([frame(3, b"x")], {1002}),
    "reserved control opcode": ([frame(11, b"x")], {1002}),
    "reserved bits": ([frame(TEXT, NOTHING, rsv=4)], {1002}),
    "all reserved bits": ([frame(TEXT, NOTHING, rsv=7)], {1002}),
    "a part of nothing": ([frame(0, b"x")], {1002}),
    "a message in a message": ([frame(TEXT, b"{", fin=False), frame(TEXT, b"{}")], {1002}),
    "a ping in parts": ([frame(PING, b"x", fin=False)], {1002}),
    "a long ping": ([frame(PING, b"x" * 126)], {1002}),
    "a close of one byte": ([frame(CLOSE, b"x")], {1002}),
    "a close with no code": ([frame(CLOSE, struct.pack("!H", 1005))], {1002}),
    "a close that is no UTF-8": ([frame(CLOSE, struct.pack("!H", 1000) + b"\xff")], {1002, 1007}),
    "a binary message": ([frame(BINARY, NOTHING)], {1003}),
    "a large message": ([frame(TEXT, b"x" * 65_537)], {1009}),
    "a large message in parts": ([frame(TEXT, b"x" * 40_000, fin=False), frame(0, b"x" * 40_000)], {1009}),
    "a giant length": ([frame(TEXT, b"x", length=2**40)], {1009}),
    "the longest length": ([frame(TEXT, b"x", length=2**63 - 1)], {1009}),
    "a length that is none": ([frame(TEXT, b"x", length=2**64 - 1)], {1002, 1009}),
}


@pytest.mark.parametrize("case", WRONG)
def test_p21_a_frame_against_the_rules_closes_the_socket_and_says_why(url: str, case: str) -> None:
    parts, codes = WRONG[case]
    with opened(url) as talk:
        talk.send(*parts)
        assert talk.code() in codes


def test_a_close_is_answered(url: str) -> None:
    for payload, code in ((struct.pack("!H", 1000) + b"bye", 1000), (b"", 1005), (struct.pack("!H", 4999), 4999)):
        with opened(url) as talk:
            talk.send(frame(CLOSE, payload))
            assert talk.code() == code


def test_a_message_in_many_parts_with_pings_between_is_one_message(url: str) -> None:
    with opened(url) as talk:
        letters = [NOTHING[place : place + 1] for place in range(len(NOTHING))]
        parts = [frame(TEXT, letters[0], fin=False)]
        for letter in letters[1:]:
            parts += [frame(PING, b"?"), frame(PONG, b"unasked"), frame(0, letter, fin=False)]
        talk.send(*parts, frame(0))
        talk.told("unsubscribed")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_WebSocket_Key": ""},
        {"Sec_WebSocket_Key": "short"},
        {"Sec_WebSocket_Version": "8"},
        {"Sec_WebSocket_Version": "x"},
        {"Upgrade": "h2c"},
        {"Upgrade": "websocket, websocket"},
        {"Connection": "close"},
        {"Sec_WebSocket_Extensions": "permessage-deflate; nonsense=\xff"},
        {"Sec_WebSocket_Protocol": "\xff,,;"},
        {"Authorization": "Bearer \xff\xfe"},
        {"Cookie": "agentkit_session=\xff; =; ;;"},
        {"Origin": "\xff"},
        {"Host": "\xff"},
        {"X_Request_ID": "\xff" * 200},
    ],
)
def test_p21_a_handshake_against_the_rules_is_no_trouble(url: str, headers: dict[str, str]) -> None:
    with wire(url) as talk:
        assert talk.shake(**headers) < 500


def test_p21_a_socket_that_is_half_open_or_cut_off_is_no_trouble(url: str) -> None:
    whole = frame(TEXT, NOTHING)
    for said in (b"", whole[:1], whole[:5], whole[:-1], whole, frame(TEXT, b"{", fin=False), frame(PING)[:3]):
        for is_cut in (False, True):
            with opened(url) as talk:
                talk.say(type="subscribe", channel="operations")
                talk.send(said)
                if is_cut:
                    talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    talk.socket.shutdown(socket.SHUT_WR)
                    assert talk.code() in (None, 1000, 1005, 1006)
    # Also in the middle of a handshake, and right behind it.
    for path in ("/ws/v1/events", "/ws/progress/x", "/ws/nix"):
        asked = handshake("localhost", path)
        for part in (asked[:20], asked[:60], asked, asked + whole):
            for is_cut in (False, True):
                with wire(url) as talk:
                    talk.send(part)
                    if is_cut:
                        talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_p21_whatever_bytes_come_the_server_goes_on(url: str) -> None:
    dice = random.Random(6455)
    for _ in range(150):
        with opened(url) as talk:
            for _ in range(dice.randint(1, 6)):
                payload = dice.choice([NOTHING, b"", b"{}", chance(dice, 200)])
                made = frame(
                    dice.choice([0, TEXT, TEXT, TEXT, BINARY, 3, CLOSE, PING, PONG, 15]),
                    payload,
                    fin=dice.random() < 0.7,
                    rsv=dice.choice([0, 0, 0, 0, 1, 4]),
                    masked=dice.random() < 0.9,
                    length=dice.choice([None, None, None, None, 0, 5, 126, 70_000]),
                )
                talk.send(dice.choice([made, made, made[: dice.randint(0, len(made))], chance(dice, 50)]))
            with suppress(OSError):
                talk.socket.shutdown(socket.SHUT_WR)
            talk.code()


words = st.text(max_size=30) | st.sampled_from(["operations", "operation:x", "operation:", "operation:agentkit.keys"])
numbers = st.integers() | st.floats() | st.sampled_from([0, 1, 10**15, 10**15 + 1, -1, 2**63])
things = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["authenticate", "subscribe", "unsubscribe", "authenticated", "event", ""]) | things,
        "channel": words | things,
        "after": numbers | things,
        "key": words | things,
        "more": things,
    },
)
texts = (
    messages.map(json.dumps)
    | messages.map(json.dumps).flatmap(lambda text: st.integers(0, len(text)).map(lambda place: text[:place]))
    | st.text(max_size=60)
    | things.map(json.dumps)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(texts, min_size=1, max_size=5))
def test_p21_every_message_is_answered_by_what_it_asks_or_a_problem(url: str, said: list[str]) -> None:
    with opened(url) as talk:
        for text in said:
            talk.send(frame(TEXT, text.encode()))
            message: dict[str, Any] = next(json.loads(payload) for opcode, payload in talk.frames() if opcode == TEXT)
            assert message["type"] in ("error", "subscribed", "unsubscribed")
            if message["type"] == "error":
                assert 400 <= message["problem"]["status"] < 500
        talk.send(frame(CLOSE))
        assert talk.code() == 1005


# Clients that do not read


def silence(door: Door) -> None:
    """Wait until no socket is open."""
    end = time.monotonic() + 15
    while door._talks:
        assert time.monotonic() < end, "somebody is not left"
        time.sleep(0.05)


@agent
async def chatter(task: Task[Any]) -> str:
    return "x" * 8_000


LONG = Workflow("long", [Stage(f"s{number}", agent="chatter") for number in range(300)])
IDLE = 40


def test_p15_clients_that_read_nothing_hold_up_nobody_and_cost_a_bounded_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(conversation, "_SEND_SECONDS", 1)
    service = Service(Orchestrator([chatter], store=f"sqlite:///{tmp_path}/runs.db"), [LONG])
    app = create_app(service, settings=Settings(authentication="none"))
    with listening(app, buffer=8_192) as place, ExitStack() as stack:
        operation = httpx2.post(f"{place}/v1/operations", json={"workflow": "long"}).json()["id"]
        # All of it is written down and read once, so that what is measured is what clients cost.
        total = len(read_events(place, operation, {}))
        size = len(httpx2.get(f"{place}/v1/operations/{operation}/events?limit=1000").content)

        def follow() -> list[int]:
            with opened(place) as talk:
                talk.say(type="subscribe", channel=f"operation:{operation}")
                return [talk.told("event")["number"] for _ in range(total)]

        def idle() -> None:
            talk = stack.enter_context(opened(place, receive_buffer=4_096))
            talk.say(type="subscribe", channel=f"operation:{operation}")

        # What is made once, and what the allocator keeps for the next time, is there after one of each.
        idle()
        began = time.monotonic()
        follow()
        alone, before = time.monotonic() - began, memory()
        for _ in range(IDLE):
            idle()
        began = time.monotonic()
        numbers = follow()
        took, grown = time.monotonic() - began, memory() - before
        # Who does not read is left.
        silence(found_door(app))

    assert numbers == list(range(1, total + 1))
    assert IDLE * size > 80_000_000
    # Chance of the allocator is some megabytes; to keep for each of them what it has not read would be all of it.
    assert grown < IDLE * size * 3 / 4
    # Each of them is waited for a second before it is left; whoever reads waits for none of that.
    assert took < 10 + 3 * alone


def test_p15_a_client_that_answers_no_ping_is_left_even_if_it_reads_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(serving, "_PING_SECONDS", 0.3)
    service = Service(Orchestrator([chatter], store=f"sqlite:///{tmp_path}/runs.db"), [LONG])
    app = create_app(service, settings=Settings(authentication="none"))
    with listening(app, buffer=8_192) as place:
        operation = httpx2.post(f"{place}/v1/operations", json={"workflow": "long"}).json()["id"]
        read_events(place, operation, {})
        with opened(place) as quiet, opened(place, receive_buffer=4_096) as idle:
            idle.say(type="subscribe", channel=f"operation:{operation}")
            assert quiet.code() == 1011
            silence(found_door(app))
            # Nothing of what waited for it is sent after it, and no word why.
            assert idle.code() is None


def test_p28_sockets_are_told_that_the_server_ends() -> None:
    with ExitStack() as stack, ThreadPoolExecutor(1) as reader:
        with listening(served(drain_seconds=0)) as place:
            operation = httpx2.post(f"{place}/v1/operations", json={"workflow": "ask"}).json()["id"]
            talks = [stack.enter_context(opened(place)) for _ in range(20)]
            talks.append(stack.enter_context(opened(place, f"/ws/progress/{operation}")))
            # One that does not read is told nothing, and nobody waits for it.
            stack.enter_context(opened(place))
            for talk in talks[:10]:
                talk.say(type="subscribe", channel=f"operation:{operation}")
                talk.told("subscribed")
            ends = reader.submit(lambda: [(talk.told("server.draining")["type"], talk.code()) for talk in talks])
            began = time.monotonic()
        took = time.monotonic() - began
        found = ends.result(10)

    assert found == [("server.draining", 1012)] * 21
    assert took < 15

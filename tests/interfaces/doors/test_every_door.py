"""One suite for all doors: what is started at one is seen, followed, decided and read at every other."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from uuid import uuid4

import pytest

from agentkit.client import BlockingClient
from tests.interfaces.doors.command_line import command_line
from tests.interfaces.doors.door import Door, Opening, Person, Seen
from tests.interfaces.doors.gradio_page import gradio_page
from tests.interfaces.doors.house import HOSTILE, WAITING, House, open_house
from tests.interfaces.doors.programs import far, near
from tests.interfaces.doors.streamlit import streamlit
from tests.interfaces.doors.terminal import terminal

pytestmark = pytest.mark.blocking

DOORS: dict[str, Opening] = {
    "near": near,
    "far": far,
    "cli": command_line,
    "gradio": gradio_page,
    "streamlit": streamlit,
    "tui": terminal,
}
every_door = pytest.mark.parametrize("name", DOORS)
every_pair = pytest.mark.parametrize(
    ("one", "other"), [(one, other) for one in DOORS for other in DOORS if one != other]
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("keys")) as house:
        yield house


@pytest.fixture(scope="module")
def truth(house: House) -> Iterator[BlockingClient]:
    """Somebody who looks at what came of it, beside every door."""
    with BlockingClient.at(house.url, key=house.key("bob")) as client:
        yield client


@pytest.fixture(scope="module")
def doors(house: House) -> Iterator["Doors"]:
    with ExitStack() as stack:
        yield Doors(house, stack)


class Doors:
    """The doors that are open already, by name and person."""

    def __init__(self, house: House, stack: ExitStack) -> None:
        self._house = house
        self._stack = stack
        self._open: dict[tuple[str, Person], Door] = {}

    def __call__(self, name: str, person: Person) -> Door:
        found = self._open.get((name, person))
        if found is None:
            found = self._open[name, person] = self._stack.enter_context(DOORS[name](self._house, person))
        return found


def history(truth: BlockingClient, operation: str) -> Sequence[Seen]:
    """All events of an operation that has ended, and that they are numbered without a gap."""
    truth.wait(operation, timeout=WAITING)
    seen = [Seen(line.number, line.type) for line in truth.events(operation)]
    assert [event.number for event in seen] == list(range(1, len(seen) + 1))
    return seen


def digest(truth: BlockingClient, operation: str) -> str:
    """The hash of a result, in its one form."""
    output = truth.result(operation).output
    return hashlib.sha256(json.dumps(output, sort_keys=True).encode()).hexdigest()


def asked(door: Door, operation: str) -> None:
    """Wait until a question of an operation is in the inbox."""
    latest = time.monotonic() + WAITING
    while operation not in door.inbox():
        assert time.monotonic() < latest, f"{operation} asks nobody"
        time.sleep(0.02)


def some_name() -> str:
    return f"Ada {uuid4().hex[:6]}"


@every_door
def test_what_is_started_is_followed_to_its_end_and_read(name: str, doors: Doors, truth: BlockingClient) -> None:
    ada = doors(name, "ada")
    operation = ada.start("greet", {"name": "Ada", "parcels": 3})

    assert ada.follow(operation) == history(truth, operation)
    assert ada.status(operation) == "completed"
    assert "Hello Ada, 3 on their way" in ada.outcome(operation)


@every_door
def test_what_agents_say_while_they_work_is_read_at_every_door(name: str, doors: Doors, truth: BlockingClient) -> None:
    ada, who = doors(name, "ada"), HOSTILE
    operation = ada.start("talk", {"name": who})
    latest = time.monotonic() + WAITING
    while "sentence 30 for" not in (heard := ada.overhear(operation)):
        assert time.monotonic() < latest, heard
        time.sleep(0.02)
    truth.cancel(operation)

    assert f"sentence 29 for {who}" in " ".join(heard.split())
    assert truth.wait(operation, timeout=WAITING).said == []


def test_the_same_work_has_the_same_events_and_the_same_result_wherever_it_began(
    doors: Doors, truth: BlockingClient
) -> None:
    operations = [doors(name, "ada").start("greet", {"name": "Ada", "parcels": 3}) for name in DOORS]

    assert len({tuple(history(truth, operation)) for operation in operations}) == 1
    assert len({digest(truth, operation) for operation in operations}) == 1


@every_door
def test_what_people_agree_to_goes_on_with_what_they_filled_in(name: str, doors: Doors, truth: BlockingClient) -> None:
    who = some_name()
    operation = doors(name, "ada").start("pay", {"name": who})
    bob = doors(name, "bob")
    asked(bob, operation)
    bob.approve(operation, {"days": 3}, "looked at the invoice")

    assert bob.follow(operation) == history(truth, operation)
    assert truth.result(operation).output == {"paid": who, "days": 3}
    assert who in bob.outcome(operation)
    assert operation not in bob.inbox()


@every_door
def test_what_people_refuse_ends_with_their_reason(name: str, doors: Doors, truth: BlockingClient) -> None:
    operation = doors(name, "ada").start("pay", {"name": some_name()})
    bob = doors(name, "bob")
    asked(bob, operation)
    bob.refuse(operation, "the invoice is from last year")

    assert bob.follow(operation) == history(truth, operation)
    assert bob.status(operation) == truth.operation(operation).status == "failed"
    assert "the invoice is from last year" in bob.outcome(operation)


@every_door
def test_what_is_cancelled_ends(name: str, doors: Doors, truth: BlockingClient) -> None:
    ada = doors(name, "ada")
    operation = ada.start("late", {"name": some_name()})
    ada.cancel(operation, "not needed")

    assert ada.follow(operation) == history(truth, operation)
    assert ada.status(operation) == truth.operation(operation).status == "cancelled"


@every_door
def test_what_failed_says_why_and_is_tried_again(name: str, doors: Doors, truth: BlockingClient) -> None:
    ada = doors(name, "ada")
    who = some_name()
    operation = ada.start("mended", {"name": who})

    assert ada.follow(operation) == history(truth, operation)
    assert ada.status(operation) == "failed"
    assert f"there is no ink for {who}" in ada.outcome(operation)

    again = ada.retry(operation)

    assert ada.follow(again) == history(truth, again)
    assert truth.result(again).output == "printed"


@every_door
def test_whoever_comes_back_sees_what_they_missed(name: str, house: House, doors: Doors, truth: BlockingClient) -> None:
    with DOORS[name](house, "ada") as ada:
        operation = ada.start("pay", {"name": some_name()})
    asked(doors("far", "bob"), operation)
    known = truth.operation(operation).events
    doors("far", "bob").approve(operation, {"days": 1}, "")
    with DOORS[name](house, "ada") as ada:
        assert ada.follow(operation, after=known) == history(truth, operation)[known:]
        assert ada.status(operation) == "completed"


@every_door
def test_two_who_look_on_see_the_same(name: str, house: House, doors: Doors, truth: BlockingClient) -> None:
    operation = doors(name, "ada").start("greet", {"name": some_name()})
    with DOORS[name](house, "ada") as another:
        assert another.follow(operation) == doors(name, "bob").follow(operation) == history(truth, operation)
        assert another.outcome(operation) == doors(name, "bob").outcome(operation)


@every_pair
def test_what_is_started_at_one_door_is_approved_at_another(
    one: str, other: str, doors: Doors, truth: BlockingClient
) -> None:
    who = some_name()
    operation = doors(one, "ada").start("pay", {"name": who})
    bob = doors(other, "bob")
    asked(bob, operation)
    bob.approve(operation, {"days": 2}, "")

    assert doors(one, "ada").follow(operation) == bob.follow(operation) == history(truth, operation)
    assert truth.result(operation).output == {"paid": who, "days": 2}

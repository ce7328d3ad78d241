"""A page that nobody has clicked on for as long as a session lasts rests: it asks nothing, and a click has it go on."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from agentkit.client import BlockingClient
from agentkit.interfaces.streamlit import frame, resting
from agentkit.interfaces.streamlit.sharing import share
from agentkit.interfaces.streamlit.taste import Manner
from agentkit.screens import DoorSettings
from tests.interfaces.streamlit import world
from tests.interfaces.streamlit.conftest import Pages
from tests.interfaces.streamlit.reading import words

RESTED = "This page has rested; click to go on"


class Clock:
    """A clock that goes on by so much whenever somebody looks at it."""

    def __init__(self) -> None:
        self.at = 100.0
        self.step = 0.0

    def now(self) -> float:
        self.at += self.step
        return self.at


@pytest.fixture(scope="module")
def client() -> Iterator[BlockingClient]:
    with world.near() as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(resting, "_CLOCK", clock)
    return clock


@pytest.fixture
def _by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn is drawn because its time has come: Streamlit's test harness knows clicks only."""
    monkeypatch.setattr(resting, "_drawn_by", lambda: "time")


def opened(client: BlockingClient, *, has_sessions: bool = True) -> AppTest:
    share(client, Manner(settings=DoorSettings(session_seconds=10), has_sessions=has_sessions))
    return Pages(client).open("dashboard", shares=False)


@pytest.mark.usefixtures("_by_itself")
def test_a_page_that_nobody_clicks_on_rests_until_somebody_does(client: BlockingClient, clock: Clock) -> None:
    page = opened(client)
    assert RESTED not in words(page)

    clock.step = 10
    page.run()
    assert RESTED in words(page)
    assert not page.exception

    clock.step = 0
    page.button[0].click().run()
    assert RESTED not in words(page)
    assert page.metric


@pytest.mark.usefixtures("_by_itself")
def test_before_its_time_it_goes_on(client: BlockingClient, clock: Clock) -> None:
    page = opened(client)
    clock.step = 0.1
    page.run()

    assert RESTED not in words(page)


def test_a_click_on_a_part_of_the_page_is_one(
    client: BlockingClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resting, "_drawn_by", lambda: "click")
    page = opened(client)
    clock.step = 10
    page.run()

    assert RESTED not in words(page)
    assert page.session_state["agentkit.clicked"] == clock.at


def test_a_page_that_is_drawn_anew_by_itself_was_not_clicked_on(client: BlockingClient, clock: Clock) -> None:
    page = opened(client)
    clicked = page.session_state["agentkit.clicked"]
    clock.step = 1
    page.session_state["agentkit.by_itself"] = True
    page.run()
    after = page.session_state["agentkit.clicked"]
    page.run()

    assert after == clicked
    assert page.session_state["agentkit.clicked"] > clicked


def test_a_page_that_rests_asks_nothing(client: BlockingClient, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(client)
    asked: list[BlockingClient] = []

    def ask(found: BlockingClient) -> BlockingClient:
        asked.append(found)
        return found

    monkeypatch.setattr(frame, "opened", ask)
    page.session_state["agentkit.rests"] = True
    page.run()

    assert RESTED in words(page)
    assert asked == []


@pytest.mark.usefixtures("_by_itself")
def test_where_pages_are_mounted_the_application_says_how_long_a_session_lasts(
    client: BlockingClient, clock: Clock
) -> None:
    page = opened(client, has_sessions=False)
    clock.step = 1_000_000
    page.run()

    assert RESTED not in words(page)

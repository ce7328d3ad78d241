"""What is told on whichever page somebody is, what that costs, and how many approvals wait."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

import pytest
import streamlit as st
from streamlit.navigation.page import Page
from streamlit.testing.v1 import AppTest

from agentkit.client import BlockingClient
from agentkit.errors import ServerUnavailable
from agentkit.interfaces.streamlit.frame import Here
from agentkit.interfaces.streamlit.news import News
from agentkit.interfaces.streamlit.taste import Taste
from agentkit.wire import ApprovalLine, OperationLine, OperationQuery, moment
from agentkit.wire import Page as Answer
from tests.interfaces.streamlit import world
from tests.interfaces.streamlit.conftest import Pages


@pytest.fixture
def own() -> Iterator[Pages]:
    """Pages of a service on which nothing has happened."""
    with world.near() as client:
        yield Pages(client)


@pytest.fixture
def toasts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(st, "toast", lambda words, icon: told.append(words.replace("\\", "")))
    return told


def later(page: AppTest, monkeypatch: pytest.MonkeyPatch, seconds: float = 60) -> AppTest:
    """The page, drawn anew when some time has passed."""
    before = cast("property", vars(Here)["now"]).fget
    assert before is not None
    monkeypatch.setattr(Here, "now", property(lambda here: before(here) + timedelta(seconds=seconds)))
    page.run()
    assert not page.exception
    return page


def test_the_end_of_a_run_that_was_started_here_is_told_on_another_page(
    own: Pages, monkeypatch: pytest.MonkeyPatch, toasts: list[str]
) -> None:
    page = own.open("execute", workflow="wait")
    page.button(key="start").click().run()
    mine = own.client.operations().items[0].id
    another = own.start("wait")
    page.switch_page("app_pages/settings.py").run()

    for one in (another, mine):
        own.until(one, lambda found: "signal" in found.waiting)
        own.client.cancel(one)
        own.client.wait(one, timeout=20)
    later(page, monkeypatch)
    later(page, monkeypatch)

    assert len(toasts) == 1
    assert "cancelled" in toasts[0]


def test_what_failed_is_told_to_those_only_who_want_to_know(
    own: Pages, monkeypatch: pytest.MonkeyPatch, toasts: list[str]
) -> None:
    own.ended("broken")
    page = own.open("settings")
    own.ended("broken")
    later(page, monkeypatch)
    # Neither what was before somebody came, nor what they did not ask for.
    assert toasts == []

    page.checkbox(key="tells/failed").check().run()
    own.ended("broken")
    own.ended("echo")
    later(page, monkeypatch)

    assert len(toasts) == 1
    assert "failed" in toasts[0]


def test_an_approval_that_waits_is_told_and_counted(
    own: Pages, monkeypatch: pytest.MonkeyPatch, toasts: list[str]
) -> None:
    own.asking()
    named: list[str] = []
    navigation = st.navigation

    def naming(pages: Mapping[str, Sequence[Page]]) -> Page:
        named.append(next(one.title for one in pages["Work"] if one.title.startswith("Approvals")))
        return navigation(pages)

    monkeypatch.setattr(st, "navigation", naming)
    page = own.open("status")
    assert named == ["Approvals", "Approvals (1)"]
    assert toasts == []

    operation_id = own.asking()
    later(page, monkeypatch)
    assert named[-1] == "Approvals (2)"
    # Of the one that waited before nothing is told again.
    assert len(toasts) == 1
    assert "Pay it?" in toasts[0]

    own.client.cancel(operation_id)
    own.client.wait(operation_id, timeout=20)
    later(page, monkeypatch)
    assert named[-1] == "Approvals (1)"
    page.switch_page("app_pages/approvals.py").run()
    assert page.title[0].value == "Approvals"


@pytest.mark.parametrize(
    ("tells", "questions"), [((), 0), (("failed",), 1), (("mine", "failed", "approvals"), 2)], ids=["off", "one", "all"]
)
def test_it_costs_two_questions_at_most_for_each_interval_and_none_when_off(
    own: Pages, monkeypatch: pytest.MonkeyPatch, tells: tuple[str, ...], questions: int
) -> None:
    page = own.open("settings")
    page.session_state["agentkit.taste"] = Taste.model_validate({"tells": tells})
    later(page, monkeypatch)
    asked: list[str] = []
    for name in ("operations", "approvals"):
        monkeypatch.setattr(BlockingClient, name, counting(asked, name))

    later(page, monkeypatch)
    page.run()
    later(page, monkeypatch, seconds=1)

    assert asked == ["operations"] * questions


def counting(asked: list[str], name: str) -> object:
    real = getattr(BlockingClient, name)

    def ask(*given: object) -> object:
        asked.append(name)
        return real(*given)

    return ask


def test_what_ended_long_ago_and_comes_into_sight_is_no_news(
    own: Pages, monkeypatch: pytest.MonkeyPatch, toasts: list[str]
) -> None:
    for _ in range(2):
        own.ended("broken")
    newest, before = own.client.operations(OperationQuery(sort="changed")).items
    seen = [newest]
    monkeypatch.setattr(BlockingClient, "operations", lambda *_: Answer[OperationLine](items=seen))
    page = own.open("execute")
    page.session_state["agentkit.taste"] = Taste(tells=("failed",))
    later(page, monkeypatch)

    seen[:] = [before]
    later(page, monkeypatch)

    assert toasts == []


def test_a_service_that_is_away_has_no_news_and_costs_no_page(own: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    page = own.open("settings")

    def away(*_: object) -> None:
        raise ServerUnavailable("it is away")

    monkeypatch.setattr(BlockingClient, "operations", away)
    later(page, monkeypatch)

    assert not page.error


class Told:
    """A service of which is known what it says."""

    def __init__(self) -> None:
        self.lines: list[OperationLine] = []
        self.questions: list[ApprovalLine] = []
        self.asked = 0

    def run(self, name: str, at: int, **more: Any) -> None:
        """A run changes."""
        known = {"workflow": "pay", "status": "running", "created_at": moment(0), "events": at, **more}
        line = OperationLine.model_validate({"id": name, "updated_at": moment(at), **known})
        self.lines = [line, *(one for one in self.lines if one.id != name)]

    def ask(self, *stages: str) -> None:
        """These are the questions that a run asks now."""
        about = {"operation": "run", "workflow": "pay", "name": "", "roles": [], "quorum": 1, "agreed": [], "form": {}}
        about |= {"asked_at": moment(0), "deadline": None, "escalated": False}
        self.questions = [
            ApprovalLine.model_validate({**about, "stage": stage, "question": f"May {stage}?"}) for stage in stages
        ]

    def operations(self, query: OperationQuery) -> Answer[OperationLine]:
        lines = [line for line in self.lines if query.waiting is None or query.waiting in line.waiting]
        begin = int(query.cursor or 0)
        end = begin + query.limit
        return Answer(items=lines[begin:end], next_cursor=str(end) if lines[end:] else None)

    def approvals(self) -> list[ApprovalLine]:
        self.asked += 1
        return self.questions

    def told(self, news: News, at: int) -> list[str]:
        """What is told with the look at this time."""
        news.ask(cast("BlockingClient", self), Taste(), moment(at))
        told: list[str] = []
        while (words := news.next_note()) is not None:
            told.append(words)
        return told


def test_a_run_that_asks_something_else_is_told_and_one_that_asks_the_same_is_not_counted_again() -> None:
    service, news = Told(), News()
    service.run("run", 5, waiting=("approval",))
    service.ask("a")
    assert (service.told(news, 10), news.approvals) == ([], 1)
    assert (service.told(news, 20), service.asked) == ([], 1)

    service.run("run", 25, waiting=("approval",))
    service.ask("b")
    assert service.told(news, 30) == ["pay waits for you: May b?"]

    service.run("run", 35, waiting=("approval",))
    service.ask("b", "c")
    assert service.told(news, 40) == ["pay waits for you: May c?"]
    assert (news.approvals, service.asked) == (2, 3)


def test_an_end_and_an_approval_are_told_however_much_else_changes() -> None:
    service, news = Told(), News()
    news.watch("mine")
    service.run("mine", 5)
    assert service.told(news, 10) == []

    service.run("mine", 11, status="completed")
    service.run("run", 12, waiting=("approval",))
    service.ask("a")
    for number in range(300):
        service.run(f"other {number}", 13)

    told = service.told(news, 20)
    assert len(told) == 2
    assert "completed" in told[0]
    assert told[1] == "pay waits for you: May a?"
    assert service.told(news, 30) == []

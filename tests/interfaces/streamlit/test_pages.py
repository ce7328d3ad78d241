"""Every page in every state, near and far: what stands there, and what can be done."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from agentkit.client import BlockingClient
from agentkit.errors import NotAllowed, ServerUnavailable
from agentkit.interfaces.streamlit import sharing
from agentkit.interfaces.streamlit.frame import Here
from agentkit.interfaces.streamlit.labels import label
from agentkit.interfaces.streamlit.taste import Taste
from agentkit.service import Caller
from agentkit.wire import OperationLine, OperationPage, OperationQuery, Page, SignalRequest
from tests.interfaces.streamlit import world
from tests.interfaces.streamlit.conftest import Pages
from tests.interfaces.streamlit.reading import JOINER, words

PAGES = ["dashboard", "execute", "report", "history", "approvals", "run", "status", "settings"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_drawn_where_nothing_has_happened_yet(name: str) -> None:
    with world.near() as client:
        page = Pages(client).open(name)

    assert page.title[0].value
    assert not page.error


def test_times_are_in_utc_where_nobody_knows_the_zone(pages: Pages) -> None:
    pages.ended("echo")
    page = pages.open("history")
    page.session_state["agentkit.taste"] = Taste(zone="Mars/Olympus")
    page.run()

    assert not page.exception
    assert "Started, UTC" in list(page.dataframe[0].value)


def test_a_run_that_nobody_knows_is_said_to_be_none(pages: Pages) -> None:
    page = pages.open("run", op="nobody")

    assert "There is no such run" in words(page)
    assert not page.error


def test_a_completed_run_shows_its_result_exactly(pages: Pages) -> None:
    page = pages.open("run", op=pages.ended("echo", {"total": {"amount": "1234567890123.45", "currency": "EUR"}}))

    assert "completed" in words(page)
    assert "1,234,567,890,123.45 EUR" in words(page)


@pytest.mark.parametrize("currency", [world.HOSTILE, "![x](https://evil.example/x.png) [pay](https://evil.example)"])
def test_an_amount_whose_currency_is_markdown_is_letters(pages: Pages, currency: str) -> None:
    page = pages.open("run", op=pages.ended("echo", {"amount": "1", "currency": currency}))

    shown = page.metric[0].value
    assert "https://" not in shown
    assert not re.search(r"(?<!\\)[*_`$\[\]<>#|!]", shown)


def test_a_failed_run_says_why_letter_by_letter(pages: Pages) -> None:
    page = pages.open("run", op=pages.ended("broken", {}))

    assert world.HOSTILE in words(page)
    assert page.button(key="retry").label == "Try again"


def test_a_run_that_waits_asks_its_question_and_takes_the_answer(pages: Pages) -> None:
    operation_id = pages.asking()
    page = pages.open("run", op=operation_id)
    assert "Pay it?" in words(page)

    name = f"approve/{operation_id}/pay/"
    page.text_input(key=f"{name}/amount").set_value("12.5")
    page.button(key=f"{name}#True").click().run()

    assert not page.exception
    assert pages.client.wait(operation_id, timeout=20).status == "completed"


def test_who_approves_sees_what_the_stages_gave(pages: Pages) -> None:
    operation_id = pages.asking()
    page = pages.open("run", op=operation_id)

    assert [list(one.value["artist"]) for one in page.dataframe if "artist" in list(one.value)] == [["Ibis", "Oak"]]

    pages.client.cancel(operation_id)
    pages.client.wait(operation_id, timeout=20)
    page.session_state["view"] = "Result"
    page.run()
    assert [list(one.value["artist"]) for one in page.dataframe if "artist" in list(one.value)] == [["Ibis", "Oak"]]


def test_what_is_wrong_with_an_answer_stands_beside_its_field(pages: Pages) -> None:
    operation_id = pages.asking()
    page = pages.open("approvals")

    page.text_input(key=f"approve/{operation_id}/pay//amount").set_value("a lot")
    page.button(key=f"approve/{operation_id}/pay/#True").click().run()

    assert any(one.value.startswith(":red[") for one in page.markdown)
    assert "approval" in pages.client.operation(operation_id).waiting


def test_what_is_proposed_is_filled_in_and_what_was_changed_is_told(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(st, "toast", lambda said, icon: told.append(said.replace("\\", "")))
    asking = pages.until(pages.start("discounts"), lambda found: "approval" in found.waiting).id
    name = f"approve/{asking}/grant/"
    page = pages.open("run", op=asking)
    assert page.text_input(key=f"{name}/amount").value == "12.50"
    assert "Proposed: 12.50" in words(page)

    page.text_input(key=f"{name}/amount").set_value("10.00")
    page.text_input(key=f"{name}/why").set_value("")
    page.button(key=f"{name}#True").click().run()

    assert not page.exception
    done = pages.client.wait(asking, timeout=20)
    assert done.status == "completed"
    cast_vote = next(line for line in pages.client.history(asking) if line.type == "vote.cast")
    assert cast_vote.data["form"] == {"amount": "10.00", "why": None}
    assert "Agreed, with Amount 10.00 instead of 12.50, Why empty instead of loyal" in told


def test_a_refusal_needs_no_form(pages: Pages) -> None:
    operation_id = pages.asking()
    page = pages.open("approvals")

    page.text_area(key=f"approve/{operation_id}/pay/#comment").set_value("not yet")
    page.button(key=f"approve/{operation_id}/pay/#False").click().run()

    assert pages.client.wait(operation_id, timeout=20).status == "failed"


def test_a_run_is_cancelled_with_a_reason(pages: Pages) -> None:
    operation_id = pages.start("wait")
    page = pages.open("run", op=operation_id)

    page.text_input(key="cancel_reason").set_value("a mistake")
    page.button(key="cancel").click().run()

    found = pages.client.wait(operation_id, timeout=20)
    assert (found.status, found.failure and found.failure.message) == ("cancelled", "a mistake")


def test_that_a_run_has_ended_is_told_after_the_page_was_drawn_anew(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation_id = pages.until(pages.start("wait"), lambda page: "signal" in page.waiting).id
    asked, ask = [0], BlockingClient.operation

    def ends_in_between(client: BlockingClient, wanted: str) -> OperationPage:
        asked[0] += 1
        if asked[0] == 2:
            pages.client.cancel(operation_id)
            pages.client.wait(operation_id, timeout=20)
        return ask(client, wanted)

    did: list[str] = []
    rerun = st.rerun

    def rerunning() -> None:
        did.append("drawn anew")
        rerun()

    monkeypatch.setattr(BlockingClient, "operation", ends_in_between)
    monkeypatch.setattr(st, "rerun", rerunning)
    monkeypatch.setattr(st, "toast", lambda said, icon: did.append(said))
    pages.open("run", op=operation_id)

    # A browser is not shown what was drawn before.
    assert did[0] == "drawn anew"
    assert ["cancelled" in one for one in did if one != "drawn anew"] == [True]


def test_why_a_command_was_refused_stays_until_the_next_one(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    operation_id = pages.until(pages.start("wait"), lambda page: "signal" in page.waiting).id
    page = pages.open("run", op=operation_id)

    def refuses(*_: object) -> None:
        raise NotAllowed("not you")

    with monkeypatch.context() as patch:
        patch.setattr(BlockingClient, "cancel", refuses)
        page.button(key="cancel").click().run()
    page.run()
    assert "not you" in words(page)

    page.button(key="cancel").click().run()
    pages.client.wait(operation_id, timeout=20)
    page.run()
    assert "not you" not in words(page)


def test_a_run_that_is_drawn_only_when_asked_has_a_button_for_that(pages: Pages) -> None:
    operation_id = pages.until(pages.start("wait"), lambda page: "signal" in page.waiting).id
    page = pages.open("run", op=operation_id)
    assert "refresh_run" not in [one.key for one in page.button]
    page.session_state["agentkit.taste"] = Taste(refresh=0)
    page.run()

    pages.client.cancel(operation_id)
    pages.client.wait(operation_id, timeout=20)
    page.button(key="refresh_run").click().run()

    assert not page.exception
    assert "cancelled" in words(page)


def test_a_signal_is_sent(pages: Pages) -> None:
    operation_id = pages.until(pages.start("wait"), lambda page: "signal" in page.waiting).id
    page = pages.open("run", op=operation_id)

    assert page.selectbox(key=f"signal/{operation_id}#name").options == ["go, which wait waits for"]
    page.text_area(key=f"signal/{operation_id}#value").set_value("at once")
    send_button(page).click().run()

    assert pages.client.wait(operation_id, timeout=20).status == "completed"


def send_button(page: AppTest) -> Button:
    """The button that sends a signal, as it is drawn now."""
    (found,) = [one for one in page.button if one.label == "Send"]
    return found


def test_a_signal_that_is_sent_again_counts_once(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    operation_id = pages.until(pages.start("chain"), lambda page: "signal" in page.waiting).id
    page = pages.open("run", op=operation_id)
    real = BlockingClient.signal

    def lost(client: BlockingClient, operation: str, said: SignalRequest) -> OperationPage:
        real(client, operation, said)
        raise ServerUnavailable("its answer was lost")

    with monkeypatch.context() as patched:
        patched.setattr(BlockingClient, "signal", lost)
        send_button(page).click().run()
    assert "its answer was lost" in words(page)
    second = pages.until(operation_id, lambda found: found.stages[1].status == "waiting")
    before = send_button(page)
    before.click().run()

    # Nor does a click that comes late, on a button that was drawn before.
    before.click().run()
    assert pages.client.operation(operation_id).events == second.events

    send_button(page.run()).click().run()
    assert pages.client.wait(operation_id, timeout=20).status == "completed"


def test_work_in_doubt_is_settled(pages: Pages) -> None:
    operation_id = pages.until(pages.start("lost", {}), lambda page: "doubt" in page.waiting).id
    page = pages.open("run", op=operation_id)

    assert "took longer than 0.05 s" in words(page)
    page.text_area(key=f"settle/{operation_id}/pay#value").set_value("paid")
    page.button(key=f"settle/{operation_id}/pay#done").click().run()

    assert pages.client.wait(operation_id, timeout=20).status == "completed"


def test_an_item_in_doubt_is_settled(pages: Pages) -> None:
    operation_id = pages.until(pages.start("lost_items", ["Ibis"]), lambda page: "doubt" in page.waiting).id
    page = pages.open("run", op=operation_id)

    assert "Did pay[0] happen?" in words(page).replace("\\", "")
    page.text_area(key=f"settle/{operation_id}/pay[0]#value").set_value("paid")
    page.button(key=f"settle/{operation_id}/pay[0]#done").click().run()

    assert pages.client.wait(operation_id, timeout=20).status == "completed"


def test_a_run_that_failed_is_tried_again_and_its_continuation_is_shown(pages: Pages) -> None:
    operation_id = pages.ended("mended", {"page": uuid4().hex})
    page = pages.open("run", op=operation_id)

    page.button(key="retry").click().run()

    assert not page.exception
    newest = pages.client.operations(OperationQuery(workflow="mended", limit=1)).items[0]
    assert pages.client.wait(newest.id, timeout=20).status == "completed"


SAID = {
    "Result": "",
    "Stages": "Attempt",
    "Graph": "",
    "Timeline": "What",
    "Events": "operation.accepted",
    "Input": "",
    "Files": "No files",
    "Cost": "Tokens 0",
}
"""What stands on each view of a run, and hardly anywhere else."""


@pytest.mark.parametrize("state", ["asking", "completed", "failed"])
def test_every_view_of_a_run_is_drawn(pages: Pages, state: str) -> None:
    if state == "asking":
        operation_id = pages.asking()
    else:
        operation_id = pages.ended("echo" if state == "completed" else "broken", [1])
    page = pages.open("run", op=operation_id)

    for view, said in SAID.items():
        page.session_state["view"] = view
        page.run()
        assert not page.exception, view
        assert len(page.error) == (state == "failed"), view
        assert said in words(page), view
        assert (view == "Result") == (("took" if state == "completed" else "No result") in words(page)), view
        assert bool(page.get("image")) == (view == "Graph"), view


def test_a_large_graph_is_drawn_only_when_asked(pages: Pages) -> None:
    page = pages.open("run", op=pages.ended("many"))
    page.session_state["view"] = "Graph"
    page.run()
    assert page.toggle(key="large").value is False
    assert not page.get("image")

    page.toggle(key="large").set_value(True).run()

    assert not page.exception
    assert page.get("image")


def test_history_finds_by_state_and_workflow_on_the_server(pages: Pages) -> None:
    failed, done = pages.ended("broken"), pages.ended("echo")
    page = pages.open("history", status="failed")

    assert failed in words(page)
    assert done not in words(page)


def test_a_later_page_of_the_last_hour_stays_when_a_minute_has_passed(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        pages.ended("echo")
    page = pages.open("history", workflow="echo", age="last hour")
    page.session_state["agentkit.taste"] = Taste(page_size=1)
    page.run()
    page.button(key="next").click().run()
    assert "Page 2" in words(page)

    later = datetime.now(UTC) + timedelta(minutes=2)
    monkeypatch.setattr(Here, "now", property(lambda _: later))
    page.run()

    assert "Page 2" in words(page)


def test_a_later_page_on_which_no_run_is_left_leads_back(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        pages.ended("echo")
    page = pages.open("history", workflow="echo")
    page.session_state["agentkit.taste"] = Taste(page_size=1)
    page.run()
    page.button(key="next").click().run()

    with monkeypatch.context() as patch:
        patch.setattr(BlockingClient, "operations", lambda *_: Page[OperationLine](items=[]))
        page.run()

    page.button(key="before").click().run()
    assert "Page 1" in words(page)


def test_what_has_not_ended_took_until_now(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    pages.until(pages.start("wait"), lambda page: "signal" in page.waiting)
    pages.ended("echo")
    later = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr(Here, "now", property(lambda _: later))

    took = {name: pages.open("history", workflow=name).dataframe[0].value["Took"][0] for name in ("wait", "echo")}

    assert float(took["wait"]) > 7_000
    assert float(took["echo"]) < 60


def test_a_click_opens_the_run_that_was_drawn_there_and_not_a_newer_one(pages: Pages) -> None:
    clicked = pages.ended("echo")
    page = pages.open("history", workflow="echo")
    pages.ended("echo")

    page.session_state["runs"] = {"selection": {"rows": [], "columns": [], "cells": [(0, "State")]}}
    page.run()

    assert not page.exception
    assert page.query_params["op"] == clicked


def test_runs_of_a_workflow_that_is_not_offered_any_more_are_found(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, other = pages.ended("echo"), pages.ended("many")
    monkeypatch.setattr(BlockingClient, "workflows", lambda _: [])

    page = pages.open("history", workflow="echo")

    assert page.selectbox(key="workflow").value == "echo"
    assert done in words(page)
    assert other not in words(page)


def test_history_is_sorted_by_the_server_over_all_pages(pages: Pages) -> None:
    began = [pages.ended("echo") for _ in range(3)]
    everything = pages.client.operations(OperationQuery(workflow="echo", sort="oldest", limit=200)).items
    page = pages.open("history", workflow="echo", sort="oldest first")
    page.session_state["agentkit.taste"] = Taste(page_size=len(everything) - 1)
    page.run()
    assert page.selectbox(key="sort").value == "oldest first"
    assert everything[0].id in words(page)
    assert began[-1] not in words(page)

    page.button(key="next").click().run()
    assert began[-1] in words(page)

    page.selectbox(key="sort").set_value("newest first").run()
    assert "Page 1" in words(page)
    assert began[-1] in words(page)


def test_the_state_of_the_service_shows_its_queue_and_what_it_takes() -> None:
    seer = Caller(name="root", scopes={"read", "run", "admin"})
    with world.near(caller=seer) as client:
        found = words(Pages(client).open("status"))

    for said in ("In line 0", "Waits longest nobody waits", "Attempts at work 0", "Memory ", "Threads "):
        assert said in found


def test_history_where_nothing_is_like_that_says_what_to_do(pages: Pages) -> None:
    assert "No run is like that" in words(pages.open("history", status="quarantined"))


def test_history_goes_on_to_older_runs_and_back(pages: Pages) -> None:
    first = pages.ended("echo")
    for _ in range(10):
        pages.ended("echo")
    page = pages.open("history", workflow="echo")
    page.session_state["agentkit.taste"] = Taste(page_size=10)
    page.run()
    assert first not in words(page)

    page.button(key="next").click().run()
    assert first in words(page)

    page.button(key="before").click().run()
    assert first not in words(page)


def test_texts_of_users_are_letters_to_streamlit() -> None:
    shown = label(world.HOSTILE, 500)

    assert JOINER in shown
    for read_together in ("https://", ":heart:", ":material/", "www.", "->"):
        assert read_together not in shown
    assert not re.search(r"(?<!\\)[*_`$\[\]<>#|!]", shown)


def test_figures_and_times_are_letters_that_can_be_copied() -> None:
    for text in ("1,514.70 EUR", "2026-11-26 12:00:03 CET (+01:00)", "-12.50", "3:100"):
        assert JOINER not in label(text)


def test_a_server_that_is_away_is_said_on_every_page() -> None:
    with BlockingClient.at("http://127.0.0.1:9") as client:
        page = Pages(client).open("history")

    assert page.error
    assert page.button(key="try_again").label == "Try again"


def test_a_visitor_who_has_caches_emptied_breaks_no_page(pages: Pages) -> None:
    page = pages.open("history")

    st.cache_data.clear()
    st.cache_resource.clear()
    page.run()

    assert not page.exception
    assert not page.error


def test_pages_without_a_client_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_kept", [])
    with BlockingClient.at("http://127.0.0.1:9") as client:
        page = Pages(client).open("history", shares=False)

    assert "these pages have no client" in words(page)
    assert page.button(key="try_again").label == "Try again"


def test_a_bug_is_said_without_what_it_was(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    page = pages.open("history")

    def broken(*_: object) -> None:
        raise RuntimeError("/home/ada/secret.py")

    monkeypatch.setattr(BlockingClient, "operations", broken)
    page.run()

    assert not page.exception
    assert "This page cannot be drawn" in words(page)
    assert "secret" not in words(page)

"""Starting a run from its page: forms, JSON, files, and once however often it is clicked."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from agentkit.client import BlockingClient
from agentkit.wire import OperationQuery
from tests.interfaces.streamlit.conftest import Pages
from tests.interfaces.streamlit.reading import words

FORM = "start/royalties/"


def way(pages: Pages, name: str, workflow: str = "royalties") -> AppTest:
    """The page of a workflow, whose input is given in this way."""
    page = pages.open("execute", workflow=workflow)
    page.session_state["way"] = name
    return page.run()


def newest(pages: Pages, workflow: str) -> list[str]:
    return [line.id for line in pages.client.operations(OperationQuery(workflow=workflow)).items]


def test_a_form_becomes_the_input_of_a_run(pages: Pages) -> None:
    page = pages.open("execute", workflow="royalties")

    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.text_input(key=f"{FORM}/fee").set_value("12.50").run()
    page.selectbox(key=f"{FORM}/fee/currency").set_value("EUR").run()
    page.button(key=f"{FORM}/lines+").click().run()
    page.text_input(key=f"{FORM}/lines/0/artist").set_value("Ibis").run()
    page.text_input(key=f"{FORM}/lines/0/amount").set_value("0.10").run()
    page.button(key="start").click().run()

    assert not page.exception
    first = pages.client.history(newest(pages, "royalties")[0], limit=1)[0]
    assert first.data["input"] == {
        "month": "2025-11",
        "copies": 1,
        "kind": "pdf",
        "fee": {"amount": "12.50", "currency": "EUR"},
        "rush": False,
        "lines": [{"artist": "Ibis", "amount": "0.10"}],
    } | ({"due": None} if "due" in str(first.data["input"]) else {})


def test_what_is_wrong_stands_beside_its_field_and_nothing_starts(pages: Pages) -> None:
    before = newest(pages, "royalties")
    page = pages.open("execute", workflow="royalties")

    page.text_input(key=f"{FORM}/copies").set_value("99").run()
    page.button(key="start").click().run()

    assert len([one for one in page.markdown if one.value.startswith(":red[")]) >= 2
    assert newest(pages, "royalties") == before


def test_what_is_wrong_in_json_is_said_with_its_place(pages: Pages) -> None:
    page = way(pages, "JSON")

    page.text_area(key=f"{FORM}#json").set_value('{"month": "2025-11", "copies": 99, "lines": [{"amount": "1"}]}').run()
    page.button(key="start").click().run()

    assert re.search("copies: .*10", page.error[0].value.replace("\\", ""))
    assert "lines → 0 → artist: " in page.error[0].value.replace("\\", "")


def test_what_is_wrong_in_a_file_is_said_with_its_place(pages: Pages) -> None:
    page = way(pages, "File")

    page.file_uploader(key=f"{FORM}#file").upload("sales.csv", b"amount\n12.50\n1.20\n", "text/csv").run()
    page.selectbox(key=f"{FORM}#place").set_value("lines").run()
    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.button(key="start").click().run()

    assert "lines → 1 → artist: " in page.error[0].value.replace("\\", "")


def test_what_is_wrong_in_fetched_rows_is_said_with_its_place(pages: Pages) -> None:
    page = way(pages, "API")
    page.session_state[f"{FORM}#rows"] = [{"artist": "Ibis"}]
    page.run()

    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.button(key="start").click().run()

    assert "lines → 0 → amount: " in page.error[0].value.replace("\\", "")


def test_json_becomes_the_input_of_a_run(pages: Pages) -> None:
    page = pages.open("execute", workflow="echo")
    page.session_state["way"] = "JSON"
    page.run()

    page.text_area(key="start/echo/#json").set_value('{"a": "0.1"}').run()
    page.button(key="start").click().run()

    assert pages.client.history(newest(pages, "echo")[0], limit=1)[0].data["input"] == {"a": "0.1"}


def test_a_second_click_before_the_first_is_answered_starts_nothing(pages: Pages) -> None:
    page = pages.open("execute", workflow="echo")
    page.session_state["agentkit.start"] = f"page-{id(pages)}-twice"
    page.session_state["way"] = "JSON"
    page.run()
    page.text_area(key="start/echo/#json").set_value("[1]").run()
    page.button(key="start").click().run()
    before = newest(pages, "echo")

    page = pages.open("execute", workflow="echo")
    page.session_state["agentkit.start"] = f"page-{id(pages)}-twice"
    page.session_state["way"] = "JSON"
    page.run()
    page.text_area(key="start/echo/#json").set_value("[1]").run()
    page.button(key="start").click().run()

    assert newest(pages, "echo") == before


def test_a_file_of_rows_is_put_where_it_belongs(pages: Pages) -> None:
    page = pages.open("execute", workflow="royalties")
    page.session_state["way"] = "File"
    page.run()

    page.file_uploader(key=f"{FORM}#file").upload(
        "sales.csv", b"artist,amount\nIbis,12.50\nOak,1.20\n", "text/csv"
    ).run()
    page.selectbox(key=f"{FORM}#place").set_value("lines").run()
    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.button(key="start").click().run()

    given = pages.client.history(newest(pages, "royalties")[0], limit=1)[0].data["input"]
    assert isinstance(given, dict)
    assert given["lines"] == [{"artist": "Ibis", "amount": "12.50"}, {"artist": "Oak", "amount": "1.20"}]


def test_a_file_of_a_json_list_is_the_input_as_it_stands(pages: Pages) -> None:
    page = way(pages, "File", "echo")

    page.file_uploader(key="start/echo/#file").upload(
        "a.json", b'[{"a": 0.5, "b": [1, {"c": true}]}, 3]', "application/json"
    ).run()
    page.button(key="start").click().run()

    given = pages.client.history(newest(pages, "echo")[0], limit=1)[0].data["input"]
    assert given == [{"a": 0.5, "b": [1, {"c": True}]}, 3]


def test_a_file_of_a_json_list_goes_into_a_list_where_only_that_fits(pages: Pages) -> None:
    page = way(pages, "File")

    page.file_uploader(key=f"{FORM}#file").upload(
        "lines.json", b'[{"artist": "Ibis", "amount": 12.5}]', "application/json"
    ).run()
    page.selectbox(key=f"{FORM}#place").set_value("lines").run()
    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.button(key="start").click().run()

    given = pages.client.history(newest(pages, "royalties")[0], limit=1)[0].data["input"]
    assert isinstance(given, dict)
    assert given["lines"] in ([{"artist": "Ibis", "amount": 12.5}], [{"artist": "Ibis", "amount": "12.5"}])


def test_a_plan_says_what_would_happen_and_nothing_does(pages: Pages) -> None:
    before = newest(pages, "royalties")
    page = pages.open("execute", workflow="royalties")

    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.button(key="plan").click().run()

    assert "What it would do" in words(page)
    assert newest(pages, "royalties") == before


def test_what_was_wrong_is_gone_when_it_was_corrected(pages: Pages) -> None:
    page = pages.open("execute", workflow="royalties")
    page.button(key="plan").click().run()
    assert [one for one in page.markdown if one.value.startswith(":red[")]

    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.button(key="plan").click().run()

    assert "What it would do" in words(page)
    assert not [one for one in page.markdown if one.value.startswith(":red[")]


def test_a_run_is_run_again_with_what_it_was_given_in_the_form(pages: Pages) -> None:
    first = pages.asking()
    page = pages.open("execute", workflow="royalties", again=first)
    field = page.text_input(key=f"start/royalties/{first}/month")
    assert field.value == "2025-11"

    field.set_value("2025-12").run()
    page.button(key="start").click().run()

    assert not page.exception
    again = newest(pages, "royalties")[0]
    assert pages.client.operation(again).origin == first
    assert json.loads(json.dumps(pages.client.history(again, limit=1)[0].data["input"]))["month"] == "2025-12"


def test_a_workflow_that_is_not_offered_any_more_is_said_and_no_other_taken(pages: Pages) -> None:
    page = pages.open("execute", workflow="gone", again=pages.ended("echo"))

    assert "This workflow is not offered" in words(page)
    assert "start" not in [one.key for one in page.button]


def test_a_run_again_of_a_run_that_nobody_knows_is_said(pages: Pages) -> None:
    page = pages.open("execute", workflow="echo", again="nobody")

    assert "There is no such run" in words(page)
    assert not page.error
    assert "start" not in [one.key for one in page.button]


def test_somebody_else_does_a_stage_if_that_is_chosen(pages: Pages) -> None:
    page = pages.open("execute", workflow="echo")
    page.toggle(key="start/echo/#how/choose").set_value(True).run()
    choice = page.selectbox(key="start/echo/#how/agent/echo")
    assert choice.value == "echo"

    choice.set_value("shout").run()
    page.button(key="plan").click().run()
    assert "shout" in words(page)
    page.button(key="start").click().run()

    assert not page.exception
    made = pages.client.wait(newest(pages, "echo")[0], timeout=20)
    assert [stage.agent for stage in made.stages] == ["shout"]


def test_reports_are_made_by_those_workflows_only_that_write_some(pages: Pages) -> None:
    page = pages.open("report")
    assert page.selectbox(key="workflow").options == ["statements"]

    page.button(key="start").click().run()

    assert not page.exception
    made = newest(pages, "statements")[0]
    assert pages.client.wait(made, timeout=20).status == "completed"
    assert [one.name for one in pages.client.files(made)] == ["statement.txt"]


def test_where_no_workflow_writes_reports_it_is_said_how_one_does(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = [line for line in pages.client.workflows() if not line.reports]
    monkeypatch.setattr(BlockingClient, "workflows", lambda _: offered)

    page = pages.open("report")

    assert "No workflow writes reports" in words(page)
    assert "start" not in [one.key for one in page.button]

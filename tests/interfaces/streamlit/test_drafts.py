"""What was typed to start a run: it is there again in another way of input, and when somebody comes back."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from agentkit.interfaces.streamlit import gathering
from tests.interfaces.streamlit.conftest import Pages
from tests.interfaces.streamlit.reading import words
from tests.interfaces.streamlit.test_starting import FORM, newest

SALES = b"artist,amount\nIbis,12.50\n"


def turned(page: AppTest, way: str) -> AppTest:
    """The same page, whose input is given in another way."""
    page.radio(key="way").set_value(way).run()
    assert not page.exception
    return page


def gone_and_come_back(page: AppTest) -> AppTest:
    for name in ("history", "execute"):
        page.switch_page(f"app_pages/{name}.py")
        page.query_params.clear()
        page.run()
        assert not page.exception
    return page


def test_what_was_typed_is_there_when_somebody_comes_back(pages: Pages) -> None:
    page = pages.open("execute", workflow="royalties")
    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.checkbox(key=f"{FORM}/rush").check().run()
    page.selectbox(key=f"{FORM}/fee/currency").set_value("EUR").run()
    page.button(key=f"{FORM}/lines+").click().run()
    page.text_input(key=f"{FORM}/lines/0/artist").set_value("Ibis").run()
    page.text_input(key=f"{FORM}#how/note").set_value("the second try").run()

    gone_and_come_back(page)

    assert page.selectbox(key="workflow").value == "royalties"
    assert page.text_input(key=f"{FORM}/month").value == "2025-11"
    assert page.checkbox(key=f"{FORM}/rush").value is True
    assert page.selectbox(key=f"{FORM}/fee/currency").value == "EUR"
    assert page.text_input(key=f"{FORM}/lines/0/artist").value == "Ibis"
    assert page.text_input(key=f"{FORM}#how/note").value == "the second try"


def test_the_workflow_that_is_started_is_not_what_the_history_looks_for(pages: Pages) -> None:
    page = pages.open("execute", workflow="royalties")
    page.selectbox(key="workflow").set_value("echo").run()

    page.switch_page("app_pages/history.py")
    page.query_params.clear()
    page.run()

    assert page.selectbox(key="workflow").value is None


def test_the_way_is_the_same_when_somebody_comes_back(pages: Pages) -> None:
    page = turned(pages.open("execute", workflow="echo"), "JSON")
    page.text_area(key="start/echo/#json").set_value('{"a": ').run()

    gone_and_come_back(page)

    assert page.text_area(key="start/echo/#json").value == '{"a": '


def test_each_workflow_has_a_draft_of_its_own(pages: Pages) -> None:
    page = pages.open("execute", workflow="royalties")
    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()

    page.selectbox(key="workflow").set_value("echo").run()
    page.selectbox(key="workflow").set_value("royalties").run()

    assert page.text_input(key=f"{FORM}/month").value == "2025-11"


def test_what_was_typed_in_fields_is_in_the_json_and_back(pages: Pages) -> None:
    page = pages.open("execute", workflow="royalties")
    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.text_input(key=f"{FORM}/copies").set_value("many").run()

    turned(page, "JSON")
    written = page.text_area(key=f"{FORM}#json").value
    # What cannot be read is not in the JSON, and not lost either.
    assert json.loads(written or "")["month"] == "2025-11"
    assert page.text_area(key=f"{FORM}#json").value == written
    turned(page, "Form")
    assert page.text_input(key=f"{FORM}/copies").value == "many"

    turned(page, "JSON")
    page.text_area(key=f"{FORM}#json").set_value('{"month": "2026-01", "lines": [{"artist": "Oak"}]}').run()
    turned(page, "Form")
    assert page.text_input(key=f"{FORM}~1/month").value == "2026-01"
    assert page.text_input(key=f"{FORM}~1/lines/0/artist").value == "Oak"

    # As it was written, since nothing else has been filled in.
    turned(page, "JSON")
    assert page.text_area(key=f"{FORM}~1#json").value == '{"month": "2026-01", "lines": [{"artist": "Oak"}]}'


@pytest.mark.parametrize("written", ['{"month": ', "[1]"])
def test_json_that_no_field_can_hold_waits_where_it_was_typed(pages: Pages, written: str) -> None:
    page = pages.open("execute", workflow="royalties")
    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    turned(page, "JSON")
    page.text_area(key=f"{FORM}#json").set_value(written).run()

    turned(page, "Form")
    assert "cannot be read" in words(page)
    assert page.text_input(key=f"{FORM}/month").value == "2025-11"

    turned(page, "JSON")
    assert page.text_area(key=f"{FORM}#json").value == written


def test_what_was_typed_and_not_left_before_the_way_was_changed_is_there(pages: Pages) -> None:
    page = pages.open("execute", workflow="royalties")
    page.text_input(key=f"{FORM}/month").set_value("2025-11")

    turned(page, "JSON")

    assert json.loads(page.text_area(key=f"{FORM}#json").value or "")["month"] == "2025-11"


def test_a_draft_ends_with_its_start(pages: Pages) -> None:
    page = turned(pages.open("execute", workflow="echo"), "JSON")
    page.text_area(key="start/echo/#json").set_value("[1]").run()
    page.button(key="start").click().run()
    assert not page.exception
    assert page.title[0].value == "Run"

    gone_and_come_back(page)

    assert page.selectbox(key="workflow").value == "echo"
    turned(page, "JSON")
    assert page.text_area(key="start/echo/#json").value != "[1]"


def test_a_file_is_read_once_and_kept_until_it_is_removed(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    read, extract = list[str](), gathering._rows_of_file

    def reading(name: str, content: bytes) -> object:
        read.append(name)
        return extract(name, content)

    monkeypatch.setattr(gathering, "_rows_of_file", reading)
    page = turned(pages.open("execute", workflow="royalties"), "File")
    page.file_uploader(key=f"{FORM}#file").upload("sales.csv", SALES, "text/csv").run()
    page.text_input(key=f"{FORM}/month").set_value("2025-11").run()
    page.run()
    assert read == ["sales.csv"]

    gone_and_come_back(page)
    assert "sales.csv, chosen before" in words(page)
    assert page.text_input(key=f"{FORM}/month").value == "2025-11"
    page.button(key="start").click().run()

    given = pages.client.history(newest(pages, "royalties")[0], limit=1)[0].data["input"]
    assert isinstance(given, dict)
    assert given["lines"] == [{"artist": "Ibis", "amount": "12.50"}]
    assert read == ["sales.csv"]


def test_a_file_that_was_taken_away_is_not_kept(pages: Pages) -> None:
    page = turned(pages.open("execute", workflow="royalties"), "File")
    page.file_uploader(key=f"{FORM}#file").upload("sales.csv", SALES, "text/csv").run()
    gone_and_come_back(page)

    page.button(key=f"{FORM}#unfile").click().run()

    assert "sales.csv" not in words(page)
    page.button(key="start").click().run()
    assert "choose a file first" in words(page)

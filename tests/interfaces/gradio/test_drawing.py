"""What is shown is text, exact, and complete: boards, results, forms."""

from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import gradio as gr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from agentkit.errors import FormInvalid
from agentkit.interfaces.gradio.board import board, recent
from agentkit.interfaces.gradio.fields import Drawing
from agentkit.interfaces.gradio.files_view import safe_name
from agentkit.interfaces.gradio.held import at, put
from agentkit.interfaces.gradio.markup import line
from agentkit.interfaces.gradio.results import result
from agentkit.screens import Form, FormErrors
from agentkit.wire import FailureLine, LiveLine, OperationPage, ResultPage, StageLine
from tests.interfaces.gradio.world import Order

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OURS = {"div", "h2", "p", "span", "strong", "code", "table", "thead", "tbody", "tr", "th", "td", "br", "a", "dl", "dt"}
OURS |= {"section", "b", "dd", "ul", "li", "pre"}


class Tags(HTMLParser):
    """The tags of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"} or name.startswith("on")]


def operation(**more: Any) -> OperationPage:
    about = {"id": "1m8b", "workflow": "royalties", "status": "running", "events": 3, "ended": False, "fraction": 0.5}
    return OperationPage.model_validate({**about, "created_at": NOW, "updated_at": NOW, "seconds": 12, **more})


@given(text=st.text(max_size=60) | st.sampled_from(["<b>", "<img src=x onerror=alert(1)>", "' onclick='x", "</td>"]))
@settings(max_examples=50)
def test_p26_texts_of_others_are_never_markup(text: str) -> None:
    stage = StageLine(name=text, status=text, fraction=0.5, message=text, agent=text, attempt=2, failure=text)
    failure = FailureLine(code=text, message=text)
    said = [LiveLine(number=1, stage=text, message=text)]
    shown = board(operation(workflow=text, message=text, stages=[stage], failure=failure, said=said), UTC)
    shown += recent([operation(workflow=text)], UTC)
    shown += result(ResultPage(operation="1", output={text: [{text: text}, text]}, seconds=1, missing=[text]))
    tags = Tags(shown)
    assert tags.found <= OURS
    assert set(tags.links) <= {"?operation=1m8b"}


def test_the_newest_of_what_agents_say_is_shown() -> None:
    said = [LiveLine(number=number, stage="write", message=f"sentence {number}") for number in range(1, 21)]
    shown = board(operation(said=said), UTC)

    assert [f"sentence {number}<" in shown for number in (12, 13, 20)] == [False, True, True]
    assert "<b>write</b> sentence 20" in shown
    assert "What agents say" not in board(operation(), UTC)


def test_signs_of_markup_are_escaped() -> None:
    assert line('"<&>"') == "&quot;&lt;&amp;&gt;&quot;"


def test_a_board_says_how_it_stands_with_words_and_the_zone_of_its_times() -> None:
    shown = board(operation(waiting=("approval",), seconds_left=30, wake_at=NOW), UTC)
    for words in ("running", "waits for approval", "50 %", "about 30 s left", "started 2026-11-28 12:00:00 UTC"):
        assert words in shown


def test_a_file_that_was_given_before_is_said_not_to_be_taken_over() -> None:
    form = Form.of({"type": "object", "properties": {"scan": {"type": "string", "format": "binary"}}})
    said: list[list[str]] = []
    for held in (form.fill({"scan": "a text"}), form.blank()):
        with gr.Blocks() as blocks:
            Drawing(held, FormErrors()).draw(form.fields)
        said.append([str(one.value) for one in blocks.blocks.values() if isinstance(one, gr.HTML)])

    assert "choose it again" in "".join(said[0])
    assert "choose it again" not in "".join(said[1])


def test_of_very_many_stages_those_that_need_a_look_come_first() -> None:
    stages = [StageLine(name=f"s{n}", status="completed", fraction=1) for n in range(1_000)]
    shown = board(operation(stages=[*stages, StageLine(name="late", status="failed", fraction=0)]), UTC)
    assert shown.index("late") < shown.index("s0<")
    assert "901 more stages" in shown
    assert len(shown) < 60_000


def test_amounts_and_tables_are_shown_digit_by_digit() -> None:
    money: JsonValue = {"amount": "12345678901234567.89", "currency": "EUR"}
    shown = result(ResultPage(operation="1", output={"paid": money, "rows": [{"n": 1.5, "paid": money}]}, seconds=1))
    assert shown.count("12,345,678,901,234,567.89 EUR") == 2
    assert "1 row" in shown


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "_.._etc_passwd"), ("a<b>.csv", "a_b_.csv"), ("...", "file"), ("ü.txt", "ü.txt")],
)
def test_a_file_is_called_what_it_is_and_never_a_path(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.fixture
def form() -> Form:
    return Form.of(Order.model_json_schema())


@pytest.fixture
def page() -> Iterator[None]:
    with gr.Blocks():
        yield


@pytest.mark.usefixtures("page")
def test_what_widgets_hold_is_read_as_it_was_filled_in(form: Form) -> None:
    given: dict[str, JsonValue] = {
        "month": "2025-11",
        "holders": [{"name": "Ada", "share": "12.50"}],
        "rows": 3,
        "urgent": True,
    }
    drawing = Drawing(form.fill(given), FormErrors())
    drawing.draw(form.fields)
    read = form.read(drawing.read([widget.value for widget in drawing.widgets]))
    assert isinstance(read, dict)
    assert {key: read[key] for key in given} == given


@pytest.mark.usefixtures("page")
def test_a_list_grows_and_shrinks_and_keeps_the_rest(form: Form) -> None:
    held = form.fill({"month": "2025-11", "holders": [{"name": "Ada", "share": "1"}]})
    drawing = Drawing(held, FormErrors())
    drawing.draw(form.fields)
    (add,) = [change for widget, change in drawing.changes if str(widget.value).startswith("+ Add")]
    (remove,) = [change for widget, change in drawing.changes if str(widget.value).startswith("✕ Remove")]
    add(held)
    assert at(held, ("holders", 1)) == {"name": "", "share": ""}
    remove(held)
    assert at(held, ("holders",)) == [{"name": "", "share": ""}]
    with pytest.raises(FormInvalid):
        form.read(held)


def test_a_place_is_made_where_it_is_missing() -> None:
    held: dict[str, object] = {}
    put(held, ("a", 1, "b"), "c")
    assert held == {"a": [None, {"b": "c"}]}
    assert at(held, ("a", 5, "b")) is None

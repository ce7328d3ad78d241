"""What a browser or a run of somebody sends never becomes a file of the server."""

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import gradio as gr
import pytest
from fastapi import FastAPI
from gradio.components import Component
from starlette.testclient import TestClient

from agentkit.client import Client
from agentkit.errors import FormInvalid
from agentkit.interfaces.gradio import mount_gradio
from agentkit.interfaces.gradio.starting import Reads, Start, begun, draw_start
from agentkit.wire import Calls, OperationPage, WorkflowPage
from tests.interfaces.gradio.test_mounting import call

TEXT = {"type": "string", "title": "A"}
FILE = {"type": "string", "title": "B", "contentEncoding": "base64"}
MEMO = {"type": "object", "properties": {"memo": {"oneOf": [TEXT, FILE]}}, "required": ["memo"]}


@pytest.fixture
def page() -> Iterator[None]:
    with gr.Blocks():
        yield


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("the key of the server")
    return path


def drawn(start: Start) -> tuple[Sequence[Component], Reads]:
    """The widgets of a form, and what reads them."""
    found: list[tuple[Sequence[Component], Reads]] = []
    draw_start(start, gr.State(start), lambda _, widgets, reads: found.append((widgets, reads)))
    return found[0]


def form(schema: Any, given: Any = None, *, is_again: bool = False) -> Start:
    about = WorkflowPage(name="memo", description="", input=schema, stages=1, definition=None, diagram="")
    return begun(about, given, is_again=is_again)


def files(widgets: Sequence[Component]) -> list[Any]:
    return [widget.value for widget in widgets if isinstance(widget, gr.File)]


@pytest.mark.usefixtures("page")
def test_a_text_that_is_sent_as_a_file_is_no_path(secret: Path) -> None:
    start = form(MEMO)
    widgets, reads = drawn(start)
    assert [type(widget) for widget in widgets] == [gr.Dropdown, gr.Textbox]
    filled, read = reads(start, ["B", str(secret)])
    with pytest.raises(FormInvalid) as error:
        read()
    assert list(error.value.faults) == ["/memo"]
    # Drawn anew, it is not served either.
    again, reads = drawn(filled)
    assert files(again) == [None]
    with pytest.raises(FormInvalid, match="Fill this in"):
        reads(filled, ["B", None])[1]()


@pytest.mark.usefixtures("page")
def test_a_file_that_was_uploaded_is_read_and_shown_again(secret: Path) -> None:
    start = form({"type": "object", "properties": {"memo": FILE}})
    widgets, reads = drawn(start)
    assert files(widgets) == [None]
    filled, read = reads(start, [str(secret)])
    assert read() == {"memo": base64.b64encode(secret.read_bytes()).decode()}
    assert "secret" in json.dumps(files(drawn(filled)[0]), default=str)


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("place", ["/etc/hostname", "https://evil.test/x", "etc/hostname", "é"])
def test_a_file_of_an_earlier_input_that_is_no_file_is_not_served(place: str, secret: Path) -> None:
    schema = {"type": "object", "properties": {"memo": FILE}}
    for sent in (place, str(secret)):
        assert files(drawn(form(schema, {"memo": sent}, is_again=True))[0]) == [None]


@pytest.mark.usefixtures("page")
def test_a_text_of_another_variant_is_not_served_when_the_form_is_drawn_anew(secret: Path) -> None:
    variants = {"oneOf": [TEXT, FILE]}
    memos = {"type": "array", "items": variants, "minItems": 1}
    start = form({"type": "object", "properties": {"memos": memos}, "required": ["memos"]})
    widgets, reads = drawn(start)
    assert [type(widget) for widget in widgets] == [gr.Dropdown, gr.Textbox]
    assert files(drawn(reads(start, ["B", str(secret)])[0])[0]) == [None]


class Echo:
    """A place whose runs are called what they are asked for."""

    def __init__(self, answer: Any = None) -> None:
        self._answer = answer

    async def operation(self, _id: str) -> OperationPage:
        return cast("OperationPage", self)

    async def decide(self, _id: str, decision: Any) -> OperationPage:
        self._answer = decision.form
        return cast("OperationPage", self)

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        return {"id": "1m8b", "said": self._answer, "mode": mode}


def marked(path: Path) -> dict[str, Any]:
    """What Gradio takes for a file that it is to keep and serve."""
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}}


def kept(cache: Path) -> list[str]:
    return [path.name for path in cache.rglob("*") if path.is_file()]


@pytest.mark.blocking
def test_what_a_program_sends_does_not_have_a_file_of_the_server_kept_and_served(
    secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    app = mount_gradio(FastAPI(), Client(cast("Calls", Echo())), path="/pages")
    with TestClient(app) as client:
        call(client, "approve", "1m8b", "pay", {"file": marked(secret)}, "", "")
        assert kept(tmp_path / "cache") == []


@pytest.mark.blocking
def test_what_a_run_says_does_not_have_a_file_of_the_server_kept_and_served(
    secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    app = mount_gradio(FastAPI(), Client(cast("Calls", Echo([marked(secret)]))), path="/pages")
    with TestClient(app) as client:
        said = call(client, "operation", "1m8b")
        assert kept(tmp_path / "cache") == []
    assert str(secret) in said

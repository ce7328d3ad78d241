"""Files that are brought and given: what is left of them, and what they may be called."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from agentkit.client import Client
from agentkit.interfaces.gradio.asking import Desks
from agentkit.interfaces.gradio.files_view import Files, draw_files, safe_name
from agentkit.interfaces.gradio.starting import submit
from agentkit.wire import Calls, FileLine
from tests.interfaces.gradio.test_hostile import FILE, drawn, form

NOW = datetime(2026, 11, 28, tzinfo=UTC)
REQUEST = cast("gr.Request", SimpleNamespace(request=object()))
LINE = FileLine(name="ü" * 300 + ".csv", stage="pay", at=NOW, size=5, media_type="text/csv", sha256="")


class Kept:
    """A place that has one file."""

    async def file(self, *_: Any, **__: Any) -> bytes:
        return b"a,b\n1"


def fetching() -> Any:
    """What brings a file."""
    with gr.Blocks() as page:
        draw_files(Files(operation="1m8b", lines=(LINE,)), Desks(Client(cast("Calls", Kept()))))
    return next(fn.fn for fn in page.fns.values() if fn.fn is not None)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files may be written."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    return tmp_path


def written(folders: Path) -> dict[str, bytes]:
    """Every file, wherever it lies."""
    return {str(path): path.read_bytes() for path in folders.rglob("*") if path.is_file()}


async def test_a_file_that_was_brought_lies_where_gradio_removes_it_and_nowhere_else(folders: Path) -> None:
    update, wrong = await fetching()(REQUEST)
    assert wrong == ""
    assert written(folders) == {update["value"]: b"a,b\n1"}
    assert Path(update["value"]).is_relative_to(folders / "cache")


@pytest.mark.parametrize("letter", ["a", "ü", "日", "\U00020000"])
def test_a_name_of_any_length_fits_a_disk(letter: str) -> None:
    name = safe_name(letter * 300 + ".csv")
    assert len(name.encode()) <= 255
    assert name.startswith(letter)
    assert name.endswith(letter + ".csv")


async def test_a_disk_that_takes_nothing_is_said_to(folders: Path) -> None:
    (folders / "cache").write_text("in the way")
    _, wrong = await fetching()(REQUEST)
    assert "could not be written" in wrong


@pytest.mark.blocking
async def test_an_uploaded_file_that_is_gone_is_said_to_be() -> None:
    with gr.Blocks():
        start = form({"type": "object", "properties": {"memo": FILE}})
        _, reads = drawn(start)
    filled, read = reads(start, ["/nowhere/memo.txt"])
    after, found = await submit(Desks(Client(cast("Calls", Kept()))), REQUEST, filled, read)
    assert found is None
    assert "memo.txt cannot be read" in after.errors.general[0]

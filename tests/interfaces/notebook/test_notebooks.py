"""The example notebooks run in a real kernel, and what is saved shows how everything ended.

One kernel runs all of them, one after the other, each after the names of the one before are gone.
"""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.docs.pages import ROOT
from tests.interfaces.notebook.pictures import check_harmless

NAMES = ["royalties", "approval", "server"]
FORGET = "%reset -f"
HOSTILE = "<script>alert(1)</script>"

Notebook = Any
FORMAT: Any = nbformat  # its functions have no types


def read(name: str) -> Notebook:
    return FORMAT.read(ROOT / "examples" / "notebooks" / f"{name}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Notebook]]:
    """Run all notebooks, and return the code cells of each as they are in a file that was saved."""
    cells: list[Notebook] = []
    for name in NAMES:
        cells += [FORMAT.v4.new_code_cell(FORGET), *(cell for cell in read(name).cells if cell.cell_type == "code")]
    joined: Notebook = FORMAT.v4.new_notebook(cells=cells)
    folder = tmp_path_factory.mktemp("notebooks")
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(joined, timeout=120, kernel_name="python3", resources=resources).execute()
    # Through a file, so that what is looked at is what people open.
    FORMAT.write(joined, folder / "saved.ipynb")
    written: Notebook = FORMAT.read(folder / "saved.ipynb", as_version=4)
    parts: list[list[Notebook]] = []
    for cell in written.cells:
        if cell.source == FORGET:
            parts.append([])
        else:
            parts[-1].append(cell)
    return dict(zip(NAMES, parts, strict=True))


def html_of(cell: Notebook) -> str:
    return "\n".join(output.data["text/html"] for output in cell.outputs if "text/html" in output.get("data", {}))


def views(cells: list[Notebook]) -> list[str]:
    """Return the pictures of operations, in order."""
    return [html for cell in cells if 'class="agentkit-view"' in (html := html_of(cell))]


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_fails_and_everything_is_harmless(saved: dict[str, list[Notebook]], name: str) -> None:
    outputs = [output for cell in saved[name] for output in cell.outputs]

    assert [output for output in outputs if output.output_type == "error"] == []
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    for cell in saved[name]:
        check_harmless(html_of(cell))
        assert HOSTILE not in html_of(cell)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_in_the_project_has_no_outputs(name: str) -> None:
    for cell in read(name).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_money_tables_and_trails_draw_themselves(saved: dict[str, list[Notebook]]) -> None:
    shown = [html for cell in saved["royalties"] if (html := html_of(cell))]

    assert "Letters &lt;draft&gt;" in shown[0]
    assert "5183.04 EUR" in shown[1]
    assert "<svg" in shown[2]
    assert "plan of royalties" in shown[3]
    assert "not verified here" in shown[-1]


def test_the_last_picture_is_in_the_saved_file(saved: dict[str, list[Notebook]]) -> None:
    [view] = views(saved["royalties"])

    assert "✓ completed" in view
    assert "● running" not in view
    assert "3009.97 EUR" in view
    assert 'download="statement.csv"' in view


def test_a_picture_goes_on_while_later_cells_run(saved: dict[str, list[Notebook]]) -> None:
    first, second, third = views(saved["approval"])

    # The question was asked in the first cell, and answered two cells later.
    assert "the bank does not answer" in first
    assert "✗ failed" in first
    assert "✓ completed" in second
    assert "✓ completed" in third
    assert "&lt;script&gt;alert(1)" in second


def test_operations_of_a_server_draw_themselves_awaited_or_not(saved: dict[str, list[Notebook]]) -> None:
    blocking, awaited = views(saved["server"])

    assert "Statement of 2025-11" in blocking
    assert "sent: Statement of 2025-12" in awaited
    assert 'download="statement.txt"' in awaited


def test_each_notebook_is_listed_for_readers() -> None:
    listed = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    there = sorted(path.stem for path in Path(ROOT / "examples" / "notebooks").glob("*.ipynb"))

    assert there == sorted(NAMES)
    assert all(f"notebooks/{name}.ipynb" in listed for name in NAMES)

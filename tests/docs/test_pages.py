"""Every example of README.md and docs/ runs as it is printed."""

import asyncio
import sys
from pathlib import Path
from types import ModuleType

# Loaded before any loop runs: pages import it where they need it, and loading reads files, which the watch refuses.
import pydantic_ai  # noqa: F401 - imported for what loading it does
import pytest

from tests.docs.pages import PAGES, ROOT, Block, Reader, blocks, furnish


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    # Type hints of a page's classes are looked up in the module that they name.
    namespace = ModuleType(f"page_{page.stem}")
    monkeypatch.setitem(sys.modules, namespace.__name__, namespace)

    with asyncio.Runner() as loop:
        Reader(page=page, namespace=namespace, loop=loop, directory=tmp_path).read()


def test_blocks_are_found_with_language_title_and_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '# Page\n\n```yaml title="flow.yaml"\nname: a\n```\n\n=== "Tab"\n\n    ```python no-run\n    x = 1\n    ```\n'
    )

    assert list(blocks(page)) == [
        Block(language="yaml", body="name: a\n", line=4, title="flow.yaml"),
        Block(language="python", body="x = 1\n", line=10, runs=False),
    ]


@pytest.mark.parametrize(
    ("body", "commands"),
    [
        ("$ agentkit list\nno agentkit output\n", [("agentkit list", 0)]),
        ("cd x && .venv/bin/agentkit run a.yaml \\\n  --json\n", [("agentkit run a.yaml    --json", 0)]),
        ("$ agentkit check wrong.yaml  # exit 2\n", [("agentkit check wrong.yaml  # exit 2", 2)]),
        ("pip install 'agentkit[cli]'\n", []),
    ],
)
def test_commands_are_found_in_console_blocks(body: str, commands: list[tuple[str, int]]) -> None:
    assert Block(language="console", body=body, line=1).commands() == commands


def test_a_wrong_example_fails_at_its_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n")

    with asyncio.Runner() as loop, pytest.raises(AssertionError) as failure:
        Reader(page=page, namespace=ModuleType("page"), loop=loop, directory=tmp_path).read()

    assert failure.traceback[-1].lineno == 5

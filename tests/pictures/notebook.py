"""The pictures of the how-to page of notebooks: `nox -s pictures -- notebook`.

The example notebooks run in a real kernel; what they saved is laid below their cells as a notebook does it.
"""

from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbclient import NotebookClient

from tests.browsing import WIDTHS, Theme, chromium, window
from tests.interfaces.notebook.test_notebooks import html_of, read

PLACE = Path("docs/how-to/pictures")
SEEN = Path("out/pictures/notebook")
NOTEBOOKS = {"royalties": "notebook-run", "approval": "notebook-failed"}
"""The example notebooks, and what the first picture of an operation in each is called."""
THEMES: tuple[Theme, ...] = ("light", "dark")
STYLE = """
body { margin: 0; padding: 24px; font: 14px/1.4 system-ui, sans-serif }
body { color-scheme: light; background: #fff; color: #1a1a1a }
pre { padding: 10px 12px; overflow: auto; background: #f5f5f5; border: 1px solid #e0e0e0; font: 13px/1.45 monospace }
.output { padding: 4px 12px 12px; overflow: auto }
body.dark { color-scheme: dark; background: #111; color: #e6e6e6 }
.dark pre { background: #1e1e1e; border-color: #333 }
"""


def main() -> None:
    with TemporaryDirectory() as folder:
        for name, picture in NOTEBOOKS.items():
            notebook: Any = read(name)
            NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
            for theme in THEMES:
                page = Path(folder) / f"{name}-{theme}.html"
                page.write_text(_page(notebook.cells, theme), encoding="utf-8")
                for width in WIDTHS:
                    _look(page, SEEN / f"{name}-{width}-{theme}.png", theme, width)
            _look_at_first(Path(folder) / f"{name}-light.html", PLACE / f"{picture}.png")


def _page(cells: list[Any], theme: Theme) -> str:
    drawn = [
        f'<pre>{escape(cell.source)}</pre><div class="output">{html_of(cell)}</div>'
        for cell in cells
        if cell.cell_type == "code"
    ]
    return f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style><body class="{theme}">{"".join(drawn)}'


def _look(page: Path, picture: Path, theme: Theme, width: str) -> None:
    with chromium() as started, window(started, page.as_uri(), width=width, theme=theme) as somebody:
        somebody.page.goto(page.as_uri())
        somebody.picture(picture)


def _look_at_first(page: Path, picture: Path) -> None:
    """Take the picture of one operation alone, with the cell that drew it."""
    with chromium() as started, window(started, page.as_uri()) as somebody:
        somebody.page.goto(page.as_uri())
        somebody.page.set_viewport_size({"width": 800, "height": 900})
        somebody.page.locator(".output", has=somebody.page.locator(".agentkit-view")).first.screenshot(path=picture)


if __name__ == "__main__":
    main()

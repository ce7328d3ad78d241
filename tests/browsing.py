"""A real browser on a page: what it said, whom it asked, what axe finds in it.

Rules: the browser is the one of the system (`chromium`, or what `AGENTKIT_CHROMIUM` names) and stays on loopback. A
window belongs to somebody who has never been here; a test ends it and then looks at what it heard.
"""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

Theme = Literal["light", "dark"]

CHROMIUM = os.environ.get("AGENTKIT_CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"wide": (1280, 900), "narrow": (390, 844)}
PATIENCE = 60_000
"""Milliseconds until something has to be there, on a machine that is busy with other tests."""

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium: apt-get install chromium, or name one in AGENTKIT_CHROMIUM"
)


@dataclass
class Window:
    """A page of a browser, what it said, and which other hosts it asked."""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def violations(self, frame: Collection[str]) -> dict[str, list[str]]:
        """What axe finds: the elements by rule, the rules that only the framework's own frame breaks left out."""
        found = Axe().run(self.page).response["violations"]
        return {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in found if one["id"] not in frame}

    def overflows(self) -> bool:
        """Whether the page can be moved sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def picture(self, path: Path, *, whole: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # What moves is shown where it comes to rest.
        self.page.screenshot(path=path, full_page=whole, animations="disabled")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, for as long as it is needed."""
    if CHROMIUM is None:
        raise SystemExit("there is no chromium: apt-get install chromium, or name one in AGENTKIT_CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def window(
    browser: Browser, url: str, *, width: str = "wide", theme: Theme = "light", own: Collection[str] = ()
) -> Iterator[Window]:
    """A window of somebody; `own` are words of the console that the framework itself is to blame for."""
    across, down = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": across, "height": down}, color_scheme=theme, timezone_id="Europe/Berlin"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    made = Window(page, url)

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            made.said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: made.said.append(str(error)))
    page.on("request", lambda asked: made.foreign.append(asked.url))
    try:
        yield made
    finally:
        context.close()
    near = (url, url.replace("http", "ws", 1), "data:", "blob:")
    made.said = [one for one in made.said if not any(words in one for words in own)]
    made.foreign = [one for one in made.foreign if not one.startswith(near)]

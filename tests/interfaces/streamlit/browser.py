"""A browser, and the pages in a real server of a process of its own: for tests, and for pictures."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

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

# Streamlit looks for its own server below the path of the page first, and the browser logs that it is not there.
OWN_CONSOLE = ("the server responded with a status of 404", "WARN ")


def chromium() -> str | None:
    """The browser of the system."""
    return os.environ.get("AGENTKIT_CHROMIUM") or shutil.which("chromium")


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield started
        finally:
            started.close()


@dataclass
class Window:
    """A page of a browser, and what it said and asked for meanwhile."""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, path: str, heading: str) -> Page:
        """Go to a page, and wait until all of it is drawn."""
        self.page.goto(self.url + path)
        return self.drawn(heading)

    def drawn(self, heading: str) -> Page:
        self.page.get_by_role("heading", name=heading, exact=True, level=1).wait_for()
        self.settled()
        return self.page

    def settled(self) -> None:
        """Wait until nothing is left of what stands for parts that are not there yet."""
        self.page.wait_for_function("""() => !document.querySelector('[data-testid="stSkeleton"]')""")


@contextmanager
def window(browser: Browser, url: str, *, width: str = "wide", theme: Any = "light") -> Iterator[Window]:
    """A window of somebody who has never been here."""
    across, down = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": across, "height": down}, color_scheme=theme, timezone_id="Europe/Berlin"
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    made = Window(page, url)
    page.on("console", lambda message: made.said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda asked: made.foreign.append(asked.url))
    try:
        yield made
    finally:
        context.close()
    made.foreign = [
        one for one in made.foreign if not one.startswith((url, url.replace("http", "ws"), "data:", "blob:"))
    ]
    made.said = [one for one in made.said if not any(own in one for own in OWN_CONSOLE)]


@contextmanager
def served(*words: str) -> Iterator[str]:
    """A process of `agentkit streamlit`; its address. It is ended as people end it."""
    command = [
        sys.executable,
        "-c",
        "from agentkit.interfaces.cli import main; main()",
        "streamlit",
        *words,
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"})
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "http://" in line:
                yield "http://" + line.partition("http://")[2].split()[0]
                break
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=20)[1]
    assert process.returncode == 0, (process.returncode, rest)

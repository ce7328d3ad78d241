"""A window of a browser on the page: what it said and asked for, and the steps that people take."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Browser, Locator, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = os.environ.get("AGENTKIT_CHROMIUM") or shutil.which("chromium")
WAIT = 60_000
# Gradio says so itself when a page is left while something is on its way to it.
ITS_OWN = ("AbortError: signal is aborted", "Unexpected error Connection errored out", "Unexpected error JSHandle")


@dataclass
class Window:
    """A page of a browser, what it said, and which other hosts it asked."""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, address: str = "") -> None:
        self.page.goto(self.url + address)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def see(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def start(self, month: str = "2025-11") -> str:
        """Fill in the form and start with a double click; the run's id."""
        self.page.get_by_label("Month").fill(month)
        self.button("Start").dblclick()
        self.page.wait_for_url(re.compile("operation="))
        return self.page.url.rpartition("operation=")[2]

    def approve(self, amount: str) -> None:
        self.page.get_by_label("Amount").fill(amount)
        self.button("✓ Approve pay").click()

    def result(self) -> None:
        self.page.get_by_role("heading", name="Result").wait_for()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(
    browser: Browser, url: str, *, width: int = 1280, theme: Literal["light", "dark"] = "light"
) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    made = Window(page, url)
    page.on("console", lambda message: made.said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: made.said.append(str(error)))
    page.on("request", lambda asked: made.foreign.append(asked.url) if "//127.0.0.1" not in asked.url else None)
    try:
        yield made
    finally:
        context.close()
    made.said = [one for one in made.said if not one.startswith(ITS_OWN)]
    made.foreign = [one for one in made.foreign if not one.startswith(("data:", "blob:"))]

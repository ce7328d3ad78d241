"""The steps that people take on the page, in a real browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import TimeoutError as Late

from tests.browsing import Theme, Window, window

GRADIOS = {
    # Widgets of Gradio 6.31: accordions, tabs, code and JSON, whose elements no page can change.
    "aria-allowed-attr",
    "aria-input-field-name",
    "label",
    "nested-interactive",
    "scrollable-region-focusable",
    # Its frame: two `main` inside of one another, and parts outside of them.
    "landmark-main-is-top-level",
    "landmark-no-duplicate-main",
    "landmark-unique",
    "region",
}
"""The rules of axe that Gradio's own frame and widgets break, whatever is put into them."""
OWN = ("AbortError: signal is aborted", "Unexpected error Connection errored out", "Unexpected error JSHandle")
"""What Gradio itself says in the console when a page is left while something is on its way to it."""

ORDER = ("Kind", "Urgent", "Fill in: Holders")
"""The last widgets that come, of the form of an order."""


class Visit:
    """Somebody at the page."""

    def __init__(self, seen: Window, address: str) -> None:
        self.window = seen
        self.address = address

    @property
    def page(self) -> Page:
        return self.window.page

    def open(self, more: str = "") -> None:
        self.page.goto(self.address + more)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def see(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def form(self, *labels: str) -> None:
        """Wait for all of the form: the browser fetches some widgets when they are drawn, and what is below moves."""
        for label in labels or ORDER:
            self.page.get_by_label(label).first.wait_for()

    def starts(self, button: str = "Start") -> str:
        """Start by a double click what is filled in; the run's id."""
        self.button(button).dblclick()
        try:
            self.page.wait_for_url(re.compile("operation="), timeout=15_000)
        except Late:
            # On a busy machine the page may not listen yet when it can be seen: people click again.
            self.button(button).click()
            self.page.wait_for_url(re.compile("operation="))
        return self.page.url.rpartition("operation=")[2]

    def start(self, month: str = "2025-11", *, last: str = "") -> str:
        """Fill in the form and start; the run's id."""
        self.form(*filter(None, [last]))
        self.page.get_by_label("Month").fill(month)
        return self.starts()

    def approve(self, amount: str) -> None:
        self.page.get_by_label("Amount").fill(amount)
        self.button("✓ Approve pay").click()

    def result(self) -> None:
        self.page.get_by_role("heading", name="Result").wait_for()


@contextmanager
def visit(browser: Browser, address: str, *, width: str = "wide", theme: Theme = "light") -> Iterator[Visit]:
    """A visit, in the course of which the page says nothing wrong and asks nobody else."""
    place = urlsplit(address)
    with window(browser, f"{place.scheme}://{place.netloc}", width=width, theme=theme, own=OWN) as seen:
        yield Visit(seen, address)
    assert (seen.said, seen.foreign) == ([], [])

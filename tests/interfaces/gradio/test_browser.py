"""The page in a real browser: the whole flow with a reload, two widths and themes, who is asked, what axe finds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.interfaces.gradio.windows import CHROMIUM, chromium, window
from tests.interfaces.gradio.world import HOSTILE, World, world

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium: apt-get install chromium, or name one in AGENTKIT_CHROMIUM"
)

# Of Gradio's own frame and widgets, in 6.31: what no page can change.
GRADIOS = {
    "aria-allowed-attr",
    "aria-input-field-name",
    "label",
    "landmark-no-duplicate-main",
    "landmark-main-is-top-level",
    "landmark-unique",
    "nested-interactive",
    "region",
    "scrollable-region-focusable",
}
PICTURES = Path("out/pictures/gradio")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def site() -> Iterator[World]:
    with world("near", "royalties") as made:
        yield made


@pytest.fixture(scope="module")
def done(browser: Browser, site: World) -> str:
    """A run that was started by a double click, reloaded in the middle, approved and completed; its id."""
    before = site.operations()
    with window(browser, site.url) as ada:
        ada.open()
        operation = ada.start()
        ada.page.reload()
        ada.see("Pay for 2025-11?")
        ada.button("✓ Approve pay").click()
        ada.see("Amount: Fill this in.")
        ada.approve("12.50")
        ada.result()
        with ada.page.expect_download() as download:
            ada.page.get_by_role("button", name="statement & co.csv").click()
        assert Path(download.value.path()).read_text().startswith("artist,total")
    assert (ada.said, ada.foreign) == ([], [])
    assert site.operations() == before + 1
    return operation


def test_a_run_goes_on_through_a_reload_and_a_double_click_starts_once(done: str) -> None:
    assert done


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(browser: Browser, site: World) -> None:
    with window(browser, site.url) as ada:
        ada.open()
        ada.page.get_by_label("Rows (optional)").fill("none")
        ada.button("Start").click()
        ada.see("Month: Fill this in.")
        ada.see("2 fields to correct")
        assert ada.page.get_by_label("Rows (optional)").input_value() == "none"
    assert (ada.said, ada.foreign) == ([], [])


def test_a_run_is_opened_by_its_id_and_a_wrong_one_is_said_to_be(browser: Browser, site: World, done: str) -> None:
    with window(browser, site.url) as bob:
        bob.open("/?operation=nobody")
        bob.see("Not found")
        # Its name has an arrow besides.
        bob.page.get_by_role("button", name="Open a run by its id").click()
        bob.page.get_by_placeholder("paste it here").fill(done)
        bob.button("Open").click()
        bob.result()
    assert (bob.said, bob.foreign) == ([], [])


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_the_page_can_be_read_by_all(
    browser: Browser, site: World, done: str, width: int, theme: Literal["light", "dark"]
) -> None:
    with window(browser, site.url, width=width, theme=theme) as ada:
        for name, address, seen in (("form", "", "Recent runs"), ("result", f"/?operation={done}", "1,234.50 EUR")):
            ada.open(address)
            ada.see(seen)
            ada.page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)
            found = Axe().run(ada.page).response["violations"]
            assert {one["id"]: one["nodes"][0]["html"] for one in found if one["id"] not in GRADIOS} == {}
            across = ada.page.evaluate("document.documentElement.scrollWidth")
            assert across <= width
            # What others wrote is text, whatever it looks like.
            assert ada.page.locator("img[src=x], a[href*='evil.test']").count() == 0
            assert HOSTILE in ada.page.inner_text("body")
    assert (ada.said, ada.foreign) == ([], [])

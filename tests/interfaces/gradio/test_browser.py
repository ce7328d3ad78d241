"""The page in a real browser: whole flows with a reload, each state in two widths and themes, and what axe finds."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster
from playwright.sync_api import Browser

from tests.browsing import Theme, chromium, needs_chromium
from tests.interfaces.gradio.visits import GRADIOS, Visit, visit
from tests.interfaces.gradio.world import HOSTILE, World, world

pytestmark = needs_chromium
PICTURES = Path("out/pictures/gradio")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def unwatched(blocking_watch: BlockBuster) -> Iterator[None]:
    """Gradio looks at the files of its page on the loop; the watch would take that for ours, which stands in front."""
    blocking_watch.deactivate()
    yield
    blocking_watch.activate()


@pytest.fixture(scope="module")
def site() -> Iterator[World]:
    with world("near") as made:
        yield made


@pytest.fixture(scope="module")
def done(browser: Browser, site: World) -> str:
    """A run that was started by a double click, reloaded in the middle, approved and completed; its id."""
    before = site.operations()
    with visit(browser, site.url) as ada:
        ada.open("/?workflow=royalties")
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
    assert site.operations() == before + 1
    return operation


def test_a_run_goes_on_through_a_reload_and_a_double_click_starts_once(done: str) -> None:
    assert done


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(browser: Browser, site: World) -> None:
    with visit(browser, site.url) as ada:
        ada.open("/?workflow=royalties")
        ada.form()
        ada.page.get_by_label("Rows").fill("none")
        ada.button("Start").click()
        ada.see("Month: Fill this in.")
        ada.see("2 fields to correct")
        assert ada.page.get_by_label("Rows").input_value() == "none"


def test_a_run_is_opened_by_its_id_and_a_wrong_one_is_said_to_be(browser: Browser, site: World, done: str) -> None:
    with visit(browser, site.url) as bob:
        bob.open("/?operation=nobody")
        bob.see("Not found")
        # Its name has an arrow besides.
        bob.page.get_by_role("button", name="Open a run by its id").click()
        bob.page.get_by_placeholder("paste it here").fill(done)
        bob.button("Open").click()
        bob.result()


def test_what_failed_is_tried_again_and_the_page_shows_the_run_that_goes_on(browser: Browser, site: World) -> None:
    with visit(browser, site.url) as ada:
        ada.open("/?workflow=broken")
        first = ada.starts()
        ada.see("there is no ink")
        ada.button("Try again: what is done is kept").click()
        ada.page.wait_for_url(lambda address: not address.endswith(first))
        ada.see("there is no ink")
        assert site.operations() > 1


def test_what_is_cancelled_is_asked_about_first_and_stops(browser: Browser, site: World) -> None:
    with visit(browser, site.url) as ada:
        ada.open("/?workflow=endless")
        ada.starts()
        ada.button("Cancel this run …").click()
        ada.button("Yes, cancel it").click()
        ada.page.locator(".ak-between .ak-badge", has_text=re.compile("cancelled")).wait_for()


def test_work_in_doubt_is_settled(browser: Browser, site: World) -> None:
    with visit(browser, site.url) as ada:
        ada.open(f"/?operation={site.begun('lost')}")
        ada.see("Did pay happen?")
        ada.see("took longer than 0.05 s")
        ada.page.get_by_label("What came of it, if it happened (optional)").fill("{")
        ada.page.get_by_label("This is JSON: a number, a list, an object").check()
        ada.button("✓ It happened").click()
        ada.see("this is no JSON")
        ada.page.get_by_label("What came of it, if it happened (optional)").fill('"R-17"')
        ada.button("✓ It happened").click()
        ada.result()
        ada.see("R-17")


def test_a_signal_is_told(browser: Browser, site: World) -> None:
    with visit(browser, site.url) as ada:
        ada.open(f"/?operation={site.begun('told')}")
        ada.see("It waits for a signal")
        ada.page.get_by_label("What is told (optional)").fill("a text as it stands")
        ada.button("Send the signal").click()
        ada.result()
        ada.see("a text as it stands")


def states(ada: Visit, site: World, done: str) -> Iterator[str]:
    """Go to each state of the page, one after the other."""
    for state, address, seen in (
        ("choice", "", "What do you want to run?"),
        ("form", "/?workflow=royalties", "Recent runs"),
        ("result", f"/?operation={done}", "1,234.50 EUR"),
        ("missing", "/?operation=nobody", "Not found"),
        ("running", f"/?operation={site.begun('endless')}", "on and on"),
        ("cancelled", f"/?operation={site.ended('endless')}", "cancelled"),
        ("failed", f"/?operation={site.ended('broken')}", "there is no ink"),
        ("approval", f"/?operation={site.begun('royalties')}", "Pay for 2025-11?"),
        ("doubt", f"/?operation={site.begun('lost')}", "Did pay happen?"),
        ("signal", f"/?operation={site.begun('told')}", "It waits for a signal"),
    ):
        ada.open(address)
        ada.see(seen)
        if state == "form":
            ada.form()
        yield state


@pytest.mark.parametrize(
    ("width", "theme"),
    [
        ("wide", "light"),
        ("narrow", "dark"),
        pytest.param("wide", "dark", marks=pytest.mark.long),
        pytest.param("narrow", "light", marks=pytest.mark.long),
    ],
)
def test_p26_each_state_can_be_read_by_all_and_what_others_wrote_is_text(
    browser: Browser, site: World, done: str, width: str, theme: Theme
) -> None:
    with visit(browser, site.url, width=width, theme=theme) as ada:
        for state in states(ada, site, done):
            ada.window.picture(PICTURES / f"{state}-{width}-{theme}.png")
            assert (state, ada.window.violations(GRADIOS)) == (state, {})
            assert (state, ada.window.overflows()) == (state, False)
            assert ada.page.locator("img[src=x], a[href*='evil.test']").count() == 0
            is_silent = state in {"missing", "running", "cancelled", "doubt", "signal"}
            assert is_silent or HOSTILE in ada.page.inner_text("body")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_that_is_set_stays_when_the_system_takes_another(browser: Browser, theme: Theme) -> None:
    with world("near", theme=theme) as made, visit(browser, made.url, theme=theme) as ada:
        ada.open("/?workflow=royalties")
        ada.button("Start").wait_for()
        other: Theme = "light" if theme == "dark" else "dark"
        for system in (other, theme, other):
            ada.page.emulate_media(color_scheme=system)
            ada.page.wait_for_function(f"matchMedia('(prefers-color-scheme: {system})').matches")
            assert ada.page.evaluate("document.body.classList.contains('dark')") is (theme == "dark")

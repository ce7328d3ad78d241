"""The pages in a real browser: the whole flow, what is contacted, how readable each page and state is."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import get_args

import pytest
from playwright.sync_api import Browser, expect

from agentkit import Approval, RetryPolicy, Stage, Workflow
from agentkit.service import dump_workflow
from tests.browsing import PATIENCE, WIDTHS, Theme, Window, chromium, needs_chromium, window
from tests.interfaces.streamlit.serving import OWN_CONSOLE, drawn, served, settled, visit

pytestmark = needs_chromium

Look = tuple[str, Theme]
THEMES = get_args(Theme)

AGENTS = "tests.interfaces.streamlit.agents"
# Of Streamlit's own, in its release 1.67, which no page can change: the list of pages at the side, and what files are
# dropped on.
STREAMLITS = {"list", "listitem", "presentation-role-conflict"}
PICTURES = Path("out/pictures/streamlit")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages")
    approval = Approval(
        by={"finance"},
        by_requester=True,
        question="Pay the artists?",
        form={"amount": "decimal"},
        proposed={"amount": "1514.70"},
    )
    flows = [
        Workflow(
            "royalties",
            [Stage("read", agent="read_sales"), Stage("pay", agent="pay_artists", after=["read"], approval=approval)],
        ),
        Workflow("printing", [Stage("print", agent="print_statements", retry=RetryPolicy(attempts=1))]),
        Workflow("counting", [Stage("count", agent="count_stock")]),
        Workflow("statements", [Stage("write", agent="write_statement")], description="Writes the statements."),
        Workflow("paying", [Stage("paid", signal="bank_says_paid")]),
    ]
    files = [folder / f"{flow.name}.json" for flow in flows]
    for file, flow in zip(files, flows, strict=True):
        file.write_text(dump_workflow(flow, "json"))
    words = ["--agents", AGENTS, "--store", f"sqlite:///{folder}/runs.db", "--by", "ada", "--role", "finance"]
    with served(*map(str, files), *words) as address:
        yield address


def start(somebody: Window, workflow: str, given: object) -> str:
    """Start a run, with as many clicks as people in a hurry make; the path of its page."""
    page = visit(somebody, f"/execute?workflow={workflow}&way=JSON", "Execute workflow")
    page.get_by_label("Input as JSON").fill(json.dumps(given))
    page.get_by_role("button", name="Start", exact=True).dblclick()
    drawn(somebody, "Run")
    return page.url.removeprefix(somebody.url)


def approve(somebody: Window) -> None:
    """Agree to what is proposed."""
    expect(somebody.page.get_by_role("textbox", name="Amount", exact=True)).to_have_value("1514.70")
    somebody.page.get_by_role("button", name="Approve").click()


def test_a_run_outlives_its_page_and_is_seen_by_two(browser: Browser, url: str) -> None:
    with window(browser, url, own=OWN_CONSOLE) as ada, window(browser, url, own=OWN_CONSOLE) as bob:
        path = start(ada, "royalties", {"month": "2025-11"})
        ada.page.get_by_text("Pay the artists?").wait_for()

        ada.page.reload()
        drawn(ada, "Run")
        visit(bob, path, "Run").get_by_text("Pay the artists?").wait_for()

        approve(ada)
        for one in (ada, bob):
            one.page.get_by_text("1,514.70 EUR").first.wait_for()
        run = path.partition("op=")[2]
        visit(bob, f"/history?text={run.upper()}", "History").get_by_text("Page 1, 1 run").wait_for()
    assert (ada.said, ada.foreign, bob.said, bob.foreign) == ([], [], [], [])


@pytest.mark.parametrize(
    "turns",
    [
        # Each page in one of them, in turns; or each in all of them.
        pytest.param([[("wide", "light")], [("narrow", "dark")]], id="in-turns"),
        pytest.param([[(width, theme) for width in WIDTHS for theme in THEMES]], id="all", marks=pytest.mark.long),
    ],
)
def test_every_page_in_every_state_is_readable_to_everybody(
    browser: Browser, url: str, turns: Sequence[Sequence[Look]]
) -> None:
    found: dict[str, object] = {}
    with window(browser, url, own=OWN_CONSOLE) as somebody:
        completed = start(somebody, "royalties", {"month": "2025-10"})
        approve(somebody)
        somebody.page.get_by_text("1,514.70 EUR").first.wait_for()
        asking = start(somebody, "royalties", {"month": "2025-12"})
        somebody.page.get_by_text("Pay the artists?").wait_for()
        failed = start(somebody, "printing", {})
        somebody.page.get_by_role("button", name="Try again").wait_for()
        running = start(somebody, "counting", {})
        signal = start(somebody, "paying", {})
        somebody.page.get_by_text("It waits for a signal").wait_for()
        pages = {
            "dashboard": ("/", "Dashboard"),
            "execute": ("/execute?workflow=royalties", "Execute workflow"),
            "report": ("/report", "Generate report"),
            "as-file": ("/execute?workflow=royalties&way=File", "Execute workflow"),
            "as-json": ("/execute?workflow=royalties&way=JSON", "Execute workflow"),
            "completed": (completed, "Run"),
            "graph": (f"{completed}&view=Graph", "Run"),
            "asking": (asking, "Run"),
            "failed": (failed, "Run"),
            "running": (running, "Run"),
            "timeline": (f"{failed}&view=Timeline", "Run"),
            "nowhere": ("/run?op=nobody", "Run"),
            "signal": (signal, "Run"),
            "history": ("/history", "History"),
            "nothing": ("/history?status=quarantined", "History"),
            "approvals": ("/approvals", "Approvals"),
            "status": ("/status", "System status"),
            "settings": ("/settings", "Settings"),
        }
        for (name, (path, heading)), looks in zip(pages.items(), cycle(turns), strict=False):
            visit(somebody, path, heading)
            found |= looked_at(somebody, name, looks)
        cancel(somebody, running)
        found |= looked_at(somebody, "cancelled", turns[0])
    assert found == {}
    assert (somebody.said, somebody.foreign) == ([], [])


def cancel(somebody: Window, path: str) -> None:
    """Stop a run for good."""
    page = visit(somebody, path, "Run")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    page.get_by_text("cancelled").first.wait_for()


def test_what_was_typed_is_there_in_json_and_for_whoever_comes_back(browser: Browser, url: str) -> None:
    with window(browser, url, own=OWN_CONSOLE) as somebody:
        page = visit(somebody, "/execute?workflow=royalties", "Execute workflow")
        page.get_by_role("textbox", name="Month").fill("2026-03")
        page.get_by_role("textbox", name="Month").blur()
        # Streamlit tells of a field that is left a moment later, and would come back to its page.
        settled(somebody)
        page.get_by_role("link", name="History").click()
        drawn(somebody, "History")
        expect(page).to_have_title("History · agentkit")

        page.get_by_role("link", name="Execute workflow").click()
        drawn(somebody, "Execute workflow")
        month = page.get_by_role("textbox", name="Month")
        expect(month).to_have_value("2026-03")
        month.fill("2026-04")
        page.get_by_text("JSON", exact=True).click()
        written = page.get_by_label("Input as JSON")
        expect(written).to_have_value(re.compile("2026-04"))

        written.fill('{"month": "2026-05"}')
        page.get_by_text("Form", exact=True).click()
        expect(page.get_by_role("textbox", name="Month")).to_have_value("2026-05")
    assert (somebody.said, somebody.foreign) == ([], [])


def test_the_chosen_tab_can_be_read_in_the_dark_and_in_the_light(browser: Browser, url: str) -> None:
    with window(browser, url, theme="dark", own=OWN_CONSOLE) as somebody:
        visit(somebody, start(somebody, "printing", {}), "Run")
        tab = somebody.page.locator("[role=tab][aria-selected=true] p")
        expect(tab).to_have_css("color", "rgb(138, 184, 255)")
        somebody.page.emulate_media(color_scheme="light")
        expect(tab).to_have_css("color", "rgb(31, 95, 191)")
        expect(somebody.page).to_have_title(re.compile(r"^Run \w{7}… · agentkit$"))


NOTES = """
window.notes = []
window.Notification = class { static permission = "granted"; constructor(_, { body }) { window.notes.push(body) } }
document.hasFocus = () => false
"""


@pytest.mark.long
def test_a_browser_that_may_tells_what_waits_for_whoever_looks_at_something_else(browser: Browser, url: str) -> None:
    with window(browser, url, own=OWN_CONSOLE) as ada, window(browser, url, own=OWN_CONSOLE) as bob:
        ada.page.add_init_script(NOTES)
        visit(ada, "/settings", "Settings").get_by_text("by a note of this browser too").click()
        ada.page.get_by_text("This browser may tell you.").wait_for()
        ada.page.get_by_role("link", name="System status").click()
        drawn(ada, "System status")

        start(bob, "royalties", {"month": "2025-12"})
        ada.page.wait_for_function("notes.length")
        ada.page.get_by_role("link", name="History").click()
        drawn(ada, "History")

        told = ada.page.evaluate("notes")
        ada.page.get_by_text("by a note of this browser too").wait_for(state="detached")
    assert told == ["royalties waits for you: Pay the artists?"]
    assert (ada.said, ada.foreign) == ([], [])


def rests(somebody: Window) -> None:
    """Wait until a page is drawn, and what it told for a moment is gone: dialogs of Streamlit's own, without a name."""
    settled(somebody)
    expect(somebody.page.get_by_test_id("stToast")).to_have_count(0, timeout=PATIENCE)


def violations(somebody: Window) -> dict[str, list[str]]:
    """What axe finds, and finds again: a page that draws itself anew at this very moment fades meanwhile."""
    found = somebody.violations(STREAMLITS)
    for _ in range(2):
        if found:
            rests(somebody)
            found = somebody.violations(STREAMLITS)
    return found


def looked_at(somebody: Window, name: str, looks: Sequence[Look]) -> dict[str, object]:
    """What is wrong with what a window shows, at these widths and in these themes."""
    found: dict[str, object] = {}
    for width, theme in looks:
        across, down = WIDTHS[width]
        somebody.page.set_viewport_size({"width": across, "height": down})
        somebody.page.emulate_media(color_scheme=theme)
        rests(somebody)
        somebody.picture(PICTURES / f"{name}-{width}-{theme}.png")
        for rule, nodes in violations(somebody).items():
            found[f"{name} {width} {theme}: {rule}"] = nodes
        if somebody.overflows():
            found[f"{name} {width} {theme}"] = "can be moved sideways"
    return found


def test_a_page_that_nobody_clicks_on_rests_and_its_run_does_not(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = tmp_path / "royalties.json"
    approval = Approval(by={"finance"}, by_requester=True, question="Pay the artists?")
    flow.write_text(
        dump_workflow(Workflow("royalties", [Stage("ask", agent="pay_artists", approval=approval)]), "json")
    )
    monkeypatch.setenv("AGENTKIT_STREAMLIT_SESSION_SECONDS", "10")
    monkeypatch.setenv("AGENTKIT_REFRESH_SECONDS", "0.5")
    words = [str(flow), "--agents", AGENTS, "--store", f"sqlite:///{tmp_path}/runs.db", "--by", "ada"]
    with served(*words) as address, window(browser, address, own=OWN_CONSOLE) as ada:
        start(ada, "royalties", [{"artist": "Ibis", "amount": "1204.50"}])
        ada.page.get_by_text("This page has rested").wait_for()

        ada.page.get_by_role("button", name="Go on").click()

        ada.page.get_by_text("Pay the artists?").wait_for()
    assert (ada.said, ada.foreign) == ([], [])

"""The pages in a real browser: the whole flow, who may look, what is contacted, how readable it is."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from agentkit import Approval, Stage, Workflow
from agentkit.service import dump_workflow
from tests.interfaces.streamlit.browser import browser, chromium, served, window

pytestmark = pytest.mark.skipif(
    chromium() is None, reason="there is no chromium: apt-get install chromium, or name one in AGENTKIT_CHROMIUM"
)

AGENTS = "tests.interfaces.streamlit.agents"
# Of Streamlit's own frame, in its release 1.67: what no page can change.
STREAMLITS = {"heading-order", "list", "listitem"}
PICTURES = Path("out/pictures/streamlit")


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages")
    approval = Approval(by={"finance"}, by_requester=True, question="Pay the artists?", form={"amount": "decimal"})
    flow = Workflow(
        "royalties",
        [
            Stage("read", agent="read_sales"),
            Stage("pay", agent="pay_artists", after=["read"], approval=approval),
        ],
    )
    (folder / "royalties.json").write_text(dump_workflow(flow, "json"))
    words = ["--agents", AGENTS, "--store", f"sqlite:///{folder}/runs.db", "--by", "ada", "--role", "finance"]
    with served(str(folder / "royalties.json"), *words) as address:
        yield address


@pytest.fixture(scope="module")
def run(chrome: Browser, url: str) -> str:
    """The path of a run that was started, approved and completed in the browser, with a refresh in the middle."""
    with window(chrome, url) as ada, window(chrome, url) as bob:
        page = ada.open("/execute?workflow=royalties", "Execute workflow")
        page.get_by_role("radio", name="JSON").click()
        page.get_by_label("Input as JSON").fill(json.dumps({"month": "2025-11"}))
        page.get_by_role("button", name="Start", exact=True).dblclick()
        ada.drawn("Run")
        page.get_by_text("Pay the artists?").wait_for()

        page.reload()
        ada.drawn("Run")
        path = page.url.removeprefix(url)
        other = bob.open(path, "Run")
        other.get_by_text("Pay the artists?").wait_for()

        page.get_by_label("Amount").fill("1514.70")
        page.get_by_label("Amount").press("Tab")
        page.get_by_role("button", name="Approve").click()
        for one in (page, other):
            one.get_by_text("1,514.70 EUR").first.wait_for()
    assert (ada.said, ada.foreign, bob.said, bob.foreign) == ([], [], [], [])
    return path


def test_a_run_is_started_once_and_outlives_its_page(chrome: Browser, url: str, run: str) -> None:
    with window(chrome, url) as somebody:
        page = somebody.open(run, "Run")
        assert page.get_by_text("1,514.70 EUR").first.is_visible()
        page = somebody.open("/history", "History")
        page.get_by_text("Page 1, 1 run").wait_for()


@pytest.mark.parametrize(("width", "theme"), [("wide", "light"), ("narrow", "dark")])
def test_every_page_is_readable_to_everybody(chrome: Browser, url: str, run: str, width: str, theme: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    pages = {
        "/": "Dashboard",
        "/execute": "Execute workflow",
        run: "Run",
        "/history": "History",
        "/approvals": "Approvals",
        "/status": "System status",
        "/settings": "Settings",
    }
    found: dict[str, list[str]] = {}
    with window(chrome, url, width=width, theme=theme) as somebody:
        for path, heading in pages.items():
            page = somebody.open(path, heading)
            page.screenshot(path=str(PICTURES / f"{heading.lower().replace(' ', '-')}-{width}-{theme}.png"))
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{heading}: sideways"
            for one in Axe().run(page).response["violations"]:
                if one["id"] not in STREAMLITS:
                    found[f"{heading}: {one['id']}"] = [node["html"][:200] for node in one["nodes"]]
    assert found == {}
    assert (somebody.said, somebody.foreign) == ([], [])

"""The pictures of the how-to page of Streamlit: `nox -s pictures -- streamlit`."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from agentkit import Approval, Stage, Workflow
from agentkit.service import dump_workflow
from tests.browsing import Window, chromium, window
from tests.interfaces.streamlit.serving import drawn, served, settled, visit

PLACE = Path("docs/how-to/pictures")
AGENTS = "tests.interfaces.streamlit.agents"
MOST_BYTES = 150_000


def main() -> None:
    approval = Approval(
        by={"finance"},
        by_requester=True,
        question="Pay the artists?",
        form={"amount": "decimal"},
        proposed={"amount": "1514.70"},
    )
    stages = [Stage("read", agent="read_sales"), Stage("pay", agent="pay_artists", after=["read"], approval=approval)]
    flow = Workflow("royalties", stages, description="Pays the artists of a month.")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "royalties.json"
        file.write_text(dump_workflow(flow, "json"))
        words = ["--agents", AGENTS, "--store", f"sqlite:///{folder}/runs.db", "--by", "ada", "--role", "finance"]
        with served(str(file), *words) as url, chromium() as started, window(started, url) as somebody:
            for month, pays in (("2025-10", True), ("2025-11", False)):
                run(somebody, month, pays=pays)
                if pays:
                    take(somebody, "run")
            visit(somebody, "/execute", "Execute workflow")
            take(somebody, "execute-workflow")
            visit(somebody, "/", "Dashboard")
            take(somebody, "dashboard")


def run(somebody: Window, month: str, *, pays: bool) -> None:
    """Start a run, and see it through if it is to be paid."""
    page = visit(somebody, "/execute?way=JSON", "Execute workflow")
    page.get_by_label("Input as JSON").fill(json.dumps({"month": month}))
    page.get_by_role("button", name="Start", exact=True).click()
    drawn(somebody, "Run")
    page.get_by_text("Pay the artists?").wait_for()
    if pays:
        page.get_by_role("button", name="Approve").click()
        page.get_by_text("1,514.70 EUR").first.wait_for()
        settled(somebody)


def take(somebody: Window, name: str) -> None:
    path = PLACE / f"{name}.png"
    settled(somebody)
    somebody.picture(path, whole=False)
    assert path.stat().st_size < MOST_BYTES, f"{path} has {path.stat().st_size} bytes"


if __name__ == "__main__":
    main()

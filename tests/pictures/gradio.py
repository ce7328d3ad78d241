"""The pictures of the page of Gradio in the documentation."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from agentkit import Approval, Stage, Task, Workflow, agent
from tests.browsing import chromium
from tests.interfaces.gradio.visits import visit
from tests.interfaces.gradio.world import Offer, world

FOLDER = Path("docs/how-to/pictures")


class Month(BaseModel):
    month: Annotated[str, Field(description="Year and month of the sales", examples=["2025-11"])]
    kind: Annotated[Literal["net", "gross"], Field(description="Before or after tax")] = "net"
    due: Annotated[date | None, Field(description="When it is paid out")] = None


@agent
async def reader(task: Task[Month]) -> dict[str, Any]:
    await task.progress(0.5, "reading sales.csv")
    await asyncio.sleep(0.5)
    return {"rows": 4_180}


@agent
async def payer(task: Task[Any]) -> dict[str, Any]:
    await task.attach("statement.csv", b"artist,total\n", media_type="text/csv")
    shares = [("Ibis & Oak", "812.40"), ("Marta Lind", "301.75"), ("Trio Nord", "120.35")]
    rows = [{"artist": name, "share": {"amount": share, "currency": "EUR"}} for name, share in shares]
    return {"paid": {"amount": "1234.50", "currency": "EUR"}, "artists": rows}


APPROVAL = Approval(
    by={"finance"},
    question="Pay the artists for {month}?",
    form={"amount": "decimal", "note": "text?"},
    by_requester=True,
)
ROYALTIES = Workflow(
    "royalties",
    [Stage("read", agent="reader"), Stage("pay", agent="payer", after=["read"], approval=APPROVAL)],
    description="Shares the sales of a month among those who hold rights.",
)
OFFER = Offer(workflows=[ROYALTIES], agents=[reader, payer])


def draw() -> None:
    """Draw a form, a run that waits for approval, and a result."""
    with world("near", "royalties", OFFER) as site, chromium() as browser, visit(browser, site.url) as ada:
        ada.open()
        ada.form("Kind")
        ada.window.picture(FOLDER / "gradio-form.png", whole=False)
        ada.start(last="Kind")
        ada.see("Pay the artists for 2025-11?")
        ada.window.picture(FOLDER / "gradio-approval.png", whole=False)
        ada.approve("12.50")
        ada.result()
        ada.window.picture(FOLDER / "gradio-result.png")


if __name__ == "__main__":
    draw()

"""The pictures of the terminal: a small firm's invoices, as people see them in the course of a morning."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, JsonValue
from textual.pilot import Pilot
from textual.widgets import Input, TabbedContent

from agentkit import Approval, GiveUp, Orchestrator, RetryPolicy, Stage, Task, Workflow, agent
from agentkit.client import Client
from agentkit.interfaces.tui import Place, TerminalApp
from agentkit.screens import DoorSettings
from agentkit.service import Caller, Service

HERE = Path(__file__).parents[2] / "docs" / "pictures"
_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
"""Fonts that the pictures would have loaded from elsewhere."""


class Invoice(BaseModel):
    """What is to be paid."""

    supplier: str = Field(description="Who sent it.")
    amount: Decimal = Field(ge=0, description="What they want, in EUR.")
    due: date
    urgent: bool = False


@agent
async def reader(task: Task[Invoice]) -> dict[str, str]:
    for page in range(4):
        task.progress(page / 4, f"page {page + 1} of 4")
        await asyncio.sleep(0.1)
    await task.attach("invoice.pdf", b"%PDF-1.7" * 2_000, media_type="application/pdf")
    return {"supplier": task.input.supplier, "amount": str(task.input.amount)}


@agent
async def checker(task: Task[Any]) -> dict[str, bool]:
    await asyncio.sleep(0.3)
    return {"matches the order": True}


@agent
async def bank(task: Task[Any]) -> str:
    return "transfer 4711"


@agent
async def printer(task: Task[Any]) -> str:
    raise GiveUp("there is no ink in the printer of the second floor")


@agent
async def importer(task: Task[Any]) -> str:
    for row in range(600):
        task.progress(row / 600, f"row {row * 100:,} of 60,000")
        await asyncio.sleep(0.1)
    return "done"


ASKS = Approval(question="Pay 1,250.00 EUR to ACME GmbH?", by={"finance"}, form={"amount": "decimal", "note": "text?"})
FLOWS: list[Workflow[Any]] = [
    Workflow(
        "invoices",
        [
            Stage("read", agent="reader"),
            Stage("check", agent="checker", after=["read"]),
            Stage("pay", agent="bank", after=["check"], approval=ASKS),
        ],
        description="Reads an invoice, checks it, and pays it once finance has agreed.",
    ),
    Workflow("letters", [Stage("print", agent="printer", retry=RetryPolicy(attempts=1))]),
    Workflow("sales-import", [Stage("import", agent="importer"), Stage("report", agent="checker", after=["import"])]),
]
GIVEN: JsonValue = {"supplier": "ACME GmbH", "amount": "1250.00", "due": "2026-12-01"}


@asynccontextmanager
async def firm() -> AsyncGenerator[tuple[Client, Client], None]:
    """Two people of the firm, and what bob has started this morning."""
    async with Orchestrator([reader, checker, bank, printer, importer]) as orchestrator:
        service = Service(orchestrator, FLOWS)
        ada, bob = (Client(service.desk(Caller(name=name, roles={"finance"}))) for name in ("ada", "bob"))
        paid = await bob.execute("invoices", GIVEN, wait=False)
        async for event in bob.events(paid.id):
            if event.type == "approval.requested":
                break
        await ada.approve(paid.id, "pay", form={"amount": "1250.00"}, comment="as ordered")
        await bob.wait(paid.id)
        for name in ("letters", "sales-import"):
            await bob.execute(name, {}, wait=False)
        await bob.execute("invoices", GIVEN, wait=False)
        yield ada, bob


async def until(pilot: Pilot[Any], is_so: Callable[[], object]) -> None:
    """Wait until something is so, and then until the screen has come to rest."""
    async with asyncio.timeout(120):
        while not is_so():
            await pilot.pause(0.1)
        await pilot.pause(1.0)


async def draw(folder: Path = HERE, *, theme: str = "dark", size: tuple[int, int] = (120, 36), end: str = "") -> None:
    """Draw all of them into a folder that is there."""
    async with firm() as (ada, _):
        settings = DoorSettings.model_validate({"theme": theme, "refresh_seconds": 0.5})
        app = TerminalApp(ada, Place(name="https://agents.acme.test"), settings=settings)

        def save(name: str) -> None:
            drawn = _FONTS.sub("", app.export_screenshot(title="agentkit tui"))
            (folder / f"tui-{name}{end}.svg").write_text(drawn, encoding="utf-8")

        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: app.screen.query("#operations").first().row_count == 4)  # type: ignore[attr-defined] # a table
            await pilot.press("down", "down")
            await until(pilot, lambda: True)
            save("operations")
            await pilot.press("home", "enter")
            await until(pilot, lambda: app.screen.query("#stages").first().row_count == 3)  # type: ignore[attr-defined] # as above
            await until(pilot, lambda: "approval" in str(app.screen.chosen))  # type: ignore[attr-defined] # a screen of ours
            save("run")
            for tab in ("graph", "timeline", "log", "files"):
                app.screen.query_one("#run-tabs", TabbedContent).active = f"tab-{tab}"
                await until(pilot, lambda: True)
                save(tab)
            await pilot.press("a")
            await until(pilot, lambda: app.screen.query("#comment"))
            app.screen.query("FormView Input").first(Input).value = "1250.00"
            await until(pilot, lambda: True)
            save("approve")
            await pilot.press("escape")
            await until(pilot, lambda: app.screen.query("#run"))
            await pilot.press("escape")
            await until(pilot, lambda: app.screen.query("#operations"))
            await pilot.press("n")
            await until(pilot, lambda: app.screen.query("#workflow"))
            app.screen.query_one("#workflow").value = "invoices"  # type: ignore[attr-defined] # a list
            await until(pilot, lambda: app.screen.query("FormView Input"))
            await pilot.press(*"ACME", "ctrl+s")
            await until(pilot, lambda: any(one.display for one in app.screen.query(".wrong")))
            save("start")
            await pilot.press("escape")
            await until(pilot, lambda: app.screen.query("#operations"))
            await pilot.press("home", "down", "down", "enter")
            await until(pilot, lambda: "failed" in str(app.screen.chosen))  # type: ignore[attr-defined] # as above
            app.screen.query_one("#run-tabs", TabbedContent).active = "tab-result"
            await until(pilot, lambda: True)
            save("failed")


if __name__ == "__main__":
    HERE.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw())

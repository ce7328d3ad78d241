"""The agents of the flow in the browser, as a module that the command line loads."""

import asyncio
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from agentkit import GiveUp, Task, agent


class Month(BaseModel):
    """Which sales are paid for, and how that is told."""

    month: str = Field(description="A year and a month", examples=["2025-11"])
    statement: Literal["pdf", "excel"] = "pdf"
    due: date | None = Field(default=None, description="By when the artists have their money")
    in_a_hurry: bool = False


@agent
async def read_sales(task: Task[Month]) -> list[dict[str, str]]:
    """Reads the sales of a month."""
    await task.progress(0.5, f"reading the sales of {task.input.month}")
    return [{"artist": "Ibis", "amount": "1204.50"}, {"artist": "Oak", "amount": "310.20"}]


@agent
async def pay_artists(task: Task[list[dict[str, str]]]) -> dict[str, Any]:
    """Pays the artists."""
    await task.attach("statement.csv", b"artist,amount\nIbis,1204.50\nOak,310.20\n", media_type="text/csv")
    return {"total": {"amount": "1514.70", "currency": "EUR"}, "artists": task.input}


@agent(expertise={"reports"})
async def write_statement(task: Task[Month]) -> str:
    """Writes the statement of a month."""
    await task.attach("statement.csv", b"artist,amount\nIbis,1204.50\n", media_type="text/csv")
    return "written"


@agent
async def print_statements(task: Task[Any]) -> str:
    """Prints the statements."""
    raise GiveUp("there is no ink in the printer <b>upstairs</b>")


@agent
async def count_stock(task: Task[Any]) -> str:
    """Counts the stock, which takes all day."""
    await task.progress(0.3, "counting the shelves")
    await asyncio.sleep(3_600)
    return "never"

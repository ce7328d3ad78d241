"""`init`: the files of a small project, and how they are written.

Rules: the project runs and its test passes as it is written; every file of it is as short as it can be, since it is
there to be changed. All of them are written, or none.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.text import Text

from agentkit.errors import InputError

from .ending import finish, guarded
from .screen import errors, output

__all__ = ["FILES", "found_project"]

_WORKFLOW: Final = """\
# What is done, in which order. Check it with: agentkit check invoices.yaml --agents agents.py
name: invoices
stages:
  - name: total
    agent: add_up
    instruction: Add up the invoices of each customer

  - name: letter
    agent: write_letter
    after: [total]
    timeout: 30
    retry: {attempts: 3}

  # Have somebody agree before the letter is written: give its stage
  #   approval: {by: [finance], question: "Write the letter?"}
  # then answer with: agentkit approve OPERATION --by ada --role finance
"""

_AGENTS: Final = '''\
"""The agents: each does one piece of work, and its annotations say what it takes and gives."""

from decimal import Decimal

from agentkit import Task, agent


@agent
def add_up(task: Task[list[dict[str, str]]]) -> dict[str, Decimal]:
    """Adds up the invoices of each customer, exactly."""
    totals: dict[str, Decimal] = {}
    for row in task.input:
        totals[row["customer"]] = totals.get(row["customer"], Decimal(0)) + Decimal(row["amount"])
    return totals


@agent
async def write_letter(task: Task[dict[str, Decimal]]) -> str:
    """Writes what each customer owes, as text and as a file."""
    text = "\\n".join(f"{customer} owes {amount}" for customer, amount in sorted(task.input.items()))
    await task.attach("letter.txt", text.encode(), media_type="text/plain")
    return text
'''

_DATA: Final = """\
number,customer,amount
2025-001,Ibis,120.00
2025-002,Oak,19.90
2025-003,Ibis,0.05
"""

_TEST: Final = '''\
"""The workflow in virtual time: as it is, and with its process killed at every write."""

from pathlib import Path

from agentkit.service import load_workflow
from agentkit.testing import crash_everywhere, simulate

import agents

WORKFLOW = load_workflow(Path(__file__).with_name("invoices.yaml"))
INVOICES = [
    {"customer": "Oak", "amount": "19.90"},
    {"customer": "Ibis", "amount": "120.00"},
    {"customer": "Ibis", "amount": "0.05"},
]


def test_each_customer_owes_the_sum_of_their_invoices() -> None:
    run = simulate(WORKFLOW, [agents.add_up, agents.write_letter], input=INVOICES)

    assert run.output == "Ibis owes 120.05\\nOak owes 19.90"


def test_a_process_that_dies_loses_nothing() -> None:
    runs = crash_everywhere(WORKFLOW, [agents.add_up, agents.write_letter], input=INVOICES)

    assert {run.output for run in runs} == {"Ibis owes 120.05\\nOak owes 19.90"}
'''

_README: Final = """\
# invoices

Adds up invoices, and writes what each customer owes.

    agentkit run invoices.yaml --agents agents.py --input invoices.csv
    agentkit list
    agentkit files OPERATION --output out

`invoices.yaml` says what is done, `agents.py` does it, `test_invoices.py` tests it:

    pip install pytest
    python -m pytest

For others, over HTTP: `agentkit serve invoices.yaml --agents agents.py`. If something is odd: `agentkit doctor`.
"""

FILES: Final[Mapping[str, str]] = {
    "invoices.yaml": _WORKFLOW,
    "agents.py": _AGENTS,
    "invoices.csv": _DATA,
    "test_invoices.py": _TEST,
    "README.md": _README,
}


def found_project(folder: Path) -> None:
    """Write a project, and say how to go on."""

    async def work() -> int:
        _write(folder)
        for name in FILES:
            output().print(Text(str(folder / name)), soft_wrap=True)
        first = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
        run = "agentkit run invoices.yaml --agents agents.py --input invoices.csv"
        errors().print(Text(f"run it: {first}{run}"), soft_wrap=True)
        return 0

    finish(guarded(work))


def _write(folder: Path) -> None:
    """Write all files, or none.

    Raises:
        InputError: One of them is there already, or the folder cannot be made.
    """
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        raise InputError(
            f"{folder}: {', '.join(there)} already there, and nothing is written over; name another folder"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made: {error.strerror or error}") from error
    for name, text in FILES.items():
        # Exclusively: what somebody put there meanwhile is theirs.
        with (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)

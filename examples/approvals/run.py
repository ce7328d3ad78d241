"""Pay the invoices, with people who vote by themselves: `python -m examples.approvals.run`.

Kill it whenever you like and start it again: it goes on, and nothing is paid twice.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from agentkit import Operation, Orchestrator
from agentkit.service import load_agents, load_workflow

from .bank import Bank

AGENTS = load_agents(["examples.approvals.agents"])
WORKFLOW = load_workflow(Path(__file__).with_name("invoices.yaml"))
PEOPLE = ("ada", "bob")


async def main(folder: str = "out/approvals", *settings: str) -> None:
    """Run the workflow as far as it goes, and print what is known of every payment.

    Args:
        folder: Where the journal and the bank's ledger are.
        settings: More input, such as `drops=0.5`.
    """
    bank = Bank(path=f"{folder}/bank.db")
    more = {name: json.loads(value) for name, _, value in (each.partition("=") for each in settings)}
    given = {"bank": bank.path, **more}
    async with Orchestrator(AGENTS, store=f"sqlite:///{folder}/runs.db") as orchestrator:
        operation = await orchestrator.submit(WORKFLOW, given, key="invoices of November")
        while await _go_on(operation):
            pass
        for effect in await operation.effects():
            amount, receipt = effect.about["amount"], effect.result if effect.status == "confirmed" else "-"
            print(f"{effect.key}  {amount!s:>8}  {effect.status:<9}  receipt {receipt}")
        state = await operation.state()
        paid = sum(entry.amount for entry in bank.entries())
        print(f"{state.status}; the bank has paid {paid}, and kept {bank.lost()} replies to itself")


async def _go_on(operation: Operation) -> bool:
    """Vote on whatever is asked; whether there is more to come."""
    state = await operation.at_rest()
    if state.ended:
        return False
    asked = [request for request in await operation.questions() if request.is_open]
    for request in asked:
        voted = {vote.by for vote in request.votes}
        for person in PEOPLE:
            if person in voted:
                continue
            # Nobody here has ever heard of Cloud Nine.
            if "Cloud Nine" in request.question:
                await operation.refuse(request.stage, by=person, roles=["finance"], name=request.name)
                break
            await operation.approve(request.stage, by=person, roles=["finance"], name=request.name)
    if not asked and state.wake_at is None:
        print("nobody knows about", ", ".join(doubt.stage for doubt in await operation.doubts()))
        return False
    await asyncio.sleep(0.01)
    return True


if __name__ == "__main__":
    Path(*sys.argv[1:2] or ["out/approvals"]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(*sys.argv[1:]))

"""Answer the mails: `python -m examples.support`. Kill it whenever you like and start it again: it goes on.

When it is through, the next start reads the same mails anew, with what was learned.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, cast

from agentkit import Operation, Orchestrator
from agentkit.kernel import NO_USAGE, AttemptSucceeded, Usage
from agentkit.orchestrator import PlainTerminal
from agentkit.service import load_workflow

from .agents import CREW
from .model import Inbox, Report
from .settings import STORE

OUT = Path("out/support")
WORKFLOW = load_workflow(Path(__file__).with_name("support.yaml"))


async def main() -> None:
    """Run the workflow as far as it goes, with people who vote by themselves, and print what came of it."""
    async with Orchestrator(CREW, store=STORE) as orchestrator:
        operation = await _begin(orchestrator)
        async with operation.track(PlainTerminal()):
            while not (await operation.at_rest()).ended:
                await _vote(operation)
        result = await operation
        await _save(operation)
        _tell(cast("Report", result.output))
        for tier, usage in (await _by_tier(operation)).items():
            print(f"{tier}: {usage.calls} calls for {Decimal(usage.money or 0):.4f} {usage.currency}")


async def _begin(orchestrator: Orchestrator) -> Operation[Any]:
    """Go on with the last run, or begin another one if it has ended."""
    for number in count(1):
        operation = await orchestrator.submit(WORKFLOW, Inbox(), key=f"mails, run {number}")
        if operation.is_new or not (await operation.state()).ended:
            return operation
    raise AssertionError


async def _vote(operation: Operation[Any]) -> None:
    """Ada of finance agrees to every refund but one."""
    for asked in await operation.questions():
        if asked.is_open and "L-1005" in asked.question:
            word = "half of the cups are missing"
            await operation.refuse(asked.stage, by="ada", roles=["finance"], name=asked.name, comment=word)
        elif asked.is_open:
            await operation.approve(asked.stage, by="ada", roles=["finance"], name=asked.name)
    await asyncio.sleep(0.01)


async def _by_tier(operation: Operation[Any]) -> dict[str, Usage]:
    """What was used on every tier."""
    used: dict[str, Usage] = {}
    async for _, event in operation.events():
        if isinstance(event, AttemptSucceeded) and event.tier is not None and event.usage is not None:
            used[event.tier.name] = used.get(event.tier.name, NO_USAGE) + event.usage
    return used


async def _save(operation: Operation[Any]) -> None:
    for line in await operation.artifacts():
        name = line.artifact.name
        (OUT / name).write_bytes(await operation.artifact(name))


def _tell(report: Report) -> None:
    print(f"{report.mails} mails: {report.answered} answered, {report.spam} spam; for people: {len(report.for_people)}")
    print(f"{report.refunds} refunds of {report.refunded}; refused by people: {', '.join(report.refused) or 'none'}")
    print(f"the critic gives {report.score} on average; answers and more are in {OUT}")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    asyncio.run(main())

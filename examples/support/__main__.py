"""Answer the mails: `python -m examples.support`. Kill it whenever you like and start it again: it goes on.

When it is through, the next start reads the same mails anew, with what was learned.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import count
from pathlib import Path

from agentkit import Operation, Orchestrator
from agentkit.kernel import NO_USAGE, AttemptSucceeded, Usage
from agentkit.orchestrator import PlainTerminal

from .agents import CREW
from .model import Inbox, Report
from .settings import STORE
from .workflow import SUPPORT

OUT = Path("out/support")


async def main() -> None:
    """Run the workflow as far as it goes, with people who vote by themselves, and print what came of it."""
    async with Orchestrator(CREW, store=STORE) as orchestrator:
        operation = await _begin(orchestrator)
        async with operation.track(PlainTerminal()):
            while not (state := await operation.at_rest()).ended:
                if not await _vote(operation) and state.wake_at is None:
                    print("nobody knows about", ", ".join(doubt.stage for doubt in await operation.doubts()))
                    return
        result = await operation
        await _save(operation)
        _tell(result.output)
        for tier, usage in (await _by_tier(orchestrator, operation.id)).items():
            print(f"{tier}: {usage.calls} calls for {Decimal(usage.money or 0):.4f} {usage.currency}")


async def _begin(orchestrator: Orchestrator) -> Operation[Report]:
    """Go on with the last run, or begin another one if it has ended."""
    for number in count(1):
        operation = await orchestrator.submit(SUPPORT, Inbox(), key=f"mails, run {number}")
        if operation.is_new or not (await operation.state()).ended:
            return operation
    raise AssertionError


async def _vote(operation: Operation[Report]) -> int:
    """Ada of finance agrees to every refund but one; how many she was asked about."""
    asked = [request for request in await operation.questions() if request.is_open]
    for request in asked:
        if "L-1005" in request.question:
            word = "half of the cups are missing"
            await operation.refuse(request.stage, by="ada", roles=["finance"], name=request.name, comment=word)
        else:
            await operation.approve(request.stage, by="ada", roles=["finance"], name=request.name)
    await asyncio.sleep(0.01)
    return len(asked)


async def _by_tier(orchestrator: Orchestrator, operation_id: str) -> dict[str, Usage]:
    """What was used on every tier, by the operation and those of its teams."""
    used: dict[str, Usage] = {}
    for found in await orchestrator.list(text=operation_id, limit=1000):
        for event in await orchestrator.history(found.stream):
            if isinstance(event, AttemptSucceeded) and event.tier is not None and event.usage is not None:
                used[event.tier.name] = used.get(event.tier.name, NO_USAGE) + event.usage
    return used


async def _save(operation: Operation[Report]) -> None:
    for line in await operation.artifacts():
        name = line.artifact.name
        (OUT / name).write_bytes(await operation.artifact(name))


def _tell(report: Report) -> None:
    print(f"{report.answered} mails answered, {report.at_once} to the critic's content at once; {report.spam} are spam")
    print(f"{len(report.for_people)} are for people: {OUT}/for-people.jsonl")
    print(f"{report.refunds} refunds of {report.refunded}; refused by people: {', '.join(report.refused) or 'none'}")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    asyncio.run(main())

"""An orchestrator in a process of its own: `submit` starts one operation, `crowd` a
poisonous one among innocents, `stand-by` none.

    python -m tests.crash.standby submit|crowd|stand-by FOLDER

It says `open` when it is open and `begun` when the body of the gated stage begins; it ends with its standard input.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from tests.crash.gated import CURE, GATE, LEDGER, opened, poison, quick


@agent
async def gated(task: Task[Any]) -> str:
    """Says that it begins, and ends when the gate is there."""
    print("begun", flush=True)
    await opened()
    return "gated"


async def main(task: str, folder: Path) -> None:
    os.environ.update({GATE: str(folder / "gate"), LEDGER: str(folder / "ledger"), CURE: str(folder / "cure")})
    async with Orchestrator([quick, gated, poison], store=f"sqlite:///{folder}/runs.db") as orchestrator:
        if task == "crowd":
            for name in ("poison", "gated", "gated", "gated"):
                await orchestrator.submit(Workflow(name, [Stage("work", agent=name)]))
        elif task == "submit":
            stages = [Stage("quick", agent="quick"), Stage("gated", agent="gated", after=["quick"])]
            await orchestrator.submit(Workflow("flow", stages))
        else:
            print("open", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for line in await orchestrator.list():
            await (await orchestrator.get(line.stream))
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

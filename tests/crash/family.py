"""A parent and a child that both rest, in a process that is killed.

    python -m tests.crash.family begin|approve|finish STORE [KIND NUMBER]

`begin` leaves both at rest and is killed. `approve` approves the child and waits for its end, and no longer: nobody
there looks for what nobody drives. `finish` approves if nobody has, and waits for the parent. The fault strikes at the
numbered call of the store. The number of calls, or the parent's output, is printed.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from agentkit import Approval, Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import TooLate
from agentkit.stores import SqliteStore
from agentkit.testing import Fault, FaultKind, FaultyStore

INNER = Workflow[object]("inner", [Stage("pay", agent="pay", approval=Approval())])
OUTER = Workflow[object]("outer", [Stage("kid", workflow=INNER), Stage("then", agent="pay", after=["kid"])])


@agent
async def pay(task: Task[Any]) -> str:
    return f"{task.stage} done"


async def main(task: str, path: Path, *fault: str) -> None:
    faults = [Fault(kind=cast("FaultKind", fault[0]), number=int(fault[1]))] if fault else []
    store = FaultyStore(SqliteStore(path), *faults)
    async with Orchestrator([pay], store=store, adopt=task != "approve") as orchestrator:
        parent = await orchestrator.submit(OUTER, key="family")
        if task == "begin":
            await parent.at_rest()
            while orchestrator.active:  # noqa: ASYNC110 - until both have let go
                await asyncio.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        child = await orchestrator.get(f"{parent.id}~kid~1")
        with suppress(TooLate):
            await child.approve("pay", by="bob")
        await child
        print((await parent).output if task == "finish" else len(store.calls))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))

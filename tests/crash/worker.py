"""A process that runs the diamond on one SQLite file, and may be killed at one chosen call of its store.

    python -m tests.crash.worker begin|finish RUNS.DB LEDGER [KIND NUMBER]

`begin` submits under a key and waits. `finish` first takes over what it finds, waits for all of it, and then submits
under the same key. Both write the number of calls their store got as the last line.
"""

import asyncio
import sys
from pathlib import Path
from typing import cast, get_args

from agentkit import Orchestrator
from agentkit.stores import open_store
from agentkit.testing import Fault, FaultKind, FaultyStore
from tests.crash.flows import KEY, SEED, agents, diamond, write_line


async def main(task: str, database: str, ledger: Path, *fault: str) -> None:
    store = FaultyStore(open_store(f"sqlite:///{database}"), *_faults(fault))
    async with Orchestrator(agents(ledger), store=store) as orchestrator:
        if task == "finish":
            for line in await orchestrator.list():
                await (await orchestrator.get(line.stream))
        operation = await orchestrator.submit(diamond(), SEED, key=KEY)
        write_line(ledger, "accepted", operation.id)
        result = await operation
        write_line(ledger, "told", result.output_json)
    print(len(store.calls))


def _faults(words: tuple[str, ...]) -> list[Fault]:
    if not words:
        return []
    kind, number = words
    assert kind in get_args(FaultKind)
    return [Fault(kind=cast("FaultKind", kind), number=int(number))]


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:]))

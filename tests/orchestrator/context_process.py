"""Another process that writes to a shared context, as often as it is told, once it is told to go."""

import asyncio
import sys

from agentkit import ContextKey, ContextStore


async def main(path: str, count: int, name: str) -> None:
    log = ContextKey("log", list[str], merge="append")
    total = ContextKey("count", int, merge=lambda old, new: old + new)
    async with ContextStore(f"sqlite:///{path}", keys=[log, total]) as context:
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(count):
            print(await context.update({log: [f"{name}{number}"], total: 1}, by=name), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))

"""Another process on the same SQLite file: it does what it is told on its standard input, line by line."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentkit.errors import AgentKitError
from agentkit.kernel import CancelRequested
from agentkit.stores import Lease, SqliteStore, Summary


class Owner:
    """The process, seen from the test."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.stores.owner", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert self.hear() == "open"

    def say(self, *words: object) -> None:
        assert self._process.stdin is not None
        print(*words, file=self._process.stdin, flush=True)

    def hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, *words: object) -> str:
        self.say(*words)
        return self.hear()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> list[str]:
        """Kill it, and return what it said before it died."""
        self._process.kill()
        last, _ = self._process.communicate(timeout=20)
        return last.split("\n")[:-1]


@contextmanager
def owner(path: Path) -> Iterator[Owner]:
    other = Owner(path)
    try:
        yield other
    finally:
        other.kill()


async def obey(store: SqliteStore, words: list[str]) -> str:
    match words:
        case ["begin", stream]:
            summary = Summary(stream=stream, name="flow", status="running", ended=False, created_at=1, updated_at=1)
            await append(store, stream, 0, lease=store.fresh(stream), summary=summary)
        case ["append", stream, expected]:
            await append(store, stream, int(expected))
        case ["drive", stream, expected]:
            await append(store, stream, int(expected), lease=store.fresh(stream))
        case ["large", stream, expected, size]:
            await store.append(stream, [CancelRequested(at=1.0, reason="x" * int(size))], expected=int(expected))
        case ["flood", stream]:
            for version in range(int((await store.get(stream) or NOTHING).version), 1_000_000):
                await append(store, stream, version, summary=NOTHING)
                print(version + 1, flush=True)
        case ["limit", size]:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), resource.RLIM_INFINITY))
        case ["fork"]:
            ready, write = os.pipe()
            if os.fork() == 0:
                os.write(write, b"!")
                # It outlives its parent until its standard input ends.
                sys.stdin.read()
                os._exit(0)
            os.read(ready, 1)
        case _:
            return "what?"
    return "done"


NOTHING = Summary(stream="flood", name="flood", status="running", ended=True, created_at=1, updated_at=1)


async def append(
    store: SqliteStore, stream: str, expected: int, *, lease: Lease | None = None, summary: Summary | None = None
) -> None:
    event = CancelRequested(at=float(expected + 1), reason="other")
    await store.append(stream, [event], expected=expected, lease=lease, summary=summary)


async def main() -> None:
    async with SqliteStore(sys.argv[1]) as store:
        print("open", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                print(await obey(store, line.split()), flush=True)
            except AgentKitError as error:
                print(type(error).__name__, flush=True)


if __name__ == "__main__":
    asyncio.run(main())

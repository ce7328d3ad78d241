"""The soak: 200 operations at once with 100 open streams on one server, for minutes. `python -m benchmarks soak`.

Two hundred users each start an operation of three stages of a second, wait for its end and start the next: half of them
follow it as a stream, the others ask for its status twice a second. Judged is what they saw: every answer is right,
nothing is said of a lock, starting stays quick beside its median, and the memory of the server does not grow.
"""

import asyncio
import contextlib
import json
import statistics
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter

from .sample import scratch
from .serving_sample import Server, served

USERS = 200
STREAMS = 100
FLAT = 1.10
"""How much memory the server may have at the end, by what it had at half-time."""

_AGENTS = """
import anyio
from agentkit import Task, agent

@agent
async def second(task: Task[object]) -> int:
    await task.progress(0.5, "half")
    await anyio.sleep(1)
    return 1
"""
_STAGES = [{"name": f"s{n}", "agent": "second", **({"after": [f"s{n - 1}"]} if n else {})} for n in range(3)]


@dataclass
class Soaked:
    """What was seen."""

    submits: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    operations: int = 0
    events: int = 0
    rss: list[int] = field(default_factory=list)

    def growth(self) -> float:
        """The memory of the last tenth of the time, by that of the tenth after half-time."""
        tenth = max(1, len(self.rss) // 10)
        half = len(self.rss) // 2
        return statistics.mean(self.rss[-tenth:]) / statistics.mean(self.rss[half : half + tenth])

    def spread(self) -> tuple[float, float]:
        """Median and 95th percentile of the seconds that a start took."""
        ordered = sorted(self.submits)
        return statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]

    def verdicts(self, seconds: float) -> list[tuple[str, str, bool]]:
        """What is asked, what was measured, and whether it holds."""
        median, p95 = self.spread()
        growth, sizes = self.growth(), f"{self.rss[len(self.rss) // 2] / 1e6:.0f} to {self.rss[-1] / 1e6:.0f} MB"
        wrong = "; ".join(f"{count} x {what}" for what, count in self.errors.most_common(5)) or "none"
        return [
            ("no error, nothing locked", wrong, not self.errors),
            ("p95 of a start at most 10 medians", f"{1e3 * p95:.1f} ms by {1e3 * median:.1f} ms", p95 <= 10 * median),
            (f"memory flat (at most x {FLAT})", f"{sizes}, x {growth:.3f}", growth <= FLAT),
            ("work was done", f"{self.operations} operations, {self.events} events, {seconds:.0f} s", True),
        ]


class _Line:
    """A connection of one user."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(self._server.host, self._server.port)

    def close(self) -> None:
        self._writer.close()

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        self._writer.write(self._server.request(method, path, body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        place = head.lower().find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        return int(head[9:12]), await self._reader.readexactly(length)

    async def follow(self, path: str) -> int:
        """Follow a stream to its end; how many events it had."""
        self._writer.write(self._server.request("GET", path, Accept="text/event-stream"))
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head[9:12] == b"200", head
        found, tail = 0, b""
        while not tail.endswith(b"0\r\n\r\n"):
            more = await self._reader.read(65_536)
            assert more, "a stream broke off"
            found += more.count(b"\r\ndata: ")
            tail = (tail + more)[-200:]
        return found


async def _user(server: Server, number: int, end: float, seen: Soaked) -> None:
    line = _Line(server)
    await line.open()
    body = json.dumps({"workflow": "soak", "input": number}).encode()
    await asyncio.sleep(3 * number / USERS)
    while perf_counter() < end:
        try:
            began = perf_counter()
            status, answer = await line.ask("POST", "/v1/operations", body)
            seen.submits.append(perf_counter() - began)
            assert status == 202, (status, answer[:200])
            path = f"/v1/operations/{json.loads(answer)['id']}"
            if number < STREAMS:
                told = await line.follow(f"{path}/events")
                seen.events += told
            page = {"ended": False}
            while not page["ended"]:
                status, answer = await line.ask("GET", path)
                assert status == 200, (status, answer[:200])
                page = json.loads(answer)
                await asyncio.sleep(0 if page["ended"] else 0.5)
            assert page["status"] == "completed", page
            seen.operations += 1
        except Exception as error:
            seen.errors[f"{type(error).__name__}: {error}"[:200]] += 1
            line.close()
            await line.open()
    line.close()


async def _soak(server: Server, seconds: float) -> Soaked:
    seen, end = Soaked(), perf_counter() + seconds

    async def weigh() -> None:
        while True:
            seen.rss.append(server.rss())
            await asyncio.sleep(seconds / 200)

    weighing = asyncio.create_task(weigh())
    await asyncio.gather(*(_user(server, number, end, seen) for number in range(USERS)))
    weighing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await weighing
    return seen


def soak(seconds: float) -> bool:
    """Soak a server, print what came of it, and say whether all of it holds."""
    with scratch() as folder:
        (folder / "soak.json").write_text(json.dumps({"name": "soak", "stages": _STAGES}))
        (folder / "staff.py").write_text(_AGENTS)
        log = folder / "server.log"
        said = {"AGENTKIT_LOG_FORMAT": "text", "AGENTKIT_LOG_FILE": str(log)}
        with served(folder, ["soak.json"], "staff.py", **said) as server:
            seen = asyncio.run(_soak(server, seconds))
        for line in log.read_text().splitlines():
            if " INFO " not in line:
                seen.errors[f"the log says {line}"[:200]] += 1
    verdicts = seen.verdicts(seconds)
    for asked, measured, holds in verdicts:
        print(f"{'holds ' if holds else 'MISSED'}  {asked}: {measured}")
    return all(holds for _, _, holds in verdicts)

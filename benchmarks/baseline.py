"""Bare Python: the least that each scenario costs without any library that orchestrates.

The agents and stages are empty, but every function checks that the work was really done.
"""

import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from time import perf_counter

from .data_baseline import clean_polars, clean_python, data_convert, data_dedupe, data_share, data_sources
from .sample import CannotError, Sample, import_seconds, scratch, size_of
from .serving_baseline import http_fan, http_status, http_status_many, http_submit, http_submit_many

__all__ = [
    "clean_polars",
    "clean_python",
    "data_convert",
    "data_dedupe",
    "data_share",
    "data_sources",
    "http_fan",
    "http_status",
    "http_status_many",
    "http_submit",
    "http_submit_many",
]  # the rest is here

LINES_PER_OPERATION = 8
"""Accepted, started and succeeded for each of three stages, finished."""


class Count:
    """What a no-op stage touches, so that it cannot be skipped."""

    __slots__ = ("n",)

    def __init__(self) -> None:
        self.n = 0

    async def step(self) -> int:
        self.n += 1
        return self.n


def chain(size: int) -> Sample:
    """A loop that awaits one `asyncio.Task` per step."""

    async def main() -> float:
        count = Count()
        start = perf_counter()
        for _ in range(size):
            await asyncio.create_task(count.step())
        seconds = perf_counter() - start
        assert count.n == size
        return seconds

    return Sample(size, asyncio.run(main()))


def fan(size: int) -> Sample:
    """A bare `asyncio.TaskGroup`."""
    return Sample(size, asyncio.run(_grouped([size])))


def layered(size: int) -> Sample:
    """A `TaskGroup` per layer, ten layers: a barrier is the least that the dependencies of a layer could cost."""
    return Sample(size, asyncio.run(_grouped([size // 10] * 10)))


async def _grouped(layers: Sequence[int]) -> float:
    count = Count()
    start = perf_counter()
    for width in layers:
        async with asyncio.TaskGroup() as group:
            for _ in range(width):
                group.create_task(count.step())
    seconds = perf_counter() - start
    assert count.n == sum(layers)
    return seconds


def operations(size: int) -> Sample:
    """Runs of three awaited steps, at once by `gather`."""

    async def run() -> int:
        count = Count()
        await count.step()
        await count.step()
        return await count.step()

    async def main() -> float:
        start = perf_counter()
        results = await asyncio.gather(*[run() for _ in range(size)])
        seconds = perf_counter() - start
        assert results == [3] * size
        return seconds

    return Sample(size, asyncio.run(main()))


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    assert connection.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE event (op TEXT, seq INTEGER, data TEXT, PRIMARY KEY (op, seq)) WITHOUT ROWID")
    return connection


_INSERT = "INSERT INTO event VALUES (?, ?, ?)"


def durable_one(size: int) -> Sample:
    """Raw `sqlite3`, WAL and `synchronous=FULL`, committing one row per stage."""
    rows = [[(f"op-{run:06}", stage, _line(run * 3 + stage)) for stage in (1, 2, 3)] for run in range(size)]
    with scratch() as directory:
        connection = _open(directory / "raw.db")
        start = perf_counter()
        for run in rows:
            for row in run:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(_INSERT, row)
                connection.execute("COMMIT")
        seconds = perf_counter() - start
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (3 * size,)
        connection.close()
        return Sample(size, seconds, size_of(directory))


Row = tuple[str, int, str]


def _waves(size: int, lines: Path) -> list[list[Row]]:
    """Deal the lines to the operations and each one's lines to its stages: a batch per stage of all operations."""
    text = lines.read_text(encoding="utf-8").splitlines()
    per_operation = len(text) // size
    assert per_operation >= 3, f"{lines} has too few lines for {size} operations of three stages"
    waves: list[list[Row]] = [[], [], []]
    for run in range(size):
        for seq in range(per_operation):
            waves[seq * 3 // per_operation].append((f"op-{run:06}", seq + 1, text[run * per_operation + seq]))
    return waves


def durable_many(size: int, lines: Path) -> Sample:
    """Raw group commit by one writer thread: per stage, one transaction with the rows of all operations."""
    waves = _waves(size, lines)
    work: queue.SimpleQueue[list[Row] | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[int] = queue.SimpleQueue()

    def write(connection: sqlite3.Connection) -> None:
        while (batch := work.get()) is not None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, batch)
            connection.execute("COMMIT")
            done.put(len(batch))

    with scratch() as directory:
        connection = _open(directory / "raw.db")
        writer = threading.Thread(target=write, args=(connection,))
        writer.start()
        start = perf_counter()
        for wave in waves:
            work.put(wave)
            done.get()
        seconds = perf_counter() - start
        work.put(None)
        writer.join()
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (sum(map(len, waves)),)
        connection.close()
        return Sample(size, seconds, size_of(directory))


def _line(number: int) -> str:
    """Make up an event line of about 110 bytes, until agentkit hands over its own."""
    kind = ("attempt.started", "attempt.succeeded")[number % 2]
    event = {"v": 1, "type": kind, "stage": f"stage-{number // 2:05}", "attempt": 1, "at": 1764000000000000 + number}
    return json.dumps(event | {"value": number}, separators=(",", ":"))


def lines(scenario: str, size: int, path: Path) -> None:
    """Write made-up lines: `size` events for `resume`, those of `size` operations for `durable_many`."""
    count = size if scenario == "resume" else size * LINES_PER_OPERATION
    path.write_text("".join(_line(number) + "\n" for number in range(count)), encoding="utf-8")


def resume(size: int, lines: Path) -> Sample:
    """`json.loads` over the lines."""
    text = lines.read_text(encoding="utf-8").splitlines()[:size]
    start = perf_counter()
    events = [json.loads(line) for line in text]
    seconds = perf_counter() - start
    assert len(events) == len(text)
    assert all(isinstance(event, dict) for event in events)
    return Sample(len(text), seconds)


def feed(size: int) -> Sample:
    """An anyio memory object stream with a buffer of 1,024 to one reader: `send` awaited per item."""
    import anyio

    async def main() -> float:
        send, receive = anyio.create_memory_object_stream[int](1024)
        total = 0

        async def produce() -> None:
            async with send:
                for number in range(size):
                    await send.send(number)

        start = perf_counter()
        async with anyio.create_task_group() as group:
            group.start_soon(produce)
            async with receive:
                async for number in receive:
                    total += number
        seconds = perf_counter() - start
        assert total == size * (size - 1) // 2
        return seconds

    return Sample(size, asyncio.run(main()))


@dataclass(slots=True)
class Plain:
    """A slotted object with the fields of an agent: a name, a role, what it knows, what it is told, its limits."""

    name: str
    role: str = "worker"
    expertise: frozenset[str] = field(default_factory=frozenset)
    instruction: str = ""
    timeout: float | None = None
    version: str = "1"


def fallback(size: int) -> Sample:
    """The body of the strategy alone, for information: no task is made, no value checked (see `subject.strategy`)."""
    calls = 0

    async def first(task: object) -> None:
        nonlocal calls
        calls += 1

    async def main() -> float:
        task = object()
        start = perf_counter()
        for _ in range(size):
            await first(task)
        seconds = perf_counter() - start
        assert calls == size
        return seconds

    return Sample(size, asyncio.run(main()))


def agent(size: int) -> Sample:
    """Making a plain slotted object."""
    expertise = frozenset({"extraction", "csv"})
    names = [f"agent-{number}" for number in range(size)]
    start = perf_counter()
    made = [Plain(name, expertise=expertise) for name in names]
    seconds = perf_counter() - start
    assert made[-1].name == f"agent-{size - 1}"
    return Sample(size, seconds)


def written_amounts(size: int) -> list[str]:
    """Amounts in the form of `de-DE`, as an export has them: a third of them too small for groups."""
    written = [f"{number * 7919 % 10 ** (2 + number % 5):,}.{number % 100:02}" for number in range(size)]
    return [text.translate({ord(","): ".", ord("."): ","}) for text in written]


def money_parse(size: int) -> Sample:
    """Babel's strict reading of a number, without its currency."""
    try:
        from babel.numbers import parse_decimal
    except ImportError as missing:
        raise CannotError("Babel is not installed") from missing
    texts = written_amounts(size)
    start = perf_counter()
    read = [parse_decimal(text, locale="de_DE", strict=True) for text in texts]
    seconds = perf_counter() - start
    assert len(read) == size
    return Sample(size, seconds)


def _decimals(size: int) -> list[Decimal]:
    return [Decimal(number * 7919 % 1_000_003) / 100 for number in range(size)]


def money_sum(size: int) -> Sample:
    """The sum of plain decimals."""
    amounts = _decimals(size)
    start = perf_counter()
    total = sum(amounts)
    seconds = perf_counter() - start
    assert total > 0
    return Sample(size, seconds)


def money_column(size: int) -> Sample:
    """A loop over plain decimals."""
    amounts, rate, cent = _decimals(size), Decimal("12.5"), Decimal("0.01")
    start = perf_counter()
    shares = [(amount * rate / 100).quantize(cent) for amount in amounts]
    seconds = perf_counter() - start
    assert shares[1] == Decimal("9.90")
    return Sample(size, seconds)


def money_polars(size: int) -> Sample:
    """The same loop, whoever it is compared with."""
    return money_column(size)


def audit(size: int) -> Sample:
    """The same entries as texts, by `json.dumps(sort_keys=True)`, into a buffered file; no hash, no chain."""
    with scratch() as directory, (directory / "trail.jsonl").open("w", encoding="utf-8") as file:
        start = perf_counter()
        for number in range(size):
            entry = {
                "actor": "ada",
                "at": "2025-11-03T12:00:00.000000Z",
                "data_versions": {"iso4217": "2025-05-12"},
                "format": "1",
                "inputs": {"total": "1234.56", "percent": "12.5", "currency": "EUR", "author": f"author {number}"},
                "number": str(number),
                "operation": "share",
                "outputs": {"creator": "154.32", "platform": "1080.24"},
                "previous": "0" * 64,
                "rounding": "ROUND_HALF_EVEN",
            }
            file.write(json.dumps(entry, sort_keys=True) + "\n")
        file.flush()
        seconds = perf_counter() - start
        stored = size_of(directory)
    assert stored > 300 * size
    return Sample(size, seconds, stored)


def imports(size: int) -> Sample:
    """The two libraries that the core stands on."""
    return import_seconds("import pydantic, anyio", size)

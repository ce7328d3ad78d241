"""The killed processes as the tests see them: how they are started, what they left behind, and what must be true."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from agentkit.kernel import (
    AttemptStarted,
    AttemptSucceeded,
    Event,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
)
from agentkit.stores import SqliteStore

ROOT = Path(__file__).parents[2]
ENDS = (OperationCompleted, OperationFailed, OperationCancelled)
KILLED = -9


@dataclass(frozen=True, slots=True)
class Place:
    """A store, and the ledger beside it."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "runs.db"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    def lines(self) -> list[str]:
        return self.ledger.read_text().splitlines() if self.ledger.exists() else []

    def work(self, task: str, *fault: object) -> subprocess.CompletedProcess[str]:
        """Run the worker until it ends or is killed."""
        return run("-m", "tests.crash.worker", task, self.store, self.ledger, *fault)

    def journals(self) -> dict[str, Sequence[Event]]:
        """Every journal, read and checked by the library; the rows' own numbers, by nothing but SQLite."""
        if not self.store.exists():
            return {}
        journals = asyncio.run(self._journals())
        assert self._numbers() == {count: n for count, n in Counter(map(len, journals.values())).items() if count}
        return journals

    async def _journals(self) -> dict[str, Sequence[Event]]:
        async with SqliteStore(self.store) as store:
            lines = await store.find(limit=100_000)
            journals = {line.stream: await store.read(line.stream) for line in lines}
        for line, journal in zip(lines, journals.values(), strict=True):
            # What lists say was written together with the events, or not at all.
            told = (line.version, line.status == "completed", line.ended)
            assert told == (len(journal), isinstance(journal[-1], OperationCompleted), isinstance(journal[-1], ENDS))
        return journals

    def _numbers(self) -> dict[int, int]:
        """How many streams have how many rows, each numbered 1 to n."""
        with closing(sqlite3.connect(self.store)) as connection:
            rows = connection.execute(
                "select count(*), min(seq), max(seq) from event group by stream_no order by stream_no"
            ).fetchall()
        assert all(low == 1 and high == count for count, low, high in rows)
        return Counter(count for count, _, _ in rows)


def run(*words: object, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Python to its end."""
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def in_parallel(check: Callable[[int], list[str]], numbers: Iterable[int]) -> list[str]:
    """All problems that the checks found; they mostly wait for processes."""
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as pool:
        return [problem for problems in pool.map(check, numbers) for problem in problems]


def completed(journal: Iterable[Event]) -> set[str]:
    """The stages whose success is on the journal."""
    return {event.stage for event in journal if isinstance(event, AttemptSucceeded)}


def began(lines: Iterable[str]) -> list[tuple[str, int, str]]:
    """Stage, attempt and idempotency key of every body that began, by the ledger."""
    split = [line.split() for line in lines if line.startswith("began ")]
    return [(stage, int(attempt), key) for _, stage, attempt, key in split]


@dataclass
class Inquest:
    """What a death left behind, and what is wrong with how it went on."""

    place: Place
    title: str
    lines: list[str] = field(init=False)
    before: dict[str, Sequence[Event]] = field(init=False)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = self.place.lines()
        self.before = self.place.journals()
        journal = self._only(self.before)
        self._check("accepted" not in " ".join(self.lines) or bool(journal), "an acknowledged submit is lost")
        started = {(event.stage, event.attempt) for event in journal if isinstance(event, AttemptStarted)}
        loose = [stage for stage, attempt, _ in began(self.lines) if (stage, attempt) not in started]
        self._check(not loose, f"{loose} began without their start on the journal")

    def conclude(self, output: object) -> list[str]:
        """Compare with how it stands now, after another process has finished it; return all that is wrong."""
        lines, journals = self.place.lines(), self.place.journals()
        before, journal = self._only(self.before), self._only(journals)
        since = began(lines[len(self.lines) :])
        again = completed(before) & {stage for stage, _, _ in since}
        self._check(not again, f"{sorted(again)} had completed and ran again")
        self._check(list(journal[: len(before)]) == list(before), "the journal has changed what it said")
        self._check(sum(isinstance(event, ENDS) for event in journal) == 1, "there is not exactly one end")
        self._check(bool(journal) and isinstance(journal[-1], OperationCompleted), "it does not end completed")
        self._check_once(journal, lines)
        told = {line for line in lines if line.startswith("told ")}
        self._check(told == {f"told {output}"}, f"the result is {told}")
        return self.problems

    def _check_once(self, journal: Sequence[Event], lines: Sequence[str]) -> None:
        successes = Counter(event.stage for event in journal if isinstance(event, AttemptSucceeded))
        self._check(not successes or max(successes.values()) == 1, f"a success is told twice: {successes}")
        keys: dict[str, set[str]] = {}
        for stage, _, key in began(lines):
            keys.setdefault(stage, set()).add(key)
        self._check(all(len(each) == 1 for each in keys.values()), f"an idempotency key has changed: {keys}")

    def _only(self, journals: dict[str, Sequence[Event]]) -> Sequence[Event]:
        self._check(len(journals) <= 1, f"one request made {len(journals)} operations")
        return next(iter(journals.values()), ())

    def _check(self, fine: bool, problem: str) -> None:
        if not fine:
            self.problems.append(f"{self.title}: {problem}")

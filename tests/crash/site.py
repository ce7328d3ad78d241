"""The command line as a process that can be stopped and killed, in a folder of its own."""

import asyncio
import os
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentkit.kernel import AttemptStarted, AttemptSucceeded, Event, OperationAccepted, Stage, Workflow
from agentkit.service import dump_workflow
from agentkit.stores import SqliteStore
from tests.crash.gated import CURE, GATE, LEDGER
from tests.crash.processes import ENDS, ROOT

AGENTKIT = Path(sysconfig.get_path("scripts")) / "agentkit"


@dataclass(frozen=True, slots=True)
class Site:
    """A folder in which the command runs; all that it writes is below it, by relative paths."""

    folder: Path

    def start(self, *words: str, gate: str = "gate", before: str = "", **more: Any) -> subprocess.Popen[str]:
        """Start the command; `before` is Python that runs first, and ends by starting the words it was given."""
        first = [sys.executable, "-ISc", before] if before else []
        return subprocess.Popen(
            [*first, sys.executable, str(AGENTKIT), *words],
            cwd=self.folder,
            env={
                # How large a terminal is, it says itself.
                **{name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}},
                "PYTHONPATH": str(ROOT),
                "AGENTKIT_STORE": "sqlite:///runs.db",
                GATE: str(self.folder / gate),
                LEDGER: str(self.folder / "ledger"),
                CURE: str(self.folder / "cure"),
            },
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more},
        )

    @contextmanager
    def running(self, *words: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
        """Start the command; it does not outlive the block, nor do its pipes."""
        with self.start(*words, **more) as process:
            try:
                yield process
            finally:
                process.kill()

    def orchestrator(self, task: str) -> subprocess.Popen[str]:
        """Start `tests.crash.standby`; it ends with its standard input."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.crash.standby", task, str(self.folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, *words: str) -> str:
        """Run the command to its end, and return the result that it printed."""
        return ended(self.start(*words))

    def write(self, *stages: Stage) -> str:
        """Write a workflow file; its name."""
        (self.folder / "flow.json").write_text(dump_workflow(Workflow("flow", stages), "json"))
        return "flow.json"

    def open(self, gate: str = "gate") -> None:
        """Let the agents go on that wait for the gate."""
        (self.folder / gate).touch()

    def ledger(self) -> list[str]:
        """What the bodies of the agents wrote down."""
        ledger = self.folder / "ledger"
        return ledger.read_text().splitlines() if ledger.exists() else []

    def files(self) -> dict[str, bytes]:
        """Every file of the output, by name."""
        out = self.folder / "out"
        return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def journal(self, number: int = 0) -> Sequence[Event]:
        """The journal of an operation, the newest first; empty if there is none."""
        return journals[number] if len(journals := self.journals()) > number else ()

    def journals(self) -> list[Sequence[Event]]:
        """All journals, the newest first."""
        return asyncio.run(self._journals()) if (self.folder / "runs.db").exists() else []

    async def _journals(self) -> list[Sequence[Event]]:
        async with SqliteStore(self.folder / "runs.db") as store:
            return [await store.read(line.stream) for line in await store.find(limit=100_000)]


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    """Read what it tells until a line has these words; the line."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"it ended with {process.wait()} and never said {words!r}")


def until(true: Callable[[], bool]) -> None:
    """Ask again until it is true: nothing wakes us when another process has done something."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    """Its standard output, after it has ended as expected."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    return out


def operation_id(journal: Sequence[Event]) -> str:
    """Whose journal it is."""
    first = journal[0]
    assert isinstance(first, OperationAccepted)
    return first.operation_id


def repeated(journal: Sequence[Event]) -> list[str]:
    """What a completed stage did although it had completed, by the journal."""
    done: set[str] = set()
    problems: list[str] = []
    for event in journal:
        if isinstance(event, AttemptStarted) and event.stage in done:
            problems.append(f"{event.stage} started after its success")
        if isinstance(event, AttemptSucceeded):
            done.add(event.stage)
    successes = Counter(event.stage for event in journal if isinstance(event, AttemptSucceeded))
    problems += [f"{stage} succeeded {count} times" for stage, count in successes.items() if count > 1]
    ends = sum(isinstance(event, ENDS) for event in journal)
    return [*problems, *([] if ends == 1 else [f"there are {ends} ends"])]

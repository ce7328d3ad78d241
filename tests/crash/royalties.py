"""The royalty example as a process that can be killed, and what an undisturbed run of it gives."""

import asyncio
import os
import subprocess
import sys
import sysconfig
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agentkit.kernel import AttemptStarted, AttemptSucceeded, Event
from agentkit.stores import SqliteStore
from tests.crash.processes import ENDS, ROOT

AGENTKIT = Path(sysconfig.get_path("scripts")) / "agentkit"
AGENTS = ("--agents", "examples.royalties.agents")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "AGENTKIT_STORE": "sqlite:///runs.db"}


@dataclass(frozen=True, slots=True)
class Site:
    """A folder in which the command runs; all that it writes is below it, by relative paths."""

    folder: Path

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start the command."""
        return subprocess.Popen(
            [sys.executable, str(AGENTKIT), *words],
            cwd=self.folder,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def begin(self) -> subprocess.Popen[str]:
        """Start the royalty run."""
        workflow = str(ROOT / "examples" / "royalties" / "royalties.yaml")
        return self.start("run", workflow, *AGENTS, "--input", "period=2024", "--input", "out=out")

    def call(self, *words: str) -> str:
        """Run the command to its end, and return the result that it printed."""
        return ended(self.start(*words))

    def files(self) -> dict[str, bytes]:
        """Every file of the output, by name."""
        out = self.folder / "out"
        return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def journal(self) -> Sequence[Event]:
        """The journal of the only operation; empty if there is none."""
        if not (self.folder / "runs.db").exists():
            return ()
        return asyncio.run(self._journal())

    async def _journal(self) -> Sequence[Event]:
        async with SqliteStore(self.folder / "runs.db") as store:
            for line in await store.find():
                return await store.read(line.stream)
        return ()


def ended(process: subprocess.Popen[str]) -> str:
    """Its standard output, after it has ended well."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


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

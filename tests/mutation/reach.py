"""Which tests reach which line, and how long each of them takes: measured once, and again when code or tests change."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Final, TypedDict, cast

import coverage
import pytest

from tests.mutation.mutants import ROOM, Mutant
from tests.mutation.worker import TESTS, Loop, Task, run_unchanged, session_of

__all__ = ["HOME", "Reach", "digest_of", "measured"]

HOME: Final = Path(".mutation")
LOADING: Final = ""
"""The context of lines that run before any test does."""


class _Kept(TypedDict):
    digest: str
    seconds: dict[str, float]
    lines: dict[str, dict[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Reach:
    """Which tests reach which line.

    Attributes:
        seconds: How long each test takes.
        lines: By file and line: the tests, and `LOADING` if it runs when its module is loaded.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[str]]]

    def task(self, mutant: Mutant) -> Task:
        """Choose the tests that reach a mutant; where it runs at loading only, all, with those of its module first.

        Who uses a constant of another module reaches no line of it.
        """
        tests = self._of(mutant)
        named = sorted(tests - {LOADING}, key=self.order)
        if mutant.function is None or (not named and LOADING in tests):
            near = {test for names in self.lines.get(mutant.file, {}).values() for test in names}
            named = sorted(self.seconds, key=lambda test: (test not in near, *self.order(test)))
        return Task(mutant=mutant, tests=named, seconds=sum(self.seconds[test] for test in named))

    def order(self, test: str) -> tuple[float, str]:
        """Quick tests first: a few of them kill most mutants."""
        return self.seconds[test], test

    def at_loading(self, mutant: Mutant) -> bool:
        """Tell whether it runs when a module is loaded, be it in a function that is called then."""
        return mutant.function is None or LOADING in self._of(mutant)

    def _of(self, mutant: Mutant) -> set[str]:
        lines = self.lines.get(mutant.file, {})
        return {test for line in mutant.lines for test in lines.get(str(line), ())}


def measured(say: Callable[[str], None]) -> Reach:
    """Read what was measured, or measure it in a child.

    Raises:
        RuntimeError: A test fails as it is.
    """
    file = HOME / "reach.json"
    digest = digest_of(ROOM, Path(TESTS))
    if file.exists():
        kept = cast("_Kept", json.loads(file.read_text(encoding="utf-8")))
        if kept["digest"] == digest:
            return Reach(kept["seconds"], kept["lines"])
    say("measuring which tests reach which lines ...")
    HOME.mkdir(exist_ok=True)
    child = os.fork()
    if child == 0:
        os._exit(_measure(file, digest))
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise RuntimeError("a test fails without any mistake: mend it first")
    reach = measured(say)
    answer = run_unchanged(sorted(reach.seconds, key=reach.order), sum(reach.seconds.values()))
    if answer.verdict != "survived":
        file.unlink()
        raise RuntimeError(f"without any mistake a test fails when quick ones run first: {answer.by}; mend it first")
    return reach


def digest_of(*folders: Path) -> str:
    """Sum up the sources below some folders."""
    text = hashlib.sha256()
    for file in sorted(file for folder in folders for file in [*folder.rglob("*.py"), *folder.glob("*.py")]):
        text.update(f"{file.as_posix()}\n".encode() + file.read_bytes())
    return text.hexdigest()


def _measure(file: Path, digest: str) -> int:
    watch = coverage.Coverage(data_file=None, branch=False, source_pkgs=["agentkit.money"], config_file=False)
    seconds: dict[str, float] = {}
    failed: list[str] = []

    def run(loop: Loop, items: dict[str, pytest.Item]) -> None:
        for name, item in items.items():
            watch.switch_context(name)
            begin = process_time()
            if loop.first_failure([item]):
                failed.append(loop.failed)
                return
            seconds[name] = process_time() - begin

    watch.start()
    code = session_of(run, [TESTS])
    watch.stop()
    if failed or code or not seconds:
        return 1
    data = watch.get_data()
    lines = {
        Path(path).relative_to(Path.cwd()).as_posix(): {
            str(line): sorted(tests) for line, tests in data.contexts_by_lineno(path).items()
        }
        for path in data.measured_files()
    }
    kept = _Kept(digest=digest, seconds=seconds, lines=lines)
    file.write_text(json.dumps(kept), encoding="utf-8")
    return 0

"""What became of mutants, one line each, so that a run that was stopped goes on where it was.

A kill holds as long as its module stays as it is; a survivor is tried again as soon as a test is changed too.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypedDict, cast

from tests.mutation.equivalents import why_equivalent
from tests.mutation.mutants import ROOM, Mutant
from tests.mutation.reach import HOME, digest_of
from tests.mutation.worker import TESTS, Answer

__all__ = ["Result", "Results", "report"]

FILE: Final = HOME / "results.jsonl"
KILLED: Final = {"killed", "time"}


class Result(TypedDict):
    """What became of one mutant, as it is kept."""

    key: str
    text: str
    module: str
    tests: str
    verdict: str
    by: str
    seconds: float


class Results:
    """All results that still hold."""

    def __init__(self) -> None:
        self._tests = digest_of(Path(TESTS))
        self._modules = {file.as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in ROOM.rglob("*.py")}
        self._kept: dict[str, Result] = {}
        if FILE.exists():
            for line in FILE.read_text(encoding="utf-8").splitlines():
                result = cast("Result", json.loads(line))
                self._kept[result["key"]] = result

    def find(self, mutant: Mutant) -> Result | None:
        """Return what became of a mutant, if that still holds."""
        result = self._kept.get(mutant.key)
        if result is None or result["module"] != self._modules[mutant.file]:
            return None
        return result if result["verdict"] in KILLED or result["tests"] == self._tests else None

    def add(self, mutant: Mutant, answer: Answer) -> None:
        """Keep what became of a mutant."""
        result = Result(
            key=mutant.key,
            text=str(mutant),
            module=self._modules[mutant.file],
            tests=self._tests,
            verdict=answer.verdict,
            by=answer.by,
            seconds=answer.seconds,
        )
        self._kept[mutant.key] = result
        with FILE.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")


def report(mutants: Iterable[Mutant], results: Results) -> str:
    """Tell how many were killed, and which ones live."""
    found = [(mutant, result) for mutant in mutants if (result := results.find(mutant))]
    killed = sum(result["verdict"] in KILLED for _, result in found)
    living = [(mutant, result) for mutant, result in found if result["verdict"] not in KILLED]
    argued = [(mutant, why) for mutant, _ in living if (why := why_equivalent(mutant))]
    rooms = Counter((Path(mutant.file).parts[3], result["verdict"] in KILLED) for mutant, result in found)
    lines = [
        f"{'survived' if result['verdict'] == 'survived' else 'no test'}  {mutant}"
        for mutant, result in living
        if not why_equivalent(mutant)
    ]
    lines += [
        f"{room:12} {rooms[room, True]} of {rooms[room, True] + rooms[room, False]}"
        for room in sorted({room for room, _ in rooms})
    ]
    slow = sum(result["verdict"] == "time" for _, result in found)
    lines.append(
        f"{killed} of {len(found)} mutants killed ({killed / max(len(found), 1):.1%}), {slow} of them by time;"
        f" {len(argued)} survivors change nothing, {len(living) - len(argued)} are open;"
        f" {sum(result['seconds'] for _, result in found):.0f} s"
    )
    return "\n".join(lines)

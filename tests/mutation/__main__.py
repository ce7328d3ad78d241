"""Break `agentkit.money` on purpose, one small mistake at a time, and see whether its tests notice.

    python -m tests.mutation                        all mutants: takes hours, and goes on where it was stopped
    python -m tests.mutation --sample 400 --seed 1  some of them, the same ones for the same seed
    python -m tests.mutation --only finance/tax.py  those of a part

`CONTRIBUTING.md` says what to do about a survivor. Results are kept in `.mutation/`.
"""

import argparse
import importlib
import os
import sys

from tests.mutation.mutants import ROOM, Mutant, mutants_of, sampled
from tests.mutation.reach import Reach, measured
from tests.mutation.results import Results, report
from tests.mutation.worker import Answer, Task, run_loaded, run_swapped

# Loaded before any child starts: each of them takes longer than most tests. Nothing of agentkit is among them.
HEAVY = ["anyio", "cryptography.hazmat.primitives.asymmetric.ed25519", "decimal", "pydantic", "sqlite3", "tenacity"]
HEAVY += ["hypothesis.strategies", "typing_extensions", "babel.numbers", "blockbuster", "asyncio"]
BATCH = 50
"""How many mutants one process that has loaded everything takes, before a new one starts."""


def main() -> int:
    """Run the mutants that were asked for, and report; 1 if a survivor is not argued for."""
    options = _options()
    mutants = [
        mutant for file in sorted(ROOM.rglob("*.py")) if options.only in file.as_posix() for mutant in mutants_of(file)
    ]
    if options.sample:
        mutants = sampled(mutants, options.sample, options.seed)
    say(f"{len(mutants)} mutants")
    for name in HEAVY:
        importlib.import_module(name)
    reach = measured(say)
    results = Results()
    waiting = [mutant for mutant in mutants if results.find(mutant) is None]
    swapped = [mutant for mutant in waiting if mutant.function]
    for start in range(0, len(swapped), BATCH):
        _run_batch(swapped[start : start + BATCH], reach, results)
    results = Results()
    for mutant in waiting:
        found = results.find(mutant)
        if found is None or (found["verdict"] not in {"killed", "time"} and reach.at_loading(mutant)):
            _keep(results, reach.task(mutant), _loaded(reach.task(mutant)))
    say(report(mutants, results))
    return 0


def _run_batch(mutants: list[Mutant], reach: Reach, results: Results) -> None:
    """Run mutants of functions in a child, which keeps their results."""
    tasks = [reach.task(mutant) for mutant in mutants]
    for task in tasks:
        if not task.tests:
            _keep(results, task, Answer(verdict="unreached", by="", seconds=0.0))
    child = os.fork()
    if child == 0:
        terminal = os.fdopen(os.dup(1), "w", encoding="utf-8")
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)

        def keep(task: Task, answer: Answer) -> None:
            if answer.verdict != "unloaded":
                _keep(results, task, answer)
                print(answer.verdict, answer.seconds, task.mutant, answer.by[-60:], sep="  ", file=terminal, flush=True)

        run_swapped([task for task in tasks if task.tests], keep)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit("the process that runs mutants has ended: this is no fault of a mutant")


def _loaded(task: Task) -> Answer:
    return run_loaded(task) if task.tests else Answer(verdict="unreached", by="", seconds=0.0)


def _keep(results: Results, task: Task, answer: Answer) -> None:
    results.add(task.mutant, answer)


def say(text: str) -> None:
    """Tell the reader."""
    print(text, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s mutate --", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="run so many mutants, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="PART", help="run those of files with this in their path")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

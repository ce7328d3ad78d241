"""SIGKILL before and after every call of the store while the world outside is changed: it is changed once."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.payer import did
from tests.crash.processes import KILLED, in_parallel, run

TOLD = {
    "output": "signed",
    "messages": [[1, "pay", "paid"], [2, "mail", "mailed"]],
    "effects": [["pay", "confirmed"], ["mail", "confirmed"]],
}
KEYS = {"pay": "pay:INV-1", "mail": "mail:ada", "sign": "sign"}


def die_and_finish(folder: Path, kind: str, number: int) -> list[str]:
    """Let a process die at that call, and another one finish; return all that is wrong."""
    spot = folder / str(number)
    spot.mkdir()
    words = ("-m", "tests.crash.payer", spot / "runs.db", spot / "ledger")
    died = run(*words, kind, number)
    finished = run(*words)
    problems = [] if died.returncode in (KILLED, 0) else [f"it ended with {died.returncode}: {died.stderr[-500:]}"]
    if finished.returncode:
        problems.append(f"it cannot be finished: {finished.stderr[-500:]}")
    else:
        told = json.loads(finished.stdout)
        problems += [f"{name} is {told[name]}" for name, expected in TOLD.items() if told[name] != expected]
    times = Counter(line.split()[0] for line in did(spot / "ledger"))
    problems += [f"{name} happened {times[name]} times" for name in KEYS if times[name] != 1]
    wrong = [line for line in did(spot / "ledger") if not line.endswith(f":{KEYS[line.split()[0]]}")]
    return [f"{kind} {number}: {problem}" for problem in (*problems, *wrong)]


@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
def test_a_kill_at_any_store_call_changes_the_world_once(kind: str, tmp_path: Path) -> None:
    undisturbed = run("-m", "tests.crash.payer", tmp_path / "runs.db", tmp_path / "ledger")
    assert undisturbed.returncode == 0, undisturbed.stderr
    # What comes before the first attempt is the concern of `test_every_store_call`.
    calls = json.loads(undisturbed.stdout)["calls"]

    assert in_parallel(lambda number: die_and_finish(tmp_path, kind, number), range(4, calls + 1)) == []

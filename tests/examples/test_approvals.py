"""Invoices are paid once or listed as unknown, whatever the bank's line does and whoever is killed."""

import random
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from examples.approvals.bank import Bank
from tests.crash.processes import ROOT, in_parallel, run

LINE = re.compile(r"(?P<invoice>INV-\d+) +(?P<amount>[\d.]+)  (?P<status>\w+) +receipt (?P<receipt>\d+|-)")
REFUSED = "INV-108"
INVOICES = {f"INV-{number}" for number in range(101, 113)} - {REFUSED}

pytestmark = pytest.mark.blocking


def pay(folder: Path, *settings: str) -> str:
    """Run the example to its end, and return what it prints."""
    done = run("-m", "examples.approvals.run", folder, *settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(output: str) -> dict[str, tuple[str, str]]:
    """What the example says of every invoice: its status and its receipt."""
    return {found["invoice"]: (found["status"], found["receipt"]) for found in LINE.finditer(output)}


def paid(folder: Path) -> list[tuple[str, str]]:
    """What the bank says of every payment: the invoice and the receipt."""
    entries = Bank(path=str(folder / "bank.db"), drops=0).entries()
    return [(entry.key.rpartition(":")[2], str(entry.receipt)) for entry in entries]


def problems_of(folder: Path, output: str) -> list[str]:
    """What is wrong between what the example says and what the bank says."""
    said, ledger = told(output), paid(folder)
    times = Counter(invoice for invoice, _ in ledger)
    problems = [f"{invoice} is paid {count} times" for invoice, count in times.items() if count > 1]
    problems += [f"{invoice} is paid, and not listed" for invoice in times if invoice not in said]
    for invoice, (status, receipt) in said.items():
        if status == "confirmed" and (invoice, receipt) not in ledger:
            problems.append(f"{invoice} is said to be paid under {receipt}")
        if status not in ("confirmed", "unknown"):
            problems.append(f"{invoice} is {status}")
    if REFUSED in said:
        problems.append(f"{REFUSED} was refused, and paid")
    return problems


@pytest.mark.parametrize("seed", [1, 2])
def test_every_invoice_is_paid_once_although_the_line_drops(seed: int, tmp_path: Path) -> None:
    output = pay(tmp_path, f"seed={seed}")

    assert problems_of(tmp_path, output) == []
    assert told(output).keys() == INVOICES
    assert {status for status, _ in told(output).values()} == {"confirmed"}
    assert "completed; the bank has paid 10931.99" in output
    assert Bank(path=str(tmp_path / "bank.db")).lost() > 1


def test_what_nobody_knows_is_listed_and_not_paid_again(tmp_path: Path) -> None:
    first = pay(tmp_path, "drops=1")
    ledger = paid(tmp_path)
    second = pay(tmp_path, "drops=1")

    assert {status for status, _ in told(first).values()} == {"unknown"}
    assert "nobody knows about pay[" in first
    assert second.startswith("nobody knows about pay[")
    assert paid(tmp_path) == ledger
    assert problems_of(tmp_path, second) == []


def calls(folder: Path) -> int:
    """How often the bank was called so far."""
    try:
        with closing(sqlite3.connect(f"file:{folder / 'bank.db'}?mode=ro", uri=True)) as ledger:
            return int(ledger.execute("SELECT count(*) FROM calls").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def kill_during_payments(folder: Path, seed: int, dice: random.Random) -> None:
    """Start the example, and kill it a moment after the bank was called a few times more."""
    enough, wait = calls(folder) + dice.randrange(1, 5), dice.choice([0.0, dice.uniform(0.0, 0.03)])
    words = [sys.executable, "-m", "examples.approvals.run", str(folder), f"seed={seed}"]
    end = time.monotonic() + 30
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and calls(folder) < enough:
            assert time.monotonic() < end
            time.sleep(0.001)
        time.sleep(wait)
        process.kill()


def kill_and_go_on(folder: Path, seed: int, kills: int) -> list[str]:
    site, dice = folder / str(seed), random.Random(seed)
    site.mkdir()
    for _ in range(kills):
        kill_during_payments(site, seed, dice)
    output = pay(site, f"seed={seed}")
    problems = problems_of(site, output)
    if "completed" in output and told(output).keys() != INVOICES:
        problems.append(f"it lists {sorted(told(output))}")
    if "completed" not in output and "unknown" not in output:
        problems.append(f"it does not end: {output}")
    return [f"seed {seed}: {problem}" for problem in problems]


def test_killed_again_and_again_it_pays_every_invoice_once(tmp_path: Path) -> None:
    assert in_parallel(lambda seed: kill_and_go_on(tmp_path, seed, 3), range(10, 13)) == []


@pytest.mark.long
def test_killed_two_hundred_times_it_pays_every_invoice_once(tmp_path: Path) -> None:
    assert in_parallel(lambda seed: kill_and_go_on(tmp_path, seed, 4), range(100, 150)) == []

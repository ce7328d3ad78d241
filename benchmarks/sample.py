"""What a subject hands back, and the few tools all subjects share.

Standard library only, and nothing of this repository: the module is imported in the environments of the peers.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".benchmarks"


class Sample(NamedTuple):
    """One timed piece of work: a subject may also return the bare `(items, seconds)`."""

    items: int
    seconds: float
    stored: int = 0
    """Bytes on disk that the work left behind, where the scenario stores."""


class CannotError(Exception):
    """A subject says why it cannot express a scenario."""


def cache() -> Path:
    """Return the directory of environments and scratch files, made if missing and ignored by git."""
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n")
    return CACHE


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a directory for databases, on the disk of the repository: `/tmp` may be memory, where a sync is free."""
    with tempfile.TemporaryDirectory(dir=cache(), prefix="scratch-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def size_of(directory: Path) -> int:
    """Count the bytes of all files in a directory, write-ahead logs included."""
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())


def import_seconds(statement: str, times: int) -> Sample:
    """Time an import in fresh interpreters and keep the fastest; a first one, which may compile, is not counted."""
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"

    def once() -> float:
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
        return float(done.stdout)

    once()
    return Sample(1, min(once() for _ in range(times)))

"""The peers: each in its own environment with pinned versions, none of them a dependency of the project.

`python -m benchmarks.peers --install [peer ...]` makes the environments under `.benchmarks/envs`.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.sample import ROOT, cache

REQUIREMENTS = {
    file.stem.removeprefix("requirements-"): file for file in sorted(Path(__file__).parent.glob("requirements-*.txt"))
}


def _homes(peer: str) -> tuple[Path, Path]:
    return ROOT / ".benchmarks" / "envs" / peer, ROOT / ".nox" / f"peer-{peer}"


def _python(home: Path) -> Path:
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def python_of(peer: str) -> Path | None:
    """Return the Python of a peer's environment, or None while it is not installed."""
    return next((_python(home) for home in _homes(peer) if _python(home).exists()), None)


def module_of(peer: str) -> str:
    """Return the module that measures a peer."""
    return f"benchmarks.peers.{peer.replace('-', '_')}"


def install(peer: str) -> None:
    """Make the environment of a peer anew, with the pinned versions."""
    cache()
    home = _homes(peer)[0]
    print(f"installing {peer} into {home.relative_to(ROOT)}", file=sys.stderr)
    venv.create(home, with_pip=True, clear=True)
    subprocess.run([_python(home), "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS[peer]], check=True)

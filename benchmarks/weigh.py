"""How much an install brings: the distributions and bytes of agentkit's core, and of each peer."""

import subprocess
import sys
import venv
from pathlib import Path

from . import peers
from .report import markdown
from .sample import ROOT, scratch
from .scenarios import AGENTKIT, INSTALL_LIMIT

_TOOLS = {"pip", "setuptools", "wheel"}


def weigh(site: Path) -> tuple[int, int, int]:
    """Count the distributions, their bytes and the bytes of compiled bytecode beside them, without pip itself."""
    names = [info.name.split("-")[0].lower() for info in site.glob("*.dist-info")]
    plain = compiled = 0
    for file in site.rglob("*"):
        if not file.is_file() or file.relative_to(site).parts[0].split("-")[0].lower() in _TOOLS | {
            "pkg_resources",
            "_distutils_hack",
        }:
            continue
        if file.suffix == ".pyc":
            compiled += file.stat().st_size
        else:
            plain += file.stat().st_size
    return len([name for name in names if name not in _TOOLS]), plain, compiled


def _site(home: Path) -> Path:
    return next(home.rglob("site-packages"))


def weigh_all() -> str:
    """Install agentkit's core afresh, weigh it and every installed peer, and write the table."""
    lines = []
    with scratch() as directory:
        home = directory / "core"
        venv.create(home, with_pip=True)
        python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", str(ROOT)], check=True)
        lines.append([AGENTKIT, *_figures(home)])
    for peer in peers.REQUIREMENTS:
        if (found := peers.python_of(peer)) is not None:
            lines.append([peer, *_figures(found.parents[1])])
    limit = f"limit: {INSTALL_LIMIT[0]} distributions, {INSTALL_LIMIT[1] / 1e6:.0f} MB"
    return markdown(["install", "distributions", "MB", "MB of bytecode"], lines) + limit


def _figures(home: Path) -> list[str]:
    count, plain, compiled = weigh(_site(home))
    return [str(count), f"{plain / 1e6:.1f}", f"{compiled / 1e6:.1f}"]

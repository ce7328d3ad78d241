"""The load of the machine that this process runs on.

Rules: psutil is imported by those who need a load, and not before; the system is read in a thread, never on the
loop.
"""

from __future__ import annotations

from importlib.util import find_spec

from agentkit.errors import MissingExtra

from .loads import MachineLoad

__all__ = ["check_installed", "measure_machine"]


def check_installed() -> None:
    """Look whether loads can be measured here.

    Raises:
        MissingExtra: psutil is not installed.
    """
    if find_spec("psutil") is None:
        raise MissingExtra("load", "psutil")


def measure_machine() -> MachineLoad:
    """How busy this machine is since the last call; it reads files of the system, so call it in a thread."""
    import psutil

    return MachineLoad(cpu=psutil.cpu_percent(interval=None) / 100, memory=psutil.virtual_memory().percent / 100)

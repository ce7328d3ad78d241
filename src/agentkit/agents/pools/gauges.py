"""The load of the machine that this process runs on.

Rules: psutil is imported when a load is first asked for, and not before; the system is read in a thread, never on the
loop.
"""

from __future__ import annotations

from agentkit.errors import MissingExtra

from .loads import MachineLoad

__all__ = ["measure_machine"]


def measure_machine() -> MachineLoad:
    """How busy this machine is since the last call; it reads files of the system, so call it in a thread.

    Raises:
        MissingExtra: psutil is not installed.
    """
    try:
        import psutil
    except ImportError as missing:
        raise MissingExtra("load", "psutil") from missing
    return MachineLoad(cpu=psutil.cpu_percent(interval=None) / 100, memory=psutil.virtual_memory().percent / 100)

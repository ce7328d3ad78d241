"""How busy this machine is: `MachineReading`, `read_machine`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MachineReading", "read_machine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineReading:
    """How busy a machine is, at one moment.

    Attributes:
        processor: The share of its processors that is wanted, from 0; more than 1 is more than there is. None is not
            known.
        memory: The share of its memory that is taken, from 0 to 1; None is not known.
    """

    processor: float | None = None
    memory: float | None = None


def read_machine() -> MachineReading:
    """How busy this machine is, over the last minute; what the system does not tell is None."""
    return MachineReading(processor=_processor(), memory=_memory())


def _processor() -> float | None:
    try:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    except (OSError, AttributeError):
        return None


def _memory() -> float | None:
    """What Linux says; elsewhere nothing of the standard library knows."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        sizes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
        return 1 - sizes["MemAvailable"] / sizes["MemTotal"]
    except (OSError, ValueError, KeyError, IndexError, ZeroDivisionError):
        return None

"""Engines: the driver that keeps the world and the journal in step, and the executors in which attempts run."""

from .attempts import Abandoned
from .driver import Driver, Drivers, summary_of
from .feed import Recorded, follow
from .inputs import check_placeholders, instruction_values
from .live import Live, LogLine, Said
from .local import LocalExecutor
from .ports import Clock, Executor, Ids, RandomIds, SystemClock
from .processes import agent_reference
from .slots import Slots

__all__ = [
    "Abandoned",
    "Clock",
    "Driver",
    "Drivers",
    "Executor",
    "Ids",
    "Live",
    "LocalExecutor",
    "LogLine",
    "RandomIds",
    "Recorded",
    "Said",
    "Slots",
    "SystemClock",
    "agent_reference",
    "check_placeholders",
    "follow",
    "instruction_values",
    "summary_of",
]

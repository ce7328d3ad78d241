"""For tests of what is built on agentkit, and of what is plugged into it.

Rules: may use every room; nothing imports it. The checks know their subject by its port alone, and need no test
framework.
"""

from .agents import Hang, ScriptedAgent, Sleep
from .clock import VirtualClock, VirtualLoop, run_virtual
from .executor import check_executor
from .faults import Call, Fault, FaultKind, FaultyStore
from .journal import check_journal
from .leases import check_leases

__all__ = [
    "Call",
    "Fault",
    "FaultKind",
    "FaultyStore",
    "Hang",
    "ScriptedAgent",
    "Sleep",
    "VirtualClock",
    "VirtualLoop",
    "check_executor",
    "check_journal",
    "check_leases",
    "run_virtual",
]

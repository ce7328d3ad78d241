"""For tests of what is built on agentkit, and of what is plugged into it.

Rules: may use every room; nothing imports it. The checks know their subject by its port alone, and need no test
framework.
"""

from .faults import Call, Fault, FaultKind, FaultyStore
from .journal import check_journal
from .leases import check_leases

__all__ = ["Call", "Fault", "FaultKind", "FaultyStore", "check_journal", "check_leases"]

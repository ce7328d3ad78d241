"""For tests of what is built on agentkit, and of what is plugged into it.

Rules: may use every room; nothing imports it. The checks and the simulations know their subject by its face alone, and
need no test framework; what pytest is given costs nothing until a test asks for it.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .agents import Hang as Hang
    from .agents import ScriptedAgent as ScriptedAgent
    from .agents import Sleep as Sleep
    from .audit import check_audit_sink as check_audit_sink
    from .audit import check_audit_trail as check_audit_trail
    from .calls import check_calls as check_calls
    from .claims import assert_exactly_once as assert_exactly_once
    from .claims import assert_never_after_cancel as assert_never_after_cancel
    from .claims import assert_same_end as assert_same_end
    from .clock import VirtualClock as VirtualClock
    from .clock import VirtualLoop as VirtualLoop
    from .clock import run_virtual as run_virtual
    from .executor import check_executor as check_executor
    from .faults import Call as Call
    from .faults import Fault as Fault
    from .faults import FaultKind as FaultKind
    from .faults import FaultyStore as FaultyStore
    from .journal import check_journal as check_journal
    from .leases import check_leases as check_leases
    from .models import ModelCall as ModelCall
    from .models import Says as Says
    from .models import ScriptedModel as ScriptedModel
    from .models import ToolCall as ToolCall
    from .outside import Happening as Happening
    from .outside import happened as happened
    from .people import Approve as Approve
    from .people import Cancel as Cancel
    from .people import Refuse as Refuse
    from .people import Settle as Settle
    from .people import Signal as Signal
    from .served import Served as Served
    from .simulated import Refusal as Refusal
    from .simulated import Simulated as Simulated
    from .simulation import SimulationSettings as SimulationSettings
    from .simulation import Simulator as Simulator
    from .simulation import crash_everywhere as crash_everywhere
    from .simulation import simulate as simulate
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "agents": ("Hang", "ScriptedAgent", "Sleep"),
            "audit": ("check_audit_sink", "check_audit_trail"),
            "calls": ("check_calls",),
            "claims": ("assert_exactly_once", "assert_never_after_cancel", "assert_same_end"),
            "clock": ("VirtualClock", "VirtualLoop", "run_virtual"),
            "executor": ("check_executor",),
            "faults": ("Call", "Fault", "FaultKind", "FaultyStore"),
            "journal": ("check_journal",),
            "leases": ("check_leases",),
            "models": ("ModelCall", "Says", "ScriptedModel", "ToolCall"),
            "outside": ("Happening", "happened"),
            "people": ("Approve", "Cancel", "Refuse", "Settle", "Signal"),
            "served": ("Served",),
            "simulated": ("Refusal", "Simulated"),
            "simulation": ("SimulationSettings", "Simulator", "crash_everywhere", "simulate"),
        },
    )

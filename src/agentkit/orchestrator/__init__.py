"""The orchestrator: submit, watch, cancel, resume, query."""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .inbox import ApprovalRequest as ApprovalRequest
    from .inbox import Doubt as Doubt
    from .limits import Limits as Limits
    from .operation import Operation as Operation
    from .orchestrator import Orchestrator as Orchestrator
    from .result import Result as Result
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "inbox": ("ApprovalRequest", "Doubt"),
            "limits": ("Limits",),
            "operation": ("Operation",),
            "orchestrator": ("Orchestrator",),
            "result": ("Result",),
        },
    )

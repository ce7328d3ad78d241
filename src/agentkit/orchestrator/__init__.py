"""The orchestrator: submit, watch, cancel, resume, query."""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .context import ContextStore as ContextStore
    from .inbox import ApprovalRequest as ApprovalRequest
    from .inbox import Doubt as Doubt
    from .keeping import StageSnapshot as StageSnapshot
    from .keeping import TrackerSnapshot as TrackerSnapshot
    from .limits import Limits as Limits
    from .listening import ProgressListener as ProgressListener
    from .operation import Operation as Operation
    from .orchestrator import Orchestrator as Orchestrator
    from .progress_notebook import NotebookDisplay as NotebookDisplay
    from .progress_terminal import PlainTerminal as PlainTerminal
    from .progress_terminal import VerboseTerminal as VerboseTerminal
    from .progress_webhook import ProgressWebhook as ProgressWebhook
    from .progress_webhook import webhook_signature as webhook_signature
    from .releasing import RunCheck as RunCheck
    from .result import Result as Result
    from .tracking import ProgressTracker as ProgressTracker
    from .tracking import TrackedStage as TrackedStage
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "inbox": ("ApprovalRequest", "Doubt"),
            "context": ("ContextStore",),
            "limits": ("Limits",),
            "operation": ("Operation",),
            "orchestrator": ("Orchestrator",),
            "releasing": ("RunCheck",),
            "keeping": ("StageSnapshot", "TrackerSnapshot"),
            "listening": ("ProgressListener",),
            "progress_notebook": ("NotebookDisplay",),
            "progress_terminal": ("PlainTerminal", "VerboseTerminal"),
            "progress_webhook": ("ProgressWebhook", "webhook_signature"),
            "result": ("Result",),
            "tracking": ("ProgressTracker", "TrackedStage"),
        },
    )

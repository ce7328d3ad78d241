"""The orchestrator: submit, watch, cancel, resume, query."""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .context.records import RecordBook as RecordBook
    from .context.records import Records as Records
    from .context.store import ContextStore as ContextStore
    from .inbox import ApprovalRequest as ApprovalRequest
    from .inbox import Doubt as Doubt
    from .inbox import requests_of as requests_of
    from .journal_sink import JournalSink as JournalSink
    from .learning.learner import Learner as Learner
    from .learning.learner import Mode as Mode
    from .learning.learner import Trial as Trial
    from .learning.stream import learner_names as learner_names
    from .limits import Limits as Limits
    from .operation import Operation as Operation
    from .optimising.book import known_levers as known_levers
    from .optimising.changes import Change as Change
    from .optimising.changes import Report as Report
    from .optimising.changes import Step as Step
    from .optimising.changes import TuningPlan as TuningPlan
    from .optimising.levers import KnownLever as KnownLever
    from .optimising.levers import Lever as Lever
    from .optimising.levers import LimitLever as LimitLever
    from .optimising.levers import limit_levers as limit_levers
    from .optimising.machine import MachineReading as MachineReading
    from .optimising.machine import read_machine as read_machine
    from .optimising.optimizer import Optimizer as Optimizer
    from .optimising.watching import PoolFigures as PoolFigures
    from .optimising.watching import WatchedPool as WatchedPool
    from .orchestrator import Orchestrator as Orchestrator
    from .progress.keeping import StageSnapshot as StageSnapshot
    from .progress.keeping import TrackerSnapshot as TrackerSnapshot
    from .progress.listening import ProgressListener as ProgressListener
    from .progress.notebook import NotebookDisplay as NotebookDisplay
    from .progress.terminal import PlainTerminal as PlainTerminal
    from .progress.terminal import VerboseTerminal as VerboseTerminal
    from .progress.tracker import ProgressTracker as ProgressTracker
    from .progress.tracker import TrackedStage as TrackedStage
    from .progress.webhook import ProgressWebhook as ProgressWebhook
    from .progress.webhook import webhook_signature as webhook_signature
    from .releasing import RunCheck as RunCheck
    from .result import Result as Result
    from .running.load import Load as Load
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "inbox": ("ApprovalRequest", "Doubt", "requests_of"),
            "context.records": ("RecordBook", "Records"),
            "context.store": ("ContextStore",),
            "journal_sink": ("JournalSink",),
            "learning.learner": ("Learner", "Mode", "Trial"),
            "learning.stream": ("learner_names",),
            "limits": ("Limits",),
            "operation": ("Operation",),
            "optimising.book": ("known_levers",),
            "optimising.changes": (
                "Change",
                "Report",
                "Step",
                "TuningPlan",
            ),
            "optimising.levers": (
                "KnownLever",
                "Lever",
                "LimitLever",
                "limit_levers",
            ),
            "optimising.machine": (
                "MachineReading",
                "read_machine",
            ),
            "optimising.optimizer": ("Optimizer",),
            "optimising.watching": ("PoolFigures", "WatchedPool"),
            "orchestrator": ("Orchestrator",),
            "releasing": ("RunCheck",),
            "progress.keeping": ("StageSnapshot", "TrackerSnapshot"),
            "progress.listening": ("ProgressListener",),
            "progress.notebook": ("NotebookDisplay",),
            "progress.terminal": ("PlainTerminal", "VerboseTerminal"),
            "progress.webhook": ("ProgressWebhook", "webhook_signature"),
            "result": ("Result",),
            "running.load": ("Load",),
            "progress.tracker": ("ProgressTracker", "TrackedStage"),
        },
    )

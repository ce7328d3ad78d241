"""The kernel: what may happen, what has happened, and what is wanted next. Pure.

    outcome -> decide(state, command, outcome, at) -> events     policy; the decision is in the event
    event   -> evolve(state, event)                -> state      the transition table; no policy
    state   -> plan(state, now)                    -> Plan       what is wanted of the world now

Rules: standard library only; no clock, no chance, no input or output. Time and ids come in as values.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .checks import name_problems as name_problems
    from .commands import Failed as Failed
    from .commands import Outcome as Outcome
    from .commands import RunAttempt as RunAttempt
    from .commands import Stopped as Stopped
    from .commands import Succeeded as Succeeded
    from .commands import Unavailable as Unavailable
    from .data import Json as Json
    from .data import workflow_as_written as workflow_as_written
    from .data import workflow_data as workflow_data
    from .data import workflow_from_data as workflow_from_data
    from .decisions import backoff_seconds as backoff_seconds
    from .decisions import conclude as conclude
    from .decisions import decide as decide
    from .decisions import start as start
    from .definition import RetryPolicy as RetryPolicy
    from .definition import Stage as Stage
    from .definition import Workflow as Workflow
    from .diagram import SIGNS as SIGNS
    from .diagram import DiagramFormat as DiagramFormat
    from .diagram import Sign as Sign
    from .diagram import Tint as Tint
    from .diagram import draw as draw
    from .diagram import draw_states as draw_states
    from .events import AgentUnavailable as AgentUnavailable
    from .events import AttemptCancelled as AttemptCancelled
    from .events import AttemptFailed as AttemptFailed
    from .events import AttemptStarted as AttemptStarted
    from .events import AttemptSucceeded as AttemptSucceeded
    from .events import CancelRequested as CancelRequested
    from .events import DeadlinePassed as DeadlinePassed
    from .events import Event as Event
    from .events import Failure as Failure
    from .events import OperationAccepted as OperationAccepted
    from .events import OperationAdopted as OperationAdopted
    from .events import OperationCancelled as OperationCancelled
    from .events import OperationCompleted as OperationCompleted
    from .events import OperationFailed as OperationFailed
    from .events import OperationQuarantined as OperationQuarantined
    from .events import OperationReleased as OperationReleased
    from .events import ResultCarried as ResultCarried
    from .planner import Plan as Plan
    from .planner import command_for as command_for
    from .planner import plan as plan
    from .state import StageState as StageState
    from .state import State as State
    from .state import Stop as Stop
    from .state import evolve as evolve
    from .state import replay as replay
    from .status import OPERATION_ENDS as OPERATION_ENDS
    from .status import OPERATION_TABLE as OPERATION_TABLE
    from .status import STAGE_ENDS as STAGE_ENDS
    from .status import STAGE_TABLE as STAGE_TABLE
    from .status import OperationStatus as OperationStatus
    from .status import StageStatus as StageStatus
    from .template import placeholders as placeholders
    from .template import render as render
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "checks": ("name_problems",),
            "commands": (
                "Failed",
                "Outcome",
                "RunAttempt",
                "Stopped",
                "Succeeded",
                "Unavailable",
            ),
            "data": (
                "Json",
                "workflow_as_written",
                "workflow_data",
                "workflow_from_data",
            ),
            "decisions": (
                "backoff_seconds",
                "conclude",
                "decide",
                "start",
            ),
            "definition": (
                "RetryPolicy",
                "Stage",
                "Workflow",
            ),
            "diagram": (
                "DiagramFormat",
                "SIGNS",
                "Sign",
                "Tint",
                "draw",
                "draw_states",
            ),
            "events": (
                "AgentUnavailable",
                "AttemptCancelled",
                "AttemptFailed",
                "AttemptStarted",
                "AttemptSucceeded",
                "CancelRequested",
                "DeadlinePassed",
                "Event",
                "Failure",
                "OperationAccepted",
                "OperationAdopted",
                "OperationCancelled",
                "OperationCompleted",
                "OperationFailed",
                "OperationQuarantined",
                "OperationReleased",
                "ResultCarried",
            ),
            "planner": (
                "Plan",
                "command_for",
                "plan",
            ),
            "state": (
                "StageState",
                "State",
                "Stop",
                "evolve",
                "replay",
            ),
            "status": (
                "OPERATION_ENDS",
                "OPERATION_TABLE",
                "OperationStatus",
                "STAGE_ENDS",
                "STAGE_TABLE",
                "StageStatus",
            ),
            "template": (
                "placeholders",
                "render",
            ),
        },
    )

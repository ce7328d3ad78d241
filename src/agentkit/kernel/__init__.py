"""The kernel: what may happen, what has happened, and what is wanted next. Pure.

    outcome -> decide(state, command, outcome, at) -> events     policy; the decision is in the event
    event   -> evolve(state, event)                -> state      the transition table; no policy
    state   -> plan(state, now)                    -> Plan       what is wanted of the world now

Rules: standard library only; no clock, no chance, no input or output. Time and ids come in as values.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .approval import Approval as Approval
    from .approval import BusinessDays as BusinessDays
    from .approval import FieldKind as FieldKind
    from .budget import Account as Account
    from .budget import Amounts as Amounts
    from .budget import Kind as Kind
    from .budget import Lack as Lack
    from .budget import unsaid as unsaid
    from .carrying import carried_events as carried_events
    from .carrying import standing_stages as standing_stages
    from .carrying import unchanged_stages as unchanged_stages
    from .checks import count_problems as count_problems
    from .checks import name_problems as name_problems
    from .checks import seconds_problems as seconds_problems
    from .checks import shortened as shortened
    from .commands import Asked as Asked
    from .commands import ChildRests as ChildRests
    from .commands import Doubtful as Doubtful
    from .commands import Failed as Failed
    from .commands import KnownEffect as KnownEffect
    from .commands import Outcome as Outcome
    from .commands import RunAttempt as RunAttempt
    from .commands import Situation as Situation
    from .commands import Stopped as Stopped
    from .commands import Succeeded as Succeeded
    from .commands import Unavailable as Unavailable
    from .commands import child_id as child_id
    from .commands import join_texts as join_texts
    from .conditions import ABSENT as ABSENT
    from .conditions import at_path as at_path
    from .conditions import holds as holds
    from .conditions import items_of as items_of
    from .confidence import confidence_of as confidence_of
    from .confidence import output_confidence as output_confidence
    from .context import SNAPSHOT_EVERY as SNAPSHOT_EVERY
    from .context import SharedContext as SharedContext
    from .context import SharedEntry as SharedEntry
    from .context_events import ContextCompacted as ContextCompacted
    from .context_events import ContextEvent as ContextEvent
    from .context_events import ContextUpdated as ContextUpdated
    from .control_events import ChildAwaited as ChildAwaited
    from .control_events import ChildHeard as ChildHeard
    from .control_events import ConditionDecided as ConditionDecided
    from .control_events import ControlEvent as ControlEvent
    from .control_events import ItemsMapped as ItemsMapped
    from .control_events import LoopEnded as LoopEnded
    from .control_events import SignalAwaited as SignalAwaited
    from .control_events import SignalReceived as SignalReceived
    from .control_events import StageFailed as StageFailed
    from .control_events import TimerFired as TimerFired
    from .control_events import TimerSet as TimerSet
    from .control_events import TurnBegan as TurnBegan
    from .control_events import UndoBegan as UndoBegan
    from .controls import Allowance as Allowance
    from .controls import Loop as Loop
    from .controls import Map as Map
    from .controls import Seconds as Seconds
    from .controls import When as When
    from .data import Json as Json
    from .data import approval_data as approval_data
    from .data import approval_from_data as approval_from_data
    from .data import workflow_as_written as workflow_as_written
    from .data import workflow_data as workflow_data
    from .data import workflow_from_data as workflow_from_data
    from .decisions import backoff_seconds as backoff_seconds
    from .decisions import conclude as conclude
    from .decisions import decide as decide
    from .decisions import start as start
    from .decisions import undo as undo
    from .definition import Workflow as Workflow
    from .diagram import SIGNS as SIGNS
    from .diagram import DiagramFormat as DiagramFormat
    from .diagram import Sign as Sign
    from .diagram import Tint as Tint
    from .diagram import draw as draw
    from .diagram import draw_states as draw_states
    from .effect_events import Decision as Decision
    from .effect_events import DoubtRaised as DoubtRaised
    from .effect_events import DoubtSettled as DoubtSettled
    from .effect_events import EffectCarried as EffectCarried
    from .effect_events import EffectIntended as EffectIntended
    from .effect_events import EffectSettled as EffectSettled
    from .effects import EffectTold as EffectTold
    from .effects import EffectWord as EffectWord
    from .effects import carried_effects as carried_effects
    from .effects import outside_key as outside_key
    from .events import AgentUnavailable as AgentUnavailable
    from .events import AttemptCancelled as AttemptCancelled
    from .events import AttemptFailed as AttemptFailed
    from .events import AttemptStarted as AttemptStarted
    from .events import AttemptSucceeded as AttemptSucceeded
    from .events import CancelRequested as CancelRequested
    from .events import DeadlinePassed as DeadlinePassed
    from .events import Event as Event
    from .events import OfAttempt as OfAttempt
    from .events import OfOperation as OfOperation
    from .events import OperationAccepted as OperationAccepted
    from .events import OperationAdopted as OperationAdopted
    from .events import OperationCancelled as OperationCancelled
    from .events import OperationCompleted as OperationCompleted
    from .events import OperationFailed as OperationFailed
    from .events import OperationQuarantined as OperationQuarantined
    from .events import OperationReleased as OperationReleased
    from .events import ResultCarried as ResultCarried
    from .events import Then as Then
    from .evolution import evolve as evolve
    from .evolution import replay as replay
    from .facts import NO_USAGE as NO_USAGE
    from .facts import UNKNOWN_USAGE as UNKNOWN_USAGE
    from .facts import Failure as Failure
    from .facts import TierUsed as TierUsed
    from .facts import Usage as Usage
    from .facts import unsure as unsure
    from .graph import Graph as Graph
    from .graph import levels as levels
    from .marks import WITHOUT_SLOT as WITHOUT_SLOT
    from .merging import MERGES as MERGES
    from .merging import Merge as Merge
    from .merging import merge_problems as merge_problems
    from .merging import merged as merged
    from .moves import open_effect as open_effect
    from .opening import expire as expire
    from .opening import items_for as items_for
    from .opening import open_stage as open_stage
    from .people_events import ApprovalDecided as ApprovalDecided
    from .people_events import ApprovalEscalated as ApprovalEscalated
    from .people_events import ApprovalReminded as ApprovalReminded
    from .people_events import ApprovalRequested as ApprovalRequested
    from .people_events import VoteCast as VoteCast
    from .planner import Plan as Plan
    from .planner import command_for as command_for
    from .planner import plan as plan
    from .question_moves import answer_of as answer_of
    from .retry import NO_RETRY as NO_RETRY
    from .retry import TRIGGERS as TRIGGERS
    from .retry import Fallback as Fallback
    from .retry import RetryPolicy as RetryPolicy
    from .retry import Trigger as Trigger
    from .retry import kinds_of as kinds_of
    from .retry import takes_over as takes_over
    from .retry import trigger_problems as trigger_problems
    from .stage import Stage as Stage
    from .standing import ContextEntry as ContextEntry
    from .standing import More as More
    from .standing import Parts as Parts
    from .standing import Question as Question
    from .standing import StageState as StageState
    from .standing import Step as Step
    from .standing import Stop as Stop
    from .state import State as State
    from .status import OPERATION_ENDS as OPERATION_ENDS
    from .status import OPERATION_TABLE as OPERATION_TABLE
    from .status import STAGE_ENDS as STAGE_ENDS
    from .status import STAGE_TABLE as STAGE_TABLE
    from .status import OperationStatus as OperationStatus
    from .status import StageStatus as StageStatus
    from .template import placeholders as placeholders
    from .template import render as render
    from .wishes import Vote as Vote
    from .wishes import Wish as Wish
    from .wishes import cast_vote as cast_vote
    from .wishes import hear_child as hear_child
    from .wishes import send_signal as send_signal
    from .wishes import settle_doubt as settle_doubt
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "approval": ("Approval", "BusinessDays", "FieldKind"),
            "budget": (
                "Account",
                "Amounts",
                "Kind",
                "Lack",
                "unsaid",
            ),
            "carrying": ("carried_events", "standing_stages", "unchanged_stages"),
            "checks": ("count_problems", "name_problems", "seconds_problems", "shortened"),
            "commands": (
                "Asked",
                "ChildRests",
                "Doubtful",
                "Failed",
                "KnownEffect",
                "Outcome",
                "RunAttempt",
                "Situation",
                "Stopped",
                "Succeeded",
                "Unavailable",
                "child_id",
                "join_texts",
            ),
            "conditions": (
                "ABSENT",
                "at_path",
                "holds",
                "items_of",
            ),
            "confidence": ("confidence_of", "output_confidence"),
            "context": (
                "SNAPSHOT_EVERY",
                "SharedContext",
                "SharedEntry",
            ),
            "context_events": (
                "ContextCompacted",
                "ContextEvent",
                "ContextUpdated",
            ),
            "control_events": (
                "ChildAwaited",
                "ChildHeard",
                "ConditionDecided",
                "ControlEvent",
                "ItemsMapped",
                "LoopEnded",
                "SignalAwaited",
                "SignalReceived",
                "StageFailed",
                "TimerFired",
                "TimerSet",
                "TurnBegan",
                "UndoBegan",
            ),
            "effect_events": (
                "Decision",
                "DoubtRaised",
                "DoubtSettled",
                "EffectCarried",
                "EffectIntended",
                "EffectSettled",
            ),
            "people_events": (
                "ApprovalDecided",
                "ApprovalEscalated",
                "ApprovalReminded",
                "ApprovalRequested",
                "VoteCast",
            ),
            "controls": (
                "Allowance",
                "Loop",
                "Map",
                "Seconds",
                "When",
            ),
            "data": (
                "Json",
                "approval_data",
                "approval_from_data",
                "workflow_as_written",
                "workflow_data",
                "workflow_from_data",
            ),
            "decisions": (
                "backoff_seconds",
                "conclude",
                "decide",
                "start",
                "undo",
            ),
            "definition": ("Workflow",),
            "diagram": (
                "SIGNS",
                "DiagramFormat",
                "Sign",
                "Tint",
                "draw",
                "draw_states",
            ),
            "effects": ("EffectTold", "EffectWord", "carried_effects", "outside_key"),
            "events": (
                "AgentUnavailable",
                "AttemptCancelled",
                "AttemptFailed",
                "AttemptStarted",
                "AttemptSucceeded",
                "CancelRequested",
                "DeadlinePassed",
                "Event",
                "OfAttempt",
                "OfOperation",
                "OperationAccepted",
                "OperationAdopted",
                "OperationCancelled",
                "OperationCompleted",
                "OperationFailed",
                "OperationQuarantined",
                "OperationReleased",
                "ResultCarried",
                "Then",
            ),
            "evolution": (
                "evolve",
                "replay",
            ),
            "facts": (
                "Failure",
                "NO_USAGE",
                "UNKNOWN_USAGE",
                "TierUsed",
                "Usage",
                "unsure",
            ),
            "graph": ("Graph", "levels"),
            "marks": ("WITHOUT_SLOT",),
            "merging": (
                "MERGES",
                "Merge",
                "merge_problems",
                "merged",
            ),
            "opening": (
                "expire",
                "items_for",
                "open_stage",
            ),
            "planner": (
                "Plan",
                "command_for",
                "plan",
            ),
            "question_moves": ("answer_of",),
            "retry": (
                "NO_RETRY",
                "TRIGGERS",
                "Fallback",
                "RetryPolicy",
                "Trigger",
                "kinds_of",
                "takes_over",
                "trigger_problems",
            ),
            "stage": ("Stage",),
            "moves": ("open_effect",),
            "standing": ("ContextEntry", "More", "Parts", "Question", "StageState", "Step", "Stop"),
            "state": ("State",),
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
            "wishes": (
                "Vote",
                "Wish",
                "cast_vote",
                "hear_child",
                "send_signal",
                "settle_doubt",
            ),
        },
    )

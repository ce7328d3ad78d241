"""The kernel: what may happen, what has happened, and what is wanted next. Pure.

    outcome -> decide(state, command, outcome, at) -> events     policy; the decision is in the event
    event   -> evolve(state, event)                -> state      the transition table; no policy
    state   -> plan(state, now)                    -> Plan       what is wanted of the world now

Rules: standard library only; no clock, no chance, no input or output. Time and ids come in as values.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .artifacts import TABLE_TYPE as TABLE_TYPE
    from .artifacts import Artifact as Artifact
    from .artifacts import artifacts_from_text as artifacts_from_text
    from .artifacts import artifacts_text as artifacts_text
    from .budget import Account as Account
    from .budget import Amounts as Amounts
    from .budget import Kind as Kind
    from .budget import Lack as Lack
    from .budget import unsaid as unsaid
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
    from .definition.approval import Approval as Approval
    from .definition.approval import BusinessDays as BusinessDays
    from .definition.conditions import ABSENT as ABSENT
    from .definition.conditions import at_path as at_path
    from .definition.conditions import holds as holds
    from .definition.conditions import items_of as items_of
    from .definition.controls import Allowance as Allowance
    from .definition.controls import Loop as Loop
    from .definition.controls import Map as Map
    from .definition.controls import Seconds as Seconds
    from .definition.controls import When as When
    from .definition.data import Json as Json
    from .definition.data import approval_data as approval_data
    from .definition.data import approval_from_data as approval_from_data
    from .definition.data import workflow_as_written as workflow_as_written
    from .definition.data import workflow_data as workflow_data
    from .definition.data import workflow_from_data as workflow_from_data
    from .definition.forms import FieldKind as FieldKind
    from .definition.forms import plain_values as plain_values
    from .definition.graph import Graph as Graph
    from .definition.graph import levels as levels
    from .definition.marks import WITHOUT_SLOT as WITHOUT_SLOT
    from .definition.merging import MERGES as MERGES
    from .definition.merging import Merge as Merge
    from .definition.merging import merge_problems as merge_problems
    from .definition.merging import merged as merged
    from .definition.retry import NO_RETRY as NO_RETRY
    from .definition.retry import TRIGGERS as TRIGGERS
    from .definition.retry import Fallback as Fallback
    from .definition.retry import RetryPolicy as RetryPolicy
    from .definition.retry import Trigger as Trigger
    from .definition.retry import kinds_of as kinds_of
    from .definition.retry import takes_over as takes_over
    from .definition.retry import trigger_problems as trigger_problems
    from .definition.stage import Stage as Stage
    from .definition.template import placeholders as placeholders
    from .definition.template import render as render
    from .definition.turns import TEAM_END as TEAM_END
    from .definition.turns import read_team_end as read_team_end
    from .definition.turns import read_turn_group as read_turn_group
    from .definition.turns import team_end_text as team_end_text
    from .definition.turns import turn_group as turn_group
    from .definition.workflow import Workflow as Workflow
    from .diagram import SIGNS as SIGNS
    from .diagram import DiagramFormat as DiagramFormat
    from .diagram import Sign as Sign
    from .diagram import Tint as Tint
    from .diagram import draw as draw
    from .diagram import draw_states as draw_states
    from .events.context import ContextCompacted as ContextCompacted
    from .events.context import ContextEvent as ContextEvent
    from .events.context import ContextUpdated as ContextUpdated
    from .events.control import ChildAwaited as ChildAwaited
    from .events.control import ChildHeard as ChildHeard
    from .events.control import ConditionDecided as ConditionDecided
    from .events.control import ControlEvent as ControlEvent
    from .events.control import ItemsMapped as ItemsMapped
    from .events.control import LoopEnded as LoopEnded
    from .events.control import SignalAwaited as SignalAwaited
    from .events.control import SignalReceived as SignalReceived
    from .events.control import StageFailed as StageFailed
    from .events.control import TimerFired as TimerFired
    from .events.control import TimerSet as TimerSet
    from .events.control import TurnBegan as TurnBegan
    from .events.control import UndoBegan as UndoBegan
    from .events.effects import Decision as Decision
    from .events.effects import DoubtRaised as DoubtRaised
    from .events.effects import DoubtSettled as DoubtSettled
    from .events.effects import EffectCarried as EffectCarried
    from .events.effects import EffectIntended as EffectIntended
    from .events.effects import EffectSettled as EffectSettled
    from .events.operation import AgentUnavailable as AgentUnavailable
    from .events.operation import AttemptCancelled as AttemptCancelled
    from .events.operation import AttemptFailed as AttemptFailed
    from .events.operation import AttemptStarted as AttemptStarted
    from .events.operation import AttemptSucceeded as AttemptSucceeded
    from .events.operation import CancelRequested as CancelRequested
    from .events.operation import DeadlinePassed as DeadlinePassed
    from .events.operation import Event as Event
    from .events.operation import OfAttempt as OfAttempt
    from .events.operation import OfOperation as OfOperation
    from .events.operation import OperationAccepted as OperationAccepted
    from .events.operation import OperationAdopted as OperationAdopted
    from .events.operation import OperationCancelled as OperationCancelled
    from .events.operation import OperationCompleted as OperationCompleted
    from .events.operation import OperationFailed as OperationFailed
    from .events.operation import OperationQuarantined as OperationQuarantined
    from .events.operation import OperationReleased as OperationReleased
    from .events.operation import Priority as Priority
    from .events.operation import ResultCarried as ResultCarried
    from .events.operation import Then as Then
    from .events.people import ApprovalDecided as ApprovalDecided
    from .events.people import ApprovalEscalated as ApprovalEscalated
    from .events.people import ApprovalReminded as ApprovalReminded
    from .events.people import ApprovalRequested as ApprovalRequested
    from .events.people import VoteCast as VoteCast
    from .facts import NO_USAGE as NO_USAGE
    from .facts import UNKNOWN_USAGE as UNKNOWN_USAGE
    from .facts import Failure as Failure
    from .facts import TierUsed as TierUsed
    from .facts import Usage as Usage
    from .facts import as_money as as_money
    from .facts import unsure as unsure
    from .policy.carrying import carried_events as carried_events
    from .policy.carrying import standing_stages as standing_stages
    from .policy.carrying import unchanged_stages as unchanged_stages
    from .policy.decisions import backoff_seconds as backoff_seconds
    from .policy.decisions import conclude as conclude
    from .policy.decisions import decide as decide
    from .policy.decisions import start as start
    from .policy.decisions import undo as undo
    from .policy.effects import EffectTold as EffectTold
    from .policy.effects import EffectWord as EffectWord
    from .policy.effects import carried_effects as carried_effects
    from .policy.effects import outside_key as outside_key
    from .policy.opening import expire as expire
    from .policy.opening import items_for as items_for
    from .policy.opening import open_stage as open_stage
    from .policy.planner import Plan as Plan
    from .policy.planner import command_for as command_for
    from .policy.planner import plan as plan
    from .policy.wishes import Vote as Vote
    from .policy.wishes import Wish as Wish
    from .policy.wishes import cast_vote as cast_vote
    from .policy.wishes import hear_child as hear_child
    from .policy.wishes import send_signal as send_signal
    from .policy.wishes import settle_doubt as settle_doubt
    from .state.confidence import confidence_of as confidence_of
    from .state.confidence import output_confidence as output_confidence
    from .state.context import SNAPSHOT_EVERY as SNAPSHOT_EVERY
    from .state.context import SharedContext as SharedContext
    from .state.context import SharedEntry as SharedEntry
    from .state.evolution import evolve as evolve
    from .state.evolution import replay as replay
    from .state.moves import open_effect as open_effect
    from .state.question_moves import answer_of as answer_of
    from .state.standing import ContextEntry as ContextEntry
    from .state.standing import More as More
    from .state.standing import Parts as Parts
    from .state.standing import Question as Question
    from .state.standing import StageState as StageState
    from .state.standing import Step as Step
    from .state.standing import Stop as Stop
    from .state.state import State as State
    from .state.status import OPERATION_ENDS as OPERATION_ENDS
    from .state.status import OPERATION_STATUSES as OPERATION_STATUSES
    from .state.status import OPERATION_TABLE as OPERATION_TABLE
    from .state.status import STAGE_ENDS as STAGE_ENDS
    from .state.status import STAGE_TABLE as STAGE_TABLE
    from .state.status import OperationStatus as OperationStatus
    from .state.status import StageStatus as StageStatus
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "artifacts": ("TABLE_TYPE", "Artifact", "artifacts_from_text", "artifacts_text"),
            "definition.approval": ("Approval", "BusinessDays"),
            "budget": (
                "Account",
                "Amounts",
                "Kind",
                "Lack",
                "unsaid",
            ),
            "policy.carrying": ("carried_events", "standing_stages", "unchanged_stages"),
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
            "definition.conditions": (
                "ABSENT",
                "at_path",
                "holds",
                "items_of",
            ),
            "state.confidence": ("confidence_of", "output_confidence"),
            "state.context": (
                "SNAPSHOT_EVERY",
                "SharedContext",
                "SharedEntry",
            ),
            "events.context": (
                "ContextCompacted",
                "ContextEvent",
                "ContextUpdated",
            ),
            "events.control": (
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
            "events.effects": (
                "Decision",
                "DoubtRaised",
                "DoubtSettled",
                "EffectCarried",
                "EffectIntended",
                "EffectSettled",
            ),
            "events.people": (
                "ApprovalDecided",
                "ApprovalEscalated",
                "ApprovalReminded",
                "ApprovalRequested",
                "VoteCast",
            ),
            "definition.controls": (
                "Allowance",
                "Loop",
                "Map",
                "Seconds",
                "When",
            ),
            "definition.data": (
                "Json",
                "approval_data",
                "approval_from_data",
                "workflow_as_written",
                "workflow_data",
                "workflow_from_data",
            ),
            "policy.decisions": (
                "backoff_seconds",
                "conclude",
                "decide",
                "start",
                "undo",
            ),
            "definition.turns": ("TEAM_END", "read_team_end", "read_turn_group", "team_end_text", "turn_group"),
            "definition.workflow": ("Workflow",),
            "diagram": (
                "SIGNS",
                "DiagramFormat",
                "Sign",
                "Tint",
                "draw",
                "draw_states",
            ),
            "policy.effects": ("EffectTold", "EffectWord", "carried_effects", "outside_key"),
            "events.operation": (
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
                "Priority",
                "ResultCarried",
                "Then",
            ),
            "state.evolution": (
                "evolve",
                "replay",
            ),
            "facts": (
                "Failure",
                "NO_USAGE",
                "UNKNOWN_USAGE",
                "TierUsed",
                "Usage",
                "as_money",
                "unsure",
            ),
            "definition.forms": ("FieldKind", "plain_values"),
            "definition.graph": ("Graph", "levels"),
            "definition.marks": ("WITHOUT_SLOT",),
            "definition.merging": (
                "MERGES",
                "Merge",
                "merge_problems",
                "merged",
            ),
            "policy.opening": (
                "expire",
                "items_for",
                "open_stage",
            ),
            "policy.planner": (
                "Plan",
                "command_for",
                "plan",
            ),
            "state.question_moves": ("answer_of",),
            "definition.retry": (
                "NO_RETRY",
                "TRIGGERS",
                "Fallback",
                "RetryPolicy",
                "Trigger",
                "kinds_of",
                "takes_over",
                "trigger_problems",
            ),
            "definition.stage": ("Stage",),
            "state.moves": ("open_effect",),
            "state.standing": ("ContextEntry", "More", "Parts", "Question", "StageState", "Step", "Stop"),
            "state.state": ("State",),
            "state.status": (
                "OPERATION_ENDS",
                "OPERATION_STATUSES",
                "OPERATION_TABLE",
                "OperationStatus",
                "STAGE_ENDS",
                "STAGE_TABLE",
                "StageStatus",
            ),
            "definition.template": (
                "placeholders",
                "render",
            ),
            "policy.wishes": (
                "Vote",
                "Wish",
                "cast_vote",
                "hear_child",
                "send_signal",
                "settle_doubt",
            ),
        },
    )

"""Who works: agents, their tasks, chains of them, and the registry that an orchestrator finds them in."""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .asking import ApprovalAnswer as ApprovalAnswer
    from .asking import ApprovalSettings as ApprovalSettings
    from .assignment import OUT_OF_TIME as OUT_OF_TIME
    from .assignment import RELEASED as RELEASED
    from .assignment import Assignment as Assignment
    from .blocking import run_blocking as run_blocking
    from .budget import AttemptBudget as AttemptBudget
    from .budget import Budget as Budget
    from .budget import BudgetSource as BudgetSource
    from .budget import Hold as Hold
    from .chains.chain import ChainSettings as ChainSettings
    from .chains.chain import FallbackChain as FallbackChain
    from .chains.result import ChainAttempt as ChainAttempt
    from .chains.result import ChainResult as ChainResult
    from .chains.strategies import Strategy as Strategy
    from .chains.tier_policy import TierPolicy as TierPolicy
    from .chains.tier_policy import TierRule as TierRule
    from .context import ContextKey as ContextKey
    from .context import ContextView as ContextView
    from .context import MergeFunction as MergeFunction
    from .definition import Agent as Agent
    from .definition import FunctionAgent as FunctionAgent
    from .definition import Isolation as Isolation
    from .definition import agent as agent
    from .delegating import ask_agent as ask_agent
    from .effects import Call as Call
    from .effects import Effect as Effect
    from .effects import Find as Find
    from .failures import MAX_MESSAGE as MAX_MESSAGE
    from .failures import FailedElsewhere as FailedElsewhere
    from .failures import ended_by as ended_by
    from .failures import failed as failed
    from .failures import failed_by as failed_by
    from .failures import timed_out as timed_out
    from .handing import Elsewhere as Elsewhere
    from .learning.adaptive import AdaptiveAgent as AdaptiveAgent
    from .learning.deciding import Bench as Bench
    from .learning.deciding import choose_arm as choose_arm
    from .learning.deciding import drop_entries as drop_entries
    from .learning.deciding import judgement_of as judgement_of
    from .learning.deciding import outcome_entries as outcome_entries
    from .learning.deciding import rollback_of as rollback_of
    from .learning.entries import ArmChosen as ArmChosen
    from .learning.entries import ChoiceDropped as ChoiceDropped
    from .learning.entries import DriftFound as DriftFound
    from .learning.entries import Entry as Entry
    from .learning.entries import LeaderChanged as LeaderChanged
    from .learning.entries import LearningChange as LearningChange
    from .learning.entries import OutcomeJudged as OutcomeJudged
    from .learning.entries import OutcomeTold as OutcomeTold
    from .learning.entries import Released as Released
    from .learning.entries import RolledBack as RolledBack
    from .learning.entries import Switched as Switched
    from .learning.entries import entry_data as entry_data
    from .learning.entries import entry_of as entry_of
    from .learning.entries import is_of_work as is_of_work
    from .learning.outcomes import Outcome as Outcome
    from .learning.outcomes import Reward as Reward
    from .learning.points import LearningPoint as LearningPoint
    from .learning.points import learning_points as learning_points
    from .learning.policy import LearningPolicy as LearningPolicy
    from .learning.ports import Choice as Choice
    from .learning.ports import Chooser as Chooser
    from .learning.standing import ArmStanding as ArmStanding
    from .learning.standing import KindStanding as KindStanding
    from .learning.state import LearningState as LearningState
    from .learning.state import Told as Told
    from .learning.telling import entry_words as entry_words
    from .models.agent import ModelAgent as ModelAgent
    from .models.agent import ModelLike as ModelLike
    from .models.agent import model_agent as model_agent
    from .models.checking import model_name_problems as model_name_problems
    from .models.limits import ModelLimits as ModelLimits
    from .models.servers import McpServer as McpServer
    from .models.tools import ModelTool as ModelTool
    from .notes import Notes as Notes
    from .notes import Paused as Paused
    from .notes import Recorder as Recorder
    from .personality import AgentPersonality as AgentPersonality
    from .pools.adaptive import AdaptiveLimit as AdaptiveLimit
    from .pools.balancing import Balancing as Balancing
    from .pools.balancing import LeastLoaded as LeastLoaded
    from .pools.balancing import PowerOfTwo as PowerOfTwo
    from .pools.balancing import RandomChoice as RandomChoice
    from .pools.balancing import RoundRobin as RoundRobin
    from .pools.balancing import WeightedLoad as WeightedLoad
    from .pools.ejection import Ejection as Ejection
    from .pools.lever import PoolLever as PoolLever
    from .pools.loads import Chance as Chance
    from .pools.loads import MachineLoad as MachineLoad
    from .pools.loads import ReplicaLoad as ReplicaLoad
    from .pools.loads import dice as dice
    from .pools.metrics import PoolMetrics as PoolMetrics
    from .pools.metrics import ReplicaMetrics as ReplicaMetrics
    from .pools.metrics import ReplicaStatus as ReplicaStatus
    from .pools.pace import Pace as Pace
    from .pools.pace import PaceMetrics as PaceMetrics
    from .pools.pool import AgentPool as AgentPool
    from .pools.replicas import Check as Check
    from .pools.replicas import Gauge as Gauge
    from .pools.replicas import Replica as Replica
    from .registration import Registration as Registration
    from .registration import declare_types as declare_types
    from .registration import registration_of as registration_of
    from .registry import AgentRegistry as AgentRegistry
    from .repetition import RepetitionGuard as RepetitionGuard
    from .reports import Reports as Reports
    from .task import Task as Task
    from .teams.flow import TeamSettings as TeamSettings
    from .teams.members import ChosenBy as ChosenBy
    from .teams.members import choose_members as choose_members
    from .teams.protocols import Blackboard as Blackboard
    from .teams.protocols import Critique as Critique
    from .teams.protocols import HandOff as HandOff
    from .teams.protocols import Move as Move
    from .teams.protocols import Table as Table
    from .teams.protocols import TeamProtocol as TeamProtocol
    from .teams.protocols import Vote as Vote
    from .teams.team import Team as Team
    from .teams.values import Contribution as Contribution
    from .teams.values import Ending as Ending
    from .teams.values import How as How
    from .teams.values import TeamOutcome as TeamOutcome
    from .teams.values import Turn as Turn
    from .threads import Threads as Threads
    from .tiers import Tier as Tier
    from .tiers import TierChoice as TierChoice
    from .values import ANY as ANY
    from .values import ValueType as ValueType
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "asking": ("ApprovalAnswer", "ApprovalSettings"),
            "blocking": ("run_blocking",),
            "budget": ("AttemptBudget", "Budget", "BudgetSource", "Hold"),
            "chains.chain": ("ChainSettings", "FallbackChain"),
            "chains.result": ("ChainAttempt", "ChainResult"),
            "context": ("ContextKey", "ContextView", "MergeFunction"),
            "definition": ("Agent", "FunctionAgent", "Isolation", "agent"),
            "delegating": ("ask_agent",),
            "effects": ("Call", "Effect", "Find"),
            "failures": ("MAX_MESSAGE", "FailedElsewhere", "ended_by", "failed", "failed_by", "timed_out"),
            "models.agent": ("ModelAgent", "ModelLike", "model_agent"),
            "models.checking": ("model_name_problems",),
            "models.limits": ("ModelLimits",),
            "models.servers": ("McpServer",),
            "models.tools": ("ModelTool",),
            "learning.adaptive": ("AdaptiveAgent",),
            "learning.deciding": (
                "Bench",
                "choose_arm",
                "drop_entries",
                "judgement_of",
                "outcome_entries",
                "rollback_of",
            ),
            "learning.entries": (
                "ArmChosen",
                "ChoiceDropped",
                "DriftFound",
                "Entry",
                "LeaderChanged",
                "LearningChange",
                "OutcomeJudged",
                "OutcomeTold",
                "Released",
                "RolledBack",
                "Switched",
                "entry_data",
                "entry_of",
                "is_of_work",
            ),
            "learning.outcomes": ("Outcome", "Reward"),
            "learning.points": ("LearningPoint", "learning_points"),
            "learning.policy": ("LearningPolicy",),
            "learning.ports": ("Choice", "Chooser"),
            "learning.standing": ("ArmStanding", "KindStanding"),
            "learning.state": ("LearningState", "Told"),
            "learning.telling": ("entry_words",),
            "handing": ("Elsewhere",),
            "notes": ("Notes", "Paused", "Recorder"),
            "personality": ("AgentPersonality",),
            "pools.adaptive": ("AdaptiveLimit",),
            "pools.balancing": ("Balancing", "LeastLoaded", "PowerOfTwo", "RandomChoice", "RoundRobin", "WeightedLoad"),
            "pools.ejection": ("Ejection",),
            "pools.lever": ("PoolLever",),
            "pools.loads": ("Chance", "MachineLoad", "ReplicaLoad", "dice"),
            "pools.metrics": ("PoolMetrics", "ReplicaMetrics", "ReplicaStatus"),
            "pools.pace": ("Pace", "PaceMetrics"),
            "pools.pool": ("AgentPool",),
            "pools.replicas": ("Check", "Gauge", "Replica"),
            "registration": ("Registration", "declare_types", "registration_of"),
            "registry": ("AgentRegistry",),
            "repetition": ("RepetitionGuard",),
            "chains.strategies": ("Strategy",),
            "assignment": ("OUT_OF_TIME", "RELEASED", "Assignment"),
            "reports": ("Reports",),
            "task": ("Task",),
            "teams.flow": ("TeamSettings",),
            "teams.members": ("ChosenBy", "choose_members"),
            "teams.protocols": ("Blackboard", "Critique", "HandOff", "Move", "Table", "TeamProtocol", "Vote"),
            "teams.team": ("Team",),
            "teams.values": ("Contribution", "Ending", "How", "TeamOutcome", "Turn"),
            "threads": ("Threads",),
            "chains.tier_policy": ("TierPolicy", "TierRule"),
            "tiers": ("Tier", "TierChoice"),
            "values": ("ANY", "ValueType"),
        },
    )

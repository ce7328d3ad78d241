"""Who works: agents, their tasks, chains of them, and the registry that an orchestrator finds them in."""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .asking import ApprovalAnswer as ApprovalAnswer
    from .asking import ApprovalSettings as ApprovalSettings
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
    from .effects import Call as Call
    from .effects import Effect as Effect
    from .effects import Find as Find
    from .failures import MAX_MESSAGE as MAX_MESSAGE
    from .failures import ended_by as ended_by
    from .failures import failed as failed
    from .failures import failed_by as failed_by
    from .failures import timed_out as timed_out
    from .notes import Notes as Notes
    from .notes import Paused as Paused
    from .notes import Recorder as Recorder
    from .personality import AgentPersonality as AgentPersonality
    from .registration import Registration as Registration
    from .registration import registration_of as registration_of
    from .registry import AgentRegistry as AgentRegistry
    from .repetition import RepetitionGuard as RepetitionGuard
    from .reports import Reports as Reports
    from .task import Task as Task
    from .teams.flow import TeamSettings as TeamSettings
    from .teams.members import Chosen as Chosen
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
            "effects": ("Call", "Effect", "Find"),
            "failures": ("MAX_MESSAGE", "ended_by", "failed", "failed_by", "timed_out"),
            "notes": ("Notes", "Paused", "Recorder"),
            "personality": ("AgentPersonality",),
            "registration": ("Registration", "registration_of"),
            "registry": ("AgentRegistry",),
            "repetition": ("RepetitionGuard",),
            "chains.strategies": ("Strategy",),
            "assignment": ("Assignment",),
            "reports": ("Reports",),
            "task": ("Task",),
            "teams.flow": ("TeamSettings",),
            "teams.members": ("Chosen", "choose_members"),
            "teams.protocols": ("Blackboard", "Critique", "HandOff", "Move", "Table", "TeamProtocol", "Vote"),
            "teams.team": ("Team",),
            "teams.values": ("Contribution", "Ending", "How", "TeamOutcome", "Turn"),
            "threads": ("Threads",),
            "chains.tier_policy": ("TierPolicy", "TierRule"),
            "tiers": ("Tier", "TierChoice"),
            "values": ("ANY", "ValueType"),
        },
    )

"""agentkit: workflows of agents that survive crashes.

Rules: this is the front door; every name is loaded when it is first used, and importing it loads nothing optional.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    __version__: str

    from agentkit.agents import AdaptiveAgent as AdaptiveAgent
    from agentkit.agents import Agent as Agent
    from agentkit.agents import AgentPersonality as AgentPersonality
    from agentkit.agents import ApprovalAnswer as ApprovalAnswer
    from agentkit.agents import Budget as Budget
    from agentkit.agents import ChainResult as ChainResult
    from agentkit.agents import ContextKey as ContextKey
    from agentkit.agents import FallbackChain as FallbackChain
    from agentkit.agents import ModelAgent as ModelAgent
    from agentkit.agents import ModelLimits as ModelLimits
    from agentkit.agents import ModelTool as ModelTool
    from agentkit.agents import Strategy as Strategy
    from agentkit.agents import Task as Task
    from agentkit.agents import Team as Team
    from agentkit.agents import Tier as Tier
    from agentkit.agents import TierPolicy as TierPolicy
    from agentkit.agents import TierRule as TierRule
    from agentkit.agents import agent as agent
    from agentkit.agents import model_agent as model_agent
    from agentkit.errors import AgentKitError as AgentKitError
    from agentkit.errors import BudgetExhausted as BudgetExhausted
    from agentkit.errors import ChainFailed as ChainFailed
    from agentkit.errors import DefinitionError as DefinitionError
    from agentkit.errors import EffectFailed as EffectFailed
    from agentkit.errors import GiveUp as GiveUp
    from agentkit.errors import InputError as InputError
    from agentkit.errors import KeyReused as KeyReused
    from agentkit.errors import NotAllowed as NotAllowed
    from agentkit.errors import NotFound as NotFound
    from agentkit.errors import OperationCancelled as OperationCancelled
    from agentkit.errors import OperationError as OperationError
    from agentkit.errors import OperationFailed as OperationFailed
    from agentkit.errors import OperationQuarantined as OperationQuarantined
    from agentkit.errors import OperationTimedOut as OperationTimedOut
    from agentkit.errors import StoreError as StoreError
    from agentkit.errors import TooLate as TooLate
    from agentkit.errors import TryAgain as TryAgain
    from agentkit.kernel import Allowance as Allowance
    from agentkit.kernel import Approval as Approval
    from agentkit.kernel import BusinessDays as BusinessDays
    from agentkit.kernel import Fallback as Fallback
    from agentkit.kernel import Loop as Loop
    from agentkit.kernel import Map as Map
    from agentkit.kernel import RetryPolicy as RetryPolicy
    from agentkit.kernel import Stage as Stage
    from agentkit.kernel import Usage as Usage
    from agentkit.kernel import When as When
    from agentkit.kernel import Workflow as Workflow
    from agentkit.kernel import draw as draw
    from agentkit.money import AuditTrail as AuditTrail
    from agentkit.money import FinancialProcessor as FinancialProcessor
    from agentkit.money import Money as Money
    from agentkit.money import PrecisionConfig as PrecisionConfig
    from agentkit.orchestrator import ContextStore as ContextStore
    from agentkit.orchestrator import Learner as Learner
    from agentkit.orchestrator import Limits as Limits
    from agentkit.orchestrator import Operation as Operation
    from agentkit.orchestrator import Orchestrator as Orchestrator
    from agentkit.orchestrator import ProgressTracker as ProgressTracker
    from agentkit.orchestrator import Result as Result
    from agentkit.service import dump_workflow as dump_workflow
    from agentkit.service import load_workflow as load_workflow
    from agentkit.stores import open_store as open_store
    from agentkit.views import Comparison as Comparison
    from agentkit.views import ExecutionPlan as ExecutionPlan
    from agentkit.views import Progress as Progress
else:
    __all__, _load = lazy(
        __name__,
        {
            "agents": (
                "AdaptiveAgent",
                "Agent",
                "AgentPersonality",
                "ApprovalAnswer",
                "Budget",
                "ChainResult",
                "ContextKey",
                "FallbackChain",
                "ModelAgent",
                "ModelLimits",
                "ModelTool",
                "Strategy",
                "Task",
                "Team",
                "Tier",
                "TierPolicy",
                "TierRule",
                "agent",
                "model_agent",
            ),
            "errors": (
                "AgentKitError",
                "BudgetExhausted",
                "ChainFailed",
                "DefinitionError",
                "EffectFailed",
                "GiveUp",
                "InputError",
                "KeyReused",
                "NotAllowed",
                "NotFound",
                "OperationCancelled",
                "OperationError",
                "OperationFailed",
                "OperationQuarantined",
                "OperationTimedOut",
                "StoreError",
                "TooLate",
                "TryAgain",
            ),
            "kernel": (
                "Allowance",
                "Approval",
                "BusinessDays",
                "Fallback",
                "Loop",
                "Map",
                "RetryPolicy",
                "Stage",
                "Usage",
                "When",
                "Workflow",
                "draw",
            ),
            "money": ("AuditTrail", "FinancialProcessor", "Money", "PrecisionConfig"),
            "orchestrator": (
                "ContextStore",
                "Learner",
                "Limits",
                "Operation",
                "Orchestrator",
                "ProgressTracker",
                "Result",
            ),
            "service": ("dump_workflow", "load_workflow"),
            "stores": ("open_store",),
            "views": ("Comparison", "ExecutionPlan", "Progress"),
        },
    )

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version

            return version("agentkit")
        return _load(name)

    def __dir__() -> list[str]:
        return [*__all__, "__version__"]

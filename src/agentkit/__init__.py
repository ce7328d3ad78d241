"""agentkit: workflows of agents that survive crashes.

Rules: this is the front door; every name is loaded when it is first used, and importing it loads nothing optional.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .faces import lazy

if TYPE_CHECKING:
    __version__: str

    from .agents import Agent as Agent
    from .agents import AgentPersonality as AgentPersonality
    from .agents import ApprovalAnswer as ApprovalAnswer
    from .agents import Budget as Budget
    from .agents import ChainResult as ChainResult
    from .agents import ContextKey as ContextKey
    from .agents import FallbackChain as FallbackChain
    from .agents import Strategy as Strategy
    from .agents import Task as Task
    from .agents import Tier as Tier
    from .agents import TierPolicy as TierPolicy
    from .agents import TierRule as TierRule
    from .agents import agent as agent
    from .errors import AgentKitError as AgentKitError
    from .errors import BudgetExhausted as BudgetExhausted
    from .errors import ChainFailed as ChainFailed
    from .errors import DefinitionError as DefinitionError
    from .errors import EffectFailed as EffectFailed
    from .errors import GiveUp as GiveUp
    from .errors import InputError as InputError
    from .errors import KeyReused as KeyReused
    from .errors import NotAllowed as NotAllowed
    from .errors import NotFound as NotFound
    from .errors import OperationCancelled as OperationCancelled
    from .errors import OperationError as OperationError
    from .errors import OperationFailed as OperationFailed
    from .errors import OperationQuarantined as OperationQuarantined
    from .errors import OperationTimedOut as OperationTimedOut
    from .errors import StoreError as StoreError
    from .errors import TooLate as TooLate
    from .errors import TryAgain as TryAgain
    from .kernel import Allowance as Allowance
    from .kernel import Approval as Approval
    from .kernel import BusinessDays as BusinessDays
    from .kernel import Fallback as Fallback
    from .kernel import Loop as Loop
    from .kernel import Map as Map
    from .kernel import RetryPolicy as RetryPolicy
    from .kernel import Stage as Stage
    from .kernel import Usage as Usage
    from .kernel import When as When
    from .kernel import Workflow as Workflow
    from .kernel import draw as draw
    from .orchestrator import ContextStore as ContextStore
    from .orchestrator import Limits as Limits
    from .orchestrator import Operation as Operation
    from .orchestrator import Orchestrator as Orchestrator
    from .orchestrator import ProgressTracker as ProgressTracker
    from .orchestrator import Result as Result
    from .service import dump_workflow as dump_workflow
    from .service import load_workflow as load_workflow
    from .stores import open_store as open_store
    from .views import Comparison as Comparison
    from .views import ExecutionPlan as ExecutionPlan
    from .views import Progress as Progress
else:
    __all__, _load = lazy(
        __name__,
        {
            "agents": (
                "Agent",
                "AgentPersonality",
                "ApprovalAnswer",
                "Budget",
                "ChainResult",
                "ContextKey",
                "FallbackChain",
                "Strategy",
                "Task",
                "Tier",
                "TierPolicy",
                "TierRule",
                "agent",
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
            "orchestrator": ("ContextStore", "Limits", "Operation", "Orchestrator", "ProgressTracker", "Result"),
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

"""Who works: agents, their tasks, chains of them, and the registry that an orchestrator finds them in."""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .asking import ApprovalAnswer as ApprovalAnswer
    from .asking import ApprovalSettings as ApprovalSettings
    from .blocking import run_blocking as run_blocking
    from .definition import Agent as Agent
    from .definition import FunctionAgent as FunctionAgent
    from .definition import Isolation as Isolation
    from .definition import agent as agent
    from .failures import MAX_MESSAGE as MAX_MESSAGE
    from .failures import failed as failed
    from .failures import failed_by as failed_by
    from .failures import timed_out as timed_out
    from .notes import Notes as Notes
    from .notes import Paused as Paused
    from .notes import Recorder as Recorder
    from .personality import AgentPersonality as AgentPersonality
    from .registry import AgentRegistry as AgentRegistry
    from .registry import Registration as Registration
    from .task import Reports as Reports
    from .task import Task as Task
    from .threads import Threads as Threads
    from .values import ANY as ANY
    from .values import ValueType as ValueType
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "asking": ("ApprovalAnswer", "ApprovalSettings"),
            "blocking": ("run_blocking",),
            "definition": ("Agent", "FunctionAgent", "Isolation", "agent"),
            "failures": ("MAX_MESSAGE", "failed", "failed_by", "timed_out"),
            "notes": ("Notes", "Paused", "Recorder"),
            "personality": ("AgentPersonality",),
            "registry": ("AgentRegistry", "Registration"),
            "task": ("Reports", "Task"),
            "threads": ("Threads",),
            "values": ("ANY", "ValueType"),
        },
    )

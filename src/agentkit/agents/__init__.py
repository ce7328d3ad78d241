"""Who works: agents, their tasks, and the registry that an orchestrator finds them in."""

from .asking import ApprovalAnswer, ApprovalSettings
from .definition import Agent, FunctionAgent, Isolation, agent
from .notes import Notes, Paused, Recorder
from .personality import AgentPersonality
from .registry import AgentRegistry, Registration
from .task import Reports, Task
from .values import ANY, ValueType

__all__ = [
    "ANY",
    "Agent",
    "AgentPersonality",
    "AgentRegistry",
    "ApprovalAnswer",
    "ApprovalSettings",
    "FunctionAgent",
    "Isolation",
    "Notes",
    "Paused",
    "Recorder",
    "Registration",
    "Reports",
    "Task",
    "ValueType",
    "agent",
]

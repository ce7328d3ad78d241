"""The orchestrator: submit, watch, cancel, resume, query."""

from .limits import Limits
from .operation import Operation
from .orchestrator import Orchestrator
from .result import Result

__all__ = ["Limits", "Operation", "Orchestrator", "Result"]

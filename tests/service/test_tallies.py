"""Figures are of operations that really ran, in two periods, and cost what these hold."""

from datetime import timedelta

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.service import LOCAL, Service
from agentkit.stores import MemoryStore
from agentkit.testing import VirtualClock
from agentkit.wire import FiguresQuery, SubmitRequest, moment

DAY = 86_400

"""Mistakes that cost no work, but what would have been learned of it: they are logged, each kind of them once.

Rules: the functions of users, and the learner, are asked beside the work, which goes on whatever they raise. So nobody
would hear of it: a warning of `logging` says whose fault it is, what happened and what follows. What happens again is
told to those who watch the task, and to nobody else.
"""

from __future__ import annotations

import logging
from typing import Final

from agentkit.agents.failures import failed_by
from agentkit.agents.registration import AnyTask

__all__ = ["Mistakes"]

_log = logging.getLogger("agentkit")

_SHOWN: Final = 300


class Mistakes:
    """What went wrong beside the work of one agent.

    Args:
        agent: What the agent is called.
    """

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._known: set[tuple[str, str]] = set()

    def tell(self, task: AnyTask, what: str, error: Exception, *, then: str) -> str:
        """Say it; in the log only what was not said before.

        Args:
            task: What was worked on.
            what: What failed, such as `quality=score`.
            error: How.
            then: What follows.

        Returns:
            What failed and how.
        """
        failure = failed_by(error).failure
        problem = f"{what} failed: {failure.type}: {failure.message}"[:_SHOWN]
        line = f"agent {self._agent!r}: {problem}; {then}"
        task.log(line)
        if (what, failure.type) not in self._known:
            self._known.add((what, failure.type))
            _log.warning("%s (said once, though it may happen again)", line)
        return problem

"""What tools say besides what they give back, for conversations that outlive their attempt.

Rules: what is written to the context, sent and attached takes effect with the success of an attempt. A call that is not
made again is not heard again, so what it said is kept with what it gave back; what a call says that is made again is
not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from agentkit.agents.notes import Notes
from agentkit.agents.registration import AnyTask
from agentkit.kernel import artifacts_from_text, artifacts_text

__all__ = ["Noted", "is_same", "told"]

T = TypeVar("T")


class Noted:
    """What was said in one run of a model, besides its answer.

    Args:
        task: Whose run it is.
        before: What was said in attempts before this one, as `told` has it.

    Attributes:
        at_answer: What had been said when the model answered last.
    """

    def __init__(self, task: AnyTask, before: Mapping[str, str]) -> None:
        self._task = task
        # What whoever runs the model has said is said again when the attempt is done again.
        others = task.notes or Notes()
        self._writes, self._artifacts = dict(others.writes), dict(others.artifacts)
        self._messages, self._degraded = len(others.messages), others.degraded
        if any(before.values()):
            task.absorb(_heard(before))
        self.at_answer: Notes = self.now()

    def mark(self) -> None:
        """Say that the model answers now."""
        self.at_answer = self.now()

    def now(self) -> Notes:
        """What was said so far."""
        said, all_notes = Notes(), self._task.notes
        if all_notes is not None:
            said.writes = _others(all_notes.writes, self._writes)
            said.artifacts = _others(all_notes.artifacts, self._artifacts)
            said.messages = all_notes.messages[self._messages :]
            said.degraded = all_notes.degraded and not self._degraded
        return said


def told(notes: Notes) -> Mapping[str, str]:
    """What was said, as texts that can be kept.

    Raises:
        UnstorableValue: Something of it cannot be written exactly.
    """
    return {
        "context": notes.context,
        "effects": notes.effects,
        "artifacts": artifacts_text(notes.artifacts.values()),
        "degraded": "yes" if notes.degraded else "",
    }


def _heard(kept: Mapping[str, str]) -> Notes:
    notes = Notes()
    notes.writes = json.loads(kept["context"] or "{}")
    notes.messages = [(kind, content) for kind, content in json.loads(kept["effects"] or "[]")]
    notes.artifacts = {artifact.name: artifact for artifact in artifacts_from_text(kept["artifacts"])}
    notes.degraded = bool(kept["degraded"])
    return notes


def is_same(one: Notes, other: Notes) -> bool:
    """Whether the same was said."""
    return _parts(one) == _parts(other)


def _parts(notes: Notes) -> tuple[object, ...]:
    return notes.writes, notes.messages, notes.artifacts, notes.degraded


def _others(all_of_them: Mapping[str, T], before: Mapping[str, T]) -> dict[str, T]:
    """Those that were not there before, or are another value now."""
    return {name: one for name, one in all_of_them.items() if name not in before or before[name] is not one}

"""What the first event of a run says of its stages, for whoever folds the events after it.

Rules: an item, a turn or an undoing (`pay[3]`, `pay:undo`) is known by the stage it is of; of a definition that nobody
here can read, nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from agentkit.wire import EventLine

__all__ = ["StagePlans"]


class StagePlans:
    """The stages of a run, as they were defined.

    Args:
        accepted: The event that began the run; None before it is heard.

    Example:
        >>> from agentkit.wire import moment
        >>> flow = {"stages": [{"name": "pay", "effect": "at_most_once"}, {"name": "go", "signal": "s"}]}
        >>> plans = StagePlans(EventLine(operation="op-1", number=1, at=moment(0), type="operation.accepted",
        ...     data={"workflow": flow}))
        >>> plans.owner("pay[3]"), plans.is_done_once("pay[3]"), plans.is_done_once("pay:undo"), plans.signal("go")
        ('pay', True, False, 's')
    """

    __slots__ = ("_stages",)

    def __init__(self, accepted: EventLine | None = None) -> None:
        workflow = None if accepted is None else accepted.data.get("workflow")
        stages = workflow.get("stages") if isinstance(workflow, dict) else None
        found = [stage for stage in stages if isinstance(stage, dict)] if isinstance(stages, list) else []
        self._stages: Mapping[str, Mapping[str, JsonValue]] = {str(stage.get("name")): stage for stage in found}

    def owner(self, name: str) -> str:
        """The stage that an item, a turn or an undoing is of; a stage is its own."""
        return name if name in self._stages else name.removesuffix(":undo").partition("[")[0]

    def signal(self, name: str) -> str:
        """The signal that a stage waits for; empty if it is not known."""
        return str(self._of(name).get("signal") or "")

    def is_done_once(self, name: str) -> bool:
        """Whether nobody knows what happened, once the process that worked on it is gone."""
        return not self._is_undoing(name) and self._of(name).get("effect") == "at_most_once"

    def is_child(self, name: str) -> bool:
        """Whether it is an operation of its own, which goes on by itself."""
        return not self._is_undoing(name) and "workflow" in self._of(name)

    def _of(self, name: str) -> Mapping[str, JsonValue]:
        return self._stages.get(self.owner(name), {})

    def _is_undoing(self, name: str) -> bool:
        return name not in self._stages and name.endswith(":undo")

"""Commands and outcomes as JSON data, for attempts in another process.

Rules: only declared fields are written; what comes back is equal to what went, but for the child workflow, which no
agent is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, cast

from agentkit.kernel import (
    Asked,
    Doubtful,
    Failed,
    Failure,
    KnownEffect,
    Outcome,
    RunAttempt,
    Situation,
    Stopped,
    Succeeded,
    TierUsed,
    Unavailable,
    Usage,
    approval_data,
    approval_from_data,
)

__all__ = ["PART", "command_data", "command_from_data", "outcome_data", "outcome_from_data"]

PART = 30_000
"""So many bytes of a file go over in one line."""

_OUTCOMES: Mapping[str, type[Outcome]] = {
    kind.__name__: kind for kind in (Succeeded, Failed, Stopped, Unavailable, Asked, Doubtful)
}
_PARTS: Mapping[str, Callable[..., object]] = {"failure": Failure, "usage": Usage, "counted": Usage, "tier": TierUsed}


def command_data(command: RunAttempt) -> dict[str, object]:
    """A command as JSON data."""
    data = {item.name: getattr(command, item.name) for item in fields(command)}
    data["outputs"] = dict(command.outputs)
    situation = command.situation
    if situation is not None:
        told = {item.name: getattr(situation, item.name) for item in fields(situation) if item.name != "workflow"}
        for name in ("context", "writes", "approvals"):
            told[name] = dict(told[name])
        told["effects"] = [
            [*place, known.outcome, known.result, known.under, known.is_strange]
            for place, known in situation.effects.items()
        ]
        data["situation"] = told
    return data


def command_from_data(data: Mapping[str, object]) -> RunAttempt:
    """The command that was written as this data."""
    content: dict[str, Any] = dict(data)
    for name in ("missing", "expertise", "failures"):
        content[name] = tuple(content.get(name, ()))
    if content["situation"] is not None:
        told: dict[str, Any] = dict(content["situation"])
        effects = {
            (name, key): KnownEffect(outcome=how, result=what, under=under, is_strange=strange)
            for name, key, how, what, under, strange in told["effects"]
        }
        told["reads"], told["effects"] = tuple(told["reads"]), effects
        content["situation"] = Situation(**told)
    return RunAttempt(**content)


def outcome_data(outcome: Outcome) -> dict[str, object]:
    """An outcome as JSON data."""
    data: dict[str, object] = {"type": type(outcome).__name__}
    for item in fields(outcome):
        value = getattr(outcome, item.name)
        if item.name in _PARTS and value is not None:
            data[item.name] = asdict(value)
        elif isinstance(outcome, Asked) and item.name == "approval":
            data[item.name] = approval_data(outcome.approval)
        else:
            data[item.name] = value
    return data


def outcome_from_data(data: Mapping[str, object]) -> Outcome:
    """The outcome that was written as this data."""
    content: dict[str, Any] = dict(data)
    kind = _OUTCOMES[content.pop("type")]
    for name, part in _PARTS.items():
        if content.get(name) is not None:
            content[name] = part(**content[name])
    if kind is Failed:
        content["kinds"] = tuple(content["kinds"])
    elif kind is Asked:
        content["approval"] = approval_from_data(content["approval"])
    return cast("Callable[..., Outcome]", kind)(**content)

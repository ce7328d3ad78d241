"""Learning in sentences: each change with its reason, and why an arm was chosen."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from .entries import (
    ArmChosen,
    ChoiceDropped,
    DriftFound,
    Entry,
    LeaderChanged,
    OutcomeJudged,
    OutcomeTold,
    Released,
    RolledBack,
    Switched,
)

__all__ = ["entry_words"]

_OfWork: TypeAlias = ArmChosen | ChoiceDropped | OutcomeTold | OutcomeJudged


def entry_words(entry: Entry) -> str:
    """What happened and why, in a sentence.

    Example:
        >>> entry_words(LeaderChanged(at=1.0, kind="tax", arm="b", before="a", why="it is better"))
        'tax: b leads instead of a, since it is better'
    """
    kind = entry.kind or "all tasks"
    if isinstance(entry, _OfWork):
        return f"{kind}: {_work_words(entry)}"
    match entry:
        case LeaderChanged():
            return f"{kind}: {entry.arm} leads instead of {entry.before}, since {entry.why}"
        case DriftFound():
            return f"{kind}: what was known of {entry.arm} counts no longer, since {entry.why}"
        case RolledBack():
            who = f"{entry.by} rolled back" if entry.by else "rolled back by itself"
            until = f"; {entry.arm} is set aside until outcome {entry.until}" if entry.until else "; it is held there"
            return f"{kind}: {who} from {entry.arm} to {entry.to}, since {entry.why}{until}"
        case Released():
            return f"{kind}: {entry.by} lets it learn again"
        case Switched():
            return f"{entry.by} switched learning {'on' if entry.is_on else 'off'}"
        case _:
            assert_never(entry)


def _work_words(entry: _OfWork) -> str:
    match entry:
        case ArmChosen():
            return f"{entry.arm} was chosen for {entry.key}, since {entry.why}"
        case ChoiceDropped():
            return f"nothing was learned of {entry.arm} from {entry.key}, since {entry.why}"
        case OutcomeTold():
            ended = "succeeded" if entry.success else "failed"
            unjudged = f"; it was not judged, since {entry.unjudged}" if entry.unjudged else ""
            return f"{entry.arm} {ended} at {entry.key}, which is worth {entry.reward:.2f}{unjudged}"
        case OutcomeJudged():
            return f"{entry.by} judged {entry.key} by {entry.quality:g}, so it is worth {entry.reward:.2f}"
        case _:
            assert_never(entry)

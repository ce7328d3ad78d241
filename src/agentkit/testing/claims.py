"""What tests claim of simulations: an `AssertionError` says which claim is wrong, and how to see that run again.

Rules: a claim is checked on one run or on many; it needs no test framework.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NoReturn, TypeAlias

from agentkit.kernel import (
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    DoubtSettled,
    Event,
)

from .simulated import Simulated

__all__ = ["assert_exactly_once", "assert_never_after_cancel", "assert_same_end"]

Runs: TypeAlias = "Simulated[object] | Iterable[Simulated[object]]"


def assert_exactly_once(runs: Runs, name: str, *, key: str | None = None) -> None:
    """Claim that something took effect, and no key of it more than once, in every run.

    Args:
        runs: One run, or several.
        name: What `happened` was told; or else an effect on the journal; or else a stage, whose work must be done once.
        key: Only this key; by default every key there is, of which there must be one.

    Raises:
        AssertionError: It took effect never or twice.

    Example:
        >>> from agentkit import Stage, Workflow
        >>> from agentkit.testing import ScriptedAgent, crash_everywhere
        >>> flow = Workflow("flow", [Stage("count", agent="clerk")])
        >>> assert_exactly_once(crash_everywhere(flow, [ScriptedAgent("clerk")]), "count")
    """
    for run in _each(runs):
        counts = _counts(run, name)
        if key is not None:
            counts = {key: counts.get(key, 0)}
        if not counts:
            _refute(run, f"{name!r} took effect: nothing of that name happened, was an effect, or was a stage's work")
        for one, count in counts.items():
            if count != 1:
                _refute(run, f"{name!r}{f' of {one!r}' if one else ''} took effect exactly once: it did {count} times")


def assert_never_after_cancel(runs: Runs, name: str | None = None) -> None:
    """Claim that after a cancel no work began, and nothing happened outside once its grace was over, but for undoing.

    Args:
        runs: One run, or several; a run that nobody cancelled is a mistake.
        name: Only this stage, or this name that `happened` was told.

    Raises:
        AssertionError: Something did, or nobody cancelled.
    """
    for run in _each(runs):
        cancelled = next((event for event in run.events if isinstance(event, CancelRequested)), None)
        if cancelled is None:
            _refute(run, "somebody cancels the operation")
        place = run.events.index(cancelled)
        for event in run.events[place + 1 :]:
            if isinstance(event, AttemptStarted) and not event.stage.endswith(":undo") and name in (None, event.stage):
                _refute(run, f"nothing begins after the cancel: {event.stage!r} did")
        for one in run.happened:
            # What ran when it was cancelled may do its last bit; what runs after the end has no right to anything.
            is_late = one.at > run.events[-1].at if run.error else False
            if one.operation_id == run.operation_id and is_late and name in (None, one.name):
                _refute(run, f"nothing happens after the end: {one.name!r} of {one.key!r} did")


def assert_same_end(runs: Runs, *others: Simulated[object]) -> None:
    """Claim that runs ended alike: status, output, messages, effects and context; see `Simulated.end`.

    Raises:
        AssertionError: One of them ended otherwise than the first.
    """
    first, *rest = [*_each(runs), *others]
    expected = first.end
    for run in rest:
        end = run.end
        wrong = [
            f"{name} is {end[name]!r} and not {expected[name]!r}" for name in expected if end[name] != expected[name]
        ]
        if wrong:
            reasons = [f"refused was: {one.error}" for one in run.refused]
            _refute(run, "; ".join(["it ends as the first run", *wrong, *reasons]))


def _counts(run: Simulated[object], name: str) -> Mapping[str, int]:
    """How often each key of something took effect."""
    outside = Counter(one.key for one in run.happened if one.name == name)
    if outside:
        return outside
    known = {(stage, key): outcome for (stage, effect, key), outcome in run.effects.items() if effect == name}
    if known:
        return {f"{stage} {key}": int(outcome == "confirmed") for (stage, key), outcome in known.items()}
    events = [event for journal in run.journals.values() for event in journal]
    return Counter(_done(events, name))


def _done(events: Sequence[Event], stage: str) -> Iterator[str]:
    """The steps of a stage whose work is done; of the stage itself the name is empty."""
    for event in events:
        if isinstance(event, AttemptSucceeded) or (isinstance(event, DoubtSettled) and event.decision == "done"):
            step = event.stage
            if (step == stage or step.startswith(f"{stage}[")) and not step.endswith(":undo"):
                yield step.removeprefix(stage)


def _each(runs: Runs) -> Iterable[Simulated[object]]:
    return (runs,) if isinstance(runs, Simulated) else runs


def _refute(run: Simulated[object], claim: str) -> NoReturn:
    raise AssertionError(f"refuted: {claim}\nsee it again with {run.repeat}")

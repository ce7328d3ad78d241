"""Which levers to move, by what would have come of it: `propose`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from agentkit.views import Bottleneck, Outlook

from .changes import Step, TuningPlan
from .levers import Lever

__all__ = ["propose"]

_WORTH = 0.05
_PREFIXES = {"full_pool": "pool:", "slow_stage": "tier:"}
_ADVICE = {
    "slow_stage": "give {name} a faster agent or tier, or split its work with a map",
    "costly_retries": "look at why attempts of {name} fail, or let a fallback take over earlier",
    "full_pool": "add replicas to the pool {name}, or let each of them take more",
    "pool_outage": "look at why no replica of the pool {name} is ready: each failed too often, or is being taken out",
    "processor": "the processors are busy: more at once would slow all down; lower a limit, or add a machine",
    "memory": "memory is short: more at once may end the process; lower a limit, or add a machine",
}


def propose(
    found: Sequence[Bottleneck], levers: Mapping[str, Lever], play: Callable[[Mapping[str, int]], Outlook]
) -> TuningPlan:
    """A plan against what was found.

    Args:
        found: The bottlenecks.
        levers: What may be moved, by name.
        play: How the newest work would have gone with these values of levers, by name.
    """
    stands = {name: lever.value for name, lever in levers.items()}
    now = best = play(stands)
    chosen = dict(stands)
    # Where the machine is at its end, more at once helps nobody.
    is_busy = any(one.kind in ("processor", "memory") for one in found)
    for one in found:
        lever = levers.get(one.name)
        if one.kind == "full_limit" and lever is not None and not is_busy:
            for value in _larger(lever):
                tried = {**chosen, lever.name: value}
                outlook = play(tried)
                if best.wait_seconds - outlook.wait_seconds <= _WORTH * now.wait_seconds:
                    break
                chosen, best = tried, outlook
        elif (further := _further(one, levers, is_busy=is_busy)) is not None:
            chosen |= further
    steps = [Step(lever=name, before=stands[name], after=to) for name, to in chosen.items() if to != stands[name]]
    return TuningPlan(
        steps=tuple(steps),
        bottlenecks=tuple(found),
        advice=tuple(_advice(found, {step.lever for step in steps}, levers)),
        now=now,
        expected=best,
    )


def _larger(lever: Lever) -> Iterator[int]:
    value = lever.value
    while value < lever.most:
        value = min(2 * value, lever.most)
        yield value


def _further(one: Bottleneck, levers: Mapping[str, Lever], *, is_busy: bool) -> Mapping[str, int] | None:
    """The next place of a lever whose effect no playback can know: it is moved once, and then looked at anew."""
    lever = levers.get(_lever_against(one)) if one.kind in _PREFIXES else None
    if lever is None or lever.value >= lever.most or (one.kind == "full_pool" and is_busy):
        return None
    return {lever.name: min(lever.most, 2 * lever.value if one.kind == "full_pool" else lever.value + 1)}


def _lever_against(one: Bottleneck) -> str:
    """What the lever is called that may be moved against something, if there is one."""
    return _PREFIXES.get(one.kind, "") + one.name


def _advice(found: Sequence[Bottleneck], moved: set[str], levers: Mapping[str, Lever]) -> Iterator[str]:
    for one in found:
        if _lever_against(one) in moved:
            continue
        if one.kind in _ADVICE:
            yield _ADVICE[one.kind].format(name=one.name)
        elif one.kind == "full_limit":
            lever = levers.get(one.name)
            if lever is not None and lever.value >= lever.most:
                yield f"{one.name} is as high as its bounds allow, {lever.most}: raise them, or add a machine"

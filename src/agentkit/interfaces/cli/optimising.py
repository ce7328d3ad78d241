"""`optimise`: what holds the work in a store up, what to change for it, and back again."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import asdict
from typing import NoReturn

from rich.text import Text

from agentkit.orchestrator import Change, Optimizer, Orchestrator, Report, known_levers
from agentkit.views import Outlook, one_line

from .ending import finish, guarded
from .finding import existing
from .options import is_json
from .screen import errors, output

__all__ = ["apply_plan", "show_plan", "show_work", "undo_change"]

_COLOURS = {"high": "red", "medium": "yellow", "low": ""}
_WIDEST = 1_000


def show_work(store: str, *, operations: int, as_json: bool) -> None:
    """Show bottlenecks, and what came of the newest change."""

    async def work(optimizer: Optimizer) -> int:
        seen, found, report = await optimizer.performance(), await optimizer.bottlenecks(), await optimizer.report()
        if is_json(as_json):
            told = {"performance": asdict(seen), "bottlenecks": [asdict(one) for one in found]}
            sys.stdout.write(json.dumps(told | {"report": None if report is None else asdict(report)}) + "\n")
            return 0
        console = output()
        console.print(
            f"{seen.operations} operations, {seen.attempts} attempts: {_times(seen.mean_seconds, seen.wait_seconds)}",
            soft_wrap=True,
        )
        for one in found:
            line = Text(f"{one.severity:6}  ", _COLOURS[one.severity])
            console.print(line.append(one_line(f"{one.kind}: {one.words}", _WIDEST), ""), soft_wrap=True)
            if one.operations:
                console.print(Text(f"        see {', '.join(one.operations)}", "bright_black"), soft_wrap=True)
        if not found:
            console.print("no bottleneck")
        for text in _report_lines(report):
            console.print(text, soft_wrap=True)
        return 0

    _look(store, operations, work)


def show_plan(store: str, *, operations: int, as_json: bool) -> None:
    """Show what would be changed, and what is expected of it."""

    async def work(optimizer: Optimizer) -> int:
        plan = await optimizer.plan()
        if is_json(as_json):
            sys.stdout.write(json.dumps(asdict(plan)) + "\n")
            return 0
        console = output()
        for step in plan.steps:
            console.print(Text(f"{step.lever}: {step.before} to {step.after}"), soft_wrap=True)
        if plan.steps:
            console.print(f"expected: {_words(plan.now)}, then {_words(plan.expected)}", soft_wrap=True)
        for advice in plan.advice:
            console.print(Text(one_line(advice, _WIDEST)), soft_wrap=True)
        if not plan.steps and not plan.advice:
            console.print("nothing to change")
        _say_if_untold(optimizer)
        return 0

    _look(store, operations, work)


def apply_plan(store: str, *, operations: int, by: str) -> None:
    """Keep the plan in the store."""

    async def work(optimizer: Optimizer) -> int:
        plan = await optimizer.plan()
        _say_if_untold(optimizer)
        change = await optimizer.apply(plan, by=by)
        _say(f"change {change.number}: {_moves(change)}; back again: agentkit optimise undo")
        return 0

    _look(store, operations, work)


def undo_change(store: str, *, by: str) -> None:
    """Take the newest change back."""

    async def work(optimizer: Optimizer) -> int:
        change = await optimizer.undo(by=by)
        _say(f"change {change.number} is undone: {_moves(change)} no more")
        return 0

    _look(store, 1, work)


def _look(store: str, operations: int, work: Callable[[Optimizer], Coroutine[None, None, int]]) -> NoReturn:
    async def run() -> int:
        async with Orchestrator(store=existing(store), adopt=False) as orchestrator:
            levers = await known_levers(orchestrator.store)
            optimizer = Optimizer(orchestrator, levers=levers, operations=operations)
            # What was applied, and what no process has told of yet.
            await optimizer.follow()
            return await work(optimizer)

    finish(guarded(run))


def _say_if_untold(optimizer: Optimizer) -> None:
    if not optimizer.levers:
        _say("no process has told its limits to this store: run `Optimizer(orchestrator).run()` in it")


def _report_lines(report: Report | None) -> Iterator[Text]:
    if report is None:
        return
    change = report.change
    undone = "" if change.undone_at is None else f", undone by {change.undone_by or 'somebody'}"
    yield Text(one_line(f"change {change.number} by {change.by or 'somebody'}{undone}: {_moves(change)}", _WIDEST))
    yield Text(f"  before    {_words(change.before)}")
    if change.expected is not None:
        yield Text(f"  expected  {_words(change.expected)}")
    after = "no operation since" if report.after is None else f"{_words(report.after)}, {report.operations} operations"
    yield Text(f"  after     {after}")


def _words(outlook: Outlook) -> str:
    return _times(outlook.mean_seconds, outlook.wait_seconds)


def _times(mean: float, waits: float) -> str:
    return f"{mean:.1f} s for an operation, {waits:.1f} s of it in a queue"


def _moves(change: Change) -> str:
    return ", ".join(f"{step.lever} {step.before} to {step.after}" for step in change.steps)


def _say(words: str) -> None:
    errors().print(Text(words), soft_wrap=True)

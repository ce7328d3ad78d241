"""`schedules`: what is started when, looked at and changed in the store."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from pydantic import JsonValue
from rich.text import Text

from agentkit.engines import SystemClock
from agentkit.service import LOCAL, Caller, Missed, Schedule, Schedules, moment

from .ending import finish, guarded
from .finding import existing
from .inputs import read_input
from .screen import errors, output

__all__ = ["Asked", "add_one", "change_one", "list_them"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be started when, as the options say it."""

    workflow: str
    cron: str | None
    every: int | None
    zone: str
    missed: Missed
    given: Sequence[str]


def add_one(name: str, asked: Asked, input_file: Path | None, *, store: str, tenant: str | None, by: str) -> None:
    """Add a schedule."""

    async def work(schedules: Schedules) -> None:
        one = Schedule(
            name=name,
            workflow=asked.workflow,
            input=cast("JsonValue", read_input(asked.given, input_file)),
            cron=asked.cron,
            every=asked.every,
            zone=asked.zone,
            missed=asked.missed,
        )
        added = await schedules.add(Caller(name=by, tenant=tenant), one)
        _say(f"{name} is due for the first time at {_told(added.next_after(added.created_at))}")

    _with(store, work)


def list_them(*, store: str, tenant: str | None, as_json: bool) -> None:
    """List schedules, by name."""

    async def work(schedules: Schedules) -> None:
        found = await schedules.listed(LOCAL if tenant is None else Caller(name="local", tenant=tenant))
        now = SystemClock().now()
        for one in found:
            _show(one, None if one.is_paused else one.next_after(now), as_json=as_json)
        if not found:
            _say(f"there are no schedules in {store}")

    _with(store, work)


def change_one(name: str, change: Literal["pause", "resume", "remove"], *, store: str, tenant: str | None) -> None:
    """Pause, resume or remove a schedule."""

    async def work(schedules: Schedules) -> None:
        caller = Caller(name="local", tenant=tenant)
        if change == "pause":
            await schedules.pause(caller, name)
        elif change == "resume":
            await schedules.resume(caller, name)
        else:
            await schedules.remove(caller, name)
        _say(f"{name} is {change}d")

    _with(store, work)


def _with(store: str, work: Callable[[Schedules], Awaitable[None]]) -> None:
    async def run() -> int:
        async with existing(store) as opened:
            await work(Schedules(opened, now=SystemClock().now))
        return 0

    finish(guarded(run))


def _show(one: Schedule, due: float | None, *, as_json: bool) -> None:
    when = one.cron if one.cron is not None else f"every {one.every} s"
    if as_json:
        line = {
            "name": one.name,
            "tenant": one.tenant,
            "workflow": one.workflow,
            "input": one.input,
            "cron": one.cron,
            "every": one.every,
            "zone": one.zone,
            "missed": one.missed,
            "paused": one.is_paused,
            "due": None if due is None else moment(due).isoformat(),
            "problem": one.problem,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        return
    whose = "" if one.tenant is None else f" of {one.tenant}"
    state = "paused" if due is None else f"due {_told(due)}"
    trouble = f"  {one.problem}" if one.problem else ""
    output().print(Text(f"{one.name}{whose}  {one.workflow}  {when} {one.zone}  {state}{trouble}"), soft_wrap=True)


def _told(at: float) -> str:
    return f"{moment(at):%Y-%m-%d %H:%M:%S} UTC"


def _say(line: str) -> None:
    errors().print(Text(line), soft_wrap=True)

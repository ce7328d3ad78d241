"""`schedules`: what is started when, looked at and changed in a store or on a server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NoReturn, cast

from pydantic import JsonValue, ValidationError
from rich.text import Text

from agentkit.client import Client
from agentkit.engines import SystemClock
from agentkit.errors import InputError
from agentkit.service import Caller, Missed, Schedule, Schedules, schedule_line
from agentkit.views import one_line
from agentkit.wire import ScheduleLine, ScheduleRequest

from .ending import finish, guarded, misfit
from .finding import existing
from .inputs import read_input
from .places import Place, ask_at
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


def add_one(
    name: str, asked: Asked, input_file: Path | None, place: Place, *, tenant: str | None, by: str | None
) -> None:
    """Add a schedule."""
    if place.far is not None:
        _add_afar(name, asked, input_file, place, tenant=tenant, by=by)

    async def work() -> int:
        one = Schedule(
            name=name,
            workflow=asked.workflow,
            input=cast("JsonValue", read_input(asked.given, input_file)),
            cron=asked.cron,
            every=asked.every,
            zone=asked.zone,
            missed=asked.missed,
        )
        async with existing(place.store) as opened:
            # Whether the workflow is offered, only the server knows that will start it.
            schedules = Schedules(opened, now=SystemClock().now)
            added = await schedules.add(Caller(name=by or "schedule", tenant=tenant), one)
        _say(_first(schedule_line(added, added.created_at)))
        return 0

    finish(guarded(work))


def _add_afar(
    name: str, asked: Asked, input_file: Path | None, place: Place, *, tenant: str | None, by: str | None
) -> NoReturn:
    async def work(client: Client) -> int:
        if by is not None:
            raise InputError("--by: on a server your key says who you are")
        try:
            request = ScheduleRequest(
                name=name,
                workflow=asked.workflow,
                input=cast("JsonValue", read_input(asked.given, input_file)),
                cron=asked.cron,
                every=asked.every,
                zone=asked.zone,
                missed=asked.missed,
                tenant=tenant,
            )
        except ValidationError as error:
            raise misfit(error) from error
        _say(_first(await client.add_schedule(request)))
        return 0

    ask_at(place, work)


def list_them(place: Place, *, tenant: str | None, as_json: bool) -> None:
    """List schedules, by name."""

    async def work(client: Client) -> int:
        found = [line for line in await client.schedules() if tenant in (None, line.tenant)]
        for line in found:
            _show(line, as_json=as_json)
        if not found:
            _say(f"there are no schedules in {place.words}")
        return 0

    ask_at(place, work)


def change_one(name: str, change: Literal["pause", "resume", "remove"], place: Place, *, tenant: str | None) -> None:
    """Pause, resume or remove a schedule."""

    async def work(client: Client) -> int:
        if change == "pause":
            await client.pause_schedule(name, tenant=tenant)
        elif change == "resume":
            await client.resume_schedule(name, tenant=tenant)
        else:
            await client.remove_schedule(name, tenant=tenant)
        _say(f"{name} is {change}d")
        return 0

    ask_at(place, work)


def _show(line: ScheduleLine, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(line.model_dump_json() + "\n")
        return
    when = line.cron if line.cron is not None else f"every {line.every} s"
    whose = "" if line.tenant is None else f" of {line.tenant}"
    state = "paused" if line.due_at is None else f"due {_told(line.due_at)}"
    trouble = f"  {one_line(line.problem, 500)}" if line.problem else ""
    text = f"{line.name}{whose}  {line.workflow}  {when} {line.zone}  {state}{trouble}"
    output().print(Text(one_line(text, 2_000)), soft_wrap=True)


def _first(line: ScheduleLine) -> str:
    return f"{line.name} is due for the first time at {_told(line.due_at)}"


def _told(at: datetime | None) -> str:
    return "no time" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _say(line: str) -> None:
    errors().print(Text(line), soft_wrap=True)

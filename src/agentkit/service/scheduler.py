"""The scheduler: starts what is due.

Rules: what is started for a time has a key that is made of the schedule and that time, so any number of schedulers on
one store start it once. How far a schedule has come is written afterwards: whoever dies in between has it asked for
again, under the same key. What somebody's API key asked for is started only as long as that key, or another one of
theirs, opens anything: after that their schedules are paused, and belong to whoever resumes them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from agentkit.errors import AgentKitError, DefinitionError, KeyReused, MissingExtra, Overloaded, StoreError
from agentkit.wire import SubmitRequest

from .api_audit import ApiAction
from .callers import LOCAL, Caller
from .schedule import Schedule
from .schedules import Schedules
from .service import Service

__all__ = ["Scheduler"]

_GRACE_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 10.0


class Scheduler:
    """Starts what the schedules of a service's store say, as long as `run` runs somewhere.

    Args:
        service: Who offers the workflows.
        look_seconds: How often to look what other processes changed.

    Attributes:
        schedules: What it goes by.
    """

    def __init__(self, service: Service, *, look_seconds: float = _LOOK_SECONDS) -> None:
        self._service = service
        self._look_seconds = look_seconds
        self.schedules: Schedules = service.schedules

    async def run(self) -> None:
        """Start what is due, until it is cancelled; while the store is away it tries again.

        Raises:
            Closed: The orchestrator is not open.
        """
        while True:
            try:
                wait = await self.start_due()
            except StoreError:
                wait = self._look_seconds
            await self.schedules.wait(wait)

    async def start_due(self) -> float:
        """Start what is due now; in how many seconds to look again.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        now, wait = self._service.orchestrator.now(), self._look_seconds
        for schedule in await self.schedules.listed(LOCAL):
            if schedule.is_paused or schedule.is_broken:
                continue
            try:
                if schedule.next_after(schedule.done_until) <= now:
                    if await self._is_orphaned(schedule, now):
                        continue
                    await self._start(schedule, now)
                wait = min(wait, schedule.next_after(now) - now)
            except (DefinitionError, MissingExtra) as error:
                # What cannot be read here, such as cron without cronsim, holds up none of the others.
                await self.schedules.note(schedule, done_until=schedule.done_until, problem=str(error))
        return max(wait, 0.001)

    async def _start(self, schedule: Schedule, now: float) -> None:
        done, problem = schedule.done_until, ""
        for at in schedule.due(now, grace=_GRACE_SECONDS):
            try:
                await self._submit(schedule, at)
            except (StoreError, Overloaded) as error:
                # It is still due, and asked for again.
                await self.schedules.note(schedule, done_until=done, problem=str(error))
                return
            except AgentKitError as error:
                problem = str(error)
            done = at
        await self.schedules.note(schedule, done_until=now, problem=problem)

    async def _is_orphaned(self, schedule: Schedule, now: float) -> bool:
        """Whether who made a schedule may ask for nothing any more; then it is paused, with the reason."""
        service, key_id = self._service, schedule.key_id
        if not key_id or await service.keys.stands_for(key_id, schedule.by, schedule.key_tenant):
            return False
        problem = f"the key {key_id} of {schedule.by} opens nothing any more: resume it to have it start in your name"
        if await self.schedules.orphan(schedule, problem) and service.audit is not None:
            action = ApiAction(
                at=now,
                actor="agentkit",
                tenant=schedule.tenant,
                action="pause_schedule",
                target={"name": schedule.name, "key": key_id},
                status=200,
                result="",
                request="",
                address="",
            )
            service.audit.record(action)
        return True

    async def _submit(self, schedule: Schedule, at: int) -> None:
        desk = self._service.desk(Caller(name=schedule.by, tenant=schedule.tenant, scopes={"read", "run"}))
        moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        request = SubmitRequest(
            workflow=schedule.workflow,
            input=schedule.input,
            metadata={"schedule": schedule.name, "scheduled_for": moment},
        )
        try:
            await desk.submit(request, key=f"schedule:{schedule.name}:{moment}")
        except KeyReused:
            # Another process, which has another version of the workflow, has started it.
            return

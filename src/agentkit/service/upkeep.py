"""The use cases of those who look after a service: schedules, webhooks, keys, learning, health.

Rules: as for `Desk`. Who belongs to a tenant sees and changes what is their tenant's, and may name no other; what
belongs to others looks exactly like what does not exist. Nobody gives away more than they may do themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentkit.errors import DefinitionError, InputError, MissingExtra, NotAllowed, NotFound
from agentkit.orchestrator import Learner
from agentkit.wire import (
    DeliveryLine,
    DeliveryQuery,
    HealthCheck,
    HealthPage,
    KeyLine,
    KeyRequest,
    LearnerLine,
    LearnerPage,
    LearnerRelease,
    LearnerRollback,
    LearnerSwitch,
    LearningLine,
    NewKey,
    Page,
    QueuePage,
    ScheduleLine,
    ScheduleRequest,
    SecretPage,
    SettingsPage,
    moment,
)

from .callers import Caller, Scope
from .configuration import settings_page
from .cursors import cursor_of, place_of
from .deliveries import Deliveries, Delivery
from .learning import learner_lines, learner_of, learner_page, learning_lines
from .premises import Premises
from .schedule import Schedule

__all__ = ["Upkeep", "schedule_line"]


class Upkeep:
    """Serves one caller who looks after the service. `agentkit.wire.Calls` says what each call promises and raises.

    Attributes:
        caller: Who is served.
    """

    __slots__ = ("_premises", "caller")

    def __init__(self, premises: Premises, caller: Caller) -> None:
        self._premises = premises
        self.caller: Caller = caller

    # Schedules

    async def schedules(self) -> Sequence[ScheduleLine]:
        """See `Calls.schedules`."""
        return [self._shown(one) for one in await self._premises.schedules.listed(self.caller)]

    async def schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.schedule`."""
        return self._shown(await self._premises.schedules.one(self._acting_for(tenant), name))

    async def add_schedule(self, request: ScheduleRequest) -> ScheduleLine:
        """See `Calls.add_schedule`."""
        caller, schedules = self._acting_for(request.tenant), self._premises.schedules
        caller.check("admin")
        self._premises.offered(request.workflow)
        said = request.model_dump(exclude={"tenant"})
        try:
            return self._shown(await schedules.add(caller, Schedule(**said)))
        except DefinitionError as error:
            raise InputError(str(error)) from error
        except InputError:
            there = [one for one in await schedules.listed(caller) if _says(one, said, caller)]
            if not there:
                raise
            # It was said again, since no answer came, say.
            return self._shown(there[0])

    async def pause_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.pause_schedule`."""
        return self._shown(await self._premises.schedules.pause(self._acting_for(tenant), name))

    async def resume_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.resume_schedule`."""
        return self._shown(await self._premises.schedules.resume(self._acting_for(tenant), name))

    async def remove_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.remove_schedule`."""
        return self._shown(await self._premises.schedules.remove(self._acting_for(tenant), name))

    def _shown(self, one: Schedule) -> ScheduleLine:
        return schedule_line(one, self._premises.orchestrator.now())

    # Webhooks

    async def deliveries(self, query: DeliveryQuery) -> Page[DeliveryLine]:
        """See `Calls.deliveries`."""
        before = None if query.cursor is None else place_of(query.cursor)
        found = await Deliveries(self._premises.orchestrator).listed(
            self.caller, dead=query.dead, before=before, limit=query.limit + 1
        )
        shown = found[: query.limit]
        is_last = len(found) <= query.limit
        return Page(
            items=[_delivery_line(one) for one in shown],
            next_cursor=None if is_last else cursor_of(shown[-1].created_at, shown[-1].id),
        )

    async def delivery(self, delivery_id: str) -> DeliveryLine:
        """See `Calls.delivery`."""
        return _delivery_line(await Deliveries(self._premises.orchestrator).one(self.caller, delivery_id))

    async def replay(self, delivery_id: str) -> DeliveryLine:
        """See `Calls.replay`."""
        self.caller.check("read")
        return await self.delivery(await Deliveries(self._premises.orchestrator).replay(self.caller, delivery_id))

    async def webhook_secret(self, *, tenant: str | None = None) -> SecretPage:
        """See `Calls.webhook_secret`."""
        caller, webhooks = self._acting_for(tenant), self._premises.webhooks
        caller.check("admin")
        if webhooks is None:
            raise NotFound("this server announces nothing; it needs a secret for webhooks")
        secret, *older = webhooks.secrets(caller.tenant)
        return SecretPage(tenant=caller.tenant, secret=secret, old_secret=older[0] if older else None)

    # Keys

    async def keys(self) -> Sequence[KeyLine]:
        """See `Calls.keys`."""
        self.caller.check("admin")
        return await self._premises.keys.listed(tenant=self.caller.tenant)

    async def create_key(self, request: KeyRequest, *, key: str | None = None) -> NewKey:
        """See `Calls.create_key`."""
        caller = self._acting_for(request.tenant)
        caller.check("admin")
        beyond = [scope for scope in request.scopes if not caller.may(scope)]
        if beyond:
            raise NotAllowed(f"{caller.name} may not give away what they may not do: {', '.join(beyond)}")
        try:
            return await self._premises.keys.create(
                request.name,
                tenant=caller.tenant,
                scopes=request.scopes,
                roles=request.roles,
                seconds=request.seconds,
                under=None if key is None else f"{self.caller.tenant!r} {self.caller.name!r} {key!r}",
            )
        except DefinitionError as error:
            raise InputError(str(error)) from error

    async def revoke_key(self, key_id: str) -> KeyLine:
        """See `Calls.revoke_key`."""
        self.caller.check("admin")
        return await self._premises.keys.revoke(key_id, tenant=self.caller.tenant)

    # Learning

    async def learners(self) -> Sequence[LearnerLine]:
        """See `Calls.learners`."""
        self.caller.check("read")
        return await learner_lines(self._premises.orchestrator.store, self.caller)

    async def learner(self, name: str, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.learner`."""
        return await learner_page(*await self._learner(name, tenant, "read"))

    async def learner_changes(
        self, name: str, *, key: str | None = None, tenant: str | None = None
    ) -> Sequence[LearningLine]:
        """See `Calls.learner_changes`."""
        learner, _ = await self._learner(name, tenant, "read")
        return await learning_lines(learner, key)

    async def roll_back_learner(self, name: str, request: LearnerRollback, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.roll_back_learner`."""
        learner, whose = await self._learner(name, tenant, "admin")
        await learner.rollback(by=self.caller.name, kind=request.kind, to=request.to, why=request.why)
        return await learner_page(learner, whose)

    async def release_learner(self, name: str, request: LearnerRelease, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.release_learner`."""
        learner, whose = await self._learner(name, tenant, "admin")
        await learner.release(by=self.caller.name, kind=request.kind)
        return await learner_page(learner, whose)

    async def switch_learner(self, name: str, request: LearnerSwitch, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.switch_learner`."""
        learner, whose = await self._learner(name, tenant, "admin")
        await learner.switch(request.on, by=self.caller.name)
        return await learner_page(learner, whose)

    async def _learner(self, name: str, tenant: str | None, scope: Scope) -> tuple[Learner, str | None]:
        """A learner of the tenant that is named, and that tenant.

        Raises:
            NotFound: There is none of that name.
            NotAllowed: The caller may not do that, or belongs to another tenant.
        """
        caller = self._acting_for(tenant)
        caller.check(scope)
        return await learner_of(self._premises.orchestrator.store, caller, name), caller.tenant

    # Health and settings

    async def health(self) -> HealthPage:
        """See `Calls.health`."""
        premises = self._premises
        orchestrator, oversees = premises.orchestrator, self.caller.tenant is None
        stalled = len(await orchestrator.stalled(limit=100))
        checks = [
            HealthCheck(name="store", ok=True, detail="answers"),
            HealthCheck(name="queue", ok=premises.has_room, detail=f"{orchestrator.waiting} wait for room"),
            HealthCheck(name="stalled", ok=not stalled, detail=f"{stalled} operations are driven by nobody"),
            HealthCheck(
                name="abandoned", ok=not orchestrator.abandoned, detail=f"{orchestrator.abandoned} attempts do not end"
            ),
            *premises.chores.health(),
        ]
        return HealthPage(
            ok=all(check.ok for check in checks),
            version=premises.version,
            uptime_seconds=premises.uptime_seconds,
            active=orchestrator.active,
            agents=len(premises.agents),
            workflows=len(premises.workflows),
            checks=checks,
            queue=self._queue() if oversees else None,
            resources=await premises.machine.look(orchestrator.load.resources) if oversees else None,
        )

    async def settings(self) -> SettingsPage:
        """See `Calls.settings`."""
        self.caller.check("read")
        if self.caller.tenant is not None:
            raise NotAllowed(f"{self.caller.name} may not see this: it is about all tenants together")
        settings = self._premises.settings
        return SettingsPage(items=[]) if settings is None else settings_page(settings)

    def _queue(self) -> QueuePage:
        """Who waits, and what runs, of all tenants together."""
        premises, load = self._premises, self._premises.orchestrator.load
        now = premises.orchestrator.now()
        return QueuePage(
            waiting=sum(load.waiting.values()),
            by_priority={str(name): count for name, count in load.waiting.items()},
            oldest_seconds=None if load.oldest_at is None else max(0.0, now - load.oldest_at),
            most_waiting=premises.limits.max_waiting,
            driven=load.driven,
            running=load.attempts,
            most_running=load.most_attempts,
        )

    def _acting_for(self, tenant: str | None) -> Caller:
        """The caller, as one of the tenant that they name.

        Raises:
            NotAllowed: They belong to another one.
            InputError: There can be no such tenant.
        """
        if tenant in (None, self.caller.tenant):
            return self.caller
        if self.caller.tenant is not None:
            raise NotAllowed(f"{self.caller.name} may name no tenant but their own")
        if not tenant:
            raise InputError("a tenant has a name that is not empty; leave it out for none")
        try:
            return replace(self.caller, tenant=tenant)
        except DefinitionError as error:
            raise InputError(str(error)) from error


def _says(one: Schedule, said: Mapping[str, object], caller: Caller) -> bool:
    """Whether a schedule is what this caller asked for."""
    # As a text, since 1, 1.0 and true are equal as values.
    same = json.dumps({name: getattr(one, name) for name in said}, sort_keys=True) == json.dumps(said, sort_keys=True)
    return same and (one.tenant, one.by) == (caller.tenant, caller.name)


def schedule_line(one: Schedule, now: float) -> ScheduleLine:
    """A schedule as the doors show it."""
    due, problem = None, one.problem
    if not one.is_paused:
        try:
            due = moment(one.next_after(now))
        except (DefinitionError, MissingExtra) as error:
            # It is shown all the same, with what this process lacks for it.
            problem = problem or str(error)
    return ScheduleLine(
        name=one.name,
        tenant=one.tenant,
        workflow=one.workflow,
        input=one.input,
        cron=one.cron,
        every=one.every,
        zone=one.zone,
        missed=one.missed,
        most_missed=one.most_missed,
        paused=one.is_paused,
        requester=one.by,
        created_at=moment(one.created_at),
        due_at=due,
        problem=problem,
    )


def _delivery_line(one: Delivery) -> DeliveryLine:
    return DeliveryLine(
        id=one.id,
        operation=one.operation,
        url=one.url,
        status=one.status,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )

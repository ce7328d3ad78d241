"""The calls of those who look after a service, said to a REST door: schedules, webhooks, keys, learning, health."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agentkit.wire import (
    DeliveryLine,
    DeliveryQuery,
    FiguresPage,
    FiguresQuery,
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
    ScheduleLine,
    ScheduleRequest,
    SecretPage,
    SettingsPage,
)

from .bodies import new_key, read, segment, word
from .connection import Connection, Params

__all__ = ["HttpUpkeep"]

_SCHEDULES: Final = "/v1/schedules"
_WEBHOOKS: Final = "/v1/webhooks"
_KEYS: Final = "/v1/keys"
_LEARNERS: Final = "/v1/learners"


class HttpUpkeep(Connection):
    """Asks a server about itself. `agentkit.wire.Calls` says what each call promises and raises."""

    # Schedules

    async def schedules(self) -> Sequence[ScheduleLine]:
        """See `Calls.schedules`."""
        return (await self.get(Page[ScheduleLine], _SCHEDULES)).items

    async def schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.schedule`."""
        return await self.get(ScheduleLine, _place(_SCHEDULES, name), _of(tenant))

    async def add_schedule(self, request: ScheduleRequest) -> ScheduleLine:
        """See `Calls.add_schedule`."""
        return await self.say(ScheduleLine, "POST", _SCHEDULES, request)

    async def pause_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.pause_schedule`."""
        return await self.say(ScheduleLine, "POST", f"{_place(_SCHEDULES, name)}/pause", None, params=_of(tenant))

    async def resume_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.resume_schedule`."""
        return await self.say(ScheduleLine, "POST", f"{_place(_SCHEDULES, name)}/resume", None, params=_of(tenant))

    async def remove_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.remove_schedule`; what may have been heard is not said again."""
        path = _place(_SCHEDULES, name)
        return await self.say(ScheduleLine, "DELETE", path, None, params=_of(tenant), once=True)

    # Webhooks

    async def deliveries(self, query: DeliveryQuery) -> Page[DeliveryLine]:
        """See `Calls.deliveries`."""
        asked = query.model_dump(mode="json", exclude_defaults=True)
        # As a query has it: Python writes True.
        params = {name: str(value).lower() if name == "dead" else str(value) for name, value in asked.items()}
        return await self.get(Page[DeliveryLine], _WEBHOOKS, params)

    async def delivery(self, delivery_id: str) -> DeliveryLine:
        """See `Calls.delivery`."""
        return await self.get(DeliveryLine, _place(_WEBHOOKS, delivery_id))

    async def replay(self, delivery_id: str) -> DeliveryLine:
        """See `Calls.replay`."""
        return await self.say(DeliveryLine, "POST", f"{_place(_WEBHOOKS, delivery_id)}/replay", None)

    async def webhook_secret(self, *, tenant: str | None = None) -> SecretPage:
        """See `Calls.webhook_secret`."""
        return await self.get(SecretPage, f"{_WEBHOOKS}/secret", _of(tenant))

    # Keys

    async def keys(self) -> Sequence[KeyLine]:
        """See `Calls.keys`."""
        return (await self.get(Page[KeyLine], _KEYS)).items

    async def create_key(self, request: KeyRequest, *, key: str | None = None) -> NewKey:
        """See `Calls.create_key`."""
        return await self.say(NewKey, "POST", _KEYS, request, key=key or new_key())

    async def revoke_key(self, key_id: str) -> KeyLine:
        """See `Calls.revoke_key`."""
        return read(KeyLine, await self.ask("DELETE", _place(_KEYS, key_id)))

    # Learning

    async def learners(self) -> Sequence[LearnerLine]:
        """See `Calls.learners`."""
        return (await self.get(Page[LearnerLine], _LEARNERS)).items

    async def learner(self, name: str, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.learner`."""
        return await self.get(LearnerPage, _place(_LEARNERS, name), _of(tenant))

    async def learner_changes(
        self, name: str, *, key: str | None = None, tenant: str | None = None
    ) -> Sequence[LearningLine]:
        """See `Calls.learner_changes`."""
        params = {**_of(tenant), **({} if key is None else {"key": key})}
        return (await self.get(Page[LearningLine], f"{_place(_LEARNERS, name)}/changes", params)).items

    async def roll_back_learner(self, name: str, request: LearnerRollback, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.roll_back_learner`; what may have been heard is not said again."""
        path = f"{_place(_LEARNERS, name)}/rollback"
        return await self.say(LearnerPage, "POST", path, request, params=_of(tenant), once=True)

    async def release_learner(self, name: str, request: LearnerRelease, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.release_learner`; what may have been heard is not said again."""
        path = f"{_place(_LEARNERS, name)}/release"
        return await self.say(LearnerPage, "POST", path, request, params=_of(tenant), once=True)

    async def switch_learner(self, name: str, request: LearnerSwitch, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.switch_learner`."""
        return await self.say(LearnerPage, "POST", f"{_place(_LEARNERS, name)}/switch", request, params=_of(tenant))

    # Figures, health and settings

    async def figures(self, query: FiguresQuery) -> FiguresPage:
        """See `Calls.figures`."""
        asked = query.model_dump(exclude_defaults=True)
        return await self.get(FiguresPage, "/v1/figures", {name: word(asked[name]) for name in asked})

    async def health(self) -> HealthPage:
        """See `Calls.health`; a server tells it to those who see everybody's things.

        Raises:
            NotAllowed: The caller belongs to a tenant.
        """
        return await self.get(HealthPage, "/v2/health/detailed")

    async def settings(self) -> SettingsPage:
        """See `Calls.settings`."""
        return await self.get(SettingsPage, "/v1/settings")


def _place(path: str, name: str) -> str:
    # An empty name would ask for all of them.
    return f"{path}/{segment(name) or '%20'}"


def _of(tenant: str | None) -> Params:
    return {} if tenant is None else {"tenant": tenant}

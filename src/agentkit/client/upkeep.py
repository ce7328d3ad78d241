"""What programs ask who look after a service: schedules, webhooks, keys, learning, health."""

from __future__ import annotations

from collections.abc import Sequence

from agentkit.wire import (
    Calls,
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

__all__ = ["ClientUpkeep"]


class ClientUpkeep:
    """Asks a service, near or far, about itself.

    Args:
        calls: The transport.
    """

    __slots__ = ("_calls",)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    # Schedules

    async def schedules(self) -> Sequence[ScheduleLine]:
        """See `Calls.schedules`."""
        return await self._calls.schedules()

    async def schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.schedule`."""
        return await self._calls.schedule(name, tenant=tenant)

    async def add_schedule(self, request: ScheduleRequest) -> ScheduleLine:
        """See `Calls.add_schedule`."""
        return await self._calls.add_schedule(request)

    async def pause_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.pause_schedule`."""
        return await self._calls.pause_schedule(name, tenant=tenant)

    async def resume_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.resume_schedule`."""
        return await self._calls.resume_schedule(name, tenant=tenant)

    async def remove_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.remove_schedule`."""
        return await self._calls.remove_schedule(name, tenant=tenant)

    # Webhooks

    async def deliveries(self, query: DeliveryQuery | None = None) -> Page[DeliveryLine]:
        """See `Calls.deliveries`; without a query, the newest."""
        return await self._calls.deliveries(query or DeliveryQuery())

    async def delivery(self, delivery_id: str) -> DeliveryLine:
        """See `Calls.delivery`."""
        return await self._calls.delivery(delivery_id)

    async def replay(self, delivery_id: str) -> DeliveryLine:
        """See `Calls.replay`."""
        return await self._calls.replay(delivery_id)

    async def webhook_secret(self, *, tenant: str | None = None) -> SecretPage:
        """See `Calls.webhook_secret`."""
        return await self._calls.webhook_secret(tenant=tenant)

    # Keys

    async def keys(self) -> Sequence[KeyLine]:
        """See `Calls.keys`."""
        return await self._calls.keys()

    async def create_key(self, request: KeyRequest, *, key: str | None = None) -> NewKey:
        """See `Calls.create_key`."""
        return await self._calls.create_key(request, key=key)

    async def revoke_key(self, key_id: str) -> KeyLine:
        """See `Calls.revoke_key`."""
        return await self._calls.revoke_key(key_id)

    # Learning

    async def learners(self) -> Sequence[LearnerLine]:
        """See `Calls.learners`."""
        return await self._calls.learners()

    async def learner(self, name: str, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.learner`."""
        return await self._calls.learner(name, tenant=tenant)

    async def learner_changes(
        self, name: str, *, key: str | None = None, tenant: str | None = None
    ) -> Sequence[LearningLine]:
        """See `Calls.learner_changes`."""
        return await self._calls.learner_changes(name, key=key, tenant=tenant)

    async def roll_back_learner(self, name: str, request: LearnerRollback, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.roll_back_learner`."""
        return await self._calls.roll_back_learner(name, request, tenant=tenant)

    async def release_learner(self, name: str, request: LearnerRelease, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.release_learner`."""
        return await self._calls.release_learner(name, request, tenant=tenant)

    async def switch_learner(self, name: str, request: LearnerSwitch, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.switch_learner`."""
        return await self._calls.switch_learner(name, request, tenant=tenant)

    # Figures, health and settings

    async def figures(self, query: FiguresQuery) -> FiguresPage:
        """See `Calls.figures`."""
        return await self._calls.figures(query)

    async def health(self) -> HealthPage:
        """See `Calls.health`."""
        return await self._calls.health()

    async def settings(self) -> SettingsPage:
        """See `Calls.settings`."""
        return await self._calls.settings()

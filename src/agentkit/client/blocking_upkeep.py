"""The same without `await`, for those who look after a service: schedules, webhooks, keys, learning, health."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import ParamSpec, TypeVar

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

from .client import Client

__all__ = ["BlockingUpkeep"]

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class BlockingUpkeep(ABC):
    """Asks a service, near or far, about itself."""

    @property
    @abstractmethod
    def _asks(self) -> Client:
        """Who is asked.

        Raises:
            Closed: This client is not open.
        """

    @abstractmethod
    def _do(self, call: Callable[Given, Awaitable[Answer]], *args: Given.args, **more: Given.kwargs) -> Answer:
        """Have a call done, and wait for its answer."""

    # Schedules

    def schedules(self) -> Sequence[ScheduleLine]:
        """See `Calls.schedules`."""
        return self._do(self._asks.schedules)

    def schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.schedule`."""
        return self._do(self._asks.schedule, name, tenant=tenant)

    def add_schedule(self, request: ScheduleRequest) -> ScheduleLine:
        """See `Calls.add_schedule`."""
        return self._do(self._asks.add_schedule, request)

    def pause_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.pause_schedule`."""
        return self._do(self._asks.pause_schedule, name, tenant=tenant)

    def resume_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.resume_schedule`."""
        return self._do(self._asks.resume_schedule, name, tenant=tenant)

    def remove_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """See `Calls.remove_schedule`."""
        return self._do(self._asks.remove_schedule, name, tenant=tenant)

    # Webhooks

    def deliveries(self, query: DeliveryQuery | None = None) -> Page[DeliveryLine]:
        """See `Calls.deliveries`; without a query, the newest."""
        return self._do(self._asks.deliveries, query)

    def delivery(self, delivery_id: str) -> DeliveryLine:
        """See `Calls.delivery`."""
        return self._do(self._asks.delivery, delivery_id)

    def replay(self, delivery_id: str) -> DeliveryLine:
        """See `Calls.replay`."""
        return self._do(self._asks.replay, delivery_id)

    def webhook_secret(self, *, tenant: str | None = None) -> SecretPage:
        """See `Calls.webhook_secret`."""
        return self._do(self._asks.webhook_secret, tenant=tenant)

    # Keys

    def keys(self) -> Sequence[KeyLine]:
        """See `Calls.keys`."""
        return self._do(self._asks.keys)

    def create_key(self, request: KeyRequest, *, key: str | None = None) -> NewKey:
        """See `Calls.create_key`."""
        return self._do(self._asks.create_key, request, key=key)

    def revoke_key(self, key_id: str) -> KeyLine:
        """See `Calls.revoke_key`."""
        return self._do(self._asks.revoke_key, key_id)

    # Learning

    def learners(self) -> Sequence[LearnerLine]:
        """See `Calls.learners`."""
        return self._do(self._asks.learners)

    def learner(self, name: str, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.learner`."""
        return self._do(self._asks.learner, name, tenant=tenant)

    def learner_changes(
        self, name: str, *, key: str | None = None, tenant: str | None = None
    ) -> Sequence[LearningLine]:
        """See `Calls.learner_changes`."""
        return self._do(self._asks.learner_changes, name, key=key, tenant=tenant)

    def roll_back_learner(self, name: str, request: LearnerRollback, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.roll_back_learner`."""
        return self._do(self._asks.roll_back_learner, name, request, tenant=tenant)

    def release_learner(self, name: str, request: LearnerRelease, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.release_learner`."""
        return self._do(self._asks.release_learner, name, request, tenant=tenant)

    def switch_learner(self, name: str, request: LearnerSwitch, *, tenant: str | None = None) -> LearnerPage:
        """See `Calls.switch_learner`."""
        return self._do(self._asks.switch_learner, name, request, tenant=tenant)

    # Figures, health and settings

    def figures(self, query: FiguresQuery) -> FiguresPage:
        """See `Calls.figures`."""
        return self._do(self._asks.figures, query)

    def health(self) -> HealthPage:
        """See `Calls.health`."""
        return self._do(self._asks.health)

    def settings(self) -> SettingsPage:
        """See `Calls.settings`."""
        return self._do(self._asks.settings)

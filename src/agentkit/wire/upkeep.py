"""The calls of those who look after a service: schedules, webhooks, keys, learning, figures, health.

Rules: as in `calls.py`. Who belongs to a tenant sees and changes what is their tenant's; `tenant` is for those who
belong to none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .figures import FiguresPage, FiguresQuery
from .health import HealthPage
from .keys import KeyLine, KeyRequest, NewKey
from .learning import LearnerLine, LearnerPage, LearnerRelease, LearnerRollback, LearnerSwitch, LearningLine
from .pages import Page
from .schedules import ScheduleLine, ScheduleRequest
from .settings import SettingsPage
from .webhooks import DeliveryLine, DeliveryQuery, SecretPage

__all__ = ["UpkeepCalls"]


class UpkeepCalls(Protocol):
    """What a caller may ask about the service itself."""

    # Schedules

    async def schedules(self) -> Sequence[ScheduleLine]:
        """The caller's schedules, by name."""
        ...

    async def schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """One schedule.

        Raises:
            NotFound: The caller has no schedule of that name.
            NotAllowed: The caller belongs to another tenant.
        """
        ...

    async def add_schedule(self, request: ScheduleRequest) -> ScheduleLine:
        """Have a workflow started at certain times; one that is there and says the same is left as it is.

        Raises:
            NotFound: No such workflow is offered.
            NotAllowed: The caller is no admin, or belongs to another tenant.
            InputError: It is not valid, another one has this name, or there are too many.
        """
        ...

    async def pause_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """Have it start nothing until it is resumed.

        Raises:
            NotFound: The caller has no schedule of that name.
            NotAllowed: The caller is no admin, or belongs to another tenant.
        """
        ...

    async def resume_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """Have it go on; the times of its pause are left out.

        Raises:
            NotFound: The caller has no schedule of that name.
            NotAllowed: The caller is no admin, or belongs to another tenant.
        """
        ...

    async def remove_schedule(self, name: str, *, tenant: str | None = None) -> ScheduleLine:
        """Forget it; what it has started goes on.

        Raises:
            NotFound: The caller has no schedule of that name.
            NotAllowed: The caller is no admin, or belongs to another tenant.
        """
        ...

    # Webhooks

    async def deliveries(self, query: DeliveryQuery) -> Page[DeliveryLine]:
        """The announcements of the caller's operations, newest first.

        Raises:
            InputError: The cursor is none of ours.
        """
        ...

    async def delivery(self, delivery_id: str) -> DeliveryLine:
        """One announcement, as it stands.

        Raises:
            NotFound: The caller has no announcement of that id.
        """
        ...

    async def replay(self, delivery_id: str) -> DeliveryLine:
        """Announce once more what was never taken; any other is left as it is.

        Raises:
            NotFound: The caller has no announcement of that id.
            NotAllowed: The caller may not start operations.
        """
        ...

    async def webhook_secret(self, *, tenant: str | None = None) -> SecretPage:
        """What messages to a tenant are verified with.

        Raises:
            NotFound: Nothing is announced here.
            NotAllowed: The caller is no admin, or belongs to another tenant.
        """
        ...

    # Keys

    async def keys(self) -> Sequence[KeyLine]:
        """The keys of the caller's tenant, newest first, the revoked and the expired too.

        Raises:
            NotAllowed: The caller is no admin.
        """
        ...

    async def create_key(self, request: KeyRequest, *, key: str | None = None) -> NewKey:
        """Make a key; this answer alone has it whole.

        Raises:
            NotAllowed: The caller is no admin, belongs to another tenant, or may not do themselves what it should do.
            InputError: It is not valid, or somebody of that name and tenant has a key already.
            TooLate: One was made under this idempotency key already; the message says which.
        """
        ...

    async def revoke_key(self, key_id: str) -> KeyLine:
        """Have a key open nothing any more; every process knows within seconds.

        Raises:
            NotFound: The caller has no key of that id.
            NotAllowed: The caller is no admin.
        """
        ...

    # Learning

    async def learners(self) -> Sequence[LearnerLine]:
        """The caller's learners, by name.

        Raises:
            NotAllowed: The caller may not look.
        """
        ...

    async def learner(self, name: str, *, tenant: str | None = None) -> LearnerPage:
        """What a learner knows of its arms, and what follows from it.

        Raises:
            NotFound: The caller has no learner of that name.
            NotAllowed: The caller may not look, or belongs to another tenant.
        """
        ...

    async def learner_changes(
        self, name: str, *, key: str | None = None, tenant: str | None = None
    ) -> Sequence[LearningLine]:
        """What changed and why; with a key, such as an operation's id, what was chosen for that work.

        Raises:
            NotFound: The caller has no learner of that name.
            NotAllowed: The caller may not look, or belongs to another tenant.
        """
        ...

    async def roll_back_learner(self, name: str, request: LearnerRollback, *, tenant: str | None = None) -> LearnerPage:
        """Take back that an arm leads; what it goes back to is used until it is released.

        Raises:
            NotFound: The caller has no learner of that name, or it knows no such kind or arm.
            UsageError: There is nothing to roll back.
            NotAllowed: The caller is no admin, or belongs to another tenant.
        """
        ...

    async def release_learner(self, name: str, request: LearnerRelease, *, tenant: str | None = None) -> LearnerPage:
        """Let a kind of task go on learning that was rolled back.

        Raises:
            NotFound: The caller has no learner of that name.
            UsageError: It is not held.
            NotAllowed: The caller is no admin, or belongs to another tenant.
        """
        ...

    async def switch_learner(self, name: str, request: LearnerSwitch, *, tenant: str | None = None) -> LearnerPage:
        """Switch a learner on or off, for every process; off, its first arm is used.

        Raises:
            NotFound: The caller has no learner of that name.
            NotAllowed: The caller is no admin, or belongs to another tenant.
        """
        ...

    # Figures, health and settings

    async def figures(self, query: FiguresQuery) -> FiguresPage:
        """How much, how well and how fast the caller's operations ran, in a period and in the one before.

        What is read is bounded by these periods, not by what is kept.

        Raises:
            NotAllowed: The caller may not look.
        """
        ...

    async def health(self) -> HealthPage:
        """How the service is; of the queue and of the machine, those are told who see all tenants."""
        ...

    async def settings(self) -> SettingsPage:
        """How the server is set and where each value comes from, without secrets; empty where no server serves.

        Raises:
            NotAllowed: The caller may not look, or belongs to a tenant.
        """
        ...

"""What goes on beside the requests of a server, as its settings say: webhooks, schedules, backups.

Rules: everything is made before the orchestrator opens, so that what is wrong with a setting is said then, and the
agent that announces ends is there for announcements that an earlier process left.
"""

from __future__ import annotations

from agentkit.engines import SystemClock
from agentkit.errors import DefinitionError, InputError
from agentkit.orchestrator import Optimizer
from agentkit.stores import Retention, open_target

from .backups import BackupPlan, Backups
from .chores import Chore
from .logs import Redactor
from .scheduler import Scheduler
from .service import Service
from .settings import Settings
from .timing import zone_of
from .webhooks import Webhooks, WebhookSettings

__all__ = ["take_up_chores"]


def take_up_chores(service: Service, settings: Settings) -> None:
    """Have a service do what its settings say besides; it does as long as `service.chores` are kept going.

    Webhooks that the service has already are left as they are.

    Args:
        service: Whose orchestrator is not open yet.
        settings: What it is to do.

    Raises:
        DefinitionError: A secret, a time or a place is not valid, or the store is none that can be backed up.
        MissingExtra: What one of them needs is not installed.
    """
    service.chores.redactor = Redactor(settings.secrets)
    if settings.webhook_secrets and service.webhooks is None:
        secrets = [one.get_secret_value() for one in settings.webhook_secrets]
        service.webhooks = Webhooks(
            service.orchestrator,
            WebhookSettings(
                secrets=secrets, hosts=settings.webhook_hosts, progress_seconds=settings.webhook_progress_seconds
            ),
        )
    if service.webhooks is not None:
        service.chores.add("webhooks", service.webhooks.run)
    if settings.schedules:
        service.chores.add("schedules", lambda: Scheduler(service).run())
    if settings.tuning != "off":
        service.chores.add("tuning", _tuning(service, settings))
    if backups := _backups(service, settings):
        service.chores.add("backup", backups.run, backups.look)


def _tuning(service: Service, settings: Settings) -> Chore:
    """What moves limits as the store says, and by the load if that is wished."""
    kept: list[Optimizer] = []

    async def tune() -> None:
        # One for good, however often the chore begins again: it knows what it has moved, and how work went.
        if not kept:
            kept.append(Optimizer(service.orchestrator))
        await kept[0].run(every_seconds=settings.tuning_seconds, automatic=settings.tuning == "automatic")

    return tune


def _backups(service: Service, settings: Settings) -> Backups | None:
    """What takes backups, if the settings ask for any."""
    when = (settings.backup_cron, settings.backup_every)
    if not settings.backup_to:
        if when != (None, None):
            raise DefinitionError("setting backup_to: say where backups go, a folder or a URL")
        return None
    if None not in when or when == (None, None):
        raise DefinitionError("setting backup_every: say when backups are taken, there or in backup_cron")
    store = service.orchestrator.store_path
    if store is None:
        raise DefinitionError("setting backup_to: only SQLite stores are backed up here, such as sqlite:///runs.db")
    kept = (settings.backup_keep, settings.backup_keep_days)
    try:
        zone_of(settings.backup_zone)
        open_target(settings.backup_to)
        plan = BackupPlan(
            place=settings.backup_to,
            cron=settings.backup_cron,
            every=settings.backup_every,
            zone=settings.backup_zone,
            retention=None if kept == (None, None) else Retention(last=kept[0], days=kept[1]),
            incremental=settings.backup_incremental,
        )
    except (DefinitionError, InputError) as error:
        raise DefinitionError(f"settings of backups: {error}") from error
    return Backups(store, plan, SystemClock().now)

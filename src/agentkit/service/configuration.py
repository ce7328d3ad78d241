"""The settings of a server as they are shown: to those who see all tenants, and at its own command line.

Rules: no secret is shown, nor how long one is, whichever setting it stands in.
"""

from __future__ import annotations

from agentkit.screens import setting_lines
from agentkit.wire import SettingsPage

from .logs import Redactor
from .settings import Settings

__all__ = ["settings_page"]


def settings_page(settings: Settings) -> SettingsPage:
    """The settings of a server, and where each value comes from.

    Example:
        >>> page = settings_page(Settings(pepper="hot", backup_to="s3://ada:pw@acme/runs?key=1"))
        >>> {line.name: line.value for line in page.items if line.name in ("pepper", "backup_to")}
        {'pepper': '**********', 'backup_to': 's3://***@acme/runs?***'}
    """
    clean, origins = Redactor(settings.secrets).clean, settings.origins
    lines = setting_lines(settings, origins)
    # What is as by default is no secret, even if somebody has chosen the same word for one.
    return SettingsPage(
        items=[line.model_copy(update={"value": clean(line.value)}) if line.name in origins else line for line in lines]
    )

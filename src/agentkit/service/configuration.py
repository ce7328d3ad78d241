"""The settings of a server as they are shown: to those who see all tenants, and at its own command line.

Rules: no secret is shown, nor how long one is, whichever setting it stands in; nor what stands behind an address.
"""

from __future__ import annotations

import re
from typing import Final, cast

from agentkit.screens import setting_lines
from agentkit.wire import SettingsPage

from .logs import Redactor
from .settings import Settings

__all__ = ["settings_page"]

_GONE: Final = "***"
_SHORT: Final = 4
"""Letters from which on a secret can be taken out of a value; with a shorter one, what is left would tell it."""


def settings_page(settings: Settings) -> SettingsPage:
    """The settings of a server, and where each value comes from.

    Example:
        >>> page = settings_page(Settings(pepper="hot", backup_to="s3://ada:pw@acme/runs?key=1"))
        >>> {line.name: line.value for line in page.items if line.name in ("pepper", "backup_to")}
        {'pepper': '**********', 'backup_to': 's3://***@acme/runs?***'}
    """
    clean, origins = Redactor(settings.secrets).clean, settings.origins
    short = [secret for secret in settings.secrets if 0 < len(secret) < _SHORT]

    def shown(value: str) -> str:
        return "**********" if any(secret in value for secret in short) else clean(value)

    unasked = {name: _unasked(getattr(settings, name)) for name in type(settings).model_fields}
    lines = setting_lines(settings.model_copy(update=unasked), origins)
    # What is as by default is no secret, even if somebody has chosen the same word for one.
    return SettingsPage(
        items=[line.model_copy(update={"value": shown(line.value)}) if line.name in origins else line for line in lines]
    )


def _unasked(value: object) -> object:
    """A setting without the options of the addresses in it, any of which may be a key."""
    if isinstance(value, tuple):
        return tuple(map(_unasked, cast("tuple[object, ...]", value)))
    if not isinstance(value, str):
        return value
    named, at, place = value.rpartition("@")
    if re.search("[?#;]", named):
        # A password with such a letter, or an option with an @: nobody knows where either ends.
        return _GONE
    is_address = at or "://" in value
    options = re.search("[?#;]" if is_address else "[?#;](?=[^=]+=)", place)
    return value if options is None else f"{named}{at}{place[: options.end()]}{_GONE}"

"""How a service or a door is set, as it is shown: read only, and without secrets."""

from __future__ import annotations

from pydantic import Field

from .shown import Shown

__all__ = ["SettingLine", "SettingsPage"]


class SettingLine(Shown):
    """One setting."""

    name: str = Field(description="What it is called.")
    value: str = Field(description="Its value, in words; a secret is masked.")
    origin: str = Field(description="Where it comes from: a variable, a key of a file, an option; or `default`.")
    help: str = Field(default="", description="What it is for.")


class SettingsPage(Shown):
    """All settings of a service."""

    items: list[SettingLine] = Field(description="The settings, in their order; none where nothing serves by settings.")

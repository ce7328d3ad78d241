"""How the command line behaves: its settings, out of its options, the environment and a file.

Rules: they are read when something of them is first needed, so that help comes at once; whoever is called twice in one
process is told afresh.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from agentkit.screens import Door, DoorSettings, Origin

__all__ = ["begin", "choose", "chosen", "chosen_or_usual", "settings_of", "style_of", "written_options"]


@dataclass(slots=True)
class _Chosen:
    """What was written in front of a command, and what follows from it."""

    options: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    settings: DoorSettings | None = None


_CHOSEN: ContextVar[_Chosen | None] = ContextVar("agentkit_cli_settings", default=None)


def begin(options: Mapping[str, str | None]) -> None:
    """Keep what was written in front of the command; what was written last goes over what was before."""
    _CHOSEN.set(_Chosen(options))


def choose(name: str, value: str) -> None:
    """Have a setting as a command's own option says it."""
    known = _CHOSEN.get() or _Chosen()
    _CHOSEN.set(_Chosen({**known.options, name: value}))


def written_options() -> Mapping[str, str | None]:
    """What was written on the command line, by setting."""
    known = _CHOSEN.get()
    return {} if known is None else known.options


def chosen() -> DoorSettings:
    """The settings of the command line.

    Raises:
        DefinitionError: One is not valid; it says where it stands.
    """
    known = _CHOSEN.get()
    if known is None:
        known = _Chosen()
        _CHOSEN.set(known)
    if known.settings is None:
        known.settings, _ = settings_of("cli")
    return known.settings


def settings_of(door: Door, **given: str | None) -> tuple[DoorSettings, Mapping[str, Origin]]:
    """The settings of a door, and where each comes from.

    Args:
        door: Which door.
        given: What its own command was told, by setting; it goes over what was written in front of the command.

    Raises:
        DefinitionError: One is not valid; it says where it stands.
    """
    from agentkit.client import read_configuration
    from agentkit.screens import resolve

    file = read_configuration(os.environ)
    options = {**written_options(), **given}
    return resolve(door, options=options, environment=os.environ, file=file.content, file_name=file.name)


def style_of(settings: DoorSettings) -> Literal["live", "plain", "none"]:
    """How a run is followed: as it is chosen; by default redrawn on a terminal, and line by line elsewhere."""
    if settings.progress != "auto":
        return settings.progress
    if settings.verbosity == "quiet":
        return "none"
    return "live" if sys.stderr.isatty() else "plain"


def chosen_or_usual() -> DoorSettings:
    """The same, for whoever has to say what is wrong with them: then they are as by default."""
    from agentkit.errors import DefinitionError
    from agentkit.screens import DoorSettings

    try:
        return chosen()
    except DefinitionError:
        return DoorSettings()

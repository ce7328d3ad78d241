"""`settings show`: each setting, its value and where it comes from."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import cast

from rich.text import Text

from agentkit.screens import Door, Origin, SettingLine, setting_lines
from agentkit.service import Settings, read_settings

from .choosing import settings_of
from .ending import finish, guarded
from .screen import output

__all__ = ["show_settings"]


def show_settings(door: str, *, as_json: bool) -> None:
    """Write the settings of a door, or of the server."""

    async def work() -> int:
        lines = _of_server() if door == "server" else _of_door(cast("Door", door))
        if as_json:
            for line in lines:
                told = {"name": line.name, "value": line.value, "from": str(line.origin), "help": line.help}
                sys.stdout.write(json.dumps(told) + "\n")
            return 0
        console = output()
        longest, widest = max(len(line.name) for line in lines), max(len(line.value) for line in lines)
        for line in lines:
            is_set = line.origin.kind != "default"
            shown = Text(f"{line.name:{longest}}  ").append(f"{line.value:{min(widest, 40)}}", "bold" if is_set else "")
            console.print(shown.append(f"  {line.origin}", "green" if is_set else "bright_black"), soft_wrap=True)
        return 0

    finish(guarded(work))


def _of_door(door: Door) -> Sequence[SettingLine]:
    return setting_lines(*settings_of(door))


def _of_server() -> Sequence[SettingLine]:
    return setting_lines(read_settings(os.environ), _server_origins(os.environ))


def _server_origins(environment: Mapping[str, str]) -> Mapping[str, Origin]:
    found: dict[str, Origin] = {}
    for name in Settings.model_fields:
        for variable in (f"AGENTKIT_{name.upper()}", f"AGENTKIT_{name.upper()}_FILE"):
            if variable in environment:
                found[name] = Origin(kind="environment", name=variable)
    return found

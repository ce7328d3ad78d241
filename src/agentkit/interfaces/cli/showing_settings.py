"""`settings show`: each setting, its value and where it comes from."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Final, cast

from rich.text import Text

from agentkit.client import Client
from agentkit.screens import Door, obeyed, setting_lines
from agentkit.service import read_settings, settings_page
from agentkit.views import one_line
from agentkit.wire import SettingLine

from .asking import ask
from .choosing import settings_of
from .ending import finish, guarded
from .reaching import Far
from .screen import output

__all__ = ["show_settings"]

_LONGEST: Final = 10_000


def show_settings(door: str, far: Far | None, *, as_json: bool) -> None:
    """Write the settings of a door, of the server that would serve here, or of one that serves elsewhere."""

    async def work() -> int:
        return _write(_of_server() if door == "server" else _of_door(cast("Door", door)), as_json=as_json)

    async def work_afar(client: Client) -> int:
        return _write((await client.settings()).items, as_json=as_json)

    if far is not None:
        ask(far, work_afar)
    finish(guarded(work))


def _write(lines: Sequence[SettingLine], *, as_json: bool) -> int:
    if as_json:
        for line in lines:
            told = {"name": line.name, "value": line.value, "from": line.origin, "help": line.help}
            sys.stdout.write(json.dumps(told) + "\n")
        return 0
    console = output()
    longest = max((len(line.name) for line in lines), default=0)
    widest = min(max((len(line.value) for line in lines), default=0), 40)
    for line in lines:
        is_set = line.origin != "default"
        # What a server sends is text, whatever it holds.
        name, value, origin = (one_line(text, _LONGEST) for text in (line.name, line.value, line.origin))
        shown = Text(f"{name:{longest}}  ").append(f"{value:{widest}}", "bold" if is_set else "")
        console.print(shown.append(f"  {origin}", "green" if is_set else "bright_black"), soft_wrap=True)
    return 0


def _of_door(door: Door) -> Sequence[SettingLine]:
    names = obeyed(door)
    return [line for line in setting_lines(*settings_of(door)) if line.name in names]


def _of_server() -> Sequence[SettingLine]:
    return settings_page(read_settings(os.environ)).items

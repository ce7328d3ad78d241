"""`tui`: a client, near or far, and the terminal in front of it.

Rules: doors do not know each other, so the command line starts the terminal by its name and by the call below.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, NoReturn, Protocol, cast

from rich.text import Text

from agentkit.client import Client
from agentkit.errors import DefinitionError, MissingExtra
from agentkit.screens import DoorSettings
from agentkit.service import LOCAL, Caller

from .asking import ask
from .choosing import settings_of
from .ending import finish, guarded, told
from .means import Means
from .reaching import Far, refuse
from .screen import errors

__all__ = ["show_afar", "show_here"]


_MOST_LINES: Final = 5_000
"""So many lines of a journal are kept on the screen, unless somebody says otherwise."""


class _Terminal(Protocol):
    Place: Callable[..., object]

    def run_terminal(self, client: Client, place: object, *, settings: DoorSettings) -> Coroutine[None, None, None]: ...


def show_afar(far: Far, workflows: Sequence[Path], *, theme: str | None) -> NoReturn:
    """Look at a server."""
    if workflows:
        refuse("a server offers workflows of its own: name files only without --server")
    terminal = _terminal()

    settings = _settings(theme)

    async def work(client: Client) -> int:
        # What is wrong with the address or the key is told on the command line, before the screen is taken.
        await client.operations()
        await terminal.run_terminal(client, terminal.Place(name=far.url), settings=settings)
        return 0

    ask(far, work)


def show_here(
    workflows: Sequence[Path], means: Means, *, by: str | None, roles: Sequence[str], theme: str | None
) -> NoReturn:
    """Look at a store of this machine, and drive there what is started here.

    Without agents nothing of others is taken over, since it could not go on here.
    """
    settings = _settings(theme)
    terminal = _terminal()
    is_kept = not means.store.startswith("memory:")

    async def work() -> int:
        service = means.service(workflows, adopt=bool(means.agents))
        orchestrator = service.orchestrator
        await orchestrator.open()
        try:
            caller = Caller(name=by or LOCAL.name, roles=roles)
            place = terminal.Place(name=means.store, is_near=True, is_kept=is_kept)
            await terminal.run_terminal(Client(service.desk(caller)), place, settings=settings)
            left = orchestrator.active
        finally:
            await orchestrator.close(drain_seconds=0)
        if left and is_kept:
            _say_how_to_go_on(workflows, means)
        return 0

    finish(guarded(work))


def _say_how_to_go_on(workflows: Sequence[Path], means: Means) -> None:
    """Say what has what was left go on."""
    command = shlex.join(["agentkit", "tui", *map(str, workflows), *means.options])
    errors().print(Text(f"operations pause until agentkit runs there again: {command}"), soft_wrap=True)


def _settings(theme: str | None) -> DoorSettings:
    """How the terminal looks: as the options, the environment and the file of settings say."""
    try:
        settings, origins = settings_of("tui", theme=theme)
    except DefinitionError as error:
        finish(told(error))
    if settings.colour == "never":
        os.environ["NO_COLOR"] = "1"
    usual = dict[str, object]()
    if settings.theme == "auto":
        # Most terminals are dark; some say what they are: the colour of letters, and that of what is behind them.
        usual["theme"] = "light" if os.environ.get("COLORFGBG", "").endswith((";7", ";15")) else "dark"
    if str(origins["event_lines"]) == "default":
        # One can scroll here.
        usual["event_lines"] = _MOST_LINES
    return settings.model_copy(update=usual)


def _terminal() -> _Terminal:
    """The terminal, where there is one to draw on."""
    try:
        terminal = cast("_Terminal", import_module("agentkit.interfaces.tui"))
    except MissingExtra as error:
        finish(told(error))
    # Textual reads keys from the first, asks the second how large it is, and draws on the third.
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        refuse("a full screen needs a terminal: use `agentkit list`, `show` and `watch` where there is none")
    return terminal

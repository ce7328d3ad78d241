"""`serve`: opening what is here to others.

Rules: doors do not know each other, so the command line starts the REST door by its name and by the call below.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from rich.text import Text

from agentkit.service import Service, Settings, load_agents, load_workflow, read_settings

from .ending import finish, guarded
from .means import Means
from .screen import errors

__all__ = ["serve_it"]


class _Serving(Protocol):
    @property
    def url(self) -> str: ...
    @property
    def key(self) -> str | None: ...


class _Serve(Protocol):
    def __call__(
        self,
        service: Service,
        *,
        host: str,
        port: int,
        settings: Settings,
        announce: Callable[[_Serving], None],
    ) -> Coroutine[None, None, None]: ...


def serve_it(
    workflows: Sequence[Path], means: Means, *, host: str, port: int, direct: Sequence[str], needs_key: bool
) -> None:
    """Serve until told to end."""

    async def work() -> int:
        settings = _settings(authentication=None if needs_key else "none")
        serve = cast("_Serve", import_module("agentkit.interfaces.rest").serve)
        offered = [load_workflow(path) for path in workflows]
        orchestrator = means.orchestrator(adopt=True)
        modules = {module: [member.name for member in load_agents([module])] for module in means.agents}
        service = Service(orchestrator, offered, direct=direct, modules=modules)
        for flow in offered:
            means.check_resources(flow)
        await serve(service, host=host, port=port, settings=settings, announce=_announce)
        return 0

    finish(guarded(work))


def _settings(**given: object) -> Settings:
    """The settings of this process: the command line is where the environment is read."""
    return read_settings(os.environ, **given)


def _announce(serving: _Serving) -> None:
    if serving.key is not None:
        sys.stdout.write(f"{serving.key}\n")
        sys.stdout.flush()
        errors().print("This is the first admin's key, shown once: AGENTKIT_KEY in your shell, say.", soft_wrap=True)
    errors().print(Text(f"serving on {serving.url} (Ctrl-C ends it)"), soft_wrap=True)

"""`serve --workers`: several processes that serve the same on one address.

Rules: each worker is this very command once more, with one option that says what its parent has handed it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from agentkit.errors import DefinitionError
from agentkit.service import configure_logs, read_settings

from .ending import finish, guarded
from .means import Means
from .opening import announce_it
from .supervising import Worker, supervise

__all__ = ["serve_together"]

_PROGRAM = "from agentkit.interfaces.cli import main; main()"


def serve_together(
    workflows: Sequence[Path],
    means: Means,
    *,
    workers: int,
    host: str,
    port: int,
    options: Sequence[str],
    given: Mapping[str, object],
) -> NoReturn:
    """Have several processes serve until told to end; nothing comes after it.

    Args:
        workflows: The files of what is offered.
        means: With what.
        workers: How many processes.
        host: The address to listen on.
        port: The port.
        options: What workers are told besides.
        given: Settings that go over those of the environment.
    """

    async def work() -> int:
        if means.store.startswith("memory:"):
            raise DefinitionError(
                f"--workers {workers}: processes share a store, and one in memory is seen by one alone; "
                "name a file, such as --store sqlite:///runs.db"
            )
        if sys.platform == "win32":
            raise DefinitionError(f"--workers {workers}: processes cannot share an address here; use one")
        settings = read_settings(os.environ, **given)
        configure_logs(settings)
        same = [*map(str, workflows), *means.options, *options, "--host", host]

        def command(worker: Worker) -> Sequence[str]:
            return [sys.executable, "-c", _PROGRAM, "serve", *same, "--worker", worker.text]

        return await supervise(
            command,
            workers=workers,
            host=host,
            port=port,
            drain_seconds=settings.drain_seconds,
            figures=figures,
            announce=announce_it,
        )

    with TemporaryDirectory(prefix="agentkit-figures-") as figures:
        code = guarded(work)
    finish(code)

"""`audit pack`: write the evidence of an operation, with the trails and files that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rich.text import Text

from agentkit.errors import InputError
from agentkit.money import read_checkpoints, read_lines, read_signer
from agentkit.orchestrator import JournalSink, Orchestrator
from agentkit.service import write_evidence
from agentkit.views import artifacts_of

from .auditing import text_of
from .ending import finish, guarded
from .files import named
from .finding import existing, find_operation
from .screen import errors, output

__all__ = ["pack_operation"]


def pack_operation(
    operation_id: str,
    target: Path,
    *,
    trails: Sequence[Path],
    checkpoints: Sequence[Path],
    files: Sequence[Path],
    key: Path | None,
    store: str,
) -> None:
    """Write the evidence of an operation, and say what is in it."""

    async def work() -> int:
        if checkpoints and len(trails) != 1:
            raise InputError(f"--checkpoint is for one trail, and there are {len(trails)}: pack them one by one")
        known = [each for path in checkpoints for each in read_checkpoints(text_of(path))]
        signer = None if key is None else read_signer(text_of(key))
        opened = existing(store)
        async with Orchestrator(store=opened, adopt=False) as orchestrator:
            found = await find_operation(orchestrator, operation_id)
            journal = await orchestrator.history(found)
            lines = artifacts_of(journal)
            names = named([(line.stage, line.artifact.name) for line in lines])
            attached = {
                name: await opened.artifact(line.artifact.sha256) for name, line in zip(names, lines, strict=True)
            }
        given = {name: read_lines(path) for name, path in _named("--trail", trails).items()}
        written = write_evidence(
            target,
            journal,
            trails={**_kept(store, found), **given},
            checkpoints={trails[0].name: known} if known else {},
            files={**attached, **_named("--file", files)},
            signer=signer,
        )
        for line in written.words():
            output().print(Text(line), soft_wrap=True)
        errors().print(Text(f"{target} is written"), soft_wrap=True)
        return 0

    finish(guarded(work))


def _kept(store: str, operation_id: str) -> dict[str, Sequence[bytes]]:
    """The trail of the operation that lies in the store beside it, if there is one."""
    with closing(JournalSink(store, operation_id)) as sink:
        lines = [*sink.read()]
    return {f"{operation_id}.jsonl": lines} if lines else {}


def _named(option: str, paths: Sequence[Path]) -> dict[str, Path]:
    """Files by their names, which they keep in the pack."""
    found = {path.name: path for path in paths}
    if len(found) < len(paths):
        raise InputError(f"{option}: two of these files have one name, and in the pack they lie side by side")
    return found

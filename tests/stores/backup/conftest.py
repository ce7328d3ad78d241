"""A store of three journals and an artifact, a folder for its backups, and a clock that goes on by itself."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TypeAlias

import pytest

from agentkit.kernel import AttemptSucceeded, Event, OperationAccepted, Stage, Workflow
from agentkit.stores import FolderTarget, Manifest, SqliteStore, Summary, take_backup

FLOW = Workflow("flow", [Stage(f"stage{n}", agent="clerk") for n in range(30)])
START = 1_764_000_000.0

Take: TypeAlias = Callable[..., Manifest]
"""Takes a backup of the store; `incremental=True` is passed on."""


def events(stream: str) -> list[Event]:
    accepted = OperationAccepted(at=1.0, operation_id=stream, workflow=FLOW, input="{}")
    large = AttemptSucceeded(at=2.0, stage="stage0", attempt=1, value=f"large {stream}" * 10_000)
    small = [AttemptSucceeded(at=3.0, stage=f"stage{n}", attempt=1, value=f"{stream} {n}") for n in range(1, 10)]
    return [accepted, large, *small]


async def write(path: Path, *streams: str) -> None:
    """Begin streams, in the order of their names."""
    async with SqliteStore(path) as store:
        for stream in streams:
            at = float(ord(stream[0]))
            line = Summary(stream=stream, name="flow", status="running", ended=False, created_at=at, updated_at=at)
            await store.append(stream, events(stream), expected=0, summary=line)


async def journals(path: Path) -> Mapping[str, Sequence[Event]]:
    """All journals of a store, read and verified by it."""
    async with SqliteStore(path) as store:
        return {line.stream: await store.read(line.stream) for line in await store.find(limit=10_000)}


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "runs.db"
    asyncio.run(write(path, "a", "b", "c"))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def target(folder: Path) -> FolderTarget:
    return FolderTarget(folder)


@pytest.fixture
def take(store: Path, target: FolderTarget) -> Take:
    """Each backup is taken a day after the one before."""
    days = count()

    def taken(*, incremental: bool = False) -> Manifest:
        return take_backup(store, target, at=START + 86_400 * next(days), incremental=incremental)

    return taken

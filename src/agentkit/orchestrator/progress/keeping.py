"""What a tracker leaves in a file, so that the next process goes on from it.

Rules: plain JSON, checked when it is read; the file is replaced as a whole, so a crash leaves the old one or the new
one and never half of one.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from agentkit.errors import InputError

__all__ = ["SnapshotFile", "StageSnapshot", "TrackerSnapshot", "TrackerStatus", "read_snapshot"]

TrackerStatus: TypeAlias = Literal["pending", "running", "completed", "failed", "cancelled"]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSnapshot:
    """One stage of a tracker.

    Attributes:
        name: Its name, with those that it is part of: `load/rows`.
        weight: Its share, against the others beside it.
        status: Where it stood.
        fraction: How much of it was done.
        message: What was said of it last.
        seconds: How long it was worked on.
    """

    name: str
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    status: Literal["pending", "running", "completed", "skipped", "failed", "cancelled"]
    fraction: Share
    message: str
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerSnapshot:
    """All of a tracker, at one of its changes.

    Attributes:
        name: What people call the work.
        number: The number of the newest change.
        status: Where it stood.
        shown: How much of it was done.
        seconds: How long it was worked on.
        stages: Every stage and part, each before its own parts.
    """

    name: str
    number: Annotated[int, Field(ge=0)]
    status: TrackerStatus
    shown: Share
    seconds: Seconds
    stages: tuple[StageSnapshot, ...]

    @property
    def text(self) -> str:
        """The snapshot as JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> TrackerSnapshot:
        """The snapshot of a JSON text.

        Raises:
            InputError: It is none.
        """
        try:
            return TypeAdapter(TrackerSnapshot).validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise InputError(
                f"this is no snapshot of progress: {where + ': ' if where else ''}{first['msg']}"
            ) from error


class SnapshotFile:
    """Writes snapshots into a file, as a listener does."""

    seconds: float = 0.5

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, snapshot: TrackerSnapshot) -> None:
        """Replace the file."""
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(snapshot.text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def read_snapshot(path: Path, name: str) -> TrackerSnapshot | None:
    """What a file holds; None if there is none.

    Raises:
        InputError: The file holds something else, or the progress of other work.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    try:
        kept = TrackerSnapshot.read(text)
    except InputError as error:
        raise InputError(f"{path}: {error}; to begin afresh, remove it") from error
    if kept.name != name:
        raise InputError(f"{path} has the progress of {kept.name!r}, not of {name!r}; use a file for each work")
    return kept

"""The files that an operation has given, by its journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentkit.errors import NotFound
from agentkit.kernel import Artifact, AttemptSucceeded, Event, ResultCarried, artifacts_from_text

__all__ = ["ArtifactLine", "ArtifactsFold", "artifacts_of", "newest_artifact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactLine:
    """A file, and who gave it.

    Attributes:
        stage: Which stage, or its item or turn, such as `report[3]`.
        at: When, in seconds since 1970.
        artifact: The file.
    """

    stage: str
    at: float
    artifact: Artifact


class ArtifactsFold:
    """The files of an operation, from its events in order."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], ArtifactLine] = {}

    @classmethod
    def of(cls, events: Iterable[Event]) -> ArtifactsFold:
        """The fold of a journal so far."""
        fold = cls()
        for event in events:
            fold.apply(event)
        return fold

    def apply(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, AttemptSucceeded | ResultCarried) and event.artifacts:
            for artifact in artifacts_from_text(event.artifacts):
                line = ArtifactLine(stage=event.stage, at=event.at, artifact=artifact)
                self._known[event.stage, artifact.name] = line

    def lines(self) -> tuple[ArtifactLine, ...]:
        """The files, in the order in which they came."""
        return tuple(self._known.values())


def artifacts_of(events: Iterable[Event]) -> tuple[ArtifactLine, ...]:
    """The files that an operation has given, by its journal, in the order in which they came.

    Example:
        >>> from agentkit.kernel import AttemptSucceeded
        >>> given = '[{"name":"a.csv","media_type":"text/csv","size":3,"sha256":"0"}]'
        >>> event = AttemptSucceeded(at=1.0, stage="report", attempt=1, value="null", artifacts=given)
        >>> [(line.stage, line.artifact.name) for line in artifacts_of([event])]
        [('report', 'a.csv')]
    """
    return ArtifactsFold.of(events).lines()


def newest_artifact(lines: Sequence[ArtifactLine], operation_id: str, name: str, stage: str | None) -> ArtifactLine:
    """The last file of a name that an operation has given, or that one stage of it has.

    Raises:
        NotFound: None was given; the message names those that were.
    """
    for line in reversed(lines):
        if line.artifact.name == name and stage in (None, line.stage):
            return line
    known = ", ".join(line.artifact.name for line in lines) or "none"
    raise NotFound(f"operation {operation_id} has no file {name!r}; there are: {known}")

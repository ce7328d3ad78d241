"""What a backup says of itself: its manifest, which is all that is known of it before its content is read.

Rules: a backup is two files, `NAME.json` (the manifest) and `NAME.db.gz` (the content); it exists when its manifest
exists. Names are made by us and checked when they are read, and nothing in a file names another file: whoever gives us
a backup cannot say where anything is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from agentkit.errors import BackupBroken, FormatTooNew, NotFound

__all__ = ["BackupKind", "Manifest", "Mark", "chain_of", "name_of", "read_manifest"]

BackupKind: TypeAlias = Literal["full", "increment"]
"""A copy of everything, or of what is new since the backup before."""

VERSION: Final = 1
MANIFEST_BYTES: Final = 64 * 1024

_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}")
_Name: TypeAlias = Annotated[str, Field(pattern=f"^{_NAME.pattern}$")]
_Sha256: TypeAlias = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Count: TypeAlias = Annotated[int, Field(ge=0, lt=2**63)]


class _Stored(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Mark(_Stored):
    """How far a backup reaches; what comes later in the store is new.

    Attributes:
        position: The place of the newest event, among those of all streams.
        writer: Who wrote it.
        crc: Its checksum; both tell whether a store still has this very event there.
        artifact_row: The row of the newest artifact.
        artifact: Its hash.
    """

    position: _Count = 0
    writer: _Count = 0
    crc: _Count = 0
    artifact_row: _Count = 0
    artifact: str = Field(default="", max_length=64)


class Manifest(_Stored):
    """One backup.

    Attributes:
        name: Its name.
        kind: A copy of everything, or of what is new since its base.
        base: The backup that an increment stands on.
        made_at: When it was taken.
        agentkit: The version that took it.
        format: The format of the store.
        mark: How far it reaches.
        streams: How many journals there are, with those of its base.
        events: How many events, likewise.
        artifacts: How many artifacts, likewise.
        damaged: How many streams and artifacts did not verify when it was taken; they are kept as they were.
        size: The bytes of its content.
        sha256: The hash of its content.
        packed_size: The bytes of the file that its content is packed in.
        packed_sha256: The hash of that file.
    """

    backup: Literal[1] = VERSION
    name: _Name
    kind: BackupKind
    base: _Name | None = None
    made_at: AwareDatetime
    agentkit: str = Field(max_length=100)
    format: _Count
    mark: Mark
    streams: _Count
    events: _Count
    artifacts: _Count
    damaged: _Count = 0
    size: _Count
    sha256: _Sha256
    packed_size: _Count
    packed_sha256: _Sha256

    @property
    def manifest_file(self) -> str:
        """The name of the file of this manifest."""
        return f"{self.name}.json"

    @property
    def content_file(self) -> str:
        """The name of the file of its content."""
        return content_file(self.name)


def content_file(name: str) -> str:
    """The name of the file that keeps the content of a backup."""
    return f"{name}.db.gz"


def name_of(at: float, chance: bytes) -> str:
    """The name of a backup that is taken at this time; in the order of names is the order of time."""
    return f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}-{chance.hex()}"


def is_name(text: str) -> bool:
    """Whether a backup may be called so."""
    return _NAME.fullmatch(text) is not None


def taken_at(name: str) -> datetime:
    """When a backup of this name was begun."""
    return datetime.strptime(name.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def read_manifest(name: str, content: bytes) -> Manifest:
    """The manifest of a backup, from what its file holds.

    Raises:
        BackupBroken: It is none, or that of another backup.
        FormatTooNew: A newer agentkit wrote it.
    """
    if len(content) > MANIFEST_BYTES:
        raise BackupBroken(f"backup {name}: its manifest has more than {MANIFEST_BYTES} bytes")
    try:
        version = json.loads(content).get("backup")
        if isinstance(version, int) and version > VERSION:
            raise FormatTooNew(f"backup {name} has version {version}, this agentkit knows {VERSION}; upgrade it")
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise BackupBroken(f"backup {name}: its manifest is not valid: {place}: {first['msg']}") from error
    except (ValueError, AttributeError, RecursionError) as error:
        raise BackupBroken(f"backup {name}: its manifest is no JSON object") from error
    if manifest.name != name:
        raise BackupBroken(f"backup {name}: its manifest is that of {manifest.name}")
    if (manifest.base is None) != (manifest.kind == "full"):
        raise BackupBroken(f"backup {name}: it is {manifest.kind}, and stands on {manifest.base}")
    return manifest


def chain_of(manifests: Mapping[str, Manifest], name: str) -> Sequence[Manifest]:
    """A backup and what it stands on, the full one first.

    Raises:
        NotFound: There is no backup of that name.
        BackupBroken: Something that it stands on is missing.
    """
    if name not in manifests:
        raise NotFound(f"there is no backup {name!r} here; there are: {', '.join(sorted(manifests)[-10:]) or 'none'}")
    found = [manifests[name]]
    while (base := found[-1].base) is not None:
        if base not in manifests:
            raise BackupBroken(f"backup {name} stands on {base}, which is missing")
        if len(found) > len(manifests):
            raise BackupBroken(f"backup {name} stands on itself")
        found.append(manifests[base])
    return found[::-1]

"""Packing the content of a backup into a file, and out of it again.

Rules: what comes out is counted and hashed while it is written, and is never more than its manifest says; memory holds
one piece of it at a time.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from agentkit.errors import BackupBroken

from .manifest import Manifest
from .targets import BackupTarget

__all__ = ["Packed", "pack", "unpack"]

_CHUNK: Final = 256 * 1024
_GZIP: Final = 31
# Journals are text and shrink to a fifth at once; more effort gains little, and takes time from the work that runs.
_LEVEL: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Sizes and hashes of a content, and of the file that it was packed in."""

    size: int
    sha256: str
    packed_size: int
    packed_sha256: str


def pack(content: Path, packed: Path) -> Packed:
    """Pack a file into another one, in the form of gzip."""
    outside, inside = sha256(), sha256()
    size = written = 0
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    with content.open("rb") as source, packed.open("wb") as target:
        while True:
            chunk = source.read(_CHUNK)
            size += len(chunk)
            inside.update(chunk)
            out = packer.compress(chunk) if chunk else packer.flush()
            written += len(out)
            outside.update(out)
            target.write(out)
            if not chunk:
                break
    return Packed(size=size, sha256=inside.hexdigest(), packed_size=written, packed_sha256=outside.hexdigest())


def unpack(target: BackupTarget, manifest: Manifest, content: Path) -> None:
    """Write the content of a backup into a new file, and make sure that it is what its manifest says.

    Raises:
        BackupBroken: It is not.
        NotFound: Its file is missing.
        StoreUnavailable: It cannot be read.
    """
    inside, size = sha256(), 0
    with content.open("xb") as file:
        for chunk in _unpacked(target, manifest):
            size += len(chunk)
            if size > manifest.size:
                raise BackupBroken(f"backup {manifest.name}: its content has more than {manifest.size} bytes")
            inside.update(chunk)
            file.write(chunk)
    if (size, inside.hexdigest()) != (manifest.size, manifest.sha256):
        raise BackupBroken(f"backup {manifest.name}: its content does not match its manifest")


def _unpacked(target: BackupTarget, manifest: Manifest) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        for chunk in _packed(target, manifest):
            rest = chunk
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _CHUNK)
                rest = unpacker.unconsumed_tail
        # Only what does not fill one more piece can be left.
        yield unpacker.flush()
    except zlib.error as error:
        raise BackupBroken(f"backup {manifest.name}: its file is damaged: {error}") from error
    if not unpacker.eof or unpacker.unused_data:
        raise BackupBroken(f"backup {manifest.name}: its file does not end where it should")


def _packed(target: BackupTarget, manifest: Manifest) -> Iterator[bytes]:
    outside, size = sha256(), 0
    with closing(target.read(manifest.content_file)) as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > manifest.packed_size:
                break
            outside.update(chunk)
            yield chunk
    if (size, outside.hexdigest()) != (manifest.packed_size, manifest.packed_sha256):
        raise BackupBroken(f"backup {manifest.name}: its file does not match its manifest")

"""Evidence packs: a zip of documents that an outsider verifies with one file, down to the last byte.

Rules: the same documents make the same bytes, whenever and wherever; nothing is compressed, so a pack can claim no more
than it holds; what verifies is `verifier.py`, and nothing here has an opinion of its own.
"""

from __future__ import annotations

import hashlib
from binascii import crc32
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from agentkit.errors import AuditError, EvidenceBroken, NotFound

from .checkpoints import Verification
from .signing import Signer
from .sinks import write_whole
from .verifier import (
    MOST_BYTES,
    Key,
    PackFinding,
    PackManifest,
    PackMember,
    SignatureState,
    directory_of,
    header_of,
    read_manifest,
    verify_pack,
    words_of_pack,
)

__all__ = ["Evidence", "PackDocument", "verify_evidence", "write_pack"]

_CHUNK: Final = 1024 * 1024
_MANIFEST: Final = "manifest.json"


class PackDocument(NamedTuple):
    """Something that goes into a pack.

    Attributes:
        path: Where it lies there, with `/` between folders.
        what: What it is; see `PackMember.what`.
        content: The bytes, or the file that has them.
    """

    path: str
    what: str
    content: bytes | Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an evidence pack says, after it was verified from its first byte to its last.

    Attributes:
        operation_id: The operation that it is about.
        workflow: The name of its workflow.
        definition: The SHA-256 of its definition, in hexadecimal.
        members: What is in the pack besides the manifest.
        digest: The SHA-256 of the manifest, which stands for the whole pack: who was told it on another way needs no
            signature.
        signature: How the manifest is signed: `none`, `valid`, or `unchecked` for want of a key or of `cryptography`.
        trails: The audit trails in it, by path, and how far their own checkpoints go.
    """

    operation_id: str
    workflow: str
    definition: str
    members: tuple[PackMember, ...]
    digest: str
    signature: SignatureState
    trails: Mapping[str, Verification]
    _finding: PackFinding

    def words(self) -> list[str]:
        """Say it, a sentence on each line."""
        return words_of_pack(self._finding)


def verify_evidence(path: str | Path, *, key: Key | None = None) -> Evidence:
    """Verify an evidence pack.

    Every member is there, nothing else is, all sizes and hashes are those of the manifest, the journal is whole and the
    definition and input are those in it, each audit trail verifies, and so does the signature.

    Args:
        path: The pack.
        key: What its signature is checked with. With it, a pack without a signature is refused.

    Raises:
        EvidenceBroken: Something in it is not as it was written; `member` is the first such thing.
        NotFound: There is no such file.
        AuditError: It cannot be read.
    """
    file = Path(path)
    try:
        with file.open("rb") as opened:
            found = verify_pack(opened, key=key)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {file}: name an evidence pack") from error
    except OSError as error:
        raise AuditError(f"{file} cannot be read: {error.strerror or error}; name an evidence pack") from error
    manifest = found.manifest
    if found.problem or manifest is None:
        raise EvidenceBroken(
            f"{file}: {found.member}: {found.problem}; ask whoever made the pack for it again", member=found.member
        )
    return Evidence(
        operation_id=manifest.facts.get("operation", ""),
        workflow=manifest.facts.get("workflow", ""),
        definition=manifest.facts.get("definition", ""),
        members=manifest.members,
        digest=found.digest,
        signature=found.signature,
        trails={
            path: Verification(
                size=each.size, head=each.head, root=each.root, anchored=each.anchored, signature=each.signature
            )
            for path, each in found.trails.items()
        },
        _finding=found,
    )


def write_pack(
    path: str | Path, facts: Mapping[str, str], documents: Sequence[PackDocument], *, signer: Signer | None = None
) -> PackManifest:
    """Write a pack; the file is there as a whole, or as it was before.

    Args:
        path: The file.
        facts: What the manifest says besides its members; `verify_pack` says what it wants to find there.
        documents: What goes into it, in any order.
        signer: Who signs the manifest.

    Raises:
        AuditError: A path is odd or there twice, a file cannot be read or is being written, the whole is too large, or
            it cannot be written.
        NotFound: There is no such file.
    """
    measured = [_measured(each) for each in sorted(documents, key=lambda each: each.path)]
    members = tuple(PackMember(each.document.path, each.sha256, each.size, each.document.what) for each in measured)
    manifest = PackManifest(facts, members)
    try:
        content = manifest.text().encode()
        read_manifest(content)
    except ValueError as error:
        raise AuditError(f"these documents make no pack: {error}; give them other names") from error
    if signer is not None:
        signature = signer.sign(manifest.signed()).hex()
        manifest = replace(manifest, algorithm=signer.key.algorithm, signature=signature)
        content = manifest.text().encode()
    measured.insert(0, _measured(PackDocument(_MANIFEST, "manifest", content)))
    _check_size(measured)
    write_whole(Path(path), _bytes_of(measured))
    return manifest


class _Measured(NamedTuple):
    """A document, and what has to be known of it before it is written."""

    document: PackDocument
    sha256: str
    crc: int
    size: int


def _measured(document: PackDocument) -> _Measured:
    hashed, crc, size = hashlib.sha256(), 0, 0
    for chunk in _chunks(document):
        hashed.update(chunk)
        crc, size = crc32(chunk, crc), size + len(chunk)
    return _Measured(document, hashed.hexdigest(), crc, size)


def _check_size(measured: Sequence[_Measured]) -> None:
    size = sum(len(header_of(each.document.path, 0, 0)) + each.size for each in measured)
    if size > MOST_BYTES:
        raise AuditError(f"{size:,} bytes are too much for one pack: leave out large files")


def _bytes_of(measured: Sequence[_Measured]) -> Iterator[bytes]:
    for document, _, crc, size in measured:
        yield header_of(document.path, crc, size)
        found, count = 0, 0
        for chunk in _chunks(document):
            found, count = crc32(chunk, found), count + len(chunk)
            yield chunk
        if (found, count) != (crc, size):
            raise AuditError(
                f"the file for {document.path} was written to meanwhile: make the pack again when it is done"
            )
    yield directory_of((each.document.path, each.crc, each.size) for each in measured)


def _chunks(document: PackDocument) -> Iterator[bytes]:
    content = document.content
    if isinstance(content, bytes):
        yield content
        return
    try:
        with content.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {content}: name one that is there") from error
    except OSError as error:
        raise AuditError(f"{content} cannot be read: {error.strerror or error}; name a file") from error

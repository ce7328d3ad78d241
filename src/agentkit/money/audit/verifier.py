"""Verify an audit trail or an evidence pack: one file that needs the standard library alone, and nothing of agentkit.

    python verify.py trail.jsonl [--checkpoint FILE]... [--key FILE]
    python verify.py pack.zip [--key FILE]

Exit codes: 0 everything verifies, 1 something does not, 2 wrong usage or nothing to read.

A trail has one line for each entry: `{"entry":BODY,"hash":"HEX"}`. BODY is canonical JSON (sorted keys, no spaces,
UTF-8, numbers as text) with the entry's number and the hash of the entry before it; HEX is its SHA-256. A checkpoint
says what the trail was at a time: its size, the hash of its last entry, and the root of the Merkle tree over all bodies
as RFC 6962, section 2.1, defines it. A checkpoint that was kept elsewhere shows what a chain alone cannot: entries that
are missing at the end, and a trail that was written anew as a whole.

An evidence pack is a zip of one operation. Its first member, `manifest.json`, tells path, SHA-256, size and meaning of
each other one, in their order, and may be signed. Nothing in it is compressed, and every byte of it is prescribed; so
there is no room for anything that the manifest does not name.

Rules: agentkit verifies with this very file, so there is one truth; nothing is believed that was not computed here;
what is wrong is a finding, with the number of the first entry that does not verify.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import struct
from binascii import crc32
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Literal, Never, cast

__all__ = [
    "EMPTY_HEAD",
    "MOST_BYTES",
    "MOST_MEMBERS",
    "Chain",
    "Checkpoint",
    "Finding",
    "Key",
    "PackFinding",
    "PackManifest",
    "PackMember",
    "SignatureState",
    "Tree",
    "body_of",
    "canonical_text",
    "directory_of",
    "header_of",
    "is_consistent",
    "is_included",
    "leaf_hash",
    "main",
    "node_hash",
    "read_checkpoint",
    "read_checkpoints",
    "read_key",
    "read_manifest",
    "verify_lines",
    "verify_pack",
    "words_of",
    "words_of_pack",
]

EMPTY_HEAD: Final = "0" * 64
"""What stands in place of a hash before the first entry."""

_FORMAT: Final = "1"
_BEGIN: Final = b'{"entry":'
_MIDDLE: Final = b',"hash":"'
_END: Final = b'"}\n'
_BEHIND_BODY: Final = len(_MIDDLE) + 64 + len(_END)
_ALWAYS: Final = frozenset(
    {"actor", "at", "data_versions", "format", "inputs", "number", "operation", "previous", "rounding"}
)
_ENDINGS: Final = (_ALWAYS | {"outputs"}, _ALWAYS | {"refusal"})
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_SIGNED: Final = b"agentkit audit checkpoint 1\n"
"""What a signature covers begins with this, so that no other text of ours can be taken for a checkpoint."""
_SIGNED_MANIFEST: Final = b"agentkit evidence manifest 1\n"

SignatureState = Literal["none", "valid", "unchecked"]
"""`unchecked`: it is signed, but there is no key here, or no library that could check it."""


# The chain: each entry holds the hash of the entry before it.


class Chain:
    """An audit trail as far as it was read.

    Attributes:
        size: How many entries there are.
        head: The hash of the last one; zeros before the first.

    Example:
        >>> Chain().problem(b'{"entry":{},"hash":"00"}')
        'its line is cut off, as after a crash in the middle of a write'
    """

    __slots__ = ("head", "size")

    def __init__(self, size: int = 0, head: str = EMPTY_HEAD) -> None:
        self.size: int = size
        self.head: str = head

    def problem(self, line: bytes) -> str | None:
        """Say what is wrong with the next line; None if nothing is, and then the chain has it."""
        if line[-1:] != b"\n":
            return "its line is cut off, as after a crash in the middle of a write"
        body, told = line[len(_BEGIN) : -_BEHIND_BODY], line[-len(_END) - 64 : -len(_END)]
        if line != _BEGIN + body + _MIDDLE + told + _END:
            return "its line does not have the form of an entry"
        found = hashlib.sha256(body).hexdigest()
        if told != found.encode():
            return "its content does not fit its hash, so one of them was changed"
        wrong = _content_problem(body, self.size + 1, self.head)
        if wrong is None:
            self.size += 1
            self.head = found
        return wrong


def body_of(line: bytes) -> bytes:
    """The body of an entry's line: what is hashed, for the chain and for the tree."""
    return line[len(_BEGIN) : -_BEHIND_BODY]


def canonical_text(value: object) -> str:
    """Write a value as canonical JSON; its numbers have to be texts already.

    Example:
        >>> canonical_text({"b": "1.50", "a": None})
        '{"a":null,"b":"1.50"}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _content_problem(body: bytes, number: int, head: str) -> str | None:
    try:
        entry = _read_canonical(body)
    except (ValueError, RecursionError):
        return "its content is not canonical JSON"
    if not isinstance(entry, dict):
        return "its content is no entry"
    fields = cast("dict[str, object]", entry)
    if fields.get("format") != _FORMAT:
        return f"its format is {str(fields.get('format'))[:20]!r}, and this verifier knows format {_FORMAT!r}"
    if fields.keys() not in _ENDINGS or not _MOMENT.fullmatch(str(fields["at"])):
        return "its content does not have the fields of an entry"
    if not _has_kinds(fields):
        return "its content has a field of another kind than entries have"
    if fields["number"] != str(number):
        return f"entry {str(fields['number'])[:20]} stands in its place: entries were removed, added or moved"
    if fields["previous"] != head:
        return "it does not follow the entry before it: one of the two was exchanged"
    return None


def _has_kinds(fields: Mapping[str, object]) -> bool:
    """Whether the fields of an entry hold what such fields hold: the actor alone may be a text or a commitment."""
    mappings = ("inputs", "outputs", "refusal", "data_versions")
    return (
        isinstance(fields["operation"], str)
        and isinstance(fields["actor"], str | dict)
        and (fields["rounding"] is None or isinstance(fields["rounding"], str))
        and all(isinstance(fields.get(name, {}), dict) for name in mappings)
    )


def _read_canonical(text: bytes) -> object:
    """Read canonical JSON, and nothing that is merely like it."""
    value: object = json.loads(text.decode(), parse_int=_refuse, parse_float=_refuse, parse_constant=_refuse)
    # One value has one text: so no key stands twice, keys are sorted, and nothing is written in another way.
    if canonical_text(value).encode() != text:
        raise ValueError("it is not written canonically")
    return value


def _refuse(number: str) -> Never:
    raise ValueError(f"{number[:20]} is a number, and numbers are texts")


# The tree of RFC 6962, section 2.1.


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf: SHA-256 of a zero byte and the body."""
    return hashlib.sha256(b"\0" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two trees that become one: SHA-256 of a one byte and both hashes."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The Merkle tree over the entries so far, as the roots of its complete parts: few hashes, however large it is.

    Attributes:
        size: How many leaves it has.

    Example:
        >>> tree = Tree()
        >>> tree.root().hex()[:16]
        'e3b0c44298fc1c14'
    """

    __slots__ = ("_parts", "size")

    def __init__(self) -> None:
        self.size: int = 0
        self._parts: list[bytes] = []

    def add(self, body: bytes) -> None:
        """Take in the next entry."""
        found, size = leaf_hash(body), self.size
        while size & 1:
            found = node_hash(self._parts.pop(), found)
            size >>= 1
        self._parts.append(found)
        self.size += 1

    def root(self) -> bytes:
        """The hash of the whole; that of no bytes at all if it is empty."""
        if not self._parts:
            return hashlib.sha256(b"").digest()
        *parts, found = self._parts
        for part in reversed(parts):
            found = node_hash(part, found)
        return found


def is_included(leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf is in a tree: RFC 9162, section 2.1.3.2. The index counts from 0."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(first: int, second: int, *, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree of one size is the beginning of that of another: RFC 9162, section 2.1.4.2."""
    if first == second:
        return not path and old_root == new_root
    if first == 0:
        return not path and old_root == hashlib.sha256(b"").digest()
    if not 0 < first < second or not path:
        return False
    steps = [old_root, *path] if first & (first - 1) == 0 else list(path)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


# Checkpoints, and who signed them.


@dataclass(frozen=True, slots=True)
class Key:
    """What signatures are checked with; the key says which kind of signature it takes, never the checkpoint.

    Attributes:
        algorithm: `hmac-sha256`, or `ed25519`.
        value: The secret, or the public key.
    """

    algorithm: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a trail was at a time, and perhaps a signature. It is worth what the place where it is kept is worth.

    Attributes:
        size: How many entries there were.
        head: The hash of the last one.
        root: The root of the tree over all of them.
        at: When, in UTC.
        algorithm: How it is signed; empty if it is not.
        signature: The signature in hexadecimal; empty if there is none.
    """

    size: int
    head: str
    root: str
    at: str
    algorithm: str = ""
    signature: str = ""

    def fields(self) -> dict[str, str]:
        """What is signed."""
        return {"at": self.at, "format": _FORMAT, "head": self.head, "root": self.root, "size": str(self.size)}

    def signed(self) -> bytes:
        """The bytes that a signature covers."""
        return _SIGNED + canonical_text(self.fields()).encode()

    def text(self) -> str:
        """One line of canonical JSON, as checkpoints are kept."""
        signature = {"signature": {"algorithm": self.algorithm, "value": self.signature}} if self.algorithm else {}
        return canonical_text({"checkpoint": self.fields(), **signature}) + "\n"


def read_checkpoint(line: str) -> Checkpoint:
    """Read what `Checkpoint.text` wrote.

    Raises:
        ValueError: It is no checkpoint, or not written canonically.
    """
    # A checkpoint may be handed on with or without the end of its line.
    line = line.removesuffix("\n")
    given = _read_canonical(line.encode())
    outer = _fields(given)
    fields, signature = _texts(outer.get("checkpoint")), _texts(outer.get("signature", {}))
    found = Checkpoint(
        size=int(size) if _SIZE.fullmatch(size := fields.get("size", "")) else -1,
        head=fields.get("head", ""),
        root=fields.get("root", ""),
        at=fields.get("at", ""),
        algorithm=signature.get("algorithm", ""),
        signature=signature.get("value", ""),
    )
    well_formed = _HEX.fullmatch(found.head) and _HEX.fullmatch(found.root) and _MOMENT.fullmatch(found.at)
    if found.size < 0 or not well_formed or found.text() != line + "\n":
        raise ValueError("it is no checkpoint of an audit trail in a format that is known here")
    return found


def read_checkpoints(text: str) -> list[Checkpoint]:
    """Read a file of checkpoints, one on each line.

    Raises:
        ValueError: There is none, or one of them is no checkpoint.
    """
    found = [read_checkpoint(line) for line in text.split("\n") if line.strip()]
    if not found:
        raise ValueError("there is no checkpoint in it")
    return found


def _texts(given: object) -> dict[str, str]:
    return {name: value for name, value in _fields(given).items() if isinstance(value, str)}


def _fields(given: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", given) if isinstance(given, dict) else {}


def read_key(text: str) -> Key:
    """Read a key: `hmac-sha256:HEX`, or `ed25519:HEX` for a public key.

    Raises:
        ValueError: It is no key.
    """
    algorithm, _, digits = text.strip().partition(":")
    value = bytes.fromhex(digits)
    if (algorithm, len(value) == 32) not in {("ed25519", True), ("hmac-sha256", True), ("hmac-sha256", False)}:
        raise ValueError("a key is written as hmac-sha256:HEX, or as ed25519:HEX for a public key")
    if len(value) < 16:
        raise ValueError("a key of fewer than 16 bytes can be guessed")
    return Key(algorithm, value)


def _signature_of(signed: Checkpoint | PackManifest, key: Key | None) -> SignatureState | None:
    """How the signature stands; None if it is wrong."""
    if not signed.algorithm:
        return "none" if key is None else None
    if key is None:
        return "unchecked"
    if key.algorithm != signed.algorithm:
        return None
    if key.algorithm == "hmac-sha256":
        made = hmac.new(key.value, signed.signed(), hashlib.sha256).hexdigest()
        return "valid" if hmac.compare_digest(made.encode(), signed.signature.encode()) else None
    return _check_ed25519(signed, key)


def _check_ed25519(signed: Checkpoint | PackManifest, key: Key) -> SignatureState | None:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return "unchecked"
    try:
        Ed25519PublicKey.from_public_bytes(key.value).verify(bytes.fromhex(signed.signature), signed.signed())
    except (InvalidSignature, ValueError):
        return None
    return "valid"


# A whole trail.


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a verification.

    Attributes:
        size: How many entries verify, from the first one on.
        head: The hash of the last of them.
        root: The root of the tree over them, in hexadecimal.
        problem: What is wrong; empty if nothing is.
        number: The first entry that does not verify; 0 if nothing is wrong, or not with an entry.
        anchored: How many entries the largest checkpoint covers that was met; None: there was none, so that nobody can
            say whether entries are missing at the end.
        signature: How the signature of that checkpoint stands.
    """

    size: int
    head: str
    root: str
    problem: str = ""
    number: int = 0
    anchored: int | None = None
    signature: SignatureState = "none"


class _Anchors:
    """The checkpoints, in the order in which a trail meets them."""

    def __init__(self, checkpoints: Iterable[Checkpoint], key: Key | None) -> None:
        self.waiting: list[Checkpoint] = sorted(checkpoints, key=lambda each: each.size, reverse=True)
        self.met: int | None = None
        self.signature: SignatureState = "none"
        self._key = key

    def unsigned(self) -> Checkpoint | None:
        """A checkpoint whose signature is wrong, if there is one."""
        return next((each for each in self.waiting if _signature_of(each, self._key) is None), None)

    def problem(self, chain: Chain, tree: Tree) -> str:
        """Compare the trail as far as it was read with what checkpoints say of this size."""
        while self.waiting and self.waiting[-1].size == chain.size:
            told = self.waiting.pop()
            if (told.head, told.root) != (chain.head, tree.root().hex()):
                first = (self.met or 0) + 1
                return f"the checkpoint of {told.at} knows other entries: one of {first} to {told.size} was exchanged"
            self.met = told.size
            self.signature = _signature_of(told, self._key) or "none"
        return ""


def verify_lines(lines: Iterable[bytes], checkpoints: Sequence[Checkpoint] = (), *, key: Key | None = None) -> Finding:
    """Verify a trail, entry by entry, and stop at the first one that is wrong.

    Args:
        lines: The lines of the trail, each with the newline at its end.
        checkpoints: Checkpoints of this trail, in any order.
        key: What their signatures are checked with. With it a checkpoint that is not signed is wrong.
    """
    anchors, chain, tree = _Anchors(checkpoints, key), Chain(), Tree()

    def finding(problem: str = "", number: int = 0) -> Finding:
        root = tree.root().hex()
        return Finding(chain.size, chain.head, root, problem, number, anchors.met, anchors.signature)

    if wrong := anchors.unsigned():
        return finding(f"the checkpoint of {wrong.at} is not signed with this key")
    if differs := anchors.problem(chain, tree):
        return finding(differs)
    for line in lines:
        if bad := chain.problem(line):
            return finding(bad, chain.size + 1)
        tree.add(body_of(line))
        if differs := anchors.problem(chain, tree):
            return finding(differs, (anchors.met or 0) + 1)
    if anchors.waiting:
        told = anchors.waiting[0]
        return finding(f"it is missing: the checkpoint of {told.at} knows {told.size} entries", chain.size + 1)
    return finding()


def words_of(finding: Finding) -> list[str]:
    """Say what was found, a sentence on each line."""
    if finding.problem:
        where = f"entry {finding.number}: " if finding.number else ""
        return [f"BROKEN: {where}{finding.problem}", f"{finding.size} entries before it verify"]
    verify = "1 entry verifies" if finding.size == 1 else f"{finding.size} entries verify"
    lines = [verify, f"head {finding.head}", f"root {finding.root}"]
    if finding.anchored is None:
        return [*lines, "not anchored by a checkpoint: entries that are missing at the end cannot be seen"]
    lines.append(f"anchored by a checkpoint of {finding.anchored} entries: none of them is missing or exchanged")
    if finding.anchored < finding.size:
        lines.append(f"entries from {finding.anchored + 1} on are newer than it")
    signatures = {
        "none": "the checkpoint is not signed",
        "valid": "the signature of the checkpoint is valid",
        "unchecked": "the signature of the checkpoint was NOT CHECKED: it takes a key, and ed25519 takes cryptography",
    }
    return [*lines, signatures[finding.signature]]


# The evidence pack: a zip whose every byte is prescribed by its manifest.

_MANIFEST: Final = "manifest.json"
MOST_MEMBERS: Final = 2**16 - 2
"""A zip of the old form, which every program reads, has no more besides the manifest."""
MOST_BYTES: Final = 2**32 - 2**28
"""So many bytes of members leave room for the directory."""
_LARGEST_MANIFEST: Final = 64 * 1024 * 1024
_LONGEST_PATH: Final = 1_000
_ODD_LETTERS: Final = '\\:*?"<>|'
_CHUNK: Final = 1024 * 1024
_HEADER: Final = struct.Struct("<4s5H3L2H")
_DIRECTORY: Final = struct.Struct("<4s6H3L5H2L")
_END_OF_ZIP: Final = struct.Struct("<4s4H2LH")
_UTF_8: Final = 0x800
_DAY: Final = 33
"""The first of January 1980, as zips write it: all members have this date."""


@dataclass(frozen=True, slots=True)
class PackMember:
    """A member of a pack, as the manifest has it.

    Attributes:
        path: Where it lies, with `/` between folders.
        sha256: The SHA-256 of its content, in hexadecimal.
        size: How many bytes it has.
        what: What it is: `definition`, `input`, `output`, `approvals`, `effects`, `costs`, `journal`, `audit trail`,
            `checkpoints`, `file` or `verifier`.
    """

    path: str
    sha256: str
    size: int
    what: str


@dataclass(frozen=True, slots=True)
class PackManifest:
    """What a pack says of itself, and perhaps a signature.

    Attributes:
        facts: Of which operation it is: `operation`, `workflow`, `definition` (the SHA-256 of it), and others.
        members: All members but the manifest, in the order of the zip.
        algorithm: How it is signed; empty if it is not.
        signature: The signature in hexadecimal; empty if there is none.
    """

    facts: Mapping[str, str]
    members: tuple[PackMember, ...]
    algorithm: str = ""
    signature: str = ""

    def fields(self) -> dict[str, object]:
        """What is signed."""
        members = [{"path": m.path, "sha256": m.sha256, "size": str(m.size), "what": m.what} for m in self.members]
        return {**self.facts, "format": _FORMAT, "members": members}

    def signed(self) -> bytes:
        """The bytes that a signature covers."""
        return _SIGNED_MANIFEST + canonical_text(self.fields()).encode()

    def text(self) -> str:
        """One line of canonical JSON, as it lies in the pack."""
        signature = {"signature": {"algorithm": self.algorithm, "value": self.signature}} if self.algorithm else {}
        return canonical_text({"manifest": self.fields(), **signature}) + "\n"


def read_manifest(content: bytes) -> PackManifest:
    """Read what `PackManifest.text` wrote.

    Raises:
        ValueError: It is no manifest, not written canonically, or names a path that no pack may have.
    """
    outer = _fields(_read_canonical(content.removesuffix(b"\n")))
    fields, signature = _fields(outer.get("manifest")), _texts(outer.get("signature", {}))
    rows = fields.get("members")
    members = [_texts(row) for row in (cast("list[object]", rows) if isinstance(rows, list) else [])]
    if len(members) > MOST_MEMBERS:
        raise ValueError(f"it names {len(members)} members, and a pack has at most {MOST_MEMBERS}")
    facts = {name: text for name, text in _texts(fields).items() if name != "format"}
    algorithm, value = signature.get("algorithm", ""), signature.get("value", "")
    found = PackManifest(facts, tuple(map(_member, members)), algorithm, value)
    # One manifest has one text; so there is nothing in it that was not read.
    if found.text().encode() != content:
        raise ValueError("it is no manifest in a format that is known here")
    if not all(text.isprintable() for text in facts.values()):
        raise ValueError("something that it says cannot be printed")
    taken = {_MANIFEST}
    for member in found.members:
        if _is_odd(member.path) or member.path.casefold() in taken:
            raise ValueError(f"{member.path[:80]!r} is no path that a pack may have, or it is there twice")
        taken.add(member.path.casefold())
    return found


def _member(row: Mapping[str, str]) -> PackMember:
    size = row.get("size", "")
    if not _SIZE.fullmatch(size) or not _HEX.fullmatch(row.get("sha256", "")):
        raise ValueError("a member of it has no size or no hash")
    return PackMember(row.get("path", ""), row["sha256"], int(size), row.get("what", ""))


def _is_odd(path: str) -> bool:
    """Whether a path could lead out of the folder that a zip is unpacked to, or cannot be a file everywhere."""
    if len(path.encode()) > _LONGEST_PATH or not path.isprintable() or any(letter in _ODD_LETTERS for letter in path):
        return True
    return any(part in ("", "..") or part != part.strip() or part.endswith(".") for part in path.split("/"))


@dataclass(frozen=True, slots=True)
class PackFinding:
    """What became of the verification of a pack.

    Attributes:
        manifest: What the pack says of itself; None if that cannot be read.
        digest: The SHA-256 of the manifest, which stands for the whole pack.
        problem: What is wrong; empty if nothing is.
        member: The first member that does not verify.
        trails: What became of each audit trail in it, by path.
        signature: How the signature of the manifest stands.
    """

    manifest: PackManifest | None = None
    digest: str = ""
    problem: str = ""
    member: str = ""
    trails: Mapping[str, Finding] = field(default_factory=dict[str, Finding])
    signature: SignatureState = "none"


class _BrokenMemberError(Exception):
    """A member is not what it has to be."""

    def __init__(self, member: str, problem: str) -> None:
        super().__init__(member, problem)
        self.member = member
        self.problem = problem


def header_of(path: str, crc: int, size: int) -> bytes:
    """What stands before the content of a member."""
    name = path.encode()
    return _HEADER.pack(b"PK\3\4", 20, _UTF_8, 0, 0, _DAY, crc, size, size, len(name), 0) + name


def directory_of(members: Iterable[tuple[str, int, int]]) -> bytes:
    """What stands behind the last member: the directory of the zip, from the path, check sum and size of each one."""
    rows: list[bytes] = []
    place = 0
    for path, crc, size in members:
        name = path.encode()
        sizes = (crc, size, size, len(name), 0, 0, 0, 0, 0o100644 << 16, place)
        rows.append(_DIRECTORY.pack(b"PK\1\2", 3 << 8 | 20, 20, _UTF_8, 0, 0, _DAY, *sizes) + name)
        place += len(header_of(path, crc, size)) + size
    directory, count = b"".join(rows), len(rows)
    return directory + _END_OF_ZIP.pack(b"PK\5\6", 0, 0, count, count, len(directory), place, 0)


class _Pack:
    """A pack as far as it was read: each member has to begin where the one before it ends."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._read: list[tuple[str, int, int]] = []
        self._places: dict[str, int] = {}

    def manifest(self) -> bytes:
        """The content of the manifest."""
        crc, size = self._begin(_MANIFEST)
        if size > _LARGEST_MANIFEST:
            raise _BrokenMemberError(_MANIFEST, f"it claims to have {size} bytes")
        self._pass(_MANIFEST, crc, size)
        return b"".join(self.lines(_MANIFEST, size))

    def check(self, member: PackMember) -> None:
        """Check the next member against the manifest."""
        crc, size = self._begin(member.path)
        if self._places[member.path] + size > MOST_BYTES:
            raise _BrokenMemberError(member.path, f"with it the pack has more than {MOST_BYTES} bytes")
        if size != member.size:
            raise _BrokenMemberError(member.path, f"it has {size} bytes, and the manifest says {member.size}")
        if self._pass(member.path, crc, size) != member.sha256:
            raise _BrokenMemberError(
                member.path, "its content does not fit its hash in the manifest, so one of them was changed"
            )

    def end(self) -> None:
        """Check that nothing comes behind the last member but the directory of the zip."""
        expected = directory_of(self._read)
        found = self._file.read(len(expected) + 1)
        if found[:4] == b"PK\3\4":
            name = found[_HEADER.size : _HEADER.size + int.from_bytes(found[26:28], "little")]
            raise _BrokenMemberError(_printable(name.decode(errors="replace")[:80]), "it is not in the manifest")
        if expected.startswith(found) and found != expected:
            raise _BrokenMemberError("the directory of the zip", "it is cut off")
        if found != expected:
            raise _BrokenMemberError("the directory of the zip", "it was changed, or something was added behind it")

    def lines(self, path: str, size: int) -> Iterator[bytes]:
        """The lines of a member that was checked."""
        place = self._places[path]
        end = place + size
        while place < end:
            # Others may read elsewhere between two lines.
            self._file.seek(place)
            line = self._file.readline(end - place)
            place += len(line)
            yield line

    def _begin(self, path: str) -> tuple[int, int]:
        """Read the header of the next member; its check sum and size."""
        head = self._file.read(_HEADER.size)
        if head[:4] == b"PK\1\2":
            raise _BrokenMemberError(path, "it is missing")
        if len(head) < _HEADER.size:
            raise _BrokenMemberError(path, "it is missing, for the file is cut off before it")
        crc, size = struct.unpack_from("<2L", head, 14)
        expected = header_of(path, crc, size)
        name = self._file.read(int.from_bytes(head[26:28], "little"))
        if head[:4] == b"PK\3\4" and name != path.encode():
            other = name.decode(errors="replace")[:80]
            raise _BrokenMemberError(path, f"{other!r} stands in its place: members were removed, added or moved")
        if head + name != expected:
            raise _BrokenMemberError(path, "its header is not the one that agentkit writes")
        self._places[path] = self._file.tell()
        self._read.append((path, crc, size))
        return crc, size

    def _pass(self, path: str, crc: int, size: int) -> str:
        """Read past the content of a member; its hash."""
        found, hashed, left = 0, hashlib.sha256(), size
        while left:
            chunk = self._file.read(min(left, _CHUNK))
            if not chunk:
                raise _BrokenMemberError(path, "it is cut off")
            found = crc32(chunk, found)
            hashed.update(chunk)
            left -= len(chunk)
        if found != crc:
            raise _BrokenMemberError(path, "its content does not fit its check sum, so one of them was changed")
        return hashed.hexdigest()


def verify_pack(file: BinaryIO, *, key: Key | None = None) -> PackFinding:
    """Verify an evidence pack from its first byte to its last, and name the first member that is wrong.

    Args:
        file: The pack, open for reading, at its beginning; it has to be seekable.
        key: What the signature of its manifest is checked with. With it a pack that is not signed is wrong.
    """
    pack, manifest, digest = _Pack(file), None, ""
    try:
        content = pack.manifest()
        digest = hashlib.sha256(content).hexdigest()
        try:
            manifest = read_manifest(content)
        except (ValueError, RecursionError) as error:
            raise _BrokenMemberError(_MANIFEST, f"it cannot be read: {error}") from None
        signature = _signature_of(manifest, key)
        if signature is None:
            raise _BrokenMemberError(_MANIFEST, "it is not signed with this key")
        for member in manifest.members:
            pack.check(member)
        pack.end()
        _check_journal(pack, manifest)
        trails = {
            each.path: _check_trail(pack, manifest, each) for each in manifest.members if each.what == "audit trail"
        }
    except _BrokenMemberError as broken:
        return PackFinding(manifest, digest, broken.problem, broken.member)
    return PackFinding(manifest, digest, trails=trails, signature=signature)


def _check_journal(pack: _Pack, manifest: PackManifest) -> None:
    """Check that the journal is whole and of this operation, and that its beginning says what other members say."""
    facts, found = manifest.facts, {each.what: each for each in manifest.members}
    for what in ("definition", "input", "journal"):
        if sum(each.what == what for each in manifest.members) != 1:
            raise _BrokenMemberError(_MANIFEST, f"it does not name one {what}")
    if facts.get("definition") != found["definition"].sha256:
        raise _BrokenMemberError(found["definition"].path, "its hash is not the one that the manifest tells of it")
    journal, count = found["journal"], 0
    for line in pack.lines(journal.path, journal.size):
        count += 1
        event = _fields(_json_of(journal.path, line))
        if (event.get("number"), event.get("operation")) != (count, facts.get("operation")):
            raise _BrokenMemberError(journal.path, f"line {count} is not event {count} of this operation")
        told = _fields(event.get("data"))
        for what, name in (("definition", "workflow"), ("input", "input")) if count == 1 else ():
            member = found[what]
            value = _json_of(member.path, b"".join(pack.lines(member.path, member.size)))
            if _one_text(told.get(name)) != _one_text(value):
                raise _BrokenMemberError(member.path, "it is not what the journal says")
    if str(count) != facts.get("events"):
        raise _BrokenMemberError(journal.path, f"it has {count} events, and the manifest says {facts.get('events')}")


def _check_trail(pack: _Pack, manifest: PackManifest, trail: PackMember) -> Finding:
    """Verify a trail with the checkpoints that lie beside it. Their signatures take keys of their own."""
    path = trail.path + ".checkpoints"
    beside = next((each for each in manifest.members if each.path == path), None)
    try:
        text = "" if beside is None else b"".join(pack.lines(path, beside.size)).decode()
        checkpoints = read_checkpoints(text) if text else []
    except (ValueError, RecursionError) as error:
        raise _BrokenMemberError(path, f"it cannot be read: {error}") from None
    finding = verify_lines(pack.lines(trail.path, trail.size), checkpoints)
    if finding.problem:
        where = f"entry {finding.number}: " if finding.number else ""
        raise _BrokenMemberError(trail.path, where + finding.problem)
    return finding


def _json_of(path: str, text: bytes) -> object:
    try:
        return cast("object", json.loads(text))
    except (ValueError, RecursionError):
        raise _BrokenMemberError(path, "something in it is no JSON") from None


def _one_text(value: object) -> str:
    """A text that two values have in common only if they are the same; it may hold numbers."""
    return json.dumps(value, sort_keys=True)


def words_of_pack(finding: PackFinding) -> list[str]:
    """Say what was found, a sentence on each line."""
    manifest = finding.manifest
    if finding.problem or manifest is None:
        return [f"BROKEN: {finding.member}: {finding.problem}"]
    facts = manifest.facts
    lines = [
        f"{len(manifest.members)} members verify, and nothing else is in it",
        f"operation {facts.get('operation')} of {facts.get('workflow')!r}: {facts.get('status')}",
        f"{facts.get('events')} events of its journal, from {facts.get('accepted_at')} to {facts.get('last_event_at')}",
        f"definition {facts.get('definition')}",
        f"manifest {finding.digest}",
    ]
    for path, trail in finding.trails.items():
        count = "1 entry verifies" if trail.size == 1 else f"{trail.size} entries verify"
        anchored = "not anchored by a checkpoint" if trail.anchored is None else f"anchored up to {trail.anchored}"
        lines.append(f"{path}: {count}, {anchored}")
    signatures = {
        "none": "the manifest is not signed: compare its hash above with one that you were told on another way",
        "valid": "the signature of the manifest is valid",
        "unchecked": "the signature of the manifest was NOT CHECKED: it takes a key, and ed25519 takes cryptography",
    }
    return [*lines, signatures[finding.signature]]


def main(arguments: Sequence[str] | None = None, say: Callable[[str], object] = print) -> int:
    """Verify as the command line asks; the exit code."""
    import argparse

    parser = argparse.ArgumentParser(description="Verify an audit trail or an evidence pack.")
    parser.add_argument("path", help="a trail, with one entry on each line, or an evidence pack (zip)")
    parser.add_argument("--checkpoint", action="append", default=[], help="a file of checkpoints; may be repeated")
    parser.add_argument("--key", help="a file with hmac-sha256:HEX, or ed25519:HEX for a public key")
    given = parser.parse_args(arguments)
    try:
        key = read_key(_text_of(given.key)) if given.key else None
        checkpoints = [each for path in given.checkpoint for each in read_checkpoints(_text_of(path))]
        with open(given.path, "rb") as file:
            problem, lines = _verify(file, checkpoints, key)
    except (OSError, ValueError) as error:
        say(f"cannot verify: {error}")
        return 2
    for line in lines:
        say(_printable(line))
    return 1 if problem else 0


def _printable(text: str) -> str:
    """A text that does nothing to a terminal, whoever wrote what it quotes."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _verify(file: BinaryIO, checkpoints: Sequence[Checkpoint], key: Key | None) -> tuple[str, list[str]]:
    beginning = file.read(2)
    file.seek(0)
    if beginning != b"PK":
        found = verify_lines(file, checkpoints, key=key)
        return found.problem, words_of(found)
    if checkpoints:
        raise ValueError("a checkpoint is one of a trail: unpack the trail, and verify it with the checkpoint")
    pack = verify_pack(file, key=key)
    return pack.problem, words_of_pack(pack)


def _text_of(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    raise SystemExit(main())

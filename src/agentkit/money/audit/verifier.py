"""Verify an audit trail: one file that needs the standard library alone, and nothing of agentkit.

    python verify_audit.py trail.jsonl [--checkpoint FILE]... [--key FILE]

Exit codes: 0 every entry verifies, 1 something does not, 2 wrong usage or nothing to read.

A trail has one line for each entry: `{"entry":BODY,"hash":"HEX"}`. BODY is canonical JSON (sorted keys, no spaces,
UTF-8, numbers as text) with the entry's number and the hash of the entry before it; HEX is its SHA-256. A checkpoint
says what the trail was at a time: its size, the hash of its last entry, and the root of the Merkle tree over all bodies
as RFC 6962, section 2.1, defines it. A checkpoint that was kept elsewhere shows what a chain alone cannot: entries that
are missing at the end, and a trail that was written anew as a whole.

Rules: agentkit verifies with this very file, so there is one truth; nothing is believed that was not computed here;
what is wrong is a finding, with the number of the first entry that does not verify.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Never, cast

__all__ = [
    "EMPTY_HEAD",
    "Chain",
    "Checkpoint",
    "Finding",
    "Key",
    "SignatureState",
    "Tree",
    "body_of",
    "canonical_text",
    "is_consistent",
    "is_included",
    "leaf_hash",
    "main",
    "node_hash",
    "read_checkpoint",
    "read_checkpoints",
    "read_key",
    "verify_lines",
    "words_of",
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
    if fields["number"] != str(number):
        return f"entry {str(fields['number'])[:20]} stands in its place: entries were removed, added or moved"
    if fields["previous"] != head:
        return "it does not follow the entry before it: one of the two was exchanged"
    return None


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


def _signature_of(checkpoint: Checkpoint, key: Key | None) -> SignatureState | None:
    """How the signature stands; None if it is wrong."""
    if not checkpoint.algorithm:
        return "none" if key is None else None
    if key is None:
        return "unchecked"
    if key.algorithm != checkpoint.algorithm:
        return None
    if key.algorithm == "hmac-sha256":
        made = hmac.new(key.value, checkpoint.signed(), hashlib.sha256).hexdigest()
        return "valid" if hmac.compare_digest(made.encode(), checkpoint.signature.encode()) else None
    return _check_ed25519(checkpoint, key)


def _check_ed25519(checkpoint: Checkpoint, key: Key) -> SignatureState | None:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return "unchecked"
    try:
        Ed25519PublicKey.from_public_bytes(key.value).verify(bytes.fromhex(checkpoint.signature), checkpoint.signed())
    except (InvalidSignature, ValueError):
        return None
    return "valid"


# The whole.


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


def main(arguments: Sequence[str] | None = None, say: Callable[[str], object] = print) -> int:
    """Verify as the command line asks; the exit code."""
    import argparse

    parser = argparse.ArgumentParser(description="Verify an audit trail.")
    parser.add_argument("trail", help="a file with one entry on each line")
    parser.add_argument("--checkpoint", action="append", default=[], help="a file of checkpoints; may be repeated")
    parser.add_argument("--key", help="a file with hmac-sha256:HEX, or ed25519:HEX for a public key")
    given = parser.parse_args(arguments)
    try:
        key = read_key(_text_of(given.key)) if given.key else None
        checkpoints = [each for path in given.checkpoint for each in read_checkpoints(_text_of(path))]
        with open(given.trail, "rb") as lines:
            finding = verify_lines(lines, checkpoints, key=key)
    except (OSError, ValueError) as error:
        say(f"cannot verify: {error}")
        return 2
    for line in words_of(finding):
        say(line)
    return 1 if finding.problem else 0


def _text_of(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    raise SystemExit(main())

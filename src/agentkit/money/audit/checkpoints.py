"""Checkpoints and verification, in the words of agentkit: a finding that is bad becomes an error.

Rules: what verifies is `verifier.py`, and nothing here has an opinion of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agentkit.errors import AuditBroken, AuditError
from agentkit.money.numbers.canonical import shortened
from agentkit.money.numbers.kinds import elements, is_a

from .signing import Signer
from .verifier import Checkpoint, Finding, Key, SignatureState, verify_lines, words_of
from .verifier import read_checkpoints as _read_checkpoints
from .verifier import read_key as _read_key

__all__ = ["Verification", "read_checkpoints", "read_key", "signed", "verify_entries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was verified, and how far that goes.

    Attributes:
        size: How many entries verify: all that are there.
        head: The hash of the last one; zeros if there is none.
        root: The root of the Merkle tree over all of them, in hexadecimal.
        anchored: How many of them the largest checkpoint covers. None: no checkpoint was given, so that entries may be
            missing at the end, or all of them may have been written anew, and nobody could see it.
        signature: How the signature of that checkpoint stands: `none`, `valid`, or `unchecked` for want of a key or of
            `cryptography`.
    """

    size: int
    head: str
    root: str
    anchored: int | None
    signature: SignatureState

    @property
    def is_anchored(self) -> bool:
        """Whether a checkpoint covers all that is there, so that nothing is missing at the end."""
        return self.anchored == self.size

    def words(self) -> list[str]:
        """Say it, a sentence on each line."""
        return words_of(
            Finding(self.size, self.head, self.root, anchored=self.anchored, signature=self.signature),
        )


def verify_entries(
    lines: Iterable[bytes], checkpoints: Sequence[Checkpoint] = (), *, key: Key | None = None
) -> Verification:
    """Verify the lines of a trail, wherever they come from.

    Args:
        lines: All lines from the first one on, each with its newline.
        checkpoints: What the trail was at other times; they should come from another place.
        key: What their signatures are checked with. With it, a checkpoint without a signature is refused.

    Raises:
        AuditBroken: An entry does not verify, or is missing; `number` is the first one.
        AuditError: The signature of a checkpoint is wrong; or what is given is no lines, no checkpoints or no key.

    Example:
        >>> verify_entries([]).anchored is None
        True
    """
    known = elements(checkpoints)
    if known is None or not all(is_a(each, Checkpoint) for each in known):
        raise AuditError(
            f"the checkpoints are {shortened(checkpoints)}: give a list of Checkpoint; read_checkpoints reads"
        )
    if key is not None and not is_a(key, Key):
        raise AuditError("the key is none: give Signer.key, or what read_key reads")
    if is_a(lines, str, bytes) or not is_a(lines, Iterable):
        raise AuditError(f"the lines are {shortened(lines)}: give a list of bytes, such as open(path, 'rb') gives them")
    # What is no bytes is no line, and is found as such.
    finding = verify_lines((line if is_a(line, bytes) else b"" for line in lines), checkpoints, key=key)
    if finding.problem:
        raise _error(finding)
    return Verification(
        size=finding.size,
        head=finding.head,
        root=finding.root,
        anchored=finding.anchored,
        signature=finding.signature,
    )


def _error(finding: Finding) -> AuditError:
    if not finding.number:
        return AuditError(f"{finding.problem}; verify with the checkpoint and the key that belong together")
    return AuditBroken(
        f"entry {finding.number}: {finding.problem}; {finding.size} entries before it verify: compare with a copy",
        number=finding.number,
    )


def signed(checkpoint: Checkpoint, signer: Signer) -> Checkpoint:
    """Return a checkpoint with a signature."""
    signature = signer.sign(checkpoint.signed()).hex()
    return replace(checkpoint, algorithm=signer.key.algorithm, signature=signature)


def read_checkpoints(text: str) -> list[Checkpoint]:
    """Read checkpoints, one on each line, as `Checkpoint.text` wrote them.

    Raises:
        AuditError: There is none, or one is not as it was written.
    """
    try:
        return _read_checkpoints(_checked(text))
    except (ValueError, RecursionError) as error:
        raise AuditError(f"this is no file of checkpoints: {error}") from error


def read_key(text: str) -> Key:
    """Read a key for verification: `hmac-sha256:HEX`, or `ed25519:HEX` for a public key.

    Raises:
        AuditError: It is no key, or one that can be guessed.

    Example:
        >>> read_key("hmac-sha256:000102030405060708090a0b0c0d0e0f").algorithm
        'hmac-sha256'
    """
    try:
        return _read_key(_checked(text))
    except ValueError as error:
        raise AuditError(f"this is no key: {error}") from error


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise AuditError(f"a text is read here, not {type(text).__name__}")
    return text

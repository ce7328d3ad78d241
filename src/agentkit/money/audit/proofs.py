"""Proofs that are short: that an entry is in a trail, and that a trail was only added to.

Rules: the paths are those of RFC 6962, sections 2.1.1 and 2.1.2; verifying one needs a checkpoint and no trail. A trail
is read once for all proofs, and what comes to it later is read then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agentkit.errors import NotFound
from agentkit.money.numbers.kinds import is_a

from .verifier import Checkpoint, is_consistent, is_included, leaf_hash, node_hash

__all__ = ["ConsistencyProof", "InclusionProof", "ProvingTree"]

_HASH: Final = 32
"""Bytes of a hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """That an entry is in a trail, for somebody who has nothing of the trail but a checkpoint.

    Attributes:
        number: The entry's number, from 1.
        size: The size of the trail that it is proved for.
        path: The hashes that lead from the entry to the root.
    """

    number: int
    size: int
    path: tuple[bytes, ...]

    def holds(self, body: bytes, checkpoint: Checkpoint) -> bool:
        """Whether it proves that an entry is in the trail of a checkpoint.

        Args:
            body: The entry's body, `AuditEntry.body`.
            checkpoint: Of the size that the proof is for.
        """
        if checkpoint.size != self.size or not is_a(body, bytes) or not _is_path(self.path):
            return False
        root = bytes.fromhex(checkpoint.root)
        return is_included(leaf_hash(body), index=self.number - 1, size=self.size, path=self.path, root=root)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyProof:
    """That a trail was only added to between two checkpoints.

    Attributes:
        first: The size of the older one.
        second: The size of the newer one.
        path: The hashes that lead to both roots.
    """

    first: int
    second: int
    path: tuple[bytes, ...]

    def holds(self, old: Checkpoint, new: Checkpoint) -> bool:
        """Whether it proves that all entries of the older checkpoint stand at the beginning of the newer one."""
        if (old.size, new.size) != (self.first, self.second) or not _is_path(self.path):
            return False
        roots = bytes.fromhex(old.root), bytes.fromhex(new.root)
        return is_consistent(self.first, self.second, path=self.path, old_root=roots[0], new_root=roots[1])


def _is_path(path: tuple[object, ...]) -> bool:
    """Whether it is made of hashes, whatever somebody has sent."""
    return all(is_a(each, bytes) for each in path)


class ProvingTree:
    """The Merkle tree over a trail with the hashes of all its complete parts, so that a proof is a matter of looking.

    It takes 64 bytes for each entry; whoever needs roots and no proofs takes `verifier.Tree`.
    """

    __slots__ = ("_levels",)

    def __init__(self) -> None:
        self._levels: list[bytearray] = [bytearray()]
        """In the first one the hashes of the leaves, in the next those of complete pairs of them, and so on."""

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0]) // _HASH

    def add(self, leaf: bytes) -> None:
        """Take in the hash of the next leaf."""
        found = leaf
        for level in self._levels:
            level.extend(found)
            if len(level) // _HASH % 2:
                return
            found = node_hash(bytes(level[-2 * _HASH : -_HASH]), bytes(level[-_HASH:]))
        self._levels.append(bytearray(found))

    def root(self, first: int, last: int) -> bytes:
        """The root over the leaves from one number up to another one, a part that the definition of the tree knows."""
        count = last - first
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            place = (first >> height) * _HASH
            return bytes(self._levels[height][place : place + _HASH])
        split = first + _split(count)
        return node_hash(self.root(first, split), self.root(split, last))

    def inclusion_path(self, index: int, size: int) -> tuple[bytes, ...]:
        """The path from a leaf to the root over the first so many: RFC 6962, section 2.1.1.

        Raises:
            NotFound: There is no such leaf among them.
        """
        if not 0 <= index < size:
            raise NotFound(f"there is no entry {index + 1}: the tree has {size}")
        first, last = 0, size
        path: list[bytes] = []
        while last - first > 1:
            split = first + _split(last - first)
            if index < split:
                path.append(self.root(split, last))
                last = split
            else:
                path.append(self.root(first, split))
                first = split
        return tuple(reversed(path))

    def consistency_path(self, old: int, size: int) -> tuple[bytes, ...]:
        """The path that shows that the first leaves are the beginning of more: RFC 6962, section 2.1.2.

        Raises:
            NotFound: There are not that many leaves.
        """
        if not 0 <= old <= size:
            raise NotFound(f"there is no trail of {old} entries in one of {size}")
        if old == 0:
            return ()
        first, last = 0, size
        path: list[bytes] = []
        while last != old:
            split = first + _split(last - first)
            if old <= split:
                path.append(self.root(split, last))
                last = split
            else:
                path.append(self.root(first, split))
                first = split
        # Whoever has the old tree knows its root; what is only a part of it they have to be told.
        if first:
            path.append(self.root(first, last))
        return tuple(reversed(path))


def _split(size: int) -> int:
    """The largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)

"""Proofs that are short: that an entry is in a trail, and that a trail was only added to.

Rules: the paths are those of RFC 6962, sections 2.1.1 and 2.1.2; verifying one needs a checkpoint and no trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.errors import NotFound

from .verifier import Checkpoint, is_consistent, is_included, leaf_hash, node_hash

__all__ = ["ConsistencyProof", "InclusionProof", "consistency_path", "inclusion_path", "tree_root"]


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
        if checkpoint.size != self.size:
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
        if (old.size, new.size) != (self.first, self.second):
            return False
        roots = bytes.fromhex(old.root), bytes.fromhex(new.root)
        return is_consistent(self.first, self.second, path=self.path, old_root=roots[0], new_root=roots[1])


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over at least one leaf hash, by the definition of RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The path from a leaf to the root: RFC 6962, section 2.1.1.

    Raises:
        NotFound: There is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise NotFound(f"there is no entry {index + 1}: the tree has {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_path(leaves[:split], index), tree_root(leaves[split:])]
    return [*inclusion_path(leaves[split:], index - split), tree_root(leaves[:split])]


def consistency_path(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """The path that shows that the first leaves are the beginning of all: RFC 6962, section 2.1.2.

    Raises:
        NotFound: There are not that many leaves.
    """
    if not 0 <= first <= len(leaves):
        raise NotFound(f"there is no trail of {first} entries in one of {len(leaves)}")
    return [] if first == 0 else _subproof(leaves, first, is_whole=True)


def _subproof(leaves: Sequence[bytes], first: int, *, is_whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if is_whole else [tree_root(leaves)]
    split = _split(len(leaves))
    if first <= split:
        return [*_subproof(leaves[:split], first, is_whole=is_whole), tree_root(leaves[split:])]
    return [*_subproof(leaves[split:], first - split, is_whole=False), tree_root(leaves[:split])]


def _split(size: int) -> int:
    """The largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)

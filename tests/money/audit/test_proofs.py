"""Rule 39: proofs, held to the published vectors of certificate transparency and to the words of RFC 6962.

The eight leaves, their roots and these proofs are the reference data of the log servers of certificate transparency, as
github.com/transparency-dev/merkle keeps them (testonly/constants.go, testonly/reference_test.go).
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import NotFound
from agentkit.money import AuditTrail, Checkpoint, MemorySink
from agentkit.money.audit import proofs
from agentkit.money.audit.proofs import ProvingTree
from agentkit.money.audit.verifier import Tree, is_consistent, is_included, leaf_hash, node_hash
from tests.money.audit.trails import START, fill, lines

LEAVES = [
    bytes.fromhex(digits)
    for digits in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
A1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
A4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
B0 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
B1 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
B2 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
B3 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
C0 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
C1 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

MOST = 130


@cache
def hashes(size: int) -> tuple[bytes, ...]:
    return tuple(leaf_hash(f"leaf {number}".encode()) for number in range(size))


@cache
def root(size: int) -> bytes:
    """The root by the definition, where there are leaves."""
    return tree_root(hashes(size)) if size else hashlib.sha256(b"").digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over at least one leaf hash, in the words of RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def tree_of(leaves: Sequence[bytes]) -> ProvingTree:
    tree = ProvingTree()
    for leaf in leaves:
        tree.add(leaf)
    return tree


WHOLE = tree_of(hashes(MOST + 1))
"""More leaves than any proof here is about: what comes later changes no proof of a smaller size."""


def hexes(path: Sequence[bytes]) -> list[str]:
    return [step.hex() for step in path]


@pytest.mark.parametrize("size", range(9))
def test_rule_39_the_tree_has_the_published_roots(size: int) -> None:
    tree = Tree()
    for leaf in LEAVES[:size]:
        tree.add(leaf)

    assert tree.root().hex() == ROOTS[size]
    assert size == 0 or tree_root([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 2, [A1]),
        (1, 2, [A0]),
        (2, 3, [B0]),
        (1, 5, [A0, B1, A4]),
        (0, 8, [A1, B1, C1]),
        (5, 8, [A4, B3, C0]),
    ],
)
def test_rule_39_inclusion_proofs_are_the_published_ones(index: int, size: int, path: list[str]) -> None:
    leaves = [leaf_hash(leaf) for leaf in LEAVES[:size]]
    made = tree_of(leaves).inclusion_path(index, size)

    assert hexes(made) == path
    assert is_included(leaves[index], index=index, size=size, path=made, root=bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [(1, 1, []), (1, 8, [A1, B1, C1]), (2, 5, [B1, A4]), (6, 8, [B2, B3, C0])],
)
def test_rule_39_consistency_proofs_are_the_published_ones(first: int, second: int, path: list[str]) -> None:
    made = tree_of([leaf_hash(leaf) for leaf in LEAVES]).consistency_path(first, second)
    roots = bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[second])

    assert hexes(made) == path
    assert is_consistent(first, second, path=made, old_root=roots[0], new_root=roots[1])


def test_the_tree_that_is_kept_while_entries_come_is_the_defined_one_at_all_sizes() -> None:
    tree = Tree()
    for size in range(MOST + 1):
        assert tree.root() == root(size)
        tree.add(f"leaf {size}".encode())


@given(st.data())
def test_rule_39_an_inclusion_proof_holds_for_its_leaf_and_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    index = data.draw(st.integers(0, size - 1))
    path = [*WHOLE.inclusion_path(index, size)]

    assert is_included(hashes(size)[index], index=index, size=size, path=path, root=root(size))
    for other in range(size):
        right = other == index
        assert is_included(hashes(size)[other], index=index, size=size, path=path, root=root(size)) is right
    assert not is_included(hashes(size)[index], index=index, size=size, path=[*path, root(1)], root=root(size))
    assert not is_included(hashes(size)[index], index=index, size=size, path=path, root=root(size - 1))
    assert not is_included(hashes(size)[index], index=size, size=size, path=path, root=root(size))
    if path:
        assert not is_included(hashes(size)[index], index=index, size=size, path=path[:-1], root=root(size))
        place = data.draw(st.integers(0, len(path) - 1))
        path[place] = bytes([path[place][0] ^ 1]) + path[place][1:]
        assert not is_included(hashes(size)[index], index=index, size=size, path=path, root=root(size))


@given(st.data())
def test_rule_39_a_consistency_proof_holds_for_its_roots_and_no_others(data: st.DataObject) -> None:
    second = data.draw(st.integers(0, MOST))
    first = data.draw(st.integers(0, second))
    path = [*WHOLE.consistency_path(first, second)]

    assert is_consistent(first, second, path=path, old_root=root(first), new_root=root(second))
    wrong = root(MOST + 1)
    assert not is_consistent(first, second, path=path, old_root=wrong, new_root=root(second))
    assert not is_consistent(first, second, path=[*path, wrong], old_root=root(first), new_root=root(second))
    assert first == 0 or not is_consistent(first, second, path=path, old_root=root(first), new_root=wrong)
    if path:
        assert not is_consistent(first, second, path=path[:-1], old_root=root(first), new_root=root(second))
        place = data.draw(st.integers(0, len(path) - 1))
        path[place] = bytes([path[place][0] ^ 1]) + path[place][1:]
        assert not is_consistent(first, second, path=path, old_root=root(first), new_root=root(second))


def test_rule_39_a_proof_for_another_size_is_refused_although_its_hashes_fit() -> None:
    step, small, large = (bytes.fromhex(digits) for digits in (A1, A0, B0))

    assert is_consistent(1, 2, path=[step], old_root=small, new_root=large)
    assert not is_consistent(1, 8, path=[step], old_root=small, new_root=large)
    assert is_included(small, index=0, size=2, path=[step], root=large)
    assert not is_included(small, index=0, size=8, path=[step], root=large)


def test_rule_39_a_proof_that_fits_no_tree_at_all_is_refused_too() -> None:
    leaf, step = root(1), root(2)

    refused = [
        is_included(leaf, index=1, size=1, path=[], root=leaf),
        is_included(leaf, index=-1, size=1, path=[], root=leaf),
        is_included(leaf, index=0, size=1, path=[step], root=leaf),
        is_consistent(2, 1, path=[step], old_root=step, new_root=leaf),
        is_consistent(-1, 1, path=[step], old_root=step, new_root=leaf),
        is_consistent(1, 2, path=[], old_root=leaf, new_root=step),
        is_consistent(1, 2, path=[leaf, step], old_root=leaf, new_root=step),
        is_consistent(0, 2, path=[step], old_root=root(0), new_root=step),
        is_consistent(2, 2, path=[step], old_root=step, new_root=step),
    ]

    assert refused == [False] * 9


@pytest.mark.long
def test_rule_39_proofs_hold_for_every_entry_and_every_pair_of_sizes_up_to_130() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            path = [*WHOLE.inclusion_path(index, size)]
            assert is_included(hashes(size)[index], index=index, size=size, path=path, root=root(size))
        for first in range(size + 1):
            path = [*WHOLE.consistency_path(first, size)]
            assert is_consistent(first, size, path=path, old_root=root(first), new_root=root(size))


def test_rule_39_a_proof_of_a_trail_needs_nothing_but_a_checkpoint() -> None:
    trail = AuditTrail(MemorySink(lines()[:20]))
    new = trail.checkpoint(at=START)
    old = AuditTrail(MemorySink(lines()[:13])).checkpoint(at=START)

    for number in range(1, 21):
        assert trail.prove_inclusion(number).holds(trail.entry(number).body, new)
        assert not trail.prove_inclusion(number).holds(trail.entry(21 - number).body, new)
    assert trail.prove_inclusion(7, size=20) == trail.prove_inclusion(7)
    assert trail.prove_inclusion(7, size=13).holds(trail.entry(7).body, old)
    assert not trail.prove_inclusion(7, size=13).holds(trail.entry(7).body, new)
    assert trail.prove_consistency(13).holds(old, new)
    assert not trail.prove_consistency(13).holds(new, old)
    nothing = AuditTrail(MemorySink()).checkpoint(at=START)
    assert trail.prove_consistency(0).holds(nothing, new)
    assert trail.prove_consistency(0, 0).holds(nothing, nothing)
    other = Checkpoint(old.size, old.head, new.root, old.at)
    assert not trail.prove_consistency(13).holds(other, new)


class CountingSink(MemorySink):
    """Counts the lines that are read from it."""

    def __init__(self, given: Sequence[bytes] = ()) -> None:
        super().__init__(given)
        self.read_lines = 0

    def read(self, after: int = 0) -> Iterator[bytes]:
        for line in super().read(after):
            self.read_lines += 1
            yield line


def test_a_second_proof_reads_only_what_is_new_and_computes_a_few_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = CountingSink(lines()[:400])
    trail = AuditTrail(sink)
    trail.prove_inclusion(7)
    sink.read_lines = 0
    computed = 0

    def counted(left: bytes, right: bytes) -> bytes:
        nonlocal computed
        computed += 1
        return node_hash(left, right)

    monkeypatch.setattr(proofs, "node_hash", counted)
    trail.prove_inclusion(7)
    trail.prove_consistency(133, 399)
    assert (sink.read_lines, computed <= 40) == (0, True)
    fill(trail, 1)
    assert trail.prove_inclusion(401).holds(trail.entry(401).body, trail.checkpoint(at=START))
    assert computed <= 60


def test_proofs_and_appends_of_many_threads_do_not_disturb_each_other() -> None:
    trail = AuditTrail(MemorySink(), buffered=3)
    fill(trail, 1)

    def work(number: int) -> bool:
        if number % 3:
            trail.append(actor="ada", operation="count", inputs={"n": number}, outputs={}, at=START)
            return True
        new = trail.prove_consistency(1)
        return new.first == 1 and new.second >= 1

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(300)))
    old = AuditTrail(MemorySink([next(trail.entries()).line])).checkpoint(at=START)
    assert trail.prove_consistency(1).holds(old, trail.checkpoint(at=START))


def test_a_proof_of_what_is_not_there_is_refused() -> None:
    trail = AuditTrail(MemorySink(lines()[:5]))

    for number in (0, 6, -1):
        with pytest.raises(NotFound):
            trail.prove_inclusion(number)
    for first, second in ((6, 5), (1, 6), (-1, 5), (1, -1)):
        with pytest.raises(NotFound):
            trail.prove_consistency(first, second)

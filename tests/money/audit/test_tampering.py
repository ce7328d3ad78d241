"""Rule 38: whatever is done to a trail of 500 entries is found, and the first bad entry is named.

A flipped byte of entry k leaves everything before it as it was, so what a verification knows there is computed once.
"""

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import AuditBroken
from agentkit.money import AuditTrail, MemorySink, verify_entries
from agentkit.money.audit.verifier import EMPTY_HEAD, Chain, verify_lines
from tests.money.audit.trails import lines

COUNT = 500


def chain_before(number: int) -> Chain:
    """The chain as it is when entry `number` comes."""
    return Chain(number - 1, lines()[number - 2][-67:-3].decode() if number > 1 else EMPTY_HEAD)


def first_problem(chain: Chain, data: bytes) -> int | None:
    """The number of the first entry of some bytes that does not verify."""
    for line in split(data):
        if chain.problem(line):
            return chain.size + 1
    return None


def split(data: bytes) -> Iterator[bytes]:
    """Split at newlines only, as files do."""
    *whole, last = data.split(b"\n")
    yield from (part + b"\n" for part in whole)
    if last:
        yield last


def flips(number: int, masks: range | tuple[int, ...]) -> Iterator[int | None]:
    """What is found for each flip of each byte of an entry, its newline included."""
    start = chain_before(number)
    behind = b"".join(lines()[number : number + 1])
    line = bytearray(lines()[number - 1])
    for place in range(len(line)):
        for mask in masks:
            line[place] ^= mask
            yield first_problem(Chain(start.size, start.head), bytes(line) + behind)
            line[place] ^= mask


def found(changed: list[bytes]) -> int | None:
    """What a whole verification says of changed lines."""
    finding = verify_lines(changed)
    return finding.number or None


def test_the_trail_verifies_before_anything_is_done_to_it() -> None:
    assert found(list(lines())) is None
    assert all(not chain_before(number).problem(lines()[number - 1]) for number in range(1, COUNT + 1))


def test_rule_38_a_flip_of_any_byte_of_any_entry_names_that_entry() -> None:
    for number in range(1, COUNT + 1):
        # One bit of each byte, another one at each entry.
        assert set(flips(number, (1 << number % 8,))) == {number}


@pytest.mark.long
def test_rule_38_every_other_value_of_any_byte_names_that_entry() -> None:
    for number in range(1, COUNT + 1, 25):
        assert set(flips(number, range(1, 256))) == {number}
    for number in range(1, COUNT + 1):
        assert set(flips(number, (1, 2, 4, 8, 16, 32, 64, 128))) == {number}


def test_rule_38_the_deletion_of_any_entry_but_the_last_names_it() -> None:
    for number in range(1, COUNT):
        changed = [*lines()[: number - 1], *lines()[number:]]
        assert first_problem(chain_before(number), b"".join(changed[number - 1 : number + 1])) == number
    assert [found([*lines()[: number - 1], *lines()[number:]]) for number in (1, 2, 250, 499)] == [1, 2, 250, 499]


def test_rule_38_the_exchange_of_any_two_entries_names_the_first() -> None:
    for number in range(1, COUNT):
        for other in {number + 1, (number + COUNT) // 2 + 1, COUNT} - {number, COUNT + 1}:
            changed = list(lines())
            changed[number - 1], changed[other - 1] = changed[other - 1], changed[number - 1]
            assert first_problem(chain_before(number), b"".join(changed[number - 1 : number + 1])) == number
    swapped = list(lines())
    swapped[9], swapped[400] = swapped[400], swapped[9]
    assert found(swapped) == 10


def test_rule_38_an_insertion_at_any_place_names_it() -> None:
    for number in range(1, COUNT + 2):
        for strange in (lines()[0], lines()[number - 2], b"{}\n", b"\n"):
            if (number, strange) != (1, lines()[0]):
                assert first_problem(chain_before(number), strange) == number
    assert found([*lines()[:100], lines()[99], *lines()[100:]]) == 101
    assert found([lines()[0], *lines()]) == 2


def test_rule_38_an_insertion_that_fits_where_it_stands_names_the_entry_behind_it() -> None:
    sink = MemorySink(lines()[:100])
    AuditTrail(sink).append(actor="eve", operation="x", inputs={}, outputs={}, at=AuditTrail(sink).entry(1).at)

    assert found([*sink.read(), *lines()[100:]]) == 102
    assert found([*sink.read(), *lines()[101:]]) == 102


def test_rule_38_a_cut_in_the_middle_of_any_entry_names_it() -> None:
    for number in range(1, COUNT + 1):
        for length in (1, len(lines()[number - 1]) // 2, len(lines()[number - 1]) - 1):
            assert "cut off" in (chain_before(number).problem(lines()[number - 1][:length]) or "")


def test_rule_38_a_bare_chain_cannot_show_truncation_and_says_so() -> None:
    for number in (0, 1, 250, 499):
        verification = verify_entries(lines()[:number])
        assert (verification.size, verification.anchored, verification.is_anchored) == (number, None, False)
        assert "not anchored" in verification.words()[-1]


def test_rule_38_what_is_wrong_is_told_as_an_error_with_the_number() -> None:
    with pytest.raises(AuditBroken, match="entry 3: entry 4 stands in its place") as caught:
        verify_entries([*lines()[:2], *lines()[3:]])

    assert caught.value.number == 3


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"b":"1","a":"2"}', "canonical"),
        (b'{"a":"1","a":"1"}', "canonical"),
        (b'{"a":1}', "canonical"),
        (b'{"a":NaN}', "canonical"),
        (b'{"a": "1"}', "canonical"),
        (b'{"a":"\\u00e9"}', "canonical"),
        (b'{"a":"\\ud800"}', "canonical"),
        (b'{"a":"\xff"}', "canonical"),
        (b"[" * 100_000, "canonical"),
        (b'["a"]', "is no entry"),
        (b'{"format":"2"}', "knows format '1'"),
        (b'{"format":"1"}', "fields"),
    ],
)
def test_rule_38_a_forged_body_with_a_fitting_hash_is_found(body: bytes, words: str) -> None:
    line = b'{"entry":' + body + b',"hash":"' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'

    assert words in (Chain().problem(line) or "")


@given(st.lists(st.binary(max_size=40), max_size=3), st.integers(0, 20))
def test_rule_38_no_bytes_at_all_make_the_verifier_stumble(strange: list[bytes], number: int) -> None:
    finding = verify_lines([*lines()[:number], *strange])

    assert finding.size == number
    assert (finding.number == number + 1) is bool(strange)

"""Rule 38: checkpoints show what a chain cannot, and signatures show who made them."""

import hashlib
import sys
from dataclasses import replace

import pytest

from agentkit.errors import AuditBroken, AuditError, MissingExtra
from agentkit.money import (
    AuditTrail,
    Checkpoint,
    Ed25519Signer,
    HmacSigner,
    Key,
    MemorySink,
    read_checkpoints,
    read_key,
    verify_entries,
)
from agentkit.money.audit.verifier import Tree, body_of
from tests.money.audit.trails import START, fill, lines

SECRET = HmacSigner(b"a secret of the auditors")
PAIR = Ed25519Signer(bytes(range(32)))


def checkpoint_of(size: int) -> Checkpoint:
    return AuditTrail(MemorySink(lines()[:size])).checkpoint(at=START)


def test_rule_38_a_checkpoint_says_size_root_head_and_time() -> None:
    tree = Tree()
    for line in lines()[:5]:
        tree.add(body_of(line))
    made = checkpoint_of(5)

    assert (made.size, made.head, made.root) == (5, lines()[4][-67:-3].decode(), tree.root().hex())
    assert made.at == "2025-11-03T12:00:00.000000Z"
    assert read_checkpoints(made.text() + checkpoint_of(0).text()) == [made, checkpoint_of(0)]
    assert checkpoint_of(0).root == hashlib.sha256(b"").hexdigest()


def test_rule_38_each_checkpoint_goes_on_where_the_one_before_ended() -> None:
    trail = AuditTrail(MemorySink(), buffered=100)
    for size in (0, 1, 8, 21, 21):
        fill(trail, size - trail.size)
        assert trail.checkpoint(at=START) == checkpoint_of(size)
    assert trail.verify([checkpoint_of(size) for size in (1, 8, 21)]).is_anchored


@pytest.mark.parametrize("sizes", [range(0, 500, 13), pytest.param(range(500), marks=pytest.mark.long)])
def test_rule_38_a_checkpoint_shows_every_truncation(sizes: range) -> None:
    known = checkpoint_of(500)
    for size in sizes:
        with pytest.raises(AuditBroken, match="it is missing: the checkpoint of 2025-11-03") as caught:
            verify_entries(lines()[:size], [known])
        assert caught.value.number == size + 1


def test_rule_38_a_checkpoint_shows_a_trail_that_was_written_anew() -> None:
    sink = MemorySink(lines()[:8])
    trail = AuditTrail(sink)
    for number in range(12):
        trail.append(actor="eve", operation="steal", inputs={"n": number}, outputs={}, at=START)

    assert trail.verify().anchored is None
    assert trail.verify([checkpoint_of(8)]).anchored == 8
    with pytest.raises(AuditBroken, match="one of 9 to 20 was exchanged") as caught:
        trail.verify([checkpoint_of(20), checkpoint_of(8)])
    assert caught.value.number == 9


@pytest.mark.parametrize("wrong", [{"root": "0" * 64}, {"head": "0" * 64}])
def test_rule_38_a_checkpoint_has_to_fit_in_head_and_root(wrong: dict[str, str]) -> None:
    known = checkpoint_of(5)
    with pytest.raises(AuditBroken, match="one of 1 to 5 was exchanged"):
        verify_entries(
            lines()[:9], [Checkpoint(5, wrong.get("head", known.head), wrong.get("root", known.root), known.at)]
        )


def test_rule_38_verification_says_how_far_it_was_anchored() -> None:
    found = verify_entries(lines()[:20], [checkpoint_of(12), checkpoint_of(3)])

    assert (found.size, found.anchored, found.is_anchored, found.signature) == (20, 12, False, "none")
    assert "entries from 13 on are newer than it" in found.words()
    assert verify_entries(lines()[:12], [checkpoint_of(12)]).is_anchored


@pytest.mark.parametrize("signer", [SECRET, PAIR], ids=["hmac", "ed25519"])
def test_rule_38_a_signature_is_checked_with_the_key_and_told_unchecked_without(signer: HmacSigner) -> None:
    made = AuditTrail(MemorySink(lines()[:9])).checkpoint(signer, at=START)
    (again,) = read_checkpoints(made.text())

    assert verify_entries(lines()[:9], [again], key=signer.key).signature == "valid"
    assert verify_entries(lines()[:9], [again]).signature == "unchecked"
    assert "NOT CHECKED" in verify_entries(lines()[:9], [again]).words()[-1]


@pytest.mark.parametrize("signer", [SECRET, PAIR], ids=["hmac", "ed25519"])
def test_rule_38_a_wrong_signature_is_refused(signer: HmacSigner) -> None:
    made = AuditTrail(MemorySink(lines()[:9])).checkpoint(signer, at=START)
    other = AuditTrail(MemorySink(lines()[:8])).checkpoint(signer, at=START)
    wrong = [
        checkpoint_of(9),
        replace(made, signature="00" + made.signature[2:]),
        replace(made, signature="no hex"),
        replace(made, at="2025-11-04T12:00:00.000000Z"),
        replace(other, signature=made.signature),
        replace(made, algorithm="none"),
    ]
    for each in wrong:
        with pytest.raises(AuditError, match="is not signed with this key"):
            verify_entries(lines()[:9], [each], key=signer.key)


def test_rule_38_a_public_key_is_never_taken_for_a_secret() -> None:
    # Who knows the public key can make an HMAC with it; the key says what it is, and the checkpoint is not asked.
    forged = AuditTrail(MemorySink(lines()[:9])).checkpoint(HmacSigner(PAIR.key.value), at=START)

    with pytest.raises(AuditError, match="not signed with this key"):
        verify_entries(lines()[:9], [forged], key=PAIR.key)
    with pytest.raises(AuditError, match="not signed with this key"):
        verify_entries(lines()[:9], [replace(forged, algorithm="ed25519")], key=PAIR.key)


def test_ed25519_signs_as_rfc_8032_says() -> None:
    # Section 7.1, test 2.
    signer = Ed25519Signer(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))

    assert signer.key.value.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.sign(b"\x72").hex().startswith("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da")


def test_without_cryptography_ed25519_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    made = AuditTrail(MemorySink(lines()[:9])).checkpoint(PAIR, at=START)
    for name in [name for name in sys.modules if name.split(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)

    with pytest.raises(MissingExtra, match=r"agentkit\[audit\]"):
        Ed25519Signer(bytes(32))
    assert verify_entries(lines()[:9], [made], key=PAIR.key).signature == "unchecked"


@pytest.mark.parametrize(
    "text", ["", "\n", "{}", "x", "[]", '{"checkpoint":{}}', checkpoint_of(3).text().replace("3", "٣")]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(AuditError, match="no file of checkpoints"):
        read_checkpoints(text)


def test_a_changed_letter_of_a_checkpoint_is_refused_or_is_another_checkpoint() -> None:
    text = checkpoint_of(9).text()
    for place in range(len(text) - 1):
        changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        try:
            (read,) = read_checkpoints(changed)
        except AuditError:
            continue
        assert read != checkpoint_of(9)
        assert read.text() == changed


@pytest.mark.parametrize("text", ["", "ab", "rsa:00", "hmac-sha256:zz", "hmac-sha256:0011", "ed25519:" + "00" * 31])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(AuditError, match="no key"):
        read_key(text)


def test_keys_are_read_as_they_are_written() -> None:
    assert read_key(f"hmac-sha256:{b'0123456789abcdef'.hex()}\n") == Key("hmac-sha256", b"0123456789abcdef")
    assert read_key("ed25519:" + "00" * 32) == Key("ed25519", bytes(32))
    with pytest.raises(AuditError, match="guessed"):
        HmacSigner(b"short")
    with pytest.raises(AuditError, match="32 bytes"):
        Ed25519Signer(b"short")


def test_rule_38_a_checkpoint_is_not_made_of_what_was_changed_behind_the_trails_back() -> None:
    changed = list(lines()[:9])
    trail = AuditTrail(sink := MemorySink(changed))
    sink._lines[4] = lines()[5]

    with pytest.raises(AuditBroken) as caught:
        trail.checkpoint(at=START)
    assert caught.value.number == 5


def test_rule_38_of_several_checkpoints_of_what_is_missing_the_farthest_is_named() -> None:
    with pytest.raises(AuditBroken, match="knows 9 entries") as caught:
        verify_entries(lines()[:5], [checkpoint_of(9), checkpoint_of(7)])
    assert caught.value.number == 6


def test_a_key_is_read_as_it_is_written_and_is_long_enough() -> None:
    for text in (f"hmac-sha256:{'ab' * 16}", f"hmac-sha256:{'ab' * 32}", f"ed25519:{'ab' * 32}"):
        assert read_key(f" {text}\n") == Key(text.partition(":")[0], bytes.fromhex(text.partition(":")[2]))
    for text in (f"hmac-sha256:{'ab' * 15}", f"ed25519:{'ab' * 31}", f"rsa:{'ab' * 32}", "hmac-sha256:xy", ""):
        with pytest.raises(AuditError):
            read_key(text)

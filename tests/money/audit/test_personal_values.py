"""Rule 39: a personal value is erased, and the chain holds."""

import errno
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentkit.errors import AuditBroken, AuditError, Closed, Expired, NotFound, UnstorableValue
from agentkit.money import AuditTrail, FileDisclosures, JsonLinesSink, MemoryDisclosures, MemorySink, Personal
from agentkit.money.audit.redaction import commitment_of
from tests.money.audit.trails import Counting

NAME = Personal("Ada Lovelace")


def trail_of(sink: MemorySink, place: MemoryDisclosures) -> AuditTrail:
    return AuditTrail(sink, clock=Counting(), disclosures=place)


def test_rule_39_a_personal_value_is_a_salted_commitment_in_the_entry() -> None:
    trail = trail_of(sink := MemorySink(), MemoryDisclosures())
    for _ in range(2):
        trail.append(actor=NAME, operation="share", inputs={"to": [NAME, {"a/b~": NAME}]}, outputs={"n": NAME})
    kept = b"".join(sink.read())

    assert b"Ada" not in kept
    assert kept.count(b'"commitment"') == 8
    assert len({trail.entry(number).body.split(b'"commitment":"')[each] for number in (1, 2) for each in (1, 2)}) == 4
    for field in ("/actor", "/inputs/to/0", "/inputs/to/1/a~1b~0", "/outputs/n"):
        assert trail.reveal(2, field) == "Ada Lovelace"
    assert "Ada" not in repr(NAME)


def test_rule_39_redaction_erases_one_value_and_breaks_nothing() -> None:
    trail = trail_of(sink := MemorySink(), place := MemoryDisclosures())
    for _ in range(3):
        trail.append(actor="ada", operation="share", inputs={"name": NAME, "mail": Personal("a@b.c")}, outputs={})
    before, checkpoint = list(sink.read()), trail.checkpoint()
    trail.redact(2, "/inputs/name")

    assert list(sink.read()) == before
    assert trail.verify([checkpoint]).is_anchored
    with pytest.raises(Expired, match="entry 2 at '/inputs/name' was erased"):
        trail.reveal(2, "/inputs/name")
    with pytest.raises(Expired):
        trail.redact(2, "/inputs/name")
    assert (trail.reveal(2, "/inputs/mail"), trail.reveal(1, "/inputs/name")) == ("a@b.c", "Ada Lovelace")
    assert b"".join(place.read()).count(b"Ada") == 2


@pytest.mark.parametrize(
    "field", ["", "/", "/nothing", "/inputs", "/inputs/name/x", "inputs/name", "/actor", "/inputs/l/9", "/inputs/l/1"]
)
def test_what_is_no_personal_value_is_not_found(field: str) -> None:
    trail = trail_of(MemorySink(), MemoryDisclosures())
    trail.append(actor="ada", operation="share", inputs={"name": NAME, "l": ["x"]}, outputs={})

    with pytest.raises(NotFound):
        trail.redact(1, field)
    with pytest.raises(NotFound, match="no entry 2"):
        trail.redact(2, "/inputs/name")


def test_a_personal_value_that_was_changed_is_found() -> None:
    trail = trail_of(MemorySink(), place := MemoryDisclosures())
    trail.append(actor="ada", operation="open", inputs={}, outputs={})
    trail.append(actor="ada", operation="share", inputs={"name": NAME}, outputs={})
    place.rewrite([line.replace(b"Ada", b"Eve") for line in place.read()])

    with pytest.raises(AuditBroken, match="not what it commits to") as caught:
        trail.verify()
    assert caught.value.number == 2


def test_rule_39_on_disk_nothing_of_an_erased_value_is_left_in_its_file(tmp_path: Path) -> None:
    personal, kept = tmp_path / "personal.jsonl", tmp_path / "trail.jsonl"
    with AuditTrail(JsonLinesSink(kept), clock=Counting(), disclosures=FileDisclosures(personal)) as trail:
        trail.append(actor="ada", operation="share", inputs={"name": NAME}, outputs={})
        assert b"Ada" in personal.read_bytes()
        trail.redact(1, "/inputs/name")
        assert personal.read_bytes() == b""
    assert b"Ada" not in kept.read_bytes()
    assert personal.stat().st_mode & 0o077 == kept.stat().st_mode & 0o077 == 0
    with AuditTrail(JsonLinesSink(kept)) as trail:
        assert trail.verify().size == 1


def test_a_value_whose_entry_a_crash_has_prevented_is_erased_when_the_trail_is_opened() -> None:
    trail = trail_of(sink := MemorySink(), place := MemoryDisclosures())
    trail.append(actor="ada", operation="share", inputs={"name": NAME}, outputs={})
    trail.append(actor="ada", operation="share", inputs={"name": Personal("Charles")}, outputs={})
    again = trail_of(MemorySink(list(sink.read())[:1]), place)

    assert b"Charles" not in b"".join(place.read())
    assert again.reveal(1, "/inputs/name") == "Ada Lovelace"


def test_without_a_place_for_them_personal_values_are_refused() -> None:
    with pytest.raises(AuditError, match="FileDisclosures"):
        AuditTrail(MemorySink(), clock=Counting()).append(actor=NAME, operation="x", inputs={}, outputs={})


def test_half_a_character_in_a_personal_value_leaves_nothing_behind() -> None:
    trail = trail_of(MemorySink(), place := MemoryDisclosures())
    with pytest.raises(UnstorableValue):
        trail.append(actor=Personal("\ud800"), operation="x", inputs={}, outputs={})

    assert (trail.size, list(place.read())) == (0, [])


def test_a_file_of_personal_values_has_one_writer_and_loses_a_torn_line(tmp_path: Path) -> None:
    place = FileDisclosures(tmp_path / "p.jsonl")
    place.append([b"1\n", b"2\n"])
    with pytest.raises(AuditError, match="has a writer already"):
        FileDisclosures(tmp_path / "p.jsonl")
    assert (tmp_path / "p.jsonl.lock").exists()
    place.close()
    with pytest.raises(Closed):
        place.append([b"3\n"])
    with (tmp_path / "p.jsonl").open("ab") as file:
        file.write(b'{"to')
    again = FileDisclosures(tmp_path / "p.jsonl")

    assert again.read() == [b"1\n", b"2\n"]
    again.close()
    with pytest.raises(AuditError, match="cannot be opened"):
        FileDisclosures(tmp_path / "nowhere" / "p.jsonl")


def test_entries_without_personal_values_ask_nothing_of_their_place() -> None:
    class Watched(MemoryDisclosures):
        asked = 0

        def append(self, lines: Sequence[bytes]) -> None:
            self.asked += 1
            super().append(lines)

    trail = trail_of(MemorySink(), place := Watched())
    trail.append(actor="ada", operation="share", inputs={}, outputs={})
    assert place.asked == 0
    trail.append(actor=NAME, operation="share", inputs={}, outputs={})
    assert place.asked == 1


def test_rule_39_personal_values_of_several_entries_are_there_when_their_file_is_opened_again(tmp_path: Path) -> None:
    for number in range(2):
        place = FileDisclosures(tmp_path / "p.jsonl")
        with AuditTrail(JsonLinesSink(tmp_path / "t.jsonl"), clock=Counting(), disclosures=place) as trail:
            trail.append(actor=Personal(f"person {number}"), operation="share", inputs={"n": NAME}, outputs={})
    place = FileDisclosures(tmp_path / "p.jsonl")
    with AuditTrail(JsonLinesSink(tmp_path / "t.jsonl"), disclosures=place) as trail:
        assert [trail.reveal(number, "/actor") for number in (1, 2)] == ["person 0", "person 1"]
        trail.redact(1, "/actor")
        assert trail.reveal(2, "/inputs/n") == "Ada Lovelace"


def test_a_file_of_personal_values_still_has_one_writer_after_it_was_rewritten(tmp_path: Path) -> None:
    place = FileDisclosures(tmp_path / "p.jsonl")
    place.rewrite([b"1\n"])

    with pytest.raises(AuditError, match="has a writer already"):
        FileDisclosures(tmp_path / "p.jsonl")
    place.close()


def test_a_place_that_could_not_be_opened_is_left_unlocked(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").mkdir()
    with pytest.raises(OSError, match="directory"):
        FileDisclosures(tmp_path / "p.jsonl")
    (tmp_path / "p.jsonl").rmdir()

    FileDisclosures(tmp_path / "p.jsonl").close()


def test_rule_39_a_commitment_is_the_hash_of_salt_and_value_as_it_is_published() -> None:
    assert commitment_of("00", '"Ada"') == hashlib.sha256(b'{"salt":"00","value":"Ada"}').hexdigest()


def test_personal_values_that_cannot_be_written_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    place = FileDisclosures(tmp_path / "p.jsonl")
    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(AuditError, match="No space left"):
        place.append([b"1\n"])
    place.close()

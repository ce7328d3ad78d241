"""What no program should ask of a trail, and some program does: it is refused by name, and nothing is left behind."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agentkit.errors import AuditBroken, AuditError, NotFound, UnstorableValue
from agentkit.money import (
    AuditTrail,
    Ed25519Signer,
    FileDisclosures,
    HmacSigner,
    JsonLinesSink,
    MemoryDisclosures,
    MemorySink,
    Personal,
    SqliteSink,
    canonical_json,
    read_checkpoints,
    read_key,
    verify_entries,
    write_whole,
)
from tests.money.audit.test_sinks import full_after
from tests.money.audit.trails import START, lines


def trail_of(*given: bytes) -> AuditTrail:
    """A trail whose lines were changed after it was opened."""
    sink = MemorySink()
    trail = AuditTrail(sink)
    sink.append(given, expected=0)
    return trail


def test_rule_37_an_entry_is_made_of_what_has_a_canonical_text_and_of_nothing_else() -> None:
    trail = AuditTrail(MemorySink())
    right: dict[str, Any] = {"actor": "ada", "operation": "share", "inputs": {}, "outputs": {}, "at": START}
    for wrong in (
        {"inputs": ["total"]},
        {"outputs": "5.00"},
        {"outputs": None, "refusal": "too much"},
        {"data_versions": ["2025"]},
        {"at": "2025-11-03T12:00:00Z"},
        {"at": date(2025, 11, 3)},
        {"inputs": {"columns": WritesAList()}},
    ):
        with pytest.raises(UnstorableValue):
            trail.append(**right | wrong)
    with pytest.raises(AuditError, match="operation"):
        trail.append(**right | {"operation": 5})

    assert trail.append(**right).number == 1


class WritesAList:
    """Something whose `to_dict` writes something else."""

    def to_dict(self) -> list[int]:
        return [1]


def test_rule_37_the_text_of_what_writes_no_mapping_is_refused() -> None:
    with pytest.raises(UnstorableValue, match="list is no mapping"):
        canonical_json(WritesAList())


def test_rule_39_a_personal_value_in_another_is_refused_as_nobody_could_erase_it() -> None:
    trail = AuditTrail(MemorySink(), disclosures=MemoryDisclosures())
    endless = Personal([])
    endless.value = [endless]
    for value in (Personal({"name": Personal("Ada")}), endless):
        with pytest.raises(UnstorableValue, match="personal value lies in another"):
            trail.append(actor="ada", operation="share", inputs={"author": value}, outputs={}, at=START)

    assert trail.size == 0


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"nothing of an entry\n",
        b'{"entry":{"a":1},"hash":"' + b"0" * 64 + b'"}\n',
        b'{"entry":[],"hash":"' + b"0" * 64 + b'"}\n',
        b'{"entry":' + b"[" * 50_000 + b',"hash":"' + b"0" * 64 + b'"}\n',
        b'{"entry":{"at":"x","inputs":[],"number":"x","operation":5},"hash":"' + b"\xff" * 64 + b'"}\n',
        lines()[0][:100] + b"\n",
    ],
)
def test_rule_38_a_line_that_is_no_entry_is_named_broken_wherever_it_is_read(line: bytes) -> None:
    trail = trail_of(line)
    (entry,) = trail.entries()
    reads: list[Callable[[], object]] = [
        lambda: entry.number, lambda: entry.at, lambda: entry.operation, lambda: entry.inputs, lambda: entry.previous,
        lambda: entry.data_versions, lambda: trail.replay({}), trail.verify,
    ]  # fmt: skip
    for read in reads:
        with pytest.raises(AuditBroken):
            read()
    assert isinstance(entry.hash, str)


def test_a_secret_is_bytes() -> None:
    for make in (HmacSigner, Ed25519Signer):
        with pytest.raises(AuditError, match="bytes"):
            make("0123456789abcdef0123456789abcdef")  # type: ignore[arg-type]  # what is tested


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full", "/", "a\0b"])
@pytest.mark.parametrize("kind", [JsonLinesSink, SqliteSink])
def test_a_place_that_is_no_file_is_refused(kind: Callable[[str], object], path: str) -> None:
    with pytest.raises(AuditError, match="cannot be"):
        kind(path)


def test_a_place_for_personal_values_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in ("a\0b", tmp_path / "none" / "personal.jsonl"):
        with pytest.raises(AuditError, match="cannot be opened"):
            FileDisclosures(path)


def test_an_export_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    path.write_bytes(b"before")

    def fails() -> Iterator[bytes]:
        yield b"after"
        raise AuditBroken("entry 1: damaged", number=1)

    with pytest.raises(AuditBroken):
        write_whole(path, fails())
    for nowhere in (Path("/"), Path("a\0b")):
        with pytest.raises(AuditError, match="cannot be written"):
            write_whole(nowhere, [b"after"])

    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("trail.jsonl", b"before")]


def test_rule_39_nothing_else_looks_like_a_personal_value(tmp_path: Path) -> None:
    trail = AuditTrail(MemorySink())
    with pytest.raises(UnstorableValue, match="commitment"):
        trail.append(actor="ada", operation="share", inputs={"name": {"commitment": "abc"}}, outputs={}, at=START)

    inputs = {"contract": {"commitment": "abc", "years": 5}}
    assert trail.append(actor="ada", operation="share", inputs=inputs, outputs={}, at=START).number == 1


def test_rule_39_what_is_erased_is_gone_behind_a_link_too(tmp_path: Path) -> None:
    kept, link = tmp_path / "kept.jsonl", tmp_path / "link.jsonl"
    kept.touch()
    link.symlink_to(kept)
    with AuditTrail(MemorySink(), disclosures=FileDisclosures(link)) as trail:
        with pytest.raises(AuditError, match="writer already"):
            FileDisclosures(kept)
        trail.append(actor=Personal("Ada"), operation="share", inputs={}, outputs={}, at=START)
        assert b"Ada" in kept.read_bytes()
        trail.redact(1, "/actor")

    assert kept.read_bytes() == b""
    assert link.is_symlink()


def test_what_verifies_nothing_is_refused() -> None:
    trail = AuditTrail(MemorySink())
    checkpoint = trail.checkpoint(at=START)
    wrong: list[Callable[[], object]] = [
        lambda: verify_entries(None), lambda: verify_entries(b"abc"),  # type: ignore[arg-type]  # what is tested
        lambda: trail.verify(checkpoint), lambda: trail.verify(["x"]), lambda: trail.verify(None),  # type: ignore[arg-type, list-item]  # what is tested
        lambda: trail.verify([checkpoint], key="x"), lambda: read_key(None),  # type: ignore[arg-type]  # what is tested
        lambda: read_checkpoints("[" * 100_000), lambda: read_checkpoints(None),  # type: ignore[arg-type]  # what is tested
    ]  # fmt: skip
    for call in wrong:
        with pytest.raises(AuditError):
            call()
    with pytest.raises(NotFound):
        trail.redact(1, 5)  # type: ignore[arg-type]  # what is tested


def test_rule_39_a_full_disk_cuts_no_personal_value_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trail = AuditTrail(MemorySink(), disclosures=FileDisclosures(tmp_path / "personal.jsonl"))
    with monkeypatch.context() as patch:
        patch.setattr("agentkit.money.audit.sinks.files.os.write", full_after(150))
        for name in ("Ada", "Charles"):
            with suppress(AuditError):
                trail.append(actor=Personal(name), operation="share", inputs={}, outputs={}, at=START)
    trail.flush()

    assert (trail.reveal(1, "/actor"), trail.reveal(2, "/actor")) == ("Ada", "Charles")
    assert trail.verify().size == 2


def test_rule_39_what_only_begins_like_a_personal_value_is_done_again() -> None:
    trail = AuditTrail(MemorySink())
    contract = {"commitment": "abc", "years": "5"}
    trail.append(actor="ada", operation="sign", inputs={"contract": contract}, outputs={"years": "5"}, at=START)

    replay = trail.replay({"sign": lambda inputs, _: {"years": inputs["contract"]["years"]}})  # type: ignore[call-overload, index]  # known here

    assert (replay.performed, replay.redacted, replay.deviations) == (1, (), ())

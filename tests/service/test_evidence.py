"""Evidence packs: what an outsider is given of one operation, and what they find if anything in it is not as it was."""

import asyncio
import io
import json
import re
import subprocess
import sys
import zipfile
from binascii import crc32
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from agentkit import Approval, Orchestrator, Stage, Task, Usage, Workflow, agent
from agentkit.errors import AgentKitError, AuditBroken, AuditError, DefinitionError, EvidenceBroken, NotFound
from agentkit.kernel import Event
from agentkit.money import (
    AuditTrail,
    Ed25519Signer,
    FinancialProcessor,
    HmacSigner,
    MemorySink,
    verifier_text,
    verify_evidence,
    write_whole,
)
from agentkit.money.audit import verifier
from agentkit.service import load_workflow, write_evidence
from tests.money.audit.trails import START, Counting

pytestmark = pytest.mark.blocking
SIGNER = HmacSigner(b"0123456789abcdef")
PAIR = Ed25519Signer(bytes(32))
REPORT = b"%PDF-1.7 the statement\n"


@cache
def operation() -> tuple[Sequence[Event], tuple[bytes, ...]]:
    """The journal of a payout that somebody approved and a bank was told of, and the lines of its audit trail."""
    sink = MemorySink()
    trail = AuditTrail(sink, clock=Counting())
    money = FinancialProcessor(currency="EUR", audit=trail, actor="payout")

    @agent
    def compute(task: Task[dict[str, str]]) -> dict[str, str]:
        share = money.calculate_revenue_share(Decimal(task.input["total"]), Decimal("12.5"))
        task.use(Usage(calls=1, money="0.02", currency="USD"))
        return {"creator": str(share["creator_share"])}

    @agent
    async def pay(task: Task[dict[str, str]]) -> str:
        return await task.effect("pay", key="INV-1", returns=str, to="Grace Hopper").run(lambda _: "receipt 7")

    form, proposed = {"sum": "decimal", "to": "text"}, {"sum": "{total}", "to": "creator"}
    flow = Workflow(
        "payout",
        [
            Stage("compute", agent="compute"),
            Stage(
                "pay", agent="pay", after=["compute"], approval=Approval(by={"finance"}, form=form, proposed=proposed)
            ),
        ],
    )

    async def run() -> Sequence[Event]:
        async with Orchestrator([compute, pay]) as orchestrator:
            made = await orchestrator.submit(flow, {"total": "1000.00", "title": "Über 日本"}, by="ada")
            await made.at_rest()
            await made.approve("pay", by="bob", roles={"finance"}, comment="as agreed", form={"sum": Decimal("125")})
            await made
            return await orchestrator.history(made.id)

    return asyncio.run(run()), tuple(sink.read())


def write(path: Path, **more: object) -> Path:
    """Write a pack with all that belongs into one."""
    journal, lines = operation()
    known = [AuditTrail(MemorySink(lines)).checkpoint(SIGNER, at=START)]
    given = {
        "trails": {"money.jsonl": lines},
        "checkpoints": {"money.jsonl": known},
        "files": {"statement.pdf": REPORT},
    }
    write_evidence(path, journal, **{**given, **more})  # type: ignore[arg-type] # whatever a test wants to set
    return path


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write(tmp_path / "pack.zip")


def parts(path: Path) -> dict[str, bytes]:
    """What is in a pack, in its order."""
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(members: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip in the form of a pack, whatever is in it."""
    body = b"".join(verifier.header_of(name, crc32(data), len(data)) + data for name, data in members)
    return body + verifier.directory_of((name, crc32(data), len(data)) for name, data in members)


def told_anew(members: dict[str, bytes], change: Callable[[Any], object] = str) -> bytes:
    """A pack with a manifest that was written anew, as by somebody who changed something and hides it."""
    manifest = json.loads(members["manifest.json"])["manifest"]
    whats = {row["path"]: row["what"] for row in manifest["members"]}
    manifest["members"] = [
        {"path": path, "sha256": sha256(data).hexdigest(), "size": str(len(data)), "what": whats.get(path, "file")}
        for path, data in members.items()
        if path != "manifest.json"
    ]
    change(manifest)
    text = verifier.canonical_text({"manifest": manifest}) + "\n"
    return zipped([*{**members, "manifest.json": text.encode()}.items()])


def alone(path: Path, *words: str) -> tuple[int, str]:
    """Verify as an outsider does: with the program out of the pack, no packages and no environment."""
    program = path.with_name("verify.py")
    program.write_bytes(verifier_text())
    command = [sys.executable, "-I", "-S", program.name, path.name, *words]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def broken(path: Path, data: bytes, words: str | None = None) -> str:
    """The member that is named, by agentkit and by the program alone."""
    path.write_bytes(data)
    with pytest.raises(EvidenceBroken, match=words) as caught:
        verify_evidence(path)
    said: list[str] = []
    assert verifier.main([str(path)], said.append) == 1
    assert said[0].startswith(f"BROKEN: {caught.value.member}: ")
    return caught.value.member


def test_an_outsider_verifies_it_with_one_file_and_the_standard_library(pack: Path) -> None:
    code, said = alone(pack)

    assert code == 0
    assert "12 members verify, and nothing else is in it" in said
    assert "of 'payout': completed" in said
    assert "trails/money.jsonl: 1 entry verifies, anchored up to 1" in said
    assert "is not signed" in said
    assert parts(pack)["verify.py"] == verifier_text()


def test_it_holds_what_was_asked_decided_done_and_spent(pack: Path) -> None:
    found = parts(pack)
    journal = [json.loads(line) for line in found["journal.jsonl"].splitlines()]
    approval = json.loads(found["approvals.json"])[0]
    effect = json.loads(found["effects.json"])[0]
    costs = json.loads(found["costs.json"])

    assert [*found] == ["manifest.json", *sorted(name for name in found if name != "manifest.json")]
    assert json.loads(found["input.json"]) == {"total": "1000.00", "title": "Über 日本"}
    assert json.loads(found["outputs/1-compute.json"]) == {"creator": "125.00 EUR"}
    assert json.loads(found["outputs/2-pay.json"]) == "receipt 7"
    assert [event["number"] for event in journal] == [*range(1, len(journal) + 1)]
    assert journal[-1]["type"] == "operation.completed"
    assert (approval["stage"], approval["requester"], approval["decided"]["by"]) == ("pay", "ada", ["bob"])
    assert (approval["votes"][0]["by"], approval["votes"][0]["comment"]) == ("bob", "as agreed")
    assert approval["proposed"] == {"sum": "1000.00", "to": "creator"}
    assert approval["votes"][0]["form"] == {"sum": "125", "to": "creator"}
    assert approval["votes"][0]["changed"] == ["sum"]
    assert (effect["name"], effect["key"], effect["status"]) == ("pay", "INV-1", "confirmed")
    assert costs["total"]["usage"]["money"] == "0.02"
    assert found["files/statement.pdf"] == REPORT


def test_the_definition_in_it_is_a_workflow_file(pack: Path) -> None:
    (pack.parent / "definition.json").write_bytes(parts(pack)["definition.json"])

    assert load_workflow(pack.parent / "definition.json").name == "payout"


def test_the_same_operation_makes_the_same_bytes(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "statement.pdf").write_bytes(REPORT)
    other = write(tmp_path / "other.zip", files={"statement.pdf": tmp_path / "statement.pdf"})

    assert other.read_bytes() == pack.read_bytes()


def test_any_program_unpacks_it(pack: Path) -> None:
    with zipfile.ZipFile(pack) as opened:
        assert opened.testzip() is None
        assert all(info.compress_type == zipfile.ZIP_STORED for info in opened.infolist())


def test_it_says_what_is_in_it(pack: Path) -> None:
    found = verify_evidence(pack)

    assert found.operation_id == json.loads(parts(pack)["journal.jsonl"].splitlines()[0])["operation"]
    assert found.definition == sha256(parts(pack)["definition.json"]).hexdigest()
    assert found.digest == sha256(parts(pack)["manifest.json"]).hexdigest()
    assert found.signature == "none"
    assert (found.trails["trails/money.jsonl"].size, found.trails["trails/money.jsonl"].is_anchored) == (1, True)
    assert found.words()[0] == f"{len(found.members)} members verify, and nothing else is in it"


def test_a_changed_bit_in_any_member_is_found_and_named(pack: Path) -> None:
    whole = pack.read_bytes()
    for name, content in parts(pack).items():
        place = whole.index(content)
        for at in (place, place + len(content) // 2, place + len(content) - 1):
            changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            assert broken(pack, changed) == name


def test_a_changed_byte_anywhere_in_the_zip_is_found(pack: Path) -> None:
    whole = pack.read_bytes()
    contents = [(whole.index(content), len(content)) for content in parts(pack).values()]
    between = [at for at in range(len(whole)) if not any(start <= at < start + size for start, size in contents)]
    for at in between:
        changed = whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :]
        assert verifier.verify_pack(io.BytesIO(changed)).problem


def test_a_pack_that_was_cut_off_anywhere_is_found(pack: Path) -> None:
    whole, given = pack.read_bytes(), parts(pack)["input.json"]
    for size in [*range(0, len(whole), 97), len(whole) - 1]:
        assert verifier.verify_pack(io.BytesIO(whole[:size])).problem
    assert broken(pack, whole[:-1], "cut off") == "the directory of the zip"
    assert broken(pack, whole[: whole.index(REPORT)], "cut off") == "files/statement.pdf"
    header = verifier.header_of("input.json", crc32(given), len(given))
    assert broken(pack, whole[: whole.index(header) + 5], "cut off before it") == "input.json"


Members = dict[str, bytes]
CHANGES: dict[str, tuple[Callable[[Members], Sequence[tuple[str, bytes]]], str, str]] = {
    "a changed member with a check sum that fits": (
        lambda found: [*{**found, "costs.json": b"{}" + found["costs.json"][2:]}.items()],
        "costs.json",
        "does not fit its hash",
    ),
    "a shorter member": (
        lambda found: [*{**found, "costs.json": b"{}"}.items()],
        "costs.json",
        "it has 2 bytes, and the manifest says",
    ),
    "no member": (
        lambda found: [row for row in found.items() if row[0] != "effects.json"],
        "effects.json",
        "'files/statement.pdf' stands in its place",
    ),
    "no last member": (lambda found: [*found.items()][:-1], "verify.py", "it is missing"),
    "one more member at the end": (
        lambda found: [*found.items(), ("zoo.txt", b"hidden")],
        "zoo.txt",
        "not in the manifest",
    ),
    "one more member in the middle": (
        lambda found: [*[*found.items()][:3], ("b.txt", b"hidden"), *[*found.items()][3:]],
        "definition.json",
        "'b.txt' stands in its place",
    ),
    "one more member whose name does something to a terminal": (
        lambda found: [*found.items(), ("\x1b[2J", b"hidden")],
        "?[2J",
        "not in the manifest",
    ),
    "a member twice": (
        lambda found: [*found.items(), ("costs.json", found["costs.json"])],
        "costs.json",
        "not in the manifest",
    ),
    "two contents exchanged": (
        lambda found: [*{**found, "costs.json": found["input.json"], "input.json": found["costs.json"]}.items()],
        "costs.json",
        "bytes, and the manifest says",
    ),
    "two members exchanged": (
        lambda found: [*[*found.items()][:1], *[*found.items()][2:0:-1], *[*found.items()][3:]],
        "approvals.json",
        "'costs.json' stands in its place",
    ),
    "no manifest": (lambda found: [*found.items()][1:], "manifest.json", "stands in its place"),
    "nothing": (lambda _: [], "manifest.json", "cut off"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_first_member_that_is_wrong_is_named(pack: Path, name: str) -> None:
    change, member, words = CHANGES[name]

    assert broken(pack, zipped(change(parts(pack))), words) == member


def test_a_check_sum_that_is_wrong_wherever_it_stands_is_found_too(pack: Path) -> None:
    whole, right = pack.read_bytes(), crc32(REPORT).to_bytes(4, "little")
    assert whole.count(right) == 2

    assert broken(pack, whole.replace(right, bytes(4)), "check sum") == "files/statement.pdf"


HIDDEN: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "the input": ("input.json", lambda data: data.replace(b"1000.00", b"9000.00"), "input.json"),
    "the definition": ("definition.json", lambda data: data.replace(b"finance", b"anybody"), "definition.json"),
    "an event left out": (
        "journal.jsonl",
        lambda data: b"".join(line for at, line in enumerate(data.splitlines(keepends=True)) if at != 3),
        "journal.jsonl",
    ),
    "the last event left out": (
        "journal.jsonl",
        lambda data: b"".join(data.splitlines(keepends=True)[:-1]),
        "journal.jsonl",
    ),
    "two events exchanged": (
        "journal.jsonl",
        lambda data: b"".join(data.splitlines(keepends=True)[at] for at in (0, 1, 3, 2, *range(4, 12))),
        "journal.jsonl",
    ),
    "an event of another operation": (
        "journal.jsonl",
        lambda data: b'"operation":"other"'.join(re.split(rb'"operation":"\w+"', data)),
        "journal.jsonl",
    ),
    "an event that is no JSON": ("journal.jsonl", lambda data: data[:-3] + b"\n", "journal.jsonl"),
    "the trail": ("trails/money.jsonl", lambda data: data.replace(b"1000", b"9000"), "trails/money.jsonl"),
    "no entry in the trail": ("trails/money.jsonl", lambda _: b"", "trails/money.jsonl"),
    "the checkpoints": ("trails/money.jsonl.checkpoints", lambda data: data[:-2], "trails/money.jsonl.checkpoints"),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_change_behind_a_new_manifest_is_found_where_two_members_tell_of_it(pack: Path, name: str) -> None:
    path, change, member = HIDDEN[name]
    found = parts(pack)
    assert change(found[path]) != found[path]
    changed = {**found, path: change(found[path])}

    assert broken(pack, told_anew(changed)) == member


TOLD: dict[str, tuple[Callable[[Any], object], str]] = {
    "another hash of the definition": (lambda told: told.update(definition="0" * 64), "definition.json"),
    "something that is not read": (lambda told: told.update(more=["hidden"]), "manifest.json"),
    "something about a member that is not read": (lambda told: told["members"][0].update(note="x"), "manifest.json"),
    "another format": (lambda told: told.update(format="2"), "manifest.json"),
    "a size that is no number": (lambda told: told["members"][0].update(size="-1"), "manifest.json"),
    "a hash that is none": (lambda told: told["members"][0].update(sha256="00"), "manifest.json"),
    "a list in place of members": (lambda told: told.update(members="all"), "manifest.json"),
    "what does something to a terminal": (lambda told: told.update(status="\x1b[2J"), "manifest.json"),
    "two journals": (lambda told: told["members"][0].update(what="journal"), "manifest.json"),
    "no journal": (
        lambda told: [row.update(what="file") for row in told["members"] if row["what"] == "journal"],
        "manifest.json",
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_manifest_that_does_not_fit_its_pack_is_refused(pack: Path, name: str) -> None:
    change, member = TOLD[name]

    assert broken(pack, told_anew(parts(pack), change)) == member


def test_a_manifest_has_a_largest_size(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "_LARGEST_MANIFEST", 100)

    assert broken(pack, pack.read_bytes(), "it claims to have") == "manifest.json"


def test_a_pack_has_bounds_that_a_zip_can_tell(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"files/{number}": b"" for number in range(65_536)}
    with pytest.raises(AuditError, match="at most 65534"):
        write(tmp_path / "many.zip", files=many)
    rows = [{"path": name, "sha256": sha256().hexdigest(), "size": "0", "what": "file"} for name in many]
    text = verifier.canonical_text({"manifest": {"format": "1", "members": rows}}).encode() + b"\n"
    whole, before = pack.read_bytes(), pack.stat().st_size
    told = verifier.header_of("manifest.json", crc32(text), len(text)) + text

    assert broken(pack, told, "65536 members") == "manifest.json"
    monkeypatch.setattr(verifier, "MOST_BYTES", before - 10_000)
    monkeypatch.setattr("agentkit.money.audit.packs.MOST_BYTES", before - 10_000)
    assert broken(pack, whole, "more than") == "verify.py"
    with pytest.raises(AuditError, match="too much for one pack"):
        write(tmp_path / "large.zip")


def test_only_a_signature_or_its_hash_shows_a_pack_that_was_made_anew(pack: Path) -> None:
    before = verify_evidence(pack)
    pack.write_bytes(told_anew({**parts(pack), "files/statement.pdf": b"another"}))

    assert verify_evidence(pack).digest != before.digest
    assert verify_evidence(pack).signature == "none"


def test_a_signature_is_checked_with_a_key_and_has_to_be_there_then(pack: Path, tmp_path: Path) -> None:
    signed = write(tmp_path / "signed.zip", signer=SIGNER)
    (tmp_path / "key").write_text(f"hmac-sha256:{SIGNER.key.value.hex()}")

    assert verify_evidence(signed, key=SIGNER.key).signature == "valid"
    assert verify_evidence(signed).signature == "unchecked"
    assert "signature of the manifest is valid" in alone(signed, "--key", "key")[1]
    for path, key in ((pack, SIGNER.key), (signed, HmacSigner(bytes(16)).key), (signed, PAIR.key)):
        with pytest.raises(EvidenceBroken, match="not signed with this key"):
            verify_evidence(path, key=key)


def test_a_signature_is_not_valid_for_another_manifest(tmp_path: Path) -> None:
    signed = write(tmp_path / "signed.zip", signer=PAIR)
    assert verify_evidence(signed, key=PAIR.key).signature == "valid"
    found = parts(signed)
    found["manifest.json"] = found["manifest.json"].replace(b'"completed"', b'"cancelled"')
    signed.write_bytes(zipped([*found.items()]))

    with pytest.raises(EvidenceBroken, match="not signed with this key"):
        verify_evidence(signed, key=PAIR.key)
    (tmp_path / "key").write_text(f"ed25519:{PAIR.key.value.hex()}")
    assert "NOT CHECKED" in alone(write(tmp_path / "signed.zip", signer=PAIR), "--key", "key")[1]


ODD = ["/etc/passwd", "../up", "a/../../up", "a//b", "C:evil", "a\\b", "", "dot.", " blank", "a\0b", "COSTS.json"]


@pytest.mark.parametrize("path", [*ODD, "\x9b2J", "\u202egpj.exe"])
def test_a_pack_with_an_odd_path_is_refused_even_if_the_manifest_names_it(pack: Path, path: str) -> None:
    assert broken(pack, told_anew({**parts(pack), path: b"odd"})) == "manifest.json"


def test_a_member_that_claims_more_than_there_is_costs_nothing(pack: Path) -> None:
    huge, content = 2**32 - 1, parts(pack)["manifest.json"]
    claimed = verifier.header_of("manifest.json", 0, huge) + b"{}"

    assert broken(pack, claimed) == "manifest.json"
    manifest = json.loads(content)["manifest"]
    manifest["members"] = [{"path": "bomb", "sha256": "0" * 64, "size": str(huge), "what": "file"}]
    text = (verifier.canonical_text({"manifest": manifest}) + "\n").encode()
    told = verifier.header_of("manifest.json", crc32(text), len(text)) + text
    assert broken(pack, told + verifier.header_of("bomb", 0, huge) + bytes(9)) == "bomb"


def test_a_zip_that_another_program_made_of_the_same_members_is_refused(pack: Path) -> None:
    found = parts(pack)
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in found.items():
            made.writestr(name, data)

    assert broken(pack, pack.read_bytes()) == "manifest.json"


@pytest.mark.parametrize("data", [b"PK", b"PK\3\4", b"PK\5\6" + bytes(18), b"PK" + bytes(100)])
def test_what_only_looks_like_a_zip_is_refused(pack: Path, data: bytes) -> None:
    assert broken(pack, data) == "manifest.json"


def test_what_cannot_become_a_pack_is_refused_and_leaves_the_file_as_it_was(pack: Path) -> None:
    before = pack.read_bytes()
    journal, lines = operation()
    wrong: list[tuple[type[AgentKitError], dict[str, object]]] = [
        (AuditError, {"files": {"../up": b""}}),
        (AuditError, {"files": {"a": b"", "A": b""}}),
        (AuditError, {"files": {"half \ud800": b""}}),
        (NotFound, {"files": {"nothing": pack.with_name("nothing")}}),
        (AuditError, {"files": {"folder": pack.parent}}),
        (AuditError, {"trails": {}}),
        (AuditBroken, {"trails": {"money.jsonl": [lines[0][:-1]]}}),
    ]
    for error, more in wrong:
        with pytest.raises(error):
            write(pack, **more)
    for part in ([], journal[1:]):
        with pytest.raises(DefinitionError):
            write_evidence(pack, part)

    assert pack.read_bytes() == before
    assert [file.name for file in pack.parent.iterdir()] == ["pack.zip"]


def test_a_file_that_is_written_to_meanwhile_makes_no_pack(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report"
    report.write_bytes(b"one")

    def later(path: Path, chunks: Iterable[bytes]) -> None:
        report.write_bytes(b"two")
        write_whole(path, chunks)

    monkeypatch.setattr("agentkit.money.audit.packs.write_whole", later)
    with pytest.raises(AuditError, match="written to meanwhile"):
        write(tmp_path / "new.zip", files={"report": report})
    assert not (tmp_path / "new.zip").exists()


def test_an_operation_that_is_not_finished_can_be_packed_as_it_stands(tmp_path: Path) -> None:
    journal, _ = operation()
    found = write_evidence(tmp_path / "begun.zip", journal[:1])

    assert (found.trails, [each.what for each in found.members].count("output")) == ({}, 0)
    assert any("'payout': pending" in line for line in found.words())


def test_texts_that_are_no_utf_8_are_told_as_escapes(tmp_path: Path) -> None:
    @agent
    async def echo(task: Task[str]) -> str:
        return task.input

    async def run() -> Sequence[Event]:
        async with Orchestrator([echo]) as orchestrator:
            made = await orchestrator.submit(Workflow("echo", [Stage("echo", agent="echo")]), "half \ud800")
            await made
            return await orchestrator.history(made.id)

    write_evidence(tmp_path / "odd.zip", asyncio.run(run()))
    assert json.loads(parts(tmp_path / "odd.zip")["outputs/1-echo.json"]) == "half \ud800"


def test_missing_files_are_told_apart_from_broken_packs(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        verify_evidence(tmp_path / "nothing.zip")
    with pytest.raises(AuditError):
        verify_evidence(tmp_path)


def test_a_checkpoint_is_for_a_trail_and_not_for_a_pack(pack: Path) -> None:
    (pack.parent / "checkpoint").write_bytes(parts(pack)["trails/money.jsonl.checkpoints"])
    code, said = alone(pack, "--checkpoint", "checkpoint")

    assert code == 2
    assert "unpack the trail" in said
